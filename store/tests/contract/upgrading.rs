//! Upgrades: a store of an earlier schema, with rows of two organisations, is brought up to date.

use std::path::{Path, PathBuf};

use sightline_model::*;
use sightline_store::{
    Engine, deliveries, listings, pages,
    search::{self, Query, Wanted},
    sightings,
};
use sqlx::migrate::Migrator;

use crate::{
    support::{Place, START, at},
    world::url,
};

/// The files of the migrations, in order: the first makes schema 1.
pub fn migrations(place: &Place) -> Vec<PathBuf> {
    let engine = match place.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = std::fs::read_dir(folder.join(engine)).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Brings a store to this schema, as a Sightline of its day would.
pub async fn schema_of(place: &Place, version: usize) {
    let folder = place.path(&format!("schema {version}"));
    std::fs::create_dir(&folder).unwrap();
    for file in &migrations(place)[..version] {
        std::fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
    }
    let migrator = Migrator::new(folder).await.unwrap();
    let mut connection = place.bare().await;
    let applied = migrator.run_direct(None, &mut connection, false).await;
    applied.unwrap();
}

/// An organisation with a source, a run that ended and one under way, and two listings on a page, the second of which the
/// present run has seen.
fn some_rows(number: i64, names: [&str; 4]) -> String {
    let [organisation, source, ended, running] = names;
    let (first, second) = (number * 10, number * 10 + 1);
    let (before, now) = (at(-100).0, START.0);
    let run = |id: &str, planned: i64, state: &str| {
        format!(
            "INSERT INTO run (organisation, id, source, planned_at, started_at, state, visits, fetched, unchanged, failed,
               listings_new, listings_changed, listings_removed, sightings, bytes)
             VALUES ({number}, '{id}', '{source}', {planned}, {planned}, '{state}', 0, 0, 0, 0, 0, 0, 0, 0, 0);"
        )
    };
    let listing = |id: i64, seen: i64| {
        format!(
            "INSERT INTO listing (organisation, id, source, key, url, page, version, digest, first_seen, last_seen)
             VALUES ({number}, {id}, '{source}', '{id}', 'https://ads.example/{id}', {first}, 1, 'bb', {before}, {seen});"
        )
    };
    format!(
        "INSERT INTO organisation (id, name, created_at) VALUES ('{organisation}', '{organisation}', {before});
         INSERT INTO source (organisation, id, name, definition, digest, state, created_at)
         VALUES ({number}, '{source}', 'ads', 'null', '', 'active', {before});
         INSERT INTO page (organisation, id, source, url, digest, capture, reader, links, seen_at)
         VALUES ({number}, {first}, '{source}', 'https://ads.example/', '', 1, 'r', '[]', {now});
         {} {} {} {}",
        run(ended, before, "finished"),
        run(running, at(-1).0, "running"),
        listing(first, at(-50).0),
        listing(second, now),
    )
}

pub async fn listings_keep_their_page_through_the_upgrade(place: &Place) {
    schema_of(place, 1).await;
    let mint = Mint::seeded(5);
    let organisations: [OrganisationId; 2] = [mint.id(START), mint.id(START)];
    let mut running = Vec::new();
    for (number, organisation) in (1..).zip(organisations) {
        let (source, ended, now): (SourceId, RunId, RunId) =
            (mint.id(START), mint.id(START), mint.id(START));
        let names = [
            organisation.to_string(),
            source.to_string(),
            ended.to_string(),
            now.to_string(),
        ];
        let names = names.each_ref().map(String::as_str);
        place.meddle(&some_rows(number, names)).await;
        running.push(now);
    }

    let store = place.open().await;
    for ((number, organisation), run) in (1..).zip(organisations).zip(running) {
        let mut tx = store.read(organisation).await.unwrap();
        let [page, first, second] = [number * 10, number * 10, number * 10 + 1];
        let mut standing = listings::on_pages(&mut tx, &[PageId(page)]).await.unwrap();
        standing.sort_unstable();
        assert_eq!(
            standing,
            [
                (PageId(page), ListingId(first)),
                (PageId(page), ListingId(second))
            ]
        );
        let mut stored = listings::get(&mut tx, &[ListingId(first), ListingId(second)])
            .await
            .unwrap();
        stored.sort_unstable_by_key(|listing| listing.id);
        let seen: Vec<_> = stored.iter().map(|listing| listing.seen_run).collect();
        assert_eq!(
            seen,
            [None, Some(run)],
            "a run under way keeps what it has seen"
        );
    }
}

/// A message that waits and one that was given up, of an organisation's alert.
fn some_messages(number: i64, names: [&str; 6]) -> String {
    let [organisation, watchlist, entry, alert, waiting, dead] = names;
    let now = START.0;
    let delivery = |id: &str, batch: i64, state: &str| {
        format!(
            "INSERT INTO delivery (organisation, id, alert, batch, channel, state, attempts, next_at, message, created_at)
             VALUES ({number}, '{id}', '{alert}', {batch}, 'desk', '{state}', {batch}, {now}, '{{}}', {now});"
        )
    };
    format!(
        "INSERT INTO organisation (id, name, created_at) VALUES ('{organisation}', '{organisation}', {now});
         INSERT INTO watchlist (organisation, id, name, defaults, rules, created_at)
         VALUES ({number}, '{watchlist}', 'Lotus', 'null', 'null', {now});
         INSERT INTO entry (organisation, id, watchlist, kind, value, written, purpose, legal_basis, owner, category,
           review_at, tlp, state, created_at)
         VALUES ({number}, '{entry}', '{watchlist}', 'phone', '+12025550123', '', '', '', '', 'other', {now}, 'amber',
           'active', {now});
         INSERT INTO alert (organisation, id, watchlist, entry, state, severity, reasons, opened_at, updated_at, batch)
         VALUES ({number}, '{alert}', '{watchlist}', '{entry}', 'open', 'grave', '[]', {now}, {now}, 2);
         INSERT INTO endpoint (organisation, channel, failures) VALUES ({number}, 'desk', 0);
         {} {}",
        delivery(waiting, 1, "pending"),
        delivery(dead, 2, "dead"),
    )
}

pub async fn messages_keep_their_place_in_the_outbox_through_the_upgrade(place: &Place) {
    schema_of(place, 1).await;
    let mint = Mint::seeded(5);
    let organisations: [OrganisationId; 2] = [mint.id(START), mint.id(START)];
    let mut written = Vec::new();
    for (number, organisation) in (1..).zip(organisations) {
        let (list, entry): (WatchlistId, EntryId) = (mint.id(START), mint.id(START));
        let alert: AlertId = mint.id(START);
        let messages: [DeliveryId; 2] = [mint.id(START), mint.id(START)];
        let names = [
            organisation.to_string(),
            list.to_string(),
            entry.to_string(),
            alert.to_string(),
            messages[0].to_string(),
            messages[1].to_string(),
        ];
        let names = names.each_ref().map(String::as_str);
        place.meddle(&some_messages(number, names)).await;
        written.push((alert, messages));
    }

    let store = place.open().await;
    for (organisation, (alert, messages)) in organisations.into_iter().zip(written) {
        let mut tx = store.write(organisation).await.unwrap();
        let found = deliveries::of_alerts(&mut tx, &[alert]).await.unwrap();
        let kept: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.id,
                    one.topic,
                    one.batch,
                    one.state,
                    one.message.is_some(),
                )
            })
            .collect();
        let topic = Topic::Alert(alert);
        let [waiting, dead] = messages;
        assert_eq!(
            kept,
            [
                (waiting, topic, 1, DeliveryState::Pending, true),
                (dead, topic, 2, DeliveryState::Dead, true),
            ]
        );
        // One for each alert, batch and channel, as before.
        let again = Delivery {
            id: mint.id(START),
            ..found[0].clone()
        };
        assert_eq!(deliveries::insert(&mut tx, &[again]).await.unwrap(), 0);
    }
}

/// An organisation's listing that was edited after two entries were seen in it, as was stored before sightings kept what was
/// seen: the explanations are of the second version, the judgements of the first.
fn an_edited_ad(number: i64, names: [&str; 6]) -> String {
    let [organisation, source, watchlist, entries @ .., run] = names;
    let (then, now) = (START.0, at(60).0);
    let capture = |id: i64, at: i64| {
        format!(
            "INSERT INTO capture (organisation, id, source, run, visit, url, status, length, digest, fetched_at, took_ms,
               file, file_offset, file_length, record)
             VALUES ({number}, {id}, '{source}', '{run}', 1, 'https://ads.example/', 200, 9, 'aa', {at}, 1, 'f', 0, 1, 'r{id}');"
        )
    };
    let version = |version: i64, capture: i64, text: &str, at: i64| {
        format!(
            "INSERT INTO listing_version (organisation, listing, version, capture, title, body, fields, text, seen_at)
             VALUES ({number}, {number}, {version}, {capture}, '', '', '[]', '{text}', {at});"
        )
    };
    let sighting = |entry: &str, raw: &str| {
        let explanation = format!(
            r#"{{"raw":"{raw}","before":"it is ","after":"!","steps":["label"],"confidence":"exact","capture":{},"previous":null,"warning":null}}"#,
            number * 10 + 1
        );
        format!(
            "INSERT INTO entry (organisation, id, watchlist, kind, value, written, purpose, legal_basis, owner, category,
               review_at, tlp, state, created_at)
             VALUES ({number}, '{entry}', '{watchlist}', 'phone', '{raw}', '', '', '', '', 'other', {then}, 'amber',
               'active', {then});
             INSERT INTO sighting (organisation, id, entry, watchlist, listing, source, url, reason, at, first_seen,
               last_seen, current, explanation)
             VALUES ({number}, '{entry}', '{entry}', '{watchlist}', {number}, '{source}', 'https://ads.example/', 'first',
               {then}, {then}, {now}, 1, '{explanation}');"
        )
    };
    let [same, other] = entries;
    format!(
        "INSERT INTO organisation (id, name, created_at) VALUES ('{organisation}', '{organisation}', {then});
         INSERT INTO source (organisation, id, name, definition, digest, state, created_at)
         VALUES ({number}, '{source}', 'ads', 'null', '', 'active', {then});
         INSERT INTO watchlist (organisation, id, name, defaults, rules, created_at)
         VALUES ({number}, '{watchlist}', 'Lotus', 'null', 'null', {then});
         INSERT INTO page (organisation, id, source, url, digest, capture, reader, links, seen_at)
         VALUES ({number}, {number}, '{source}', 'https://ads.example/', '', 1, 'r', '[]', {now});
         INSERT INTO listing (organisation, id, source, key, url, page, version, digest, first_seen, last_seen)
         VALUES ({number}, {number}, '{source}', '1', 'https://ads.example/', {number}, 2, 'bb', {then}, {now});
         {} {} {} {} {} {}",
        capture(number * 10, then),
        capture(number * 10 + 1, now),
        version(1, number * 10, "Call +12025550123 – or ask", then),
        version(2, number * 10 + 1, "it is +12025550123! it is 2O2 555!", now),
        sighting(same, "+12025550123"),
        sighting(other, "2O2 555"),
    )
}

pub async fn sightings_keep_what_was_seen_through_the_upgrade(place: &Place) {
    schema_of(place, 1).await;
    let mint = Mint::seeded(5);
    let organisations: [OrganisationId; 2] = [mint.id(START), mint.id(START)];
    let mut written = Vec::new();
    for (number, organisation) in (1..).zip(organisations) {
        let (source, list, run): (SourceId, WatchlistId, RunId) =
            (mint.id(START), mint.id(START), mint.id(START));
        let seen: [SightingId; 2] = [mint.id(START), mint.id(START)];
        let names = [
            organisation.to_string(),
            source.to_string(),
            list.to_string(),
            seen[0].to_string(),
            seen[1].to_string(),
            run.to_string(),
        ];
        let names = names.each_ref().map(String::as_str);
        place.meddle(&an_edited_ad(number, names)).await;
        written.push((number, seen));
    }

    let store = place.open().await;
    for (organisation, (number, seen)) in organisations.into_iter().zip(written) {
        let mut tx = store.read(organisation).await.unwrap();
        let mut kept = sightings::get(&mut tx, &seen).await.unwrap();
        kept.sort_by_key(|one| one.id);
        let (then, now) = (CaptureId(number * 10), CaptureId(number * 10 + 1));
        for (one, raw) in kept.iter().zip(["+12025550123", "2O2 555"]) {
            assert_eq!(one.explanation.capture, then);
            let since = one.since.as_ref().unwrap();
            assert_eq!((since.at, since.explanation.capture), (at(60), now));
            assert_eq!(
                (&*since.explanation.raw, &*since.explanation.before),
                (raw, "it is ")
            );
            assert_eq!(since.explanation.steps.len(), 1);
        }
        // What stood there then as well is known in its words; of the other only the capture tells.
        let words = |one: &Sighting| {
            let said = &one.explanation;
            (
                said.before.clone(),
                said.raw.clone(),
                said.after.clone(),
                said.steps.len(),
            )
        };
        let same = ("Call ", "+12025550123", " – or ask");
        let same = (same.0.to_owned(), same.1.to_owned(), same.2.to_owned(), 1);
        assert_eq!(words(&kept[0]), same);
        assert_eq!(words(&kept[1]), Default::default());
    }
}

/// The identifiers of listings that say this, by a store that was just opened.
async fn said(place: &Place, organisation: OrganisationId, text: &str) -> Vec<ListingId> {
    let store = place.open().await;
    store.index_anew(|| {}).await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let wanted = Wanted {
        query: Query::read(text).unwrap(),
        source: None,
        since: None,
        until: None,
        after: None,
        limit: 9,
    };
    let found = search::page(&mut tx, &wanted).await.unwrap();
    drop(tx);
    store.close().await;
    found.listings
}

pub async fn what_was_indexed_before_is_indexed_anew(place: &Place) {
    schema_of(place, 1).await;
    let mint = Mint::seeded(5);
    let organisations: [OrganisationId; 2] = [mint.id(START), mint.id(START)];
    for (number, organisation) in (1..).zip(organisations) {
        let (source, runs): (SourceId, [RunId; 2]) =
            (mint.id(START), [mint.id(START), mint.id(START)]);
        let names = [
            organisation.to_string(),
            source.to_string(),
            runs[0].to_string(),
            runs[1].to_string(),
        ];
        let names = names.each_ref().map(String::as_str);
        let versions: String = (0..2)
            .map(|nth| {
                format!(
                    "INSERT INTO listing_version (organisation, listing, version, capture, title, body, fields, text, seen_at)
                     VALUES ({number}, {}, 1, 1, 'Ad', '', '[]', '新来的女孩 Élise', 1);",
                    number * 10 + nth
                )
            })
            .collect();
        place
            .meddle(&format!("{}{versions}", some_rows(number, names)))
            .await;
    }
    let listings = |number: i64| vec![ListingId(number * 10 + 1), ListingId(number * 10)];
    // Whoever waits for it is told, once for each organisation, and not again.
    for told in [2, 0] {
        let store = place.open().await;
        let mut begun = 0;
        store.index_anew(|| begun += 1).await.unwrap();
        store.close().await;
        assert_eq!(begun, told);
    }
    for (number, organisation) in (1..).zip(organisations) {
        for text in ["女孩", "elise"] {
            assert_eq!(
                said(place, organisation, text).await,
                listings(number),
                "{text}"
            );
        }
    }
    // Where that was stopped, it goes on.
    let taken_out = match place.engine() {
        Engine::Sqlite => "DELETE FROM listing_search WHERE rowid = 21",
        Engine::Postgres => "DELETE FROM listing_search WHERE listing = 21",
    };
    place
        .meddle(&format!(
            "{taken_out}; INSERT INTO search_rebuild (organisation, done_to) VALUES (2, 20)"
        ))
        .await;
    assert_eq!(said(place, organisations[1], "女孩").await, listings(2));
    assert_eq!(said(place, organisations[0], "女孩").await, listings(1));
}

/// An organisation's pages, all known by their bytes: a list, a listing's own page that has none any more, one that has one, and an
/// image.
fn known_pages(number: i64, [organisation, source, run]: [&str; 3]) -> String {
    let now = START.0;
    let id = |nth: i64| number * 10 + nth;
    let page = |nth: i64, reader: &str| {
        format!(
            "INSERT INTO page (organisation, id, source, url, etag, digest, capture, reader, links, seen_at)
             VALUES ({number}, {0}, '{source}', 'https://ads.example/{nth}', 'e', 'aa', {0}, '{reader}', '[]', {now});",
            id(nth)
        )
    };
    let capture = |nth: i64, kind: &str| {
        format!(
            "INSERT INTO visit (organisation, id, run, source, kind, url, host, depth, attempts, due_at, state)
             VALUES ({number}, {0}, '{run}', '{source}', '{kind}', 'https://ads.example/{nth}', 'ads.example', 0, 1, {now}, 'done');
             INSERT INTO capture (organisation, id, source, run, visit, url, status, length, digest, fetched_at, took_ms,
               file, file_offset, file_length, record)
             VALUES ({number}, {0}, '{source}', '{run}', {0}, 'https://ads.example/', 200, 9, 'aa', {now}, 1, 'f', 0, 1, 'r{0}');",
            id(nth)
        )
    };
    format!(
        "INSERT INTO organisation (id, name, created_at) VALUES ('{organisation}', '{organisation}', {now});
         INSERT INTO source (organisation, id, name, definition, digest, state, created_at)
         VALUES ({number}, '{source}', 'ads', 'null', '', 'active', {now});
         INSERT INTO run (organisation, id, source, planned_at, started_at, state, visits, fetched, unchanged, failed,
           listings_new, listings_changed, listings_removed, sightings, bytes)
         VALUES ({number}, '{run}', '{source}', {now}, {now}, 'finished', 0, 0, 0, 0, 0, 0, 0, 0, 0);
         {} {} {} {} {} {} {} {}
         INSERT INTO listing (organisation, id, source, key, url, version, digest, first_seen, last_seen)
         VALUES ({number}, {number}, '{source}', '1', 'https://ads.example/3', 1, 'bb', {now}, {now});
         INSERT INTO listing_page (organisation, page, listing) VALUES ({number}, {}, {number});",
        page(1, "r"),
        page(2, "r"),
        page(3, "r"),
        page(4, "image"),
        capture(1, "list"),
        capture(2, "detail"),
        capture(3, "detail"),
        capture(4, "image"),
        id(3),
    )
}

pub async fn what_was_taken_for_unchanged_is_read_anew_after_the_upgrade(place: &Place) {
    schema_of(place, 41).await;
    let mint = Mint::seeded(5);
    let now = START.0;
    // The first has purged listings, the second has taken an erasure back, the third neither.
    let receipt =
        "INSERT INTO purge_receipt (organisation, id, class, up_to, begun_at, place, gone, digest)";
    let erasure = "INSERT INTO erasure (organisation, id, at, who, why, what, digest, listings, captures, sightings, alerts, allowed_at)";
    let done = [
        format!("{receipt} VALUES (1, 'p', 'listings', {now}, {now}, '', 2, '')"),
        format!("{erasure} VALUES (2, 'e', {now}, '', '', 'listing', '', 1, 1, 0, 0, {now})"),
        format!("{receipt} VALUES (3, 'q', 'captures', {now}, {now}, '', 2, '')"),
    ];
    let mut written = Vec::new();
    for (number, done) in (1..).zip(done) {
        let organisation: OrganisationId = mint.id(START);
        let (source, run): (SourceId, RunId) = (mint.id(START), mint.id(START));
        let names = [
            organisation.to_string(),
            source.to_string(),
            run.to_string(),
        ];
        let pages = known_pages(number, names.each_ref().map(String::as_str));
        place.meddle(&format!("{pages} {done};")).await;
        written.push((number, organisation, source));
    }
    let store = place.open().await;
    let read_anew: [&[i64]; 3] = [&[1, 2], &[1], &[]];
    for ((number, organisation, source), expected) in written.into_iter().zip(read_anew) {
        let mut tx = store.read(organisation).await.unwrap();
        let urls = [1, 2, 3, 4].map(|nth| url(&format!("https://ads.example/{nth}")));
        let urls: Vec<_> = urls.iter().collect();
        let mut kept = pages::get(&mut tx, source, &urls).await.unwrap();
        kept.sort_by_key(|page| page.id);
        let anew: Vec<i64> = kept
            .iter()
            .filter(|page| page.digest.0.is_empty() && page.validators.etag.is_none())
            .map(|page| page.id.0 - number * 10)
            .collect();
        assert_eq!(anew, expected, "{number}");
    }
}
