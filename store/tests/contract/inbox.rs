//! The inbox: the gravest first and of these the newest, in pages, by every filter.

use std::slice::from_ref;

use sightline_model::*;
use sightline_store::{
    alert_life, alerts,
    inbox::{self, Mark, Wanted},
};

use crate::{
    support::{Place, at},
    world::*,
};

pub async fn the_inbox_has_the_gravest_first(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let mut all = vec![world.alert.clone()];
    for (nth, severity) in [Severity::Low, Severity::Grave, Severity::Normal]
        .into_iter()
        .cycle()
        .take(9)
        .enumerate()
    {
        let opened_at = at(nth as i64 + 1);
        let made = Alert {
            id: mint.id(opened_at),
            severity,
            opened_at,
            news_at: opened_at,
            reasons: vec![Reason::NewSource],
            group: Group::Case(nth.to_string()),
            ..world.alert.clone()
        };
        alerts::insert(&mut tx, from_ref(&made)).await.unwrap();
        all.push(made);
    }
    all.sort_by_key(|alert| std::cmp::Reverse((alert.severity, alert.id)));
    // Page by page, each going on where the one before ended.
    let mut wanted = Wanted {
        state: Some(AlertState::Open),
        limit: 4,
        ..Wanted::default()
    };
    let mut read = Vec::new();
    loop {
        let page = inbox::page(&mut tx, &wanted).await.unwrap();
        let Some(last) = page.last() else { break };
        wanted.after = Some(Mark::of(last));
        read.extend(page);
    }
    assert_eq!(read, all);
    // News brings one to the top of its gravity, and into what has come.
    let oldest = all.last().unwrap().clone();
    let told = Alert {
        news_at: at(40),
        ..oldest.clone()
    };
    let come = Wanted {
        state: Some(AlertState::Open),
        severity: Some(oldest.severity),
        come_since: Some(at(40)),
        limit: 99,
        ..Wanted::default()
    };
    assert_eq!(inbox::page(&mut tx, &come).await.unwrap(), []);
    alerts::update(&mut tx, from_ref(&told)).await.unwrap();
    assert_eq!(inbox::page(&mut tx, &come).await.unwrap(), from_ref(&told));
    let of_its_gravity = Wanted {
        come_since: None,
        ..come
    };
    let page = inbox::page(&mut tx, &of_its_gravity).await.unwrap();
    assert_eq!(page[0], told);
    alerts::update(&mut tx, from_ref(&oldest)).await.unwrap();
    // By every filter.
    let of_all = |change: fn(&mut Wanted, &World)| {
        let mut wanted = Wanted {
            limit: 99,
            ..Wanted::default()
        };
        change(&mut wanted, &world);
        wanted
    };
    alert_life::assign(&mut tx, world.alert.id, Some("R. Analyst"), at(50))
        .await
        .unwrap();
    alerts::close(&mut tx, all[9].id, Closed::Stale, at(51))
        .await
        .unwrap();
    for (wanted, count) in [
        (of_all(|_, _| ()), 10),
        (of_all(|it, _| it.unclosed = true), 9),
        (of_all(|it, _| it.unassigned = true), 9),
        (of_all(|it, _| it.since = Some(at(50))), 2),
        (of_all(|it, _| it.raised_since = Some(at(5))), 5),
        (of_all(|it, _| it.state = Some(AlertState::Closed)), 1),
        (of_all(|it, _| it.severity = Some(Severity::Grave)), 4),
        (
            of_all(|it, world| it.watchlist = Some(world.watchlist.id)),
            10,
        ),
        (
            of_all(|it, _| it.watchlist = Some(WatchlistId(Default::default()))),
            0,
        ),
        (of_all(|it, world| it.source = Some(world.source)), 1),
        (of_all(|it, _| it.reason = Some(Reason::NewSource)), 9),
        (of_all(|it, _| it.reason = Some(Reason::First)), 1),
        (
            of_all(|it, _| it.assigned = Some("R. Analyst".to_owned())),
            1,
        ),
    ] {
        let found = inbox::page(&mut tx, &wanted).await.unwrap();
        assert_eq!(found.len(), count, "{wanted:?}");
    }
    let (counts, mine) = inbox::counts(&mut tx, "R. Analyst", 5).await.unwrap();
    assert_eq!(
        (counts["open"], counts["closed"], mine),
        (5, 1, 1),
        "five are counted at most"
    );
    // What comes into a list: what is raised, and what was raised before and comes in otherwise.
    let old = all.iter().min_by_key(|alert| alert.opened_at).unwrap();
    let by = |deed: fn(&Alert, Timestamp) -> AlertChange, seconds: i64| deed(old, at(seconds));
    let none = alert_life::latest(&mut tx, 9).await.unwrap().len();
    let changes = [
        by(
            |it, now| AlertChange::commented(it, "so", "R. Analyst", now),
            60,
        ),
        by(
            |it, now| AlertChange::handed_back(it, None, "R. Analyst", now),
            70,
        ),
        by(
            |it, now| AlertChange::assigned(it, None, "R. Analyst", now),
            80,
        ),
        by(
            |it, now| {
                let was = Alert {
                    state: AlertState::Silenced,
                    ..it.clone()
                };
                AlertChange::opened(&was, it, now).unwrap()
            },
            75,
        ),
        by(
            |it, now| {
                let [was, is] = [Severity::Low, Severity::Grave].map(|severity| Alert {
                    severity,
                    ..it.clone()
                });
                AlertChange::graver(&was, &is, "R. Analyst", now).unwrap()
            },
            85,
        ),
    ];
    alert_life::append(&mut tx, &changes).await.unwrap();
    alert_life::touch(&mut tx, old.id, at(85)).await.unwrap();
    let latest = alert_life::latest(&mut tx, 9).await.unwrap();
    assert_eq!(latest.len(), none + 5);
    assert!(latest.is_sorted_by(|one, other| one > other), "{latest:?}");
    for (severity, since, count) in [
        (old.severity, 81, 1),
        (old.severity, 86, 0),
        (other_than(old.severity), 81, 0),
    ] {
        let wanted = Wanted {
            severity: Some(severity),
            come_since: Some(at(since)),
            limit: 99,
            ..Wanted::default()
        };
        let found = inbox::page(&mut tx, &wanted).await.unwrap();
        assert_eq!(found.len(), count, "{wanted:?}");
    }
    for (state, assigned, unclosed, since, count) in [
        (Some(AlertState::Open), None, false, 5, 6),
        (Some(AlertState::Open), None, false, 70, 1),
        (Some(AlertState::Open), None, false, 71, 1),
        (Some(AlertState::Open), None, false, 76, 0),
        (None, Some("R. Analyst"), true, 71, 1),
        (None, Some("R. Analyst"), true, 81, 0),
        (None, Some("Somebody"), true, 5, 0),
        (Some(AlertState::Closed), None, false, 51, 0),
        (Some(AlertState::Silenced), None, false, 0, 0),
    ] {
        let wanted = Wanted {
            state,
            assigned: assigned.map(str::to_owned),
            unclosed,
            come_since: Some(at(since)),
            limit: 99,
            ..Wanted::default()
        };
        let found = inbox::page(&mut tx, &wanted).await.unwrap();
        assert_eq!(found.len(), count, "{wanted:?}");
    }
}

fn other_than(severity: Severity) -> Severity {
    let others = Severity::ALL.iter().copied();
    others.rev().find(|other| *other != severity).unwrap()
}
