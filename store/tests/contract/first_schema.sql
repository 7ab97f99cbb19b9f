-- Rows in every table of the first schema, on both engines: what upgrades are tried with.
INSERT INTO organisation (id, name, created_at) VALUES ('01a14f32-0000-7000-8000-000000000001', 'Of old', 1795428000000);
INSERT INTO generation (organisation, name, number) VALUES (1, 'entries', 3);
INSERT INTO source (organisation, id, name, region, definition, digest, state, created_at) VALUES
    (1, '01a14f32-0000-7000-8000-000000000002', 'ads', 'GB', '{"start": ["https://ads.example/"]}', 'd1', 'active', 1795428000000);
INSERT INTO run (organisation, id, source, planned_at, started_at, finished_at, state, outcome, visits, fetched, unchanged, failed,
    listings_new, listings_changed, listings_removed, sightings, bytes) VALUES
    (1, '01a14f32-0000-7000-8000-000000000003', '01a14f32-0000-7000-8000-000000000002', 1795428000000, 1795428000000,
     1795428060000, 'finished', 'complete', 2, 2, 0, 0, 2, 0, 0, 1, 2468),
    (1, '01a14f32-0000-7000-8000-000000000004', '01a14f32-0000-7000-8000-000000000002', 1795514400000, 1795514400000,
     NULL, 'running', NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO visit (organisation, id, run, source, kind, url, host, depth, attempts, due_at, state, outcome, status, capture, finished_at)
    VALUES
    (1, 1, '01a14f32-0000-7000-8000-000000000003', '01a14f32-0000-7000-8000-000000000002', 'list', 'https://ads.example/',
     'ads.example:443', 0, 1, 1795428000000, 'done', 'fetched', 200, 1, 1795428001000),
    (1, 2, '01a14f32-0000-7000-8000-000000000004', '01a14f32-0000-7000-8000-000000000002', 'list', 'https://ads.example/',
     'ads.example:443', 0, 0, 1795514400000, 'due', NULL, NULL, NULL, NULL);
INSERT INTO host (organisation, host, next_at, interval_ms, backoffs) VALUES (1, 'ads.example:443', 1795428002000, 1000, 0);
INSERT INTO robots (organisation, host, fetched_at, status, body) VALUES (1, 'ads.example:443', 1795428000000, 404, '');
INSERT INTO page (organisation, id, source, url, etag, digest, capture, reader, links, seen_at) VALUES
    (1, 1, '01a14f32-0000-7000-8000-000000000002', 'https://ads.example/', '"a"', 'aa', 1, 'r1', '[]', 1795428001000);
INSERT INTO capture (organisation, id, source, run, visit, url, status, content_type, length, digest, peer, fetched_at, took_ms, file,
    file_offset, file_length, record) VALUES
    (1, 1, '01a14f32-0000-7000-8000-000000000002', '01a14f32-0000-7000-8000-000000000003', 1, 'https://ads.example/', 200,
     'text/html', 1234, 'aa', '203.0.113.5:443', 1795428001000, 12, '20261123-1.warc.gz', 7, 700, 'urn:uuid:x');
INSERT INTO listing (organisation, id, source, key, url, page, version, digest, first_seen, last_seen, removed_at) VALUES
    (1, 1, '01a14f32-0000-7000-8000-000000000002', '41', 'https://ads.example/41', 1, 1, 'bb', 1795428001000, 1795514400500, NULL),
    (1, 2, '01a14f32-0000-7000-8000-000000000002', '42', 'https://ads.example/42', 1, 1, 'cc', 1795428001000, 1795428001000,
     1795428050000);
INSERT INTO listing_version (organisation, listing, version, capture, title, body, fields, text, seen_at) VALUES
    (1, 1, 1, 1, 'Room', 'Call 020 7946 0123', '{}', 'Room Call 020 7946 0123', 1795428001000),
    (1, 2, 1, 1, 'Other room', 'Write', '{}', 'Other room Write', 1795428001000);
INSERT INTO image (organisation, id, digest, media_type, width, height, length, capture, first_seen) VALUES
    (1, 1, 'ee', 'image/png', 8, 8, 100, 1, 1795428001000);
INSERT INTO listing_image (organisation, listing, url, place, image) VALUES (1, 1, 'https://ads.example/1.png', 0, 1);
INSERT INTO selector (organisation, id, kind, value) VALUES (1, 1, 'phone', '+442079460123'), (1, 2, 'email', 'a.b@example.com');
INSERT INTO observation (organisation, id, listing, selector, version, capture, raw, start_byte, end_byte, confidence, steps,
    first_seen, seen_at, current) VALUES
    (1, 1, 1, 1, 1, 1, '020 7946 0123', 10, 23, 'certain', '[]', 1795428001000, 1795428001000, 1);
INSERT INTO watchlist (organisation, id, name, defaults, rules, created_at) VALUES
    (1, '01a14f32-0000-7000-8000-000000000005', 'Lotus', 'null', 'null', 1795428000000);
INSERT INTO entry (organisation, id, watchlist, kind, value, written, purpose, legal_basis, owner, category, review_at, case_reference,
    tlp, state, created_at, hunted_at) VALUES
    (1, '01a14f32-0000-7000-8000-000000000006', '01a14f32-0000-7000-8000-000000000005', 'phone', '+442079460123',
     '020 7946 0123', 'find', 'an order', 'Analyst', 'victim', 1803204000000, '41/26', 'amber', 'active', 1795428000000, 1795428000500),
    (1, '01a14f32-0000-7000-8000-000000000007', '01a14f32-0000-7000-8000-000000000005', 'email', 'a.b@example.com',
     'A.B@example.com', 'find', 'an order', 'Analyst', 'other', 1803204000000, NULL, 'green', 'withdrawn', 1795428000000, NULL);
INSERT INTO sighting (organisation, id, entry, watchlist, observation, listing, source, url, reason, at, first_seen, last_seen,
    current, explanation) VALUES
    (1, '01a14f32-0000-7000-8000-000000000008', '01a14f32-0000-7000-8000-000000000006', '01a14f32-0000-7000-8000-000000000005',
     1, 1, '01a14f32-0000-7000-8000-000000000002', 'https://ads.example/41', 'first', 1795428001000, 1795428001000, 1795428001000, 1, '{}');
INSERT INTO alert (organisation, id, watchlist, entry, state, severity, reasons, opened_at, updated_at, batch, notify_at) VALUES
    (1, '01a14f32-0000-7000-8000-000000000009', '01a14f32-0000-7000-8000-000000000005', '01a14f32-0000-7000-8000-000000000006',
     'open', 'grave', '["first"]', 1795428001000, 1795428001000, 2, 1795428031000);
INSERT INTO alert_sighting (organisation, alert, sighting, batch) VALUES
    (1, '01a14f32-0000-7000-8000-000000000009', '01a14f32-0000-7000-8000-000000000008', 1);
INSERT INTO delivery (organisation, id, alert, batch, channel, state, attempts, next_at, message, created_at) VALUES
    (1, '01a14f32-0000-7000-8000-00000000000a', '01a14f32-0000-7000-8000-000000000009', 1, 'desk', 'pending', 1, 1795428031000, '{}',
     1795428001000),
    (1, '01a14f32-0000-7000-8000-00000000000b', '01a14f32-0000-7000-8000-000000000009', 2, 'desk', 'dead', 10, 1795428031000, '{}',
     1795428001000);
INSERT INTO endpoint (organisation, channel, failures) VALUES (1, 'desk', 2);
INSERT INTO silence (organisation, id, watchlist, created_at, until, author, reason) VALUES
    (1, '01a14f32-0000-7000-8000-00000000000c', '01a14f32-0000-7000-8000-000000000005', 1795428000000, 1795500000000, 'Analyst',
     'moving house');
INSERT INTO audit (organisation, id, at, who, what, subject, detail) VALUES (1, 1, 1795428000000, 'Analyst', 'entry.add', 'x', '');
