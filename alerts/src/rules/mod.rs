//! The rules of a watchlist: whom to tell, of what, and when. They are kept as JSON in the watchlist.

mod times;

use std::{collections::BTreeSet, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{Certainty, GroupBy, Problem, Reason, Severity, Timestamp};

pub use self::times::{DigestRule, Escalate, QuietHours};

const MINUTE: u32 = 60;
const DAY: u32 = 24 * 60 * MINUTE;

/// Whom to tell, of what, and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The reasons that raise an alert: `first`, `reappeared`, `new_source`, and `historic`: what stood in the store
    /// already when its entry was added, which is told of in one alert for each entry. Without `historic`, nobody is
    /// told of an entry that a listing shows all along. `new_listing`, which has to be asked for, tells of every further
    /// listing on a site that showed the entry lately.
    #[serde(deserialize_with = "reasons")]
    pub reasons: BTreeSet<Reason>,
    /// The least certainty that raises an alert: `possible`, or `certain` to have what is only possible recorded and told
    /// to nobody.
    pub certainty: Certainty,
    /// How grave a sighting is, where its entry does not say.
    pub severity: Severity,
    /// The channels that are told, by their names in the configuration. With none, alerts are shown but not sent.
    pub channels: Vec<String>,
    /// Which sightings share an alert: those of one entry, listing, source or case.
    pub group_by: GroupBy,
    /// How long a new alert waits for more sightings before its message goes out, in seconds: 0 to 86,400.
    pub group_wait_seconds: u32,
    /// The least time between two messages of one alert, in seconds: 0 to 604,800.
    pub group_interval_seconds: u32,
    /// How many messages one entry may bring about in 24 hours, 1 to 10,000: what is news of it beyond that is gathered, and
    /// told in one message with a count. `null` for no ceiling.
    pub ceiling_per_day: Option<u32>,
    /// Remind of an alert that nobody has acknowledged, each time after so many seconds: 900 to 7,776,000.
    /// Left out, nobody is reminded.
    pub repeat_seconds: Option<u32>,
    /// Remind of an alert that was acknowledged and is not closed, each time after so many seconds: 3,600 to 31,536,000.
    /// Left out, nobody is reminded.
    pub forgotten_seconds: Option<u32>,
    /// Tell others of an alert that nobody acknowledges.
    pub escalate: Option<Escalate>,
    /// Gather messages, and tell them in one at a set time.
    pub digest: Option<DigestRule>,
    /// When people are not to be disturbed.
    pub quiet_hours: Option<QuietHours>,
    /// An entry that no listing showed for longer than this has reappeared, in days: 1 to 3,650.
    pub gap_days: u32,
    /// Close an alert as stale that no listing has shown and nobody has touched for so many days: `gap_days` to 3,650.
    /// Left out, alerts wait until somebody closes them.
    pub stale_days: Option<u32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            reasons: BTreeSet::from([
                Reason::First,
                Reason::Reappeared,
                Reason::NewSource,
                Reason::Historic,
            ]),
            certainty: Certainty::Possible,
            severity: Severity::Normal,
            channels: Vec::new(),
            group_by: GroupBy::Entry,
            group_wait_seconds: 30,
            group_interval_seconds: 300,
            ceiling_per_day: Some(20),
            repeat_seconds: None,
            forgotten_seconds: None,
            escalate: None,
            digest: None,
            quiet_hours: None,
            gap_days: 14,
            stale_days: None,
        }
    }
}

impl Rules {
    /// Reads the rules that a watchlist keeps; `null` means the defaults. What they say is not judged here: see
    /// [`Rules::check`].
    pub fn read(json: &serde_json::Value) -> Result<Self, Problem> {
        if json.is_null() {
            return Ok(Self::default());
        }
        Self::deserialize(json).map_err(|error| {
            Problem::new(
                "rules",
                format!("they can't be read: {error}"),
                "use reasons, certainty, severity, channels, group_by, group_wait_seconds, group_interval_seconds, \
                 ceiling_per_day, repeat_seconds, forgotten_seconds, escalate, digest, quiet_hours, gap_days and stale_days",
            )
        })
    }

    /// Everything that is wrong with them, given the channels that the configuration names.
    pub fn check(&self, known_channels: &[&str]) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.check_reasons(&mut problems);
        if self.certainty == Certainty::Warned {
            problems.push(Problem::new(
                "certainty",
                "what a warning list names raises no alert",
                "write possible, or certain",
            ));
        }
        check_channels("channels", &self.channels, known_channels, &mut problems);
        if let Some(escalate) = &self.escalate {
            let channels = &escalate.channels;
            check_channels("escalate.channels", channels, known_channels, &mut problems);
            if channels.is_empty() {
                problems.push(Problem::new(
                    "escalate.channels",
                    "there are none, so nobody would be told",
                    "name those who are to be told, or leave escalate out",
                ));
            } else if channels
                .iter()
                .all(|channel| self.channels.contains(channel))
            {
                problems.push(Problem::new(
                    "escalate.channels",
                    "all of them are told already, so nobody else would hear of what nobody acknowledges",
                    "name somebody else as well; to tell the same people again, use repeat_seconds",
                ));
            }
        }
        if let Some(digest) = &self.digest {
            digest.check(&mut problems);
        }
        if let Some(quiet) = &self.quiet_hours {
            quiet.check(&mut problems);
        }
        let escalate = self.escalate.as_ref();
        let lengths = [
            ("group_wait_seconds", Some(self.group_wait_seconds), 0, DAY),
            (
                "group_interval_seconds",
                Some(self.group_interval_seconds),
                0,
                7 * DAY,
            ),
            ("ceiling_per_day", self.ceiling_per_day, 1, 10_000),
            ("repeat_seconds", self.repeat_seconds, 15 * MINUTE, 90 * DAY),
            (
                "forgotten_seconds",
                self.forgotten_seconds,
                60 * MINUTE,
                365 * DAY,
            ),
            (
                "escalate.after_seconds",
                escalate.map(|escalate| escalate.after_seconds),
                5 * MINUTE,
                30 * DAY,
            ),
            (
                "escalate.repeat_seconds",
                escalate.and_then(|escalate| escalate.repeat_seconds),
                15 * MINUTE,
                90 * DAY,
            ),
            ("gap_days", Some(self.gap_days), 1, 3_650),
            // Sooner, what comes back within the gap would be no news, and there would be no alert to add it to.
            ("stale_days", self.stale_days, self.gap_days, 3_650),
        ];
        for (key, length, least, most) in lengths {
            if let Some(length) = length
                && !(least..=most).contains(&length)
            {
                problems.push(Problem::new(
                    key,
                    format!("{length} is out of range"),
                    format!("give a number from {least} to {most}"),
                ));
            }
        }
        problems
    }

    /// How long an entry must have been quiet to count as reappeared.
    pub fn gap(&self) -> Duration {
        Duration::from_secs(u64::from(self.gap_days) * u64::from(DAY))
    }

    /// How long an alert must have been quiet to be closed as stale, if it is to be.
    pub fn stale(&self) -> Option<Duration> {
        self.stale_days
            .map(|days| Duration::from_secs(u64::from(days) * u64::from(DAY)))
    }

    /// How long a new batch waits for more sightings.
    pub fn group_wait(&self) -> Duration {
        Duration::from_secs(self.group_wait_seconds.into())
    }

    /// The least time between two batches of one alert.
    pub fn group_interval(&self) -> Duration {
        Duration::from_secs(self.group_interval_seconds.into())
    }

    /// The time from one reminder to the next, if there are to be any.
    pub fn repeat(&self) -> Option<Duration> {
        self.repeat_seconds
            .map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// How long an acknowledged alert may stay unclosed before people are reminded of it, if they are to be.
    pub fn forgotten(&self) -> Option<Duration> {
        self.forgotten_seconds
            .map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// True for a severity that is not to wait: one that breaks through quiet hours, or what is grave where there are none.
    pub fn is_urgent(&self, severity: Severity) -> bool {
        match &self.quiet_hours {
            Some(quiet) => quiet.lets_through(severity),
            None => severity >= Severity::Grave,
        }
    }

    /// An instant by the clock of those who are told, as they read it at `since`: `07:00 Europe/Paris`.
    pub fn clock(&self, at: Timestamp, since: Timestamp) -> String {
        match (&self.quiet_hours, &self.digest) {
            (Some(quiet), _) => quiet.clock(at, since),
            (None, Some(digest)) => digest.clock(at, since),
            (None, None) => at.to_utc().format("%H:%M UTC").to_string(),
        }
    }

    /// True where an alert may need a message that no sighting brings about.
    pub fn follows_up(&self) -> bool {
        !self.channels.is_empty() || self.escalate.is_some()
    }

    fn check_reasons(&self, problems: &mut Vec<Problem>) {
        let mut wrong = |message: &str| {
            let offered = Reason::RULED.map(Reason::as_str).join(", ");
            let remedy = format!("use one or several of {offered}");
            problems.push(Problem::new("reasons", message, remedy));
        };
        if self.reasons.contains(&Reason::Continued) {
            wrong("'continued' raises no alert: what goes on is recorded");
        }
        if self.reasons.is_empty() {
            wrong("there are none, so no alert would ever be raised");
        }
    }
}

/// Reads reasons. A word that is none is refused in words that offer those that raise alerts; `continued` is left to
/// [`Rules::check`], which finds every problem at once.
fn reasons<'de, D: serde::Deserializer<'de>>(json: D) -> Result<BTreeSet<Reason>, D::Error> {
    let words = Vec::<String>::deserialize(json)?;
    let read = |word: &String| match word.as_str() {
        "continued" => Ok(Reason::Continued),
        word => Reason::ruled(word).map_err(serde::de::Error::custom),
    };
    words.iter().map(read).collect()
}

fn check_channels(list: &str, channels: &[String], known: &[&str], problems: &mut Vec<Problem>) {
    for (index, channel) in channels.iter().enumerate() {
        let key = format!("{list}[{index}]");
        if !known.contains(&channel.as_str()) {
            let remedy = match known {
                [] => "add a [channels.NAME] table to the configuration".to_owned(),
                known => format!("use one of {}", known.join(", ")),
            };
            problems.push(Problem::new(
                key,
                format!("the configuration has no channel '{channel}'"),
                remedy,
            ));
        } else if channels[..index].contains(channel) {
            problems.push(Problem::new(
                key,
                format!("'{channel}' is named twice"),
                "name it once",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(rules: serde_json::Value) -> Vec<String> {
        Rules::read(&rules)
            .unwrap()
            .check(&["duty", "hook"])
            .into_iter()
            .map(|problem| problem.key)
            .collect()
    }

    #[test]
    fn every_problem_is_found_at_once() {
        for (rules, expected) in [
            (json!(null), vec![]),
            (
                json!({"channels": ["duty", "hook"], "repeat_seconds": 3600}),
                vec![],
            ),
            (json!({"reasons": []}), vec!["reasons"]),
            (json!({"reasons": ["first", "new_listing"]}), vec![]),
            (json!({"certainty": "certain"}), vec![]),
            (json!({"certainty": "warned"}), vec!["certainty"]),
            (
                json!({"reasons": ["continued", "historic"]}),
                vec!["reasons"],
            ),
            (
                json!({"channels": ["duty", "nobody", "duty"]}),
                vec!["channels[1]", "channels[2]"],
            ),
            (
                json!({"gap_days": 0, "repeat_seconds": 1, "group_wait_seconds": 90_000}),
                vec!["group_wait_seconds", "repeat_seconds", "gap_days"],
            ),
            (
                json!({"digest": {"every": "weekly", "at": "08:00", "zone": "Europe/Paris", "weekday": "fri"},
                       "quiet_hours": {"from": "22:00", "to": "07:00", "days": ["mon-fri"]},
                       "escalate": {"after_seconds": 3600, "channels": ["hook"]}, "group_by": "case"}),
                vec![],
            ),
            (
                json!({"digest": {"every": "daily", "at": "8", "zone": "Europe/Pariss", "weekday": "mon-fri"}}),
                vec!["digest.at", "digest.zone", "digest.weekday"],
            ),
            (
                json!({"quiet_hours": {"from": "00:00", "to": "24:00"}}),
                vec!["quiet_hours"],
            ),
            (
                json!({"quiet_hours": {"from": "00:00", "to": "24:00", "days": ["sat", "sun"]}}),
                vec![],
            ),
            (
                json!({"quiet_hours": {"from": "22:00", "to": "22:00", "zone": "", "days": ["weekend"]}}),
                vec!["quiet_hours.zone", "quiet_hours.to", "quiet_hours.days[0]"],
            ),
            (
                json!({"escalate": {"after_seconds": 1, "channels": ["boss"], "repeat_seconds": 1},
                       "forgotten_seconds": 1}),
                vec![
                    "escalate.channels[0]",
                    "forgotten_seconds",
                    "escalate.after_seconds",
                    "escalate.repeat_seconds",
                ],
            ),
            (
                json!({"escalate": {"after_seconds": 900, "channels": []}}),
                vec!["escalate.channels"],
            ),
            (
                json!({"channels": ["duty"], "escalate": {"after_seconds": 3600, "channels": ["duty"]}}),
                vec!["escalate.channels"],
            ),
            (
                json!({"channels": ["duty"], "escalate": {"after_seconds": 3600, "channels": ["duty", "hook"]}}),
                vec![],
            ),
            (
                json!({"gap_days": 30, "stale_days": 29}),
                vec!["stale_days"],
            ),
            (json!({"gap_days": 30, "stale_days": 30}), vec![]),
            (json!({"ceiling_per_day": null}), vec![]),
            (json!({"ceiling_per_day": 0}), vec!["ceiling_per_day"]),
        ] {
            assert_eq!(keys(rules.clone()), expected, "{rules}");
        }
    }

    #[test]
    fn an_unknown_key_is_named() {
        let problem = Rules::read(&json!({"chanels": []}))
            .unwrap_err()
            .to_string();
        assert!(
            problem.contains("chanels") && problem.contains("channels"),
            "{problem}"
        );
    }

    #[test]
    fn a_word_that_is_no_reason_is_answered_with_those_that_raise_alerts() {
        let problem = Rules::read(&json!({"reasons": ["new_ad"]})).unwrap_err();
        let said = problem.to_string();
        assert!(
            said.contains("'new_ad'") && said.contains("new_source, new_listing, historic"),
            "{said}"
        );
        assert!(!said.contains("continued"), "{said}");
    }

    #[test]
    fn rules_read_as_they_are_written() {
        let rules = Rules {
            channels: vec!["duty".into()],
            repeat_seconds: Some(3_600),
            ..Rules::default()
        };
        assert_eq!(
            Rules::read(&serde_json::to_value(&rules).unwrap()),
            Ok(rules)
        );
    }
}
