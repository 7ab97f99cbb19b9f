//! Where listings were gone and came back.

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{ListingId, PageId, Timestamp};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
};

/// Gone and back twice within a millisecond: once is enough.
const KEPT: &str = " ON CONFLICT (listing, gone_at) DO NOTHING";

/// A while in which a listing was gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Away {
    /// The listing.
    pub listing: ListingId,
    /// When it was found to be gone.
    pub gone_at: Timestamp,
    /// When it was seen again.
    pub back_at: Timestamp,
}

impl Record for Away {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            listing: cells.next()?,
            gone_at: cells.next()?,
            back_at: cells.next()?,
        })
    }
}

/// When these listings were gone and came back, by listing and time.
pub async fn away(tx: &mut Tx, listings: &[ListingId]) -> Result<Vec<Away>> {
    let mut away = Vec::new();
    for listings in tx.chunks(listings) {
        let sql = tx
            .sql("SELECT listing, gone_at, back_at FROM listing_away WHERE +organisation = ? AND listing IN ")
            .bind(tx.org)
            .list(listings.iter().copied());
        away.extend(sql.all::<Away>(tx).await?);
    }
    away.sort_by_key(|one| (one.listing, one.gone_at));
    Ok(away)
}

/// Keeps that listings that are marked as removed are back, each since an instant. Call it before the mark is taken away.
pub async fn come_back(tx: &mut Tx, back: &[(ListingId, Timestamp)]) -> Result<()> {
    for back in tx.chunks(back) {
        tx.sql("WITH back (listing, at) AS (VALUES ")
            .rows(back, |(listing, at), row| {
                row.put(*listing).put(*at);
            })
            .push(
                ") INSERT INTO listing_away (organisation, listing, gone_at, back_at)
                   SELECT listing.organisation, listing.id, listing.removed_at, back.at FROM back CROSS JOIN listing
                   WHERE +listing.organisation = ? AND listing.id = back.listing AND listing.removed_at IS NOT NULL",
            )
            .push(KEPT)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The same of the listings that stand on pages which were seen again.
pub(super) async fn come_back_on(tx: &mut Tx, seen: &[(PageId, Timestamp)]) -> Result<()> {
    for seen in tx.chunks(seen) {
        tx.sql("WITH seen (page, at) AS (VALUES ")
            .rows(seen, |(page, at), row| {
                row.put(*page).put(*at);
            })
            .push(
                ") INSERT INTO listing_away (organisation, listing, gone_at, back_at)
                   SELECT listing.organisation, listing.id, listing.removed_at, min(seen.at)
                   FROM seen CROSS JOIN listing_page CROSS JOIN listing
                   WHERE +listing_page.organisation = ? AND +listing.organisation = ? AND listing_page.page = seen.page
                     AND listing.id = listing_page.listing AND listing.removed_at IS NOT NULL
                   GROUP BY listing.organisation, listing.id, listing.removed_at",
            )
            .push(KEPT)
            .bind(tx.org)
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}
