//! When a source is due: pure planner's arithmetic, right across the changes of its zone's clock.
//!
//! # Daylight saving
//! The rule is that of Vixie cron and croner. A cron whose hour and minute are plain numbers (`30 1 * * *`) means a time of day:
//! where the clock skips it in spring, it is due once, at the end of the gap; where the clock shows it twice in autumn, it is
//! due once, the first time. A cron with a star or a step in its hour, minute or second (`*/20 * * * *`) means a pace: nothing is
//! made up for what the clock skips, and both passes of a doubled hour count. An interval (`every`) knows no clock at all.
//!
//! # Closed hours
//! An instant that falls into a closed hour moves to the opening, together with any others that do.

mod cron;
mod parse;
mod settings;
mod touched;
mod wrong;

use std::time::Duration;

use sha2::{Digest, Sha256};
use sightline_model::{
    Timestamp,
    local::{Hours, Zone},
};

use self::cron::CronTimes;
pub use settings::{Misfire, Overlap, ScheduleSettings};
pub use touched::{Comes, Touched};

/// When a source is due, ready to be asked. From [`Schedule::parse`].
#[derive(Clone, Debug)]
pub struct Schedule {
    times: Times,
    zone: Zone,
    hours: Hours,
    jitter: Duration,
    misfire: Misfire,
    overlap: Overlap,
}

#[derive(Clone, Debug)]
enum Times {
    /// Never by itself, only when someone asks.
    ByHand,
    Cron(Box<CronTimes>),
    /// The multiples of it since 1970-01-01T00:00:00Z.
    Every(Duration),
}

/// What a look at the clock comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// The instant to plan a run for: the latest that is due, since runs that were missed are made up for by one.
    pub plan: Option<Timestamp>,
    /// The instant that was missed and, by policy, is not made up for. To be recorded as a skipped run.
    pub skipped: Option<Timestamp>,
    /// When to look again; none if the schedule has no further instant.
    pub next: Option<Timestamp>,
}

/// A planner that is at most this late has not missed the instant.
const PUNCTUAL: Duration = Duration::from_secs(60);

/// How far back the latest missed instant is looked for, in steps: a short look finds it in a frequent schedule, without
/// going through all that a year's absence has missed.
const LOOKS_BACK: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(32 * 24 * 60 * 60),
];

impl Schedule {
    /// Reads the settings; or says all that is wrong with them, each with its remedy.
    pub fn parse(settings: &ScheduleSettings) -> Result<Self, Vec<sightline_model::Problem>> {
        parse::parse(settings)
    }

    /// The first instant after `after`; none if there is none (a schedule by hand, or a date that no longer comes).
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        // Inside closed hours, what fell due since they began is still to come, at the opening.
        let since = match self.hours.closed_since(&self.zone, after) {
            Some(start) => start - Duration::from_millis(1),
            None => after,
        };
        let instant = self.times.next_after(&self.zone, since)?;
        self.hours.open_from(&self.zone, instant.max(after))
    }

    /// What is due at `now`, if nothing up to and including `since` is: pass the last instant that was planned, or, for a
    /// source that never was, the instant at which it was first seen.
    pub fn due(&self, since: Timestamp, now: Timestamp) -> Due {
        let latest = self.latest_between(since, now);
        let missed = latest.filter(|&at| self.misfire == Misfire::Skip && now.since(at) > PUNCTUAL);
        Due {
            plan: latest.filter(|_| missed.is_none()),
            skipped: missed,
            next: self.next_after(now.max(since)),
        }
    }

    /// When a run that is planned for `planned` starts: up to the jitter later, drawn from the source's name and the instant,
    /// so that every process comes to the same. Not later than the open hours last.
    pub fn start_of(&self, planned: Timestamp, source: &str) -> Timestamp {
        let hash = Sha256::new()
            .chain_update(planned.0.to_be_bytes())
            .chain_update(source)
            .finalize();
        let draw = hash
            .iter()
            .take(4)
            .fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte));
        let start = planned
            + self
                .jitter
                .mul_f64(f64::from(draw) / (f64::from(u32::MAX) + 1.0));
        let open = self.hours.closed_since(&self.zone, start).is_none();
        if open { start } else { planned }
    }

    /// What to do when a run is due while an earlier one is under way.
    pub fn overlap(&self) -> Overlap {
        self.overlap
    }

    fn latest_between(&self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let starts = LOOKS_BACK
            .iter()
            .map(|&back| since.max(now - back))
            .chain([since]);
        let mut latest = starts
            .filter_map(|start| self.next_after(start))
            .find(|&instant| instant <= now)?;
        while let Some(next) = self.next_after(latest).filter(|&next| next <= now) {
            latest = next;
        }
        Some(latest)
    }
}

impl Times {
    fn next_after(&self, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::ByHand => None,
            Self::Cron(cron) => cron.next_after(zone, after),
            Self::Every(length) => {
                let length = i64::try_from(length.as_millis())
                    .ok()
                    .filter(|&length| length > 0)?;
                let turns = after.0.div_euclid(length).checked_add(1)?;
                turns.checked_mul(length).map(Timestamp)
            }
        }
    }
}

#[cfg(test)]
mod tests;
