-- Since when links are missing on a page of listings that it had. NULL where none are. Whether what they led to is gone, or the page
-- is broken, shows only with time.
ALTER TABLE page ADD COLUMN lost_since BIGINT;
