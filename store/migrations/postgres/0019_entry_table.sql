-- As the SQLite one beside it. Values are compared by their bytes, whatever the database's language: what begins with the
-- same characters stands side by side then. And the observations of a selector are walked in their order, which the
-- index of SQLite has by itself.
ALTER TABLE entry ALTER COLUMN value TYPE TEXT COLLATE "C";
CREATE INDEX entry_newest ON entry (organisation, watchlist, state, id);
CREATE INDEX entry_newest_of_kind ON entry (organisation, watchlist, state, kind, id);
CREATE INDEX entry_by_value ON entry (organisation, watchlist, state, kind, value);
CREATE INDEX entry_by_review ON entry (organisation, watchlist, state, review_at, id);
CREATE INDEX sighting_of_entry ON sighting (entry, at, id);
CREATE INDEX observation_of_selector ON observation (selector, id);
DROP INDEX observation_selector;
