-- As the SQLite one beside it, with the row-level policy besides.
CREATE SEQUENCE source_text_id;

CREATE TABLE source_text (
    organisation BIGINT NOT NULL,
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX source_text_of ON source_text (organisation, source, id);

ALTER TABLE source_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE source_text FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON source_text
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
