-- The same selector on other lists: an import tells of it, for 100,000 rows at once.
CREATE INDEX entry_selector ON entry (organisation, kind, value);
