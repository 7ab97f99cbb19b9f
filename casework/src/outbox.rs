//! The outbox: what waits, and which channels are named that nobody configured.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_alerts::rules::Rules;
use sightline_model::{Delivery, DeliveryState, counted};
use sightline_store::{StoreError, Tx, deliveries, watchlists};

use crate::inert;

/// A channel that watchlists or messages name and the configuration does not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unknown {
    /// The watchlists whose rules name it.
    pub watchlists: Vec<String>,
    /// How many messages wait for it.
    pub waiting: usize,
}

impl Unknown {
    /// What is wrong, in words without control characters.
    pub fn finding(&self, channel: &str) -> String {
        let mut by: Vec<String> = self
            .watchlists
            .iter()
            .map(|name| format!("the watchlist '{}'", inert::line(name)))
            .collect();
        match self.waiting {
            0 => {}
            count => by.push(counted(count, "message that waits", "messages that wait")),
        }
        format!(
            "'{}' is named by {}, and no channel of that name is configured: nobody is told",
            inert::line(channel),
            by.join(", by ")
        )
    }

    /// What to do.
    pub fn remedy(channel: &str) -> String {
        format!(
            "write [channels.{}] into the configuration, under this very name; what waits is then sent",
            inert::line(channel)
        )
    }
}

/// A message, and what keeps it from being sent, where something does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Message {
    /// The message itself.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// False where it can't go out, because the configuration has no channel of its name (any more).
    pub channel_configured: bool,
    /// Why nothing is sent to its channel at present, and what to do, where that is so.
    pub channel_stopped: Option<String>,
}

impl Message {
    /// Of a delivery, given the channels that the configuration names and [`crate::channel::stopped`].
    pub fn of(
        delivery: Delivery,
        configured: &BTreeSet<&str>,
        stopped: &BTreeMap<String, String>,
    ) -> Self {
        Self {
            channel_configured: configured.contains(delivery.channel.as_str()),
            channel_stopped: stopped.get(&delivery.channel).cloned(),
            delivery,
        }
    }

    /// Why it waits and will not be sent as things are, and what to do; none where nothing is in its way.
    pub fn held_by(&self) -> Option<&str> {
        let waits = self.delivery.state == DeliveryState::Pending;
        self.channel_stopped.as_deref().filter(|_| waits)
    }
}

/// What waits to be sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outbox {
    /// How many messages wait, for whatever reason.
    pub waiting: usize,
    /// How many of them wait for each channel, by name.
    pub by_channel: BTreeMap<String, usize>,
    /// The channels that nobody configured, by name.
    pub unknown: BTreeMap<String, Unknown>,
}

impl Outbox {
    /// Looks at the rules of every watchlist and at every message that waits. `configured` are the channels that the
    /// configuration names, whether they can be used or not.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn read(tx: &mut Tx, configured: &BTreeSet<&str>) -> Result<Self, StoreError> {
        let mut outbox = Self::default();
        for watchlist in watchlists::all(tx).await? {
            // Rules that do not read are told of wherever they are used.
            let rules = Rules::read(&watchlist.rules).unwrap_or_default();
            let escalated = rules.escalate.into_iter().flat_map(|to| to.channels);
            let channels: BTreeSet<String> = rules.channels.into_iter().chain(escalated).collect();
            for channel in channels {
                if !configured.contains(channel.as_str()) {
                    let unknown = outbox.unknown.entry(channel).or_default();
                    unknown.watchlists.push(watchlist.name.clone());
                }
            }
        }
        for (channel, count) in deliveries::count_in(tx, DeliveryState::Pending).await? {
            let count = usize::try_from(count).unwrap_or_default();
            outbox.waiting += count;
            if !configured.contains(channel.as_str()) {
                outbox.unknown.entry(channel.clone()).or_default().waiting = count;
            }
            outbox.by_channel.insert(channel, count);
        }
        Ok(outbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_channel_is_told_of_with_everybody_who_names_it() {
        let unknown = |watchlists: &[&str], waiting| Unknown {
            watchlists: watchlists.iter().map(|&name| name.to_owned()).collect(),
            waiting,
        };
        for (unknown, by) in [
            (unknown(&["Lotus"], 0), "by the watchlist 'Lotus', and no"),
            (unknown(&[], 1), "by 1 message that waits, and no"),
            (
                unknown(&["Lotus", "Rose"], 2),
                "by the watchlist 'Lotus', by the watchlist 'Rose', by 2 messages that wait, and no",
            ),
        ] {
            let said = unknown.finding("desk");
            assert!(said.contains(by), "{said}");
        }
    }
}
