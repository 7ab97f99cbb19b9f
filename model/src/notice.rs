//! Notices: what people are told that belongs to no alert. An owner is told what is due for review, an operator what is
//! wrong with the machinery.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AlertId, EntryId, NoticeId, Selector, Timestamp, Tlp, WatchlistId, selector::words};

/// What a message is about.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// An alert.
    Alert(AlertId),
    /// A notice.
    Notice(NoticeId),
}

impl Topic {
    /// The alert, if it is one.
    pub fn alert(self) -> Option<AlertId> {
        match self {
            Self::Alert(id) => Some(id),
            Self::Notice(_) => None,
        }
    }

    /// The notice, if it is one.
    pub fn notice(self) -> Option<NoticeId> {
        match self {
            Self::Alert(_) => None,
            Self::Notice(id) => Some(id),
        }
    }
}

/// Something that people are told, and that is no alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Its identifier.
    pub id: NoticeId,
    /// What sort of thing it is.
    pub kind: NoticeKind,
    /// What it concerns, among what its kind may concern: an owner, a source, a channel; nothing where there is only one
    /// such thing. Of one kind, there is one notice about one subject that is not resolved.
    pub subject: String,
    /// What it tells.
    pub told: Told,
    /// Since when.
    pub opened_at: Timestamp,
    /// Messages go out in batches, 1 for the first; 0 where there was none.
    pub batch: i64,
    /// When the last batch was put into the outbox, or would have been if there were a channel.
    pub told_at: Timestamp,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
}

/// The sorts of notices.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Entries wait for their owner's review.
    Review,
    /// A source refuses, fails, or gives no listings any more.
    SourceFailing,
    /// Messages were given up.
    DeadLetter,
    /// Nothing is sent to a channel any more, since its receiver is gone.
    EndpointDisabled,
    /// A channel takes messages, and some of its recipients never get them.
    RecipientRefused,
    /// A channel can't be used on a machine as it is written there.
    ChannelUnusable,
    /// Alerts lie about that nobody has acknowledged.
    UnreadBacklog,
    /// Messages lie about that should have been sent.
    DeliveryBacklog,
    /// Reviews are due of owners who have no channel, so that nobody tells them.
    OwnerUnreached,
}

words!(
    NoticeKind, "kind of notice",
    Review => "review", SourceFailing => "source_failing", DeadLetter => "dead_letter",
    EndpointDisabled => "endpoint_disabled", RecipientRefused => "recipient_refused", ChannelUnusable => "channel_unusable", UnreadBacklog => "unread_backlog", DeliveryBacklog => "delivery_backlog",
    OwnerUnreached => "owner_unreached",
);

/// What a notice tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Told {
    /// What an owner has to look at.
    Review(Review),
    /// What an operator has to look at.
    Fault(Fault),
}

/// The entries of one owner that are due for review, or will be soon.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// The owner.
    pub owner: String,
    /// The day and hour of this digest.
    pub planned_at: Timestamp,
    /// Entries whose review date has passed.
    pub overdue: u32,
    /// Entries whose review date is to come within the week.
    pub soon: u32,
    /// Entries that are looked for and end within the week; they may be due for review as well.
    #[serde(default)]
    pub ending: u32,
    /// Entries that ended in the week before, and are looked for no more.
    #[serde(default)]
    pub ended: u32,
    /// How many entries that are, each once.
    #[serde(default)]
    pub all: u32,
    /// Those entries, the longest due first, as many as a message shows.
    pub entries: Vec<DueEntry>,
}

/// An entry that is due for review, or ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DueEntry {
    /// The entry.
    pub id: EntryId,
    /// Its watchlist.
    pub watchlist: WatchlistId,
    /// The watchlist's name.
    pub watchlist_name: String,
    /// Its review date.
    pub review_at: Timestamp,
    /// From then on it is not looked for.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// How far it may be shared.
    pub tlp: Tlp,
    /// What is looked for. Full detail only.
    pub selector: Selector,
}

/// Something that is wrong with the machinery. It names sources and channels, and nothing that was crawled.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// The name of what it concerns; nothing where there is only one such thing.
    pub name: String,
    /// How much of it there is: runs, messages, alerts.
    pub count: u32,
    /// When the newest of it came about, where that is known.
    #[serde(default)]
    pub newest: Option<Timestamp>,
    /// What is wrong, in a sentence.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    /// The machine and folder of whoever found it, where what it concerns is written in a file: once it is there no longer, nobody
    /// has it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Since when nothing is wrong, where that has to hold before it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub well_since: Option<Timestamp>,
    /// How many times it was well in between, and wrong again, since it was last told.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub again: u32,
}

// By reference, as serde asks for it.
fn is_none_yet(count: &u32) -> bool {
    *count == 0
}
