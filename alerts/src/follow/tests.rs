//! What follows where nobody deals with an alert, case by case.

use std::time::Duration;

use serde_json::json;
use sightline_model::{DeliveryState, Reason, Severity, Wait};

use super::*;
use crate::{
    decide::{
        About,
        tests::{id, opened, rules, sighting},
    },
    desk::Desk,
};

const HOUR: Duration = Duration::from_secs(3_600);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// The messages that follow, by channel and purpose, with when each is due.
fn follows(open: &OpenAlert, rules: &Rules, now: Timestamp) -> Vec<(String, Purpose, Timestamp)> {
    let mint = Mint::seeded(7);
    let due = follow_up(open, None, rules, now, &mint);
    let messages = due.map_or_else(Vec::new, |due| due.deliveries);
    messages
        .into_iter()
        .map(|one| (one.channel, one.purpose, one.next_at))
        .collect()
}

#[test]
fn a_channel_that_is_down_has_one_message_under_way_and_no_more() {
    let rules = Rules::read(&json!({
        "channels": ["duty", "hook"], "repeat_seconds": 3600,
        "escalate": {"after_seconds": 7200, "channels": ["boss"], "repeat_seconds": 3600},
    }))
    .unwrap();
    let (alert, mut sent) = opened(&rules);
    let told = alert.notify_at.unwrap();
    // The one has it, the other is tried in vain.
    sent[0].state = DeliveryState::Delivered;
    sent[1].attempts = 3;
    let due = told + HOUR;
    let open = OpenAlert::new(alert, &sent);
    let reminder = ("duty".to_owned(), Purpose::Reminder, due);
    assert_eq!(follows(&open, &rules, due), [reminder]);

    let mint = Mint::seeded(8);
    let now = told + 2 * HOUR;
    let due = follow_up(&open, None, &rules, now, &mint).unwrap();
    let more = due.deliveries.into_iter();
    sent.extend(more.map(|one| Delivery { attempts: 1, ..one }));
    let boss: Vec<_> = sent.iter().map(|one| one.channel.as_str()).collect();
    assert_eq!(boss, ["duty", "hook", "boss", "duty"]);
    let open = OpenAlert::new(due.alert, &sent);
    assert_eq!(
        follows(&open, &rules, now + 24 * HOUR),
        [],
        "all are on their way"
    );
}

#[test]
fn news_reaches_those_whom_the_waiting_reminder_left_out() {
    let rules = Rules {
        repeat_seconds: Some(3_600),
        ..rules(&["duty", "hook"])
    };
    let (alert, mut sent) = opened(&rules);
    sent[0].state = DeliveryState::Delivered;
    sent[1].attempts = 3;
    let now = alert.notify_at.unwrap() + HOUR;
    let open = OpenAlert::new(alert, &sent);
    let mint = Mint::seeded(7);
    let due = follow_up(&open, None, &rules, now, &mint).unwrap();
    sent.extend(due.deliveries);
    let open = OpenAlert::new(due.alert, &sent);
    assert!(open.waiting.is_some(), "the reminder to duty");
    assert_eq!(open.unreached(&rules.channels), ["hook"]);

    // It completes that batch, and costs its entry's ceiling nothing.
    let now = now + Duration::from_secs(1);
    let mut desk = Desk::new([open], &[], now, &mint);
    desk.decide(
        &sighting(2, Reason::NewSource, now),
        About::default(),
        &rules,
    );
    let changes = desk.changes();
    let to = changes.deliveries.iter().map(|one| one.channel.as_str());
    assert_eq!((to.collect(), changes.begun), (vec!["hook"], vec![]));
}

#[test]
fn a_reminder_takes_along_what_a_ceiling_holds() {
    let rules = Rules::read(&json!({
        "channels": ["duty"], "repeat_seconds": 3600, "forgotten_seconds": 7200,
        "quiet_hours": {"from": "01:00", "to": "02:00"},
    }))
    .unwrap();
    let (alert, mut sent) = opened(&rules);
    let told = alert.notify_at.unwrap();
    sent[0].state = DeliveryState::Delivered;
    sent[0].delivered_at = Some(told);
    let day = 24 * HOUR;
    let held = Delivery {
        batch: 2,
        waits: Some(Wait::Ceiling),
        next_at: told + day,
        ..sent[0].clone()
    };
    let held = Delivery {
        state: DeliveryState::Pending,
        delivered_at: None,
        ..held
    };
    sent.push(held);
    let alert = Alert {
        batch: 2,
        notify_at: Some(told + day),
        ..alert
    };
    let silence = Silence {
        id: id(9),
        covers: Default::default(),
        until: told + 5 * HOUR,
    };
    let soon = Duration::from_secs(1);
    let taken = (AlertState::Acknowledged, Some(told + HOUR));
    let open = (AlertState::Open, None);
    for (what, (state, by), silence, now, expected) in [
        ("too soon", open, None, told + HOUR - soon, None),
        (
            "due",
            open,
            None,
            told + HOUR,
            Some((told + HOUR, None, Purpose::Reminder)),
        ),
        (
            "silenced",
            open,
            Some(&silence),
            told + 2 * HOUR,
            Some((silence.until, Some(Wait::Silence), Purpose::Reminder)),
        ),
        ("taken", taken, None, told + 2 * HOUR, None),
        (
            "forgotten",
            taken,
            None,
            told + 3 * HOUR,
            Some((told + 3 * HOUR, None, Purpose::Forgotten)),
        ),
    ] {
        let alert = Alert {
            state,
            acknowledged: by.map(|at| ("R. Roe".to_owned(), at)),
            ..alert.clone()
        };
        let open = OpenAlert::new(alert, &sent);
        let due = follow_up(&open, silence, &rules, now, &Mint::seeded(7));
        let found = due.map(|due| {
            assert_eq!(due.deliveries, [], "{what}: no message more");
            let taken = due.taken.unwrap();
            assert_eq!(taken.waiting.batch, 2);
            assert_eq!(due.alert.notify_at, Some(taken.waiting.due.at));
            (taken.waiting.due.at, taken.waiting.due.waits, taken.purpose)
        });
        assert_eq!(found, expected, "{what}");
    }
    // What people are still to be told of is no matter of reminders, nor is what comes by itself before.
    let first = Alert {
        told_at: alert.notify_at,
        ..alert.clone()
    };
    let first = OpenAlert::new(first, &sent[1..]);
    assert_eq!(follows(&first, &rules, told + 2 * HOUR), []);
    assert_eq!(
        follow_up(&first, None, &rules, told + 2 * HOUR, &Mint::seeded(7)),
        None
    );
    sent[1].next_at = told + HOUR;
    let before = OpenAlert::new(alert.clone(), &sent);
    let now = told + HOUR;
    assert_eq!(
        follow_up(&before, None, &rules, now, &Mint::seeded(7)),
        None
    );
    // Nobody can be told while the channel is down: it has one message already.
    sent[1].next_at = told + day;
    (sent[0].state, sent[0].attempts) = (DeliveryState::Pending, 3);
    let down = OpenAlert::new(alert, &sent);
    assert_eq!(follow_up(&down, None, &rules, now, &Mint::seeded(7)), None);
}

#[test]
fn a_daily_reminder_stands_in_each_daily_digest() {
    let summer = "2027-03-28T06:00:00Z";
    for (every, repeat, last, now, due) in [
        (
            "daily",
            86_400,
            "2026-11-24T08:00:00Z",
            "2026-11-24T08:00:05Z",
            Some("2026-11-25T08:00:00Z"),
        ),
        (
            "daily",
            86_400,
            "2026-11-25T08:00:00Z",
            "2026-11-24T08:00:05Z",
            None,
        ),
        (
            "daily",
            172_800,
            "2026-11-24T08:00:00Z",
            "2026-11-24T08:00:05Z",
            None,
        ),
        (
            "daily",
            172_800,
            "2026-11-24T08:00:00Z",
            "2026-11-25T08:00:05Z",
            Some("2026-11-26T08:00:00Z"),
        ),
        (
            "hourly",
            3_600,
            "2026-11-24T08:00:00Z",
            "2026-11-24T08:00:05Z",
            Some("2026-11-24T09:00:00Z"),
        ),
        (
            "weekly",
            604_800,
            "2026-11-23T08:00:00Z",
            "2026-11-24T08:00:05Z",
            Some("2026-11-30T08:00:00Z"),
        ),
        // The clock goes forward: that day is an hour shorter.
        (
            "paris",
            86_400,
            "2027-03-27T07:00:00Z",
            "2027-03-27T07:00:05Z",
            Some(summer),
        ),
    ] {
        let digest = match every {
            "paris" => json!({"every": "daily", "at": "08:00", "zone": "Europe/Paris"}),
            every => json!({"every": every, "at": "08:00"}),
        };
        let rules = Rules::read(&json!({"digest": digest})).unwrap();
        let length = Duration::from_secs(repeat);
        let found = Due::of_reminder(&rules, Severity::Normal, at(last), length, at(now));
        let expected = due.map(|due| Due {
            at: at(due),
            waits: Some(Wait::Digest),
        });
        assert_eq!(found, expected, "{every} {repeat} {now}");
        if found.is_some() {
            let until = Due::reminders_until(&rules, length, at(now));
            assert!(at(last) <= until - length, "it would not be looked at");
        }
    }
}

#[test]
fn an_alert_that_nobody_was_told_of_is_escalated() {
    let nobody = Rules::read(&json!({"channels": []})).unwrap();
    let (alert, _) = opened(&nobody);
    let (opened_at, open) = (alert.opened_at, OpenAlert::new(alert, &[]));
    let escalate = json!({"after_seconds": 3600, "channels": ["boss"]});
    let boss = Rules::read(&json!({"escalate": escalate})).unwrap();
    let now = opened_at + HOUR;
    let escalation = ("boss".to_owned(), Purpose::Escalation, now);
    for (rules, now, expected) in [
        (&nobody, now, vec![]),
        (&boss, now - Duration::from_secs(1), vec![]),
        (&boss, now, vec![escalation]),
    ] {
        assert_eq!(follows(&open, rules, now), expected);
    }
}

#[test]
fn news_is_withdrawn_only_where_it_was_rejected() {
    use Holds::{News, Nothing, Rejected, Withdrawn};
    let alert = opened(&rules(&["duty"])).0;
    assert_eq!(Holds::of([2, 1, 1]), News);
    assert_eq!(Holds::of([2, 2, 1]), Withdrawn);
    for (purpose, batch, all, expected) in [
        (Purpose::News, Withdrawn, Withdrawn, None),
        (Purpose::Reminder, Withdrawn, Withdrawn, None),
        (Purpose::Reminder, Nothing, Withdrawn, Some(Moot::Withdrawn)),
        (
            Purpose::Forgotten,
            Nothing,
            Withdrawn,
            Some(Moot::Withdrawn),
        ),
        (
            Purpose::Escalation,
            Nothing,
            Withdrawn,
            Some(Moot::Withdrawn),
        ),
        (Purpose::News, Holds::of([2, 0, 1]), News, None),
        (
            Purpose::News,
            Holds::of([0, 0, 2]),
            News,
            Some(Moot::Rejected),
        ),
        (Purpose::News, Holds::of([0, 0, 0]), Nothing, None),
        (Purpose::Reminder, Nothing, Rejected, None),
        (Purpose::Escalation, Nothing, Rejected, Some(Moot::Rejected)),
        (Purpose::Escalation, Nothing, News, None),
        (Purpose::Correction, Rejected, Rejected, None),
    ] {
        let moot = moot(purpose, batch, all, &alert);
        assert_eq!(moot, expected, "{purpose} {batch:?} {all:?}");
    }
    for (how, is_told) in [
        (Closed::Rejected, false),
        (Closed::Confirmed, true),
        (Closed::Stale, true),
        (Closed::Furniture, true),
    ] {
        let closed = Alert {
            state: AlertState::Closed,
            closed: Some((how, alert.opened_at)),
            ..alert.clone()
        };
        let found = moot(Purpose::News, News, News, &closed);
        assert_eq!(found, (!is_told).then_some(Moot::Closed(how)), "{how}");
    }
}
