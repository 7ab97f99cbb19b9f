//! Where the clock of a schedule's zone jumps over times that the plan has, or shows them twice; and what becomes of them.

use std::iter;

use chrono::NaiveDateTime;
use sightline_model::{
    Timestamp,
    local::{Jump, Zone, naive},
};

use super::{Schedule, Times};

/// A time of the plan that a jump of the clock skips or shows twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Touched {
    /// The time, as the clock would show it; the first, where there are more.
    pub time: NaiveDateTime,
    /// Where the stretch ends that is skipped or shown twice, as the clock shows it.
    pub end: NaiveDateTime,
    /// True where the plan has more times in that stretch.
    pub are_more: bool,
    /// How far the clock jumps, in seconds: forward where it is more than nothing, else back.
    pub by: i64,
    /// What becomes of it.
    pub comes: Comes,
}

/// What becomes of a time that the clock skips or shows twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comes {
    /// It is skipped, and what was planned for it comes then.
    Later(Timestamp),
    /// It is skipped, and nothing is made up for it; the plan goes on then.
    Never(Timestamp),
    /// It is shown twice, and comes once, the first time.
    Once(Timestamp),
    /// It is shown twice, and comes both times.
    Twice(Timestamp, Timestamp),
}

impl Comes {
    /// The first instant after `now` at which the plan is not as on other days; none where that is over.
    pub fn after(self, now: Timestamp) -> Option<Timestamp> {
        let (first, last) = match self {
            Self::Later(at) | Self::Never(at) | Self::Once(at) => (at, at),
            Self::Twice(first, last) => (first, last),
        };
        [first, last].into_iter().find(|at| *at > now)
    }
}

impl Schedule {
    /// The times of the plan that are touched by the jumps of the clock after `after`, up to and including `until`. A pace that
    /// goes on as steadily as on other days is not, and an interval knows no clock.
    pub fn touched(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Touched> {
        let (mut from, until) = (after.0.div_euclid(1000), until.0.div_euclid(1000));
        let jumps = iter::from_fn(move || {
            let jump = self.zone.first_jump(from, until)?;
            from = jump.at;
            Some(jump)
        });
        jumps.filter_map(|jump| self.touched_by(jump))
    }

    fn touched_by(&self, jump: Jump) -> Option<Touched> {
        let Times::Cron(cron) = &self.times else {
            return None;
        };
        // The plan as it would be by a clock that does not jump: clock times as if they were UTC.
        let steady = Self {
            zone: Zone::named("UTC").ok()?,
            ..self.clone()
        };
        let first_from = |plan: &Self, seconds: i64| plan.next_after(Timestamp(seconds * 1000 - 1));
        let begin = jump.at + jump.before.min(jump.after);
        let end = jump.at + jump.before.max(jump.after);
        let time = first_from(&steady, begin)?.0.div_euclid(1000);
        if time >= end {
            return None;
        }
        let next_time = steady.next_after(Timestamp(time * 1000));
        let next_time = next_time.map(|at| at.0.div_euclid(1000));
        // As if the clock had not jumped.
        let unmoved = |time: i64| Timestamp((time - jump.before) * 1000);
        let is_planned = |at: Timestamp| first_from(self, at.0.div_euclid(1000)) == Some(at);
        let comes = match jump.after > jump.before {
            true if cron.of_day() => Comes::Later(first_from(self, jump.at)?),
            true if is_planned(unmoved(time)) => return None,
            true => Comes::Never(first_from(self, jump.at)?),
            false => {
                let first = unmoved(time);
                let second = Timestamp((time - jump.after) * 1000);
                match (is_planned(first), is_planned(second)) {
                    (true, false) => Comes::Once(first),
                    (true, true) if self.next_after(first) == next_time.map(unmoved) => {
                        return None;
                    }
                    (true, true) => Comes::Twice(first, second),
                    // Closed hours have moved it out of what is shown twice.
                    (false, _) => return None,
                }
            }
        };
        Some(Touched {
            time: naive(time),
            end: naive(end),
            are_more: next_time.is_some_and(|next| next < end),
            by: jump.after - jump.before,
            comes,
        })
    }
}
