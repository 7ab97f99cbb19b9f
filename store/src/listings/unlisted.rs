//! Listings that no page of listings leads to any more: since when, which pages of their own may still tell of them, and which of
//! them are gone.

use sightline_model::{ListingId, RunId, SourceId, Timestamp};
use url::Url;

use super::sorted;
use crate::{Result, Tx, sql::Sql};

/// That a list led to a page of the listing's own in a run, whatever came of that; what is bound is said by [`led_to`].
const LED_TO: &str = "EXISTS (
    SELECT 1 FROM listing_page JOIN page ON page.id = listing_page.page
    JOIN visit ON visit.run = ? AND visit.url = page.url AND visit.kind = 'detail' AND visit.listing IS NULL
    WHERE +listing_page.organisation = ? AND listing_page.listing = listing.id
      AND +page.organisation = ? AND +visit.organisation = ?)";

/// Forgets of the listings that lists led to in a run, or showed, that none did. Call it before the pages of others are asked:
/// what they answer is no list's word.
pub async fn note_listed(tx: &mut Tx, source: SourceId, run: RunId) -> Result<()> {
    let text = format!(
        "UPDATE listing SET unlisted_since = NULL
         WHERE organisation = ? AND source = ? AND unlisted_since IS NOT NULL AND (seen_run = ? OR {LED_TO})"
    );
    let sql = tx.sql(&text).bind(tx.org).bind(source).bind(run);
    led_to(sql, tx.org, run).run(tx).await?;
    Ok(())
}

/// Notes which listings no list led to in a run that saw all pages of listings of its source, since `now` where that is not noted yet.
pub async fn note_unlisted(
    tx: &mut Tx,
    source: SourceId,
    run: RunId,
    now: Timestamp,
) -> Result<()> {
    let text = format!(
        "UPDATE listing SET unlisted_since = ?
         WHERE organisation = ? AND source = ? AND removed_at IS NULL AND unlisted_since IS NULL
           AND coalesce(seen_run, '') <> ? AND NOT {LED_TO}"
    );
    let sql = tx.sql(&text).bind(now).bind(tx.org).bind(source).bind(run);
    led_to(sql, tx.org, run).run(tx).await?;
    Ok(())
}

fn led_to(sql: Sql, org: i64, run: RunId) -> Sql {
    sql.bind(run).bind(org).bind(org).bind(org)
}

/// The pages of their own, not asked in `run`, of listings that it did not see and no list leads to since some instant after
/// `after`; each with its listing, those that lists let go of last first.
pub async fn own_pages_of_unlisted(
    tx: &mut Tx,
    source: SourceId,
    run: RunId,
    after: Timestamp,
    limit: u32,
) -> Result<Vec<(ListingId, Url)>> {
    tx.sql(
        "SELECT listing.id, page.url FROM listing
         JOIN listing_page ON listing_page.listing = listing.id
         JOIN page ON page.id = listing_page.page
         WHERE listing.organisation = ? AND listing.source = ? AND listing.removed_at IS NULL
           AND listing.unlisted_since > ? AND coalesce(listing.seen_run, '') <> ?
           AND +listing_page.organisation = ? AND +page.organisation = ? AND page.kind = 'detail'
           AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.run = ? AND visit.url = page.url AND +visit.organisation = ?)
         ORDER BY listing.unlisted_since DESC, listing.id, page.url LIMIT ?",
    )
    .bind(tx.org)
    .bind(source)
    .bind(after)
    .bind(run)
    .bind(tx.org)
    .bind(tx.org)
    .bind(run)
    .bind(tx.org)
    .bind(limit)
    .all(tx)
    .await
}

/// Since when, at the latest, no list led to a listing for it to be gone though a page has it that did not say so. One that stands on
/// no page any more is gone at once: each of its pages was read without it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnlistedUntil {
    /// Where that is a page of its own, or may be one.
    pub with_page: Timestamp,
    /// Where it is a page of listings, which the run did not come to.
    pub without: Timestamp,
}

/// Marks as removed what a run that saw all pages of listings of this source did not see, and what was noted as unlisted for long
/// enough. A listing is spared where one of its pages could not be fetched in the run, for it may still stand there. Which were
/// marked, in order.
///
/// Runs are compared, not instants: the clocks of the machines that planned the run and fetched its pages may differ.
pub async fn mark_removed(
    tx: &mut Tx,
    source: SourceId,
    run: RunId,
    until: UnlistedUntil,
    now: Timestamp,
) -> Result<Vec<ListingId>> {
    let marked: Vec<(ListingId,)> = tx
        .sql(
            "UPDATE listing SET removed_at = ?, unlisted_since = NULL
             WHERE organisation = ? AND source = ? AND removed_at IS NULL AND coalesce(seen_run, '') <> ?
               AND unlisted_since <= CASE
                 WHEN EXISTS (
                   SELECT 1 FROM listing_page JOIN page ON page.id = listing_page.page
                   WHERE +listing_page.organisation = ? AND listing_page.listing = listing.id
                     AND +page.organisation = ? AND coalesce(page.kind, 'detail') = 'detail')
                 THEN ?
                 WHEN EXISTS (
                   SELECT 1 FROM listing_page WHERE +listing_page.organisation = ? AND listing_page.listing = listing.id)
                 THEN ?
                 ELSE unlisted_since END
               AND NOT EXISTS (
                 SELECT 1 FROM listing_page
                 JOIN page ON page.id = listing_page.page
                 JOIN visit ON visit.run = ? AND visit.url = page.url
                 WHERE +listing_page.organisation = ? AND listing_page.listing = listing.id
                   AND +page.organisation = ? AND +visit.organisation = ?
                   AND coalesce(visit.outcome, '') NOT IN ('fetched', 'unchanged', 'gone'))
             RETURNING id",
        )
        .bind(now)
        .bind(tx.org)
        .bind(source)
        .bind(run)
        .bind(tx.org)
        .bind(tx.org)
        .bind(until.with_page)
        .bind(tx.org)
        .bind(until.without)
        .bind(run)
        .bind(tx.org)
        .bind(tx.org)
        .bind(tx.org)
        .all(tx)
        .await?;
    Ok(sorted(marked))
}
