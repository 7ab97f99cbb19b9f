//! What forms and addresses say: empty fields are none, and what can't be read is none as well.

use std::{borrow::Borrow, fmt, str::FromStr, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use sightline_model::Timestamp;

use super::query::unread;
use crate::Error;

/// A field that may be empty: nothing where it is, or where what it says is of no meaning.
pub(crate) fn optional<'de, D: Deserializer<'de>, T: FromStr>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.trim().parse().ok()))
}

/// A word of a closed set, such as a filter of an address, or the place where a list goes on; nothing where it is empty.
///
/// # Errors
/// Where it is none of those: what a filter narrows would be shown whole, as if it had been, and the first page in place of
/// another.
pub(crate) fn filter<'de, D: Deserializer<'de>, T: FromStr>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.map(|text| text.trim().to_owned());
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = text.parse().map(Some);
    read.map_err(|_| D::Error::custom("is none of the words that it may be"))
}

/// Refuses a part of an address that says none of `words`, as [`filter`] does; nothing is the first of them.
pub(crate) fn one_of(
    part: &str,
    word: &str,
    words: &[(&'static str, &'static str)],
) -> Result<(), Error> {
    match word.is_empty() || words.iter().any(|(known, _)| *known == word) {
        true => Ok(()),
        false => Err(unread(part, word)),
    }
}

/// A day of an address or a form: `2026-11-23`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Day(Timestamp);

impl Day {
    /// When it begins, in UTC.
    pub(crate) fn begins(self) -> Timestamp {
        self.0
    }

    /// When it ends, in UTC.
    pub(crate) fn ends(self) -> Timestamp {
        self.0 + Duration::from_secs(24 * 3_600)
    }
}

/// A day as a form's field has it; empty where there is none.
pub(crate) fn written(day: impl Borrow<Option<Day>>) -> String {
    day.borrow().map(|day| day.to_string()).unwrap_or_default()
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let begins = Timestamp::parse(&format!("{text}T00:00:00Z"));
        begins.map(Self).map_err(|_| "is no day".to_owned())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_utc().format("%Y-%m-%d"))
    }
}

/// A password, which nothing prints from here on.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// A place in the console to go on to; the inbox where it is none of ours. An address of another site, `//other.example`
/// among them, is never followed.
pub(crate) fn ours(next: Option<&str>) -> &str {
    let is_ours = |next: &&str| {
        next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t'])
    };
    next.filter(is_ours).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (next, to) in [
            (None, "/"),
            (Some("/alerts/1?a=b"), "/alerts/1?a=b"),
            (Some("//evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("https://evil.example/"), "/"),
            (Some("/\t/evil.example"), "/"),
        ] {
            assert_eq!(ours(next), to, "{next:?}");
        }
    }
}
