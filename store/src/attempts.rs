//! Attempts to sign in that failed, by account and by address, so that a restart forgets none; and from where people have
//! signed in before, so that whoever guesses elsewhere does not keep them out.

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

/// How often signing in failed of late for each of these subjects for which it did.
pub async fn of_subjects(
    tx: &mut Tx,
    subjects: &[String],
    since: Timestamp,
) -> Result<Vec<(String, Failures)>> {
    let mut found = Vec::new();
    for subjects in tx.chunks(subjects) {
        let rows: Vec<(String, i64, Timestamp)> = tx
            .sql("SELECT subject, failures, last_at FROM sign_in_attempt WHERE organisation = ? AND last_at >= ? AND subject IN ")
            .bind(tx.org)
            .bind(since)
            .list(subjects.iter())
            .all(tx)
            .await?;
        found.extend(rows.into_iter().map(|(subject, count, last_at)| {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            (subject, Failures { count, last_at })
        }));
    }
    Ok(found)
}

/// Notes that somebody has signed in at this place; those where nobody has since `since` are forgotten.
pub async fn was_at(tx: &mut Tx, subject: &str, since: Timestamp, now: Timestamp) -> Result<()> {
    tx.sql("DELETE FROM sign_in_place WHERE organisation = ? AND last_at < ?")
        .bind(tx.org)
        .bind(since)
        .run(tx)
        .await?;
    tx.sql(
        "INSERT INTO sign_in_place (organisation, subject, last_at) VALUES (?, ?, ?)
         ON CONFLICT (organisation, subject) DO UPDATE SET last_at = excluded.last_at",
    )
    .bind(tx.org)
    .bind(subject)
    .bind(now)
    .run(tx)
    .await?;
    Ok(())
}

/// True where somebody has signed in at this place since `since`.
pub async fn is_known(tx: &mut Tx, subject: &str, since: Timestamp) -> Result<bool> {
    let found: Option<(String,)> = tx
        .sql("SELECT subject FROM sign_in_place WHERE organisation = ? AND subject = ? AND last_at >= ?")
        .bind(tx.org)
        .bind(subject)
        .bind(since)
        .optional(tx)
        .await?;
    Ok(found.is_some())
}
