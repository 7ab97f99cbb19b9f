//! Upgrades: a store of an earlier schema, with rows of two organisations, is brought up to date.

use std::path::Path;

use sightline_model::*;
use sightline_store::{Engine, listings};
use sqlx::migrate::Migrator;

use crate::support::{Place, START, at};

/// A store of the first schema.
async fn first_schema(place: &Place) {
    let folder = place.path("first");
    std::fs::create_dir(&folder).unwrap();
    let mut connection = place.bare().await;
    let name = match place.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let file = "0001_first.sql";
    std::fs::copy(migrations.join(name).join(file), folder.join(file)).unwrap();
    let migrator = Migrator::new(folder).await.unwrap();
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
    first_schema(place).await;
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
