-- A listing can stand on several pages: which page held which listings when it was last read. Until now a listing knew
-- one page only.
DROP INDEX listing_page;
CREATE TABLE listing_page (
    organisation BIGINT NOT NULL,
    page BIGINT NOT NULL REFERENCES page (id),
    listing BIGINT NOT NULL REFERENCES listing (id),
    PRIMARY KEY (page, listing)
);
CREATE INDEX listing_page_listing ON listing_page (listing);
INSERT INTO listing_page (organisation, page, listing) SELECT organisation, page, id FROM listing;
ALTER TABLE listing DROP COLUMN page;

-- The run that saw a listing last, so that what a run did not see is told without comparing the clocks of machines.
-- A run that is under way keeps what it has seen.
ALTER TABLE listing ADD COLUMN seen_run TEXT;
UPDATE listing SET seen_run = (
    SELECT run.id FROM run
    WHERE run.source = listing.source AND run.state = 'running'
      AND coalesce(run.started_at, run.planned_at) <= listing.last_seen
    ORDER BY run.planned_at DESC LIMIT 1);
