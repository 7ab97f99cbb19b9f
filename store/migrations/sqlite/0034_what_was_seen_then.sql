-- A sighting keeps what led to its judgement as it stood then: `explanation` is never written over by what the listing says
-- later, which is in `since`, where it is something else. `capture` is that of the explanation, so that no purge takes it.
-- A sighting that is judged anew leaves the judgement before in `sighting_before`, where an alert rests on it.
--
-- Before this, the explanation was that of the last reading. Where its capture was fetched after the judgement, it becomes
-- what the listing says since; what led to the judgement is then known by the version that stood at that time: its capture,
-- and the words, where what was matched stands there as well. Where it does not, `raw` is empty: only the capture tells. An
-- image is fetched after the page that shows it, and has no words.
ALTER TABLE sighting ADD COLUMN capture BIGINT;
ALTER TABLE sighting ADD COLUMN since TEXT;

UPDATE sighting SET
  since = json_object(
    'at', strftime('%Y-%m-%dT%H:%M:%S', capture.fetched_at / 1000, 'unixepoch') || printf('.%03dZ', capture.fetched_at % 1000),
    'url', sighting.url,
    'explanation', json(sighting.explanation)),
  explanation = json_set(sighting.explanation, '$.capture', version.capture,
    '$.before', CASE WHEN version.place > 0
      THEN substr(version.text, max(1, version.place - 80), min(80, version.place - 1)) ELSE '' END,
    '$.raw', CASE WHEN version.place > 0 THEN version.raw ELSE '' END,
    '$.after', CASE WHEN version.place > 0 THEN substr(version.text, version.place + length(version.raw), 80) ELSE '' END,
    '$.steps', CASE WHEN version.place > 0 THEN json_extract(sighting.explanation, '$.steps') ELSE json('[]') END)
FROM capture, (
  SELECT now.id, now.raw, stood.capture, stood.text, instr(stood.text, now.raw) AS place
  FROM (SELECT id, listing, at, json_extract(explanation, '$.raw') AS raw FROM sighting) AS now,
    listing_version AS stood
  WHERE stood.listing = now.listing AND stood.version = (
    SELECT max(earlier.version) FROM listing_version AS earlier
    WHERE earlier.listing = now.listing AND earlier.seen_at <= now.at)) AS version
WHERE capture.id = json_extract(sighting.explanation, '$.capture') AND capture.fetched_at > sighting.at
  AND version.id = sighting.id
  AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = sighting.entry AND entry.kind = 'image');

UPDATE sighting SET capture = json_extract(explanation, '$.capture');
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
