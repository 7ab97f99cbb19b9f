//! Channels and messages: how each channel fares, and what operators do with them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_alerts::{channels::ChannelSettings, message::Detail};
use sightline_model::{DeliveryId, DeliveryState, Timestamp, counted};
use sightline_store::{
    StoreError, Tx, deliveries,
    endpoints::{self, Endpoint},
};

use crate::{
    By, Refused, inert,
    outbox::{Outbox, Unknown},
};

/// How a channel fares, in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It takes messages.
    Good,
    /// Nothing was sent by it yet.
    Unused,
    /// It took the last one, and not for all of its recipients.
    Partly,
    /// It did not take the last one.
    Failing,
    /// Its receiver said that it is gone: nothing more is sent until it is enabled.
    Disabled,
    /// It can't be used on this machine as it is written: a secret of its is missing, or a setting is wrong.
    Unusable,
    /// It is named, and nobody configured it.
    Unknown,
}

impl Standing {
    /// The words for it in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Partly => "partly",
            Self::Unused => "unused",
            Self::Failing => "failing",
            Self::Disabled => "disabled",
            Self::Unusable => "unusable here",
            Self::Unknown => "unknown",
        }
    }
}

/// One channel in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Channel")]
pub struct Row {
    /// Its name in the configuration.
    pub channel: String,
    /// What sort of channel it is; none where nobody configured it, or what is written is wrong.
    pub kind: Option<&'static str>,
    /// How much it is told.
    pub detail: Option<Detail>,
    /// How it fares.
    pub state: Standing,
    /// Messages that wait for it.
    pub waiting: usize,
    /// Messages to it that were given up, and can be sent again.
    pub dead: i64,
    /// When it last took a message.
    pub last_success: Option<Timestamp>,
    /// Who of its recipients did not get that one, and why.
    pub partly: Option<String>,
    /// Failures since then.
    pub failures: u32,
    /// When it last failed.
    pub last_failure: Option<Timestamp>,
    /// How.
    pub last_error: Option<String>,
    /// Since when nothing is sent to it.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_why: Option<String>,
    /// What keeps it from being used on this machine.
    pub problem: Option<String>,
}

impl Row {
    fn of(
        name: &str,
        settings: Option<&ChannelSettings>,
        endpoint: Option<Endpoint>,
        problem: Option<String>,
        (waiting, dead): (usize, i64),
    ) -> Self {
        let state = match (&endpoint, settings) {
            (_, None) if problem.is_none() => Standing::Unknown,
            (
                Some(Endpoint {
                    disabled: Some(_), ..
                }),
                _,
            ) => Standing::Disabled,
            _ if problem.is_some() => Standing::Unusable,
            (Some(endpoint), _) if endpoint.failures > 0 => Standing::Failing,
            (Some(endpoint), _) if endpoint.partly.is_some() => Standing::Partly,
            (Some(endpoint), _) if endpoint.last_success.is_some() => Standing::Good,
            _ => Standing::Unused,
        };
        let (disabled_at, disabled_why) = endpoint
            .as_ref()
            .and_then(|endpoint| endpoint.disabled.clone())
            .unzip();
        Self {
            channel: name.to_owned(),
            kind: settings.map(ChannelSettings::kind),
            detail: settings.map(ChannelSettings::detail),
            state,
            waiting,
            dead,
            last_success: endpoint.as_ref().and_then(|one| one.last_success),
            partly: endpoint.as_ref().and_then(|one| one.partly.clone()),
            failures: endpoint.as_ref().map_or(0, |one| one.failures),
            last_failure: endpoint.as_ref().and_then(|one| one.last_failure),
            last_error: endpoint.and_then(|one| one.last_error),
            disabled_at,
            disabled_why,
            problem,
        }
    }

    /// What is wrong with it, in words; `when` tells instants.
    pub fn trouble(&self, when: &dyn Fn(Timestamp) -> String) -> String {
        let since =
            |at: Option<Timestamp>| at.map_or_else(String::new, |at| format!(" {}", when(at)));
        let error = self.last_error.as_deref().unwrap_or_default();
        let words = match self.state {
            Standing::Good | Standing::Unused => String::new(),
            Standing::Partly => self.partly.clone().unwrap_or_default(),
            Standing::Failing => format!(
                "{}{}: {error}",
                match self.failures {
                    1 => "failed".to_owned(),
                    count => format!("failed {count} times in a row, the last"),
                },
                since(self.last_failure)
            ),
            Standing::Disabled => format!(
                "switched off{}: {}",
                since(self.disabled_at),
                self.disabled_why.as_deref().unwrap_or_default()
            ),
            Standing::Unusable | Standing::Unknown => self.problem.clone().unwrap_or_default(),
        };
        inert::cut(&words, 240)
    }
}

/// Every channel that is configured, named by rules, or waited for; `unusable` has why some can't be used on this machine.
pub async fn list(
    tx: &mut Tx,
    configured: &BTreeMap<String, ChannelSettings>,
    unusable: &BTreeMap<String, String>,
) -> Result<Vec<Row>, StoreError> {
    let written = configured.keys().chain(unusable.keys());
    let written: BTreeSet<&str> = written.map(String::as_str).collect();
    let outbox = Outbox::read(tx, &written).await?;
    let endpoints = endpoints::all(tx).await?;
    let dead = deliveries::dead(tx).await?.into_iter();
    let dead: BTreeMap<String, i64> = dead.map(|(name, count, _)| (name, count)).collect();
    let unknown = outbox.unknown.keys().map(String::as_str);
    let names: BTreeSet<&str> = written.iter().copied().chain(unknown).collect();
    let rows = names.into_iter().map(|name| {
        let unknown = outbox
            .unknown
            .get(name)
            .map(|unknown| format!("{}; {}", unknown.finding(name), Unknown::remedy(name)));
        let endpoint = endpoints.iter().find(|endpoint| endpoint.channel == name);
        Row::of(
            name,
            configured.get(name),
            endpoint.cloned(),
            unknown.or_else(|| unusable.get(name).cloned()),
            (
                outbox.by_channel.get(name).copied().unwrap_or_default(),
                dead.get(name).copied().unwrap_or_default(),
            ),
        )
    });
    Ok(rows.collect())
}

/// The channels to which nothing is sent at present, by name: why, and what to do. `configured` are those that the
/// configuration names; `unusable` has why some of them can't be used on this machine.
pub async fn stopped(
    tx: &mut Tx,
    configured: &BTreeSet<&str>,
    unusable: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut stopped: BTreeMap<String, String> = unusable
        .iter()
        .map(|(name, why)| (name.clone(), not_here(why)))
        .collect();
    for Endpoint {
        channel, disabled, ..
    } in endpoints::all(tx).await?
    {
        let why = match disabled {
            _ if !configured.contains(channel.as_str()) => format!(
                "no channel of this name is configured; {}",
                Unknown::remedy(&channel)
            ),
            Some((_, why)) => off(&channel, &why),
            None => continue,
        };
        stopped.insert(channel, why);
    }
    Ok(stopped)
}

fn not_here(why: &str) -> String {
    format!(
        "the channel can't be used on this machine ({}); put that right, and what waits is sent",
        inert::cut(why, 160)
    )
}

fn off(channel: &str, why: &str) -> String {
    format!(
        "the channel is switched off ({}); put its receiver right, and `sightline channel enable {}` sends what waits",
        inert::cut(why, 160),
        inert::line(channel)
    )
}

/// Uses a channel again that was switched off because its receiver said that it is gone. What has waited is then sent.
pub async fn enable(tx: &mut Tx, channel: &str, by: &By) -> Result<(), Refused> {
    if !endpoints::enable(tx, channel).await? {
        return Err(Refused::NotOff(channel.to_owned()));
    }
    Ok(by.log(tx, "channel.enable", channel.to_owned(), "").await?)
}

/// Keeps that somebody sent a test, and what was answered.
pub async fn tested(tx: &mut Tx, channel: &str, said: &str, by: &By) -> Result<(), Refused> {
    Ok(by.log(tx, "channel.test", channel.to_owned(), said).await?)
}

/// Puts a message that was given up back into the outbox, to be sent now.
pub async fn replay(tx: &mut Tx, id: DeliveryId, by: &By) -> Result<(), Refused> {
    let delivery = deliveries::get(tx, id).await?;
    let delivery = delivery.ok_or(Refused::NoDelivery(id))?;
    if delivery.state != DeliveryState::Dead {
        return Err(Refused::NotDead(id));
    }
    let endpoint = endpoints::get(tx, &delivery.channel).await?;
    if let Some((since, why)) = endpoint.and_then(|endpoint| endpoint.disabled) {
        return Err(Refused::Off {
            channel: delivery.channel,
            delivery: id,
            since,
            why,
        });
    }
    if !deliveries::replay(tx, id, by.at).await? {
        return Err(Refused::NotDead(id));
    }
    Ok(by
        .log(tx, "delivery.replay", id.to_string(), &delivery.channel)
        .await?)
}

/// What came of replaying all that one channel gave up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Replayed {
    /// The channel.
    pub channel: String,
    /// How many messages were put back.
    pub messages: u64,
    /// Why none was: nothing is sent to the channel. And what to do.
    pub left: Option<String>,
}

/// Puts every message that was given up back into the outbox, to be sent now: of one channel, or of all. What a channel gave up
/// to which nothing is sent stays where it is. `configured` are the channels that the configuration names.
pub async fn replay_all(
    tx: &mut Tx,
    only: Option<&str>,
    configured: &BTreeSet<&str>,
    by: &By,
) -> Result<Vec<Replayed>, Refused> {
    // What this machine alone can't send another may.
    let stopped = stopped(tx, configured, &BTreeMap::new()).await?;
    let mut replayed = Vec::new();
    for (channel, ..) in deliveries::dead(tx).await? {
        if only.is_some_and(|only| only != channel) {
            continue;
        }
        let left = stopped.get(&channel).cloned();
        let messages = match left {
            Some(_) => 0,
            None => deliveries::replay_all(tx, &channel, by.at).await?,
        };
        if messages > 0 {
            let said = counted(messages, "message", "messages");
            by.log(tx, "delivery.replay", channel.clone(), &said)
                .await?;
        }
        replayed.push(Replayed {
            channel,
            messages,
            left,
        });
    }
    Ok(replayed)
}
