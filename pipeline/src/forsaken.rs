//! Runs of sources that this process does not crawl: their files were added since it started, another machine has them, or
//! they were taken away. Whoever has a source goes on with its runs; those of a source that nobody has end at last.

use std::{collections::BTreeSet, sync::PoisonError, time::Duration};

use sightline_model::{Run, RunCounts, SourceId};
use sightline_store::{Tx, runs, sources, visits};

use crate::{PipelineError, instance::Instance};

/// How a visit ends whose source nobody has.
pub(crate) const GONE: &str =
    "the source is no longer configured; put its file back, or let its runs end";

/// A run of a source that is not crawled here ends so long after any of its visits last was made or became due. Nobody says
/// which sources another process has, but whoever has one goes on with its run: at once where it serves, and on its next day
/// where cron crawls it once a week.
pub const FORSAKEN: Duration = Duration::from_secs(14 * 86_400);

/// Says once of each source that is not crawled here that runs of it are under way, and ends what is left of those that nobody
/// has gone on with for a fortnight.
///
/// # Errors
/// If the store can't be read or written; the next look does the rest.
pub async fn look(instance: &Instance) -> Result<(), PipelineError> {
    let mut tx = instance.read().await?;
    let unfinished = runs::unfinished(&mut tx, None).await?;
    let theirs: Vec<Run> = unfinished
        .into_iter()
        .filter(|run| !instance.crawls(run.source))
        .collect();
    let fresh = not_told_of(instance, theirs.iter().map(|run| run.source).collect());
    tell(instance, &mut tx, &fresh).await?;
    drop(tx);
    // Whoever has not looked at all files, or found one that is wrong, can't tell that a source has none.
    if instance.looked_at().is_none_or(|broken| !broken.is_empty()) {
        return Ok(());
    }
    let unready = instance.unready();
    for run in theirs {
        if !unready.contains_key(&run.source) {
            end_if_forsaken(instance, &run).await?;
        }
    }
    Ok(())
}

/// Those of `sources` that were not told of since their runs began.
fn not_told_of(instance: &Instance, sources: BTreeSet<SourceId>) -> Vec<SourceId> {
    let mut told = instance
        .told_of
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let fresh = sources.difference(&told).copied().collect();
    *told = sources;
    fresh
}

async fn tell(instance: &Instance, tx: &mut Tx, fresh: &[SourceId]) -> Result<(), PipelineError> {
    for &id in fresh {
        let Some(row) = sources::get(tx, id).await? else {
            continue;
        };
        // One that is broken is told of as such.
        if instance.hindrance(&row).is_none() {
            tracing::warn!(
                source = row.definition.name,
                "a run of a source that this process does not have is under way, and is left to whoever has its file. \
                 If the file was added since this process started, start it anew; if it was taken away, put its file \
                 back, or let the run end, a fortnight after anybody last went on with it"
            );
        }
    }
    Ok(())
}

async fn end_if_forsaken(instance: &Instance, run: &Run) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    let before = now - FORSAKEN;
    if run.planned_at > before {
        return Ok(());
    }
    let mut tx = instance.write().await?;
    let last = visits::last_moved(&mut tx, run.id).await?;
    if last.is_none_or(|last| last > before) {
        return Ok(tx.rollback().await?);
    }
    let failed = visits::forsake(&mut tx, run.id, GONE, now).await?;
    let counts = RunCounts {
        failed,
        ..RunCounts::default()
    };
    runs::add_counts(&mut tx, &[(run.id, counts)]).await?;
    tx.commit().await?;
    tracing::warn!(run = %run.id, pages = failed, "nobody has gone on with this run for a fortnight: {GONE}");
    Ok(())
}
