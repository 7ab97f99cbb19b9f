//! What an operator may set about fetching: who we say we are, and the limits on what a stranger controls.

use std::time::Duration;

use http::HeaderValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

/// How pages, images and robots.txt are fetched.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FetchSettings {
    /// Whom a site's operator can write to: an e-mail address or the URL of a page about the crawler. It is sent with
    /// every request, and nothing is crawled without it. A source can name its own.
    pub contact: String,
    /// The languages to ask for, as an Accept-Language header: `en-GB,en;q=0.8`. Empty: none in particular.
    pub accept_language: String,
    /// How long a connection may take, TLS included, in seconds.
    pub connect_timeout_seconds: f64,
    /// How long the first line of an answer may take once connected, in seconds.
    pub first_byte_timeout_seconds: f64,
    /// How long a whole exchange may take, in seconds.
    pub timeout_seconds: f64,
    /// The most bytes of a page, as they come over the wire.
    pub page_bytes: u64,
    /// The most bytes of an image, as they come over the wire.
    pub image_bytes: u64,
    /// The most bytes that a compressed body may grow to.
    pub decoded_bytes: u64,
    /// How many times its size a compressed body may grow to; counted once it has grown beyond 1 MiB.
    pub decoded_ratio: u64,
    /// The most header lines in an answer.
    pub headers: usize,
    /// The most redirects that are followed in one visit.
    pub redirects: usize,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            contact: String::new(),
            accept_language: String::new(),
            connect_timeout_seconds: 10.0,
            first_byte_timeout_seconds: 30.0,
            timeout_seconds: 60.0,
            page_bytes: 10 << 20,
            image_bytes: 20 << 20,
            decoded_bytes: 20 << 20,
            decoded_ratio: 200,
            headers: 200,
            redirects: 5,
        }
    }
}

impl FetchSettings {
    /// What is wrong with these settings.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(check_contact(&self.contact));
        if HeaderValue::from_str(&self.accept_language).is_err() {
            problems.push(Problem::new(
                "accept_language",
                "it cannot be sent in a header",
                "write language tags, such as en-GB,en;q=0.8",
            ));
        }
        for (key, value) in [
            ("connect_timeout_seconds", self.connect_timeout_seconds),
            (
                "first_byte_timeout_seconds",
                self.first_byte_timeout_seconds,
            ),
            ("timeout_seconds", self.timeout_seconds),
        ] {
            if !(0.01..=600.0).contains(&value) {
                problems.push(Problem::new(
                    key,
                    format!("{value} is not between 0.01 and 600"),
                    "write a number of seconds such as 30",
                ));
            }
        }
        for (key, value) in [
            ("page_bytes", self.page_bytes),
            ("image_bytes", self.image_bytes),
            ("decoded_bytes", self.decoded_bytes),
        ] {
            if !(1_024..=1 << 30).contains(&value) {
                problems.push(Problem::new(
                    key,
                    format!("{value} is not between 1,024 bytes and 1 GiB"),
                    "write a number of bytes such as 10485760",
                ));
            }
        }
        for (key, value, least, most) in [
            ("decoded_ratio", self.decoded_ratio, 2, 10_000),
            ("headers", self.headers as u64, 10, 10_000),
            ("redirects", self.redirects as u64, 0, 20),
        ] {
            if !(least..=most).contains(&value) {
                problems.push(Problem::new(
                    key,
                    format!("{value} is not between {least} and {most}"),
                    format!("write a whole number from {least} to {most}"),
                ));
            }
        }
        problems
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        seconds(self.connect_timeout_seconds)
    }

    pub(crate) fn first_byte_timeout(&self) -> Duration {
        seconds(self.first_byte_timeout_seconds)
    }

    pub(crate) fn timeout(&self) -> Duration {
        seconds(self.timeout_seconds)
    }
}

/// What is wrong with a contact, if anything: it must let a stranger reach a person.
pub fn check_contact(contact: &str) -> Option<Problem> {
    let reachable = contact.starts_with("https://")
        || contact.starts_with("http://")
        || contact
            .split_once('@')
            .is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    let sendable = contact
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'(' | b')'));
    if reachable && sendable {
        return None;
    }
    let message = if contact.is_empty() {
        "nothing is crawled without a contact".to_owned()
    } else {
        format!("'{contact}' is neither an e-mail address nor the URL of a page")
    };
    Some(Problem::new(
        "contact",
        message,
        "write where the operator of a site can reach you, such as crawling@example.org",
    ))
}

fn seconds(value: f64) -> Duration {
    // Out of range only where check() was not heeded; a minute is then a limit that does no harm.
    Duration::try_from_secs_f64(value).unwrap_or(Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contact_is_missing_from_the_defaults() {
        let problems = FetchSettings::default().check();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].key, "contact");
    }

    #[test]
    fn contacts() {
        for good in [
            "crawling@example.org",
            "https://example.org/about-our-crawler",
        ] {
            assert_eq!(check_contact(good), None, "{good}");
        }
        for bad in [
            "",
            "somebody",
            "@example.org",
            "me@localhost",
            "a b@example.org",
            "me@example.org)\r\nX: y",
            "mé@example.org",
        ] {
            assert!(check_contact(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let wrong = FetchSettings {
            contact: "crawling@example.org".to_owned(),
            accept_language: "en\r\nX: y".to_owned(),
            connect_timeout_seconds: f64::NAN,
            timeout_seconds: -1.0,
            page_bytes: 0,
            decoded_ratio: 1,
            redirects: 21,
            ..FetchSettings::default()
        };
        let keys: Vec<_> = wrong.check().into_iter().map(|found| found.key).collect();
        assert_eq!(
            keys,
            [
                "accept_language",
                "connect_timeout_seconds",
                "timeout_seconds",
                "page_bytes",
                "decoded_ratio",
                "redirects"
            ]
        );
    }
}
