-- As the SQLite one beside it, with the row-level policy besides.

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

ALTER TABLE furniture ENABLE ROW LEVEL SECURITY;
ALTER TABLE furniture FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON furniture
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
