-- What listings say is indexed by words of our making, the same on both engines, and the tokenizer leaves them as they are:
-- what is no ASCII is a letter to it. The words are made anew by the program, a part at a time, from where it stopped.
DROP TABLE listing_word;
DROP TABLE listing_search;
CREATE VIRTUAL TABLE listing_search USING fts5 (
    organisation, source, said,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
INSERT INTO listing_search (listing_search, rank) VALUES ('automerge', 16);
CREATE VIRTUAL TABLE listing_word USING fts5vocab (listing_search, instance);

-- The organisations whose listings are indexed anew, and up to which listing that is done.
CREATE TABLE search_rebuild (
    organisation BIGINT NOT NULL PRIMARY KEY REFERENCES organisation (number),
    done_to BIGINT NOT NULL
);
INSERT INTO search_rebuild (organisation, done_to)
SELECT number, 0 FROM organisation WHERE EXISTS (SELECT 1 FROM listing WHERE listing.organisation = organisation.number);
