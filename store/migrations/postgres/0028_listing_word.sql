-- Words by their beginnings are what its index has already; the SQLite one beside it needs a view of them.
SELECT 1;
