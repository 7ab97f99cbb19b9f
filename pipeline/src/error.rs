//! What can go wrong in the story as a whole.

use sightline_alerts::render::RenderError;
use sightline_crawler::{archive::ArchiveError, visit::OpenError};
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
    /// A source can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The entries are too many to look for.
    #[error(transparent)]
    Matcher(#[from] TooLarge),
    /// A message can't be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A sealed message can't be read back.
    #[error("delivery {delivery} holds a message that can't be read ({source}); replay it to render it anew")]
    Message {
        /// The delivery.
        delivery: sightline_model::DeliveryId,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A delivery's alert, entry or watchlist is not in the store.
    #[error("delivery {delivery} tells of an alert that is not in the store; run `sightline doctor`")]
    Orphan {
        /// The delivery.
        delivery: sightline_model::DeliveryId,
    },
    /// The worker can't give a sign of life.
    #[error(transparent)]
    Worker(#[from] crate::worker::WorkerError),
    /// The ticks can't be set up.
    #[error("the scheduler can't be started: {0}")]
    Scheduler(#[from] tokio_cron_scheduler::JobSchedulerError),
}
