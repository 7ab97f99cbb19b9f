-- The remarks are in the SQLite one beside it. The row-level policy binds the table's owner, too, who is the one that
-- fills the new columns for all organisations: it is lifted from him until the end.
ALTER TABLE alert NO FORCE ROW LEVEL SECURITY;
ALTER TABLE alert ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
ALTER TABLE alert ADD COLUMN told_at BIGINT;
ALTER TABLE alert ADD COLUMN escalated_at BIGINT;
UPDATE alert SET group_key = 'entry:' || entry, told_at = notify_at;
CREATE INDEX alert_unclosed ON alert (organisation, watchlist, group_key) WHERE state <> 'closed';
ALTER TABLE alert FORCE ROW LEVEL SECURITY;

ALTER TABLE sighting ADD COLUMN fate TEXT;

ALTER TABLE delivery ADD COLUMN purpose TEXT NOT NULL DEFAULT 'news';
ALTER TABLE delivery ADD COLUMN waits TEXT;
ALTER TABLE delivery ADD COLUMN carrier TEXT;
CREATE INDEX delivery_carried ON delivery (carrier) WHERE carrier IS NOT NULL;
