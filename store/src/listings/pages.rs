//! Where listings stand: which of them each page held when it was last read, and what follows for them when a page is
//! seen again, or is gone.

use std::collections::{BTreeSet, HashSet};

use sightline_model::{ListingId, PageId, RunId, SourceId, Timestamp};

use super::{away::come_back_on, sorted};
use crate::{Result, Tx};

/// The listings that stood on these pages when each was last read, in no order. One that stands on several of them comes
/// as often.
pub async fn on_pages(tx: &mut Tx, pages: &[PageId]) -> Result<Vec<(PageId, ListingId)>> {
    let mut standing = Vec::new();
    for pages in tx.chunks(pages) {
        let sql = tx
            .sql("SELECT page, listing FROM listing_page WHERE organisation = ? AND page IN ")
            .bind(tx.org)
            .list(pages.iter().copied());
        standing.extend(sql.all::<(PageId, ListingId)>(tx).await?);
    }
    Ok(standing)
}

/// Says which listings stand on pages that were read: those alone, from now on. Each page is named once.
pub async fn set_on_pages(tx: &mut Tx, read: &[(PageId, BTreeSet<ListingId>)]) -> Result<()> {
    let mut pages: Vec<PageId> = read.iter().map(|(page, _)| *page).collect();
    pages.sort_unstable();
    let before: HashSet<(PageId, ListingId)> = on_pages(tx, &pages).await?.into_iter().collect();
    let now: HashSet<(PageId, ListingId)> = read
        .iter()
        .flat_map(|(page, listings)| listings.iter().map(|listing| (*page, *listing)))
        .collect();
    take_off(tx, before.difference(&now).copied().collect()).await?;
    put_on(tx, now.difference(&before).copied().collect()).await
}

/// Takes the listings that a run saw off pages of their own that it was not led to, though it saw all pages of listings of its source:
/// they have moved, or an address changes with every list. Those pages: should a list lead to one again, it must be read whole.
pub async fn leave_behind(tx: &mut Tx, source: SourceId, run: RunId) -> Result<Vec<PageId>> {
    let left: Vec<(PageId, ListingId)> = tx
        .sql(
            "SELECT page.id, listing.id FROM listing
             JOIN listing_page ON listing_page.listing = listing.id
             JOIN page ON page.id = listing_page.page
             WHERE listing.organisation = ? AND listing.source = ? AND listing.seen_run = ?
               AND +listing_page.organisation = ? AND +page.organisation = ? AND page.kind = 'detail'
               AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.run = ? AND visit.url = page.url AND +visit.organisation = ?)",
        )
        .bind(tx.org)
        .bind(source)
        .bind(run)
        .bind(tx.org)
        .bind(tx.org)
        .bind(run)
        .bind(tx.org)
        .all(tx)
        .await?;
    let pages: BTreeSet<PageId> = left.iter().map(|(page, _)| *page).collect();
    take_off(tx, left).await?;
    Ok(pages.into_iter().collect())
}

async fn take_off(tx: &mut Tx, mut gone: Vec<(PageId, ListingId)>) -> Result<()> {
    gone.sort_unstable();
    for gone in tx.chunks(&gone) {
        tx.sql("WITH gone (page, listing) AS (VALUES ")
            .rows(gone, |(page, listing), row| {
                row.put(*page).put(*listing);
            })
            .push(
                ") DELETE FROM listing_page WHERE +organisation = ? AND page IN (SELECT page FROM gone)
                     AND EXISTS (SELECT 1 FROM gone
                       WHERE gone.page = listing_page.page AND gone.listing = listing_page.listing)",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

async fn put_on(tx: &mut Tx, mut new: Vec<(PageId, ListingId)>) -> Result<()> {
    new.sort_unstable();
    for new in tx.chunks(&new) {
        tx.sql("INSERT INTO listing_page (organisation, page, listing) VALUES ")
            .rows(new, |(page, listing), row| {
                row.put(tx.org).put(*page).put(*listing);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Notes that pages were seen again, unchanged, each in a run and at an instant: so were all listings that stand on
/// them. One that was removed is back.
pub async fn touch(tx: &mut Tx, seen: &[(PageId, RunId, Timestamp)]) -> Result<()> {
    let at: Vec<(PageId, Timestamp)> = seen.iter().map(|(page, _, at)| (*page, *at)).collect();
    come_back_on(tx, &at).await?;
    for seen in tx.chunks(seen) {
        // A listing that stands on two of them is updated once: a statement can't touch a row twice.
        tx.sql("WITH seen (page, run, at) AS (VALUES ")
            .rows(seen, |(page, run, at), row| {
                row.put(*page).put(*run).put(*at);
            })
            .push(
                "), again (listing, run, at) AS (
                   SELECT listing_page.listing, max(seen.run), max(seen.at) FROM seen CROSS JOIN listing_page
                   WHERE +listing_page.organisation = ? AND listing_page.page = seen.page
                   GROUP BY listing_page.listing)
                 UPDATE listing SET removed_at = NULL, seen_run = again.run,
                   last_seen = CASE WHEN listing.last_seen > again.at THEN listing.last_seen ELSE again.at END
                 FROM again WHERE +listing.organisation = ? AND listing.id = again.listing",
            )
            .bind(tx.org)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Takes pages that are gone (404, 410) from their listings, and marks as removed those that stand on no other page.
/// Which were marked, in order.
pub async fn mark_page_removed(
    tx: &mut Tx,
    pages: &[PageId],
    now: Timestamp,
) -> Result<Vec<ListingId>> {
    let mut left = BTreeSet::new();
    for pages in tx.chunks(pages) {
        let sql = tx
            .sql("DELETE FROM listing_page WHERE +organisation = ? AND page IN ")
            .bind(tx.org)
            .list(pages.iter().copied())
            .push(" RETURNING listing");
        let taken = sql.all::<(ListingId,)>(tx).await?;
        left.extend(taken.into_iter().map(|(listing,)| listing));
    }
    let left: Vec<ListingId> = left.into_iter().collect();
    let mut marked = Vec::new();
    for left in tx.chunks(&left) {
        let sql = tx
            .sql(
                "UPDATE listing SET removed_at = ?
                 WHERE +organisation = ? AND removed_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM listing_page
                     WHERE +listing_page.organisation = ? AND listing_page.listing = listing.id)
                   AND id IN ",
            )
            .bind(now)
            .bind(tx.org)
            .bind(tx.org)
            .list(left.iter().copied())
            .push(" RETURNING id");
        marked.extend(sql.all::<(ListingId,)>(tx).await?);
    }
    Ok(sorted(marked))
}
