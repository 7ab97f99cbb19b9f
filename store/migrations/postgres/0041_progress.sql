-- The remarks are in the SQLite one beside it.
ALTER TABLE delivery ADD COLUMN progress TEXT;
