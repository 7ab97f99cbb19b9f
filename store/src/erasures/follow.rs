//! What follows from some listings: everything that was stored because of them, and nothing that stands on others.

use serde::Serialize;
use sightline_model::{
    AlertId, CaptureId, ImageId, ListingId, SelectorId, SightingId, SourceId, Timestamp,
};
use url::Url;

use crate::{
    Result, Tx,
    cell::{Get, Put},
};

/// What is to be erased, as it was found: everything that follows from some listings.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Found {
    /// The listings.
    pub listings: Vec<ListingId>,
    /// Their sightings.
    pub sightings: Vec<SightingId>,
    /// Alerts that hold nothing else.
    pub alerts: Vec<AlertId>,
    /// Alerts that hold something else too.
    pub other_alerts: Vec<AlertId>,
    /// The captures of their pages and images.
    pub captures: Vec<CaptureId>,
    /// Images that no other listing shows.
    pub images: Vec<ImageId>,
    /// Other listings that were read from the same captures: what they say stays, the evidence for it goes.
    pub beside: Vec<ListingId>,
    /// The URLs of their own pages and images, with the source.
    pub urls: Vec<(SourceId, Url)>,
}

pub(super) async fn found<K: Put + Copy, Id: Get + Ord>(
    tx: &mut Tx,
    text: &str,
    keys: &[K],
) -> Result<Vec<Id>> {
    let mut all = Vec::new();
    for keys in tx.chunks(keys) {
        let sql = tx.sql(text).bind(tx.org).list(keys.iter().copied());
        all.extend(sql.all::<(Id,)>(tx).await?.into_iter().map(|(id,)| id));
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The listings that a selector was ever observed in, in order.
pub async fn showing(tx: &mut Tx, selector: SelectorId) -> Result<Vec<ListingId>> {
    let text = "SELECT DISTINCT listing FROM observation WHERE organisation = ? AND selector IN ";
    found(tx, text, &[selector]).await
}

/// What follows from some listings. Reads whole tables of captures, as nothing finds them by their URL: seconds where there
/// are millions.
pub async fn follow(tx: &mut Tx, listings: &[ListingId]) -> Result<Found> {
    let mut follows = Found {
        listings: listings.to_vec(),
        ..Found::default()
    };
    let text = "SELECT id FROM sighting WHERE organisation = ? AND listing IN ";
    follows.sightings = found(tx, text, listings).await?;
    let text = "SELECT DISTINCT alert FROM alert_sighting WHERE organisation = ? AND sighting IN ";
    let alerts: Vec<AlertId> = found(tx, text, &follows.sightings).await?;
    let mut held: Vec<(AlertId, SightingId)> = Vec::new();
    for part in tx.chunks(&alerts) {
        let sql = tx
            .sql("SELECT alert, sighting FROM alert_sighting WHERE organisation = ? AND alert IN ");
        held.extend(
            sql.bind(tx.org)
                .list(part.iter().copied())
                .all::<(AlertId, SightingId)>(tx)
                .await?,
        );
    }
    let stays = |alert: &AlertId| {
        held.iter()
            .any(|(of, sighting)| of == alert && follows.sightings.binary_search(sighting).is_err())
    };
    (follows.other_alerts, follows.alerts) = alerts.into_iter().partition(stays);

    let text = "SELECT DISTINCT image FROM listing_image WHERE organisation = ? AND image IS NOT NULL AND listing IN ";
    let shown: Vec<ImageId> = found(tx, text, listings).await?;
    let mut by: Vec<(ImageId, ListingId)> = Vec::new();
    for part in tx.chunks(&shown) {
        let sql =
            tx.sql("SELECT image, listing FROM listing_image WHERE organisation = ? AND image IN ");
        by.extend(
            sql.bind(tx.org)
                .list(part.iter().copied())
                .all::<(ImageId, ListingId)>(tx)
                .await?,
        );
    }
    follows.images = shown
        .into_iter()
        .filter(|image| {
            by.iter()
                .filter(|(of, _)| of == image)
                .all(|(_, listing)| listings.contains(listing))
        })
        .collect();
    urls(tx, &mut follows).await?;
    captures(tx, &mut follows).await?;
    let text =
        "SELECT DISTINCT listing FROM listing_version WHERE organisation = ? AND capture IN ";
    let beside: Vec<ListingId> = found(tx, text, &follows.captures).await?;
    follows.beside = beside
        .into_iter()
        .filter(|listing| !listings.contains(listing))
        .collect();
    Ok(follows)
}

async fn urls(tx: &mut Tx, follows: &mut Found) -> Result<()> {
    let mut urls: Vec<(SourceId, Url)> = Vec::new();
    for listings in tx.chunks(&follows.listings) {
        let sql = tx.sql("SELECT source, url FROM listing WHERE organisation = ? AND id IN ");
        urls.extend(
            sql.bind(tx.org)
                .list(listings.iter().copied())
                .all::<(SourceId, Url)>(tx)
                .await?,
        );
    }
    for images in tx.chunks(&follows.images) {
        let sql = tx.sql(
            "SELECT listing.source, listing_image.url FROM listing_image JOIN listing ON listing.id = listing_image.listing
             WHERE listing_image.organisation = ? AND listing_image.image IN ",
        );
        urls.extend(
            sql.bind(tx.org)
                .list(images.iter().copied())
                .all::<(SourceId, Url)>(tx)
                .await?,
        );
    }
    urls.sort_unstable();
    urls.dedup();
    follows.urls = urls;
    Ok(())
}

/// The captures that the listings were read from, every other one of the same pages since then, those of their own pages and
/// images, and whatever repeats the body of one of these or has its body repeated by one.
async fn captures(tx: &mut Tx, follows: &mut Found) -> Result<()> {
    let mut captures: Vec<CaptureId> = Vec::new();
    for text in [
        "SELECT DISTINCT capture FROM listing_version WHERE organisation = ? AND listing IN ",
        "SELECT DISTINCT capture FROM observation WHERE organisation = ? AND listing IN ",
    ] {
        captures.extend(found::<_, CaptureId>(tx, text, &follows.listings).await?);
    }
    let text = "SELECT capture FROM image WHERE organisation = ? AND id IN ";
    captures.extend(found::<_, CaptureId>(tx, text, &follows.images).await?);
    captures.sort_unstable();
    captures.dedup();
    let mut pages: Vec<(SourceId, Url)> = follows.urls.clone();
    for part in tx.chunks(&captures) {
        let sql =
            tx.sql("SELECT DISTINCT source, url FROM capture WHERE organisation = ? AND id IN ");
        pages.extend(
            sql.bind(tx.org)
                .list(part.iter().copied())
                .all::<(SourceId, Url)>(tx)
                .await?,
        );
    }
    pages.sort_unstable();
    pages.dedup();
    // What was captured before any of the listings was seen can't hold them.
    let text = "SELECT min(first_seen) FROM listing WHERE organisation = ? AND id IN ";
    let first: Vec<Option<Timestamp>> = found(tx, text, &follows.listings).await?;
    let since = first.into_iter().flatten().min().unwrap_or(Timestamp(0));
    for part in tx.chunks(&pages) {
        let found: Vec<(CaptureId,)> = tx
            .sql("WITH wanted (source, url) AS (VALUES ")
            .rows(part, |(source, url), row| {
                row.put(*source).put(url);
            })
            .push(
                ") SELECT capture.id FROM capture JOIN wanted ON wanted.source = capture.source AND wanted.url = capture.url
                   WHERE capture.organisation = ? AND capture.fetched_at >= ?",
            )
            .bind(tx.org)
            .bind(since)
            .all(tx)
            .await?;
        captures.extend(found.into_iter().map(|(id,)| id));
    }
    captures.sort_unstable();
    captures.dedup();
    loop {
        let before = captures.len();
        let text = "SELECT DISTINCT revisit_of FROM capture WHERE organisation = ? AND revisit_of IS NOT NULL AND id IN ";
        let repeated: Vec<CaptureId> = found(tx, text, &captures).await?;
        let text = "SELECT id FROM capture WHERE organisation = ? AND revisit_of IN ";
        captures.extend(repeated);
        let repeating: Vec<CaptureId> = found(tx, text, &captures).await?;
        captures.extend(repeating);
        captures.sort_unstable();
        captures.dedup();
        if captures.len() == before {
            follows.captures = captures;
            return Ok(());
        }
    }
}
