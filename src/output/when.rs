//! Times as people read and write them: `3 days ago`, `2026-11-23`, `36h`.

use std::{fmt, str::FromStr, time::Duration};

use sightline_model::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// An instant for a table, where room is scarce: exact to the minute in UTC, and how long ago it was.
/// `2026-11-23 10:00Z (3 d ago)`.
pub fn cell(at: Timestamp, now: Timestamp) -> String {
    let exact = at.to_utc().format("%Y-%m-%d %H:%MZ");
    let (count, unit) = if at > now {
        parts(at.since(now))
    } else {
        parts(now.since(at))
    };
    let unit = match unit {
        "minute" => "min",
        unit => &unit[..1],
    };
    match (count, at > now) {
        (0, _) => format!("{exact} (now)"),
        (count, true) => format!("{exact} (in {count} {unit})"),
        (count, false) => format!("{exact} ({count} {unit} ago)"),
    }
}

/// An instant for a sentence: exact to the second in UTC, and how long ago it was.
pub fn words(at: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", exact(at), relative(at, now))
}

/// An instant to the second: `2026-11-23 10:00:00Z`.
pub fn exact(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// How `at` lies to `now`, in the one unit that says most: `3 days ago`, `in 5 minutes`, `now`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        return match length(at.since(now)) {
            words if words == "0 seconds" => "now".to_owned(),
            words => format!("in {words}"),
        };
    }
    match length(now.since(at)) {
        words if words == "0 seconds" => "now".to_owned(),
        words => format!("{words} ago"),
    }
}

/// A length of time in the one unit that says most: `41 days`, `1 hour`, `12 seconds`.
pub fn length(length: Duration) -> String {
    let (count, unit) = parts(length);
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn parts(length: Duration) -> (u64, &'static str) {
    let seconds = length.as_secs();
    match seconds {
        0..MINUTE => (seconds, "second"),
        MINUTE..HOUR => (seconds / MINUTE, "minute"),
        // Up to two days hours say more; from then on days do, which is how gaps are set.
        HOUR..172_800 => (seconds / HOUR, "hour"),
        _ => (seconds / DAY, "day"),
    }
}

/// A point in time as it is written on the command line: an instant, a day, or an age.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// `2026-11-23T10:00:00Z`, or `2026-11-23` for the beginning of that day in UTC.
    At(Timestamp),
    /// `90m`, `36h`, `7d`, `2w`: so long before, or after, the present.
    Away(Duration),
}

impl When {
    /// The instant meant, where an age counts back from `now`.
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Away(length) => now - length,
        }
    }

    /// The instant meant, where a length counts on from `now`.
    pub fn after(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Away(length) => now + length,
        }
    }
}

/// Neither an instant, nor a day, nor a length of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write an instant (2026-11-23T10:00:00Z), a day (2026-11-23) or a length (90m, 36h, 7d, 2w)")
    }
}

impl std::error::Error for NotATime {}

impl FromStr for When {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        if let Ok(at) = Timestamp::parse(text) {
            return Ok(Self::At(at));
        }
        if let Ok(at) = Timestamp::parse(&format!("{text}T00:00:00Z")) {
            return Ok(Self::At(at));
        }
        let unit = text.chars().last().ok_or(NotATime)?;
        let seconds = match unit {
            's' => 1,
            'm' => MINUTE,
            'h' => HOUR,
            'd' => DAY,
            'w' => 7 * DAY,
            _ => return Err(NotATime),
        };
        let count: u64 = text[..text.len() - 1].parse().map_err(|_| NotATime)?;
        let seconds = count.checked_mul(seconds).ok_or(NotATime)?;
        Ok(Self::Away(Duration::from_secs(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn ages_read_as_people_say_them() {
        let now = at("2026-11-23T10:00:00Z");
        for (then, words) in [
            ("2026-11-23T10:00:00Z", "now"),
            ("2026-11-23T09:59:48Z", "12 seconds ago"),
            ("2026-11-23T09:59:00Z", "1 minute ago"),
            ("2026-11-22T10:00:00Z", "24 hours ago"),
            ("2026-10-13T10:00:00Z", "41 days ago"),
            ("2026-11-23T10:05:00Z", "in 5 minutes"),
        ] {
            assert_eq!(relative(at(then), now), words);
        }
        for (then, table, sentence) in [
            (
                "2026-11-20T10:00:05Z",
                "2026-11-20 10:00Z (2 d ago)",
                "2026-11-20 10:00:05Z (2 days ago)",
            ),
            (
                "2026-11-23T10:05:00Z",
                "2026-11-23 10:05Z (in 5 min)",
                "2026-11-23 10:05:00Z (in 5 minutes)",
            ),
            (
                "2026-11-23T10:00:00Z",
                "2026-11-23 10:00Z (now)",
                "2026-11-23 10:00:00Z (now)",
            ),
        ] {
            assert_eq!(
                (cell(at(then), now), words(at(then), now)),
                (table.to_owned(), sentence.to_owned())
            );
        }
    }

    #[test]
    fn times_are_read_in_each_form() {
        let now = at("2026-11-23T10:00:00Z");
        for (written, instant) in [
            ("2026-11-23T11:00:00+01:00", "2026-11-23T10:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("90m", "2026-11-23T08:30:00Z"),
            ("2w", "2026-11-09T10:00:00Z"),
        ] {
            assert_eq!(
                written.parse::<When>().map(|when| when.before(now)),
                Ok(at(instant))
            );
        }
        for wrong in [
            "",
            "d",
            "yesterday",
            "1.5h",
            "-3d",
            "99999999999999999999w",
            "7é",
        ] {
            assert_eq!(wrong.parse::<When>(), Err(NotATime), "{wrong}");
        }
    }
}
