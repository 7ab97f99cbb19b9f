-- What a silence kept quiet is owed when it is over: whether it was told since.
ALTER TABLE silenced ADD COLUMN told_at BIGINT;
CREATE INDEX silenced_owed ON silenced (organisation, alert) WHERE told_at IS NULL;
