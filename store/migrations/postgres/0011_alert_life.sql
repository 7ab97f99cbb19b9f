-- As the SQLite one beside it, with the row-level policy besides.
ALTER TABLE alert ADD COLUMN assigned_to TEXT;

CREATE SEQUENCE alert_change_id;

CREATE TABLE alert_change (
    organisation BIGINT NOT NULL,
    id BIGINT NOT NULL PRIMARY KEY,
    alert TEXT NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    deed TEXT NOT NULL,
    fields TEXT NOT NULL,
    text TEXT,
    FOREIGN KEY (organisation, alert) REFERENCES alert (organisation, id)
);
CREATE INDEX alert_change_of ON alert_change (organisation, alert, id);

ALTER TABLE alert_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_change FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON alert_change
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
