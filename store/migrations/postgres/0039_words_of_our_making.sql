-- As the SQLite one beside it. The documents are made of the program's words, and no longer by the engine's parser, which
-- reads letters by the language of the database.
TRUNCATE listing_search;

CREATE TABLE search_rebuild (
    organisation BIGINT NOT NULL PRIMARY KEY REFERENCES organisation (number),
    done_to BIGINT NOT NULL
);
INSERT INTO search_rebuild (organisation, done_to) SELECT number, 0 FROM organisation;

ALTER TABLE search_rebuild ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_rebuild FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON search_rebuild
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
