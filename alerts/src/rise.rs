//! An entry that somebody made graver: what waits of it is told sooner, as if it had been as grave from the start. Pure.

use sightline_model::{Alert, Severity, Timestamp, Wait};

use crate::{
    decide::was_escalated,
    desk::breaks_quiet,
    due::Due,
    group::{OpenAlert, Waiting},
    rules::Rules,
};

/// An alert that is graver than it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Risen {
    /// As it is to be stored now.
    pub alert: Alert,
    /// The batch that waits, where it falls due sooner.
    pub hastened: Option<Waiting>,
    /// True where all that waits for the end of quiet hours is let through.
    pub breaks_quiet: bool,
}

/// An alert that holds a sighting of an entry which is as grave as this now; none where the alert was as grave already, for it
/// never grows less grave. News is gathered no longer where somebody says that it is urgent: only a ceiling holds it, for an
/// hour at most.
pub fn rise(open: &OpenAlert, severity: Severity, rules: &Rules, now: Timestamp) -> Option<Risen> {
    if open.alert.severity >= severity {
        return None;
    }
    let mut alert = Alert {
        severity,
        updated_at: now,
        ..open.alert.clone()
    };
    // Others believe that it is less: they are told again, at once, for nobody has taken it since.
    if was_escalated(&open.alert, now) {
        alert.escalated_at = None;
    }
    let hastened = open
        .waiting
        .and_then(|waiting| hastened(waiting, severity, rules, now));
    if let Some(sooner) = hastened {
        alert.notify_at = Some(sooner.due.at);
        alert.told_at = alert.told_at.min(alert.notify_at);
    }
    Some(Risen {
        breaks_quiet: breaks_quiet(&open.alert, &alert, rules),
        alert,
        hastened,
    })
}

fn hastened(
    waiting: Waiting,
    severity: Severity,
    rules: &Rules,
    now: Timestamp,
) -> Option<Waiting> {
    if !rules.is_urgent(severity) || waiting.due.waits == Some(Wait::Ceiling) {
        return waiting.hastened(rules, severity, now);
    }
    let due = Due::in_turn(rules, severity, now);
    (due.at < waiting.due.at).then_some(Waiting { due, ..waiting })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::{
        decide::tests::{START, opened},
        flood::DAY,
    };

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn what_waits_of_an_entry_that_is_grave_now_waits_no_longer() {
        let quiet = json!({"from": "00:00", "to": "23:59"});
        let digest = json!({"every": "weekly", "at": "08:00"});
        let urgent = json!({"every": "weekly", "at": "08:00", "breaks_through": "normal"});
        let soon = START + Duration::from_secs(60);
        for (rules, waits, severity, due) in [
            (
                json!({"digest": digest}),
                Wait::Digest,
                Severity::Grave,
                Some(soon),
            ),
            (
                json!({"quiet_hours": quiet}),
                Wait::QuietHours,
                Severity::Grave,
                Some(soon),
            ),
            (
                json!({"group_wait_seconds": 3600}),
                Wait::Group,
                Severity::Grave,
                Some(soon),
            ),
            (json!({}), Wait::Interval, Severity::Grave, Some(soon)),
            // It is looked at again before it is sent: what a silence covers still, it holds still.
            (json!({}), Wait::Silence, Severity::Grave, Some(soon)),
            (json!({}), Wait::Ceiling, Severity::Grave, Some(soon + HOUR)),
            // Graver, and not urgent.
            (
                json!({"digest": digest}),
                Wait::Digest,
                Severity::Normal,
                None,
            ),
            (
                json!({"digest": urgent, "group_wait_seconds": 600}),
                Wait::Digest,
                Severity::Normal,
                Some(soon + Duration::from_secs(600)),
            ),
            (
                json!({"group_wait_seconds": 3600}),
                Wait::Group,
                Severity::Normal,
                None,
            ),
            // As grave as it was.
            (json!({"digest": digest}), Wait::Digest, Severity::Low, None),
        ] {
            let mut all: Value = json!({"channels": ["duty"], "severity": "low"});
            let (named, more) = (
                all.as_object_mut().unwrap(),
                rules.as_object().unwrap().clone(),
            );
            named.extend(more);
            let rules = Rules::read(&all).unwrap();
            let (alert, mut sent) = opened(&rules);
            (sent[0].next_at, sent[0].waits) = (START + DAY, Some(waits));
            let open = OpenAlert::new(alert.clone(), &sent);
            let risen = rise(&open, severity, &rules, soon);
            let hastened = risen.as_ref().and_then(|risen| risen.hastened);
            assert_eq!(
                hastened.map(|one| one.due.at),
                due,
                "{all} {waits} {severity}"
            );
            assert_eq!(risen.is_some(), severity > alert.severity, "{severity}");
            if let Some(risen) = risen {
                assert_eq!(risen.alert.severity, severity);
                assert_eq!(risen.breaks_quiet, waits == Wait::QuietHours, "{all}");
            }
        }
    }
}
