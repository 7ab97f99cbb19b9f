//! What can go wrong in the story as a whole.

use sightline_crawler::archive::ArchiveError;
use sightline_store::StoreError;
use sightline_watchlists::matcher::TooLarge;

/// What can go wrong in the story as a whole. What goes wrong with one page is that visit's outcome instead.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The store can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Captures can't be kept.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The entries are too many to look for.
    #[error(transparent)]
    Matcher(#[from] TooLarge),
    /// What a watchlist says of its alerts can't be read.
    #[error("the rules of '{watchlist}': {cause}")]
    Rules {
        /// The list's name.
        watchlist: String,
        /// Why not.
        cause: String,
    },
    /// The worker can't give a sign of life.
    #[error(transparent)]
    Worker(#[from] crate::worker::WorkerError),
    /// A disk has less room than is to be left.
    #[error(transparent)]
    Room(#[from] crate::room::BelowFloor),
    /// The task that commits has died.
    #[error(
        "a defect in Sightline ended the task that commits; please report it; what was not committed is fetched again"
    )]
    WriterGone,
    /// The ticks can't be set up.
    #[error("the scheduler can't be started: {0}")]
    Scheduler(#[from] tokio_cron_scheduler::JobSchedulerError),
}
