//! Dates as people write them: a day, or an instant in RFC 3339.

use std::time::Duration;

use chrono::{Datelike, NaiveDate, NaiveTime};
use sightline_model::Timestamp;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A date as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Written {
    /// A day; days begin at midnight UTC.
    Day(Timestamp),
    /// An instant.
    Instant(Timestamp),
}

/// Forms that a day is written in. Day and month stand in either order where slashes or hyphens part them.
const FORMS: [&str; 14] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %B %Y",
    "%d. %B %Y",
    "%d-%B-%Y",
    "%B %d %Y",
    "%B %d, %Y",
    COMPACT,
];
/// Read only of eight digits: of fewer or more, it would make a date of any number.
const COMPACT: &str = "%Y%m%d";

impl Written {
    /// Reads a day in any of the usual forms, with months in digits or in English words, or an RFC 3339 instant.
    /// `05/06/2027` is not read: it is May to some and June to others. `31/12/2027` is one day to all.
    pub fn read(text: &str) -> Option<Self> {
        let mut days = FORMS
            .iter()
            .filter(|form| **form != COMPACT || is_compact(text))
            .filter_map(|form| NaiveDate::parse_from_str(text, form).ok())
            // A year of two digits is of no century.
            .filter(|day| (1000..=9999).contains(&day.year()));
        match days.next() {
            Some(day) => days
                .all(|other| other == day)
                .then(|| Self::Day(day.and_time(NaiveTime::MIN).and_utc().into())),
            None => Timestamp::parse(text).ok().map(Self::Instant),
        }
    }

    /// Where it begins.
    pub fn start(self) -> Timestamp {
        match self {
            Self::Day(at) | Self::Instant(at) => at,
        }
    }

    /// The first instant after it: a day lasts until the next.
    pub fn end(self) -> Timestamp {
        match self {
            Self::Day(at) => at + DAY,
            Self::Instant(at) => at,
        }
    }
}

fn is_compact(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_people_write_them() {
        for (written, start, end) in [
            ("2027-05-23", "2027-05-23T00:00:00Z", "2027-05-24T00:00:00Z"),
            ("23.05.2027", "2027-05-23T00:00:00Z", "2027-05-24T00:00:00Z"),
            (
                "2027-05-23T10:00:00+02:00",
                "2027-05-23T08:00:00Z",
                "2027-05-23T08:00:00Z",
            ),
        ] {
            let read = Written::read(written).unwrap();
            assert_eq!(read.start().to_string(), start, "{written}");
            assert_eq!(read.end().to_string(), end, "{written}");
        }
        for unread in [
            "05/06/2027",
            "05-06-2027",
            "2027-13-01",
            "2027-02-30",
            "31/31/2027",
            "23.05.27",
            "31/12/27",
            "46000",
            "2027123",
            "202712310",
            "12 Maybe 2027",
            "5 January",
            "soon",
            "",
        ] {
            assert_eq!(Written::read(unread), None, "{unread}");
        }
    }

    #[test]
    fn a_day_with_one_reading_is_read_in_any_form() {
        for (day, forms) in [
            (
                "2027-12-31",
                &[
                    "31/12/2027",
                    "12/31/2027",
                    "31-12-2027",
                    "31.12.2027",
                    "2027/12/31",
                    "2027.12.31",
                    "20271231",
                    "31 December 2027",
                    "December 31, 2027",
                ][..],
            ),
            (
                "2027-01-05",
                &["Jan 5 2027", "5 January 2027", "5. jan 2027", "05-JAN-2027"],
            ),
            ("2027-02-01", &["01-Feb-2027", "2027/02/01"]),
            // Both orders are one day.
            ("2027-06-06", &["06/06/2027"]),
        ] {
            for form in forms {
                let read = Written::read(form).map(|read| read.start().to_utc().date_naive());
                assert_eq!(
                    read.map(|read| read.to_string()).as_deref(),
                    Some(day),
                    "{form}"
                );
            }
        }
    }
}
