//! Decisions one by one, and long histories of them with an outbox, people and silences.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use sightline_model::{
    CaptureId, Closed, Confidence, DeliveryState, Explanation, ListingId, Previous, SourceId,
};

use super::*;
use crate::{desk::Desk, words::why};

const START: Timestamp = Timestamp(1_800_000_000_000);
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

fn rules(channels: &[&str]) -> Rules {
    Rules {
        channels: channels.iter().map(ToString::to_string).collect(),
        ..Rules::default()
    }
}

fn id<T: From<uuid::Uuid>>(number: u128) -> T {
    uuid::Uuid::from_u128(number).into()
}

fn sighting(number: u128, reason: Reason, at: Timestamp) -> Sighting {
    let source: SourceId = id(1);
    Sighting {
        id: id(number),
        entry: id(10),
        watchlist: id(20),
        observation: None,
        listing: ListingId(1),
        source,
        url: "https://ads.example/1".parse().unwrap(),
        reason,
        at,
        first_seen: at,
        last_seen: at,
        current: true,
        explanation: Explanation {
            raw: "lotus".into(),
            before: String::new(),
            after: String::new(),
            steps: Vec::new(),
            confidence: Confidence::Exact,
            capture: CaptureId(1),
            previous: (reason != Reason::First).then(|| Previous {
                at: at - 2 * DAY,
                source,
                listing: ListingId(2),
            }),
        },
    }
}

/// Decides on a sighting at its own time.
fn on(
    sighting: &Sighting,
    rules: &Rules,
    open: Option<&OpenAlert>,
    silences: &[Silence],
) -> Decision {
    let case = Case {
        sighting,
        severity: None,
        rules,
        open,
        silences,
        now: sighting.at,
    };
    decide(&case, &Mint::seeded(1))
}

fn opened(rules: &Rules) -> (Alert, Vec<Delivery>) {
    match on(&sighting(1, Reason::First, START), rules, None, &[]) {
        Decision::Opened {
            alert, deliveries, ..
        } => (alert, deliveries),
        other => panic!("{other:?}"),
    }
}

#[test]
fn news_raises_one_alert_and_one_message_for_each_channel() {
    let (alert, deliveries) = opened(&rules(&["duty", "hook", "duty"]));
    assert_eq!(alert.state, AlertState::Open);
    assert_eq!(alert.notify_at, Some(START + 30 * SECOND));
    let channels: Vec<&str> = deliveries
        .iter()
        .map(|delivery| delivery.channel.as_str())
        .collect();
    assert_eq!(channels, ["duty", "hook"]);
    for delivery in &deliveries {
        assert_eq!((delivery.batch, delivery.next_at), (1, START + 30 * SECOND));
    }
}

#[test]
fn what_is_no_news_is_recorded() {
    let rules = Rules {
        reasons: [Reason::First].into(),
        ..rules(&["duty"])
    };
    for (reason, expected) in [
        (Reason::Continued, Unalerted::Continued),
        (Reason::Historic, Unalerted::Historic),
        (Reason::NewSource, Unalerted::NotInRules),
    ] {
        let decision = on(&sighting(2, reason, START), &rules, None, &[]);
        assert_eq!(
            decision,
            Decision::Recorded {
                why: expected,
                attached: None
            }
        );
    }
}

#[test]
fn news_joins_the_message_that_waits_and_then_starts_another() {
    let rules = rules(&["duty"]);
    let (alert, mut deliveries) = opened(&rules);
    let waiting = OpenAlert::new(alert.clone(), &deliveries);
    let news = sighting(2, Reason::NewSource, START + 10 * SECOND);
    let decision = on(&news, &rules, Some(&waiting), &[]);
    assert_eq!(decision.deliveries(), []);
    assert_eq!(decision.attached().unwrap().batch, Some(1));
    let joined = decision.alert().unwrap();
    assert_eq!(joined.reasons, [Reason::First, Reason::NewSource]);
    assert_eq!(joined.notify_at, alert.notify_at);

    for (tried_at, news_at, due) in [
        // The interval since the last message counts; a later one waits for its group only.
        (31, 40, 30 + 300),
        (31, 1_000, 1_000 + 30),
    ] {
        deliveries[0].attempts = 1;
        deliveries[0].next_at = START + tried_at * SECOND;
        let sent = OpenAlert::new(alert.clone(), &deliveries);
        let news = sighting(2, Reason::NewSource, START + news_at * SECOND);
        let decision = on(&news, &rules, Some(&sent), &[]);
        assert_eq!(decision.attached().unwrap().batch, Some(2));
        assert_eq!(decision.deliveries()[0].next_at, START + due * SECOND);
        assert_eq!(
            decision.alert().unwrap().notify_at,
            Some(START + due * SECOND)
        );
    }
}

#[test]
fn a_batch_is_shut_once_any_message_of_it_was_written_or_tried() {
    let (alert, deliveries) = opened(&rules(&["duty", "hook"]));
    let state = |change: fn(&mut Delivery)| {
        let mut deliveries = deliveries.clone();
        change(&mut deliveries[1]);
        OpenAlert::new(alert.clone(), &deliveries).batch
    };
    assert_eq!(state(|_| ()), BatchState::Waiting);
    assert_eq!(state(|delivery| delivery.attempts = 1), BatchState::Shut);
    assert_eq!(
        state(|delivery| delivery.state = DeliveryState::Dead),
        BatchState::Shut
    );
    assert_eq!(
        state(|delivery| delivery.message = Some("{}".into())),
        BatchState::Shut
    );
    assert_eq!(OpenAlert::new(alert.clone(), &[]).batch, BatchState::Shut);
}

#[test]
fn what_continues_is_shown_in_a_message_that_waits_if_its_listing_is_new() {
    let rules = rules(&["duty"]);
    let (alert, deliveries) = opened(&rules);
    let waiting = OpenAlert::new(alert, &deliveries);
    let fresh = sighting(2, Reason::Continued, START + SECOND);
    let old = Sighting {
        first_seen: START - DAY,
        ..fresh.clone()
    };
    for (sighting, batch) in [(fresh, Some(1)), (old, None)] {
        let decision = on(&sighting, &rules, Some(&waiting), &[]);
        assert_eq!(decision.attached().unwrap().batch, batch);
        assert_eq!(decision.deliveries(), []);
    }
}

#[test]
fn a_silence_keeps_news_quiet_while_it_lasts() {
    let rules = rules(&["duty"]);
    let over = |over, until| Silence {
        id: id(99),
        over,
        until,
    };
    let news = sighting(1, Reason::First, START);
    let later = START + DAY;
    for (silence, is_quiet) in [
        (over(Over::All, later), true),
        (over(Over::Watchlist(news.watchlist), later), true),
        (over(Over::Entry(news.entry), later), true),
        (over(Over::Entry(id(11)), later), false),
        (over(Over::All, START), false),
    ] {
        let decision = on(&news, &rules, None, &[silence]);
        assert_eq!(
            matches!(decision, Decision::Silenced { .. }),
            is_quiet,
            "{silence:?}"
        );
    }

    let quiet = on(&news, &rules, None, &[over(Over::All, later)]);
    let alert = quiet.alert().unwrap().clone();
    assert_eq!((alert.state, alert.notify_at), (AlertState::Silenced, None));
    let again = sighting(2, Reason::Reappeared, later);
    let decision = on(
        &again,
        &rules,
        Some(&OpenAlert::new(alert, &[])),
        &[over(Over::All, later)],
    );
    let alert = decision.alert().unwrap();
    assert_eq!((alert.state, alert.batch), (AlertState::Open, 1));
    assert_eq!(
        decision.deliveries().len(),
        1,
        "the first message that is sent"
    );
}

#[test]
fn reminders_come_while_nobody_has_acknowledged() {
    let rules = Rules {
        repeat_seconds: Some(3_600),
        ..rules(&["duty"])
    };
    let mint = Mint::seeded(1);
    let (alert, mut deliveries) = opened(&rules);
    let due = alert.notify_at.unwrap() + 3_600 * SECOND;
    let waiting = OpenAlert::new(alert.clone(), &deliveries);
    assert_eq!(
        remind(&waiting, &rules, due, &mint),
        None,
        "the first is on its way"
    );

    deliveries[0].attempts = 1;
    let sent = OpenAlert::new(alert.clone(), &deliveries);
    assert_eq!(remind(&sent, &rules, due - SECOND, &mint), None);
    let (reminded, messages) = remind(&sent, &rules, due, &mint).unwrap();
    assert_eq!((reminded.batch, messages[0].next_at), (2, due));
    assert_eq!(reminded.notify_at, Some(due));

    let mut taken = alert;
    taken.state = AlertState::Acknowledged;
    assert_eq!(
        remind(&OpenAlert::new(taken, &deliveries), &rules, due, &mint),
        None
    );
}

#[test]
fn decisions_in_words() {
    let rules_of = rules;
    let rules = rules_of(&["duty"]);
    let (alert, deliveries) = opened(&rules);
    let waiting = OpenAlert::new(alert, &deliveries);
    let silence = Silence {
        id: id(99),
        over: Over::All,
        until: START + DAY,
    };
    for (reason, rules, open, silences, expected) in [
        (
            Reason::Continued,
            &rules,
            None,
            vec![],
            "not sent: continued, seen on the same site 2 days ago",
        ),
        (
            Reason::First,
            &rules,
            None,
            vec![],
            "alert raised, to be sent by duty at 2027-01-15T08:00:30Z: seen for the first time",
        ),
        (
            Reason::Reappeared,
            &rules,
            Some(&waiting),
            vec![],
            "added to the open alert, told in the message that waits: back after 2 days, on the same site",
        ),
        (
            Reason::First,
            &rules_of(&[]),
            None,
            vec![],
            "alert raised, not sent because the watchlist names no channel: seen for the first time",
        ),
        (
            Reason::First,
            &rules,
            None,
            vec![silence],
            "not sent, silenced until 2027-01-16T08:00:00Z: seen for the first time",
        ),
    ] {
        let sighting = sighting(2, reason, START);
        let decision = on(&sighting, rules, open, &silences);
        assert_eq!(decision.words(&sighting), expected);
    }
}

#[test]
fn reasons_in_words() {
    for (reason, source, expected) in [
        (Reason::First, 1, "seen for the first time"),
        (
            Reason::Continued,
            1,
            "continued, seen on the same site 2 days ago",
        ),
        (
            Reason::Continued,
            2,
            "continued, seen on another site 2 days ago",
        ),
        (Reason::Reappeared, 1, "back after 2 days, on the same site"),
        (
            Reason::Reappeared,
            2,
            "back after 2 days, on another site than before",
        ),
        (
            Reason::NewSource,
            2,
            "on a new site; last seen 2 days ago on another",
        ),
    ] {
        let mut sighting = sighting(1, reason, START);
        if let Some(previous) = &mut sighting.explanation.previous {
            previous.source = id(source);
        }
        assert_eq!(why(&sighting), expected);
    }
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    /// Sightings of one transaction: (entry, reason).
    Seen(Vec<(u8, Reason)>),
    /// Time passes, in seconds.
    Wait(u64),
    /// What is due is tried; so many of the messages succeed.
    Deliver(usize),
    Acknowledge(u8),
    Close(u8),
    /// A silence over everything, so long in seconds.
    Silence(u64),
    Remind,
}

fn some_event() -> impl Strategy<Value = Event> {
    let reason = prop::sample::select(Reason::ALL);
    prop_oneof![
        4 => prop::collection::vec((0u8..2, reason), 1..4).prop_map(Event::Seen),
        3 => (0u64..600).prop_map(Event::Wait),
        3 => (0usize..4).prop_map(Event::Deliver),
        1 => (0u8..2).prop_map(Event::Acknowledge),
        1 => (0u8..2).prop_map(Event::Close),
        1 => (0u64..600).prop_map(Event::Silence),
        1 => Just(Event::Remind),
    ]
}

/// What the store would hold.
#[derive(Clone, PartialEq, Debug, Default)]
struct Kept {
    alerts: Vec<Alert>,
    deliveries: Vec<Delivery>,
    attached: BTreeMap<SightingId, Vec<Attached>>,
    /// Alertable, and not under a silence.
    news: Vec<SightingId>,
    reminders: usize,
}

impl Kept {
    fn open(&self) -> Vec<OpenAlert> {
        self.alerts
            .iter()
            .filter(|alert| alert.state != AlertState::Closed)
            .map(|alert| OpenAlert::new(alert.clone(), &self.deliveries))
            .collect()
    }

    fn save(&mut self, alert: Alert) {
        match self.alerts.iter_mut().find(|kept| kept.id == alert.id) {
            Some(kept) => *kept = alert,
            None => self.alerts.push(alert),
        }
    }

    fn of(&mut self, entry: u8) -> Option<&mut Alert> {
        let entry: EntryId = id(10 + u128::from(entry));
        self.alerts
            .iter_mut()
            .find(|alert| alert.entry == entry && alert.state != AlertState::Closed)
    }
}

fn live(events: &[Event], rules: &Rules) -> Result<Kept, TestCaseError> {
    let mint = Mint::seeded(3);
    let mut now = START;
    let mut silences = Vec::new();
    let mut kept = Kept::default();
    let mut numbers = 1_000..;
    for event in events {
        match event {
            Event::Wait(seconds) => now = now + Duration::from_secs(*seconds),
            Event::Silence(seconds) => silences.push(Silence {
                id: id(99),
                over: Over::All,
                until: now + Duration::from_secs(*seconds),
            }),
            Event::Acknowledge(entry) => {
                if let Some(alert) = kept.of(*entry) {
                    alert.state = AlertState::Acknowledged;
                }
            }
            Event::Close(entry) => {
                if let Some(alert) = kept.of(*entry) {
                    alert.state = AlertState::Closed;
                    alert.closed = Some((Closed::Rejected, now));
                }
            }
            Event::Deliver(successes) => {
                let due = kept.deliveries.iter_mut().filter(|delivery| {
                    delivery.state == DeliveryState::Pending && delivery.next_at <= now
                });
                for (number, delivery) in due.enumerate() {
                    delivery.attempts += 1;
                    if number < *successes {
                        delivery.state = DeliveryState::Delivered;
                    }
                }
            }
            Event::Remind => {
                for open in kept.open() {
                    if let Some((alert, deliveries)) = remind(&open, rules, now, &mint) {
                        kept.reminders += 1;
                        kept.save(alert);
                        kept.deliveries.extend(deliveries);
                    }
                }
            }
            Event::Seen(seen) => {
                let mut desk = Desk::new(kept.open(), &silences, now, &mint);
                for (entry, reason) in seen {
                    let number = numbers.next().unwrap_or_default();
                    let sighting = Sighting {
                        entry: id(10 + u128::from(*entry)),
                        ..sighting(number, *reason, now)
                    };
                    let decision = desk.decide(&sighting, None, rules);
                    if matches!(decision, Decision::Opened { .. } | Decision::Joined { .. }) {
                        kept.news.push(sighting.id);
                    }
                }
                let changes = desk.changes();
                for attached in changes.attached {
                    if let Some(batch) = attached.batch {
                        let alert = attached.alert;
                        let told = kept
                            .deliveries
                            .iter()
                            .filter(|delivery| delivery.alert == alert && delivery.batch == batch);
                        for delivery in told {
                            prop_assert_eq!(delivery.attempts, 0, "joined a message that was sent");
                        }
                    }
                    kept.attached
                        .entry(attached.sighting)
                        .or_default()
                        .push(attached);
                }
                kept.deliveries.extend(changes.deliveries);
                for alert in changes.raised.into_iter().chain(changes.updated) {
                    kept.save(alert);
                }
            }
        }
        check_always(&kept)?;
    }
    Ok(kept)
}

/// What holds after every event.
fn check_always(kept: &Kept) -> Result<(), TestCaseError> {
    for entry in 0..2 {
        let entry: EntryId = id(10 + entry);
        let open = kept.open();
        let of_entry = open.iter().filter(|open| open.alert.entry == entry);
        prop_assert!(of_entry.count() <= 1, "two alerts of one entry are open");
    }
    for alert in &kept.alerts {
        let waiting = (1..=alert.batch).filter(|&batch| {
            let mut messages = kept
                .deliveries
                .iter()
                .filter(|delivery| delivery.alert == alert.id && delivery.batch == batch)
                .peekable();
            messages.peek().is_some() && messages.all(|delivery| delivery.attempts == 0)
        });
        prop_assert!(waiting.count() <= 1, "two batches wait");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_history_tells_each_piece_of_news_once(
        events in prop::collection::vec(some_event(), 1..40),
        repeat in prop::option::of(900u32..2_000),
    ) {
        let rules = Rules { repeat_seconds: repeat, ..rules(&["duty", "hook"]) };
        let kept = live(&events, &rules)?;
        prop_assert_eq!(&kept, &live(&events, &rules)?, "the same history, the same decisions");

        for news in &kept.news {
            let told: Vec<_> = kept.attached[news].iter().filter_map(|told| Some((told.alert, told.batch?))).collect();
            prop_assert_eq!(told.len(), 1, "told in exactly one batch");
            let messages = kept.deliveries.iter().filter(|delivery| (delivery.alert, delivery.batch) == told[0]);
            prop_assert_eq!(messages.count(), rules.channels.len(), "one message for each channel");
        }
        let batches: i64 = kept
            .alerts
            .iter()
            .filter(|alert| alert.notify_at.is_some())
            .map(|alert| alert.batch)
            .sum();
        prop_assert_eq!(kept.deliveries.len() as i64, batches * 2, "no message without a batch");
        prop_assert!(batches as usize <= kept.news.len() + kept.reminders, "no batch without news");
    }
}
