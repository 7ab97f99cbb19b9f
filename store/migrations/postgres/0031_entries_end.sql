-- Entries that end, by the day: owners are told of them before and after.
CREATE INDEX entry_end ON entry (organisation, expires_at, id) WHERE state = 'active' AND expires_at IS NOT NULL;
