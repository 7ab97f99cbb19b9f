-- What the sightings of an alert have in common, where that was always their entry; when an alert was first told of, and
-- when to others; what came of each sighting; and why a message is sent, what it waits for, and which one carries it.
ALTER TABLE alert ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
ALTER TABLE alert ADD COLUMN told_at BIGINT;
ALTER TABLE alert ADD COLUMN escalated_at BIGINT;
UPDATE alert SET group_key = 'entry:' || entry, told_at = notify_at;
CREATE INDEX alert_unclosed ON alert (organisation, watchlist, group_key) WHERE state <> 'closed';

ALTER TABLE sighting ADD COLUMN fate TEXT;

ALTER TABLE delivery ADD COLUMN purpose TEXT NOT NULL DEFAULT 'news';
ALTER TABLE delivery ADD COLUMN waits TEXT;
ALTER TABLE delivery ADD COLUMN carrier TEXT;
CREATE INDEX delivery_carried ON delivery (carrier) WHERE carrier IS NOT NULL;
