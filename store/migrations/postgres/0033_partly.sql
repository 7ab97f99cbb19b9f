-- The remarks are in the SQLite one beside it.
ALTER TABLE endpoint ADD COLUMN partly TEXT;
