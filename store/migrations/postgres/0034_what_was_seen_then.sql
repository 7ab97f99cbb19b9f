-- The remarks are in the SQLite one beside it. The owner of the tables sees every organisation's rows while they are filled
-- in.
ALTER TABLE sighting NO FORCE ROW LEVEL SECURITY;
ALTER TABLE capture NO FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_version NO FORCE ROW LEVEL SECURITY;
ALTER TABLE entry NO FORCE ROW LEVEL SECURITY;

ALTER TABLE sighting ADD COLUMN capture BIGINT;
ALTER TABLE sighting ADD COLUMN since TEXT;

UPDATE sighting SET
  since = json_build_object(
    'at', to_char(to_timestamp(capture.fetched_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'url', sighting.url,
    'explanation', CAST(sighting.explanation AS JSON)),
  explanation = CAST(sighting.explanation AS JSONB) || jsonb_build_object(
    'capture', version.capture,
    'before', CASE WHEN version.place > 0
      THEN substr(version.text, greatest(1, version.place - 80), least(80, version.place - 1)) ELSE '' END,
    'raw', CASE WHEN version.place > 0 THEN version.raw ELSE '' END,
    'after', CASE WHEN version.place > 0 THEN substr(version.text, version.place + length(version.raw), 80) ELSE '' END,
    'steps', CASE WHEN version.place > 0 THEN CAST(sighting.explanation AS JSONB) -> 'steps' ELSE CAST('[]' AS JSONB) END)
FROM capture, (
  SELECT now.id, now.raw, stood.capture, stood.text, strpos(stood.text, now.raw) AS place
  FROM (SELECT id, listing, at, CAST(explanation AS JSON) ->> 'raw' AS raw FROM sighting) AS now,
    listing_version AS stood
  WHERE stood.listing = now.listing AND stood.version = (
    SELECT max(earlier.version) FROM listing_version AS earlier
    WHERE earlier.listing = now.listing AND earlier.seen_at <= now.at)) AS version
WHERE capture.id = CAST(CAST(sighting.explanation AS JSON) ->> 'capture' AS BIGINT) AND capture.fetched_at > sighting.at
  AND version.id = sighting.id
  AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = sighting.entry AND entry.kind = 'image');

UPDATE sighting SET capture = CAST(CAST(explanation AS JSON) ->> 'capture' AS BIGINT);

ALTER TABLE sighting FORCE ROW LEVEL SECURITY;
ALTER TABLE capture FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_version FORCE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;

CREATE INDEX sighting_capture ON sighting (capture);

CREATE TABLE sighting_before (
    organisation BIGINT NOT NULL,
    sighting TEXT NOT NULL REFERENCES sighting (id),
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    url TEXT NOT NULL,
    capture BIGINT,
    explanation TEXT NOT NULL,
    fate TEXT,
    PRIMARY KEY (sighting, at)
);
CREATE INDEX sighting_before_capture ON sighting_before (capture);

ALTER TABLE sighting_before ENABLE ROW LEVEL SECURITY;
ALTER TABLE sighting_before FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON sighting_before
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
