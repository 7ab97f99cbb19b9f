-- Who of a channel's recipients need not be sent a message again, where some have it and others were put off: JSON of the channel's own
-- making, without their addresses. NULL where there is nothing to remember.
ALTER TABLE delivery ADD COLUMN progress TEXT;
