-- What began each message of late, so that one whose sighting was rejected since counts towards no ceiling. Rows older than
-- a day are dropped when the entry begins another.
CREATE TABLE entry_begun (
    organisation BIGINT NOT NULL,
    entry TEXT NOT NULL,
    sighting TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organisation, entry, at, sighting),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);

-- Whose sightings are not known: what a day would forget.
DROP TABLE entry_told;
