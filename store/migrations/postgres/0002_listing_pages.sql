-- The remarks are in the SQLite one beside it. The row-level policies bind the tables' owner, too, who is the one that
-- moves rows here for all organisations: they are lifted from him until the end.
ALTER TABLE listing NO FORCE ROW LEVEL SECURITY;
ALTER TABLE run NO FORCE ROW LEVEL SECURITY;

DROP INDEX listing_page;
CREATE TABLE listing_page (
    organisation BIGINT NOT NULL,
    page BIGINT NOT NULL REFERENCES page (id),
    listing BIGINT NOT NULL REFERENCES listing (id),
    PRIMARY KEY (page, listing)
);
INSERT INTO listing_page (organisation, page, listing) SELECT organisation, page, id FROM listing;
CREATE INDEX listing_page_listing ON listing_page (listing);
ALTER TABLE listing DROP COLUMN page;

ALTER TABLE listing ADD COLUMN seen_run TEXT;
UPDATE listing SET seen_run = (
    SELECT run.id FROM run
    WHERE run.source = listing.source AND run.state = 'running'
      AND coalesce(run.started_at, run.planned_at) <= listing.last_seen
    ORDER BY run.planned_at DESC LIMIT 1);

ALTER TABLE run FORCE ROW LEVEL SECURITY;
ALTER TABLE listing FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_page ENABLE ROW LEVEL SECURITY;
ALTER TABLE listing_page FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON listing_page
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
