-- When the latest news of an alert came: the inbox goes by it, and tells of it. Of those that are not closed it is that of the latest
-- sighting that is news. Who has acknowledged an alert is looked for as well as whose work it is.
ALTER TABLE alert ADD COLUMN news_at BIGINT NOT NULL DEFAULT 0;
UPDATE alert SET news_at = opened_at;
UPDATE alert SET news_at = latest.at
FROM (
  SELECT alert_sighting.alert, max(sighting.at) AS at
  FROM alert_sighting JOIN sighting ON sighting.id = alert_sighting.sighting
  WHERE sighting.reason IN ('first', 'reappeared', 'new_source', 'historic')
  GROUP BY alert_sighting.alert) AS latest
WHERE latest.alert = alert.id AND alert.state <> 'closed' AND latest.at > alert.opened_at;

DROP INDEX alert_inbox;
DROP INDEX alert_by_severity;
DROP INDEX alert_assigned;
CREATE INDEX alert_inbox ON alert (organisation, state, severity, news_at, id);
CREATE INDEX alert_by_severity ON alert (organisation, severity, news_at, id);
CREATE INDEX alert_assigned ON alert (organisation, assigned_to, severity, news_at, id) WHERE assigned_to IS NOT NULL;
CREATE INDEX alert_taken ON alert (organisation, acknowledged_by, severity, news_at, id) WHERE state = 'acknowledged';

-- What a source was found to be last goes by when its runs began: one that was planned long before may begin after another.
CREATE INDEX run_begun ON run (organisation, source, coalesce(started_at, planned_at), planned_at);
