-- Why an entry was withdrawn, or goes on, beside the change; what was said before stands in the audit log.
ALTER TABLE entry_change ADD COLUMN reason TEXT;
UPDATE entry_change SET reason = audit.detail FROM audit
    WHERE audit.organisation = entry_change.organisation AND audit.what = 'entry.withdraw'
      AND audit.subject = entry_change.entry AND audit.at = entry_change.at AND audit.detail <> ''
      AND entry_change.deed = 'withdrawn';

-- How many messages each entry has brought about lately, and when: what its ceiling is measured by. Rows older than a day
-- are dropped when the entry brings about more.
CREATE TABLE entry_told (
    organisation BIGINT NOT NULL,
    entry TEXT NOT NULL,
    at BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (organisation, entry, at),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
