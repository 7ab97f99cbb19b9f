//! Why something could not be done.

use sightline_model::{
    AlertId, AlertState, Closed, DeliveryId, EntryId, HoldId, Problem, Selector, SilenceId,
    Timestamp,
};
use sightline_store::StoreError;

use crate::inert;

/// Why something could not be done. Nothing of it was done: the transaction is to be dropped.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such alert.
    #[error("there is no alert {0}")]
    NoAlert(AlertId),
    /// Somebody was quicker.
    #[error("alert {0} is {1} already")]
    Already(AlertId, AlertState),
    /// It is closed as that already.
    #[error("alert {0} is closed as {1} already")]
    AlreadyAs(AlertId, Closed),
    /// Nobody has it, so it can't be given back, nor taken from anybody.
    #[error("nobody has alert {0}: it is {1}")]
    NotTaken(AlertId, AlertState),
    /// All that was in it is the site's own.
    #[error(
        "all of alert {0} is the site's own: say first that it is not, for nothing there raises an alert meanwhile"
    )]
    Furniture(AlertId),
    /// There is a later one of the same group.
    #[error(
        "alert {0} stays closed: what is news joins alert {1}, which is not closed, and there is only one of a group"
    )]
    Followed(AlertId, AlertId),
    /// There is no such silence in force.
    #[error("there is no silence {0} in force")]
    NoSilence(SilenceId),
    /// There is no such hold that stands.
    #[error("there is no hold {0} that stands")]
    NoHold(HoldId),
    /// What was to be erased is held.
    #[error("a hold stands over it, so nothing was erased: {0}")]
    Held(String),
    /// Nothing of that name can be erased.
    #[error(
        "there is no such {0} to erase: none was ever seen, or it was erased before; `sightline erase list` shows what was"
    )]
    NotErasable(&'static str),
    /// A case is to be held that nothing is of.
    #[error(
        "no entry is of the case '{0}': write it as entries do, letter by letter, or say that it is held ahead of them (--force)"
    )]
    NoCase(String),
    /// There is no such message.
    #[error("there is no message {0}")]
    NoDelivery(DeliveryId),
    /// A message was not given up: it waits to be sent, or was.
    #[error("message {0} was not given up: it waits, or has been sent")]
    NotDead(DeliveryId),
    /// A message would not be sent, for its channel is switched off.
    #[error("the channel '{channel}' is switched off, so {delivery} would not be sent: {why}")]
    Off {
        /// The channel.
        channel: String,
        /// The message.
        delivery: DeliveryId,
        /// Since when.
        since: Timestamp,
        /// Why.
        why: String,
    },
    /// A channel is not switched off.
    #[error("the channel '{0}' is not switched off")]
    NotOff(String),
    /// There is nothing of that name.
    #[error("there is none")]
    Nothing,
    /// It would leave nobody who may do it again.
    #[error("{0}")]
    Unwise(&'static str),
    /// There is no such entry.
    #[error("there is no entry {0}")]
    NoEntry(EntryId),
    /// Its list has it already; nothing was added.
    #[error("{selector} is on '{watchlist}' already, as entry {entry}{but}; nothing was added")]
    Stands {
        /// What was to be added.
        selector: Selector,
        /// The list.
        watchlist: String,
        /// The entry that is there.
        entry: EntryId,
        /// That it is not looked for, and what was said otherwise, with what to do; empty where neither is so.
        but: String,
    },
    /// Somebody took it off before.
    #[error("entry {0} was withdrawn already; nothing is to be done")]
    Withdrawn(EntryId),
    /// Nothing about it would be different.
    #[error("nothing of entry {0} would change")]
    Unchanged(EntryId),
    /// What a person wrote about an entry is wrong; the problems' keys name the fields.
    #[error("entry {0}: {problems}", problems = sentences(.1))]
    WrongEntry(EntryId, Vec<Problem>),
    /// Something stood on a watchlist, or it told of something, so that it is kept.
    #[error(
        "'{0}' is kept, for entries stand on it or stood on it, and what was looked for must be explained later; \
         withdraw its entries, and nothing of it is looked for any more"
    )]
    InUse(String),
    /// What a watchlist gives to its entries can't be read.
    #[error("the defaults of '{0}': {1}")]
    Defaults(String, String),
    /// The rules of a watchlist can't be read.
    #[error("the rules of '{0}': {1}")]
    Rules(String, String),
    /// What a person wrote about a watchlist is wrong; the problems' keys name the fields.
    #[error("{problems}", problems = sentences(.0))]
    WrongList(Vec<Problem>),
    /// There is something of that name already.
    #[error("there is already a {0}; choose another name")]
    NameTaken(String),
    /// A person wrote something wrong; the problem's key names the field.
    #[error("{0}")]
    Wrong(Problem),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn sentences(problems: &[Problem]) -> String {
    let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

impl Refused {
    /// A field in which a person wrote something wrong.
    pub(crate) fn wrong(
        field: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Wrong(Problem::new(field, message, remedy))
    }

    /// The same where the field `from` is called otherwise.
    pub fn renamed(self, from: &str, to: &str) -> Self {
        match self {
            Self::Wrong(problem) if problem.key == from => Self::Wrong(Problem {
                key: to.to_owned(),
                ..problem
            }),
            other => other,
        }
    }
}

/// The longest that a person may say in one go, in bytes.
const LONGEST: usize = 10_000;

/// What a person wrote into `field`, without what stands around it.
pub(crate) fn said(field: &str, text: &str) -> Result<String, Refused> {
    let text = text.trim();
    let is_seen = |sign: char| !sign.is_whitespace() && !inert::is_active(sign);
    match text.len() {
        _ if !text.chars().any(is_seen) => Err(Refused::wrong(
            field,
            "is empty",
            "write something, for others read it",
        )),
        0..=LONGEST => Ok(text.to_owned()),
        _ => Err(Refused::wrong(
            field,
            "is too long",
            format!("{LONGEST} bytes are the most"),
        )),
    }
}
