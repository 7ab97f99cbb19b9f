//! What its author has ended: taken back, deleted, let run out, or does not ask anybody to look for.

use std::borrow::Cow;

use sightline_model::{Entry, EntryChange, EntryDeed, EntryState, Timestamp};

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

    /// True where it is taken off its list by it, and not only no longer looked for.
    pub fn is_final(self) -> bool {
        matches!(self, Self::TakenBack | Self::Deleted)
    }

    /// True where it tells something new of an entry as it stands.
    pub fn is_news_of(self, entry: &Entry, now: Timestamp) -> bool {
        match self {
            Self::TakenBack | Self::Deleted => entry.state != EntryState::Withdrawn,
            Self::RanOut(_) | Self::Unasked => entry.is_looked_for(now),
        }
    }

    /// True where a person here has decided otherwise since, by what was done to an entry, the first deed first; `by_hand`
    /// tells what a person did from what a file brought with it.
    pub fn is_overruled(
        self,
        entry: &Entry,
        history: &[EntryChange],
        by_hand: impl Fn(&EntryChange) -> bool,
    ) -> bool {
        let last_of = |field: &str| {
            let changes =
                |change: &&EntryChange| change.fields.iter().any(|one| one.field == field);
            history.iter().rfind(changes)
        };
        match self {
            // Put back after it had been taken off.
            Self::TakenBack | Self::Deleted => {
                let off = history
                    .iter()
                    .rposition(|change| change.deed == EntryDeed::Withdrawn);
                let since = off.map_or(&[][..], |off| &history[off..]);
                let is_back = |change: &EntryChange| {
                    matches!(change.deed, EntryDeed::Restored | EntryDeed::Activated)
                };
                since
                    .iter()
                    .any(|change| is_back(change) && by_hand(change))
            }
            // Given another end, or none.
            Self::RanOut(at) => {
                entry.expires_at.is_none_or(|end| end > at)
                    && last_of("expires_at").is_some_and(by_hand)
            }
            // Made active, or put back.
            Self::Unasked => last_of("state").is_some_and(by_hand),
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
    /// own is not theirs to end. Only an identifier that nobody else has says so, as a word of its own: a file that calls
    /// itself `a` would be found in every note.
    pub fn is_origin_of(&self, entry: &Entry) -> bool {
        let note = entry.note.as_deref().unwrap_or_default();
        let origin = self.origin.as_deref().filter(|origin| is_unique(origin));
        let is_part = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_');
        origin.is_some_and(|origin| {
            note.split(|sign| !is_part(sign))
                .any(|word| word.eq_ignore_ascii_case(origin))
        })
    }
}

/// True of a UUID, as MISP has them, and of one behind the type of an object, as STIX does.
fn is_unique(origin: &str) -> bool {
    let uuid = match origin.split_once("--") {
        Some((kind, uuid)) if !kind.is_empty() => uuid,
        Some(_) => return false,
        None => origin,
    };
    let groups = uuid.split('-').map(|group| {
        group
            .bytes()
            .all(|digit| digit.is_ascii_hexdigit())
            .then_some(group.len())
    });
    groups.eq([8, 4, 4, 4, 12].map(Some))
}

#[cfg(test)]
mod tests {
    use sightline_model::{FieldChange, Mint};

    use super::*;
    use crate::{
        draft::{EntryDefaults, EntryDraft, Terms},
        entry::sketch,
    };

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    /// An entry as an import makes it.
    fn entry() -> Entry {
        let (mint, defaults) = (Mint::seeded(1), EntryDefaults::default());
        let terms = Terms {
            watchlist: mint.id(NOW),
            defaults: &defaults,
            region: None,
            now: NOW,
            mint: &mint,
        };
        let draft = EntryDraft {
            kind: Some("phone".to_owned()),
            value: Some("+12025550123".to_owned()),
            category: Some("victim".to_owned()),
            ..EntryDraft::default()
        };
        sketch(&draft, &terms).unwrap()
    }

    #[test]
    fn what_names_it_whole_comes_from_there() {
        let entry = entry();
        let uuid = "5b1a3a5e-6f6e-4d8b-9a43-0d7f7d1c2e90";
        let object = format!("indicator--{uuid}");
        for (note, origin, is_theirs) in [
            (format!("MISP event: x ({uuid})"), uuid, true),
            (format!("STIX {object}; seen twice"), &*object, true),
            (object.to_uppercase(), &*object, true),
            // Of the object, and not of an event that has the same number.
            (object.clone(), uuid, false),
            (format!("{uuid}0"), uuid, false),
            (format!("x{uuid}"), uuid, false),
            ("seen at the lotus".to_owned(), "a", false),
            ("seen at the lotus".to_owned(), "lotus", false),
            ("indicator--1".to_owned(), "indicator--1", false),
            (format!("--{uuid}"), &format!("--{uuid}"), false),
            (uuid.to_owned(), "", false),
        ] {
            let standing = Entry {
                note: Some(note.clone()),
                ..entry.clone()
            };
            let ended = Ended {
                ending: Ending::TakenBack,
                origin: Some(origin.to_owned()),
                entry: Box::new(entry.clone()),
            };
            assert_eq!(ended.is_origin_of(&standing), is_theirs, "{note}: {origin}");
        }
    }

    #[test]
    fn what_a_person_decided_since_overrules_it() {
        let entry = entry();
        let change = |deed, field: &str, who: &str| EntryChange {
            entry: entry.id,
            at: NOW,
            who: who.to_owned(),
            deed,
            fields: vec![FieldChange {
                field: field.to_owned(),
                before: None,
                after: None,
            }],
            reason: None,
        };
        use EntryDeed::{Activated, Edited, Restored, Withdrawn};
        let ran_out = Ending::RanOut(NOW);
        for (ending, deeds, is_overruled) in [
            (Ending::Unasked, vec![(Activated, "state", "person")], true),
            (Ending::Unasked, vec![(Activated, "state", "file")], false),
            (Ending::Unasked, vec![(Edited, "note", "person")], false),
            (ran_out, vec![(Edited, "expires_at", "person")], true),
            (ran_out, vec![(Edited, "expires_at", "file")], false),
            (ran_out, vec![], false),
            (Ending::Deleted, vec![(Activated, "state", "person")], false),
            (
                Ending::TakenBack,
                vec![(Withdrawn, "state", "file"), (Restored, "state", "person")],
                true,
            ),
            (
                Ending::TakenBack,
                vec![(Withdrawn, "state", "file"), (Restored, "state", "file")],
                false,
            ),
        ] {
            let history: Vec<EntryChange> = deeds
                .iter()
                .map(|(deed, field, who)| change(*deed, field, who))
                .collect();
            let found = ending.is_overruled(&entry, &history, |one| one.who == "person");
            assert_eq!(found, is_overruled, "{ending:?} {deeds:?}");
        }
    }
}
