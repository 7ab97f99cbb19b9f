//! WARC files that are written anew without what is gone, and where the records of captures have moved to.
//!
//! Each step is a transaction, so that whoever is stopped between two of them is understood by the next: a rewriting that was
//! begun is undone, one whose captures were moved is finished. All that moves or removes captures goes through the
//! generation's gate, as commits do: so no commit names a file that is rewritten meanwhile without being told.

use serde::Serialize;
use sightline_model::{CaptureId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    generation,
};

/// A rewriting that was begun and is not finished.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewriting {
    /// The file that is to go.
    pub old: String,
    /// The file that takes its place; empty where nothing of it stays.
    pub new: String,
    /// True once the captures name the new file.
    pub is_moved: bool,
}

impl Record for Rewriting {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            old: cells.next()?,
            new: cells.next()?,
            is_moved: cells.next::<Option<Timestamp>>()?.is_some(),
        })
    }
}

/// That what stayed of a file was copied into another, which took its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Move {
    /// The file that went.
    pub from: String,
    /// The file that took its place.
    pub to: String,
    /// When.
    pub at: Timestamp,
}

impl Record for Move {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            from: cells.next()?,
            to: cells.next()?,
            at: cells.next()?,
        })
    }
}

/// By which moves what stands in these files came there, the first first.
pub async fn moves(tx: &mut Tx, files: &[&str]) -> Result<Vec<Move>> {
    let mut moves: Vec<Move> = Vec::new();
    let mut behind: Vec<String> = files.iter().map(|&file| file.to_owned()).collect();
    while !behind.is_empty() {
        let mut found: Vec<Move> = Vec::new();
        for files in tx.chunks(&behind) {
            let sql = tx.sql(
                "SELECT old, new, moved_at FROM rewriting WHERE organisation = ? AND moved_at IS NOT NULL AND new IN ",
            );
            let sql = sql.bind(tx.org).list(files.iter());
            found.extend(sql.all::<Move>(tx).await?);
        }
        // A file gets its name once, so this ends; a store that was meddled with must not keep it from ending.
        found.retain(|one| !moves.contains(one));
        behind = found.iter().map(|one| one.from.clone()).collect();
        moves.extend(found);
    }
    moves.sort_by_key(|one| one.at);
    Ok(moves)
}

/// Those that are not finished, in order.
pub async fn unfinished(tx: &mut Tx) -> Result<Vec<Rewriting>> {
    tx.sql(
        "SELECT old, new, moved_at FROM rewriting WHERE organisation = ? AND done_at IS NULL ORDER BY old",
    )
    .bind(tx.org)
    .all(tx)
    .await
}

/// Those of these files that were rewritten, so that nothing may name them any more.
pub async fn gone(tx: &mut Tx, files: &[&str]) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    for files in tx.chunks(files) {
        let found: Vec<(String,)> = tx
            .sql("SELECT old FROM rewriting WHERE organisation = ? AND moved_at IS NOT NULL AND old IN ")
            .bind(tx.org)
            .list(files.iter().copied())
            .all(tx)
            .await?;
        gone.extend(found.into_iter().map(|(old,)| old));
    }
    Ok(gone)
}

/// The files in which records stand that are gone, in order.
pub async fn pending(tx: &mut Tx) -> Result<Vec<String>> {
    let files: Vec<(String,)> = tx
        .sql(
            "SELECT DISTINCT file FROM tombstone WHERE organisation = ? AND removed_at IS NULL ORDER BY file",
        )
        .bind(tx.org)
        .all(tx)
        .await?;
    Ok(files.into_iter().map(|(file,)| file).collect())
}

/// The captures whose records stand in a file, and where.
pub async fn captures_in(tx: &mut Tx, file: &str) -> Result<Vec<(CaptureId, i64)>> {
    tx.sql(
        "SELECT id, file_offset FROM capture WHERE organisation = ? AND file = ? ORDER BY file_offset",
    )
    .bind(tx.org)
    .bind(file)
    .all(tx)
    .await
}

/// Notes that a file is being rewritten as another.
pub async fn begin(tx: &mut Tx, old: &str, new: &str, now: Timestamp) -> Result<()> {
    tx.sql("INSERT INTO rewriting (organisation, old, new, begun_at) VALUES (?, ?, ?, ?)")
        .bind(tx.org)
        .bind(old)
        .bind(new)
        .bind(now)
        .run(tx)
        .await?;
    Ok(())
}

/// Forgets a rewriting that was not carried out.
pub async fn undo(tx: &mut Tx, old: &str) -> Result<()> {
    tx.sql("DELETE FROM rewriting WHERE organisation = ? AND old = ? AND moved_at IS NULL")
        .bind(tx.org)
        .bind(old)
        .run(tx)
        .await?;
    Ok(())
}

/// A record that was left out: its identifier, and the digest of the whole of it.
pub type Left<'r> = (&'r str, &'r str);

/// Has the captures of `old` name `new`, each at its new place, and notes which records are out of the archive. False, and
/// nothing of it, where a capture was added to `old` meanwhile: the file is to be rewritten once more.
pub async fn move_to(
    tx: &mut Tx,
    (old, new): (&str, &str),
    moved: &[(CaptureId, i64)],
    left: &[Left<'_>],
    now: Timestamp,
) -> Result<bool> {
    generation::next(tx).await?;
    let there = captures_in(tx, old).await?.len();
    if there != moved.len() {
        return Ok(false);
    }
    for moved in tx.chunks(moved) {
        tx.sql("WITH now (id, file_offset) AS (VALUES ")
            .rows(moved, |(id, offset), row| {
                row.put(*id).put(*offset);
            })
            .push(
                ") UPDATE capture SET file = ?, file_offset = now.file_offset
                   FROM now WHERE +capture.organisation = ? AND capture.id = now.id",
            )
            .bind(new)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    for left in tx.chunks(left) {
        tx.sql("WITH out_of (record, digest) AS (VALUES ")
            .rows(left, |(record, digest), row| {
                row.put(*record).put(*digest);
            })
            .push(
                ") UPDATE tombstone SET record_digest = out_of.digest
                   FROM out_of WHERE tombstone.organisation = ? AND tombstone.record = out_of.record",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    tx.sql("UPDATE tombstone SET removed_at = ? WHERE organisation = ? AND file = ? AND removed_at IS NULL")
        .bind(now)
        .bind(tx.org)
        .bind(old)
        .run(tx)
        .await?;
    tx.sql("UPDATE rewriting SET moved_at = ? WHERE organisation = ? AND old = ?")
        .bind(now)
        .bind(tx.org)
        .bind(old)
        .changes(tx)
        .await
}

/// Notes that the old file is out of the archive.
pub async fn finish(tx: &mut Tx, old: &str, now: Timestamp) -> Result<()> {
    tx.sql("UPDATE rewriting SET done_at = ? WHERE organisation = ? AND old = ?")
        .bind(now)
        .bind(tx.org)
        .bind(old)
        .run(tx)
        .await?;
    Ok(())
}

/// Those of these files that a capture names.
pub async fn named(tx: &mut Tx, files: &[&str]) -> Result<Vec<String>> {
    let mut named = Vec::new();
    for files in tx.chunks(files) {
        let found: Vec<(String,)> = tx
            .sql("SELECT DISTINCT file FROM capture WHERE organisation = ? AND file IN ")
            .bind(tx.org)
            .list(files.iter().copied())
            .all(tx)
            .await?;
        named.extend(found.into_iter().map(|(file,)| file));
    }
    Ok(named)
}
