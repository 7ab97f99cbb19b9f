-- What a silence covers beside a watchlist or an entry, from when on, and what each has kept quiet.
ALTER TABLE silence ADD COLUMN source TEXT;
ALTER TABLE silence ADD COLUMN kind TEXT;
ALTER TABLE silence ADD COLUMN value TEXT;
ALTER TABLE silence ADD COLUMN case_reference TEXT;
ALTER TABLE silence ADD COLUMN severity_at_most TEXT;
ALTER TABLE silence ADD COLUMN sighted TEXT;
ALTER TABLE silence ADD COLUMN starts_at BIGINT;
CREATE UNIQUE INDEX silence_id ON silence (organisation, id);

CREATE TABLE silenced (
    organisation BIGINT NOT NULL,
    silence TEXT NOT NULL,
    alert TEXT NOT NULL,
    sightings BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (silence, alert),
    FOREIGN KEY (organisation, silence) REFERENCES silence (organisation, id),
    FOREIGN KEY (organisation, alert) REFERENCES alert (organisation, id)
);
CREATE INDEX silenced_alert ON silenced (alert);
