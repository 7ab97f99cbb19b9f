//! Dates as people write them: a day, or an instant in RFC 3339.

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
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

impl Written {
    /// Reads `2027-05-23`, `23.05.2027` or an RFC 3339 instant. `05/06/2027` is not read: it is May to some and June
    /// to others.
    pub fn read(text: &str) -> Option<Self> {
        ["%Y-%m-%d", "%d.%m.%Y"]
            .iter()
            .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
            .map(|day| Self::Day(day.and_time(NaiveTime::MIN).and_utc().into()))
            .or_else(|| Timestamp::parse(text).ok().map(Self::Instant))
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
        for unread in ["05/06/2027", "2027-13-01", "2027-02-30", "soon", ""] {
            assert_eq!(Written::read(unread), None, "{unread}");
        }
    }
}
