-- As the SQLite one beside it, with the row-level policy besides.
ALTER TABLE audit ADD COLUMN seq BIGINT;
ALTER TABLE audit ADD COLUMN previous TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_seq ON audit (organisation, seq);

CREATE TABLE audit_head (
    organisation BIGINT NOT NULL PRIMARY KEY REFERENCES organisation (number),
    start BIGINT NOT NULL,
    start_tree TEXT NOT NULL,
    size BIGINT NOT NULL,
    hash TEXT NOT NULL,
    tree TEXT NOT NULL
);

ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_head FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_head
    USING (organisation = CAST(nullif(current_setting('sightline.organisation', true), '') AS BIGINT));

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.seq < (SELECT start FROM audit_head WHERE organisation = OLD.organisation) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.hash IS NULL AND (OLD.organisation, OLD.id, OLD.at, OLD.who, OLD.what, OLD.subject, OLD.detail)
            = (NEW.organisation, NEW.id, NEW.at, NEW.who, NEW.what, NEW.subject, NEW.detail) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log only grows';
END
$$;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
