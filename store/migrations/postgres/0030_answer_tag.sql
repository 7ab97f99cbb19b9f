-- The remarks are in the SQLite one beside it.
ALTER TABLE given_answer ADD COLUMN tag TEXT;
