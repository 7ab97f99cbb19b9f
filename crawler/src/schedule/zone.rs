//! A zone's clock: what it shows at an instant, and where it jumps.

use chrono::{NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use sightline_model::Timestamp;

/// A zone of the IANA database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zone(pub Tz);

/// A change of a zone's offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
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
pub(super) fn naive(seconds: i64) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .naive_utc()
}
