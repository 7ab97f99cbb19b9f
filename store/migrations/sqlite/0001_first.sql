-- The first schema. The PostgreSQL one beside it has the same tables and columns; it differs in three things:
-- numbers that identify are BIGINT there and INTEGER here (in SQLite only INTEGER PRIMARY KEY is the row's own key),
-- it draws them from sequences and not from the table counter, and it has the row-level policies.
--
-- Times are UTC epoch milliseconds, flags 0 or 1, structures JSON as TEXT. Every row names its organisation by number.
-- A foreign key stands where one row owns another; with the organisation in it where people give identifiers, so that
-- another organisation's is as unknown as one that does not exist. None points at captures: evidence may be pruned before what was
-- read from it.

CREATE TABLE organisation (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- The next number of each sequence, for all organisations together.
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO counter (name, next) VALUES
    ('visit_id', 1), ('capture_id', 1), ('page_id', 1), ('listing_id', 1),
    ('selector_id', 1), ('observation_id', 1), ('image_id', 1), ('audit_id', 1);

-- Numbers that move whenever something changes, so that whoever holds a copy knows when to load it anew.
CREATE TABLE generation (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (organisation, name)
);

CREATE TABLE source (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    region TEXT,
    definition TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    next_planned_at BIGINT,
    last_planned_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (organisation, name)
);

CREATE TABLE run (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    planned_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    state TEXT NOT NULL,
    outcome TEXT,
    visits BIGINT NOT NULL,
    fetched BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    listings_new BIGINT NOT NULL,
    listings_changed BIGINT NOT NULL,
    listings_removed BIGINT NOT NULL,
    sightings BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    UNIQUE (organisation, source, planned_at)
);
CREATE INDEX run_unfinished ON run (organisation, source) WHERE state <> 'finished';

CREATE TABLE visit (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id),
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    depth BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT,
    lease_until BIGINT,
    outcome TEXT,
    detail TEXT,
    status BIGINT,
    capture BIGINT,
    listing BIGINT,
    finished_at BIGINT,
    UNIQUE (run, url)
);
CREATE INDEX visit_due ON visit (organisation, host, due_at, id) WHERE state = 'due';
CREATE INDEX visit_leased ON visit (organisation, owner, host) WHERE state = 'leased';
CREATE INDEX visit_unfinished ON visit (run) WHERE state <> 'done';

CREATE TABLE host (
    organisation BIGINT NOT NULL,
    host TEXT NOT NULL,
    owner TEXT,
    lease_until BIGINT,
    next_at BIGINT NOT NULL,
    interval_ms BIGINT NOT NULL,
    backoff_until BIGINT,
    backoffs BIGINT NOT NULL,
    PRIMARY KEY (organisation, host)
);

-- Apart from host, whose rows change with every lease and should stay short.
CREATE TABLE robots (
    organisation BIGINT NOT NULL,
    host TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    status BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY (organisation, host)
);

CREATE TABLE page (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    url TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    digest TEXT NOT NULL,
    capture BIGINT NOT NULL,
    reader TEXT NOT NULL,
    links TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    UNIQUE (organisation, source, url)
);

CREATE TABLE capture (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    run TEXT NOT NULL,
    visit BIGINT NOT NULL,
    url TEXT NOT NULL,
    status BIGINT NOT NULL,
    content_type TEXT,
    length BIGINT NOT NULL,
    digest TEXT NOT NULL,
    peer TEXT,
    fetched_at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    file TEXT NOT NULL,
    file_offset BIGINT NOT NULL,
    file_length BIGINT NOT NULL,
    record TEXT NOT NULL,
    revisit_of BIGINT
);
CREATE INDEX capture_digest ON capture (organisation, digest, id);

CREATE TABLE listing (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL REFERENCES source (id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    page BIGINT NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    removed_at BIGINT,
    UNIQUE (organisation, source, key)
);
CREATE INDEX listing_page ON listing (page);

CREATE TABLE listing_version (
    organisation BIGINT NOT NULL,
    listing BIGINT NOT NULL REFERENCES listing (id),
    version BIGINT NOT NULL,
    capture BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    fields TEXT NOT NULL,
    text TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (listing, version)
);

CREATE TABLE image (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    length BIGINT NOT NULL,
    capture BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    UNIQUE (organisation, digest)
);

CREATE TABLE listing_image (
    organisation BIGINT NOT NULL,
    listing BIGINT NOT NULL REFERENCES listing (id),
    url TEXT NOT NULL,
    place BIGINT NOT NULL,
    image BIGINT REFERENCES image (id),
    PRIMARY KEY (listing, url)
);
CREATE INDEX listing_image_image ON listing_image (image) WHERE image IS NOT NULL;
CREATE INDEX listing_image_missing ON listing_image (organisation, url) WHERE image IS NULL;

CREATE TABLE selector (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (organisation, kind, value)
);

CREATE TABLE observation (
    organisation BIGINT NOT NULL,
    id INTEGER PRIMARY KEY,
    listing BIGINT NOT NULL REFERENCES listing (id),
    selector BIGINT NOT NULL REFERENCES selector (id),
    version BIGINT NOT NULL,
    capture BIGINT NOT NULL,
    raw TEXT NOT NULL,
    start_byte BIGINT NOT NULL,
    end_byte BIGINT NOT NULL,
    confidence TEXT NOT NULL,
    steps TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    current BIGINT NOT NULL,
    UNIQUE (listing, selector)
);
CREATE INDEX observation_selector ON observation (selector);

CREATE TABLE watchlist (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    defaults TEXT NOT NULL,
    rules TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organisation, name),
    UNIQUE (organisation, id)
);

CREATE TABLE entry (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    watchlist TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    written TEXT NOT NULL,
    purpose TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    owner TEXT NOT NULL,
    category TEXT NOT NULL,
    review_at BIGINT NOT NULL,
    expires_at BIGINT,
    case_reference TEXT,
    tlp TEXT NOT NULL,
    severity TEXT,
    note TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    hunted_at BIGINT,
    UNIQUE (organisation, watchlist, kind, value),
    UNIQUE (organisation, id),
    FOREIGN KEY (organisation, watchlist) REFERENCES watchlist (organisation, id)
);
CREATE INDEX entry_not_yet_hunted ON entry (organisation, id) WHERE hunted_at IS NULL AND state = 'active';

CREATE TABLE sighting (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    watchlist TEXT NOT NULL,
    observation BIGINT,
    listing BIGINT NOT NULL REFERENCES listing (id),
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    current BIGINT NOT NULL,
    explanation TEXT NOT NULL,
    UNIQUE (entry, listing),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
CREATE INDEX sighting_listing ON sighting (listing);

CREATE TABLE alert (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    watchlist TEXT NOT NULL,
    entry TEXT NOT NULL,
    state TEXT NOT NULL,
    severity TEXT NOT NULL,
    reasons TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    notify_at BIGINT,
    acknowledged_by TEXT,
    acknowledged_at BIGINT,
    closed_as TEXT,
    closed_at BIGINT,
    UNIQUE (organisation, id),
    FOREIGN KEY (organisation, watchlist) REFERENCES watchlist (organisation, id),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
CREATE INDEX alert_entry ON alert (entry);

CREATE TABLE alert_sighting (
    organisation BIGINT NOT NULL,
    alert TEXT NOT NULL,
    sighting TEXT NOT NULL REFERENCES sighting (id),
    batch BIGINT,
    PRIMARY KEY (alert, sighting),
    FOREIGN KEY (organisation, alert) REFERENCES alert (organisation, id)
);
CREATE INDEX alert_sighting_sighting ON alert_sighting (sighting);

CREATE TABLE delivery (
    organisation BIGINT NOT NULL,
    id TEXT NOT NULL PRIMARY KEY,
    alert TEXT NOT NULL,
    batch BIGINT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    last_error TEXT,
    message TEXT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    owner TEXT,
    lease_until BIGINT,
    UNIQUE (alert, batch, channel),
    FOREIGN KEY (organisation, alert) REFERENCES alert (organisation, id)
);
CREATE INDEX delivery_pending ON delivery (organisation, channel, next_at, id) WHERE state = 'pending';

CREATE TABLE endpoint (
    organisation BIGINT NOT NULL,
    channel TEXT NOT NULL,
    last_success BIGINT,
    failures BIGINT NOT NULL,
    last_failure BIGINT,
    last_error TEXT,
    disabled_at BIGINT,
    disabled_why TEXT,
    PRIMARY KEY (organisation, channel)
);

CREATE TABLE silence (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id TEXT NOT NULL PRIMARY KEY,
    watchlist TEXT,
    entry TEXT,
    created_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    FOREIGN KEY (organisation, watchlist) REFERENCES watchlist (organisation, id),
    FOREIGN KEY (organisation, entry) REFERENCES entry (organisation, id)
);
CREATE INDEX silence_until ON silence (organisation, until);

-- Append-only: no statement of Sightline changes or deletes a row of it.
CREATE TABLE audit (
    organisation BIGINT NOT NULL REFERENCES organisation (number),
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
