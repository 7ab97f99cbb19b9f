//! A message as it is frozen into the outbox, as JSON.
//!
//! It is rendered once, at the first try; every later try sends the same bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{AlertId, DeliveryId, Timestamp};

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
}

impl Event {
    /// What batch number `batch` of an alert, with so many new sightings in it, tells.
    pub fn of(batch: i64, new_sightings: u32) -> Self {
        match (batch, new_sightings) {
            (..=1, _) => Self::Opened,
            (_, 0) => Self::Reminder,
            _ => Self::Updated,
        }
    }

    /// What it says, in a sentence for the head of a message.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Opened => "An entry of your watchlist was sighted.",
            Self::Updated => "There is more on an alert that is not closed yet.",
            Self::Reminder => "Nobody has acknowledged this alert yet.",
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
    /// The delivery: the webhook-id, and part of the Message-ID.
    pub delivery: DeliveryId,
    /// The alert: what mail clients thread by.
    pub alert: AlertId,
    /// When it was rendered: the e-mail's Date.
    pub created_at: Timestamp,
    /// One line, without victim data whatever the detail.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For the others. Inert: nothing remote, links of crawled pages broken.
    pub html: String,
    /// The webhook's body, as the bytes that are signed: a [`crate::payload::Payload`] in JSON.
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
        for (batch, new_sightings, event) in [
            (1, 3, Event::Opened),
            (1, 0, Event::Opened),
            (2, 1, Event::Updated),
            (2, 0, Event::Reminder),
        ] {
            assert_eq!(
                Event::of(batch, new_sightings),
                event,
                "{batch} {new_sightings}"
            );
        }
    }
}
