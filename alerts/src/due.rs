//! When a message falls due, and what it waits for until then. Pure.

use std::time::Duration;

use sightline_model::{Severity, Timestamp, Wait};

use crate::rules::Rules;

/// The longest that a ceiling holds news of what is urgent.
pub const URGENT_HELD: Duration = Duration::from_secs(60 * 60);

/// When a message falls due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// Not before this instant.
    pub at: Timestamp,
    /// What it waits for until then; nothing where it is due at once.
    pub waits: Option<Wait>,
}

impl Due {
    fn now(now: Timestamp) -> Self {
        Self {
            at: now,
            waits: None,
        }
    }

    /// Of news of an alert of this severity, whose people were last told, or are to be told, at `last`: after the group's
    /// wait, and not sooner than the interval after the last; with the next digest, where the rules ask for one; and not in
    /// quiet hours.
    pub fn of_news(
        rules: &Rules,
        severity: Severity,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let waited = now + rules.group_wait();
        let rested = last.map(|last| last + rules.group_interval());
        let due = match rested {
            Some(rested) if rested > waited => Self {
                at: rested,
                waits: Some(Wait::Interval),
            },
            _ if waited > now => Self {
                at: waited,
                waits: Some(Wait::Group),
            },
            _ => Self::now(now),
        };
        due.in_digest(rules, severity, now)
            .in_peace(rules, severity)
    }

    /// Of news of an entry that has brought about as many messages as its ceiling allows until this instant: with the next
    /// digest, where the rules ask for one, since that costs no message more; then, where not; and not in quiet hours. What is
    /// urgent is gathered for an hour at most: so it is told, and still floods nobody.
    pub fn of_flood(rules: &Rules, severity: Severity, until: Timestamp, now: Timestamp) -> Self {
        let until = match rules.is_urgent(severity) {
            true => until.min(now + URGENT_HELD),
            false => until,
        };
        let due = Self {
            at: until.max(now),
            waits: Some(Wait::Ceiling),
        };
        due.in_digest(rules, severity, now)
            .in_peace(rules, severity)
    }

    /// Of what may wait for a digest: with the next one, where there is one, and not in quiet hours.
    pub fn in_turn(rules: &Rules, severity: Severity, now: Timestamp) -> Self {
        Self::now(now)
            .in_digest(rules, severity, now)
            .in_peace(rules, severity)
    }

    /// Of a reminder that is owed so long after `since`; none where that is still to come. Where there is a digest, it is
    /// owed as soon as the next one comes late enough for it, so that a daily reminder stands in each daily digest; not in
    /// quiet hours.
    pub fn of_reminder(
        rules: &Rules,
        severity: Severity,
        since: Timestamp,
        length: Duration,
        now: Timestamp,
    ) -> Option<Self> {
        let due = Self::now(now).in_digest(rules, severity, now);
        let at = match due.waits {
            Some(Wait::Digest) => due.at + slack(length),
            _ => now,
        };
        (at >= since + length).then(|| due.in_peace(rules, severity))
    }

    /// Of what cannot wait for a digest: not in quiet hours.
    pub fn at_once(rules: &Rules, severity: Severity, now: Timestamp) -> Self {
        Self::now(now).in_peace(rules, severity)
    }

    /// As it falls due where a silence held it: at once when that is over, as far as quiet hours let it, and told with all
    /// else that was held. What goes with a digest, or gathers what is beyond a ceiling, does so still.
    pub fn after_silence(self, now: Timestamp) -> Self {
        match self.waits {
            Some(Wait::Digest | Wait::Ceiling) => self,
            Some(Wait::Group | Wait::Interval) => Self {
                at: now,
                waits: Some(Wait::Silence),
            },
            Some(Wait::QuietHours | Wait::Silence) | None => Self {
                waits: Some(Wait::Silence),
                ..self
            },
        }
    }

    /// The last instant that counts when reminders are looked for: no reminder whose length lies before it is missed.
    pub fn reminders_until(rules: &Rules, length: Duration, now: Timestamp) -> Timestamp {
        let digest = rules.digest.as_ref().and_then(|digest| digest.next(now));
        digest.map_or(now, |at| at + slack(length))
    }

    fn in_digest(self, rules: &Rules, severity: Severity, now: Timestamp) -> Self {
        let digest = rules
            .digest
            .as_ref()
            .filter(|digest| digest.holds(severity));
        match digest.and_then(|digest| digest.next(now)) {
            Some(at) => Self {
                at,
                waits: Some(Wait::Digest),
            },
            None => self,
        }
    }

    fn in_peace(self, rules: &Rules, severity: Severity) -> Self {
        let Some(quiet) = &rules.quiet_hours else {
            return self;
        };
        let at = quiet.over(severity, self.at);
        let waits = match self.waits {
            // It stays a digest, or what a ceiling gathers, whenever it comes.
            Some(Wait::Digest | Wait::Ceiling) => self.waits,
            _ if at > self.at => Some(Wait::QuietHours),
            waits => waits,
        };
        Self { at, waits }
    }
}

/// How much too early a reminder may stand in a digest: a day, or a week, of a clock that is set is an hour shorter.
fn slack(length: Duration) -> Duration {
    (length / 20).min(Duration::from_secs(60 * 60))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_ceiling_holds_what_is_urgent_for_an_hour() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let (now, until) = (at("2026-11-23T23:00:00Z"), at("2026-11-24T20:00:00Z"));
        let quiet = json!({"from": "22:00", "to": "07:00", "breaks_through": "grave"});
        let never = json!({"from": "22:00", "to": "23:30", "breaks_through": null});
        for (quiet, severity, until, due) in [
            (json!(null), Severity::Normal, until, "2026-11-24T20:00:00Z"),
            (json!(null), Severity::Grave, until, "2026-11-24T00:00:00Z"),
            (
                quiet.clone(),
                Severity::Grave,
                until,
                "2026-11-24T00:00:00Z",
            ),
            (quiet, Severity::Normal, until, "2026-11-24T20:00:00Z"),
            (never, Severity::Grave, until, "2026-11-24T20:00:00Z"),
            (
                json!(null),
                Severity::Grave,
                at("2026-11-23T23:10:00Z"),
                "2026-11-23T23:10:00Z",
            ),
        ] {
            let rules = Rules::read(&json!({"quiet_hours": quiet})).unwrap();
            let found = Due::of_flood(&rules, severity, until, now);
            let expected = Due {
                at: at(due),
                waits: Some(Wait::Ceiling),
            };
            assert_eq!(found, expected, "{quiet} {severity}");
        }
    }

    #[test]
    fn each_rule_delays_and_a_grave_alert_breaks_through() {
        let digest = json!({"every": "daily", "at": "06:00"});
        let quiet = json!({"from": "22:00", "to": "07:00"});
        let none = json!(null);
        let noon = "2026-11-23T12:00:00Z";
        let night = "2026-11-23T23:00:00Z";
        for (digest, quiet, severity, last, now, due, waits) in [
            (
                &none,
                &none,
                Severity::Normal,
                None,
                noon,
                "2026-11-23T12:00:30Z",
                Wait::Group,
            ),
            (
                &none,
                &none,
                Severity::Normal,
                Some(noon),
                noon,
                "2026-11-23T12:05:00Z",
                Wait::Interval,
            ),
            (
                &none,
                &quiet,
                Severity::Normal,
                None,
                night,
                "2026-11-24T07:00:00Z",
                Wait::QuietHours,
            ),
            (
                &none,
                &quiet,
                Severity::Grave,
                None,
                night,
                "2026-11-23T23:00:30Z",
                Wait::Group,
            ),
            (
                &digest,
                &none,
                Severity::Normal,
                None,
                noon,
                "2026-11-24T06:00:00Z",
                Wait::Digest,
            ),
            (
                &digest,
                &quiet,
                Severity::Normal,
                None,
                noon,
                "2026-11-24T07:00:00Z",
                Wait::Digest,
            ),
            (
                &digest,
                &quiet,
                Severity::Grave,
                None,
                night,
                "2026-11-23T23:00:30Z",
                Wait::Group,
            ),
        ] {
            let rules = Rules::read(&json!({"digest": digest, "quiet_hours": quiet})).unwrap();
            let at = |text: &str| Timestamp::parse(text).unwrap();
            let found = Due::of_news(&rules, severity, last.map(at), at(now));
            let expected = Due {
                at: at(due),
                waits: Some(waits),
            };
            assert_eq!(found, expected, "{digest} {quiet} {severity} {now}");
        }
    }
}
