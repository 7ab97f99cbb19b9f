-- As the SQLite one beside it, with the row-level policy besides.
ALTER TABLE entry ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
CREATE INDEX entry_review ON entry (organisation, review_at, id) WHERE state = 'active';

CREATE SEQUENCE entry_change_id;

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

ALTER TABLE entry_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_change FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON entry_change
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
