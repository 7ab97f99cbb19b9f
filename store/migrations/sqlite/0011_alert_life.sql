-- Whose work an alert is, and every change of one, with who and when.
ALTER TABLE alert ADD COLUMN assigned_to TEXT;

INSERT INTO counter (name, next) VALUES ('alert_change_id', 1);

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
