//! A message as it is frozen into the outbox, as JSON.
//!
//! It is rendered once, at the first try; every later try sends the same bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{DeliveryId, Purpose, Timestamp, Topic, WatchlistId};

/// How much of an alert a channel is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Identifiers, reasons, counts and a link: nothing that names or describes a person.
    #[default]
    Thin,
    /// The identifier, the matched text, titles and URLs as well. Entries marked TLP:RED stay thin.
    Full,
}

/// Why a message is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// An alert was raised.
    #[serde(rename = "alert.opened")]
    Opened,
    /// An unclosed alert has new sightings.
    #[serde(rename = "alert.updated")]
    Updated,
    /// Nobody has acknowledged an alert yet.
    #[serde(rename = "alert.reminder")]
    Reminder,
    /// An alert that people were told of was closed by Sightline: it told of the site's own.
    #[serde(rename = "alert.closed")]
    Closed,
    /// Nothing was sighted: a person tries whether a channel works.
    #[serde(rename = "alert.test")]
    Test,
    /// Nobody has acknowledged an alert, so others are told of it.
    #[serde(rename = "alert.escalated")]
    Escalated,
    /// Somebody has acknowledged an alert, and it was not closed for long.
    #[serde(rename = "alert.forgotten")]
    Forgotten,
}

impl Event {
    /// What batch number `batch` of an alert, sent for this purpose and with so many new sightings in it, tells. News may
    /// have joined a reminder while it waited.
    pub fn of(purpose: Purpose, batch: i64, new_sightings: u32) -> Self {
        match (purpose, batch, new_sightings) {
            (Purpose::Escalation, _, _) => Self::Escalated,
            (Purpose::Correction, _, _) => Self::Closed,
            (_, ..=1, _) => Self::Opened,
            (Purpose::Forgotten, _, 0) => Self::Forgotten,
            (_, _, 0) => Self::Reminder,
            _ => Self::Updated,
        }
    }

    /// What it says, in a sentence for the head of a message.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Opened => "An entry of your watchlist was sighted.",
            Self::Updated => "There is more on an alert that is not closed yet.",
            Self::Reminder => "Nobody has acknowledged this alert yet.",
            Self::Escalated => "Nobody has acknowledged this alert, so it comes to you.",
            Self::Forgotten => "This alert was acknowledged, and has not been closed.",
            Self::Closed => "Sightline has closed this alert: what it told of is the site's own.",
            Self::Test => {
                "This is a test of the channel. Nothing was sighted, and nothing is to be done."
            }
        }
    }
}

/// A message, frozen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// The delivery, or a name of its own where that had another message before: the webhook-id, and part of the Message-ID.
    pub delivery: DeliveryId,
    /// What it is about: what mail clients thread by. Of a digest, the first alert that it tells of.
    #[serde(flatten)]
    pub topic: Topic,
    /// The watchlist, where it is a digest: what mail clients thread those by.
    #[serde(default)]
    pub digest_of: Option<WatchlistId>,
    /// When it was rendered: the e-mail's Date.
    pub created_at: Timestamp,
    /// One line, without victim data whatever the detail.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For the others. Inert: nothing remote, links of crawled pages broken.
    pub html: String,
    /// The webhook's body, as the bytes that are signed: a [`crate::digest::Body`] in JSON.
    pub payload: String,
    /// What a chat service is sent, where the channel is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// The body of a request to a chat service, as its template and its limits make it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Body {
    /// The file name of the template that it was made with, and so the service that it was made for.
    pub template: String,
    /// JSON.
    pub json: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_batch_is_called() {
        for (purpose, batch, new_sightings, event) in [
            (Purpose::News, 1, 3, Event::Opened),
            (Purpose::News, 1, 0, Event::Opened),
            (Purpose::News, 2, 1, Event::Updated),
            (Purpose::Reminder, 2, 1, Event::Updated),
            (Purpose::Reminder, 2, 0, Event::Reminder),
            (Purpose::Forgotten, 2, 0, Event::Forgotten),
            (Purpose::Escalation, 2, 3, Event::Escalated),
            (Purpose::Correction, 2, 0, Event::Closed),
        ] {
            assert_eq!(
                Event::of(purpose, batch, new_sightings),
                event,
                "{purpose} {batch} {new_sightings}"
            );
        }
    }
}
