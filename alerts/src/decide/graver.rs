//! News that is graver than what was told before: it opens again what was acknowledged, and is not held by quiet hours.

use std::time::Duration;

use serde_json::json;

use super::{
    tests::{START, id, opened, rules, sighting},
    *,
};
use crate::desk::Desk;

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
            assert_eq!(desk.changes().reopened.len(), usize::from(reopens));
        }
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
