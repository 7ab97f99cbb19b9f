-- As the SQLite one beside it. The owner of the tables sees every organisation's rows while they are filled in.
ALTER TABLE entry NO FORCE ROW LEVEL SECURITY;
UPDATE entry SET way = 'page', hunted_at = NULL WHERE kind = 'url' AND way = 'exact';
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
