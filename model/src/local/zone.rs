//! A zone's clock: what it shows at an instant, and where it jumps.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::{Problem, Timestamp};

/// A zone of the IANA database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Zone(Tz);

/// A change of a zone's offset.
#[derive(Clone, Copy, Debug)]
pub struct Jump {
    /// The first instant of the new offset, in Unix seconds.
    pub at: i64,
    /// Seconds east of UTC before it.
    pub before: i64,
    /// Seconds east of UTC from it on.
    pub after: i64,
}

/// Offsets are compared this far apart when looking for a jump. No zone jumps and jumps back within it.
const STRIDE: i64 = 12 * 60 * 60;
/// The longest that a jump can reach: Samoa left out a whole day.
const LONGEST_JUMP: i64 = 26 * 60 * 60;

impl Zone {
    /// The zone of this name; or what is wrong with it, under the key `zone`.
    pub fn named(text: &str) -> Result<Self, Problem> {
        Tz::from_str(text).map(Self).map_err(|_| {
            let remedy = match nearest_zone(text) {
                Some(name) => format!(
                    "write '{name}', if that is meant, or another name of the IANA time zone database"
                ),
                None => "write a name of the IANA time zone database, such as Europe/London or UTC"
                    .to_owned(),
            };
            Problem::new("zone", format!("'{text}' is not a time zone"), remedy)
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// When its clock shows so many minutes of this day. A time that the clock skips comes at the end of the gap, one that
    /// it shows twice the first time.
    pub fn instant(self, day: NaiveDate, minute: u32) -> Timestamp {
        let clock = day.and_time(Default::default()).and_utc().timestamp() + i64::from(minute) * 60;
        // By the offset of a day before, and again by what holds there: whatever jump lies between is then behind.
        let early = clock - self.offset(clock - LONGEST_JUMP);
        let instant = match self.first_jump(early - LONGEST_JUMP, early + LONGEST_JUMP) {
            None => early,
            Some(jump) if clock < jump.at + jump.before => clock - jump.before,
            Some(jump) => (clock - jump.after).max(jump.at),
        };
        Timestamp(instant * 1000)
    }

    /// Seconds east of UTC at an instant in Unix seconds.
    pub fn offset(self, at: i64) -> i64 {
        let utc = naive(at);
        i64::from(
            self.0
                .offset_from_utc_datetime(&utc)
                .fix()
                .local_minus_utc(),
        )
    }

    /// What its clock shows.
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        let seconds = at.0.div_euclid(1000);
        naive(seconds + self.offset(seconds))
    }

    /// What its clock shows, without going back: while it shows a stretch of time for the second time, the last second that it
    /// showed before.
    pub fn once(self, at: Timestamp) -> NaiveDateTime {
        match self.repeating(at.0.div_euclid(1000)) {
            Some(jump) => naive(jump.at + jump.before - 1),
            None => self.local(at),
        }
    }

    /// The first jump after `from`, up to and including `to`, both in Unix seconds.
    pub fn first_jump(self, from: i64, to: i64) -> Option<Jump> {
        let before = self.offset(from);
        let mut low = from;
        while low < to {
            let high = (low + STRIDE).min(to);
            if self.offset(high) != before {
                return Some(self.narrow(low, high));
            }
            low = high;
        }
        None
    }

    /// The jump backwards whose repeated stretch of clock time `at` stands in for the second time.
    pub fn repeating(self, at: i64) -> Option<Jump> {
        let now = self.offset(at);
        if self.offset(at - LONGEST_JUMP) == now {
            return None;
        }
        let jump = self.narrow(at - LONGEST_JUMP, at);
        (jump.after < jump.before && at + jump.after < jump.at + jump.before).then_some(jump)
    }

    /// The jump between two instants of different offset.
    fn narrow(self, mut low: i64, mut high: i64) -> Jump {
        let after = self.offset(high);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.offset(middle) == after {
                high = middle;
            } else {
                low = middle;
            }
        }
        Jump {
            at: high,
            before: self.offset(low),
            after,
        }
    }
}

/// Seconds since the epoch as a date and time; the epoch for years that no calendar here has.
pub fn naive(seconds: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .naive_utc()
}

/// The zone whose name, or whose city alone, is fewest slips away; none if that is too many.
fn nearest_zone(text: &str) -> Option<&'static str> {
    let wanted = text.trim().to_ascii_lowercase().replace(' ', "_");
    let most = 1 + wanted.chars().count() / 4;
    TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let city = lower.rsplit('/').next().unwrap_or_default();
            (slips(&wanted, &lower).min(slips(&wanted, city)), name)
        })
        .min()
        .filter(|&(slips, _)| slips <= most)
        .map(|(_, name)| name)
}

/// Characters to add, drop or replace to get from one text to the other (Levenshtein).
fn slips(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (line, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, to) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_time_is_an_instant_whatever_the_clock_does() {
        for (zone, day, minute, expected) in [
            ("Europe/Berlin", "2026-11-23", 480, "2026-11-23T07:00:00Z"),
            ("Europe/Berlin", "2026-07-01", 480, "2026-07-01T06:00:00Z"),
            // Skipped: at the end of the gap. Shown twice: the first time.
            ("Europe/Berlin", "2026-03-29", 150, "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29", 90, "2026-03-29T00:30:00Z"),
            ("Europe/Berlin", "2026-03-29", 200, "2026-03-29T01:20:00Z"),
            ("Europe/Berlin", "2026-10-25", 150, "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", "2026-10-25", 200, "2026-10-25T02:20:00Z"),
            ("America/New_York", "2026-11-01", 90, "2026-11-01T05:30:00Z"),
            ("Asia/Kathmandu", "2026-11-23", 0, "2026-11-22T18:15:00Z"),
            // A day that never was.
            ("Pacific/Apia", "2011-12-30", 600, "2011-12-30T10:00:00Z"),
            ("UTC", "2026-11-23", 1_439, "2026-11-23T23:59:00Z"),
        ] {
            let day = day.parse().unwrap();
            let at = Zone::named(zone).unwrap().instant(day, minute);
            assert_eq!(at.to_string(), expected, "{zone} {day} {minute}");
        }
    }

    #[test]
    fn a_wrong_name_gets_the_nearest_one() {
        let problem = Zone::named("Europe/Pariss").unwrap_err();
        assert_eq!(problem.key, "zone");
        assert!(problem.remedy.contains("'Europe/Paris'"), "{problem}");
    }
}
