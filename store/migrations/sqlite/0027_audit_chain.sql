-- The audit log as a chain: each deed carries the hash of the one before it and its own, and nothing is changed or taken
-- out. Deeds from before are chained by the program, which alone can compute hashes, when it first opens the store.

ALTER TABLE audit ADD COLUMN seq BIGINT;
ALTER TABLE audit ADD COLUMN previous TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_seq ON audit (organisation, seq);

-- Where the chain of an organisation begins and ends. Trees are their perfect parts' hashes, the largest first.
CREATE TABLE audit_head (
    organisation BIGINT NOT NULL PRIMARY KEY REFERENCES organisation (number),
    -- The first deed that is still kept; and the tree of those before it.
    start BIGINT NOT NULL,
    start_tree TEXT NOT NULL,
    -- How many deeds there ever were; the hash of the last, and the tree of all.
    size BIGINT NOT NULL,
    hash TEXT NOT NULL,
    tree TEXT NOT NULL
);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL OR OLD.organisation <> NEW.organisation OR OLD.id <> NEW.id OR OLD.at <> NEW.at
    OR OLD.who <> NEW.who OR OLD.what <> NEW.what OR OLD.subject <> NEW.subject OR OLD.detail <> NEW.detail
BEGIN
    SELECT RAISE(ABORT, 'the audit log only grows');
END;

-- What lies before the start of the chain may go: the start says what it was.
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
WHEN OLD.seq IS NULL
    OR OLD.seq >= coalesce((SELECT start FROM audit_head WHERE organisation = OLD.organisation), 0)
BEGIN
    SELECT RAISE(ABORT, 'the audit log only grows');
END;
