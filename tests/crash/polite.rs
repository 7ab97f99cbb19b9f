//! A crawl that is killed again and again, and goes on: no page is lost, and the site is asked no more often than its
//! source's file says, restarts included. The site's own log is the judge.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    farm::Farm,
    machine::{Machine, wait},
    random::Random,
    rounds::rounds,
};

/// Kills in the short form.
const FEW: usize = 3;
/// Kills where a turn is forgotten: each is worth what starting again is quicker than the pause.
const FORGETFUL: usize = 6;
/// What the source's file asks for: a request every four seconds, longer than it takes a busy machine to start again.
const POLITENESS: &str = "requests_per_second = 0.25\njitter = 0.0";
const PAUSE: Duration = Duration::from_secs(4);
/// What the log may be out by: where a busy machine is slow to bring a request, those behind it seem early. Turns that are
/// forgotten add up to more.
const SLACK: Duration = PAUSE;

#[test]
fn a_crawl_goes_on_after_kills_and_stays_polite() {
    let kills = rounds("POLITE", FEW);
    let machine = crawled(kills, None);
    machine.finish();
    let asked = asked(&machine);
    let early = early(&asked);
    let seen = machine.seen(kills, 0);
    eprintln!(
        "{kills} kills, {} requests, no two within {:?} of each other; {seen}",
        asked.len(),
        closest(&asked)
    );
    assert_eq!(early, [""; 0]);
    assert_eq!(seen.faults(), [""; 0]);
    machine.is_whole();
}

#[test]
fn a_turn_that_a_kill_makes_forgotten_is_found_out() {
    // As if the next permitted instant stood in the worker's memory alone.
    let machine = crawled(FORGETFUL, Some("UPDATE host SET next_at = 0"));
    let asked = asked(&machine);
    let early = early(&asked);
    assert!(
        !early.is_empty(),
        "nothing was found: {:?}",
        closest(&asked)
    );
}

/// Crawls the farm, killed each time soon after it was asked for another page. With a breach, that is done to the store at each
/// kill.
fn crawled(kills: usize, breach: Option<&str>) -> Machine {
    // More ads than there are kills: each meets a page.
    let machine = Machine::polite(Farm::start(kills + 2, Duration::ZERO), POLITENESS);
    let mut random = Random(20_261_129);
    for _ in 0..kills {
        let (before, _) = machine.farm.count();
        let mut crawl = machine.crawl();
        wait(|| machine.farm.count().0 > before || crawl.try_wait().unwrap().is_some());
        // Before what came is stored, or after.
        thread::sleep(Duration::from_millis(random.below(400)));
        // SIGKILL.
        _ = crawl.kill();
        crawl.wait().unwrap();
        if let Some(breach) = breach {
            machine.sql(breach);
        }
    }
    machine
}

/// When the farm was asked for anything, in order.
fn asked(machine: &Machine) -> Vec<Instant> {
    let mut asked = machine.farm.seen().asked;
    asked.sort();
    for (at, path) in &asked {
        let after = at.duration_since(asked[0].0).as_secs_f64();
        eprintln!("{after:>8.3} s  {path}");
    }
    asked.into_iter().map(|(at, _)| at).collect()
}

/// Requests that came before their time, in words: however many come in a row, they take as long as so many pauses.
fn early(asked: &[Instant]) -> Vec<String> {
    let mut early = Vec::new();
    for (first, begun) in asked.iter().enumerate() {
        for (more, at) in asked[first..].iter().enumerate().skip(1) {
            let took = at.duration_since(*begun);
            let least = PAUSE * u32::try_from(more).expect("not that many");
            if took + SLACK < least {
                early.push(format!(
                    "{more} more within {took:?} of request {first}, not within {least:?}"
                ));
            }
        }
    }
    early
}

/// The least time between two requests.
fn closest(asked: &[Instant]) -> Option<Duration> {
    let pairs = asked.windows(2);
    pairs.map(|pair| pair[1].duration_since(pair[0])).min()
}
