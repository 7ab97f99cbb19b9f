-- A web address on a watchlist stood for its very spelling; it stands for its page now, whatever the scheme, a leading www. and
-- one last slash. What was missed is looked for once more in all that is stored.
UPDATE entry SET way = 'page', hunted_at = NULL WHERE kind = 'url' AND way = 'exact';
