//! News that is graver than what was told before: it opens again what was acknowledged, and is not held by quiet hours.

use std::time::Duration;

use serde_json::json;

use sightline_model::AlertDeed;

use super::{
    tests::{START, id, opened, rules, sighting},
    *,
};
use crate::{
    desk::{Changes, Desk},
    follow::follow_up,
    rise::rise,
};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn what_nobody_meant_who_acknowledged_opens_the_alert_again() {
    let rules = rules(&["duty"]);
    let (alert, _) = opened(&rules);
    let taken = Alert {
        state: AlertState::Acknowledged,
        acknowledged: Some(("R. Roe".to_owned(), START + DAY)),
        escalated_at: Some(START + DAY),
        ..alert
    };
    let open = OpenAlert::new(taken.clone(), &[]);
    let now = START + 2 * DAY;
    let of_another = |reason| Sighting {
        entry: id(11),
        ..sighting(2, reason, now)
    };
    let grave = Some(Severity::Grave);
    for (news, severity, reopens) in [
        (sighting(2, Reason::NewSource, now), None, false),
        (sighting(2, Reason::NewSource, now), grave, true),
        (of_another(Reason::NewSource), None, false),
        (of_another(Reason::First), None, true),
    ] {
        let mint = Mint::seeded(1);
        let mut desk = Desk::new([open.clone()], &[], now, &mint);
        let about = About {
            severity,
            ..About::default()
        };
        // Of another entry, as it comes where a case groups them.
        let case = Case {
            sighting: &news,
            about,
            rules: &rules,
            open: Some(&open),
            flood: None,
            silences: &[],
            now,
        };
        let decision = decide(&case, &Mint::seeded(1));
        let alert = decision.alert().unwrap();
        let due = alert.notify_at;
        let expected = match reopens {
            true => (AlertState::Open, due, None),
            false => (AlertState::Acknowledged, taken.told_at, taken.escalated_at),
        };
        assert_eq!((alert.state, alert.told_at, alert.escalated_at), expected);
        if news.entry == taken.entry {
            desk.decide(&news, about, &rules);
            let became = match reopens {
                true => &[AlertDeed::Graver, AlertDeed::Reopened][..],
                false => &[],
            };
            assert_eq!(deeds(&desk.changes()), became);
        }
    }
}

fn deeds(changes: &Changes) -> Vec<AlertDeed> {
    changes.became.iter().map(|change| change.deed).collect()
}

#[test]
fn what_news_makes_of_an_alert_that_was_there_is_kept_with_it() {
    let rules = rules(&["duty"]);
    let (alert, _) = opened(&rules);
    let now = START + DAY;
    let silence = Silence {
        id: SilenceId(alert.id.0),
        covers: Covers::default(),
        until: now + DAY,
    };
    let quiet = Alert {
        state: AlertState::Silenced,
        ..alert.clone()
    };
    let (graver, opens) = (AlertDeed::Graver, AlertDeed::Unsilenced);
    let (normal, grave) = (Severity::Normal, Severity::Grave);
    for (before, silences, severities, became) in [
        (Some(&alert), &[][..], [normal, normal], &[][..]),
        (Some(&alert), &[], [normal, grave], &[graver]),
        (Some(&quiet), &[], [normal, normal], &[opens]),
        (Some(&quiet), &[], [grave, normal], &[graver, opens]),
        (
            Some(&quiet),
            std::slice::from_ref(&silence),
            [grave, grave],
            &[graver],
        ),
        // Raised by the same transaction: whoever asks what was raised is told of it as it is.
        (None, &[], [normal, grave], &[]),
    ] {
        let mint = Mint::seeded(1);
        let open = before.map(|before| OpenAlert::new(before.clone(), &[]));
        let mut desk = Desk::new(open, silences, now, &mint);
        for (nth, severity) in (2..).zip(severities) {
            let about = About {
                severity: Some(severity),
                ..About::default()
            };
            desk.decide(&sighting(nth, Reason::NewSource, now), about, &rules);
        }
        assert_eq!(deeds(&desk.changes()), became, "{before:?} {severities:?}");
    }
}

#[test]
fn what_is_graver_than_others_were_told_is_escalated_again() {
    let hour = Duration::from_secs(3_600);
    let escalate = json!({"after_seconds": 3_600, "channels": ["boss"]});
    let rules = Rules::read(&json!({"channels": ["duty"], "escalate": escalate})).unwrap();
    let (alert, _) = opened(&rules);
    let now = START + DAY;
    let boss_told = |at: Timestamp| Alert {
        escalated_at: Some(at),
        ..alert.clone()
    };
    let before = START + hour;
    for (alert, severity, again) in [
        (boss_told(before), Severity::Normal, false),
        (boss_told(before), Severity::Grave, true),
        // Held until later: it will say how grave it is.
        (boss_told(now + hour), Severity::Grave, false),
    ] {
        let open = OpenAlert::new(alert.clone(), &[]);
        let mint = Mint::seeded(1);
        let mut desk = Desk::new([open], &[], now, &mint);
        let about = About {
            severity: Some(severity),
            ..About::default()
        };
        desk.decide(&sighting(2, Reason::NewSource, now), about, &rules);
        let changes = desk.changes();
        let graver = (severity > alert.severity).then_some(AlertDeed::Graver);
        let graver: Vec<AlertDeed> = graver.into_iter().collect();
        assert_eq!(deeds(&changes), graver, "nobody had taken it");
        let mut messages = changes.deliveries;
        for message in &mut messages {
            message.state = sightline_model::DeliveryState::Delivered;
        }
        let joined = OpenAlert::new(changes.updated[0].clone(), &messages);
        let told = joined.alert.notify_at.unwrap();
        let escalated = |now| {
            let due = follow_up(&joined, None, &rules, now, &mint);
            due.is_some_and(|due| due.deliveries.iter().any(|one| one.channel == "boss"))
        };
        let soon = escalated(told + hour - Duration::from_secs(1));
        assert_eq!((soon, escalated(told + hour)), (false, again));

        // The same where an analyst says so of the entry: nobody is waited for any more.
        let risen = rise(&OpenAlert::new(alert, &[]), severity, &rules, now);
        let risen = risen.map(|risen| OpenAlert::new(risen.alert, &[]));
        let due = risen.and_then(|risen| follow_up(&risen, None, &rules, now, &mint));
        assert_eq!(due.is_some(), again);
    }
}

#[test]
fn what_is_graver_is_let_through_quiet_hours_with_all_that_waits_there() {
    let quiet = json!({"quiet_hours": {"from": "22:00", "to": "07:00"}, "channels": ["duty"]});
    let (rules, loud) = (Rules::read(&quiet).unwrap(), rules(&["duty"]));
    let (alert, _) = opened(&rules);
    let open = OpenAlert::new(alert.clone(), &[]);
    for (severity, rules, graver) in [
        (Severity::Normal, &rules, vec![]),
        (Severity::Grave, &rules, vec![alert.id]),
        (Severity::Grave, &loud, vec![]),
    ] {
        let mint = Mint::seeded(1);
        let mut desk = Desk::new([open.clone()], &[], START + DAY, &mint);
        let about = About {
            severity: Some(severity),
            ..About::default()
        };
        desk.decide(&sighting(2, Reason::NewSource, START + DAY), about, rules);
        assert_eq!(desk.changes().graver, graver, "{severity}");
    }
}
