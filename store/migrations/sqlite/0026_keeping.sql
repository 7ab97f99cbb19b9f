-- Holds, under which nothing is purged or erased; what each purge did to each class; what people erased, and the digests by
-- which that can be shown; what is not to be fetched again; and the WARC files that are written anew without what is gone.
--
-- A receipt is unfinished while its purge is under way: `place` is where it goes on after a stop, `digest` is over the
-- identifiers of what is gone so far. A tombstone is of a record of the archive: it stands in `file` until `removed_at`.
-- `cause` is the receipt or erasure. A rewriting without `moved_at` is to be undone, one without `done_at` to be finished;
-- finished ones stay, for whoever still means the old file.
--
-- The indexes are asked by what would be purged: does anything stand on it?
CREATE TABLE hold (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    case_reference TEXT,
    entry TEXT,
    alert TEXT,
    placed_at BIGINT NOT NULL,
    placed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    lifted_at BIGINT,
    lifted_by TEXT,
    lifted_why TEXT
);
CREATE INDEX hold_standing ON hold (organisation, id) WHERE lifted_at IS NULL;

CREATE TABLE purge_receipt (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    class TEXT NOT NULL,
    up_to BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    finished_at BIGINT,
    place TEXT NOT NULL,
    gone BIGINT NOT NULL,
    digest TEXT NOT NULL
);
CREATE UNIQUE INDEX purge_receipt_unfinished ON purge_receipt (organisation, class) WHERE finished_at IS NULL;

CREATE TABLE erasure (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    what TEXT NOT NULL,
    digest TEXT NOT NULL,
    listings BIGINT NOT NULL,
    captures BIGINT NOT NULL,
    sightings BIGINT NOT NULL,
    alerts BIGINT NOT NULL,
    allowed_at BIGINT
);

CREATE TABLE suppressed (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    digest TEXT NOT NULL,
    erasure TEXT NOT NULL,
    PRIMARY KEY (organisation, digest, erasure)
);

CREATE TABLE tombstone (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    record TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    record_digest TEXT,
    file TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    gone_at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    removed_at BIGINT,
    PRIMARY KEY (organisation, record)
);
CREATE INDEX tombstone_in_file ON tombstone (organisation, file) WHERE removed_at IS NULL;
CREATE INDEX tombstone_cause ON tombstone (organisation, cause);

CREATE TABLE rewriting (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    moved_at BIGINT,
    done_at BIGINT,
    PRIMARY KEY (organisation, old)
);

CREATE INDEX capture_file ON capture (organisation, file);
CREATE INDEX capture_repeats ON capture (revisit_of) WHERE revisit_of IS NOT NULL;
CREATE INDEX page_capture ON page (capture);
CREATE INDEX listing_version_capture ON listing_version (capture);
CREATE INDEX observation_capture ON observation (capture);
CREATE INDEX image_capture ON image (capture);
