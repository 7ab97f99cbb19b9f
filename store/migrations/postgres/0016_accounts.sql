-- The remarks are in the SQLite one beside it.
CREATE TABLE account (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    totp_secret TEXT,
    totp_step BIGINT,
    created_at BIGINT NOT NULL,
    enrolled_at BIGINT,
    disabled_at BIGINT,
    UNIQUE (organisation, id),
    UNIQUE (organisation, folded)
);

CREATE TABLE recovery_code (
    organisation BIGINT NOT NULL,
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (account, digest),
    FOREIGN KEY (organisation, account) REFERENCES account (organisation, id)
);

CREATE TABLE session (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    stage TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    address TEXT,
    agent TEXT,
    UNIQUE (organisation, digest),
    FOREIGN KEY (organisation, account) REFERENCES account (organisation, id)
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_seen ON session (organisation, seen_at);

CREATE TABLE token (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    ended_at BIGINT,
    UNIQUE (organisation, digest),
    FOREIGN KEY (organisation, account) REFERENCES account (organisation, id)
);
CREATE INDEX token_account ON token (account);

CREATE TABLE invitation (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    role TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (organisation, digest)
);

CREATE TABLE sign_in_attempt (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    subject TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, subject)
);
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (organisation, last_at);

CREATE INDEX alert_inbox ON alert (organisation, state, severity, id);
CREATE INDEX alert_by_severity ON alert (organisation, severity, id);
CREATE INDEX alert_assigned ON alert (organisation, assigned_to, severity, id) WHERE assigned_to IS NOT NULL;

ALTER TABLE account ENABLE ROW LEVEL SECURITY;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON account
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON recovery_code
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON session
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE token ENABLE ROW LEVEL SECURITY;
ALTER TABLE token FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON token
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON invitation
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE sign_in_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON sign_in_attempt
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
