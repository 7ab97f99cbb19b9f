//! The channels that are ready on this machine, and the outbox as it stands under this configuration.

use std::collections::BTreeMap;

use sightline_alerts::channels::{BuildError, Cause, Channel, Surroundings};
use sightline_casework::{
    channel,
    outbox::{Outbox, Unknown},
};
use sightline_model::{Problem, Timestamp};
use sightline_pipeline::deliver::Sent;
use sightline_store::{StoreError, Tx, deliveries};

use crate::{
    app::{App, AppError, egress, variable},
    configuration::Configuration,
    output::{self, inert},
};

/// The ways in which people are told.
#[derive(Debug)]
pub struct Channels {
    /// Those that are ready, by name, their secrets read.
    pub ready: BTreeMap<String, Channel>,
    /// Those that can't be used as things are, each with its cause. What is due to them waits.
    pub unusable: Vec<BuildError>,
}

impl Channels {
    /// Every channel of a configuration.
    ///
    /// # Errors
    /// Where there is no gate to the network, which all of them need.
    pub fn build(configuration: &Configuration) -> Result<Self, AppError> {
        let egress = egress(configuration)?;
        let surroundings = Surroundings {
            egress: &egress,
            folder: &configuration.folder,
            environment: &variable,
        };
        let mut channels = Self {
            ready: BTreeMap::new(),
            unusable: Vec::new(),
        };
        for (name, settings) in &configuration.settings.channels {
            match Channel::build(name, settings, &surroundings) {
                Ok(channel) => {
                    channels.ready.insert(name.clone(), channel);
                }
                Err(error) => channels.unusable.push(error),
            }
        }
        for (name, problems) in &configuration.broken_channels {
            let wrong = problems.first().map(|problem| {
                let under = format!("channels.{name}.");
                let key = problem.key.strip_prefix(&under).unwrap_or("");
                Problem::new(key, problem.message.clone(), problem.remedy.clone())
            });
            channels.unusable.extend(wrong.map(|problem| BuildError {
                channel: name.clone(),
                cause: Cause::Settings(problem),
            }));
        }
        Ok(channels)
    }

    /// Why some can't be used on this machine, by name.
    pub fn reasons(&self) -> BTreeMap<String, String> {
        let reasons = self.unusable.iter();
        reasons
            .map(|error| (error.channel.clone(), error.cause.to_string()))
            .collect()
    }
}

/// The outbox under this configuration.
///
/// # Errors
/// If the store can't be read.
pub async fn read(app: &App) -> Result<Outbox, StoreError> {
    let mut tx = app.read().await?;
    Outbox::read(&mut tx, &app.configuration.channels()).await
}

/// The channels to which nothing is sent at present under this configuration, by name: why, and what to do.
///
/// # Errors
/// If the store can't be read.
pub async fn stopped(
    tx: &mut Tx,
    configuration: &Configuration,
) -> Result<BTreeMap<String, String>, StoreError> {
    // Where there is no gate to the network, whoever sends is told so.
    let unusable = Channels::build(configuration)
        .map(|channels| channels.reasons())
        .unwrap_or_default();
    channel::stopped(tx, &configuration.channels(), &unusable).await
}

/// What still waits when a command has sent what was due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// Messages that wait for channels to which something is sent.
    pub waiting: usize,
    /// Of these, those that were tried in vain, and are tried again.
    pub failing: usize,
    /// When the next of them is due, where none is by now.
    pub next: Option<Timestamp>,
    /// What waits for the others.
    pub held: Vec<Held>,
}

/// What waits for a channel to which nothing is sent as things are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// The channel.
    pub channel: String,
    /// How many messages.
    pub messages: usize,
    /// Why none of them is sent, and what to do.
    pub why: String,
}

impl Held {
    /// In words.
    pub fn in_words(&self) -> String {
        let channel = inert::line(&self.channel);
        let why = &self.why;
        match self.messages {
            1 => format!("1 message waits for '{channel}', and is not sent: {why}"),
            several => {
                format!("{several} messages wait for '{channel}', and are not sent: {why}")
            }
        }
    }
}

impl Left {
    /// True where all is well: what was sent just now went out, nothing that failed before still waits, and nothing waits for a
    /// channel to which nothing is sent. That its next try is not due yet does not get a message out of trouble.
    pub fn is_well(&self, sent: &Sent) -> bool {
        sent.again + sent.dead + sent.waiting == 0 && self.failing == 0 && self.held.is_empty()
    }

    /// Says, whatever else is hidden, of each channel to which nothing is sent what waits for it, why, and what to do.
    pub fn tell(&self) {
        for held in &self.held {
            output::tell(held.in_words());
        }
    }

    /// Counts them in an outbox.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn of(outbox: &Outbox, app: &App) -> Result<Self, StoreError> {
        let mut tx = app.read().await?;
        let failing = deliveries::failing(&mut tx).await?;
        let now = app.clock.now();
        let next = deliveries::next_due(&mut tx).await?;
        let stopped = stopped(&mut tx, &app.configuration).await?;
        let failing = failing.into_iter();
        let failing: i64 = failing
            .filter(|(channel, _)| !stopped.contains_key(channel))
            .map(|(_, count)| count)
            .sum();
        let held: Vec<Held> = stopped
            .into_iter()
            .filter_map(|(channel, why)| {
                let messages = *outbox.by_channel.get(&channel)?;
                Some(Held {
                    channel,
                    messages,
                    why,
                })
            })
            .collect();
        let not_sent: usize = held.iter().map(|held| held.messages).sum();
        Ok(Self {
            waiting: outbox.waiting - not_sent,
            failing: usize::try_from(failing).unwrap_or_default(),
            next: next.filter(|next| *next > now),
            held,
        })
    }
}

/// Warns in the log of every channel that nobody configured.
pub fn warn(outbox: &Outbox) {
    for (channel, unknown) in &outbox.unknown {
        tracing::warn!("{}; {}", unknown.finding(channel), Unknown::remedy(channel));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_counted_in_whole_sentences() {
        for (messages, words) in [
            (1, "1 message waits for 'mail', and is not sent: it is out"),
            (
                80,
                "80 messages wait for 'mail', and are not sent: it is out",
            ),
        ] {
            let held = Held {
                channel: "mail".to_owned(),
                messages,
                why: "it is out".to_owned(),
            };
            assert_eq!(held.in_words(), words);
        }
    }
}
