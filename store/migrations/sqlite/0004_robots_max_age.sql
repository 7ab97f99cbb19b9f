-- For how long a robots.txt holds by its site's own word (RFC 9309, section 2.4), in milliseconds.
ALTER TABLE robots ADD COLUMN max_age_ms BIGINT;
