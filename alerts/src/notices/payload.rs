//! What a message tells of a notice: the payload that a webhook carries and that the templates of e-mails see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{
    EntryId, Kind, Notice, NoticeId, NoticeKind, Review, Timestamp, Tlp, Told, WatchlistId,
};

use crate::{inert::one_line, message::Detail, payload::PAYLOAD_LIMIT};

/// The longest run of written text that a message repeats, in characters.
const TEXT_LIMIT: usize = 500;

/// The body of a webhook that tells of a notice. Fields may be added; none is removed or changes its meaning.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NoticePayload {
    /// When the message was made, RFC 3339 in UTC. The same on every try.
    pub timestamp: Timestamp,
    /// What it tells.
    #[serde(flatten)]
    pub notice: TypedNotice,
}

/// What is told of a notice, by its type.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum TypedNotice {
    /// Entries are due for their owner's review, or will be within the week; or they end, or ended.
    #[serde(rename = "notice.review")]
    Review(ToldReview),
    /// Something is wrong with the machinery, or is right again.
    #[serde(rename = "notice.operator")]
    Operator(ToldFault),
}

/// What an owner is told, once a week.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldReview {
    /// The notice.
    pub notice: NoticeId,
    /// The owner.
    pub owner: String,
    /// The day and hour of the digest.
    pub planned_at: Timestamp,
    /// Entries whose review date has passed.
    pub overdue: u32,
    /// Entries whose review date comes within the week.
    pub soon: u32,
    /// Entries that are looked for and end within the week; they may be due for review as well.
    #[serde(default)]
    pub ending: u32,
    /// Entries that ended in the week before, and are looked for no more.
    #[serde(default)]
    pub ended: u32,
    /// Those entries, the longest due first, as many as fit.
    pub entries: Vec<ToldEntry>,
    /// Entries that are not shown.
    pub left_out: u32,
}

/// An entry that is due for review, or ends.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldEntry {
    /// The entry.
    pub entry: EntryId,
    /// Its watchlist.
    pub watchlist: WatchlistId,
    /// The watchlist's name.
    pub watchlist_name: String,
    /// Its review date.
    pub review_at: Timestamp,
    /// True where that has passed.
    pub overdue: bool,
    /// From then on it is not looked for; null where it has no end.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// True where that has passed.
    #[serde(default)]
    pub ended: bool,
    /// How far it may be shared: Traffic Light Protocol 2.0.
    pub tlp: Tlp,
    /// What is looked for: on channels that are set to full detail, and never of entries marked TLP:RED.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Its canonical value, likewise.
    #[serde(default)]
    pub value: Option<String>,
}

/// What an operator is told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldFault {
    /// The notice.
    pub notice: NoticeId,
    /// What sort of fault: `source_failing`, `dead_letter`, `endpoint_disabled`, `recipient_refused`, `channel_unusable`, `unread_backlog`,
    /// `delivery_backlog` or `owner_unreached`.
    pub kind: NoticeKind,
    /// Whether it begins, lasts, or is over.
    pub state: FaultState,
    /// The name of what it concerns, a source or a channel; empty where there is only one such thing.
    pub name: String,
    /// How much of it there is: runs, messages, alerts.
    pub count: u32,
    /// What is wrong, in a sentence.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    /// Since when it is known.
    pub opened_at: Timestamp,
    /// When it was found to be over.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
}

/// Where a fault stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultState {
    /// It was found just now.
    Begins,
    /// It was told of before, and is not mended.
    Lasts,
    /// It is over.
    Recovered,
}

impl NoticePayload {
    /// What batch number `batch` tells of `notice`, made at `now`: within [`PAYLOAD_LIMIT`], whatever the notice holds.
    pub fn of(notice: &Notice, batch: i64, detail: Detail, now: Timestamp) -> Self {
        let told = match &notice.told {
            Told::Review(review) => TypedNotice::Review(told_review(notice.id, review, detail)),
            Told::Fault(fault) => TypedNotice::Operator(ToldFault {
                notice: notice.id,
                kind: notice.kind,
                state: match (batch, notice.resolved_at) {
                    (batch, Some(_)) if batch >= notice.batch => FaultState::Recovered,
                    (..=1, _) => FaultState::Begins,
                    _ => FaultState::Lasts,
                },
                name: short(&fault.name),
                count: fault.count,
                what: short(&fault.what),
                remedy: short(&fault.remedy),
                opened_at: notice.opened_at,
                resolved_at: notice.resolved_at.filter(|_| batch >= notice.batch),
            }),
        };
        let mut payload = Self {
            timestamp: now,
            notice: told,
        };
        while payload.to_json().len() >= PAYLOAD_LIMIT && payload.drop_last_entry() {}
        payload
    }

    /// The bytes that are signed and sent.
    pub fn to_json(&self) -> String {
        // No map with keys other than strings, no number that is not finite: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// True if there was one to drop.
    fn drop_last_entry(&mut self) -> bool {
        let TypedNotice::Review(review) = &mut self.notice else {
            return false;
        };
        let dropped = review.entries.pop().is_some();
        review.left_out += u32::from(dropped);
        dropped
    }
}

fn told_review(notice: NoticeId, review: &Review, detail: Detail) -> ToldReview {
    let entries: Vec<ToldEntry> = review
        .entries
        .iter()
        .map(|entry| {
            // TLP:RED is for named recipients alone, and a channel is not one.
            let full = detail == Detail::Full && entry.tlp != Tlp::Red;
            ToldEntry {
                entry: entry.id,
                watchlist: entry.watchlist,
                watchlist_name: short(&entry.watchlist_name),
                review_at: entry.review_at,
                overdue: entry.review_at <= review.planned_at,
                expires_at: entry.expires_at,
                ended: entry.expires_at.is_some_and(|end| end <= review.planned_at),
                tlp: entry.tlp,
                kind: full.then_some(entry.selector.kind),
                value: full.then(|| short(&entry.selector.value)),
            }
        })
        .collect();
    let shown = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    ToldReview {
        notice,
        owner: short(&review.owner),
        planned_at: review.planned_at,
        overdue: review.overdue,
        soon: review.soon,
        ending: review.ending,
        ended: review.ended,
        // One that was written before entries that end were told of counts those that are due.
        left_out: review
            .all
            .max(review.overdue + review.soon)
            .saturating_sub(shown),
        entries,
    }
}

fn short(text: &str) -> String {
    one_line(text, TEXT_LIMIT)
}
