//! The audit log's chain: it refuses to be changed, and tells where whoever is above that has changed it.

use std::collections::HashSet;

use sightline_model::*;
use sightline_store::{
    Engine, Filter, Store,
    audit::{self, Deed, Fault, Signed},
    captures,
    holds::{self, Held},
    observations, sightings,
};

use crate::{
    keeping::hold_of,
    support::{Place, at},
    world::{World, capture, fresh},
};

/// Deeds of a log.
const DEEDS: i64 = 9;

fn deed(nth: i64) -> Deed {
    Deed {
        at: at(nth),
        who: "R. Analyst".to_owned(),
        what: "alert.read".to_owned(),
        subject: format!("alert {nth}"),
        detail: "console".to_owned(),
    }
}

async fn append(store: &Store, organisation: OrganisationId, deeds: &[Deed]) {
    let mut tx = store.write(organisation).await.unwrap();
    for deed in deeds {
        audit::append(&mut tx, deed).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What would be signed of the log now.
async fn signed(store: &Store, organisation: OrganisationId) -> Signed {
    let mut tx = store.read(organisation).await.unwrap();
    let head = audit::head(&mut tx).await.unwrap().unwrap();
    Signed {
        size: head.tree.size(),
        root: head.tree.root(),
    }
}

async fn fault(store: &Store, organisation: OrganisationId, signed: &[Signed]) -> Option<Fault> {
    let mut tx = store.read(organisation).await.unwrap();
    audit::verify(&mut tx, signed).await.unwrap().fault
}

/// A log of some deeds, with what was signed after four and after all; and nothing that refuses changes any more.
async fn unguarded(place: &Place) -> (Store, OrganisationId, Vec<Signed>) {
    let (store, organisation, _) = place.inhabited().await;
    let deeds: Vec<Deed> = (0..DEEDS).map(deed).collect();
    append(&store, organisation, &deeds[..4]).await;
    let mut all = vec![signed(&store, organisation).await];
    append(&store, organisation, &deeds[4..]).await;
    all.push(signed(&store, organisation).await);
    assert_eq!(fault(&store, organisation, &all).await, None);
    place
        .meddle(match place.engine() {
            Engine::Sqlite => "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_cut",
            Engine::Postgres => "ALTER TABLE audit DISABLE TRIGGER ALL",
        })
        .await;
    place
        .meddle(
            "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head",
        )
        .await;
    (store, organisation, all)
}

async fn put_back(place: &Place) {
    place
        .meddle(
            "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;
             DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head",
        )
        .await;
}

pub async fn the_log_refuses_to_be_changed(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    append(&store, organisation, &[deed(1), deed(2)]).await;
    for statement in [
        "UPDATE audit SET who = 'nobody'",
        "UPDATE audit SET hash = NULL",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
    ] {
        let refused = place.try_to_meddle(statement).await.unwrap_err();
        assert!(refused.contains("only grows"), "{statement}: {refused}");
    }
    assert_eq!(fault(&store, organisation, &[]).await, None);
}

pub async fn every_change_of_the_log_is_found(place: &Place) {
    let (store, organisation, signed) = unguarded(place).await;
    let mut changes = Vec::new();
    for nth in 0..DEEDS {
        for change in [
            "id = id + 1000",
            "at = at + 1",
            "who = 'nobody'",
            "what = 'x'",
            "subject = ''",
            "detail = detail || ' '",
            "previous = hash",
            "hash = previous",
            "hash = NULL",
            "seq = seq + 1000",
            "seq = NULL",
        ] {
            changes.push(format!("UPDATE audit SET {change} WHERE seq = {nth}"));
        }
        changes.push(format!("DELETE FROM audit WHERE seq = {nth}"));
        // Two deeds change places: all that they say; and with their hashes.
        let other = (nth + 1) % DEEDS;
        changes.push(format!(
            "UPDATE audit SET subject = (SELECT subject FROM kept WHERE seq = {nth} + {other} - audit.seq)
             WHERE seq IN ({nth}, {other})"
        ));
        changes.push(format!(
            "UPDATE audit SET seq = -1 WHERE seq = {nth}; UPDATE audit SET seq = {nth} WHERE seq = {other};
             UPDATE audit SET seq = {other} WHERE seq = -1"
        ));
        // A deed is put in, as a copy; in its own place, at the end, or in none.
        for seq in [format!("{DEEDS}"), "NULL".to_owned(), "-1".to_owned()] {
            changes.push(format!(
                "INSERT INTO audit (organisation, id, at, who, what, subject, detail, seq, previous, hash)
                 SELECT organisation, 5000, at, who, what, subject, detail, {seq}, previous, hash FROM kept WHERE seq = {nth}"
            ));
        }
        // The tail is cut, and the head says so.
        changes.push(format!("DELETE FROM audit WHERE seq >= {nth}"));
    }
    changes.push("UPDATE audit_head SET hash = 'x'".to_owned());
    changes.push(format!("UPDATE audit_head SET size = {DEEDS} - 1"));
    for change in &changes {
        place.meddle(change).await;
        let mut tx = store.read(organisation).await.unwrap();
        // A head that does not read is an error of its own.
        let found = audit::verify(&mut tx, &[]).await;
        assert!(found.is_err() || found.unwrap().fault.is_some(), "{change}");
        drop(tx);
        put_back(place).await;
    }
    assert_eq!(fault(&store, organisation, &signed).await, None);
    // The first that does not fit is named.
    place
        .meddle("UPDATE audit SET who = 'nobody' WHERE seq IN (3, 6)")
        .await;
    let found = fault(&store, organisation, &signed).await;
    assert!(
        matches!(found, Some(Fault::Changed { seq: 3, .. })),
        "{found:?}"
    );
}

pub async fn what_was_signed_outlives_whoever_writes_the_log_anew(place: &Place) {
    let (store, organisation, signed) = unguarded(place).await;
    // By hands that know how: all is taken out, and a shorter and another log are written by the program's own means.
    let anew = |deeds: Vec<Deed>| {
        let store = &store;
        async move {
            place
                .meddle("DELETE FROM audit; DELETE FROM audit_head")
                .await;
            store
                .organisation("Lotus", at(0), &Mint::seeded(1))
                .await
                .unwrap();
            append(store, organisation, &deeds).await;
        }
    };
    for (deeds, expected) in [
        (
            (0..6).map(deed).collect(),
            Fault::Tail { signed: 9, size: 6 },
        ),
        (
            (0..DEEDS).map(|nth| deed(nth.max(2))).collect::<Vec<_>>(),
            Fault::Signed { met: 0, size: 4 },
        ),
        (
            (0..20)
                .map(|nth| deed(if nth < 5 { nth } else { nth + 1 }))
                .collect(),
            Fault::Signed { met: 4, size: 9 },
        ),
    ] {
        anew(deeds).await;
        // Without what was signed, nobody could tell: the chain by itself is sound.
        assert_eq!(fault(&store, organisation, &[]).await, None);
        let found = fault(&store, organisation, &signed).await;
        // The numbers of deeds differ as well, so what was signed first is not met either.
        let is_found = match (&found, &expected) {
            (Some(Fault::Signed { .. }), _) => true,
            (found, expected) => found.as_ref() == Some(expected),
        };
        assert!(is_found, "{found:?} for {expected:?}");
    }
}

pub async fn deeds_of_before_are_chained_when_the_store_is_opened(place: &Place) {
    let (store, organisation, signed) = unguarded(place).await;
    let other = store
        .organisation("Iris", at(0), &Mint::seeded(2))
        .await
        .unwrap();
    append(&store, other, &[deed(1)]).await;
    place
        .meddle("UPDATE audit SET seq = NULL, previous = NULL, hash = NULL; DELETE FROM audit_head")
        .await;
    assert_eq!(fault(&store, organisation, &[]).await, Some(Fault::NoChain));
    let again = place.open().await;
    for (name, organisation, signed) in [("Lotus", organisation, &signed[..]), ("Iris", other, &[])]
    {
        again
            .organisation(name, at(0), &Mint::seeded(3))
            .await
            .unwrap();
        assert_eq!(fault(&again, organisation, signed).await, None);
    }
    // Where only the head is lost, the work goes on behind the last.
    place.meddle("DELETE FROM audit_head").await;
    again
        .organisation("Lotus", at(0), &Mint::seeded(3))
        .await
        .unwrap();
    append(&again, organisation, &[deed(99)]).await;
    assert_eq!(fault(&again, organisation, &signed).await, None);
}

pub async fn a_log_may_begin_where_that_was_signed(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let deeds: Vec<Deed> = (0..DEEDS).map(deed).collect();
    append(&store, organisation, &deeds[..4]).await;
    let mut all = vec![signed(&store, organisation).await];
    append(&store, organisation, &deeds[4..]).await;
    all.push(signed(&store, organisation).await);
    let mut tx = store.write(organisation).await.unwrap();
    for (instant, places) in [(at(0), 0), (at(4), 4), (at(99), 9)] {
        let before = audit::places_before(&mut tx, instant).await.unwrap();
        assert_eq!(before, places, "{instant}");
    }
    let went = audit::begin_at(&mut tx, 4, "R. Analyst", at(50)).await;
    assert_eq!(went.unwrap(), 4);
    tx.commit().await.unwrap();
    assert_eq!(fault(&store, organisation, &all).await, None);
    assert_eq!(
        fault(&store, organisation, &all[1..]).await,
        Some(Fault::Start { size: 4 })
    );
    append(&store, organisation, &[deed(50)]).await;
    assert_eq!(fault(&store, organisation, &all).await, None);
    // What is left is guarded as before, and all of it may go.
    let refused = place.try_to_meddle("DELETE FROM audit").await.unwrap_err();
    assert!(refused.contains("only grows"), "{refused}");
    all.push(signed(&store, organisation).await);
    let mut tx = store.write(organisation).await.unwrap();
    let went = audit::begin_at(&mut tx, 99, "R. Analyst", at(60)).await;
    assert_eq!(went.unwrap(), 7);
    tx.commit().await.unwrap();
    assert_eq!(fault(&store, organisation, &all).await, None);
    let mut tx = store.read(organisation).await.unwrap();
    let report = audit::verify(&mut tx, &all).await.unwrap();
    assert_eq!((report.start, report.size, report.vouched), (11, 12, 11));
}

/// Whoever has the store's file can write the head and take out rows before it: no trigger stands in the way.
pub async fn a_beginning_that_was_cut_where_it_was_signed_is_found(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let deeds: Vec<Deed> = (0..DEEDS).map(deed).collect();
    append(&store, organisation, &deeds[..2]).await;
    let mut all = vec![signed(&store, organisation).await];
    append(&store, organisation, &deeds[2..4]).await;
    all.push(signed(&store, organisation).await);
    let later = {
        let mut tx = store.read(organisation).await.unwrap();
        audit::head(&mut tx).await.unwrap().unwrap().tree
    };
    append(&store, organisation, &deeds[4..]).await;
    // One that was meant does not speak for the next.
    let mut tx = store.write(organisation).await.unwrap();
    audit::begin_at(&mut tx, 2, "R. Analyst", at(50))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fault(&store, organisation, &all).await, None);
    let cut = format!(
        "UPDATE audit_head SET start = 4, start_tree = '{}' WHERE size > 4; DELETE FROM audit WHERE seq < 4",
        later.text()
    );
    place.meddle(&cut).await;
    assert_eq!(
        fault(&store, organisation, &all).await,
        Some(Fault::Unpurged { size: 4 })
    );
}

pub async fn deeds_of_many_at_once_are_one_chain(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let other = store
        .organisation("Iris", at(0), &Mint::seeded(2))
        .await
        .unwrap();
    let work = (0..40).map(|nth| {
        let store = store.clone();
        let organisation = [organisation, other][nth % 2];
        tokio::spawn(async move {
            let nth = nth as i64;
            append(&store, organisation, &[deed(nth), deed(nth + 100)]).await;
        })
    });
    for done in work.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    for organisation in [organisation, other] {
        let mut tx = store.read(organisation).await.unwrap();
        let report = audit::verify(&mut tx, &[]).await.unwrap();
        assert_eq!((report.size, report.fault), (40, None));
        let log = audit::list(&mut tx, &sightline_store::Filter::default()).await;
        let said: HashSet<String> = log.unwrap().into_iter().map(|it| it.deed.subject).collect();
        assert_eq!(said.len(), 40);
    }
}

pub async fn the_audit_log_grows(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let later = audit::Deed {
        at: at(9),
        what: "alert.close".to_owned(),
        ..deed(0)
    };
    audit::append(&mut tx, &deed(0)).await.unwrap();
    audit::append(&mut tx, &later).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(
        log.iter().map(|logged| &logged.deed).collect::<Vec<_>>(),
        [&later, &deed(0)]
    );
    let before = Filter {
        after: Some(log[0].id),
        ..Filter::default()
    };
    assert_eq!(
        audit::list(&mut tx, &before).await.unwrap()[0].deed,
        deed(0)
    );
    let closed = Filter {
        state: Some("alert.close"),
        ..Filter::default()
    };
    assert_eq!(audit::list(&mut tx, &closed).await.unwrap().len(), 1);
}

pub async fn a_deed_on_what_something_held_was_read_from_is_held(place: &Place) {
    let (store, _, mint) = place.inhabited().await;
    // What is seen in the listing now; what has the body of that; what a sighting was judged by before; and none of it.
    for (name, which, is_held) in [
        ("Iris", 0, true),
        ("Rose", 1, true),
        ("Dahlia", 2, true),
        ("Aster", 3, false),
    ] {
        let organisation = store.organisation(name, at(0), &mint).await.unwrap();
        let mut tx = store.write(organisation).await.unwrap();
        let world = World::fill(&mut tx, &mint).await;
        let mut pages = Vec::new();
        for _ in 0..4 {
            let id: CaptureId = fresh(&mut tx).await;
            let mut page = capture(id, &world.run, world.visit, "https://ads.example/42");
            page.evidence.record = format!("urn:uuid:{id}");
            pages.push(page);
        }
        pages[0].revisit_of = Some(pages[1].id);
        captures::insert(&mut tx, &pages).await.unwrap();
        let seen = Observation {
            capture: pages[0].id,
            ..world.observation.clone()
        };
        observations::update(&mut tx, &[seen]).await.unwrap();
        for (seconds, capture) in [(100, pages[2].id), (900, world.capture)] {
            let mut judged = Sighting {
                at: at(seconds),
                ..world.sighting.clone()
            };
            judged.explanation.capture = capture;
            sightings::update(&mut tx, &[judged]).await.unwrap();
        }
        let placed = hold_of(Held::Entry(world.entry.id), &mint);
        holds::place(&mut tx, &placed).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.write(organisation).await.unwrap();
        assert_eq!(holds::first_deed(&mut tx).await.unwrap(), None, "{name}");
        tx.rollback().await.unwrap();
        let size = signed(&store, organisation).await.size;
        let read = Deed {
            what: "capture.read".to_owned(),
            subject: pages[which].id.to_string(),
            ..deed(9)
        };
        append(&store, organisation, &[read]).await;
        let mut tx = store.write(organisation).await.unwrap();
        let first = holds::first_deed(&mut tx).await.unwrap();
        assert_eq!(first, is_held.then_some(size), "{name}");
        tx.rollback().await.unwrap();
    }
}
