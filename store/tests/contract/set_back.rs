//! A clock that was set back: what hosts were to wait is cut to what politeness asks, and no message waits for it.

use std::time::Duration;

use sightline_model::{Alert, Closed, Delivery, HostState, NewVisit, Outcome, Wait};
use sightline_store::{
    Filter, ahead, alerts, deliveries, hosts,
    visits::{self, Try, VisitRetry},
};

use crate::{
    support::{Place, START, at},
    world::{World, alert, delivery, new_visit, running},
};

pub async fn a_clock_that_was_set_back_keeps_no_host_waiting(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let furthest = hosts::Furthest {
        lease: Duration::from_secs(60),
        turns: 10,
        backoff: Duration::from_secs(86_400),
    };
    let host = |name: &str, next_at: i64, backoff: Option<i64>| HostState {
        host: name.to_owned(),
        next_at: at(next_at),
        interval: Duration::from_secs(2),
        backoff_until: backoff.map(at),
        ..HostState::default()
    };
    let mut tx = store.write(organisation).await.unwrap();
    // Sixty seconds of a lease and ten turns are what politeness may reserve; a day is what a host may ask for.
    let states = [
        host("ordinary", 80, None),
        host("asked for a day", 0, Some(86_400)),
        host("reserved while it was ahead", 81, None),
        host("refused while it was ahead", 2, Some(3 * 86_400)),
    ];
    hosts::save(&mut tx, "one", &states).await.unwrap();
    let ahead = hosts::too_far_ahead(&mut tx, furthest, START)
        .await
        .unwrap();
    let names: Vec<&str> = ahead.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["refused while it was ahead", "reserved while it was ahead"]
    );
    assert_eq!(ahead[0].1, at(3 * 86_400));
    hosts::bring_back(&mut tx, furthest, START).await.unwrap();
    let names: Vec<&str> = states.iter().map(|state| state.host.as_str()).collect();
    let mut now = hosts::get(&mut tx, &names).await.unwrap();
    now.sort_by_key(|state| names.iter().position(|name| *name == state.host));
    let told: Vec<_> = now
        .iter()
        .map(|one| (one.next_at, one.backoff_until))
        .collect();
    assert_eq!(
        told,
        [
            (at(80), None),
            (at(0), Some(at(86_400))),
            (at(2), None),
            (at(2), Some(at(86_400))),
        ]
    );
    let ahead = hosts::too_far_ahead(&mut tx, furthest, START)
        .await
        .unwrap();
    assert_eq!(ahead, []);
    tx.rollback().await.unwrap();
}

pub async fn a_clock_that_was_set_back_keeps_no_page_waiting(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let visit = |url: &str, depth: u32, seconds: i64| NewVisit {
        depth,
        ..new_visit(&run, url, at(seconds))
    };
    // By a clock that was an hour ahead, but for what a run begins with, which may be planned for later.
    let added = [
        visit("https://a.example/second", 1, 3_602),
        visit("https://a.example/first", 1, 3_601),
        visit("https://a.example/start", 0, 3_600),
        visit("https://a.example/refused", 1, 0),
        visit("https://b.example/present", 1, 1),
    ];
    let ids = visits::add(&mut tx, &added).await.unwrap();
    let refused = VisitRetry {
        id: ids[3].unwrap(),
        outcome: Outcome::RateLimited,
        detail: None,
        status: Some(429),
        due_at: at(7_200),
        counted: Try::DoesNotCount,
    };
    visits::retry(&mut tx, &[refused]).await.unwrap();
    let lease_for = Duration::from_secs(60);
    for expected in [2, 0] {
        let brought = visits::bring_back(&mut tx, lease_for, START).await.unwrap();
        assert_eq!(brought, expected);
    }
    let all = visits::list(&mut tx, &Filter::default(), Some(run.id)).await;
    let due: Vec<_> = all
        .unwrap()
        .into_iter()
        .rev()
        .map(|visit| {
            (
                visit.url.path().to_owned(),
                (visit.due_at.0 - START.0) / 1_000,
            )
        })
        .collect();
    let due: Vec<(&str, i64)> = due.iter().map(|(path, at)| (&**path, *at)).collect();
    assert_eq!(
        due,
        [
            ("/second", 1),
            ("/first", 0),
            ("/start", 3_600),
            ("/refused", 7_200),
            ("/present", 1),
        ]
    );
    tx.rollback().await.unwrap();
}

pub async fn a_clock_that_was_set_back_keeps_no_message_waiting(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let row = |batch: i64, created: i64, due: i64| Delivery {
        batch,
        waits: Some(Wait::Digest),
        created_at: at(created),
        ..delivery(&world.alert, "good", at(due), &mint)
    };
    // By a clock that was four months ahead; the last in its right time.
    let far = 120 * 86_400;
    let rows = [
        row(50, far, far + 600),
        row(51, far, far - 9),
        row(52, 0, 900),
    ];
    deliveries::insert(&mut tx, &rows).await.unwrap();
    let early = Alert {
        opened_at: at(far),
        updated_at: at(far),
        notify_at: Some(at(far + 600)),
        told_at: Some(at(far + 600)),
        ..alert(&world.entry, &mint)
    };
    alerts::close(&mut tx, world.alert.id, Closed::Stale, START)
        .await
        .unwrap();
    alerts::insert(&mut tx, std::slice::from_ref(&early))
        .await
        .unwrap();
    let (now, lease) = (at(60), Duration::from_secs(60));
    for left in [2, 0] {
        assert_eq!(ahead::waiting(&mut tx, lease, now).await.unwrap(), left);
        let brought = ahead::bring_back(&mut tx, lease, now).await.unwrap();
        assert_eq!(brought, u64::try_from(left).unwrap());
    }
    for (row, due) in rows.iter().zip([660, 60, 900]) {
        let found = deliveries::get(&mut tx, row.id).await.unwrap().unwrap();
        assert_eq!(found.next_at, at(due), "batch {}", row.batch);
    }
    let found = alerts::get(&mut tx, &[early.id]).await.unwrap().remove(0);
    assert_eq!((found.opened_at, found.updated_at), (now, now));
    assert_eq!((found.notify_at, found.told_at), (Some(now), Some(now)));
    tx.rollback().await.unwrap();
}
