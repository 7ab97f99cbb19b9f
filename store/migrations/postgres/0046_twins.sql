-- When a page of listings last showed what another page of the same run showed, or sent its readers there. NULL where it never did: a
-- list may have two addresses, and what either shows is no news then.
ALTER TABLE page ADD COLUMN twin_at BIGINT;
