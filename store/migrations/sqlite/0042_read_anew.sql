-- Pages whose listings a purge took out, and lists that lead to what may be fetched again since an erasure was taken back, were
-- taken for unchanged for as long as their bytes were the same: they are read anew, once.
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
