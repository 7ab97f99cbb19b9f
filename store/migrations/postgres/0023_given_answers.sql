-- As the SQLite one beside it, with the row-level policy besides.
-- What programs asked for under a key of theirs, and what was answered: `name` is the key, `asked` a digest of the request.
-- Without a status it is being done, or how it ended is not known. Rows older than a day are dropped when another comes.
CREATE TABLE given_answer (
    organisation BIGINT NOT NULL,
    token TEXT NOT NULL,
    name TEXT NOT NULL,
    asked TEXT NOT NULL,
    status BIGINT,
    media_type TEXT,
    body TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (organisation, token, name)
);
CREATE INDEX given_answer_at ON given_answer (organisation, at);

ALTER TABLE given_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE given_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON given_answer
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
