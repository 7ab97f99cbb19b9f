//! The rules that say when: digests, quiet hours, escalation. Times of day are those of a zone's clock.

use std::time::Duration;

use chrono::{Datelike, Days, Timelike};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{
    Pace, Problem, Severity, Timestamp,
    local::{Hours, Window, Zone, days, minute},
};

/// Messages are gathered, and told in one at a set time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestRule {
    /// How often: hourly, daily or weekly.
    pub every: Pace,
    /// The time of day, such as `08:00`; of an hourly digest the minutes count.
    #[serde(default = "midnight")]
    pub at: String,
    /// Whose clock: a name of the IANA database, such as Europe/Paris.
    #[serde(default = "utc")]
    pub zone: String,
    /// The day of a weekly digest: mon, tue, wed, thu, fri, sat or sun.
    #[serde(default = "monday")]
    pub weekday: String,
    /// From this severity on an alert does not wait for it; `null` where all do.
    #[serde(default = "grave")]
    pub breaks_through: Option<Severity>,
}

/// When people are not to be disturbed. What falls due then is sent when it is over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From this time of day, such as `22:00`.
    pub from: String,
    /// To this one, such as `07:00`; where it is the earlier one, on the next day.
    pub to: String,
    /// Whose clock: a name of the IANA database, such as Europe/Paris.
    #[serde(default = "utc")]
    pub zone: String,
    /// The days on which they begin, such as `mon-fri` or `sat`; with none, every day.
    #[serde(default)]
    pub days: Vec<String>,
    /// From this severity on an alert is sent all the same; `null` where none is.
    #[serde(default = "grave")]
    pub breaks_through: Option<Severity>,
}

/// Others who are told where nobody acknowledges.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// So long after the first message of an alert, in seconds: 300 to 2,592,000.
    pub after_seconds: u32,
    /// The channels that are told then, by their names in the configuration.
    pub channels: Vec<String>,
    /// And again each time after so many seconds, 900 to 7,776,000; left out, once.
    #[serde(default)]
    pub repeat_seconds: Option<u32>,
}

fn midnight() -> String {
    "00:00".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

fn monday() -> String {
    "mon".to_owned()
}

// Serde asks for what the field holds.
#[expect(clippy::unnecessary_wraps)]
fn grave() -> Option<Severity> {
    Some(Severity::Grave)
}

fn breaks(through: Option<Severity>, severity: Severity) -> bool {
    through.is_some_and(|least| severity >= least)
}

impl DigestRule {
    /// At this pace, at midnight UTC, on Mondays where it is weekly; what is grave does not wait for it.
    pub fn new(every: Pace) -> Self {
        Self {
            every,
            at: midnight(),
            zone: utc(),
            weekday: monday(),
            breaks_through: grave(),
        }
    }

    /// True where an alert of this severity waits for it.
    pub fn holds(&self, severity: Severity) -> bool {
        !breaks(self.breaks_through, severity)
    }

    /// The first one after `after`; none where the rule does not read.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let zone = Zone::named(&self.zone).ok()?;
        let at = minute(&self.at)?;
        if self.every == Pace::Hourly {
            // A clock shows each minute within the hour, and within two where it jumps.
            let first = after.0.div_euclid(60_000) + 1;
            return (first..first + 120)
                .map(|minute| Timestamp(minute * 60_000))
                .find(|&instant| zone.local(instant).minute() == at % 60);
        }
        let weekday = match self.every {
            Pace::Weekly => Some(*days(&self.weekday)?.first()?),
            _ => None,
        };
        let yesterday = zone.local(after).date().checked_sub_days(Days::new(1))?;
        yesterday
            .iter_days()
            .take(10)
            .filter(|day| {
                weekday.is_none_or(|wanted| day.weekday().num_days_from_monday() as usize == wanted)
            })
            .map(|day| zone.instant(day, at))
            .find(|&instant| instant > after)
    }

    /// An instant by its clock, as somebody reads it at `since`: `08:00 Europe/Paris`.
    pub fn clock(&self, at: Timestamp, since: Timestamp) -> String {
        clock(&self.zone, at, since)
    }

    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        check_time("digest.at", &self.at, problems);
        check_zone("digest.zone", &self.zone, problems);
        if days(&self.weekday).is_none_or(|days| days.len() != 1) {
            problems.push(Problem::new(
                "digest.weekday",
                format!("'{}' is not a day of the week", self.weekday),
                "write mon, tue, wed, thu, fri, sat or sun",
            ));
        }
    }
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            from: "22:00".to_owned(),
            to: "07:00".to_owned(),
            zone: utc(),
            days: Vec::new(),
            breaks_through: grave(),
        }
    }
}

impl QuietHours {
    /// When what falls due at `at` may be sent, for an alert of this severity: `at` itself, or the end of quiet hours.
    pub fn over(&self, severity: Severity, at: Timestamp) -> Timestamp {
        match self.lets_through(severity) {
            true => at,
            false => self.end(at).unwrap_or(at),
        }
    }

    /// True for an alert of this severity, which is sent all the same.
    pub fn lets_through(&self, severity: Severity) -> bool {
        breaks(self.breaks_through, severity)
    }

    /// An instant by its clock, as somebody reads it at `since`: `07:00 Europe/Paris`.
    pub fn clock(&self, at: Timestamp, since: Timestamp) -> String {
        clock(&self.zone, at, since)
    }

    /// True where they end at this very instant.
    pub fn ends_at(&self, at: Timestamp) -> bool {
        self.end(at - Duration::from_millis(1)) == Some(at)
    }

    /// The first instant from `at` on that is outside; none where the rule does not read.
    fn end(&self, at: Timestamp) -> Option<Timestamp> {
        let zone = Zone::named(&self.zone).ok()?;
        let window = Window::between(minute(&self.from)?, minute(&self.to)?)?;
        let mut wanted = [self.days.is_empty(); 7];
        for text in &self.days {
            days(text)?.into_iter().for_each(|day| wanted[day] = true);
        }
        let hours = Hours {
            windows: vec![window],
            days: Some(wanted),
        };
        hours.closed_from(&zone, at)
    }

    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        let before = problems.len();
        check_time("quiet_hours.from", &self.from, problems);
        check_time("quiet_hours.to", &self.to, problems);
        check_zone("quiet_hours.zone", &self.zone, problems);
        if let (Some(from), Some(to)) = (minute(&self.from), minute(&self.to))
            && Window::between(from, to).is_none()
        {
            problems.push(Problem::new(
                "quiet_hours.to",
                format!("from {} to {} is no stretch of hours", self.from, self.to),
                "give two different times of day, such as 22:00 and 07:00; for a whole day 00:00 and 24:00",
            ));
        }
        for (index, text) in self.days.iter().enumerate() {
            if days(text).is_none() {
                problems.push(Problem::new(
                    format!("quiet_hours.days[{index}]"),
                    format!("'{text}' is not a day"),
                    "write a day or a range of days, such as mon, sat or mon-fri",
                ));
            }
        }
        let reads = problems[before..].is_empty();
        if reads && self.end(Timestamp(0)).is_none() {
            problems.push(Problem::new(
                "quiet_hours",
                "they cover every hour of every day, and would never end",
                "leave some hours or days out; to keep everything quiet for a while, use a silence",
            ));
        }
    }
}

impl Escalate {
    /// How long after the first message.
    pub fn after(&self) -> Duration {
        Duration::from_secs(self.after_seconds.into())
    }

    /// The time from one to the next, if there is to be more than one.
    pub fn repeat(&self) -> Option<Duration> {
        self.repeat_seconds
            .map(|seconds| Duration::from_secs(seconds.into()))
    }
}

fn check_time(key: &str, text: &str, problems: &mut Vec<Problem>) {
    if minute(text).is_none() {
        problems.push(Problem::new(
            key,
            format!("'{text}' is not a time of day"),
            "write hours and minutes, such as 08:00",
        ));
    }
}

fn check_zone(key: &str, text: &str, problems: &mut Vec<Problem>) {
    if let Err(problem) = Zone::named(text) {
        problems.push(Problem::new(key, problem.message, problem.remedy));
    }
}

/// From so far ahead on an hour alone does not tell which day is meant.
const A_DAY: Duration = Duration::from_secs(24 * 3_600);

/// With its day where an hour alone would be taken for the next of its name: `Monday 30 November, 08:00 Europe/Paris`.
fn clock(zone: &str, at: Timestamp, since: Timestamp) -> String {
    let format = match at > since + A_DAY {
        true => "%A %-d %B, %H:%M",
        false => "%H:%M",
    };
    match Zone::named(zone) {
        Ok(zone) => format!("{} {}", zone.local(at).format(format), zone.name()),
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn digest(json: Value) -> DigestRule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn digests_come_at_local_times() {
        let daily = || json!({"every": "daily", "at": "08:00", "zone": "Europe/Paris"});
        let weekly =
            || json!({"every": "weekly", "at": "08:00", "zone": "Europe/Paris", "weekday": "mon"});
        let hourly = || json!({"every": "hourly", "at": "00:15", "zone": "Asia/Kathmandu"});
        let each_hour = || json!({"every": "hourly", "at": "00:15", "zone": "Europe/Paris"});
        for (rule, after, next) in [
            (daily(), "2026-11-23T06:59:59Z", "2026-11-23T07:00:00Z"),
            (daily(), "2026-11-23T07:00:00Z", "2026-11-24T07:00:00Z"),
            // Over both changes of the clock.
            (daily(), "2026-03-28T12:00:00Z", "2026-03-29T06:00:00Z"),
            (daily(), "2026-10-24T12:00:00Z", "2026-10-25T07:00:00Z"),
            (weekly(), "2026-11-23T06:00:00Z", "2026-11-23T07:00:00Z"),
            (weekly(), "2026-11-23T08:00:00Z", "2026-11-30T07:00:00Z"),
            (weekly(), "2026-03-28T08:00:00Z", "2026-03-30T06:00:00Z"),
            // Kathmandu is 5 h 45 min ahead.
            (hourly(), "2026-11-23T10:29:00Z", "2026-11-23T10:30:00Z"),
            (hourly(), "2026-11-23T10:30:00Z", "2026-11-23T11:30:00Z"),
            // Each hour, where the clock goes back and shows one twice, and where it leaves one out.
            (each_hour(), "2026-10-25T00:00:00Z", "2026-10-25T00:15:00Z"),
            (each_hour(), "2026-10-25T00:15:00Z", "2026-10-25T01:15:00Z"),
            (each_hour(), "2026-10-25T01:15:00Z", "2026-10-25T02:15:00Z"),
            (each_hour(), "2026-03-29T00:15:00Z", "2026-03-29T01:15:00Z"),
        ] {
            assert_eq!(
                digest(rule.clone()).next(at(after)),
                Some(at(next)),
                "{rule} {after}"
            );
        }
        // A time that the clock skips, and one that it shows twice, come once.
        let night = digest(json!({"every": "daily", "at": "02:30", "zone": "Europe/Paris"}));
        for (day, next) in [
            ("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ] {
            assert_eq!(night.next(at(day)), Some(at(next)), "{day}");
        }
        assert_eq!(
            digest(daily()).clock(at("2026-11-23T07:00:00Z"), at("2026-11-22T07:00:00Z")),
            "08:00 Europe/Paris"
        );
        assert_eq!(
            digest(daily()).clock(at("2026-11-23T07:00:00Z"), at("2026-11-22T06:59:59Z")),
            "Monday 23 November, 08:00 Europe/Paris"
        );
    }

    #[test]
    fn quiet_hours_delay_until_their_end_but_not_what_is_grave() {
        let nights: QuietHours =
            serde_json::from_value(json!({"from": "22:00", "to": "07:00", "zone": "Europe/Paris"}))
                .unwrap();
        let until = |from: &str, to: &str| QuietHours {
            from: from.to_owned(),
            to: to.to_owned(),
            zone: "Europe/Paris".to_owned(),
            ..QuietHours::default()
        };
        let (short, late) = (until("22:00", "02:30"), until("02:30", "07:00"));
        let weekend: QuietHours = serde_json::from_value(json!({
            "from": "00:00", "to": "24:00", "zone": "Europe/Paris", "days": ["sat", "sun"],
            "breaks_through": null,
        }))
        .unwrap();
        for (rule, severity, due, sent) in [
            (
                &nights,
                Severity::Normal,
                "2026-11-23T20:59:00Z",
                "2026-11-23T20:59:00Z",
            ),
            (
                &nights,
                Severity::Normal,
                "2026-11-23T21:00:00Z",
                "2026-11-24T06:00:00Z",
            ),
            (
                &nights,
                Severity::Normal,
                "2026-11-24T05:59:59Z",
                "2026-11-24T06:00:00Z",
            ),
            (
                &nights,
                Severity::Grave,
                "2026-11-23T23:00:00Z",
                "2026-11-23T23:00:00Z",
            ),
            (
                &nights,
                Severity::Normal,
                "2026-03-28T22:00:00Z",
                "2026-03-29T05:00:00Z",
            ),
            // The clock shows the hour after two twice: they end the first time that it shows their end, and do not begin again.
            (
                &short,
                Severity::Normal,
                "2026-10-25T00:29:59Z",
                "2026-10-25T00:30:00Z",
            ),
            (
                &short,
                Severity::Normal,
                "2026-10-25T01:10:00Z",
                "2026-10-25T01:10:00Z",
            ),
            (
                &late,
                Severity::Normal,
                "2026-10-25T01:10:00Z",
                "2026-10-25T06:00:00Z",
            ),
            (
                &short,
                Severity::Normal,
                "2026-03-29T00:59:59Z",
                "2026-03-29T01:00:00Z",
            ),
            (
                &weekend,
                Severity::Grave,
                "2026-11-28T12:00:00Z",
                "2026-11-29T23:00:00Z",
            ),
            (
                &weekend,
                Severity::Normal,
                "2026-11-27T12:00:00Z",
                "2026-11-27T12:00:00Z",
            ),
        ] {
            assert_eq!(rule.over(severity, at(due)), at(sent), "{due}");
        }
    }
}
