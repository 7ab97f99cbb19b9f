-- Since when a message should have been sent: `next_at` is of its next try, and moves with each that fails. None where no try
-- failed. And which silence held it, if one did, for the silence's own record.
ALTER TABLE delivery ADD COLUMN due_at BIGINT;
ALTER TABLE delivery ADD COLUMN held_by TEXT;
CREATE INDEX delivery_held ON delivery (organisation, held_by) WHERE held_by IS NOT NULL;
