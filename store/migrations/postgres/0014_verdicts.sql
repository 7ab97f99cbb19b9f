-- As the SQLite one beside it, with the row-level policy besides.
CREATE SEQUENCE verdict_id;

CREATE TABLE verdict (
    organisation BIGINT NOT NULL,
    id BIGINT NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    listing BIGINT NOT NULL REFERENCES listing (id),
    verdict TEXT,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
CREATE INDEX verdict_of ON verdict (organisation, entry, listing, id);

ALTER TABLE verdict ENABLE ROW LEVEL SECURITY;
ALTER TABLE verdict FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON verdict
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE sighting ADD COLUMN rejected BIGINT NOT NULL DEFAULT 0;
