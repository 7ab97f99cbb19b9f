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
        let (before, _) = machine.farm.count();
        let more = 1 + random.below(2 * BETWEEN as u64) as usize;
        let serve = machine.serve();
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
        let took = machine.stop(serve);
        assert!(took < PATIENCE, "stop {stop} took {took:?}");
        slowest = slowest.max(took);
        for what in [
            "visit WHERE state = 'leased'",
            "host WHERE owner IS NOT NULL",
            "delivery WHERE owner IS NOT NULL",
        ] {
            assert_eq!(machine.count(what), 0, "stop {stop}: {what}");
        }
    }
    machine.finish();
    // What a stop breaks off is fetched again; what it lets end is not.
    let seen = machine.seen(stops + 1, stops);
    eprintln!("{stops} stops, the slowest took {slowest:?}; as of {seen}");
    assert_eq!(seen.faults(), [""; 0]);
    machine.is_whole();
}
