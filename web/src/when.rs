//! Instants as pages show them: how long ago, with the exact time on hover.

use std::{fmt, time::Duration};

use sightline_alerts::words;
use sightline_model::Timestamp;

/// An instant as a page shows it at another. As text it is `<time>` with both, safe to be put into a page as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    at: Timestamp,
    now: Timestamp,
}

impl When {
    /// `at`, shown at `now`.
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { at, now }
    }

    /// `3 days ago`, `in 5 minutes`, `now`.
    pub fn words(self) -> String {
        let second = Duration::from_secs(1);
        if self.at > self.now {
            return match self.at.since(self.now) {
                length if length < second => "now".to_owned(),
                length => format!("in {}", words::ahead(length)),
            };
        }
        match self.now.since(self.at) {
            length if length < second => "now".to_owned(),
            length => format!("{} ago", words::ago(length)),
        }
    }

    /// `2026-11-23 10:00:00 UTC`.
    pub fn exact(self) -> String {
        self.at.to_utc().format("%Y-%m-%d %H:%M:%S UTC").to_string()
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (exact, words) = (self.exact(), self.words());
        write!(
            f,
            "<time datetime=\"{}\" title=\"{exact}\">{words}</time>",
            self.at
        )
    }
}

// It is made of digits and our own words.
impl askama::filters::HtmlSafe for When {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_by_their_distance() {
        let now = Timestamp::parse("2026-11-23T10:00:00Z").unwrap();
        for (at, words) in [
            ("2026-11-23T10:00:00Z", "now"),
            ("2026-11-23T09:54:00Z", "6 minutes ago"),
            ("2026-10-13T10:00:00Z", "41 days ago"),
            ("2026-11-23T11:00:00Z", "in 1 hour"),
            ("2026-11-23T11:50:00Z", "in 2 hours"),
            ("2026-11-30T09:59:59Z", "in 7 days"),
        ] {
            assert_eq!(When::new(Timestamp::parse(at).unwrap(), now).words(), words);
        }
        assert_eq!(
            When::new(now, now).to_string(),
            "<time datetime=\"2026-11-23T10:00:00Z\" title=\"2026-11-23 10:00:00 UTC\">now</time>"
        );
    }
}
