//! Alerts and deliveries: what people are told, and by which messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AlertId, DeliveryId, EntryId, Group, Purpose, Reason, Timestamp, Topic, Wait, WatchlistId,
    selector::words,
};

/// How grave. Ordered: grave is the highest.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For the record.
    Low,
    /// To be read today.
    #[default]
    Normal,
    /// To be read now.
    Grave,
}

words!(Severity, "severity", Low => "low", Normal => "normal", Grave => "grave");

/// Where an alert stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has taken it.
    Open,
    /// Somebody has.
    Acknowledged,
    /// Over.
    Closed,
    /// Kept quiet by a silence that stood when it was raised.
    Silenced,
}

words!(
    AlertState, "state of an alert",
    Open => "open", Acknowledged => "acknowledged", Closed => "closed", Silenced => "silenced",
);

/// What an alert turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// It was what it seemed.
    Confirmed,
    /// It was not.
    Rejected,
    /// It was never found out, and is not to be seen any more: closed by a person, or by Sightline when the watchlist's
    /// rules ask for that.
    Stale,
    /// Everything in it was the site's own: closed by Sightline, when that was learned or a person said so.
    Furniture,
}

words!(
    Closed, "way to close an alert",
    Confirmed => "confirmed", Rejected => "rejected", Stale => "stale", Furniture => "furniture",
);

/// Sightings, grouped for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Its identifier.
    pub id: AlertId,
    /// The list whose rules it follows.
    pub watchlist: WatchlistId,
    /// The entry whose sighting raised it. Its sightings name the others, where it gathers several.
    pub entry: EntryId,
    /// What its sightings have in common.
    pub group: Group,
    /// Where it stands.
    pub state: AlertState,
    /// How grave.
    pub severity: Severity,
    /// The reasons of its sightings, each once, gravest first.
    pub reasons: Vec<Reason>,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// When the latest of its news came: it was raised, or news joined it that nothing kept quiet.
    pub news_at: Timestamp,
    /// When a sighting or a person last changed it.
    pub updated_at: Timestamp,
    /// Messages go out in batches, 1 for the first: the sightings of one batch share one message per channel.
    pub batch: i64,
    /// When its latest news or reminder was, or is to be, sent.
    pub notify_at: Option<Timestamp>,
    /// When its first message was, or is to be, sent.
    pub told_at: Option<Timestamp>,
    /// When others were last told, since nobody had acknowledged it.
    pub escalated_at: Option<Timestamp>,
    /// Who acknowledged it, and when.
    pub acknowledged: Option<(String, Timestamp)>,
    /// How it was closed, and when.
    pub closed: Option<(Closed, Timestamp)>,
    /// Whose work it is, where somebody was named.
    pub assigned: Option<String>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, or sent again, at `next_at`.
    Pending,
    /// Accepted by the receiver.
    Delivered,
    /// Given up; can be replayed.
    Dead,
    /// Not sent, since what it would have said no longer held when it fell due.
    Withdrawn,
}

words!(
    DeliveryState, "state of a delivery",
    Pending => "pending", Delivered => "delivered", Dead => "dead", Withdrawn => "withdrawn",
);

/// One message, of an alert or of a notice, to one channel; it lives in the outbox until delivered or dead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Delivery {
    /// Its identifier: the webhook-id, and part of the Message-ID. The same on every try.
    pub id: DeliveryId,
    /// What it is about.
    #[serde(flatten)]
    pub topic: Topic,
    /// The batch of the alert's sightings that it tells of, or of the notice's messages.
    pub batch: i64,
    /// The channel's name in the configuration.
    pub channel: String,
    /// Why it is sent.
    pub purpose: Purpose,
    /// What its first try waits for; nothing where it is due at once.
    pub waits: Option<Wait>,
    /// The delivery whose message tells it as well: that of a digest. It is delivered, or dead, with that one.
    pub carrier: Option<DeliveryId>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Tries so far.
    pub attempts: u32,
    /// Not before this instant.
    pub next_at: Timestamp,
    /// What went wrong last time; of one that was accepted, who did not get it, and why.
    pub last_error: Option<String>,
    /// The message as first rendered, so that every try sends the same; empty before the first try.
    #[serde(skip)]
    pub message: Option<String>,
    /// Who need not be sent it again, in the channel's own words; nothing where no try has reached some and not others. Of one that is
    /// given up only who has it.
    #[serde(skip)]
    pub progress: Option<String>,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// When the receiver accepted it.
    pub delivered_at: Option<Timestamp>,
}
