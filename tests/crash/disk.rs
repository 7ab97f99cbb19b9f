//! A disk that fills up under the service, or has less room than is to be left: it says so, asks no site for what it could not
//! keep, and goes on by itself once there is room.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use crate::{
    farm::Farm,
    machine::{CONCURRENCY, Machine, wait},
    program::Place,
    root::Mounted,
};

/// Room for everything, in KiB.
const ENOUGH: u64 = 64 << 10;
/// Room beside what the new instance needs, in KiB: far less than the crawl will.
const LITTLE: u64 = 512;
/// What the site shows.
const ADS: usize = 300;

/// How long it is watched whether anything is asked for.
const WHILE: Duration = Duration::from_secs(2);

#[test]
fn a_full_disk_is_told_of_and_the_work_goes_on_once_there_is_room() {
    // What is under way when the disk refuses is fetched again, as by a kill.
    runs_out(0, "is full; free some space");
}

#[test]
fn below_its_floor_nothing_is_fetched_and_nothing_is_fetched_twice() {
    // What has a seat when the floor is reached has its room: the one interruption is that by hand.
    runs_out(16, "work.free_mebibytes");
}

/// A disk that runs out of room, of which so many MiB are to be left free, and then has room again. `words` are what the
/// service says of it.
fn runs_out(floor: u64, words: &str) {
    let place = Place::empty();
    let Some(disk) = Mounted::tmpfs(&place.path("data"), ENOUGH) else {
        return;
    };
    let machine = Machine::with(Farm::start(ADS, Duration::ZERO), place, None);
    machine.begin();
    machine.leave_free(floor);
    disk.resize(disk.used() + (floor << 10) + LITTLE);
    let mut serve = machine.serve();
    let address = address(&machine);
    let ready = |is: u16| ask(&address).is_some_and(|(status, _)| status == is);
    let asked = || {
        let before = machine.farm.count().0;
        thread::sleep(WHILE);
        machine.farm.count().0 - before
    };

    wait(|| ready(503));
    let (_, said) = ask(&address).expect("it answers");
    assert!(said.contains("disk") && said.contains(words), "{said}");
    let before = machine.farm.count().0;
    let more = asked();
    if floor > 0 {
        // Whoever had a seat before the disk was below its floor may ask for a page yet, and nobody else.
        assert!(more <= CONCURRENCY, "{more} pages were asked for");
    }
    let (unkept, most) = unkept(&machine);
    assert!(
        unkept <= most,
        "{unkept} pages were asked for with nowhere to keep them, {most} may be"
    );
    assert!(before + more < ADS, "the disk had room for all of it");

    disk.resize(ENOUGH);
    wait(|| ready(200));
    wait(|| machine.farm.count().0 > before + more);
    // The control: it would have been seen.
    assert!(
        asked() > CONCURRENCY || machine.is_done(),
        "this is too short a while to tell anything by"
    );
    wait(|| machine.is_done());
    machine.stop(&mut serve);
    // One by hand.
    let refusals = match floor {
        0 => refusals(&machine),
        _ => 0,
    };
    let seen = machine.seen(1 + refusals, 1);
    eprintln!("short of room after {before} pages, and whole in the end; as of {seen}");
    assert_eq!(seen.faults(), [""; 0]);
    machine.is_whole();
}

/// How many pages were asked for and are not stored, and how many may be: a page has its seat until it is stored, so each time
/// that the work is begun can leave as many as there are seats. A full disk is known by what it refuses, so that its work is
/// begun anew now and then.
fn unkept(machine: &Machine) -> (usize, usize) {
    // In this order: what comes meanwhile makes it fewer, and lets it be more.
    let asked = machine.farm.count().0;
    let stored = usize::try_from(machine.count("visit WHERE state = 'done'"));
    let log = std::fs::read_to_string(machine.place.path("serve.log")).expect("it is there");
    let rests = |line: &&str| line.contains("it rests and goes on") && line.contains("crawling");
    // By hand, by the service, and after each rest.
    let begun = 2 + log.lines().filter(rests).count();
    let unkept = asked.saturating_sub(stored.expect("not that many"));
    (unkept, begun * CONCURRENCY)
}

/// How often a full disk broke off what was under way, by the service's log: each time that it refused, and each time that the
/// work rested for it. Where there was room again before that rest began, others had taken the seats meanwhile.
fn refusals(machine: &Machine) -> usize {
    let log = std::fs::read_to_string(machine.place.path("serve.log")).expect("it is there");
    let is_refusal = |line: &&str| {
        line.contains("ERROR the disk is full")
            || line.contains("it rests and goes on") && line.contains("crawling")
    };
    log.lines().filter(is_refusal).count()
}

/// Where the service says that its console is.
fn address(machine: &Machine) -> String {
    let mut address = None;
    wait(|| {
        let log = std::fs::read_to_string(machine.place.path("serve.log")).unwrap_or_default();
        let found = log
            .split_whitespace()
            .find(|word| word.contains("http://127.0.0.1:"));
        address = found.and_then(|word| {
            let port = word.split("http://127.0.0.1:").nth(1)?;
            let port: String = port.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("127.0.0.1:{port}"))
        });
        address.is_some()
    });
    address.expect("it was waited for")
}

/// The status and the words of an answer; none where none comes.
fn ask(address: &str) -> Option<(u16, String)> {
    let mut service = TcpStream::connect(address).ok()?;
    write!(
        service,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut said = String::new();
    service.read_to_string(&mut said).ok()?;
    let status = said.split(' ').nth(1)?.parse().ok()?;
    Some((status, said))
}
