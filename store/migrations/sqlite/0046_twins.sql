-- Of a page of listings that shows what another shows, and so is another address of it: that one's address. NULL of all others. What it
-- shows in the place of what it had is no news then.
ALTER TABLE page ADD COLUMN twin TEXT;
