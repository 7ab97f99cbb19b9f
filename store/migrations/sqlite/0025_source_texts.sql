-- What the files of sources said, each time that one was changed in the console: who, when, why, and the whole text, so that
-- it can be compared and brought back.
INSERT INTO counter (name, next) VALUES ('source_text_id', 1);

CREATE TABLE source_text (
    organisation BIGINT NOT NULL,
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX source_text_of ON source_text (organisation, source, id);
