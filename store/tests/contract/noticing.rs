//! Notices: one is open about one thing, a digest is taken once, and their messages go through the outbox like any other.

use std::time::Duration;

use sightline_model::*;
use sightline_store::{
    Filter, alert_life, alerts,
    deliveries::{self, DeliveryEnd},
    entries::{self, ending},
    notices, runs,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

pub fn notice(kind: NoticeKind, subject: &str, mint: &Mint) -> Notice {
    Notice {
        id: mint.id(START),
        kind,
        subject: subject.to_owned(),
        told: Told::Fault(Fault {
            name: subject.to_owned(),
            count: 3,
            what: "it fails".to_owned(),
            remedy: "mend it".to_owned(),
            place: Some("/srv/sources on one".to_owned()),
            well_since: Some(at(5)),
            again: 2,
            ..Fault::default()
        }),
        opened_at: START,
        batch: 1,
        told_at: START,
        resolved_at: None,
    }
}

pub async fn a_notice_is_told_and_resolved(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    notices::hold(&mut tx).await.unwrap();
    let other = notice(NoticeKind::DeadLetter, "duty", &mint);
    notices::insert(&mut tx, std::slice::from_ref(&other))
        .await
        .unwrap();
    let open = notices::open(&mut tx).await.unwrap();
    assert_eq!(open.len(), 2);
    assert!(open.contains(&world.notice) && open.contains(&other));
    let again = Notice {
        batch: 2,
        told_at: at(9),
        resolved_at: Some(at(9)),
        ..other.clone()
    };
    assert!(notices::update(&mut tx, &again).await.unwrap());
    assert!(
        !notices::update(&mut tx, &other).await.unwrap(),
        "it is over"
    );
    let found = notices::get(&mut tx, other.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&again));
    let of = async |tx: &mut sightline_store::Tx, kind, open| {
        let filter = Filter {
            state: kind,
            ..Filter::default()
        };
        notices::list(tx, &filter, open).await.unwrap().len()
    };
    assert_eq!(of(&mut tx, None, false).await, 2);
    assert_eq!(of(&mut tx, None, true).await, 1);
    assert_eq!(of(&mut tx, Some("dead_letter"), false).await, 1);
    assert_eq!(of(&mut tx, Some("dead_letter"), true).await, 0);
    // Now that it is over, there may be another about the same; while that is open, there may not.
    let next = notice(NoticeKind::DeadLetter, "duty", &mint);
    notices::insert(&mut tx, std::slice::from_ref(&next))
        .await
        .unwrap();
    let twice = notice(NoticeKind::DeadLetter, "duty", &mint);
    assert!(notices::insert(&mut tx, &[twice]).await.is_err());
}

pub async fn a_digest_of_reviews_is_taken_once(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    for (planned, is_first) in [(10, true), (10, false), (9, false), (11, true)] {
        let mut tx = store.write(organisation).await.unwrap();
        let taken = notices::take_review(&mut tx, at(planned)).await.unwrap();
        assert_eq!(taken, is_first, "{planned}");
        tx.commit().await.unwrap();
    }
    let mut tx = store.write(organisation).await.unwrap();
    assert!(notices::take_review(&mut tx, at(12)).await.unwrap());
    tx.rollback().await.unwrap();
    let mut tx = store.read(organisation).await.unwrap();
    let until = notices::reviewed_until(&mut tx).await.unwrap();
    assert_eq!(until, Some(at(11)), "a crash leaves it to the next");
}

pub async fn whose_reviews_are_due_is_known(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let due = world.entry.review_at;
    let day = Duration::from_secs(86_400);
    for (until, is_due) in [(due - day, false), (due, true), (due + day, true)] {
        let owners = entries::owners_due(&mut tx, START, until).await.unwrap();
        let of_ours = owners.iter().filter(|owner| **owner == world.entry.owner);
        assert_eq!(of_ours.count(), usize::from(is_due), "{owners:?}");
    }
    // And once more for what ends, before it does and after; a list all of which has ended looks for nothing.
    let end = due - day * 9;
    let others = entries::list(
        &mut tx,
        &Filter {
            limit: 99,
            ..Filter::default()
        },
    )
    .await
    .unwrap();
    let of_list = |one: &Entry| one.watchlist == world.entry.watchlist;
    let mut ends: Vec<Entry> = others.into_iter().filter(of_list).collect();
    for entry in &mut ends {
        entry.expires_at = Some(end);
    }
    entries::edit(&mut tx, &ends, START).await.unwrap();
    for (now, until, ends_then, ran_out) in [
        (end - day, end - day, false, false),
        (end - day, end, true, false),
        (end, end + day, false, true),
    ] {
        let owners = entries::owners_due(&mut tx, now, until).await.unwrap();
        assert_eq!(owners.contains(&world.entry.owner), ends_then, "{owners:?}");
        let between = ending::between(&mut tx, now, until, 9).await.unwrap();
        let found = between.iter().any(|entry| entry.id == world.entry.id);
        assert_eq!(found, ends_then, "{between:?}");
        let run_out = ending::run_out(&mut tx, now).await.unwrap();
        let list = run_out
            .iter()
            .find(|(list, _)| *list == world.entry.watchlist);
        assert_eq!(list.is_some(), ran_out, "{run_out:?}");
    }
}

pub async fn messages_of_notices_go_through_the_outbox(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let told = |channel: &str, batch| Delivery {
        topic: Topic::Notice(world.notice.id),
        batch,
        purpose: Purpose::Notice,
        ..delivery(&world.alert, channel, at(5), &mint)
    };
    let (first, second) = (told("ops", 1), told("ops", 2));
    let both = [first.clone(), second.clone()];
    assert_eq!(deliveries::insert(&mut tx, &both).await.unwrap(), 2);
    let again = told("ops", 1);
    assert_eq!(deliveries::insert(&mut tx, &[again]).await.unwrap(), 0);
    let found = deliveries::get(&mut tx, first.id).await.unwrap();
    assert_eq!(found, Some(first.clone()));
    let wish = deliveries::Wish {
        worker: "worker",
        channels: &[("ops", 9)],
        lease_for: Duration::from_secs(60),
        at_most: 9,
    };
    let taken = deliveries::lease_due(&mut tx, &wish, at(6)).await.unwrap();
    assert_eq!(taken.len(), 2);
    let dead = DeliveryEnd::Dead {
        error: "no".to_owned(),
    };
    deliveries::finish(&mut tx, first.id, &dead, at(7))
        .await
        .unwrap();
    let mut counted = deliveries::count_in(&mut tx, DeliveryState::Dead)
        .await
        .unwrap();
    counted.retain(|(channel, _)| channel == "ops");
    assert_eq!(counted, [("ops".to_owned(), 1)]);
    let mut newest = deliveries::dead(&mut tx).await.unwrap();
    newest.retain(|(channel, ..)| channel == "ops");
    assert_eq!(newest, [("ops".to_owned(), 1, first.next_at)]);
    for (since, count) in [(4, 0), (5, 1)] {
        let mut late = deliveries::unsent(&mut tx, at(since)).await.unwrap();
        late.retain(|(channel, _)| channel == "ops");
        let late: i64 = late.iter().map(|(_, count)| count).sum();
        assert_eq!(late, count, "{since}");
    }
    // A try that fails puts off the next one, and nothing of since when it should have been sent.
    for (tries, next) in [(1, 100), (2, 200)] {
        let again = DeliveryEnd::Retry {
            at: at(next),
            error: "it is away".to_owned(),
        };
        deliveries::finish(&mut tx, second.id, &again, at(next - 50))
            .await
            .unwrap();
        for (since, count) in [(4, 0), (5, 1), (99, 1)] {
            let late = deliveries::unsent(&mut tx, at(since)).await.unwrap();
            let late = late.iter().find(|(channel, _)| channel == "ops");
            let late = late.map_or(0, |(_, count)| *count);
            assert_eq!(late, count, "{tries} tries, since {since}");
        }
    }
    let of_nothing = Delivery {
        topic: Topic::Notice(mint.id(START)),
        ..told("ops", 3)
    };
    assert!(deliveries::insert(&mut tx, &[of_nothing]).await.is_err());
}

pub async fn what_operators_are_told_is_counted(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let before = alert_life::unread(&mut tx, at(0)).await.unwrap();
    let none = alert_life::unread(&mut tx, at(-1)).await.unwrap();
    assert_eq!((before, none), (1, 0));
    alerts::acknowledge(&mut tx, world.alert.id, "R. Analyst", at(1))
        .await
        .unwrap();
    assert_eq!(alert_life::unread(&mut tx, at(9)).await.unwrap(), 0);

    use RunOutcome::*;
    let source = running(&mut tx, "north", &mint).await.source;
    for (nth, outcome) in [Complete, Failed, Skipped, Blocked].into_iter().enumerate() {
        let planned = at(10 + nth as i64);
        let ended = Run {
            state: RunState::Finished,
            outcome: Some(outcome),
            finished_at: Some(planned),
            ..run(source, planned, &mint)
        };
        assert!(runs::plan(&mut tx, &ended).await.unwrap());
    }
    let last = async |tx: &mut sightline_store::Tx, at_most| {
        runs::last_outcomes(tx, source, at_most).await.unwrap()
    };
    assert_eq!(last(&mut tx, 9).await, [Blocked, Failed, Complete]);
    assert_eq!(last(&mut tx, 1).await, [Blocked]);
}
