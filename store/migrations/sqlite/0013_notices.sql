-- Notices: what people are told that belongs to no alert. A delivery is of an alert or of a notice from now on; SQLite
-- can't take NOT NULL off a column, so the outbox moves into a table that is like it but for that.
CREATE TABLE notice (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    told TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    resolved_at BIGINT,
    UNIQUE (organisation, id)
);
CREATE UNIQUE INDEX notice_open ON notice (organisation, kind, subject) WHERE resolved_at IS NULL;

CREATE TABLE delivery_of_either (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    alert TEXT,
    notice TEXT,
    batch BIGINT NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL DEFAULT 'news',
    waits TEXT,
    carrier TEXT,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    last_error TEXT,
    message TEXT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    owner TEXT,
    lease_until BIGINT,
    UNIQUE (alert, batch, channel),
    UNIQUE (notice, batch, channel),
    CHECK ((alert IS NULL) <> (notice IS NULL)),
    FOREIGN KEY (organisation, alert) REFERENCES alert (organisation, id),
    FOREIGN KEY (organisation, notice) REFERENCES notice (organisation, id)
);
INSERT INTO delivery_of_either (organisation, id, alert, batch, channel, purpose, waits, carrier, state, attempts,
    next_at, last_error, message, created_at, delivered_at, owner, lease_until)
SELECT organisation, id, alert, batch, channel, purpose, waits, carrier, state, attempts,
    next_at, last_error, message, created_at, delivered_at, owner, lease_until FROM delivery;
DROP TABLE delivery;
ALTER TABLE delivery_of_either RENAME TO delivery;
CREATE INDEX delivery_pending ON delivery (organisation, channel, next_at, id) WHERE state = 'pending';
CREATE INDEX delivery_carried ON delivery (carrier) WHERE carrier IS NOT NULL;
CREATE INDEX delivery_dead ON delivery (organisation, channel) WHERE state = 'dead';
