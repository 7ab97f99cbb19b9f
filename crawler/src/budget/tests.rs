//! Politeness under paused time: who may send what, when. Tokio's time stands still until everyone waits, then jumps.

use std::time::Duration;

use sightline_model::{Clock, Mint, RobotsText, Timestamp};
use tokio::time::{Instant, advance, sleep, timeout};

use super::*;
use crate::robots::CrawlDelay;

const SECOND: Duration = Duration::from_secs(1);

/// A wall clock that goes with tokio's time.
struct Wall(Instant);

impl Wall {
    const START: Timestamp = Timestamp(1_000_000_000);

    fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Self::START + self.0.elapsed()
    }
}

fn steady(requests_per_second: f64, concurrency: u32) -> Politeness {
    Politeness {
        requests_per_second,
        concurrency,
        jitter: 0.0,
        unlimited: false,
    }
}

fn host() -> HostState {
    HostState {
        host: "ads.example:443".to_owned(),
        ..HostState::default()
    }
}

fn gate(politeness: &Politeness) -> Arc<HostGate> {
    Hosts::new().gate(&host(), "harbour", politeness)
}

fn mint() -> Mint {
    Mint::seeded(1)
}

fn delay(seconds: u32) -> CrawlDelay {
    CrawlDelay {
        asked: SECOND * seconds,
        kept: SECOND * seconds,
    }
}

/// The host refuses; until when it is to be left alone.
fn refused(gate: &HostGate, retry_after: Option<Duration>, now: Timestamp) -> Timestamp {
    let answer = Answer::RateLimited {
        retry_after,
        page: Refused::Never,
    };
    gate.answered(answer, now, &mint()).unwrap().until.unwrap()
}

/// Takes a turn and gives it back at once; returns how long it took to get.
async fn turn(gate: &Arc<HostGate>, wall: &Wall) -> Duration {
    let asked = Instant::now();
    drop(gate.turn(wall, &mint()).await);
    asked.elapsed()
}

/// Equal but for the milliseconds to which tokio's timers round up.
fn assert_about(waited: Duration, expected: Duration) {
    let late = waited.saturating_sub(expected);
    assert!(
        waited >= expected && late <= Duration::from_millis(5),
        "{waited:?} for {expected:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn requests_keep_their_pause_whoever_sends_them() {
    let (gate, wall) = (gate(&steady(0.5, 4)), Wall::new());
    assert_eq!(
        turn(&gate, &wall).await,
        Duration::ZERO,
        "the first need not wait"
    );
    for _ in 0..3 {
        assert_about(turn(&gate, &wall).await, 2 * SECOND);
    }
    // The pause counts from start to start: a slow answer is part of it.
    sleep(SECOND).await;
    assert_about(turn(&gate, &wall).await, SECOND);
    // Rest does not add up to a burst.
    sleep(60 * SECOND).await;
    assert_eq!(turn(&gate, &wall).await, Duration::ZERO);
    assert_about(turn(&gate, &wall).await, 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_allowed_are_under_way() {
    let (gate, wall) = (gate(&steady(50.0, 2)), Wall::new());
    let first = gate.turn(&wall, &mint()).await;
    let _second = gate.turn(&wall, &mint()).await;
    let third = timeout(60 * SECOND, gate.turn(&wall, &mint())).await;
    assert!(third.is_err(), "two are under way");
    drop(first);
    assert!(turn(&gate, &wall).await < SECOND, "one has come back");
}

#[tokio::test(start_paused = true)]
async fn a_seat_is_kept_until_it_is_given_up() {
    let gate = gate(&steady(50.0, 2));
    let first = gate.seat().await;
    let second = gate.seat().await;
    assert!(timeout(60 * SECOND, gate.seat()).await.is_err());
    drop(second);
    let third = timeout(SECOND, gate.seat()).await;
    assert!(timeout(60 * SECOND, gate.seat()).await.is_err());
    drop((first, third));
    assert!(timeout(SECOND, gate.seat()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn turns_are_given_in_the_order_of_asking() {
    let (gate, wall) = (gate(&steady(1.0, 1)), Arc::new(Wall::new()));
    let (order, mut seen) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..5 {
        let (gate, wall, order) = (Arc::clone(&gate), Arc::clone(&wall), order.clone());
        tokio::spawn(async move {
            let _permit = gate.turn(&*wall, &mint()).await;
            order.send((number, wall.now().since(Wall::START))).unwrap();
        });
        // Lets the task ask before the next one does.
        tokio::task::yield_now().await;
    }
    for expected in 0..5_u32 {
        let (number, at) = seen.recv().await.unwrap();
        assert_eq!(number, expected);
        assert_about(at, SECOND * expected);
    }
}

#[tokio::test(start_paused = true)]
async fn giving_up_waiting_costs_nobody_a_turn() {
    let (gate, wall) = (gate(&steady(1.0, 1)), Wall::new());
    turn(&gate, &wall).await;
    for _ in 0..10 {
        let given_up = timeout(SECOND / 100, gate.turn(&wall, &mint())).await;
        assert!(given_up.is_err());
    }
    assert_about(turn(&gate, &wall).await, SECOND - SECOND / 10);
}

#[tokio::test(start_paused = true)]
async fn the_stricter_source_counts_and_crawl_delay_above_it() {
    let (hosts, wall) = (Hosts::new(), Wall::new());
    let gate = hosts.gate(&host(), "harbour", &steady(1.0, 4));
    turn(&gate, &wall).await;
    assert_about(turn(&gate, &wall).await, SECOND);
    hosts.gate(&host(), "lantern", &steady(0.25, 1));
    assert_about(turn(&gate, &wall).await, 4 * SECOND);
    assert_eq!(gate.state().interval, 4 * SECOND);
    let permit = gate.turn(&wall, &mint()).await;
    assert!(
        timeout(60 * SECOND, gate.turn(&wall, &mint()))
            .await
            .is_err()
    );
    drop(permit);
    gate.keep_delay(Some(delay(10)));
    assert_about(turn(&gate, &wall).await, 10 * SECOND);
    assert_about(turn(&gate, &wall).await, 10 * SECOND);
    assert_eq!(gate.delay(), Some(delay(10)));
    assert_eq!(gate.next_at().since(wall.now()), 10 * SECOND);
    gate.keep_delay(Some(delay(1)));
    assert_eq!(
        gate.delay(),
        None,
        "the source asks for less often than that"
    );
    // A source that asks for less than before is believed.
    gate.keep_delay(None);
    hosts.gate(&host(), "lantern", &steady(2.0, 4));
    turn(&gate, &wall).await;
    assert_about(turn(&gate, &wall).await, SECOND);
}

#[tokio::test(start_paused = true)]
async fn unlimited_leaves_out_the_pause_alone() {
    let politeness = Politeness {
        unlimited: true,
        ..steady(0.001, 1)
    };
    let (gate, wall) = (gate(&politeness), Wall::new());
    for _ in 0..1_000 {
        assert_eq!(turn(&gate, &wall).await, Duration::ZERO);
    }
    let now = wall.now();
    let until = refused(&gate, Some(100 * SECOND), now);
    assert_about(turn(&gate, &wall).await, until.since(now));
    gate.keep_delay(Some(delay(3)));
    turn(&gate, &wall).await;
    assert_about(turn(&gate, &wall).await, 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn jitter_only_lengthens_the_pause() {
    let politeness = Politeness {
        jitter: 0.5,
        ..steady(0.1, 1)
    };
    let (gate, wall, mint) = (gate(&politeness), Wall::new(), mint());
    drop(gate.turn(&wall, &mint).await);
    let mut waits = Vec::new();
    for _ in 0..20 {
        let asked = Instant::now();
        drop(gate.turn(&wall, &mint).await);
        waits.push(asked.elapsed());
    }
    assert!(
        waits
            .iter()
            .all(|wait| (10 * SECOND..16 * SECOND).contains(wait)),
        "{waits:?}"
    );
    let spread = waits
        .iter()
        .max()
        .unwrap()
        .saturating_sub(*waits.iter().min().unwrap());
    assert!(spread > SECOND, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_restart_waits_as_the_process_before_it_would_have() {
    let (before, wall) = (gate(&steady(0.1, 1)), Wall::new());
    turn(&before, &wall).await;
    let state = before.state();
    assert_eq!(state.next_at, Wall::START + 10 * SECOND);
    assert_eq!(state.interval, 10 * SECOND);

    let after = Hosts::new().gate(&state, "harbour", &steady(0.1, 1));
    advance(4 * SECOND).await;
    assert_about(turn(&after, &wall).await, 6 * SECOND);
    assert_about(turn(&after, &wall).await, 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_outlives_a_restart() {
    let (before, wall) = (gate(&steady(1.0, 1)), Wall::new());
    let until = refused(&before, None, wall.now());
    let state = before.state();
    assert_eq!((state.backoff_until, state.backoffs), (Some(until), 1));

    let after = Hosts::new().gate(&state, "harbour", &steady(1.0, 1));
    assert_about(turn(&after, &wall).await, until.since(Wall::START));
    // And the next one is the second in a row.
    let again = refused(&after, None, wall.now());
    assert!(again.since(wall.now()) >= 108 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_another_process_reserved_is_heeded() {
    let (gate, wall) = (gate(&steady(1.0, 1)), Wall::new());
    let other = HostState {
        next_at: Wall::START + 200 * SECOND,
        ..host()
    };
    gate.heed(&other);
    // Heeding an older state changes nothing.
    gate.heed(&host());
    assert_about(turn(&gate, &wall).await, 200 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn robots_are_remembered_while_fresh_and_fetched_by_one() {
    let (gate, wall) = (gate(&steady(1.0, 1)), Wall::new());
    assert!(gate.robots(wall.now()).is_none());
    let fetching = gate.fetching_robots().await;
    assert!(timeout(SECOND, gate.fetching_robots()).await.is_err());
    let text = RobotsText {
        fetched_at: wall.now(),
        status: Some(404),
        failure: None,
        max_age: None,
        body: String::new(),
    };
    gate.learn_robots(text.clone());
    drop(fetching);
    assert!(gate.robots(wall.now()).is_some());
    assert_eq!(gate.state().robots, Some(text));
    let known = Hosts::new().gate(&gate.state(), "harbour", &steady(1.0, 1));
    assert!(known.robots(wall.now()).is_some());
    advance(24 * 60 * 60 * SECOND).await;
    assert!(gate.robots(wall.now()).is_none());
}

#[test]
fn gates_that_nobody_holds_make_room() {
    let hosts = Hosts::new();
    let named = |number: usize| HostState {
        host: format!("{number}.example:443"),
        ..HostState::default()
    };
    let politeness = Politeness::default();
    let held = hosts.gate(&named(0), "harbour", &politeness);
    for number in 1..=2 * Hosts::LIMIT {
        hosts.gate(&named(number), "harbour", &politeness);
        assert!(hosts.len() <= Hosts::LIMIT);
    }
    let again = hosts.gate(&named(0), "harbour", &politeness);
    assert!(Arc::ptr_eq(&held, &again));
}

#[test]
fn politeness_out_of_range_is_told_and_never_hasty() {
    for (rate, fine) in [
        (0.5, true),
        (0.001, true),
        (50.0, true),
        (0.0, false),
        (-1.0, false),
        (51.0, false),
        (f64::NAN, false),
        (f64::INFINITY, false),
    ] {
        let politeness = steady(rate, 1);
        assert_eq!(politeness.check().is_empty(), fine, "{rate}");
        assert!(politeness.pause() >= Duration::from_millis(20), "{rate}");
    }
    let wrong = Politeness {
        concurrency: 0,
        jitter: 2.0,
        ..Politeness::default()
    };
    let keys: Vec<String> = wrong
        .check()
        .into_iter()
        .map(|problem| problem.key)
        .collect();
    assert_eq!(keys, ["concurrency", "jitter"]);
    assert!(Politeness::default().check().is_empty());
}
