//! A kill at each write of one cycle, from the page to the receipt of its message: nothing is lost, nothing is told under
//! two names, and what was acknowledged is stored.

use std::{process::Command, time::Duration};

use crate::{
    farm::Farm,
    machine::Machine,
    program::{PROGRAM, Running, in_folder},
    rounds::rounds,
};

/// The system calls by which anything is written, on the disk or to others.
pub const WRITES: &str = "write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync,ftruncate,rename,renameat2,unlink,unlinkat";
/// Writes that a kill falls on, in the short form.
const FEW: usize = 10;

#[test]
fn a_kill_at_each_write_of_a_cycle_loses_nothing() {
    let machine = Machine::start(Farm::start(3, Duration::ZERO));
    let kept = machine.place.path("kept");
    machine.keep(&kept);
    let writes = writes_of_a_cycle(&machine);
    let points = rounds("WRITES", FEW).min(writes);
    let mut killed = 0;
    for point in 1..=points {
        let nth = point * writes / points;
        machine.again(&kept);
        let ended = under(&machine, WRITES, &format!("signal=SIGKILL:when={nth}")).wait();
        killed += usize::from(!ended.expect("it ends").success());
        assert_eq!(machine.forgotten(), [""; 0], "at write {nth} of {writes}");
        machine.finish();
        let seen = machine.seen(1, 1);
        assert_eq!(seen.faults(), [""; 0], "at write {nth} of {writes}");
        machine.is_whole();
    }
    eprintln!(
        "{killed} of {points} kills fell into a cycle of {writes} writes of one thread: nothing lost"
    );
    // Which thread makes the last writes is a matter of chance: a busy machine spreads them over more.
    assert!(killed * 4 > points, "{killed} of {points} met the program");
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

/// Starts a crawl of which the system calls of this set are treated so.
pub fn under(machine: &Machine, set: &str, treated: &str) -> Running {
    let mut strace = in_folder(&machine.place.path(""), "strace");
    strace
        .args(["-f", "-qqq", "-o", "/dev/null"])
        .args(["-e", &format!("trace={set}")])
        .args(["-e", &format!("inject={set}:{treated}")])
        .args([PROGRAM, "crawl", "farm"]);
    machine.place.start(strace, "crawl.log")
}

/// How many writes the busiest thread of a crawl makes, for such calls are counted by thread.
fn writes_of_a_cycle(machine: &Machine) -> usize {
    let log = machine.place.path("writes");
    let mut strace: Command = in_folder(&machine.place.path(""), "strace");
    strace
        .args([
            "-f",
            "-qqq",
            "--seccomp-bpf",
            "-e",
            &format!("trace={WRITES}"),
            "-o",
        ])
        .arg(&log)
        .args([PROGRAM, "crawl", "farm"]);
    let ended = machine.place.start(strace, "crawl.log").wait();
    assert!(
        ended
            .expect("strace is installed by scripts/tools")
            .success()
    );
    let log = std::fs::read(&log).expect("strace writes it");
    let mut by_thread = std::collections::BTreeMap::<&[u8], usize>::new();
    for line in log
        .split(|byte| *byte == b'\n')
        .filter(|line| line.contains(&b'('))
    {
        let thread = line.split(|byte| *byte == b' ').next().unwrap_or_default();
        *by_thread.entry(thread).or_default() += 1;
    }
    by_thread.into_values().max().expect("a crawl writes")
}
