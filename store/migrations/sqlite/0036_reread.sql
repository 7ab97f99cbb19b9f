-- Whether a version came of another reading of the same page: then nobody changed the listing.
ALTER TABLE listing_version ADD COLUMN reread BIGINT NOT NULL DEFAULT 0;
