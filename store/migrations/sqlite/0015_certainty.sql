-- How certain a sighting is, since a possible one must not make a certain one old news, and one that a warning list names
-- makes nothing old. URLs share their host, without the port.
ALTER TABLE sighting ADD COLUMN certainty TEXT NOT NULL DEFAULT 'certain';
UPDATE sighting SET certainty = 'possible' WHERE explanation LIKE '%"confidence":"inferred"%';
ALTER TABLE sighting DROP COLUMN possible;

UPDATE selector SET kin = substr(kin, instr(kin, '@') + 1) WHERE kind = 'url' AND instr(kin, '@') > 0;
UPDATE selector SET kin = substr(kin, 1, instr(kin || ':', ':') - 1)
    WHERE kind = 'url' AND instr(kin, ':') > 0 AND substr(kin, 1, 1) <> '[';
UPDATE selector SET kin = substr(kin, 1, instr(kin, ']')) WHERE kind = 'url' AND substr(kin, 1, 1) = '[';
