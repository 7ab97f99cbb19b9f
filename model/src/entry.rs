//! Watchlists and their entries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EntryId, Selector, Severity, Timestamp, WatchlistId, Way, selector::words};

/// An analyst's list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Watchlist {
    /// Its identifier.
    pub id: WatchlistId,
    /// What people call it; unique in its organisation.
    pub name: String,
    /// What an entry gets where its own row says nothing, as the watchlists crate reads it.
    pub defaults: serde_json::Value,
    /// Whom to tell of what and when, as the alerts crate reads it.
    pub rules: serde_json::Value,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One identifier that is looked for. Without a purpose and a legal basis there is no entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Its identifier.
    pub id: EntryId,
    /// The list it stands on.
    pub watchlist: WatchlistId,
    /// What is looked for, in the same canonical form as what is observed.
    #[serde(flatten)]
    pub selector: Selector,
    /// How far beyond that it reaches.
    #[serde(rename = "match")]
    pub way: Way,
    /// As the analyst wrote it.
    pub written: String,
    /// Why it is looked for.
    pub purpose: String,
    /// What permits it: a law, an order, a consent.
    pub legal_basis: String,
    /// Who answers for it.
    pub owner: String,
    /// Whose identifier it is thought to be.
    pub category: Category,
    /// When it must be looked at again. From this instant on it is due for review; it still matches.
    pub review_at: Timestamp,
    /// From this instant on it does not match.
    pub expires_at: Option<Timestamp>,
    /// The organisation's own case.
    pub case_reference: Option<String>,
    /// How far it may be shared.
    pub tlp: Tlp,
    /// How grave a sighting is; the watchlist's severity where empty.
    pub severity: Option<Severity>,
    /// For those who read the alert.
    pub note: Option<String>,
    /// The analyst's own words to sort it by, each once, in alphabetical order.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Why it is looked for although a warning list names it; its sightings raise alerts then.
    #[serde(default)]
    pub despite_warning: Option<String>,
    /// What its owners decided of it; [`Entry::standing`] tells what follows at an instant.
    pub state: EntryState,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Entry {
    /// Where it stands in its life at `now`.
    pub fn standing(&self, now: Timestamp) -> EntryStanding {
        match self.state {
            EntryState::Draft => EntryStanding::Draft,
            EntryState::Withdrawn => EntryStanding::Withdrawn,
            EntryState::Active if self.expires_at.is_some_and(|end| end <= now) => {
                EntryStanding::Expired
            }
            EntryState::Active if self.review_at <= now => EntryStanding::DueForReview,
            EntryState::Active => EntryStanding::Active,
        }
    }

    /// True where what was seen of it while it was looked for is still to be told: until somebody takes it off. That its time is
    /// over since is no reason to keep quiet what it found before.
    pub fn is_told_of(&self) -> bool {
        self.state != EntryState::Withdrawn
    }

    /// True where a matcher may use it at `now`: active, unexpired, with a purpose and a legal basis.
    pub fn is_looked_for(&self, now: Timestamp) -> bool {
        self.standing(now).is_looked_for()
            && !self.purpose.trim().is_empty()
            && !self.legal_basis.trim().is_empty()
    }
}

/// What the owners of an entry decided of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Written down, and not yet looked for: somebody has still to say why, or by what right.
    Draft,
    /// Looked for, until it expires.
    Active,
    /// Taken off; kept so that its sightings can be explained.
    Withdrawn,
}

words!(
    EntryState, "state of an entry",
    Draft => "draft", Active => "active", Withdrawn => "withdrawn",
);

/// Where an entry stands in its life at an instant: what was decided of it, and what time has made of that.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryStanding {
    /// Not yet looked for.
    Draft,
    /// Looked for.
    Active,
    /// Looked for, and its owner has to say whether it still should be.
    DueForReview,
    /// No longer looked for, since its time is over.
    Expired,
    /// No longer looked for, since somebody took it off.
    Withdrawn,
}

words!(
    EntryStanding, "standing of an entry",
    Draft => "draft", Active => "active", DueForReview => "due_for_review", Expired => "expired", Withdrawn => "withdrawn",
);

impl EntryStanding {
    /// True where a matcher may use the entry.
    pub fn is_looked_for(self) -> bool {
        matches!(self, Self::Active | Self::DueForReview)
    }
}

/// A change of an entry: who did what to it, and when; the first is that it was put on its list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EntryChange {
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// By whom: a person's name, or `sightline`.
    pub who: String,
    /// What was done.
    pub deed: EntryDeed,
    /// What it was before and became.
    pub fields: Vec<FieldChange>,
    /// Why, where somebody said so; where it was put on its list, by which way.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What is done to an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryDeed {
    /// It was put on its list.
    Added,
    /// Something written about it was changed.
    Edited,
    /// A draft was made active.
    Activated,
    /// Its owner looked at it again, and it goes on.
    Reviewed,
    /// It was taken off its list.
    Withdrawn,
    /// It was put on its list again.
    Restored,
}

words!(
    EntryDeed, "deed to an entry",
    Added => "added", Edited => "edited", Activated => "activated", Reviewed => "reviewed", Withdrawn => "withdrawn", Restored => "restored",
);

/// One field of an entry before and after a change, as people are shown it; none where it was empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// Its name, as an import has it.
    pub field: String,
    /// What it was.
    pub before: Option<String>,
    /// What it became.
    pub after: Option<String>,
}

/// Whose identifier an entry is thought to be (Directive (EU) 2016/680, Article 6, asks to tell them apart).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Thought to have committed, or to be about to commit, a crime.
    Suspect,
    /// A victim, or one who may be.
    Victim,
    /// One who may know something.
    Witness,
    /// None of these: a company, a device, a place.
    Other,
}

impl Category {
    /// For people: a word that says less than it claims to know.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Suspect => "suspect",
            Self::Victim => "victim or possible victim",
            Self::Witness => "witness",
            Self::Other => "other",
        }
    }

    /// Reads its word, and what people write for it.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(text: &str) -> Result<Self, crate::selector::UnknownWord> {
        let folded = text.trim().to_lowercase().replace(['_', '-'], " ");
        match folded.as_str() {
            "possible victim"
            | "potential victim"
            | "presumed victim"
            | "victim or possible victim" => Ok(Self::Victim),
            _ => text.parse(),
        }
    }
}

words!(Category, "category of person", Suspect => "suspect", Victim => "victim", Witness => "witness", Other => "other");

/// How far something may be shared: Traffic Light Protocol 2.0 (FIRST).
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
pub enum Tlp {
    /// No limit.
    Clear,
    /// Within the community.
    Green,
    /// Within the organisation and its clients.
    #[default]
    Amber,
    /// Within the organisation.
    AmberStrict,
    /// Named recipients alone.
    Red,
}

words!(
    Tlp, "TLP marking",
    Clear => "clear", Green => "green", Amber => "amber", AmberStrict => "amber_strict", Red => "red",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_be_a_victim_is_told_as_that() {
        for (text, expected) in [
            ("victim", Some(Category::Victim)),
            ("Possible victim", Some(Category::Victim)),
            ("possible_victim", Some(Category::Victim)),
            ("potential-victim", Some(Category::Victim)),
            ("suspect", Some(Category::Suspect)),
            ("possible suspect", None),
            ("", None),
        ] {
            assert_eq!(Category::read(text).ok(), expected, "{text}");
        }
        for category in Category::ALL {
            assert_eq!(Category::read(category.in_words()).ok(), Some(*category));
        }
    }
}
