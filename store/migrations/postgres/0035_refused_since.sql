-- The remarks are in the SQLite one beside it.
ALTER TABLE host ADD COLUMN refused_since BIGINT;
