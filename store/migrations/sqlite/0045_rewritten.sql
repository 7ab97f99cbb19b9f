-- Whether a message was written for a delivery before the one that it has, or is to have: who may have that would take another under
-- the same identifier for the same.
ALTER TABLE delivery ADD COLUMN rewritten BIGINT NOT NULL DEFAULT 0;
