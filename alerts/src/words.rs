//! Reasons and decisions in sentences for people.

use std::time::Duration;

use sightline_model::{Reason, Sighting};

use crate::decide::{Decision, Unalerted};

/// Why a sighting is, or is not, news: "back after 41 days, on another site than before".
pub fn why(sighting: &Sighting) -> String {
    let Some(previous) = &sighting.explanation.previous else {
        return match sighting.reason {
            Reason::Historic => "found in what was already stored".to_owned(),
            _ => "seen for the first time".to_owned(),
        };
    };
    let quiet = ago(sighting.at.since(previous.at));
    let same_site = previous.source == sighting.source;
    match sighting.reason {
        Reason::First => "seen for the first time".to_owned(),
        Reason::Historic => "found in what was already stored".to_owned(),
        Reason::Reappeared if same_site => format!("back after {quiet}, on the same site"),
        Reason::Reappeared => format!("back after {quiet}, on another site than before"),
        Reason::NewSource => format!("on a new site; last seen {quiet} ago on another"),
        Reason::Continued if same_site => {
            format!("continued, seen on the same site {quiet} ago")
        }
        Reason::Continued => format!("continued, seen on another site {quiet} ago"),
    }
}

impl Decision {
    /// The outcome in a sentence: "not sent: continued, seen on the same site 2 days ago". `sighting` is the one that
    /// was decided on.
    pub fn words(&self, sighting: &Sighting) -> String {
        let why = why(sighting);
        match self {
            Self::Recorded {
                why: Unalerted::NotInRules,
                ..
            } => format!(
                "not sent: {why}; the watchlist's rules do not alert on '{}'",
                sighting.reason
            ),
            Self::Recorded {
                attached: Some(attached),
                ..
            } if attached.batch.is_some() => {
                format!("no message of its own: {why}; it is shown in the one that waits")
            }
            Self::Recorded { .. } => format!("not sent: {why}"),
            Self::Opened { .. } => format!("alert raised{}: {why}", self.fate()),
            Self::Joined { .. } => format!("added to the open alert{}: {why}", self.fate()),
            Self::Silenced { by, .. } => {
                format!("not sent, silenced until {}: {why}", by.until)
            }
        }
    }

    /// What becomes of the message about news.
    fn fate(&self) -> String {
        let deliveries = self.deliveries();
        if let Some(first) = deliveries.first() {
            let channels: Vec<&str> = deliveries
                .iter()
                .map(|delivery| delivery.channel.as_str())
                .collect();
            return format!(
                ", to be sent by {} at {}",
                channels.join(", "),
                first.next_at
            );
        }
        let waits = self
            .attached()
            .is_some_and(|attached| attached.batch.is_some())
            && self.alert().is_some_and(|alert| alert.notify_at.is_some());
        match waits {
            true => ", told in the message that waits".to_owned(),
            false => ", not sent because the watchlist names no channel".to_owned(),
        }
    }
}

/// A length in the largest unit that it fills: "41 days", "1 hour".
pub fn ago(length: Duration) -> String {
    let seconds = length.as_secs();
    let (count, unit) = match seconds {
        86_400.. => (seconds / 86_400, "day"),
        3_600.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    match count {
        1 => format!("1 {unit}"),
        _ => format!("{count} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_their_largest_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "1 hour"),
            (172_800, "2 days"),
            (3_542_400, "41 days"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), words);
        }
    }
}
