-- What an analyst sorts entries by, and every change of an entry, with who and when.
ALTER TABLE entry ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
CREATE INDEX entry_review ON entry (organisation, review_at, id) WHERE state = 'active';

INSERT INTO counter (name, next) VALUES ('entry_change_id', 1);

CREATE TABLE entry_change (
    organisation BIGINT NOT NULL,
    id BIGINT NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    deed TEXT NOT NULL,
    fields TEXT NOT NULL,
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
CREATE INDEX entry_change_of ON entry_change (organisation, entry, id);
