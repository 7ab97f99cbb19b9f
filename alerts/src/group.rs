//! Alerts that are not closed, and their batches: which batch a sighting goes into, and when it is due.

use std::collections::{BTreeMap, BTreeSet};

use sightline_model::{
    Alert, Delivery, DeliveryState, Mint, Purpose, Severity, Timestamp, Topic, Wait,
};

use crate::{due::Due, rules::Rules};

/// An alert that is not closed, and the batch of it that still takes sightings, if one does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenAlert {
    /// The alert.
    pub alert: Alert,
    /// The batch whose messages wait, none of which has been tried: sightings may still join it. What comes while there is
    /// none needs a new one.
    pub waiting: Option<Waiting>,
    /// Its messages that are on their way, tried or not.
    pub under_way: Vec<UnderWay>,
    /// When people were last told of it by another batch than the one that waits: when a message of that arrived, or was put out
    /// where none has.
    pub told_before: Option<Timestamp>,
}

/// A message that is neither delivered nor given up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnderWay {
    /// Its batch.
    pub batch: i64,
    /// Why it is sent.
    pub purpose: Purpose,
    /// The channel that it goes to.
    pub channel: String,
}

impl UnderWay {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        Self {
            batch: delivery.batch,
            purpose: delivery.purpose,
            channel: delivery.channel.clone(),
        }
    }
}

/// A batch that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its number.
    pub batch: i64,
    /// When its messages fall due.
    pub due: Due,
}

impl Waiting {
    /// Brought forward where its alert, as grave as this by now, does not wait for what it waits for.
    pub(crate) fn hastened(
        self,
        rules: &Rules,
        severity: Severity,
        now: Timestamp,
    ) -> Option<Self> {
        let due = match self.due.waits {
            // What a silence holds is held no longer once there is news that it does not cover.
            Some(Wait::Digest | Wait::QuietHours | Wait::Silence) => {
                Due::of_news(rules, severity, None, now)
            }
            Some(Wait::Ceiling) => Due::of_flood(rules, severity, self.due.at, now),
            Some(Wait::Group | Wait::Interval) | None => return None,
        };
        (due.at < self.due.at).then_some(Self { due, ..self })
    }
}

impl OpenAlert {
    /// An alert with its deliveries; those of other alerts are passed over.
    pub fn new(alert: Alert, deliveries: &[Delivery]) -> Self {
        let mut batches = BTreeMap::<i64, Vec<&Delivery>>::new();
        let mut under_way = Vec::new();
        for delivery in deliveries
            .iter()
            .filter(|delivery| delivery.topic == Topic::Alert(alert.id))
        {
            if delivery.state == DeliveryState::Pending {
                under_way.push(UnderWay::of(delivery));
            }
            if takes_sightings(delivery.purpose) {
                batches.entry(delivery.batch).or_default().push(delivery);
            }
        }
        let waiting = batches
            .last_key_value()
            .filter(|(_, messages)| messages.iter().all(|message| is_untried(message)))
            .and_then(|(batch, messages)| {
                let first = messages.iter().min_by_key(|message| message.next_at)?;
                Some(Waiting {
                    batch: *batch,
                    due: Due {
                        at: first.next_at,
                        waits: first.waits,
                    },
                })
            });
        let waits = waiting.map(|waiting: Waiting| waiting.batch);
        let told_before = batches
            .iter()
            .filter(|(batch, _)| Some(**batch) != waits)
            .flat_map(|(_, messages)| messages)
            .filter(|message| message.state != DeliveryState::Withdrawn)
            .map(|message| message.delivered_at.unwrap_or(message.created_at))
            .max();
        Self {
            alert,
            waiting,
            under_way,
            told_before,
        }
    }

    /// Those of these channels that the batch which waits does not go to: a reminder leaves out who has one on its way, and
    /// the rules may name a channel more since.
    pub(crate) fn unreached<'c>(&self, channels: &'c [String]) -> Vec<&'c String> {
        let batch = self.waiting.map(|waiting| waiting.batch);
        let is_reached = |channel: &String| {
            self.under_way
                .iter()
                .any(|message| Some(message.batch) == batch && message.channel == *channel)
        };
        let unreached = channels.iter().filter(|channel| !is_reached(channel));
        let unreached: BTreeSet<&String> = unreached.collect();
        unreached.into_iter().collect()
    }

    /// The batch that waits, where nothing but its entry's ceiling holds it.
    pub(crate) fn at_ceiling(&self) -> Option<Waiting> {
        self.waiting
            .filter(|waiting| waiting.due.waits == Some(Wait::Ceiling))
    }

    /// The channels that the messages of a batch go to which are on their way.
    pub(crate) fn channels_of(&self, batch: i64) -> Vec<String> {
        let of_batch = self.under_way.iter().filter(|one| one.batch == batch);
        of_batch.map(|one| one.channel.clone()).collect()
    }

    /// Those of these channels that no message is on its way to which tells of the alert as this purpose does. One that is
    /// down gets one, however long it is down.
    pub(crate) fn untroubled(&self, channels: &[String], purpose: Purpose) -> Vec<String> {
        let is_alike = |other: Purpose| match purpose {
            Purpose::Escalation => other == Purpose::Escalation,
            _ => takes_sightings(other),
        };
        // What a ceiling holds is on nobody's way yet.
        let held = self.at_ceiling().map(|held| held.batch);
        let is_troubled = |channel: &String| {
            self.under_way.iter().any(|message| {
                is_alike(message.purpose)
                    && message.channel == *channel
                    && Some(message.batch) != held
            })
        };
        channels
            .iter()
            .filter(|channel| !is_troubled(channel))
            .cloned()
            .collect()
    }
}

/// Others are told of the alert as it stands, and a correction of nothing new.
fn takes_sightings(purpose: Purpose) -> bool {
    match purpose {
        Purpose::News | Purpose::Reminder | Purpose::Forgotten => true,
        Purpose::Escalation | Purpose::Correction | Purpose::Notice => false,
    }
}

/// A message is written just before its first try, by itself or by the digest that carries it, and never changed after it.
fn is_untried(delivery: &Delivery) -> bool {
    delivery.state == DeliveryState::Pending
        && delivery.attempts == 0
        && delivery.message.is_none()
        && delivery.carrier.is_none()
}

/// Gives `alert` its next batch: one delivery for each channel. Without channels the alert keeps its batch, for there is
/// nothing to send.
pub(crate) fn start_batch(
    alert: &mut Alert,
    channels: &[String],
    purpose: Purpose,
    due: Due,
    now: Timestamp,
    mint: &Mint,
) -> Vec<Delivery> {
    let mut told: Vec<&String> = Vec::with_capacity(channels.len());
    for channel in channels {
        if !told.contains(&channel) {
            told.push(channel);
        }
    }
    if told.is_empty() {
        return Vec::new();
    }
    // A batch that was never to be sent (raised without a channel, or kept quiet) is used up first.
    if alert.told_at.is_some() {
        alert.batch += 1;
    }
    alert.told_at.get_or_insert(due.at);
    if purpose != Purpose::Escalation {
        alert.notify_at = Some(due.at);
    }
    told.into_iter()
        .map(|channel| message(alert, alert.batch, channel, purpose, due, now, mint))
        .collect()
}

/// A message of a batch of an alert, to one channel.
pub(crate) fn message(
    alert: &Alert,
    batch: i64,
    channel: &str,
    purpose: Purpose,
    due: Due,
    now: Timestamp,
    mint: &Mint,
) -> Delivery {
    Delivery {
        id: mint.id(now),
        topic: Topic::Alert(alert.id),
        batch,
        channel: channel.to_owned(),
        purpose,
        waits: due.waits,
        carrier: None,
        state: DeliveryState::Pending,
        attempts: 0,
        next_at: due.at,
        last_error: None,
        message: None,
        progress: None,
        created_at: now,
        delivered_at: None,
    }
}
