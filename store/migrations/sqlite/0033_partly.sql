-- A message that some of a channel's recipients never get: who not, and why, of the last that it took; NULL where all got it.
ALTER TABLE endpoint ADD COLUMN partly TEXT;
