-- Since when a host refuses and has answered nobody: a run does not wait for it for ever, however short each wait is.
ALTER TABLE host ADD COLUMN refused_since BIGINT;
