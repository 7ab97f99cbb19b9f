//! For how long rows are kept: purges, holds, and files that are written anew.

use std::slice::from_ref;

use sightline_model::*;
use sightline_store::{
    erasures::{self, Erasure},
    holds::{self, Held, Hold, Lifted, Which},
    purges::{self, Class, Receipt},
    *,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

pub fn hold_of(of: Held, mint: &Mint) -> Hold {
    Hold {
        id: mint.id(START),
        of,
        placed_at: START,
        placed_by: "R. Analyst".to_owned(),
        reason: "letter of the prosecutor".to_owned(),
        lifted: None,
    }
}

pub fn erasure(mint: &Mint) -> Erasure {
    Erasure {
        id: mint.id(START),
        at: START,
        who: "R. Analyst".to_owned(),
        why: "request 14/27".to_owned(),
        what: "listing".to_owned(),
        digest: "dd".to_owned(),
        listings: 1,
        captures: 1,
        sightings: 0,
        alerts: 0,
        allowed_at: None,
    }
}

/// One row of each table that tells what was kept or not; what they hold keeps nothing of the world.
pub async fn fill(tx: &mut Tx, run: &Run, mint: &Mint) {
    let folder = crate::opening::folder("1f");
    data_folder::claim(tx, &folder).await.unwrap();
    holds::place(tx, &hold_of(Held::Case("another".to_owned()), mint))
        .await
        .unwrap();
    let gone = capture_in(tx, run, "gone.warc.gz").await;
    let receipt = purges::begin(tx, Class::Captures, START, START, mint)
        .await
        .unwrap();
    let due = [gone.to_string()];
    // Of the same instant as all others, so it goes by hand and not by its age.
    purges::take_out(tx, &later(&receipt), &due, START)
        .await
        .unwrap();
    purges::finish(tx, &receipt, START).await.unwrap();
    rewritings::begin(tx, "old.warc.gz", "new.warc.gz", START)
        .await
        .unwrap();
    erasures::note(tx, &erasure(mint), &["ee".to_owned()])
        .await
        .unwrap();
}

fn later(receipt: &Receipt) -> Receipt {
    Receipt {
        up_to: at(1),
        ..receipt.clone()
    }
}

/// A capture that nothing was read from.
async fn capture_in(tx: &mut Tx, run: &Run, file: &str) -> CaptureId {
    let id: CaptureId = fresh(tx).await;
    let mut alone = capture(id, run, VisitId(0), "https://ads.example/robots.txt");
    alone.evidence.file = file.to_owned();
    alone.evidence.record = format!("urn:uuid:{id}");
    captures::insert(tx, &[alone]).await.unwrap();
    id
}

/// How many of each class go, of a world in which everything is as old as can be, after `change`.
async fn gone(tx: &mut Tx, mint: &Mint) -> Vec<(Class, i64)> {
    let mut all = Vec::new();
    for class in Class::ALL {
        let mut receipt = purges::begin(tx, class, at(1_000), at(2_000), mint)
            .await
            .unwrap();
        loop {
            let due = purges::due(tx, class, receipt.up_to, &receipt.place, 2)
                .await
                .unwrap();
            if due.is_empty() {
                break;
            }
            receipt = purges::take_out(tx, &receipt, &due, at(2_000))
                .await
                .unwrap();
        }
        purges::finish(tx, &receipt, at(2_000)).await.unwrap();
        assert_eq!(receipt.digest.is_empty(), receipt.gone == 0);
        all.push((class, receipt.gone));
    }
    all
}

pub async fn close(tx: &mut Tx, world: &World) {
    let closed = Alert {
        state: AlertState::Closed,
        closed: Some((Closed::Confirmed, at(1))),
        ..world.alert.clone()
    };
    alerts::update(tx, from_ref(&closed)).await.unwrap();
    let end = deliveries::DeliveryEnd::Delivered;
    deliveries::finish(tx, world.delivery.id, &end, START)
        .await
        .unwrap();
}

async fn hide(tx: &mut Tx, world: &World) {
    let other = Observation {
        current: false,
        ..world.observation.clone()
    };
    observations::update(tx, &[other]).await.unwrap();
}

pub async fn what_may_go_goes_and_the_rest_stays(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    // An open alert keeps all that it stands on; a closed one goes, and with it all the rest, in one pass.
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    assert!(
        gone(&mut tx, &mint)
            .await
            .iter()
            .all(|(_, gone)| *gone == 0)
    );
    close(&mut tx, &world).await;
    assert_eq!(
        gone(&mut tx, &mint).await,
        [
            (Class::Alerts, 1),
            (Class::Sightings, 1),
            (Class::Observations, 0),
            (Class::Listings, 1),
            (Class::Images, 1),
            (Class::Captures, 1)
        ]
    );
    assert_eq!(captures::get(&mut tx, &[world.capture]).await.unwrap(), []);
    let pending = rewritings::pending(&mut tx).await.unwrap();
    assert!(
        pending.contains(&"20261123-1.warc.gz".to_owned()),
        "{pending:?}"
    );
    tx.rollback().await.unwrap();

    // What is younger than its period stays, and so does what stands under it.
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    close(&mut tx, &world).await;
    for class in Class::ALL {
        assert_eq!(
            purges::count(&mut tx, class, START, 9).await.unwrap(),
            0,
            "{class:?}"
        );
    }
    tx.rollback().await.unwrap();

    // An observation that is shown no longer goes by itself only where nothing was sighted in its listing.
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    hide(&mut tx, &world).await;
    let count = purges::count(&mut tx, Class::Observations, at(1_000), 9).await;
    assert_eq!(count.unwrap(), 0);
    tx.rollback().await.unwrap();
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "plain", &mint).await;
    let plain = listing(fresh(&mut tx).await, &run, "7");
    listings::insert(&mut tx, from_ref(&plain)).await.unwrap();
    let selector = Selector::new(Kind::Phone, "+12025550199");
    let ids = selectors::intern(&mut tx, from_ref(&selector))
        .await
        .unwrap();
    let seen = Observation {
        current: false,
        ..observation(
            fresh(&mut tx).await,
            &plain,
            ids[0],
            selector.clone(),
            CaptureId(9),
        )
    };
    observations::insert(&mut tx, from_ref(&seen))
        .await
        .unwrap();
    assert_eq!(gone(&mut tx, &mint).await[2], (Class::Observations, 1));
    assert_eq!(
        seen::known(&mut tx, &selector).await.unwrap(),
        None,
        "nothing shows it any more"
    );
}

pub async fn a_purge_goes_on_where_it_was_stopped(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let mut ids = Vec::new();
    for nth in 0..5 {
        ids.push(capture_in(&mut tx, &run, &format!("{nth}.warc.gz")).await);
    }
    let begun = purges::begin(&mut tx, Class::Captures, at(9), at(10), &mint)
        .await
        .unwrap();
    let due = purges::due(&mut tx, Class::Captures, at(9), &begun.place, 2)
        .await
        .unwrap();
    let first = purges::take_out(&mut tx, &begun, &due, at(10))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // Another process, later: the same instant, behind what is gone.
    let mut tx = store.write(organisation).await.unwrap();
    let again = purges::begin(&mut tx, Class::Captures, at(99), at(100), &mint)
        .await
        .unwrap();
    assert_eq!(again, first);
    let due = purges::due(&mut tx, Class::Captures, again.up_to, &again.place, 9)
        .await
        .unwrap();
    let expected: Vec<String> = ids[2..].iter().map(ToString::to_string).collect();
    assert_eq!(due, expected);
    let done = purges::take_out(&mut tx, &again, &due, at(100))
        .await
        .unwrap();
    purges::finish(&mut tx, &done, at(100)).await.unwrap();
    // Whoever knows the identifiers computes the digest again.
    let lines = |ids: &[CaptureId]| ids.iter().map(|id| format!("{id}\n")).collect::<String>();
    let digest = erasures::sha256(&lines(&ids[..2]));
    let digest = erasures::sha256(&format!("{digest}{}", lines(&ids[2..])));
    let last = purges::last(&mut tx, Class::Captures)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((last.gone, &last.digest), (5, &digest));
    assert_eq!(last.finished_at, Some(at(100)));
    let listed = purges::list(&mut tx, None, 9).await.unwrap();
    assert_eq!(listed, from_ref(&last));
    let behind = purges::list(&mut tx, Some(last.id), 9).await.unwrap();
    assert_eq!(behind, []);
    assert_eq!(
        purges::unfinished(&mut tx, Class::Captures).await.unwrap(),
        None
    );
    let stones = erasures::tombstones(&mut tx, &last.id.to_string(), 9)
        .await
        .unwrap();
    assert_eq!(stones.len(), 5);
}

pub async fn a_hold_keeps_what_it_covers(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    type Of = fn(&World) -> Held;
    let cases: [(Of, bool); 6] = [
        (|_| Held::Case("C-1".to_owned()), true),
        (|_| Held::Case("C-2".to_owned()), false),
        (|world| Held::Entry(world.entry.id), true),
        (|world| Held::Entry(EntryId(world.alert.id.0)), false),
        (|world| Held::Alert(world.alert.id), true),
        (|world| Held::Alert(AlertId(world.entry.id.0)), false),
    ];
    for (of, is_held) in cases {
        let mut tx = store.write(organisation).await.unwrap();
        let world = World::fill(&mut tx, &mint).await;
        close(&mut tx, &world).await;
        let placed = hold_of(of(&world), &mint);
        holds::place(&mut tx, &placed).await.unwrap();
        let over = holds::over_listings(&mut tx, &[world.listing.id])
            .await
            .unwrap();
        let expected: &[Hold] = if is_held { from_ref(&placed) } else { &[] };
        assert_eq!(over, expected);
        assert_eq!(
            holds::over_entries(&mut tx, &[world.entry.id])
                .await
                .unwrap(),
            expected
        );
        let before = gone(&mut tx, &mint).await;
        assert_eq!(
            before.iter().all(|(_, gone)| *gone == 0),
            is_held,
            "{:?}",
            placed.of
        );
        // Lifted, it covers nothing.
        let lifted = Lifted {
            at: at(3),
            by: "R. Analyst".to_owned(),
            why: "judgment is final".to_owned(),
        };
        assert!(holds::lift(&mut tx, placed.id, &lifted).await.unwrap());
        assert!(!holds::lift(&mut tx, placed.id, &lifted).await.unwrap());
        let standing = holds::list(&mut tx, Which::Standing, None, 9)
            .await
            .unwrap();
        assert!(standing.iter().all(|one| one.id != placed.id));
        let all = holds::list(&mut tx, Which::All, None, 9).await.unwrap();
        let behind = holds::list(&mut tx, Which::All, Some(placed.id), 9).await;
        let earlier = all.iter().filter(|one| one.id < placed.id).cloned();
        assert_eq!(behind.unwrap(), earlier.collect::<Vec<_>>());
        assert!(all.contains(&Hold {
            lifted: Some(lifted),
            ..placed
        }));
        if is_held {
            let after = gone(&mut tx, &mint).await;
            assert!(after.iter().any(|(_, gone)| *gone > 0), "{after:?}");
        }
        tx.rollback().await.unwrap();
    }
}

pub async fn captures_move_with_their_file(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let [stays, goes] = [
        capture_in(&mut tx, &run, "a.warc.gz").await,
        capture_in(&mut tx, &run, "b.warc.gz").await,
    ];
    let begun = purges::begin(&mut tx, Class::Captures, at(9), at(9), &mint)
        .await
        .unwrap();
    purges::take_out(&mut tx, &begun, &[goes.to_string()], at(9))
        .await
        .unwrap();
    assert_eq!(rewritings::pending(&mut tx).await.unwrap(), ["b.warc.gz"]);
    rewritings::begin(&mut tx, "a.warc.gz", "c.warc.gz", at(9))
        .await
        .unwrap();
    let under_way = rewritings::unfinished(&mut tx).await.unwrap();
    assert_eq!(under_way.len(), 1);
    assert!(!under_way[0].is_moved);
    assert_eq!(
        rewritings::gone(&mut tx, &["a.warc.gz"]).await.unwrap(),
        Vec::<String>::new()
    );
    // A capture that came meanwhile: nothing moves.
    let moved = rewritings::move_to(&mut tx, ("a.warc.gz", "c.warc.gz"), &[], &[], at(9)).await;
    assert!(!moved.unwrap());
    let to = [(stays, 3)];
    assert!(
        rewritings::move_to(&mut tx, ("a.warc.gz", "c.warc.gz"), &to, &[], at(9))
            .await
            .unwrap()
    );
    let capture = captures::get(&mut tx, &[stays])
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(
        (capture.evidence.file.as_str(), capture.evidence.offset),
        ("c.warc.gz", 3)
    );
    assert_eq!(
        rewritings::gone(&mut tx, &["a.warc.gz", "b.warc.gz"])
            .await
            .unwrap(),
        ["a.warc.gz"]
    );
    assert!(rewritings::unfinished(&mut tx).await.unwrap()[0].is_moved);
    // What was moved is not undone.
    rewritings::undo(&mut tx, "a.warc.gz").await.unwrap();
    rewritings::finish(&mut tx, "a.warc.gz", at(9))
        .await
        .unwrap();
    assert_eq!(rewritings::unfinished(&mut tx).await.unwrap(), []);
    assert_eq!(
        rewritings::gone(&mut tx, &["a.warc.gz"]).await.unwrap(),
        ["a.warc.gz"]
    );
    let record = format!("urn:uuid:{goes}");
    let left = [(record.as_str(), "ff")];
    rewritings::begin(&mut tx, "b.warc.gz", "", at(9))
        .await
        .unwrap();
    assert!(
        rewritings::move_to(&mut tx, ("b.warc.gz", ""), &[], &left, at(9))
            .await
            .unwrap()
    );
    assert_eq!(
        rewritings::pending(&mut tx).await.unwrap(),
        Vec::<String>::new()
    );
    let stones = erasures::tombstones(&mut tx, &begun.id.to_string(), 9)
        .await
        .unwrap();
    assert_eq!(stones[0].record_digest.as_deref(), Some("ff"));
    assert_eq!(stones[0].removed_at, Some(at(9)));
    let named = rewritings::named(&mut tx, &["a.warc.gz", "c.warc.gz"])
        .await
        .unwrap();
    assert_eq!(named, ["c.warc.gz"]);
}

/// Tries to take out and move what is another's, by identifier.
pub async fn is_not_ours(tx: &mut Tx, them: &World) {
    let listing = [them.listing.id];
    assert_eq!(holds::over_listings(tx, &listing).await.unwrap(), []);
    assert_eq!(holds::over_entries(tx, &[them.entry.id]).await.unwrap(), []);
    let found = erasures::follow(tx, &listing).await.unwrap();
    let nothing = erasures::Found {
        listings: listing.to_vec(),
        ..erasures::Found::default()
    };
    assert_eq!(found, nothing);
    assert_eq!(
        erasures::showing(tx, them.observation.selector_id)
            .await
            .unwrap(),
        []
    );
    assert_eq!(erasures::alerts_of(tx, &[them.entry.id]).await.unwrap(), []);
    let theirs = erasures::Found {
        sightings: vec![them.sighting.id],
        alerts: vec![them.alert.id],
        other_alerts: vec![them.alert.id],
        captures: vec![them.capture],
        images: vec![them.image.id],
        urls: vec![(them.source, them.listing.url.clone())],
        ..nothing
    };
    let cause = ErasureId(them.alert.id.0);
    erasures::take_out(tx, &theirs, cause, at(1)).await.unwrap();
    erasures::take_out_selector(tx, &them.observation.selector, &[them.entry.id])
        .await
        .unwrap();
    assert_eq!(
        erasures::tombstones(tx, &cause.to_string(), 9)
            .await
            .unwrap(),
        []
    );
    for class in Class::ALL {
        let id = match class {
            Class::Alerts => them.alert.id.to_string(),
            Class::Sightings => them.sighting.id.to_string(),
            Class::Observations => them.observation.id.to_string(),
            Class::Listings => them.listing.id.to_string(),
            Class::Images => them.image.id.to_string(),
            Class::Captures => them.capture.to_string(),
        };
        let receipt = Receipt {
            id: ReceiptId(them.alert.id.0),
            class,
            up_to: at(99),
            begun_at: START,
            finished_at: None,
            place: String::new(),
            gone: 0,
            digest: String::new(),
        };
        let after = purges::take_out(tx, &receipt, &[id], at(9)).await.unwrap();
        assert_eq!(after.gone, 0, "{class:?}");
    }
    let existing = captures::existing(tx, &[them.capture]).await.unwrap();
    assert!(existing.is_empty());
}
