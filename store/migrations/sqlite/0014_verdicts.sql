-- What people made of sightings: every word of it, the last one of an entry and listing counts. Beside the sighting stands
-- whether that is a rejection, since every judgement of the entry asks.
INSERT INTO counter (name, next) VALUES ('verdict_id', 1);

CREATE TABLE verdict (
    organisation BIGINT NOT NULL,
    id BIGINT NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    listing BIGINT NOT NULL REFERENCES listing (id),
    verdict TEXT,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
CREATE INDEX verdict_of ON verdict (organisation, entry, listing, id);

ALTER TABLE sighting ADD COLUMN rejected BIGINT NOT NULL DEFAULT 0;
