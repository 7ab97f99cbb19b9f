//! Retention: what has been kept for long enough is taken out, rows first, and then the records of the archive.
//!
//! Whoever is stopped anywhere goes on next time: each step is one transaction, or leaves a file too many at worst.

mod compact;
mod finish;
mod lists;
mod purge;
mod settings;

use std::sync::Arc;

use sightline_crawler::archive::Archive;
use sightline_model::{Clock, Mint, OrganisationId};
use sightline_store::Store;

pub use compact::{Compacted, Step, Why, compact, compact_until};
pub use finish::{Finished, finish, finish_when_due};
pub use lists::{Lists, lists_showing};
pub use purge::{Looked, Purge, Purged, purge, purge_if_due};
pub use settings::RetentionSettings;

use crate::instance::Instance;

/// What retention works on.
#[derive(Clone)]
pub struct Keeping {
    /// Where the rows are.
    pub store: Store,
    /// Whose.
    pub organisation: OrganisationId,
    /// Where the records are.
    pub archive: Arc<Archive>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub mint: Arc<Mint>,
    /// For how long.
    pub settings: RetentionSettings,
}

impl Instance {
    /// What retention works on.
    pub fn keeping(&self) -> Keeping {
        Keeping {
            store: self.store.clone(),
            organisation: self.organisation,
            archive: Arc::clone(&self.archive),
            clock: Arc::clone(&self.clock),
            mint: Arc::clone(&self.mint),
            settings: self.retention.clone(),
        }
    }
}
