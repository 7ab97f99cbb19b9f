-- Ways back for who has forgotten a password or lost a second factor, and what tells a person from whoever guesses.
-- `token.parent` is the token that made it, with which it ends. `pending_secret` is the second factor that somebody moves
-- to, until a code of it was said. `session.failures` counts attempts that failed before it began. A `reset_link` lets an
-- account's owner choose a password once; where `factor` is 1, their second factor goes too. `sign_in_place.subject` is a
-- digest of an account's name and an address from which its owner has signed in.
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
