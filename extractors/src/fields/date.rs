//! Dates: as a site's own format says, as machines write them, as people do, or relative to when the page was fetched.

use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone,
    Utc,
};
use chrono_tz::Tz;
use sightline_model::Timestamp;

use super::relative::{self, Past};

/// A date that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Date {
    /// RFC 3339 in UTC, or the day alone where no time of day was given.
    pub written: String,
    /// True where it was written relative to now.
    pub relative: bool,
}

/// Reads a date. `formats` are strftime formats, tried in order; where there are none, known forms are tried.
pub(super) fn read(
    text: &str,
    formats: &[String],
    zone: Tz,
    fetched_at: Timestamp,
) -> Option<Date> {
    let text = text.trim();
    if formats.is_empty() {
        return by_machine(text, zone)
            .map(steady)
            .or_else(|| by_clock(text, zone, fetched_at))
            .or_else(|| by_hand(text, zone, fetched_at).map(steady));
    }
    let english = with_english_months(text);
    let by_format = formats
        .iter()
        .flat_map(|format| [(format, text), (format, english.as_str())])
        .find_map(|(format, text)| formatted(text, format, zone));
    by_format
        .map(steady)
        .or_else(|| by_clock(text, zone, fetched_at))
}

/// A moment as it was read, before it is written.
enum Moment {
    Instant(DateTime<Utc>),
    Day(NaiveDate),
}

fn steady(moment: Moment) -> Date {
    Date {
        written: written(moment),
        relative: false,
    }
}

fn written(moment: Moment) -> String {
    match moment {
        Moment::Instant(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Moment::Day(day) => day.to_string(),
    }
}

fn formatted(text: &str, format: &str, zone: Tz) -> Option<Moment> {
    if let Ok(at) = DateTime::parse_from_str(text, format) {
        return Some(Moment::Instant(at.to_utc()));
    }
    if let Ok(at) = NaiveDateTime::parse_from_str(text, format) {
        return Some(Moment::Instant(in_zone(at, zone)?));
    }
    NaiveDate::parse_from_str(text, format)
        .ok()
        .map(Moment::Day)
}

/// A local time as an instant. Of two readings, where clocks go back, the earlier; where they go forward, an hour on.
fn in_zone(at: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&at) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => {
            let later = at.checked_add_signed(chrono::TimeDelta::hours(1))?;
            zone.from_local_datetime(&later)
                .earliest()
                .map(|at| at.to_utc())
        }
    }
}

/// RFC 3339, ISO 8601, RFC 2822, and seconds or milliseconds since 1970.
fn by_machine(text: &str, zone: Tz) -> Option<Moment> {
    if let Ok(at) =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text))
    {
        return Some(Moment::Instant(at.to_utc()));
    }
    if matches!(text.len(), 10 | 13) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        let at = match text.len() {
            10 => DateTime::from_timestamp(number, 0),
            _ => DateTime::from_timestamp_millis(number),
        };
        return at.map(Moment::Instant);
    }
    const ISO: [&str; 8] = [
        "%Y-%m-%dT%H:%M:%S%.f%z",
        "%Y-%m-%d %H:%M:%S%.f%z",
        "%Y-%m-%dT%H:%M%z",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d",
    ];
    ISO.iter().find_map(|format| formatted(text, format, zone))
}

/// "2 hours ago", "yesterday 14:30".
fn by_clock(text: &str, zone: Tz, fetched_at: Timestamp) -> Option<Date> {
    let now = fetched_at.to_utc();
    let moment = match relative::read(text, now)? {
        Past::Instant(at) => Moment::Instant(at),
        Past::Days(at) => Moment::Day(at.with_timezone(&zone).date_naive()),
        Past::Named(days, behind) => {
            let day = relative::days_before(now.with_timezone(&zone).date_naive(), days)?;
            let lower = text.to_lowercase();
            match clock_time(&words(lower.get(behind..).unwrap_or_default())) {
                Some(time) => Moment::Instant(in_zone(day.and_time(time), zone)?),
                None => Moment::Day(day),
            }
        }
    };
    Some(Date {
        written: written(moment),
        relative: true,
    })
}

/// `23 November 2026, 14:30`, `Nov 23`, `23.11.2026`, `23/11/26`. Where day and month could change places, none.
fn by_hand(text: &str, zone: Tz, fetched_at: Timestamp) -> Option<Moment> {
    let lower = text.to_lowercase();
    let words = words(&lower);
    let (day, used) = numeric_day(&words).or_else(|| named_day(&words, zone, fetched_at))?;
    let rest: Vec<&str> = words
        .iter()
        .enumerate()
        .filter(|(index, _)| !used.contains(index))
        .map(|(_, word)| *word)
        .collect();
    match clock_time(&rest) {
        Some(time) => Some(Moment::Instant(in_zone(day.and_time(time), zone)?)),
        None => Some(Moment::Day(day)),
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split(|letter: char| {
        letter.is_whitespace() || matches!(letter, ',' | '|' | '(' | ')' | '·')
    })
    .filter(|word| !word.is_empty())
    .collect()
}

/// A day in figures, and the words it takes.
fn numeric_day(words: &[&str]) -> Option<(NaiveDate, Vec<usize>)> {
    words.iter().enumerate().find_map(|(index, word)| {
        let word = word.trim_end_matches(['.', ':']);
        let sign = word
            .chars()
            .find(|letter| matches!(letter, '.' | '/' | '-'))?;
        let parts: Vec<u32> = word
            .split(sign)
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        let [first, second, third] = parts[..] else {
            return None;
        };
        if first > 31 {
            return Some((date(first, second, third)?, vec![index]));
        }
        let year = full_year(third)?;
        let (month, day) = match sign {
            // Only slashes and hyphens are used for both orders.
            '.' => (second, first),
            _ if first > 12 => (second, first),
            _ if second > 12 => (first, second),
            _ if first == second => (first, second),
            _ => return None,
        };
        Some((date(year, month, day)?, vec![index]))
    })
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn full_year(written: u32) -> Option<u32> {
    match written {
        0..=69 => Some(2_000 + written),
        70..=99 => Some(1_900 + written),
        1_000..=9_999 => Some(written),
        _ => None,
    }
}

/// A day with its month in words, and the words it takes. Without a year, it is the last such day before the fetch.
fn named_day(words: &[&str], zone: Tz, fetched_at: Timestamp) -> Option<(NaiveDate, Vec<usize>)> {
    let (at, month) = words
        .iter()
        .enumerate()
        .find_map(|(index, word)| Some((index, month(word)?)))?;
    let number = |index: Option<usize>| -> Option<(usize, u32)> {
        let index = index?;
        let word = words.get(index)?.trim_end_matches('.');
        let digits = word
            .trim_end_matches(|letter: char| letter.is_alphabetic() || matches!(letter, 'º' | 'ª'));
        Some((index, digits.parse().ok()?))
    };
    // `23 de noviembre de 2026`: little words between do not count.
    let is_small = |index: usize| matches!(words.get(index), Some(&"de" | &"of" | &"del" | &"the"));
    let step_back = |index: usize| match index.checked_sub(1) {
        Some(before) if is_small(before) => before.checked_sub(1),
        before => before,
    };
    let step_on = |index: usize| match is_small(index + 1) {
        true => Some(index + 2),
        false => Some(index + 1),
    };
    let before = number(step_back(at)).filter(|(_, day)| (1..=31).contains(day));
    let behind = number(step_on(at));
    let (day_at, day, year) = match (before, behind) {
        (Some((index, day)), Some((year_at, year))) if year >= 1_000 => {
            (index, day, Some((year_at, year)))
        }
        (Some((index, day)), _) => (index, day, None),
        (None, Some((index, day))) if day <= 31 => (
            index,
            day,
            number(Some(index + 1)).filter(|(_, year)| (1_000..=9_999).contains(year)),
        ),
        _ => return None,
    };
    let mut used = vec![at, day_at];
    let date_of = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    let day = match year {
        Some((index, year)) => {
            used.push(index);
            date_of(i32::try_from(year).ok()?)?
        }
        None => {
            let today = fetched_at.to_utc().with_timezone(&zone).date_naive();
            match date_of(today.year()) {
                Some(day) if day <= today => day,
                _ => date_of(today.year() - 1)?,
            }
        }
    };
    Some((day, used))
}

/// A time of day among some words: `14:30`, `2:30 pm`, `2pm`, `14h30`.
fn clock_time(words: &[&str]) -> Option<NaiveTime> {
    words.iter().enumerate().find_map(|(index, word)| {
        let next = words.get(index + 1).copied().unwrap_or_default();
        let bare = word.trim_end_matches("uhr").trim_end_matches(['.', 'h']);
        let (bare, half) = match bare.strip_suffix("am").or_else(|| bare.strip_suffix("a.m")) {
            Some(bare) => (bare, Some(0)),
            None => match bare.strip_suffix("pm").or_else(|| bare.strip_suffix("p.m")) {
                Some(bare) => (bare, Some(12)),
                None => match next.trim_end_matches('.') {
                    "am" | "a.m" => (bare, Some(0)),
                    "pm" | "p.m" => (bare, Some(12)),
                    _ => (bare, None),
                },
            },
        };
        let mut parts = bare.split([':', 'h']);
        let hour: u32 = parts.next()?.parse().ok()?;
        let minute = parts.next();
        if minute.is_none() && half.is_none() {
            return None;
        }
        let minute: u32 = minute.unwrap_or("0").parse().ok()?;
        let second: u32 = parts.next().unwrap_or("0").parse().ok()?;
        let hour = match half {
            Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
            Some(_) => return None,
            None => hour,
        };
        NaiveTime::from_hms_opt(hour, minute, second)
    })
}

/// Months by the beginnings of their names, in several languages; the first that fits is meant.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "janv", "ene", "enero", "gen", "genn", "stycz", "янв", "січ", "oca", "ian", "leden",
        "tammi",
    ],
    &[
        "feb", "fév", "fev", "lut", "фев", "лют", "şub", "únor", "helmi",
    ],
    &["mar", "mär", "märz", "maa", "mrz", "мар", "бер", "břez"],
    &[
        "apr", "avr", "abr", "kwi", "апр", "кві", "nis", "dub", "huhti",
    ],
    &[
        "may", "mai", "mag", "mei", "maj", "май", "мая", "тра", "květ", "touko",
    ],
    &[
        "jun", "juin", "giu", "czer", "июн", "чер", "haz", "iun", "červen", "kesä",
    ],
    &[
        "jul",
        "juil",
        "lug",
        "lip",
        "июл",
        "лип",
        "tem",
        "iul",
        "červenec",
        "heinä",
    ],
    &[
        "aug", "aoû", "aou", "ago", "sie", "авг", "сер", "ağu", "srp", "elo",
    ],
    &["sep", "set", "wrz", "сен", "вер", "eyl", "zář", "syys"],
    &[
        "oct", "okt", "out", "ott", "paź", "окт", "жов", "eki", "říj", "loka",
    ],
    &["nov", "lis", "ноя", "лис", "kas", "noi", "marras"],
    &[
        "dec", "déc", "dez", "dic", "gru", "дек", "гру", "ara", "pros", "joulu",
    ],
];

/// The month that a word names, from 1 on.
fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    if word.chars().count() < 3 || !word.chars().all(char::is_alphabetic) {
        return None;
    }
    // The longest beginning that fits decides: `červenec` is July, `červen` June.
    (1..=12u32)
        .zip(MONTHS)
        .flat_map(|(number, names)| names.iter().map(move |name| (number, *name)))
        .filter(|(_, name)| word.starts_with(name))
        .max_by_key(|(_, name)| name.len())
        .map(|(number, _)| number)
}

/// The text with names of months in English, which is what formats know.
fn with_english_months(text: &str) -> String {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    text.split(' ')
        .map(|word| {
            let bare = word.trim_end_matches([',', '.']);
            match month(&bare.to_lowercase()) {
                Some(number) => format!("{}{}", ENGLISH[number as usize - 1], &word[bare.len()..])
                    .replace('.', ""),
                None => word.to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, formats: &[&str], zone: &str) -> String {
        let formats: Vec<_> = formats.iter().map(|format| (*format).to_owned()).collect();
        let now = Timestamp::parse("2026-11-23T10:20:30Z").unwrap();
        match read(text, &formats, zone.parse().unwrap(), now) {
            Some(date) if date.relative => format!("~{}", date.written),
            Some(date) => date.written,
            None => "none".to_owned(),
        }
    }

    #[test]
    fn dates_are_read_without_a_format() {
        for (text, zone, date) in [
            ("2026-11-20", "UTC", "2026-11-20"),
            ("2026-11-20T10:00:00+01:00", "UTC", "2026-11-20T09:00:00Z"),
            ("2026-07-20 10:00", "Europe/London", "2026-07-20T09:00:00Z"),
            (
                "Fri, 20 Nov 2026 10:00:00 +0000",
                "UTC",
                "2026-11-20T10:00:00Z",
            ),
            ("1795000000", "UTC", "2026-11-18T11:06:40Z"),
            ("23.11.2026", "UTC", "2026-11-23"),
            (
                "23.11.26, 14:30 Uhr",
                "Europe/Berlin",
                "2026-11-23T13:30:00Z",
            ),
            ("13/11/2026", "UTC", "2026-11-13"),
            ("11/13/2026 2:30 PM", "UTC", "2026-11-13T14:30:00Z"),
            ("04/05/2026", "UTC", "none"),
            ("20 November 2026", "UTC", "2026-11-20"),
            (
                "November 20th, 2026 at 12:05am",
                "UTC",
                "2026-11-20T00:05:00Z",
            ),
            ("Nov 20", "UTC", "2026-11-20"),
            ("Dec 24", "UTC", "2025-12-24"),
            ("20 de noviembre de 2026", "UTC", "2026-11-20"),
            ("3 août 2026", "UTC", "2026-08-03"),
            ("20 ноября 2026, 10:00", "UTC", "2026-11-20T10:00:00Z"),
            ("2 hours ago", "UTC", "~2026-11-23T08:00:00Z"),
            ("3 days ago", "UTC", "~2026-11-20"),
            ("Today 08:15", "Europe/London", "~2026-11-23T08:15:00Z"),
            ("gestern, 14:30", "Europe/Berlin", "~2026-11-22T13:30:00Z"),
            ("gestern", "Europe/Berlin", "~2026-11-22"),
            ("31 February 2026", "UTC", "none"),
            ("soon", "UTC", "none"),
            ("", "UTC", "none"),
        ] {
            assert_eq!(check(text, &[], zone), date, "{text}");
        }
    }

    #[test]
    fn dates_are_read_by_format() {
        for (text, formats, zone, date) in [
            ("04/05/2026", &["%d/%m/%Y"][..], "UTC", "2026-05-04"),
            (
                "04/05/2026 10:00",
                &["%d/%m/%Y", "%m/%d/%Y %H:%M"][..],
                "America/New_York",
                "2026-04-05T14:00:00Z",
            ),
            ("5 mai 2026", &["%d %B %Y"][..], "UTC", "2026-05-05"),
            (
                "2 hours ago",
                &["%d %B %Y"][..],
                "UTC",
                "~2026-11-23T08:00:00Z",
            ),
            // Clocks went forward over this time, and back over that one.
            (
                "2026-03-29 01:30",
                &["%Y-%m-%d %H:%M"][..],
                "Europe/London",
                "2026-03-29T01:30:00Z",
            ),
            (
                "2026-10-25 01:30",
                &["%Y-%m-%d %H:%M"][..],
                "Europe/London",
                "2026-10-25T00:30:00Z",
            ),
        ] {
            assert_eq!(check(text, formats, zone), date, "{text}");
        }
    }
}
