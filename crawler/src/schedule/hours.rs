//! Open hours: when a source may be crawled, by its zone's clock.

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};
use sightline_model::Timestamp;

use super::zone::Zone;

/// Hours and days in which runs may be planned. The default is always open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Hours {
    /// Empty: the whole day.
    pub windows: Vec<Window>,
    /// By days since Monday. None: every day.
    pub days: Option<[bool; 7]>,
}

/// Minutes of the day: from the first, up to but not including the last. The last may be the smaller: then over midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Window {
    pub from: u32,
    pub to: u32,
}

const MINUTE: i64 = 60;
/// A weekly opening may fall into a gap of the clock, so the search goes beyond the week after it.
const FARTHEST: i64 = 15 * 24 * 60 * MINUTE;

impl Hours {
    /// `instant` if it is in open hours, else the next opening. None if nothing ever opens.
    pub fn open_from(&self, zone: &Zone, instant: Timestamp) -> Option<Timestamp> {
        if self.is_open(zone.local(instant)) {
            return Some(instant);
        }
        // Openings are at full minutes of the clock, and every offset since 1972 is a multiple of a quarter of an hour, so
        // they are at full minutes of UTC as well.
        let first = instant.0.div_euclid(MINUTE * 1000) + 1;
        (first..first + FARTHEST / MINUTE)
            .map(|minute| Timestamp(minute * MINUTE * 1000))
            .find(|&minute| self.is_open(zone.local(minute)))
    }

    /// The first instant of the closed hours that `instant` is in; none if it is in open ones.
    pub fn closed_since(&self, zone: &Zone, instant: Timestamp) -> Option<Timestamp> {
        if self.is_open(zone.local(instant)) {
            return None;
        }
        let last = instant.0.div_euclid(MINUTE * 1000);
        let closed = (last - FARTHEST / MINUTE..=last)
            .rev()
            .map(|minute| Timestamp(minute * MINUTE * 1000))
            .take_while(|&minute| !self.is_open(zone.local(minute)));
        closed.last()
    }

    fn is_open(&self, local: NaiveDateTime) -> bool {
        let day_open = |day: Weekday| {
            self.days
                .is_none_or(|days| days[day.num_days_from_monday() as usize])
        };
        let (today, yesterday) = (local.weekday(), local.weekday().pred());
        if self.windows.is_empty() {
            return day_open(today);
        }
        let minute = local.hour() * 60 + local.minute();
        self.windows.iter().any(|&Window { from, to }| {
            if from < to {
                day_open(today) && (from..to).contains(&minute)
            } else {
                day_open(today) && minute >= from || day_open(yesterday) && minute < to
            }
        })
    }
}
