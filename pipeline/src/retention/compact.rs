//! Compaction: WARC files written anew without the records that are gone.
//!
//! For each file: the rewriting is noted; the new file is written and synced; in one transaction the captures name it, each at
//! its new place, and the tombstones say that their records are out; then the old file goes. One process does so at a time in
//! a folder, and none while the folder is copied. A commit that still names the old file is made again (see `commit`).
//!
//! Records that no capture names are left out as well: they are of visits that were not committed, and are made again.

use std::{collections::BTreeSet, panic::resume_unwind, sync::Arc};

use sightline_crawler::archive::{Archive, ArchiveError, FolderLock};
use sightline_model::CaptureId;
use sightline_store::rewritings::{self, Rewriting};
use tokio::task::spawn_blocking;

use super::Keeping;
use crate::PipelineError;

/// A place between two steps, at which whoever is stopped leaves things as they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The rewriting is noted.
    Noted,
    /// The new file is on the disk.
    Written,
    /// The captures name the new file.
    Moved,
    /// The old file is gone.
    Removed,
}

impl Step {
    /// Every one, in order.
    pub const ALL: [Self; 4] = [Self::Noted, Self::Written, Self::Moved, Self::Removed];
}

/// What came of a compaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compacted {
    /// Files that were written anew or taken out.
    pub files: usize,
    /// Records that are out of the archive.
    pub records: usize,
    /// Bytes that are free again.
    pub freed: u64,
    /// Files that still hold something that is gone, and why.
    pub waiting: Vec<(String, Why)>,
}

/// Why a file still holds what is gone.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Why {
    /// Another process writes to it, or it lies on another machine.
    #[error(
        "another process writes to it, or it lies on another machine: whoever has it takes it out, `serve` within a minute"
    )]
    NotHere,
    /// Somebody copies the folder, exports from it, or rewrites it.
    #[error(
        "the archive is being copied, exported from or compacted; `serve` tries again within a minute, and so does `sightline retention run`"
    )]
    Locked,
    /// A capture was added to it meanwhile.
    #[error("something was added to it meanwhile; it is tried again")]
    Moving,
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// Takes what is gone out of the archive's files.
///
/// # Errors
/// If the store or the folder fails; the next compaction goes on.
pub async fn compact(keeping: &Keeping) -> Result<Compacted, PipelineError> {
    compact_until(keeping, &|_| true).await
}

/// As [`compact`], for as long as `goes_on` says so of the step that was just made: what a kill there would leave.
///
/// # Errors
/// As [`compact`].
pub async fn compact_until(
    keeping: &Keeping,
    goes_on: &(dyn Fn(Step) -> bool + Sync),
) -> Result<Compacted, PipelineError> {
    let mut done = Compacted::default();
    let mut tx = keeping.store.read(keeping.organisation).await?;
    let (pending, unfinished) = (
        rewritings::pending(&mut tx).await?,
        rewritings::unfinished(&mut tx).await?,
    );
    drop(tx);
    if pending.is_empty() && unfinished.is_empty() {
        return Ok(done);
    }
    let locking = blocking(&keeping.archive, Archive::try_to_rewrite).await?;
    let Some(_alone) = locking else {
        done.waiting = pending
            .into_iter()
            .map(|file| (file, Why::Locked))
            .collect();
        return Ok(done);
    };
    let _lock: &FolderLock = &_alone;
    for rewriting in unfinished {
        settle(keeping, &rewriting).await?;
    }
    for file in pending {
        match rewrite(keeping, &file, &mut done, goes_on).await? {
            After::Next => {}
            After::Waits(why) => done.waiting.push((file, why)),
            After::Stop => return Ok(done),
        }
    }
    Ok(done)
}

/// Undoes or finishes what was left half-way.
async fn settle(keeping: &Keeping, rewriting: &Rewriting) -> Result<(), PipelineError> {
    let now = keeping.clock.now();
    let Rewriting { old, new, is_moved } = rewriting.clone();
    let there = blocking(&keeping.archive, {
        let (old, new) = (old.clone(), new.clone());
        move |archive| Ok((archive.has(&old), archive.has(&new)))
    })
    .await?;
    match (is_moved, there) {
        // Neither is here: another machine's.
        (_, (false, false)) if !new.is_empty() => return Ok(()),
        (false, _) => {
            blocking(&keeping.archive, move |archive| match new.as_str() {
                "" => Ok(()),
                new => archive.remove(new),
            })
            .await?;
            let mut tx = keeping.store.write(keeping.organisation).await?;
            rewritings::undo(&mut tx, &old).await?;
            tx.commit().await?;
        }
        (true, _) => {
            let gone = old.clone();
            blocking(&keeping.archive, move |archive| archive.remove(&gone)).await?;
            let mut tx = keeping.store.write(keeping.organisation).await?;
            rewritings::finish(&mut tx, &old, now).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

enum After {
    Next,
    Waits(Why),
    Stop,
}

async fn rewrite(
    keeping: &Keeping,
    file: &str,
    done: &mut Compacted,
    goes_on: &(dyn Fn(Step) -> bool + Sync),
) -> Result<After, PipelineError> {
    let now = keeping.clock.now();
    let here = blocking(&keeping.archive, {
        let file = file.to_owned();
        move |archive| {
            archive.close_file(&file)?;
            Ok(archive.has(&file))
        }
    })
    .await?;
    if !here {
        return Ok(After::Waits(Why::NotHere));
    }
    let mut tx = keeping.store.read(keeping.organisation).await?;
    let captures = rewritings::captures_in(&mut tx, file).await?;
    drop(tx);
    let new = match captures.is_empty() {
        true => String::new(),
        false => keeping.archive.another_name(file, now),
    };
    let mut tx = keeping.store.write(keeping.organisation).await?;
    rewritings::begin(&mut tx, file, &new, now).await?;
    tx.commit().await?;
    if !goes_on(Step::Noted) {
        return Ok(After::Stop);
    }
    let stay: BTreeSet<i64> = captures.iter().map(|(_, offset)| *offset).collect();
    let written = blocking(&keeping.archive, {
        let (file, new) = (file.to_owned(), new.clone());
        move |archive| archive.rewrite(&file, (!new.is_empty()).then_some(new.as_str()), &stay)
    })
    .await;
    let written = match written {
        Ok(written) => written,
        Err(PipelineError::Archive(error @ ArchiveError::Damaged { .. })) => {
            let mut tx = keeping.store.write(keeping.organisation).await?;
            rewritings::undo(&mut tx, file).await?;
            tx.commit().await?;
            return Ok(After::Waits(Why::Damaged(error.to_string())));
        }
        Err(error) => return Err(error),
    };
    if !goes_on(Step::Written) {
        return Ok(After::Stop);
    }
    let moved: Vec<(CaptureId, i64)> = captures
        .iter()
        .filter_map(|(id, from)| {
            let moved = written.moved.binary_search_by_key(from, |moved| moved.from);
            moved.ok().map(|at| (*id, written.moved[at].to))
        })
        .collect();
    let left: Vec<rewritings::Left<'_>> = written
        .gone
        .iter()
        .map(|gone| (gone.record.as_str(), gone.digest.0.as_str()))
        .collect();
    let mut tx = keeping.store.write(keeping.organisation).await?;
    let is_moved = rewritings::move_to(&mut tx, (file, &new), &moved, &left, now).await?;
    if !is_moved {
        tx.rollback().await?;
        let rewriting = Rewriting {
            old: file.to_owned(),
            new,
            is_moved: false,
        };
        settle(keeping, &rewriting).await?;
        return Ok(After::Waits(Why::Moving));
    }
    tx.commit().await?;
    done.files += 1;
    done.records += written.gone.len();
    done.freed += written.bytes.0 - written.bytes.1;
    if !goes_on(Step::Moved) {
        return Ok(After::Stop);
    }
    let old = file.to_owned();
    blocking(&keeping.archive, move |archive| archive.remove(&old)).await?;
    if !goes_on(Step::Removed) {
        return Ok(After::Stop);
    }
    let mut tx = keeping.store.write(keeping.organisation).await?;
    rewritings::finish(&mut tx, file, now).await?;
    tx.commit().await?;
    Ok(After::Next)
}

/// Does what waits for the disk where waiting is allowed.
async fn blocking<T: Send + 'static>(
    archive: &Arc<Archive>,
    work: impl FnOnce(&Archive) -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, PipelineError> {
    let archive = Arc::clone(archive);
    match spawn_blocking(move || work(&archive)).await {
        Ok(done) => Ok(done?),
        Err(died) => resume_unwind(died.into_panic()),
    }
}
