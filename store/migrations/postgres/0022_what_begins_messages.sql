-- As the SQLite one beside it, with the row-level policy besides.
-- What began each message of late, so that one whose sighting was rejected since counts towards no ceiling. Rows older than
-- a day are dropped when the entry begins another.
CREATE TABLE entry_begun (
    organisation BIGINT NOT NULL,
    entry TEXT NOT NULL,
    sighting TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organisation, entry, at, sighting),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);

ALTER TABLE entry_begun ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_begun FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON entry_begun
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

-- Whose sightings are not known: what a day would forget.
DROP TABLE entry_told;
