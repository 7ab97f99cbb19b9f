//! What was put into the outbox while the clock was ahead: it would wait until the clock is there again.

use std::time::Duration;

use sightline_model::Timestamp;

use crate::{Result, Tx};

/// How many messages wait that were put into the outbox more than `at_most` after `now`: only a clock that was set back leaves
/// them there.
pub async fn waiting(tx: &mut Tx, at_most: Duration, now: Timestamp) -> Result<i64> {
    let (count,) = tx
        .sql("SELECT count(*) FROM delivery WHERE organisation = ? AND state = 'pending' AND created_at > ?")
        .bind(tx.org)
        .bind(now + at_most)
        .one(tx)
        .await?;
    Ok(count)
}

/// Has such messages wait as long from now on as they were to wait when they were put there; how many. What reminders and
/// escalations of their alerts count from is no later than now, and what an entry began at such an instant counts no more
/// against its ceiling.
pub async fn bring_back(tx: &mut Tx, at_most: Duration, now: Timestamp) -> Result<u64> {
    tx.sql("DELETE FROM entry_begun WHERE organisation = ? AND at > ?")
        .bind(tx.org)
        .bind(now + at_most)
        .run(tx)
        .await?;
    tx.sql(
        "UPDATE alert SET updated_at = ?,
           opened_at = CASE WHEN opened_at > ? THEN ? ELSE opened_at END,
           notify_at = CASE WHEN notify_at > ? THEN ? ELSE notify_at END,
           told_at = CASE WHEN told_at > ? THEN ? ELSE told_at END,
           escalated_at = CASE WHEN escalated_at > ? THEN ? ELSE escalated_at END
         WHERE organisation = ? AND state <> 'closed' AND updated_at > ?",
    )
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(now)
    .bind(tx.org)
    .bind(now + at_most)
    .run(tx)
    .await?;
    let brought = tx
        .sql(
            "UPDATE delivery SET created_at = ?,
               next_at = CASE WHEN next_at > created_at THEN next_at - created_at + ? ELSE ? END
             WHERE organisation = ? AND state = 'pending' AND created_at > ?",
        )
        .bind(now)
        .bind(now)
        .bind(now)
        .bind(tx.org)
        .bind(now + at_most)
        .run(tx)
        .await?;
    Ok(brought)
}
