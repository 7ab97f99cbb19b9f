-- The remarks are in the SQLite one beside it.
ALTER TABLE token ADD COLUMN parent TEXT;
ALTER TABLE account ADD COLUMN pending_secret TEXT;
ALTER TABLE account ADD COLUMN pending_at BIGINT;
ALTER TABLE session ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;

CREATE TABLE reset_link (
    organisation BIGINT NOT NULL,
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    factor BIGINT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, account),
    UNIQUE (organisation, digest),
    FOREIGN KEY (organisation, account) REFERENCES account (organisation, id)
);

CREATE TABLE sign_in_place (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    subject TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, subject)
);
CREATE INDEX sign_in_place_last ON sign_in_place (organisation, last_at);

ALTER TABLE reset_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE reset_link FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON reset_link
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

ALTER TABLE sign_in_place ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_place FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON sign_in_place
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));
