//! Attempts to sign in that failed, by account and by address, so that a restart forgets none.

use sightline_model::Timestamp;

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// How often signing in failed of late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Failures {
    /// How often.
    pub count: u32,
    /// The last time.
    pub last_at: Timestamp,
}

impl Record for Failures {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            count: cells.next()?,
            last_at: cells.next()?,
        })
    }
}

/// How often signing in failed for this subject since `since`.
pub async fn failures(tx: &mut Tx, subject: &str, since: Timestamp) -> Result<Failures> {
    let found = tx
        .sql(
            "SELECT failures, last_at FROM sign_in_attempt
             WHERE organisation = ? AND subject = ? AND last_at >= ?",
        )
        .bind(tx.org)
        .bind(subject)
        .bind(since)
        .optional(tx)
        .await?;
    Ok(found.unwrap_or_default())
}

/// Keeps others from counting for these subjects until the transaction ends.
pub async fn hold(tx: &mut Tx, subjects: &[String], now: Timestamp) -> Result<()> {
    write(tx, subjects, 0, now, "failures = sign_in_attempt.failures").await
}

/// Counts one more; what failed before `since` is forgotten, of whatever subject.
pub async fn count(
    tx: &mut Tx,
    subjects: &[String],
    since: Timestamp,
    now: Timestamp,
) -> Result<()> {
    tx.sql("DELETE FROM sign_in_attempt WHERE organisation = ? AND last_at < ?")
        .bind(tx.org)
        .bind(since)
        .run(tx)
        .await?;
    let one_more = "failures = sign_in_attempt.failures + 1, last_at = excluded.last_at";
    write(tx, subjects, 1, now, one_more).await
}

/// Writes a row for each subject, always in the same order, so that two who write the same ones never wait for each other;
/// `otherwise` is what becomes of one that is there.
async fn write(
    tx: &mut Tx,
    subjects: &[String],
    failures: i64,
    now: Timestamp,
    otherwise: &str,
) -> Result<()> {
    let mut sorted: Vec<&String> = subjects.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    for subjects in tx.chunks(&sorted) {
        tx.sql("INSERT INTO sign_in_attempt (organisation, subject, failures, last_at) VALUES ")
            .rows(subjects, |subject, row| {
                row.put(tx.org).put(*subject).put(failures).put(now);
            })
            .push(" ON CONFLICT (organisation, subject) DO UPDATE SET ")
            .push(otherwise)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Takes back one that was counted for this subject and did not fail.
pub async fn take_back(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.sql("UPDATE sign_in_attempt SET failures = failures - 1 WHERE organisation = ? AND subject = ? AND failures > 0")
        .bind(tx.org)
        .bind(subject)
        .run(tx)
        .await?;
    Ok(())
}

/// Forgets that signing in failed for this subject.
pub async fn clear(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.sql("DELETE FROM sign_in_attempt WHERE organisation = ? AND subject = ?")
        .bind(tx.org)
        .bind(subject)
        .run(tx)
        .await?;
    Ok(())
}
