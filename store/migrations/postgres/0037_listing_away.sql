-- Where a listing was gone and came back: from when it was marked as removed until it was seen again.
CREATE TABLE listing_away (
    organisation BIGINT NOT NULL,
    listing BIGINT NOT NULL REFERENCES listing (id),
    gone_at BIGINT NOT NULL,
    back_at BIGINT NOT NULL,
    PRIMARY KEY (listing, gone_at)
);

ALTER TABLE listing_away ENABLE ROW LEVEL SECURITY;
ALTER TABLE listing_away FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON listing_away
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
