//! Erasures: what goes, what stays, and what is known if it comes again.

use std::{collections::BTreeSet, slice::from_ref};

use sightline_model::*;
use sightline_store::{
    deliveries::DeliveryEnd,
    erasures::{self, ERASED},
    purges::{self, Class},
    *,
};
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::{
    judged::{judge_anew, with_words_since},
    keeping::{close, erasure},
    support::{Place, START, at, dump, tables},
    world::*,
};

pub async fn every_table_is_on_the_erasure_list(place: &Place) {
    let (store, ..) = place.inhabited().await;
    let mut connection = place.all_seeing().await;
    let mut there: BTreeSet<String> = tables(&mut connection, store.engine())
        .await
        .into_iter()
        .collect();
    // Words of an index; on SQLite no table as others are.
    there.insert("listing_search".to_owned());
    let listed: BTreeSet<String> = ERASED
        .iter()
        .map(|(table, _)| (*table).to_owned())
        .collect();
    assert_eq!(there, listed, "say in ERASED what an erasure does there");
    assert!(ERASED.iter().all(|(_, what)| !what.is_empty()));
    assert_eq!(listed.len(), ERASED.len());
}

/// What stands of a listing anywhere, as somebody would look for it.
const TRACES: [&str; 8] = [
    "Rose",
    "+1 202 555 0123",
    "ads.example/42",
    "img.example",
    "+12025550123",
    "Rang the desk",
    "a later wording",
    "a new judgement's",
];

pub async fn what_is_erased_is_nowhere(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let selector = world.observation.selector.clone();
    let [_, anew] = judge_anew(&mut tx, &world.sighting, world.alert.id).await;
    sightings::update(&mut tx, from_ref(&anew)).await.unwrap();
    let before = sightings::before(&mut tx, &[anew.id]).await.unwrap();
    assert_eq!(before.len(), 2, "what an alert rests on is kept");
    sightings::update(&mut tx, &[with_words_since(&anew)])
        .await
        .unwrap();
    entries::withdraw(&mut tx, &[world.entry.id]).await.unwrap();
    tx.commit().await.unwrap();
    let before = dump(place, store.engine(), organisation).await.join("\n");
    for trace in TRACES {
        assert!(before.contains(trace), "{trace} was never there");
    }
    let mut tx = store.write(organisation).await.unwrap();
    let id = seen::known(&mut tx, &selector).await.unwrap().unwrap();
    let listings = erasures::showing(&mut tx, id).await.unwrap();
    assert_eq!(listings, [world.listing.id]);
    let found = erasures::follow(&mut tx, &listings).await.unwrap();
    assert_eq!(found.alerts, [world.alert.id]);
    assert_eq!(found.captures, [world.capture]);
    let cause: ErasureId = mint.id(START);
    erasures::take_out(&mut tx, &found, cause, at(5))
        .await
        .unwrap();
    erasures::take_out_selector(&mut tx, &selector, &[world.entry.id])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let after = dump(place, store.engine(), organisation).await.join("\n");
    for trace in TRACES {
        let left: Vec<&str> = after.lines().filter(|line| line.contains(trace)).collect();
        assert_eq!(left, Vec::<&str>::new(), "{trace}");
    }
    // That there was something is known by its digest.
    let mut tx = store.read(organisation).await.unwrap();
    let stones = erasures::tombstones(&mut tx, &cause.to_string(), 9)
        .await
        .unwrap();
    assert_eq!(stones.len(), 1);
    assert_eq!(stones[0].body_digest, format!("{:064x}", world.capture.0));
    assert_eq!((stones[0].removed_at, stones[0].gone_at), (None, at(5)));
    assert_eq!(
        health::integrity(&store).await.unwrap(),
        Vec::<String>::new()
    );
}

/// Which of the traces stand in the files of the database itself, whether a row shows them or not.
async fn in_files(place: &Place) -> BTreeSet<&'static str> {
    let mut connection = place.all_seeing().await;
    let mut found = BTreeSet::new();
    for trace in TRACES {
        let is_there = match place.schema() {
            None => {
                let bytes = std::fs::read(place.file()).unwrap();
                bytes
                    .windows(trace.len())
                    .any(|part| part == trace.as_bytes())
            }
            Some(schema) => {
                connection.execute("CHECKPOINT").await.unwrap();
                let text = format!(
                    "SELECT count(*) FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind IN ('r', 'i')
                       AND position(convert_to('{}', 'UTF8') IN pg_read_binary_file(pg_relation_filepath(oid))) > 0",
                    trace.replace('\'', "''")
                );
                let row = connection.fetch_one(AssertSqlSafe(text)).await.unwrap();
                row.get::<i64, _>(0) > 0
            }
        };
        if is_there {
            found.insert(trace);
        }
    }
    found
}

pub async fn what_is_erased_is_in_no_file(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    entries::withdraw(&mut tx, &[world.entry.id]).await.unwrap();
    // What stays: a sample is taken of nothing else.
    let others = [
        listing(fresh(&mut tx).await, &world.run, "43"),
        listing(fresh(&mut tx).await, &world.run, "44"),
    ];
    listings::insert(&mut tx, &others).await.unwrap();
    tx.commit().await.unwrap();
    if store.engine() == Engine::Postgres {
        place.meddle("ANALYZE listing").await;
        assert!(is_sampled(place, "ads.example/42").await);
    }
    let mut tx = store.write(organisation).await.unwrap();
    let found = erasures::follow(&mut tx, &[world.listing.id])
        .await
        .unwrap();
    let cause: ErasureId = mint.id(START);
    erasures::take_out(&mut tx, &found, cause, at(5))
        .await
        .unwrap();
    let selector = &world.observation.selector;
    erasures::take_out_selector(&mut tx, selector, &[world.entry.id])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    if store.engine() == Engine::Postgres {
        assert!(in_files(place).await.contains("ads.example/42"));
        // Somebody still sees it, and so it is not gone.
        let mut reader = place.all_seeing().await;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM capture";
        reader.execute(sqlx::raw_sql(begin)).await.unwrap();
        assert!(!erasures::wipe(&store).await.unwrap());
        reader.execute("COMMIT").await.unwrap();
        // So it is while a writer waits in its transaction, which has a number and no snapshot.
        let begin = "BEGIN; SELECT CAST(pg_current_xact_id() AS TEXT)";
        reader.execute(sqlx::raw_sql(begin)).await.unwrap();
        assert!(!erasures::wipe(&store).await.unwrap());
        reader.execute("COMMIT").await.unwrap();
    }
    // Others work in the same database meanwhile.
    let mut is_wiped = false;
    for _ in 0..30 {
        is_wiped = is_wiped || erasures::wipe(&store).await.unwrap();
    }
    assert!(is_wiped);
    assert_eq!(in_files(place).await, BTreeSet::new());
    if store.engine() == Engine::Postgres {
        assert!(is_sampled(place, "ads.example/43").await);
        assert!(!is_sampled(place, "ads.example/42").await);
    }
}

/// Whether PostgreSQL's statistics of the store hold a value with these words.
async fn is_sampled(place: &Place, words: &str) -> bool {
    let mut connection = place.all_seeing().await;
    let text = format!(
        "SELECT count(*) FROM pg_stats WHERE schemaname = current_schema()
           AND concat(most_common_vals, histogram_bounds) LIKE '%{words}%'"
    );
    let row = connection.fetch_one(AssertSqlSafe(text)).await.unwrap();
    row.get::<i64, _>(0) > 0
}

pub async fn what_other_listings_show_stays(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let other = listing(fresh(&mut tx).await, &world.run, "43");
    listings::insert(&mut tx, from_ref(&other)).await.unwrap();
    let said = version(other.id, 1, world.capture, "Iris");
    listings::add_versions(&mut tx, from_ref(&said))
        .await
        .unwrap();
    let shown = url("https://img.example/1.jpg");
    images::set_of_listings(&mut tx, &[(other.id, vec![shown.clone()])])
        .await
        .unwrap();
    images::link(&mut tx, &[(other.id, shown, world.image.id)])
        .await
        .unwrap();
    let seen = observation(
        fresh(&mut tx).await,
        &other,
        world.observation.selector_id,
        world.observation.selector.clone(),
        world.capture,
    );
    observations::insert(&mut tx, from_ref(&seen))
        .await
        .unwrap();
    let told = sighting(&world.entry, &other, &mint);
    sightings::insert(&mut tx, from_ref(&told)).await.unwrap();
    alerts::attach(&mut tx, &[(world.alert.id, told.id, Some(1))])
        .await
        .unwrap();

    let found = erasures::follow(&mut tx, &[world.listing.id])
        .await
        .unwrap();
    assert_eq!(
        found.beside,
        [other.id],
        "it was read from the same capture"
    );
    assert_eq!(
        (&found.alerts[..], &found.other_alerts[..]),
        (&[][..], &[world.alert.id][..])
    );
    assert_eq!(found.images, []);
    // A receiver may repeat what it was sent.
    let said = r#"{"reached":["a"],"refused":{"b":"550 no ad of Rose"}}"#;
    deliveries::keep_progress(&mut tx, world.delivery.id, Some(said))
        .await
        .unwrap();
    erasures::take_out(&mut tx, &found, mint.id(START), at(5))
        .await
        .unwrap();
    assert_eq!(
        listings::get(&mut tx, &[world.listing.id, other.id])
            .await
            .unwrap(),
        from_ref(&other)
    );
    assert_eq!(
        observations::of_listings(&mut tx, &[other.id])
            .await
            .unwrap(),
        [seen]
    );
    assert_eq!(
        images::get(&mut tx, &[world.image.id]).await.unwrap(),
        [world.image]
    );
    let left = alerts::sightings_of(&mut tx, world.alert.id, None)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    let sent = deliveries::get(&mut tx, world.delivery.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((sent.message, sent.progress), (None, None));
}

/// By what an alert goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goes {
    Erased,
    OfAge,
}

pub async fn a_digest_that_tells_of_what_goes_is_forgotten(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    for goes in [Goes::Erased, Goes::OfAge] {
        let mut tx = store.write(organisation).await.unwrap();
        let world = World::fill(&mut tx, &mint).await;
        // Of an alert that stays: its digest tells of the other, too.
        let own = Alert {
            group: Group::Case("12/26".to_owned()),
            ..alert(&world.entry, &mint)
        };
        alerts::insert(&mut tx, from_ref(&own)).await.unwrap();
        let waits = |of: &Alert, channel: &str, batch| Delivery {
            batch,
            waits: Some(Wait::Digest),
            ..delivery(of, channel, START, &mint)
        };
        let said = |code: &str| format!("{code} nothing of Rose");
        let late = DeliveryEnd::Retry {
            at: at(9),
            error: said("451"),
        };
        let mut ends = vec![
            ("sent", DeliveryEnd::Partly { note: said("550") }),
            ("dead", DeliveryEnd::Dead { error: said("554") }),
        ];
        // What still waits keeps its alert from going by age.
        ends.extend((goes == Goes::Erased).then_some(("late", late)));
        let mut digests = Vec::new();
        for (channel, end) in &ends {
            let [carrier, beside, gone] = [
                waits(&own, channel, 1),
                waits(&own, channel, 2),
                waits(&world.alert, channel, 3),
            ];
            let rows = [&carrier, &beside, &gone].map(Clone::clone);
            deliveries::insert(&mut tx, &rows).await.unwrap();
            let carried = deliveries::carry(&mut tx, &carrier, world.watchlist.id, at(1)).await;
            assert_eq!(carried.unwrap().len(), 2);
            let message = "seen: Rose, and Iris";
            deliveries::seal(&mut tx, carrier.id, message)
                .await
                .unwrap();
            deliveries::finish(&mut tx, carrier.id, end, at(2))
                .await
                .unwrap();
            digests.push((*channel, carrier.id, beside.id));
        }
        take_out(&mut tx, &world, goes, &mint).await;
        let left = alerts::get(&mut tx, &[world.alert.id]).await.unwrap();
        assert_eq!(left, [], "{goes:?}");
        for (channel, carrier, beside) in digests {
            for id in [carrier, beside] {
                let left = deliveries::get(&mut tx, id).await.unwrap().unwrap();
                let words = (left.message, left.last_error);
                assert_eq!(words, (None, None), "{goes:?} {channel}");
                // What it told beside is told by itself; were it still its digest's, that would be written anew without it.
                let stays = channel == "sent" && id == beside;
                assert_eq!(left.carrier, stays.then_some(carrier), "{goes:?} {channel}");
            }
        }
        tx.rollback().await.unwrap();
    }
}

/// Takes out the alert of the world.
async fn take_out(tx: &mut Tx, world: &World, goes: Goes, mint: &Mint) {
    if goes == Goes::OfAge {
        close(tx, world).await;
        let begun = purges::begin(tx, Class::Alerts, at(99), at(99), mint).await;
        let due = [world.alert.id.to_string()];
        let receipt = purges::take_out(tx, &begun.unwrap(), &due, at(99)).await;
        assert_eq!(receipt.unwrap().gone, 1);
        return;
    }
    let found = erasures::follow(tx, &[world.listing.id]).await.unwrap();
    assert_eq!(
        (&found.alerts[..], &found.other_alerts[..]),
        (&[world.alert.id][..], &[][..])
    );
    erasures::take_out(tx, &found, mint.id(START), at(5))
        .await
        .unwrap();
}

pub async fn what_was_erased_is_known_if_it_comes_again(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let source = running(&mut tx, "ads", &mint).await.source;
    assert!(!erasures::any_suppressed(&mut tx).await.unwrap());
    let marks = [
        erasures::mark_of_listing(source, "42"),
        erasures::mark_of_url(source, &url("https://ads.example/42")),
    ];
    let noted = erasure(&mint);
    erasures::note(&mut tx, &noted, &marks).await.unwrap();
    assert!(erasures::any_suppressed(&mut tx).await.unwrap());
    let other = erasures::mark_of_listing(source, "43");
    let asked = [marks[0].as_str(), other.as_str()];
    let known = erasures::suppressed(&mut tx, &asked).await.unwrap();
    assert_eq!(known, [marks[0].clone()]);
    let listed = erasures::list(&mut tx, None, 9).await.unwrap();
    assert_eq!(listed, from_ref(&noted));
    let behind = erasures::list(&mut tx, Some(noted.id), 9).await.unwrap();
    assert_eq!(behind, []);
    assert!(erasures::allow(&mut tx, noted.id, at(8)).await.unwrap());
    assert!(!erasures::allow(&mut tx, noted.id, at(9)).await.unwrap());
    assert_eq!(
        erasures::suppressed(&mut tx, &asked).await.unwrap(),
        Vec::<String>::new()
    );
}
