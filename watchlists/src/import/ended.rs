//! What its author has ended: taken back, deleted, let run out, or does not ask anybody to look for.

use std::borrow::Cow;

use sightline_model::{Entry, EntryState, Timestamp};

/// How the author of a row ended what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It was taken back.
    TakenBack,
    /// It was deleted.
    Deleted,
    /// It lasted until then.
    RanOut(Timestamp),
    /// Nobody is asked to look for it.
    Unasked,
}

/// That the author of a row has ended what it says, which may stand on a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// Where it comes from, as the note of an entry that came from there names it; none where nothing names it.
    pub origin: Option<String>,
    /// The entry that it would have been, for what it is about.
    pub entry: Box<Entry>,
}

impl Ending {
    /// `its author took it back`
    pub fn in_words(self) -> Cow<'static, str> {
        match self {
            Self::TakenBack => "its author took it back".into(),
            Self::Deleted => "its author deleted it".into(),
            Self::RanOut(at) => {
                format!("its author let it end on {}", at.to_utc().date_naive()).into()
            }
            Self::Unasked => "its author does not ask that it be looked for".into(),
        }
    }

    /// True where it tells something new of an entry as it stands.
    pub fn is_news_of(self, entry: &Entry, now: Timestamp) -> bool {
        match self {
            Self::TakenBack | Self::Deleted => entry.state != EntryState::Withdrawn,
            Self::RanOut(_) | Self::Unasked => entry.is_looked_for(now),
        }
    }

    /// The entry as its author has it now: off its list, expired, or a draft.
    pub fn of(self, entry: &Entry) -> Entry {
        let mut after = entry.clone();
        match self {
            Self::TakenBack | Self::Deleted => after.state = EntryState::Withdrawn,
            Self::RanOut(at) => after.expires_at = Some(at),
            Self::Unasked => after.state = EntryState::Draft,
        }
        after
    }
}

impl Ended {
    /// True where an entry says in its note that it came from there: what somebody else put on the list for reasons of their
    /// own is not theirs to end.
    pub fn is_origin_of(&self, entry: &Entry) -> bool {
        let note = entry.note.as_deref().unwrap_or_default();
        let origin = self.origin.as_deref().filter(|origin| !origin.is_empty());
        origin.is_some_and(|origin| note.contains(origin))
    }
}
