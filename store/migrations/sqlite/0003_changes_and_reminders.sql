-- The generation in which an entry last changed, so that a matcher that holds an earlier one loads what changed since and
-- no more. Those of before count as changed in the first.
ALTER TABLE entry ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
CREATE INDEX entry_generation ON entry (organisation, generation, id);

-- Alerts of which somebody may have to be reminded.
CREATE INDEX alert_open ON alert (organisation, watchlist, notify_at, id) WHERE state = 'open';
