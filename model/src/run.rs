//! Runs: scheduled passes over a source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{RunId, SourceId, Timestamp, selector::words};

/// One scheduled pass over a source; unique per (source, planned instant).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Its identifier.
    pub id: RunId,
    /// What it passes over.
    pub source: SourceId,
    /// The instant that the schedule names, or that a person asked for it.
    pub planned_at: Timestamp,
    /// When its first visit was made due.
    pub started_at: Option<Timestamp>,
    /// When its last visit ended.
    pub finished_at: Option<Timestamp>,
    /// Where it stands.
    pub state: RunState,
    /// How it ended.
    pub outcome: Option<RunOutcome>,
    /// What it did so far.
    pub counts: RunCounts,
}

impl Run {
    /// When it began, by which the runs of a source are in order: one that makes up for a time when nothing ran begins long after the
    /// instant that it was planned for. One that has not begun stands where it was planned.
    pub fn begun(&self) -> Timestamp {
        self.started_at.unwrap_or(self.planned_at)
    }
}

/// Where a run stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for an earlier run of its source (overlap policy `queue`).
    Queued,
    /// Has visits due.
    Running,
    /// Has none left.
    Finished,
}

words!(RunState, "state of a run", Queued => "queued", Running => "running", Finished => "finished");

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every page in scope was seen; what is missing is gone.
    Complete,
    /// Some pages failed or a limit was reached; what is missing may still be there.
    Partial,
    /// No page could be read.
    Failed,
    /// The source refused: robots.txt, 401, 403 or 429 on its start pages.
    Blocked,
    /// Pages were read, but no listing was on them, or one and the same in the place of most.
    Empty,
    /// Not begun: an earlier run was under way (overlap policy `skip`) or the instant was missed (misfire policy `skip`).
    Skipped,
}

words!(
    RunOutcome, "outcome of a run",
    Complete => "complete", Partial => "partial", Failed => "failed",
    Blocked => "blocked", Empty => "empty", Skipped => "skipped",
);

/// What a run did so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RunCounts {
    /// Pages known: visits to lists and details. Images are not counted, here and below.
    pub visits: i64,
    /// Pages that came with a body, new or the same.
    pub fetched: i64,
    /// Of those, pages that had not changed (304, or the same digest).
    pub unchanged: i64,
    /// Pages that did not.
    pub failed: i64,
    /// Listings seen for the first time.
    pub listings_new: i64,
    /// Listings with a new version.
    pub listings_changed: i64,
    /// Listings found to be gone.
    pub listings_removed: i64,
    /// Sightings of any reason.
    pub sightings: i64,
    /// Bytes received in bodies, as they came over the wire, those of images included.
    pub bytes: i64,
}

impl std::ops::AddAssign for RunCounts {
    fn add_assign(&mut self, more: Self) {
        self.visits += more.visits;
        self.fetched += more.fetched;
        self.unchanged += more.unchanged;
        self.failed += more.failed;
        self.listings_new += more.listings_new;
        self.listings_changed += more.listings_changed;
        self.listings_removed += more.listings_removed;
        self.sightings += more.sightings;
        self.bytes += more.bytes;
    }
}
