//! Watchlists and their entries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EntryId, Selector, Severity, Timestamp, WatchlistId, selector::words};

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
    /// Where it stands.
    pub state: EntryState,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Entry {
    /// True where a matcher may use it at `now`: active, unexpired, with a purpose and a legal basis.
    pub fn is_looked_for(&self, now: Timestamp) -> bool {
        self.state == EntryState::Active
            && self.expires_at.is_none_or(|expiry| now < expiry)
            && !self.purpose.trim().is_empty()
            && !self.legal_basis.trim().is_empty()
    }
}

/// Where an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Looked for.
    Active,
    /// Taken off; kept so that its sightings can be explained.
    Withdrawn,
}

words!(EntryState, "state of an entry", Active => "active", Withdrawn => "withdrawn");

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
