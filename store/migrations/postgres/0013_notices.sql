-- The remarks are in the SQLite one beside it.
CREATE TABLE notice (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    told TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    resolved_at BIGINT,
    UNIQUE (organisation, id)
);
CREATE UNIQUE INDEX notice_open ON notice (organisation, kind, subject) WHERE resolved_at IS NULL;

ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON notice
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE delivery ALTER COLUMN alert DROP NOT NULL;
ALTER TABLE delivery ADD COLUMN notice TEXT;
ALTER TABLE delivery ADD UNIQUE (notice, batch, channel);
ALTER TABLE delivery ADD CHECK ((alert IS NULL) <> (notice IS NULL));
ALTER TABLE delivery ADD FOREIGN KEY (organisation, notice) REFERENCES notice (organisation, id);
CREATE INDEX delivery_dead ON delivery (organisation, channel) WHERE state = 'dead';
