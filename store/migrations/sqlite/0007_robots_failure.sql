-- Why a robots.txt could not be had, where there was no answer: told with every page that may not be fetched for it.
ALTER TABLE robots ADD COLUMN failure TEXT;
