-- The remarks are in the SQLite one beside it.
ALTER TABLE entry ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
CREATE INDEX entry_generation ON entry (organisation, generation, id);

CREATE INDEX alert_open ON alert (organisation, watchlist, notify_at, id) WHERE state = 'open';
