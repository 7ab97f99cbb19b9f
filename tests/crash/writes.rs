//! A kill at each write of one cycle, from the page to the receipt of its message: nothing is lost, nothing is told under
//! two names, and what was acknowledged is stored.
//!
//! Writes are counted over all threads, by a small library that is loaded into the program (`writes.c`): which thread makes
//! which of them is chance, so a count by thread, which is what `strace` has, passes many a kill by.

use std::{
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    farm::Farm,
    machine::Machine,
    program::{Running, command},
    rounds::rounds,
};

/// Writes that a kill falls on, in the short form.
const FEW: usize = 10;
/// The cycle.
const CRAWL: [&str; 2] = ["crawl", "farm"];
/// How often something is done whose writes are counted.
const TIMES: usize = 3;
/// Runs in which a kill may miss the program before it has to meet it.
const TRIES: usize = 10;
const SIGKILL: i32 = 9;

#[test]
fn a_kill_at_each_write_of_a_cycle_loses_nothing() {
    let machine = Machine::start(Farm::start(3, Duration::ZERO));
    let writes = Writes::of(&machine);
    let kept = machine.place.path("kept");
    machine.keep(&kept);
    let all = writes.least(&kept, &CRAWL);
    let points = rounds("WRITES", FEW).min(all);
    for point in 1..=points {
        let nth = point * all / points;
        writes.kill(&kept, &CRAWL, nth);
        assert_eq!(machine.forgotten(), [""; 0], "at write {nth} of {all}");
        machine.finish();
        let seen = machine.seen(1, 1);
        assert_eq!(seen.faults(), [""; 0], "at write {nth} of {all}");
        machine.is_whole();
    }
    eprintln!("{points} kills in a cycle of {all} writes: nothing lost");
}

#[test]
fn a_message_sent_before_it_is_stored_is_found_out() {
    let machine = Machine::start(Farm::start(1, Duration::ZERO));
    machine.crawl().wait().expect("it ends");
    // As if the commit came after the message, and the kill between them.
    machine.sql("DELETE FROM delivery");
    assert_eq!(machine.forgotten().len(), 1);
    let faults = machine.seen(0, 0).faults();
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("another identifier")),
        "{faults:?}"
    );
}

/// What a machine does, with its writes counted.
pub struct Writes<'m> {
    machine: &'m Machine,
    library: PathBuf,
    count: PathBuf,
}

impl<'m> Writes<'m> {
    pub fn of(machine: &'m Machine) -> Self {
        let library = machine.place.path("writes.so");
        // Whoever builds Rust has a C compiler: it links with it.
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crash/writes.c"))
            .output()
            .expect("a C compiler");
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Self {
            machine,
            library,
            count: machine.place.path("writes"),
        }
    }

    /// Starts the program with these arguments, to be killed at its `nth` write.
    fn run(&self, arguments: &[&str], nth: Option<usize>) -> Running {
        _ = std::fs::remove_file(&self.count);
        let mut program = command(&self.machine.place.path(""));
        program
            .args(arguments)
            .env("LD_PRELOAD", &self.library)
            .env("WRITES_COUNTED", &self.count);
        if let Some(nth) = nth {
            program.env("WRITES_UNTIL_DEATH", nth.to_string());
        }
        self.machine.place.start(program, "crawl.log")
    }

    /// Starts the program from what was kept, and kills it at its `nth` write. A run that is over before that was one of the
    /// shorter ones: another is made in its place.
    #[track_caller]
    pub fn kill(&self, kept: &Path, arguments: &[&str], nth: usize) {
        let met = (0..TRIES).any(|_| {
            self.machine.again(kept);
            let ended = self.run(arguments, Some(nth)).wait().expect("it ends");
            ended.signal() == Some(SIGKILL) || {
                let made = self.counted();
                assert!(made < nth, "write {nth} was made: {made}, {ended}");
                false
            }
        });
        assert!(met, "no kill at write {nth} met the program");
    }

    /// How many writes the last run made, which ended by itself.
    fn counted(&self) -> usize {
        let count = std::fs::read_to_string(&self.count).expect("who ends tells it");
        count.parse().expect("a number")
    }

    /// How many writes this takes, each time from what was kept. How commits are shared is chance, and so is the number: the
    /// least of some times.
    pub fn least(&self, kept: &Path, arguments: &[&str]) -> usize {
        let times = (0..TIMES).map(|_| {
            self.machine.again(kept);
            let ended = self.run(arguments, None).wait().expect("it ends");
            assert!(ended.success(), "{ended}");
            self.counted()
        });
        let times: Vec<usize> = times.collect();
        eprintln!("writes of {arguments:?}: {times:?}");
        let least = times.into_iter().min().expect("it was done");
        assert!(least > 0, "it writes");
        least
    }
}
