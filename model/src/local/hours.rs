//! Hours: stretches of the day, and days, by a zone's clock. A source is crawled in some, and people sleep in others. Each begins
//! and ends when the clock first shows its time: an hour that it shows twice opens and closes nothing again.

use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};

use super::zone::Zone;
use crate::Timestamp;

/// Hours and days; those in them are called open. The default is always.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hours {
    /// Empty: the whole day.
    pub windows: Vec<Window>,
    /// By days since Monday. None: every day.
    pub days: Option<[bool; 7]>,
}

/// Minutes of the day: from the first, up to but not including the last. The last may be the smaller: then over midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The first minute.
    pub from: u32,
    /// The first minute after it.
    pub to: u32,
}

impl Window {
    /// Reads `08:00-22:00`; over midnight `22:00-06:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::between(minute(from)?, minute(to)?)
    }

    /// From the one minute of the day to the other; none where it would hold nothing.
    pub fn between(from: u32, to: u32) -> Option<Self> {
        (from != to && from < 24 * 60).then_some(Self { from, to })
    }
}

/// Reads `08:30` as minutes of the day; `24:00` is the day's end.
pub fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let plain = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(minute) || !(plain(hour) || hour.len() == 1) {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= 24 * 60).then_some(total)
}

/// Reads a day, or a range of days that may go over Sunday (`mon`, `fri-mon`), as days since Monday.
pub fn days(text: &str) -> Option<Vec<usize>> {
    let day = |text: &str| {
        Weekday::from_str(text.trim())
            .ok()
            .map(|day| day.num_days_from_monday() as usize)
    };
    match text.split_once('-') {
        None => Some(vec![day(text)?]),
        Some((first, last)) => {
            let (first, last) = (day(first)?, day(last)?);
            Some(
                (0..=(last + 7 - first) % 7)
                    .map(|step| (first + step) % 7)
                    .collect(),
            )
        }
    }
}

const MINUTE: i64 = 60;
/// A weekly opening may fall into a gap of the clock, so the search goes beyond the week after it.
const FARTHEST: i64 = 15 * 24 * 60 * MINUTE;

impl Hours {
    /// `instant` if it is in open hours, else the next opening. None if nothing ever opens.
    pub fn open_from(&self, zone: &Zone, instant: Timestamp) -> Option<Timestamp> {
        self.first(zone, instant, true)
    }

    /// `instant` if it is in closed hours, else the end of the open ones. None if nothing ever closes.
    pub fn closed_from(&self, zone: &Zone, instant: Timestamp) -> Option<Timestamp> {
        self.first(zone, instant, false)
    }

    fn first(&self, zone: &Zone, instant: Timestamp, open: bool) -> Option<Timestamp> {
        if self.is_open(zone.once(instant)) == open {
            return Some(instant);
        }
        // Openings and ends are at full minutes of the clock, and every offset since 1972 is a multiple of a quarter of an
        // hour, so they are at full minutes of UTC as well.
        let first = instant.0.div_euclid(MINUTE * 1000) + 1;
        (first..first + FARTHEST / MINUTE)
            .map(|minute| Timestamp(minute * MINUTE * 1000))
            .find(|&minute| self.is_open(zone.once(minute)) == open)
    }

    /// The first instant of the closed hours that `instant` is in; none if it is in open ones.
    pub fn closed_since(&self, zone: &Zone, instant: Timestamp) -> Option<Timestamp> {
        if self.is_open(zone.once(instant)) {
            return None;
        }
        let last = instant.0.div_euclid(MINUTE * 1000);
        let closed = (last - FARTHEST / MINUTE..=last)
            .rev()
            .map(|minute| Timestamp(minute * MINUTE * 1000))
            .take_while(|&minute| !self.is_open(zone.once(minute)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_and_days_are_read() {
        for (text, expected) in [
            ("08:30", Some(510)),
            ("8:30", Some(510)),
            ("24:00", Some(1440)),
            ("24:01", None),
            ("8", None),
        ] {
            assert_eq!(minute(text), expected, "{text}");
        }
        assert_eq!(days("sat"), Some(vec![5]));
        assert_eq!(days("fri-mon"), Some(vec![4, 5, 6, 0]));
        assert_eq!(days("holidays"), None);
    }

    #[test]
    fn hours_end_by_the_clock_when_it_jumps() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let night = Hours {
            windows: vec![Window::parse("22:00-07:00").unwrap()],
            days: None,
        };
        for (at, end) in [
            ("2026-11-23T21:00:00Z", "2026-11-24T06:00:00Z"),
            // The night of the change to summer time is an hour shorter, that to winter time an hour longer.
            ("2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"),
            ("2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"),
            ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
        ] {
            let [at, end] = [at, end].map(|text| Timestamp::parse(text).unwrap());
            assert_eq!(night.closed_from(&berlin, at), Some(end));
        }
        assert_eq!(Hours::default().closed_from(&berlin, Timestamp(0)), None);
    }

    #[test]
    fn hours_begin_and_end_once_when_the_clock_jumps() {
        // Minute by minute over both nights: from when to when each is open, in UTC.
        for (zone, window, eve, open) in [
            // The clock goes back at 01:00 UTC, from 03:00 to 02:00.
            (
                "Europe/Berlin",
                "22:00-02:30",
                "2026-10-24",
                ("20:00", "00:30"),
            ),
            (
                "Europe/Berlin",
                "22:00-03:00",
                "2026-10-24",
                ("20:00", "02:00"),
            ),
            (
                "Europe/Berlin",
                "22:00-02:00",
                "2026-10-24",
                ("20:00", "00:00"),
            ),
            (
                "Europe/Berlin",
                "02:30-07:00",
                "2026-10-24",
                ("00:30", "06:00"),
            ),
            (
                "Europe/Berlin",
                "03:00-07:00",
                "2026-10-24",
                ("02:00", "06:00"),
            ),
            // It goes forward at 01:00 UTC, from 02:00 to 03:00.
            (
                "Europe/Berlin",
                "22:00-02:30",
                "2026-03-28",
                ("21:00", "01:00"),
            ),
            (
                "Europe/Berlin",
                "22:00-07:00",
                "2026-03-28",
                ("21:00", "05:00"),
            ),
            (
                "Europe/Berlin",
                "02:30-07:00",
                "2026-03-28",
                ("01:00", "05:00"),
            ),
            // Back over midnight, at 05:00 UTC, from 01:00 to 00:00.
            (
                "America/Havana",
                "20:00-00:30",
                "2026-10-31",
                ("00:00", "04:30"),
            ),
        ] {
            let zone = Zone::named(zone).unwrap();
            let hours = Hours {
                windows: vec![Window::parse(window).unwrap()],
                days: None,
            };
            let noon = Timestamp::parse(&format!("{eve}T15:00:00Z")).unwrap();
            let minutes: Vec<Timestamp> = (0..20 * 60)
                .map(|minute| Timestamp(noon.0 + minute * 60_000))
                .filter(|&at| hours.open_from(&zone, at) == Some(at))
                .collect();
            let (first, last) = (minutes[0], minutes[minutes.len() - 1]);
            let whole = (last.0 - first.0) / 60_000 + 1;
            assert_eq!(minutes.len() as i64, whole, "{window} {eve}: one stretch");
            let end = Timestamp(last.0 + 60_000);
            let told = [first, end].map(|at| at.to_string()[11..16].to_owned());
            assert_eq!((told[0].as_str(), told[1].as_str()), open, "{window} {eve}");
            assert_eq!(hours.closed_from(&zone, first), Some(end), "{window} {eve}");
            assert_eq!(hours.closed_from(&zone, last), Some(end), "{window} {eve}");
        }
    }
}
