-- As the SQLite one beside it, by the engine's own means. What is no letter and no digit parts words; the words of a title
-- and of a text stand in one document. The owner of the tables sees every organisation's rows while it is filled in.
CREATE TABLE listing_search (
    organisation BIGINT NOT NULL,
    listing BIGINT NOT NULL PRIMARY KEY REFERENCES listing (id),
    source TEXT NOT NULL,
    document TSVECTOR NOT NULL
);

ALTER TABLE listing NO FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_version NO FORCE ROW LEVEL SECURITY;
INSERT INTO listing_search (organisation, listing, source, document)
SELECT listing.organisation, listing.id, listing.source,
    to_tsvector('simple', regexp_replace(said.title || ' ' || left(said.text, 100000), '[[:punct:][:space:]]+', ' ', 'g'))
FROM listing JOIN listing_version AS said ON said.listing = listing.id AND said.version = listing.version;
ALTER TABLE listing FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_version FORCE ROW LEVEL SECURITY;

CREATE INDEX listing_search_document ON listing_search USING GIN (document);
CREATE INDEX listing_search_newest ON listing_search (organisation, listing);

ALTER TABLE listing_search ENABLE ROW LEVEL SECURITY;
ALTER TABLE listing_search FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON listing_search
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
