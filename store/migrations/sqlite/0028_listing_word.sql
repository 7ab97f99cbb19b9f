-- The words of the index by themselves, so that a search for a beginning knows which words begin so, and asks for them:
-- FTS5 by itself gathers all listings that have any of them before it gives the first. It holds nothing of its own.
CREATE VIRTUAL TABLE listing_word USING fts5vocab (listing_search, instance);
