-- Where a listing was gone and came back: from when it was marked as removed until it was seen again.
CREATE TABLE listing_away (
    organisation BIGINT NOT NULL,
    listing BIGINT NOT NULL REFERENCES listing (id),
    gone_at BIGINT NOT NULL,
    back_at BIGINT NOT NULL,
    PRIMARY KEY (listing, gone_at)
);
