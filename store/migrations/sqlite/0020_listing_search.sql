-- Full-text search over what listings say now: an index without the texts, which stand in the versions. Beside them stand
-- the organisation and the source as words, so that the index itself tells whose a listing is.
CREATE VIRTUAL TABLE listing_search USING fts5 (
    organisation, source, title, text,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO listing_search (rowid, organisation, source, title, text)
SELECT listing.id, 'o' || listing.organisation, 's' || replace(listing.source, '-', ''), said.title,
    substr(said.text, 1, 100000)
FROM listing JOIN listing_version AS said ON said.listing = listing.id AND said.version = listing.version;
