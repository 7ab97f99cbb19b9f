//! Dates as people write them: a day, or an instant in RFC 3339.

use std::{ops::RangeInclusive, time::Duration};

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
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

/// Why a text is not read as a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unread {
    /// It is one day to some, and another to others.
    TwoDays {
        /// With the day first.
        day_first: NaiveDate,
        /// With the month first.
        month_first: NaiveDate,
    },
    /// It is a number, as a spreadsheet counts days.
    Count(NaiveDate),
    /// It is none.
    NoDate,
}

/// Which stands first of a day and its month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// `31/12/2027`.
    DayFirst,
    /// `12/31/2027`.
    MonthFirst,
}

/// A day in three numbers that slashes or hyphens part, the year last: the day that it is in either order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Numbers {
    day_first: Option<NaiveDate>,
    month_first: Option<NaiveDate>,
}

/// The orders that such numbers stand in, as chrono writes them: the day first, and the month first.
const ORDERS: [(&str, &str); 2] = [("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y")];
/// Forms that a day is written in with one reading.
const FORMS: [&str; 10] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d %B %Y",
    "%d. %B %Y",
    "%d-%B-%Y",
    "%B %d %Y",
    "%B %d, %Y",
    COMPACT,
];
/// Read only of eight digits: of fewer or more, it would make a date of any number.
const COMPACT: &str = "%Y%m%d";

/// The numbers that a spreadsheet counts days from 1990 to 2100 by. What is less may be a year, what is more anything.
const COUNTED: RangeInclusive<f64> = 32_874.0..=73_415.0;

impl Numbers {
    /// Reads `31/12/2027`; none where it is a day in neither order.
    pub fn read(text: &str) -> Option<Self> {
        let (day, month) = ORDERS
            .iter()
            .map(|(day, month)| (parsed(text, day), parsed(text, month)))
            .find(|days| *days != (None, None))?;
        Some(Self {
            day_first: day,
            month_first: month,
        })
    }

    /// The order that it proves, being a day in no other.
    pub fn proves(self) -> Option<Order> {
        match (self.day_first, self.month_first) {
            (Some(_), None) => Some(Order::DayFirst),
            (None, Some(_)) => Some(Order::MonthFirst),
            _ => None,
        }
    }

    /// The day that it is in this order; where it is none there, the one that it is.
    pub fn in_order(self, order: Order) -> Option<NaiveDate> {
        match order {
            Order::DayFirst => self.day_first.or(self.month_first),
            Order::MonthFirst => self.month_first.or(self.day_first),
        }
    }

    /// The one day that it is, or the two.
    pub fn day(self) -> Result<NaiveDate, Unread> {
        match (self.day_first, self.month_first) {
            (Some(day_first), Some(month_first)) if day_first != month_first => {
                Err(Unread::TwoDays {
                    day_first,
                    month_first,
                })
            }
            (day, other) => day.or(other).ok_or(Unread::NoDate),
        }
    }
}

impl Written {
    /// Reads a day in any of the usual forms, with months in digits or in English words, or an RFC 3339 instant.
    /// `05/06/2027` is not read: it is May to some and June to others. `31/12/2027` is one day to all.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let of_day = |day: NaiveDate| Self::Day(day.and_time(NaiveTime::MIN).and_utc().into());
        if let Some(numbers) = Numbers::read(text) {
            return numbers.day().map(of_day);
        }
        let day = FORMS
            .iter()
            .filter(|form| **form != COMPACT || is_compact(text))
            .find_map(|form| parsed(text, form));
        match day {
            Some(day) => Ok(of_day(day)),
            None => match Timestamp::parse(text) {
                Ok(at) => Ok(Self::Instant(at)),
                Err(_) => Err(counted(text).map_or(Unread::NoDate, Unread::Count)),
            },
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

impl Unread {
    /// What is wrong with the text, and what to write instead.
    pub fn in_words(self, text: &str) -> (String, String) {
        match self {
            Self::TwoDays {
                day_first,
                month_first,
            } => (
                format!(
                    "'{text}' is not a date that can be read in one way only: it is {day_first} where the day stands first, \
                     {month_first} where the month does"
                ),
                format!("write {day_first} or {month_first}"),
            ),
            Self::Count(day) => (
                format!(
                    "'{text}' is no date as people write it; it looks like a spreadsheet's number for {day}"
                ),
                format!("look whether that day is meant, and write it as {day}"),
            ),
            Self::NoDate => (
                format!("'{text}' is not a date that can be read"),
                "write it as year-month-day, e.g. 2027-05-23".to_owned(),
            ),
        }
    }
}

/// True of numbers that a spreadsheet may mean a day of 1990 to 2100 by, counting from 1900, or from 1904.
pub(crate) fn may_count_days(number: f64, is_1904: bool) -> bool {
    let from_1900 = number + if is_1904 { 1_462.0 } else { 0.0 };
    COUNTED.contains(&from_1900)
}

/// The day that a number would be, counted as most spreadsheets do: from 30 December 1899.
fn counted(text: &str) -> Option<NaiveDate> {
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let number: f64 = is_number
        .then(|| text.replace(',', ".").parse().ok())
        .flatten()?;
    let days = may_count_days(number, false).then_some(number.floor() as u64)?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

fn parsed(text: &str, form: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, form)
        .ok()
        // A year of two digits is of no century.
        .filter(|day| (1000..=9999).contains(&day.year()))
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
            "2027-13-01",
            "2027-02-30",
            "31/31/2027",
            "23.05.27",
            "31/12/27",
            "2027123",
            "2027",
            "202712310",
            "12 Maybe 2027",
            "5 January",
            "soon",
            "",
        ] {
            assert_eq!(Written::read(unread), Err(Unread::NoDate), "{unread}");
        }
    }

    #[test]
    fn what_is_not_read_says_which_days_it_may_be() {
        for (written, days) in [
            ("05/06/2027", "2027-06-05 2027-05-06"),
            ("5-6-2027", "2027-06-05 2027-05-06"),
            ("46000", "2025-12-09"),
            ("46000.5", "2025-12-09"),
            ("46000,5", "2025-12-09"),
            ("32874", "1990-01-01"),
            ("73415", "2100-12-31"),
            // A year, and a number that would be of the year 2143.
            ("2027", ""),
            ("88888", ""),
            ("-46000", ""),
            ("4e4", ""),
            ("46,000.5", ""),
        ] {
            let said = match Written::read(written) {
                Err(Unread::TwoDays {
                    day_first,
                    month_first,
                }) => format!("{day_first} {month_first}"),
                Err(Unread::Count(day)) => day.to_string(),
                Err(Unread::NoDate) => String::new(),
                Ok(read) => panic!("{written} is read as {read:?}"),
            };
            assert_eq!(said, days, "{written}");
        }
    }

    #[test]
    fn numbers_prove_an_order_where_they_are_a_day_in_no_other() {
        use Order::{DayFirst, MonthFirst};
        for (written, proves, day_first, month_first) in [
            ("31/12/2027", Some(DayFirst), "2027-12-31", "2027-12-31"),
            ("12/31/2027", Some(MonthFirst), "2027-12-31", "2027-12-31"),
            ("13-1-2027", Some(DayFirst), "2027-01-13", "2027-01-13"),
            ("29/2/2028", Some(DayFirst), "2028-02-29", "2028-02-29"),
            ("03/04/2027", None, "2027-04-03", "2027-03-04"),
            ("06/06/2027", None, "2027-06-06", "2027-06-06"),
        ] {
            let numbers = Numbers::read(written).unwrap();
            assert_eq!(numbers.proves(), proves, "{written}");
            for (order, day) in [(DayFirst, day_first), (MonthFirst, month_first)] {
                let read = numbers.in_order(order).unwrap();
                assert_eq!(read.to_string(), day, "{written}");
            }
        }
        for other in [
            "31.12.2027",
            "2027-12-31",
            "31/31/2027",
            "1/2",
            "1/2/27",
            "",
        ] {
            assert_eq!(Numbers::read(other), None, "{other}");
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
                    Ok(day),
                    "{form}"
                );
            }
        }
    }
}
