-- As the SQLite one beside it.
CREATE TABLE data_folder (
    organisation BIGINT NOT NULL PRIMARY KEY REFERENCES organisation (number),
    identifier TEXT NOT NULL,
    place TEXT NOT NULL,
    since BIGINT NOT NULL
);

ALTER TABLE data_folder ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_folder FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON data_folder
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
