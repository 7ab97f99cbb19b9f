-- What a source shows on most of its listings because it is the site's own, and the sightings that it made before that
-- was known. The observations keep, besides, whether the steps that led to them undid a disguise: steps are JSON, which
-- is not filtered in SQL.

CREATE TABLE furniture (
    organisation BIGINT NOT NULL,
    source TEXT NOT NULL REFERENCES source (id),
    selector BIGINT NOT NULL REFERENCES selector (id),
    state TEXT NOT NULL,
    shown_on BIGINT NOT NULL,
    listings BIGINT NOT NULL,
    sellers BIGINT NOT NULL,
    since BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (organisation, source, selector)
);

ALTER TABLE sighting ADD COLUMN withheld BIGINT NOT NULL DEFAULT 0;

ALTER TABLE observation ADD COLUMN disguised BIGINT NOT NULL DEFAULT 0;
CREATE INDEX observation_disguised ON observation (organisation, id) WHERE disguised = 1;
