//! Cron's instants. croner says which clock times match; which instants those are, across jumps of the clock, is said here.

use chrono::{DateTime, TimeZone, Utc};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use sightline_model::{
    Timestamp,
    local::{Jump, Zone, naive},
};

use super::wrong;

#[derive(Clone, Debug)]
pub(super) struct CronTimes {
    cron: Cron,
    /// True where second, minute and hour are numbers, ranges or lists of them: times of day. Else it is a pace.
    of_day: bool,
}

impl CronTimes {
    /// Reads five or six fields, with names, or a nickname such as `@daily`. The error says what is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let cron = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build()
            .parse(text)
            .map_err(|error| wrong::in_words(text).unwrap_or_else(|| error.to_string()))?;
        let fields: Vec<&str> = text.split_whitespace().collect();
        // `@hourly` is a pace; the other nicknames mean midnight.
        let of_day = match fields.as_slice() {
            [nickname] => !nickname.eq_ignore_ascii_case("@hourly"),
            fields => !fields[..fields.len().saturating_sub(3)]
                .iter()
                .any(|field| field.contains(['*', '?', '/'])),
        };
        let times = Self { cron, of_day };
        // Every date that exists comes within eight years: 29 February, at the most.
        times
            .next_clock_time(1_767_225_600)
            .filter(|&found| found < 1_767_225_600 + 9 * 366 * 86_400)
            .map(|_| times.clone())
            .ok_or_else(|| "no such date ever comes".to_owned())
    }

    /// True where it means times of day, and not a pace.
    pub fn of_day(&self) -> bool {
        self.of_day
    }

    /// The first instant after `after`.
    pub fn next_after(&self, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
        // Unix seconds from here on. Clock times are written as if they were UTC.
        let mut from = after.0.div_euclid(1000);
        let mut clock = from + zone.offset(from) + 1;
        if self.of_day
            && let Some(jump) = zone.repeating(from)
        {
            clock = jump.at + jump.before;
        }
        loop {
            let found = self.next_clock_time(clock)?;
            let instant = found - zone.offset(from);
            let Some(jump) = zone.first_jump(from, instant) else {
                return Some(Timestamp(instant * 1000));
            };
            if self.of_day && falls_into_gap(found, jump) {
                return Some(Timestamp(jump.at * 1000));
            }
            // Begin again at the jump, by the new offset. Times of day that were shown before it do not count again.
            from = jump.at;
            clock = jump.at + jump.after;
            if self.of_day {
                clock = clock.max(jump.at + jump.before);
            }
        }
    }

    /// The first matching clock time from `clock` on.
    fn next_clock_time(&self, clock: i64) -> Option<i64> {
        let from: DateTime<Utc> = Utc.from_utc_datetime(&naive(clock));
        let found = self.cron.find_next_occurrence(&from, true).ok()?;
        Some(found.timestamp())
    }
}

fn falls_into_gap(clock: i64, jump: Jump) -> bool {
    (jump.at + jump.before..jump.at + jump.after).contains(&clock)
}
