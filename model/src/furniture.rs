//! Site furniture: what a source shows on most of its listings because it is the site's own, not a seller's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Selector, SelectorId, SourceId, Timestamp, selector::words};

/// Where a selector stands as furniture of its source.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FurnitureState {
    /// It stands on most listings, but nothing tells the site from one seller: nothing is withheld, a person decides.
    Suspected,
    /// It stands on most listings, beside many different sellers: what shows it raises nothing.
    Learned,
    /// A person says that it is the site's own: what shows it raises nothing.
    Declared,
    /// A person says that it is not: nothing is withheld, whatever the counts say.
    Released,
}

words!(
    FurnitureState, "state of furniture",
    Suspected => "suspected", Learned => "learned", Declared => "declared", Released => "released",
);

impl FurnitureState {
    /// True where what shows the selector is kept out of sightings.
    pub fn is_withheld(self) -> bool {
        matches!(self, Self::Learned | Self::Declared)
    }

    /// True where a person decided: no count changes it.
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Declared | Self::Released)
    }
}

/// A selector of a source that is, or may be, the site's own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Furniture {
    /// The source. The same selector elsewhere is none of it.
    pub source: SourceId,
    /// The interned selector.
    #[serde(skip)]
    pub selector_id: SelectorId,
    /// What stands there.
    #[serde(flatten)]
    pub selector: Selector,
    /// Where it stands.
    pub state: FurnitureState,
    /// Listings of the source that showed it when they were last counted.
    pub shown_on: i64,
    /// All listings of the source at that count: those that are still there.
    pub listings: i64,
    /// Different other contacts that stood beside it, in the newest thousand listings.
    pub sellers: i64,
    /// When it came into this state.
    pub since: Timestamp,
    /// Who brought it there: a person's name, or `sightline`.
    pub who: String,
    /// Why.
    pub why: String,
}

impl Furniture {
    /// Of a hundred listings of the source, how many show it: 0 to 100, rounded down.
    pub fn percent(&self) -> i64 {
        match self.listings {
            ..=0 => 0,
            listings => (self.shown_on.saturating_mul(100) / listings).clamp(0, 100),
        }
    }
}

/// A selector, and how many of a source's listings show it at present.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// The interned selector.
    pub selector_id: SelectorId,
    /// What it is.
    pub selector: Selector,
    /// Listings that are still there and show it.
    pub shown_on: i64,
}
