-- The entries of a watchlist in each order in which people are shown them, one state at a time; and the sightings of an
-- entry in the order of time.
CREATE INDEX entry_newest ON entry (organisation, watchlist, state, id);
CREATE INDEX entry_newest_of_kind ON entry (organisation, watchlist, state, kind, id);
CREATE INDEX entry_by_value ON entry (organisation, watchlist, state, kind, value);
CREATE INDEX entry_by_review ON entry (organisation, watchlist, state, review_at, id);
CREATE INDEX sighting_of_entry ON sighting (entry, at, id);
