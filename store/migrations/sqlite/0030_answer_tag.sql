-- An answer that is given again has the tag of the thing as well, so that whoever lost it need not read again.
ALTER TABLE given_answer ADD COLUMN tag TEXT;
