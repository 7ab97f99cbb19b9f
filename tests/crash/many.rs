//! Thousands of alerts, and a machine that is killed while they are raised and again while they are told: each is told, what is
//! told twice has one name, and no more pages are fetched again than were under way.

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

/// Alerts in the short form.
const FEW_ALERTS: usize = 16;
/// Kills in the crawl, and again in the delivery, in the short form.
const FEW_KILLS: usize = 2;
/// Between two looks at whether a run is over. Looking more often would take the time of what is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// So long after what it waited for a kill comes at most, in milliseconds: in the middle of something, and not at its start.
const LATE: u64 = 30;

#[test]
fn thousands_of_alerts_are_told_whatever_is_killed() {
    let (alerts, kills) = (rounds("ALERTS", FEW_ALERTS), rounds("KILLS", FEW_KILLS));
    let begun = Instant::now();
    let mut story = Story::of(alerts);
    story.crawl(kills);
    let raised = begun.elapsed();
    story.deliver(kills, None);
    story.machine.finish();
    let seen = story.machine.seen(story.crawls, story.deliveries);
    eprintln!(
        "{alerts} alerts, raised after {raised:?}, all told after {:?}, {} of the kills with messages under way: {seen}",
        begun.elapsed(),
        story.met
    );
    assert_eq!(seen.faults(), [""; 0]);
    assert!(story.met > 0, "no kill met a delivery");
    story.machine.is_whole();
}

#[test]
fn alerts_that_are_settled_before_they_are_told_are_found_out() {
    let mut story = Story::of(FEW_ALERTS);
    story.crawl(2);
    // As if a message were taken from the outbox before it is sent.
    let breach =
        "UPDATE delivery SET state = 'delivered', delivered_at = 0 WHERE state <> 'delivered'";
    story.deliver(4, Some(breach));
    story.machine.finish();
    let faults = story.machine.seen(story.crawls, story.deliveries).faults();
    let is_found = faults.iter().any(|found| found.contains("are lost"));
    assert!(is_found, "{faults:?}");
}

/// The machine, with what was done to it.
struct Story {
    machine: Machine,
    random: Random,
    /// Kills in the crawl, and in the delivery.
    crawls: usize,
    deliveries: usize,
    /// Kills of the delivery that came while there was something to tell.
    met: usize,
}

impl Story {
    fn of(alerts: usize) -> Self {
        Self {
            machine: Machine::start(Farm::start(alerts, Duration::ZERO)),
            random: Random(20_261_129),
            crawls: 0,
            deliveries: 0,
            met: 0,
        }
    }

    /// Crawls the farm once, killed again and again, each time after some more of its pages; then to the end. The receiver takes
    /// each message and is silent, so that nearly all are still to be told afterwards.
    fn crawl(&mut self, kills: usize) {
        let Self {
            machine, random, ..
        } = self;
        machine.farm.answer(0);
        let stretch = (2 * machine.farm.ads() / kills.max(1)).max(1) as u64;
        for kill in 0..=kills {
            let (before, _) = machine.farm.count();
            let more = match kill == kills {
                false => random.below(stretch) as usize,
                true => usize::MAX,
            };
            let mut crawl = machine.crawl();
            let mut is_over = false;
            let mut looked = Instant::now();
            wait(|| {
                // A run is over before its messages are sent: the last kill falls in between.
                if kill > 0 && looked.elapsed() > LOOK {
                    is_over = machine.count("run WHERE state <> 'finished'") == 0;
                    looked = Instant::now();
                }
                is_over
                    || machine.farm.count().0 - before > more
                    || crawl.try_wait().expect("it can be asked").is_some()
            });
            if kill < kills {
                thread::sleep(Duration::from_millis(random.below(LATE)));
            }
            // SIGKILL.
            _ = crawl.kill();
            crawl.wait().expect("it was started");
            self.crawls += 1;
            if is_over {
                break;
            }
        }
        assert_eq!(machine.count("run WHERE state <> 'finished'"), 0);
        assert_eq!(machine.count("run"), 1);
    }

    /// Delivers, killed again and again after some more messages: each second time while the receiver has some and is silent.
    fn deliver(&mut self, kills: usize, breach: Option<&str>) {
        let Self {
            machine, random, ..
        } = self;
        // Half of them are told by then, so that each kill meets some.
        let stretch = (machine.farm.ads() / kills.max(1)).max(1) as u64;
        for kill in 0..kills {
            machine.farm.answer(204);
            machine.hasten();
            let (_, before) = machine.farm.count();
            let more = random.below(stretch) as usize;
            let mut deliver = machine.place.spawn(&["deliver"], "serve.log");
            wait(|| {
                machine.farm.count().1 - before > more
                    || deliver.try_wait().expect("it can be asked").is_some()
            });
            if kill % 2 == 1 {
                machine.farm.answer(0);
            }
            thread::sleep(Duration::from_millis(random.below(LATE)));
            _ = deliver.kill();
            let ended = deliver.wait().expect("it was started");
            self.deliveries += 1;
            self.met += usize::from(!ended.success() && machine.farm.count().1 > before);
            if let Some(breach) = breach {
                machine.sql(breach);
            }
        }
    }
}
