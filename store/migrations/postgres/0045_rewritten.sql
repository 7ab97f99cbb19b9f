-- The remarks are in the SQLite one beside it.
ALTER TABLE delivery ADD COLUMN rewritten BIGINT NOT NULL DEFAULT 0;
