//! Long histories of sightings, messages, people and silences: each piece of news is told once, and what nobody took is told of
//! again.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use proptest::prelude::*;
use sightline_model::{Closed, DeliveryState, EntryId, Topic};

use super::{
    tests::{START, id, rules, sighting},
    *,
};
use crate::{
    desk::Desk,
    follow::{FollowUp, follow_up},
};

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
    closed: usize,
    lately: HashMap<EntryId, Vec<Timestamp>>,
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

    /// The messages that a ceiling held are the reminder.
    fn take_along(&mut self, due: &FollowUp) {
        let Some(taken) = due.taken else { return };
        let held = self.deliveries.iter_mut().filter(|delivery| {
            delivery.topic == Topic::Alert(due.alert.id) && delivery.batch == taken.waiting.batch
        });
        for delivery in held {
            delivery.purpose = taken.purpose;
            (delivery.next_at, delivery.waits) = (taken.waiting.due.at, taken.waiting.due.waits);
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
                covers: Covers::default(),
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
                    kept.closed += 1;
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
                        delivery.delivered_at = Some(now);
                    }
                }
            }
            Event::Remind => {
                for open in kept.open() {
                    if let Some(due) = follow_up(&open, None, rules, now, &mint) {
                        kept.reminders += 1;
                        kept.take_along(&due);
                        kept.save(due.alert);
                        kept.deliveries.extend(due.deliveries);
                    }
                }
                check_reminded(&kept, rules, now)?;
            }
            Event::Seen(seen) => {
                let mut desk =
                    Desk::new(kept.open(), &silences, now, &mint).knowing(kept.lately.clone());
                for (entry, reason) in seen {
                    let number = numbers.next().unwrap_or_default();
                    let sighting = Sighting {
                        entry: id(10 + u128::from(*entry)),
                        ..sighting(number, *reason, now)
                    };
                    let (decision, _) = desk.decide(&sighting, About::default(), rules);
                    if matches!(decision, Decision::Opened { .. } | Decision::Joined { .. }) {
                        kept.news.push(sighting.id);
                    }
                }
                let changes = desk.changes();
                for (entry, _, at) in &changes.begun {
                    kept.lately.entry(*entry).or_default().push(*at);
                }
                for attached in changes.attached {
                    if let Some(batch) = attached.batch {
                        let alert = attached.alert;
                        let told = kept.deliveries.iter().filter(|delivery| {
                            delivery.topic == Topic::Alert(alert) && delivery.batch == batch
                        });
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
                .filter(|delivery| {
                    delivery.topic == Topic::Alert(alert.id) && delivery.batch == batch
                })
                .peekable();
            messages.peek().is_some() && messages.all(|delivery| delivery.attempts == 0)
        });
        prop_assert!(waiting.count() <= 1, "two batches wait");
    }
    Ok(())
}

/// An alert that nobody took is told of again at least every repeat interval, also where its entry is at its ceiling: after a
/// look, each channel has had a message of it within that, or has one that is due or waits for no more than its group does.
fn check_reminded(kept: &Kept, rules: &Rules, now: Timestamp) -> Result<(), TestCaseError> {
    let Some(repeat) = rules.repeat() else {
        return Ok(());
    };
    let soon = now + rules.group_interval().max(rules.group_wait());
    for alert in kept.open().iter().map(|open| &open.alert) {
        let is_told = alert.told_at.is_some_and(|at| at <= now);
        if alert.state != AlertState::Open || !is_told {
            continue;
        }
        for channel in &rules.channels {
            let reaches = |message: &&Delivery| match message.delivered_at {
                Some(at) => at.max(message.next_at) + repeat > now,
                None => message.next_at <= soon,
            };
            let mut messages = kept.deliveries.iter().filter(|delivery| {
                delivery.topic == Topic::Alert(alert.id) && delivery.channel == *channel
            });
            let told = messages.find(reaches);
            prop_assert!(
                told.is_some(),
                "nothing reminds {} of {:?} at {}",
                channel,
                alert,
                now
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_history_tells_each_piece_of_news_once(
        events in prop::collection::vec(some_event(), 1..40),
        repeat in prop::option::of(900u32..2_000),
        ceiling in prop::option::of(1u32..4),
        reasons in prop::sample::subsequence(&Reason::ALL[1..], 1..5),
    ) {
        let reasons = reasons.into_iter().collect();
        let rules = Rules { repeat_seconds: repeat, ceiling_per_day: ceiling, reasons, ..rules(&["duty", "hook"]) };
        let kept = live(&events, &rules)?;
        prop_assert_eq!(&kept, &live(&events, &rules)?, "the same history, the same decisions");

        for news in &kept.news {
            let told: Vec<_> = kept.attached[news].iter().filter_map(|told| Some((told.alert, told.batch?))).collect();
            prop_assert_eq!(told.len(), 1, "told in exactly one batch");
            let messages = kept.deliveries.iter().filter(|delivery| (delivery.topic.alert(), delivery.batch) == (Some(told[0].0), told[0].1));
            prop_assert_eq!(messages.count(), rules.channels.len(), "one message for each channel");
        }
        let told = kept.alerts.iter().filter(|alert| alert.notify_at.is_some());
        let batches: Vec<_> = told.flat_map(|alert| (1..=alert.batch).map(|batch| (Some(alert.id), batch))).collect();
        // A reminder leaves out who has a message on its way, so that a batch need not go to every channel.
        let sent = kept.deliveries.iter().map(|delivery| ((delivery.topic.alert(), delivery.batch), &delivery.channel));
        let sent_once: BTreeSet<_> = sent.clone().collect();
        prop_assert_eq!(sent.count(), sent_once.len(), "no channel has a batch twice");
        let begun: BTreeSet<_> = sent_once.iter().map(|(batch, _)| *batch).collect();
        prop_assert_eq!(begun, batches.iter().copied().collect(), "no message without a batch, no batch without a message");
        let batches = batches.len();
        prop_assert!(batches <= kept.news.len() + kept.reminders, "no batch without news");
        if let Some(ceiling) = ceiling {
            // All of it happens within a day. What is gathered is a message more, and one for each alert that was closed.
            let most = 2 * (ceiling as usize + 1) + kept.closed + kept.reminders;
            prop_assert!(batches <= most, "{} messages are beyond the ceiling of {}", batches, ceiling);
        }
    }
}
