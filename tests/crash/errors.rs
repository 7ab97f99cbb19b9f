//! A disk that fails at one of the points where the program waits for it, once or from then on: nothing is acknowledged that
//! is not stored, and the work goes on.

use std::{path::Path, time::Duration};

use crate::{
    farm::Farm,
    machine::{Machine, wait},
    program::{PROGRAM, Place, Running, in_folder},
    root::Mounted,
    rounds::rounds,
};

/// What the program waits for until it is on the disk.
const SYNCS: &str = "fsync,fdatasync";
/// Points of failure in the short form.
const FEW: usize = 4;
/// Crawls in a row in which nothing failed, after which no point is left.
const BEYOND: usize = 5;
/// What was injected, as `strace` writes it down.
const INJECTED: &str = "injected";
/// More than there are.
const ENOUGH: usize = 400;
/// Room for the store and the evidence, in MiB.
const ROOM: u64 = 64;

#[test]
fn a_disk_that_fails_once_is_survived() {
    let machine = Machine::start(Farm::start(3, Duration::ZERO));
    let kept = machine.place.path("kept");
    machine.keep(&kept);
    let points = rounds("ERRORS", FEW);
    let (mut failed, mut tried, mut untouched) = (0, 0, 0);
    for nth in 1..=points.min(ENOUGH) {
        machine.again(&kept);
        let ended = with_syncs(&machine, &format!("error=EIO:when={nth}")).wait();
        // No thread waits for its disk so often: beyond this there is nothing to fail. How often one does is not each time the same.
        untouched = match has_failed(&machine) {
            true => 0,
            false => untouched + 1,
        };
        if untouched == BEYOND {
            break;
        }
        tried += 1;
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
    eprintln!("of {tried} crawls whose disk failed once, {failed} ended early: nothing lost");
}

#[test]
fn what_the_disk_refused_to_keep_was_told_to_nobody() {
    let told = refused("error=EIO", |told, forgotten, nth| {
        assert_eq!(forgotten, [""; 0], "of {told}, from sync {nth} on");
    });
    assert!(told > 0, "nobody was ever told anything");
}

#[test]
fn a_program_that_is_not_told_that_its_disk_fails_is_found_out() {
    let mut found = 0;
    // As if the program did not look at what its syncs say: none reaches the disk, and each says that it has.
    refused("retval=0", |_, forgotten, _| found += forgotten.len());
    assert!(found > 0, "what was told is stored all the same");
}

/// Crawls on a disk that keeps nothing from one of each thread's syncs on, which end so; then the power is cut, so that what the
/// disk has is all there is. Each is judged by how many messages came, which of them are not stored, and the number of
/// the sync. How many messages came in all of them; none where nothing may be mounted.
fn refused(syncs: &str, mut judge: impl FnMut(usize, &[String], usize)) -> usize {
    let place = Place::empty();
    let Some(disk) = Mounted::ext4(&place.path("data"), ROOM) else {
        return 1;
    };
    let machine = Machine::with(Farm::start(3, Duration::ZERO), place, None);
    let kept = machine.place.path("kept");
    machine.keep(&kept);
    let mut all = 0;
    let mut nth = 1;
    while nth < ENOUGH {
        machine.again(&kept);
        // What it begins with is on the disk.
        disk.restart();
        let mut crawl = with_syncs(&machine, &format!("{syncs}:when={nth}+"));
        wait(|| crawl.try_wait().expect("it can be asked").is_some());
        disk.cut();
        disk.restart();
        let told = machine.farm.count().1;
        judge(told, &machine.forgotten(), nth);
        all += told;
        nth *= 4;
    }
    all
}

/// Starts a crawl of which what it waits for is treated so.
fn with_syncs(machine: &Machine, treated: &str) -> Running {
    let folder: &Path = &machine.place.path("");
    let mut strace = in_folder(folder, "strace");
    strace
        .args(["-f", "-qqq", "-o", INJECTED])
        .args(["-e", &format!("trace={SYNCS}")])
        .args(["-e", &format!("inject={SYNCS}:{treated}")])
        .args([PROGRAM, "crawl", "farm"]);
    machine.place.start(strace, "crawl.log")
}

/// Whether the disk failed in the crawl before.
fn has_failed(machine: &Machine) -> bool {
    let traced = std::fs::read_to_string(machine.place.path(INJECTED));
    traced.expect("it was traced").contains("(INJECTED)")
}
