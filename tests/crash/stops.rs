//! A stop that is asked for, again and again under load: it is quick, in order, and nothing is done twice.

use std::time::{Duration, Instant};

use crate::{
    farm::Farm,
    machine::{Machine, wait},
    random::Random,
    rounds::rounds,
};

/// Stops in the short form.
const FEW: usize = 5;
/// Within this it has ended.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pages that are crawled between two stops, about.
const BETWEEN: usize = 25;

#[test]
fn a_stop_is_quick_and_nothing_is_done_twice() {
    let stops = rounds("STOPS", FEW);
    let machine = Machine::start(Farm::start(BETWEEN * stops, Duration::from_millis(5)));
    machine.begin();
    let mut random = Random(20_261_128);
    let mut slowest = Duration::ZERO;
    for stop in 1..=stops {
        let more = 1 + random.below(2 * BETWEEN as u64) as usize;
        let (took, faults) = stopped(&machine, more, "-TERM");
        assert_eq!(faults, [""; 0], "stop {stop}");
        slowest = slowest.max(took);
    }
    machine.finish();
    // What a stop breaks off is fetched again; what it lets end is not.
    let seen = machine.seen(stops + 1, stops);
    eprintln!("{stops} stops, the slowest took {slowest:?}; as of {seen}");
    assert_eq!(seen.faults(), [""; 0]);
    assert_eq!(seen.repeated(), 0, "who was being told is heard out");
    machine.is_whole();
}

#[test]
fn a_service_that_drops_everything_is_found_out() {
    let machine = Machine::start(Farm::start(4 * BETWEEN, Duration::from_millis(5)));
    machine.begin();
    // As if it did not listen to what asks it to stop.
    let (_, faults) = stopped(&machine, BETWEEN, "-KILL");
    for fault in [
        "it ended by",
        "visit WHERE state = 'leased'",
        "host WHERE owner",
    ] {
        let is_found = faults.iter().any(|found| found.contains(fault));
        assert!(is_found, "'{fault}' is not among {faults:?}");
    }
}

/// Starts the service, and sends it a signal once it has asked for so many pages more, or has nothing left to do. How long it
/// took to end, and what is wrong with how it did.
fn stopped(machine: &Machine, more: usize, signal: &str) -> (Duration, Vec<String>) {
    let (before, _) = machine.farm.count();
    let mut serve = machine.serve();
    let mut is_over = false;
    let mut looked = Instant::now();
    wait(|| {
        if looked.elapsed() > Duration::from_millis(100) {
            is_over =
                machine.count("run") > 0 && machine.count("run WHERE state <> 'finished'") == 0;
            looked = Instant::now();
        }
        is_over || machine.farm.count().0 - before > more
    });
    let (ended, took) = machine.end(&mut serve, signal);
    let mut faults = Vec::new();
    if ended.code() != Some(0) {
        faults.push(format!("it ended by {ended}"));
    }
    if took >= PATIENCE {
        faults.push(format!("it took {took:?}"));
    }
    for what in [
        "visit WHERE state = 'leased'",
        "host WHERE owner IS NOT NULL",
        "delivery WHERE owner IS NOT NULL",
    ] {
        let left = machine.count(what);
        if left > 0 {
            faults.push(format!("{left} left of {what}"));
        }
    }
    (took, faults)
}
