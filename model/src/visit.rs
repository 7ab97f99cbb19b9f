//! Visits: URLs due to be fetched, leased and never lost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{CaptureId, ListingId, Outcome, RunId, SourceId, Timestamp, VisitId, selector::words};

/// What a visit hopes to find.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// A page of listings: a start page, or one reached by pagination.
    List,
    /// The page of one listing.
    Detail,
    /// An image of a listing.
    Image,
}

words!(VisitKind, "kind of visit", List => "list", Detail => "detail", Image => "image");

/// Where a visit stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// Waits for its instant and its host's turn.
    Due,
    /// A worker has it, until the lease expires.
    Leased,
    /// Over, with an outcome.
    Done,
}

words!(VisitState, "state of a visit", Due => "due", Leased => "leased", Done => "done");

/// One URL due to be fetched in one run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Visit {
    /// Its identifier.
    pub id: VisitId,
    /// The run that it belongs to; a URL is visited at most once in a run.
    pub run: RunId,
    /// The source.
    pub source: SourceId,
    /// What it hopes to find.
    pub kind: VisitKind,
    /// The canonical URL.
    pub url: Url,
    /// The host and port whose budget it spends: `ads.example:443`.
    pub host: String,
    /// Links from the start page: 0 for a start page.
    pub depth: u32,
    /// Times it has been tried, the present one included.
    pub attempts: u32,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// Where it stands.
    pub state: VisitState,
    /// How it ended, or why the last try did not end it.
    pub outcome: Option<Outcome>,
    /// The outcome in words, with the particulars.
    pub detail: Option<String>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// What was kept of it.
    pub capture: Option<CaptureId>,
    /// The listing whose image it is; of its own page, where the page is asked because no list leads to it any more.
    pub listing: Option<ListingId>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A URL that a run is to visit, not yet stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewVisit {
    /// The run.
    pub run: RunId,
    /// The source.
    pub source: SourceId,
    /// What it hopes to find.
    pub kind: VisitKind,
    /// The canonical URL.
    pub url: Url,
    /// Links from the start page.
    pub depth: u32,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// The listing whose image it is; of its own page, where the page is asked because no list leads to it any more.
    pub listing: Option<ListingId>,
}

impl NewVisit {
    /// The host and port whose budget it spends.
    pub fn host(&self) -> String {
        host_of(&self.url)
    }
}

/// The host and port of a URL, as politeness counts them: `ads.example:443`. IPv6 addresses keep their brackets.
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
