-- What a page was fetched as: 'list', 'detail' or 'image'. NULL where it was last read before this was kept: then nothing rests on it.
ALTER TABLE page ADD COLUMN kind TEXT;
-- What another page shows in the place of its own takes no listing away any more: its own page is asked.
ALTER TABLE page DROP COLUMN twin;
-- Since when no page of listings leads to a listing, or shows it, in runs that saw all of them. NULL where one did in the last such run.
ALTER TABLE listing ADD COLUMN unlisted_since BIGINT;
