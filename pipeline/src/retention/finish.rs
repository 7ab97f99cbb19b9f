//! What an erasure leaves to be done once its rows are gone: its records out of the archive, its words out of the database's
//! own files. Either can be kept from it for a while, and whoever finds it undone finishes it.

use std::time::Duration;

use sightline_model::ErasureId;
use sightline_store::{Engine, erasures};
use tokio::time::{Instant, sleep};

use super::{Compacted, Keeping, compact};
use crate::PipelineError;

/// How often it is tried to empty the database's log while a reader keeps it.
const EVERY: Duration = Duration::from_millis(250);

/// What came of finishing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Finished {
    /// Of the archive.
    pub compacted: Compacted,
    /// False where somebody still sees the store as it was, or uses it: until that ends, the words stand in the database's files.
    pub is_wiped: bool,
}

/// Takes out what erasures left, and waits no longer than `patience` for readers.
///
/// # Errors
/// If the store or the archive fails. What is erased is erased; this may be called again.
pub async fn finish(keeping: &Keeping, patience: Duration) -> Result<Finished, PipelineError> {
    // The database first: it needs no room on a disk that may be full. What goes wrong there keeps no evidence in the archive.
    let wiped = wipe(keeping, patience).await;
    let compacted = compact(keeping).await?;
    Ok(Finished {
        compacted,
        is_wiped: wiped?,
    })
}

async fn wipe(keeping: &Keeping, patience: Duration) -> Result<bool, PipelineError> {
    let until = Instant::now() + patience;
    let mut is_wiped = erasures::wipe(&keeping.store).await?;
    while !is_wiped && Instant::now() < until {
        sleep(EVERY).await;
        is_wiped = erasures::wipe(&keeping.store).await?;
    }
    Ok(is_wiped)
}

/// Wipes where something was erased since the last time that it could be done; `done` remembers it. The archive is compacted
/// with every purge. On PostgreSQL it is left to people (`erase finish`), for nobody uses a table while it is written anew.
///
/// # Errors
/// If the store fails.
pub async fn finish_when_due(
    keeping: &Keeping,
    done: &mut Option<ErasureId>,
) -> Result<(), PipelineError> {
    if keeping.store.engine() == Engine::Postgres {
        return Ok(());
    }
    let mut tx = keeping.store.read(keeping.organisation).await?;
    let last = erasures::list(&mut tx, None, 1)
        .await?
        .pop()
        .map(|one| one.id);
    drop(tx);
    if last != *done && erasures::wipe(&keeping.store).await? {
        *done = last;
    }
    Ok(())
}
