//! What to list: the same few questions for every family of rows.

use sightline_model::{SourceId, Timestamp, WatchlistId};

/// What to list, newest first. A family ignores what it does not have: runs have no watchlist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter<Id> {
    /// At or after this instant.
    pub since: Option<Timestamp>,
    /// Of this source.
    pub source: Option<SourceId>,
    /// Of this watchlist.
    pub watchlist: Option<WatchlistId>,
    /// In this state (a sighting: of this reason; an observation: disguised; a listing: removed), as the closed set's `as_str` writes it.
    pub state: Option<&'static str>,
    /// Rows at most.
    pub limit: u32,
    /// The last row of the page before: the list goes on after it.
    pub after: Option<Id>,
}

impl<Id> Default for Filter<Id> {
    fn default() -> Self {
        Self {
            since: None,
            source: None,
            watchlist: None,
            state: None,
            limit: 1_000,
            after: None,
        }
    }
}
