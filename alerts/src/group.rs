//! Alerts that are not closed, and their batches: which batch a sighting goes into, and when it is due.

use sightline_model::{Alert, Delivery, DeliveryState, Mint, Timestamp};

use crate::rules::Rules;

/// An alert that is not closed, and whether its present batch still takes sightings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenAlert {
    /// The alert.
    pub alert: Alert,
    /// Where its present batch stands.
    pub batch: BatchState,
}

/// Where the present batch of an alert stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BatchState {
    /// Its messages wait, and none has been tried: sightings may still join them.
    Waiting,
    /// A message of it was tried or written, or it has none: what comes now needs a new batch.
    Shut,
}

impl OpenAlert {
    /// An alert with its deliveries; those of earlier batches and of other alerts are passed over.
    pub fn new(alert: Alert, deliveries: &[Delivery]) -> Self {
        let mut present = deliveries
            .iter()
            .filter(|delivery| delivery.alert == alert.id && delivery.batch == alert.batch)
            .peekable();
        let waits = present.peek().is_some() && present.all(is_untried);
        let batch = if waits {
            BatchState::Waiting
        } else {
            BatchState::Shut
        };
        Self { alert, batch }
    }

    /// When the next batch may go out: after the group's wait, and not sooner than the interval after the last.
    pub(crate) fn next_due(&self, rules: &Rules, now: Timestamp) -> Timestamp {
        let waited = now + rules.group_wait();
        match self.alert.notify_at {
            Some(last) => waited.max(last + rules.group_interval()),
            None => waited,
        }
    }
}

/// A message is written just before its first try and is never changed after it.
fn is_untried(delivery: &Delivery) -> bool {
    delivery.state == DeliveryState::Pending && delivery.attempts == 0 && delivery.message.is_none()
}

/// Gives `alert` its next batch, due at `due`: one delivery for each channel of the rules. Without channels the alert
/// keeps its batch, for there is nothing to send.
pub(crate) fn start_batch(
    alert: &mut Alert,
    rules: &Rules,
    due: Timestamp,
    now: Timestamp,
    mint: &Mint,
) -> Vec<Delivery> {
    let mut channels: Vec<&String> = Vec::with_capacity(rules.channels.len());
    for channel in &rules.channels {
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    if channels.is_empty() {
        return Vec::new();
    }
    // A batch that was never to be sent (raised without a channel, or kept quiet) is used up first.
    if alert.notify_at.is_some() {
        alert.batch += 1;
    }
    alert.notify_at = Some(due);
    channels
        .into_iter()
        .map(|channel| Delivery {
            id: mint.id(now),
            alert: alert.id,
            batch: alert.batch,
            channel: channel.clone(),
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: due,
            last_error: None,
            message: None,
            created_at: now,
            delivered_at: None,
        })
        .collect()
}
