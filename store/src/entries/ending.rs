//! Entries whose time ends: before it does, and once it has, for those who answer for them.

use sightline_model::{Entry, EntryId, Timestamp, WatchlistId};

use super::COLUMNS;
use crate::{Result, Tx};

/// Active entries that end after `since` and by `until`, whether that is past or to come, those that end first.
pub async fn between(
    tx: &mut Tx,
    since: Timestamp,
    until: Timestamp,
    at_most: u32,
) -> Result<Vec<Entry>> {
    page(tx, (since, until), None, at_most).await
}

/// As [`between`], a page of them: `after` is when the last one of the page before ends, and which it is.
pub async fn page(
    tx: &mut Tx,
    (since, until): (Timestamp, Timestamp),
    after: Option<(Timestamp, EntryId)>,
    at_most: u32,
) -> Result<Vec<Entry>> {
    let text = format!(
        "SELECT {COLUMNS} FROM entry WHERE organisation = ? AND state = 'active' AND expires_at > ? AND expires_at <= ?"
    );
    let sql = tx.sql(&text).bind(tx.org).bind(since).bind(until);
    let sql = match after {
        Some((at, id)) => sql.push(" AND (expires_at, id) > (?, ?)").bind(at).bind(id),
        None => sql,
    };
    sql.push(" ORDER BY expires_at, id LIMIT ?")
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// The watchlists of which nothing is looked for at `now` since all that was has expired, with how many entries that are.
pub async fn run_out(tx: &mut Tx, now: Timestamp) -> Result<Vec<(WatchlistId, i64)>> {
    let sql = tx.sql(
        "SELECT watchlist, count(*) FROM entry WHERE organisation = ? AND state = 'active'
         GROUP BY watchlist HAVING sum(CASE WHEN expires_at <= ? THEN 0 ELSE 1 END) = 0 ORDER BY watchlist",
    );
    sql.bind(tx.org).bind(now).all(tx).await
}
