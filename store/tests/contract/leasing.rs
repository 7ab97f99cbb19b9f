//! Leases: each URL once, each host to one worker, nothing lost.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sightline_model::*;
use sightline_store::{
    Filter, Tx, hosts,
    leases::{self, Lease, Whose, Wish},
    runs, visits,
    visits::{Try, VisitEnd, VisitRetry},
};

use crate::{
    support::{Place, START, at},
    world::{new_visit, running},
};

pub fn wish(worker: &str) -> Wish<'_> {
    Wish {
        worker,
        lease_for: Duration::from_secs(60),
        sources: Whose::Everyones,
        at_most: 10,
        per_host: 10,
    }
}

pub async fn lease(tx: &mut Tx, wish: &Wish<'_>, now: Timestamp) -> Vec<Lease> {
    leases::lease_due(tx, wish, now).await.unwrap()
}

pub fn paths(leases: &[Lease]) -> Vec<String> {
    leases
        .iter()
        .map(|lease| {
            format!(
                "{}{}",
                lease.visit.url.host_str().unwrap(),
                lease.visit.url.path()
            )
        })
        .collect()
}

/// Adds visits due at the start, a second apart.
pub async fn add(tx: &mut Tx, run: &Run, links: &[&str]) -> Vec<Option<VisitId>> {
    let visits: Vec<NewVisit> = (0..)
        .zip(links)
        .map(|(nth, link)| new_visit(run, link, Timestamp(START.0 + nth)))
        .collect();
    visits::add(tx, &visits).await.unwrap()
}

pub async fn a_url_is_visited_once_in_a_run(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let first = add(
        &mut tx,
        &run,
        &[
            "https://a.example/1",
            "https://a.example/2",
            "https://a.example/1",
        ],
    )
    .await;
    assert!(
        first[0].is_some() ^ first[2].is_some(),
        "one of the two is added"
    );
    assert!(first[1].is_some());
    let second = add(
        &mut tx,
        &run,
        &["https://a.example/2", "https://a.example/3"],
    )
    .await;
    assert!(second[0].is_none() && second[1].is_some());
    assert!(visits::any_remaining(&mut tx, run.id).await.unwrap());
    assert_eq!(
        visits::list(&mut tx, &Filter::default(), Some(run.id))
            .await
            .unwrap()
            .len(),
        3
    );

    let later = crate::world::run(run.source, at(60), &mint);
    assert!(runs::plan(&mut tx, &later).await.unwrap());
    assert!(add(&mut tx, &later, &["https://a.example/1"]).await[0].is_some());
}

pub async fn two_workers_never_share_a_host(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    add(
        &mut tx,
        &run,
        &[
            "https://a.example/1",
            "https://a.example/2",
            "https://b.example/1",
        ],
    )
    .await;
    let one = Wish {
        at_most: 1,
        ..wish("one")
    };
    assert_eq!(paths(&lease(&mut tx, &one, at(1)).await), ["a.example/1"]);
    assert_eq!(
        paths(&lease(&mut tx, &wish("two"), at(1)).await),
        ["b.example/1"]
    );
    assert_eq!(paths(&lease(&mut tx, &wish("two"), at(1)).await), [""; 0]);
    assert_eq!(
        paths(&lease(&mut tx, &wish("one"), at(1)).await),
        ["a.example/2"]
    );
}

pub async fn a_renewed_lease_stays(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    add(&mut tx, &run, &["https://a.example/1"]).await;
    let has = lease(&mut tx, &wish("slow"), at(1)).await;
    let held = has.iter().map(|lease| lease.visit.id).collect();
    leases::renew(&mut tx, "slow", &held, at(600))
        .await
        .unwrap();
    assert_eq!(lease(&mut tx, &wish("eager"), at(599)).await, []);
    assert_eq!(lease(&mut tx, &wish("eager"), at(600)).await.len(), 1);
}

/// The database lost the end of a visit that its worker had reported: it stands there as leased, and nobody makes it.
pub async fn a_visit_that_its_worker_does_not_know_of_is_due_again(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links = ["https://a.example/1", "https://a.example/2"];
    add(&mut tx, &run, &links).await;
    let has = lease(&mut tx, &wish("worker"), at(1)).await;
    let held = BTreeSet::from([has[1].visit.id]);
    leases::renew(&mut tx, "worker", &held, at(600))
        .await
        .unwrap();
    let again = lease(&mut tx, &wish("worker"), at(2)).await;
    assert_eq!(paths(&again), ["a.example/1"]);
}

pub async fn it_is_known_what_waits_for_whom(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links = [
        "https://a.example/1",
        "https://b.example/1",
        "https://b.example/2",
    ];
    add(&mut tx, &run, &links).await;
    let only = Wish {
        at_most: 1,
        ..wish("one")
    };
    lease(&mut tx, &only, at(1)).await;
    let refusing = HostState {
        host: "b.example:443".to_owned(),
        backoff_until: Some(at(90)),
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", &[refusing]).await.unwrap();
    let waiting = visits::waiting(&mut tx, &[run.id]).await.unwrap();
    let told: Vec<_> = waiting
        .iter()
        .map(|host| {
            (
                host.host.as_str(),
                host.visits,
                host.leased,
                host.due_at.0 - START.0,
                host.backoff_until,
                host.next_at(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("a.example:443", 1, 1, 0, None, START),
            ("b.example:443", 2, 0, 1, Some(at(90)), at(90))
        ]
    );
}

pub async fn hosts_take_turns(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links = [
        "https://a.example/1",
        "https://a.example/2",
        "https://a.example/3",
        "https://b.example/1",
        "https://b.example/2",
        "https://c.example/1",
    ];
    add(&mut tx, &run, &links).await;
    let limited = Wish {
        at_most: 4,
        per_host: 2,
        ..wish("one")
    };
    let first = lease(&mut tx, &limited, at(1)).await;
    assert_eq!(
        paths(&first),
        ["a.example/1", "b.example/1", "c.example/1", "a.example/2"]
    );
    // What the worker has already counts towards its share of a host.
    let second = lease(&mut tx, &limited, at(1)).await;
    assert_eq!(paths(&second), ["b.example/2"]);
    let none = Wish {
        at_most: 0,
        ..wish("one")
    };
    assert_eq!(lease(&mut tx, &none, at(1)).await, []);
}

pub async fn turns_are_reserved_ahead(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links: Vec<String> = (0..30)
        .map(|nth| format!("https://a.example/{nth}"))
        .collect();
    add(
        &mut tx,
        &run,
        &links.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await;
    let state = HostState {
        host: "a.example:443".to_owned(),
        interval: Duration::from_secs(10),
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", std::slice::from_ref(&state))
        .await
        .unwrap();
    let three = Wish {
        at_most: 3,
        ..wish("one")
    };
    let taken = lease(&mut tx, &three, at(1)).await;
    assert_eq!(
        taken[0].host.next_at,
        Timestamp(0),
        "nobody has spoken to it before"
    );
    let next_at = async |tx: &mut Tx| hosts::get(tx, &["a.example:443"]).await.unwrap()[0].next_at;
    assert_eq!(next_at(&mut tx).await, at(31));
    let sooner = HostState {
        next_at: at(5),
        ..state.clone()
    };
    hosts::save(&mut tx, "one", &[sooner]).await.unwrap();
    assert_eq!(
        next_at(&mut tx).await,
        at(31),
        "what is reserved stays reserved"
    );

    let more = lease(&mut tx, &wish("one"), at(1)).await;
    assert_eq!(more[0].host.next_at, at(31));
    assert_eq!(next_at(&mut tx).await, at(101));
    // Its next turn would come after the lease: better left to whoever has time then.
    let eager = Wish {
        per_host: 99,
        ..wish("one")
    };
    assert_eq!(lease(&mut tx, &eager, at(1)).await, []);
    // After the worker's death its heir waits out the turns that may have been used.
    let heir = lease(&mut tx, &wish("heir"), at(70)).await;
    assert_eq!(heir[0].host.next_at, at(101));
}

pub async fn a_host_that_backs_off_is_left_alone(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    add(
        &mut tx,
        &run,
        &["https://a.example/1", "https://b.example/1"],
    )
    .await;
    let backing_off = HostState {
        host: "a.example:443".to_owned(),
        backoff_until: Some(at(100)),
        backoffs: 3,
        refused_since: Some(at(-9)),
        robots: Some(RobotsText {
            fetched_at: START,
            status: None,
            failure: Some("no connection: refused".to_owned()),
            max_age: None,
            body: "x".repeat(500 << 10),
        }),
        ..HostState::default()
    };
    hosts::save(&mut tx, "one", std::slice::from_ref(&backing_off))
        .await
        .unwrap();
    assert_eq!(
        paths(&lease(&mut tx, &wish("one"), at(1)).await),
        ["b.example/1"]
    );
    let later = lease(&mut tx, &wish("one"), at(100)).await;
    let host = later
        .iter()
        .find(|lease| lease.visit.host == "a.example:443")
        .unwrap();
    assert_eq!(*host.host, backing_off);
    // Robots stay as they are where none are given, and older ones do not replace newer ones.
    for older in [
        None,
        Some(RobotsText {
            fetched_at: Timestamp(1),
            status: Some(200),
            failure: None,
            max_age: None,
            body: String::new(),
        }),
    ] {
        hosts::save(
            &mut tx,
            "one",
            &[HostState {
                robots: older,
                ..backing_off.clone()
            }],
        )
        .await
        .unwrap();
        let kept = hosts::get(&mut tx, &["a.example:443", "unmet.example:80"])
            .await
            .unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].robots, backing_off.robots);
    }
}

pub async fn sources_can_be_picked(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let other = running(&mut tx, "posts", &mint).await;
    add(
        &mut tx,
        &run,
        &["https://a.example/1", "https://c.example/1"],
    )
    .await;
    add(
        &mut tx,
        &other,
        &["https://a.example/2", "https://b.example/1"],
    )
    .await;
    let sources = [other.source];
    let picky = Wish {
        sources: Whose::Only(&sources),
        ..wish("one")
    };
    assert_eq!(
        paths(&lease(&mut tx, &picky, at(1)).await),
        ["a.example/2", "b.example/1"]
    );
}

pub async fn ends_and_retries_are_kept(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    add(
        &mut tx,
        &run,
        &[
            "https://a.example/1",
            "https://a.example/2",
            "https://a.example/3",
        ],
    )
    .await;
    let taken = lease(&mut tx, &wish("one"), at(1)).await;
    let [first, second, third] = [0, 1, 2].map(|nth| taken[nth].visit.id);
    let end = VisitEnd {
        id: first,
        outcome: Outcome::Fetched,
        detail: None,
        status: Some(200),
        capture: Some(CaptureId(7)),
        at: at(2),
    };
    visits::finish(&mut tx, std::slice::from_ref(&end))
        .await
        .unwrap();
    let later = VisitEnd {
        outcome: Outcome::Gone,
        at: at(3),
        ..end
    };
    visits::finish(&mut tx, &[later]).await.unwrap();
    let retry = |id, counted| VisitRetry {
        id,
        outcome: Outcome::TimedOut,
        detail: Some("no answer within 10 s".to_owned()),
        status: None,
        due_at: at(50),
        counted,
    };
    visits::retry(
        &mut tx,
        &[retry(second, Try::Counts), retry(third, Try::DoesNotCount)],
    )
    .await
    .unwrap();
    assert!(visits::any_remaining(&mut tx, run.id).await.unwrap());
    assert_eq!(lease(&mut tx, &wish("one"), at(49)).await, []);
    let again = lease(&mut tx, &wish("one"), at(50)).await;
    let tries: Vec<u32> = again.iter().map(|lease| lease.visit.attempts).collect();
    assert_eq!(tries, [2, 1]);
    assert_eq!(
        again[0].visit.detail.as_deref(),
        Some("no answer within 10 s")
    );

    let done = Filter {
        state: Some("done"),
        ..Filter::default()
    };
    let ended = visits::list(&mut tx, &done, None)
        .await
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(
        (ended.outcome, ended.status, ended.capture),
        (Some(Outcome::Fetched), Some(200), Some(CaptureId(7)))
    );
    assert_eq!(ended.finished_at, Some(at(2)));
    let all = Filter::default();
    let missed = visits::list_missed(&mut tx, &all, None).await.unwrap();
    assert!(missed.iter().map(|visit| visit.id).eq([third, second]));
    let counts = visits::outcomes(&mut tx, run.id).await.unwrap();
    let only = visits::OutcomeCount {
        kind: VisitKind::List,
        depth: 0,
        outcome: Outcome::Fetched,
        was_asked: true,
        is_unlisted: false,
        count: 1,
    };
    assert_eq!(counts, [only]);
}

pub async fn leasing_is_quick_among_many_visits(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let many: Vec<NewVisit> = (0..50_000)
        .map(|nth| {
            new_visit(
                &run,
                &format!("https://h{}.example/{nth}", nth % 2_000),
                START,
            )
        })
        .collect();
    visits::add(&mut tx, &many).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write(organisation).await.unwrap();
    let begun = Instant::now();
    let wish = Wish {
        at_most: 64,
        ..wish("one")
    };
    assert_eq!(lease(&mut tx, &wish, at(1)).await.len(), 64);
    // A plan that walks all visits for each host takes minutes; so the limit can be wide enough for a busy machine.
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
}
