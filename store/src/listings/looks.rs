//! When listings were looked at: whether one was away, or nobody saw whether it stood there.

use sightline_model::{ListingId, SourceId, Timestamp};

use crate::{Result, Tx};

/// When a listing of a source was looked at after an instant: the beginnings, in order, of runs that are over and would have seen
/// it. Those are the complete ones; of those that missed something, the ones that had an answer of a page that it stands on, or
/// found it to be gone.
pub async fn looks_at(
    tx: &mut Tx,
    source: SourceId,
    listing: ListingId,
    since: Timestamp,
) -> Result<Vec<Timestamp>> {
    // A run may have been planned long before it could begin.
    let rows: Vec<(Timestamp,)> = tx
        .sql(
            "SELECT started_at FROM run WHERE organisation = ? AND source = ? AND started_at > ?
               AND (outcome = 'complete' OR outcome = 'partial' AND (
                 EXISTS (
                   SELECT 1 FROM listing_page
                   JOIN page ON page.id = listing_page.page
                   JOIN visit ON visit.run = run.id AND visit.url = page.url
                   WHERE +listing_page.organisation = ? AND listing_page.listing = ?
                     AND +page.organisation = ? AND +visit.organisation = ?
                     AND visit.outcome IN ('fetched', 'unchanged', 'gone'))
                 OR EXISTS (
                   SELECT 1 FROM listing_away
                   WHERE +listing_away.organisation = ? AND listing_away.listing = ?
                     AND listing_away.gone_at <= run.finished_at AND listing_away.back_at >= run.started_at)))
             ORDER BY started_at",
        )
        .bind(tx.org)
        .bind(source)
        .bind(since)
        .bind(tx.org)
        .bind(listing)
        .bind(tx.org)
        .bind(tx.org)
        .bind(tx.org)
        .bind(listing)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(at,)| at).collect())
}
