-- As the SQLite one beside it.
ALTER TABLE sighting NO FORCE ROW LEVEL SECURITY;
ALTER TABLE selector NO FORCE ROW LEVEL SECURITY;

ALTER TABLE sighting ADD COLUMN certainty TEXT NOT NULL DEFAULT 'certain';
UPDATE sighting SET certainty = 'possible' WHERE explanation LIKE '%"confidence":"inferred"%';
ALTER TABLE sighting DROP COLUMN possible;

UPDATE selector SET kin = substr(kin, strpos(kin, '@') + 1) WHERE kind = 'url' AND strpos(kin, '@') > 0;
UPDATE selector SET kin = substr(kin, 1, strpos(kin || ':', ':') - 1)
    WHERE kind = 'url' AND strpos(kin, ':') > 0 AND substr(kin, 1, 1) <> '[';
UPDATE selector SET kin = substr(kin, 1, strpos(kin, ']')) WHERE kind = 'url' AND substr(kin, 1, 1) = '[';

ALTER TABLE sighting FORCE ROW LEVEL SECURITY;
ALTER TABLE selector FORCE ROW LEVEL SECURITY;
