-- As the SQLite one beside it, with the row-level policy besides.
ALTER TABLE entry_change NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit NO FORCE ROW LEVEL SECURITY;

ALTER TABLE entry_change ADD COLUMN reason TEXT;
UPDATE entry_change SET reason = audit.detail FROM audit
    WHERE audit.organisation = entry_change.organisation AND audit.what = 'entry.withdraw'
      AND audit.subject = entry_change.entry AND audit.at = entry_change.at AND audit.detail <> ''
      AND entry_change.deed = 'withdrawn';

ALTER TABLE entry_change FORCE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;

CREATE TABLE entry_told (
    organisation BIGINT NOT NULL,
    entry TEXT NOT NULL,
    at BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (organisation, entry, at),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);

ALTER TABLE entry_told ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_told FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON entry_told
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
