//! Whether the store's disk is full, as this process last found it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{Result, StoreError};

/// Clones share what is known.
#[derive(Clone, Default)]
pub(crate) struct Fullness(Arc<AtomicBool>);

impl Fullness {
    /// True since a write failed for want of space, until one succeeds.
    pub(crate) fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What came of a statement or of a transaction's end.
    pub(crate) fn note<T>(&self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        outcome.map_err(|error| {
            let error = StoreError::from(error);
            if matches!(error, StoreError::Full(_)) && !self.0.swap(true, Ordering::Relaxed) {
                // Once for each time, however many parts run into it.
                tracing::error!(%error, "the disk is full");
            }
            error
        })
    }

    /// Something was stored.
    pub(crate) fn stored(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("there is space on the store's disk again; the work goes on");
        }
    }
}
