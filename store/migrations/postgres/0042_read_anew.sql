-- As the SQLite one beside it. The owner of the tables sees every organisation's rows while they are filled in.
ALTER TABLE page NO FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_page NO FORCE ROW LEVEL SECURITY;
ALTER TABLE purge_receipt NO FORCE ROW LEVEL SECURITY;
ALTER TABLE capture NO FORCE ROW LEVEL SECURITY;
ALTER TABLE visit NO FORCE ROW LEVEL SECURITY;
ALTER TABLE erasure NO FORCE ROW LEVEL SECURITY;
UPDATE page SET etag = NULL, last_modified = NULL, digest = ''
WHERE reader <> 'image' AND (
    links = '[]'
    AND NOT EXISTS (SELECT 1 FROM listing_page WHERE listing_page.page = page.id)
    AND EXISTS (
        SELECT 1 FROM purge_receipt
        WHERE purge_receipt.organisation = page.organisation AND purge_receipt.class = 'listings'
    )
    OR EXISTS (
        SELECT 1 FROM capture JOIN visit ON visit.id = capture.visit
        WHERE capture.id = page.capture AND visit.kind = 'list'
    )
    AND EXISTS (
        SELECT 1 FROM erasure
        WHERE erasure.organisation = page.organisation AND erasure.allowed_at IS NOT NULL
    )
);
ALTER TABLE page FORCE ROW LEVEL SECURITY;
ALTER TABLE listing_page FORCE ROW LEVEL SECURITY;
ALTER TABLE purge_receipt FORCE ROW LEVEL SECURITY;
ALTER TABLE capture FORCE ROW LEVEL SECURITY;
ALTER TABLE visit FORCE ROW LEVEL SECURITY;
ALTER TABLE erasure FORCE ROW LEVEL SECURITY;
