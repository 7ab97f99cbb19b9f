//! A disk that fails once, at each of the points where the program waits for it: nothing is acknowledged that is not
//! stored, and the work goes on.

use std::time::Duration;

use crate::{farm::Farm, machine::Machine, rounds::rounds, writes::under};

/// What the program waits for until it is on the disk.
const SYNCS: &str = "fsync,fdatasync";
/// Points of failure in the short form.
const FEW: usize = 4;
/// More than there are.
const ENOUGH: usize = 400;

#[test]
fn a_disk_that_fails_once_is_survived() {
    let machine = Machine::start(Farm::start(3, Duration::ZERO));
    let kept = machine.place.path("kept");
    machine.keep(&kept);
    let points = rounds("ERRORS", FEW);
    let mut failed = 0;
    for nth in 1..=points.min(ENOUGH) {
        machine.again(&kept);
        let ended = under(&machine, SYNCS, &format!("error=EIO:when={nth}")).wait();
        // What the program makes of it is its own affair: it may go on, or end and say why.
        if !ended.expect("it ends").success() {
            failed += 1;
            let said =
                std::fs::read_to_string(machine.place.path("crawl.log")).expect("it is there");
            assert!(!said.contains("panicked"), "at {nth}: {said}");
            assert!(said.to_lowercase().contains("error"), "at {nth}: {said}");
        }
        assert_eq!(machine.forgotten(), [""; 0], "at {nth}");
        machine.finish();
        assert_eq!(machine.seen(1, 1).faults(), [""; 0], "at {nth}");
        machine.is_whole();
    }
    eprintln!("of {points} crawls whose disk failed once, {failed} ended early: nothing lost");
}
