//! What follows from some listings: everything that was stored because of them, and nothing that stands on others.

use std::collections::BTreeSet;

use serde::Serialize;
use sightline_model::{
    AlertId, CaptureId, ImageId, ListingId, SelectorId, SightingId, SourceId, Timestamp, VisitKind,
};
use url::Url;

use crate::{
    Result, Tx,
    cell::{Get, Put},
    sql::Sql,
};

/// A URL of a source.
pub type At = (SourceId, Url);

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
    /// Alerts that hold none of the sightings, and rest on the captures or on those other listings: they lose evidence.
    pub alerts_beside: Vec<AlertId>,
    /// The URLs of their own pages and images, with the source: no other listing was ever read there.
    pub urls: Vec<At>,
    /// The URLs of pages that they share with others, such as lists with a row for each. What was captured of these before the
    /// listings were first seen stays.
    pub shared: Vec<At>,
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
    let read_from = read_from(tx, &follows).await?;
    urls(tx, &mut follows, &read_from).await?;
    let captures = captures(tx, &follows, read_from).await?;
    take_along(tx, &mut follows, captures).await?;
    Ok(follows)
}

/// Has these captures erased as well, with whatever repeats the body of one of them or has its body repeated by one.
pub async fn take_along(tx: &mut Tx, follows: &mut Found, captures: Vec<CaptureId>) -> Result<()> {
    follows.captures.extend(captures);
    follows.captures.sort_unstable();
    follows.captures.dedup();
    loop {
        let before = follows.captures.len();
        let text = "SELECT DISTINCT revisit_of FROM capture WHERE organisation = ? AND revisit_of IS NOT NULL AND id IN ";
        let repeated: Vec<CaptureId> = found(tx, text, &follows.captures).await?;
        follows.captures.extend(repeated);
        let text = "SELECT id FROM capture WHERE organisation = ? AND revisit_of IN ";
        let repeating: Vec<CaptureId> = found(tx, text, &follows.captures).await?;
        follows.captures.extend(repeating);
        follows.captures.sort_unstable();
        follows.captures.dedup();
        if follows.captures.len() == before {
            break;
        }
    }
    let text =
        "SELECT DISTINCT listing FROM listing_version WHERE organisation = ? AND capture IN ";
    let beside: Vec<ListingId> = found(tx, text, &follows.captures).await?;
    follows.beside = beside
        .into_iter()
        .filter(|listing| !follows.listings.contains(listing))
        .collect();
    let text = "SELECT id FROM sighting WHERE organisation = ? AND listing IN ";
    let mut resting: Vec<SightingId> = found(tx, text, &follows.beside).await?;
    let text = "SELECT id FROM sighting WHERE organisation = ? AND capture IN ";
    resting.extend(found::<_, SightingId>(tx, text, &follows.captures).await?);
    let text = "SELECT DISTINCT alert FROM alert_sighting WHERE organisation = ? AND sighting IN ";
    let alerts: Vec<AlertId> = found(tx, text, &resting).await?;
    follows.alerts_beside = alerts
        .into_iter()
        .filter(|alert| !follows.alerts.contains(alert) && !follows.other_alerts.contains(alert))
        .collect();
    Ok(())
}

/// Captures of lists with the source of each, in the order of their identifiers and from behind `after`: of every source, for
/// nothing finds captures by that. A list leads to a listing before anybody has seen it, so no instant bounds which of them may
/// show one.
pub async fn lists(
    tx: &mut Tx,
    after: CaptureId,
    limit: u32,
) -> Result<Vec<(CaptureId, SourceId)>> {
    tx.sql(
        "SELECT capture.id, capture.source FROM capture JOIN visit ON visit.id = capture.visit
         WHERE +capture.organisation = ? AND visit.kind = ? AND capture.id > ? ORDER BY capture.id LIMIT ?",
    )
    .bind(tx.org)
    .bind(VisitKind::List)
    .bind(after)
    .bind(i64::from(limit))
    .all(tx)
    .await
}

async fn first_seen(tx: &mut Tx, listings: &[ListingId]) -> Result<Timestamp> {
    let text = "SELECT min(first_seen) FROM listing WHERE organisation = ? AND id IN ";
    let first: Vec<Option<Timestamp>> = found(tx, text, listings).await?;
    Ok(first.into_iter().flatten().min().unwrap_or(Timestamp(0)))
}

/// The captures that the listings, their observations and their images were read from.
async fn read_from(tx: &mut Tx, follows: &Found) -> Result<Vec<CaptureId>> {
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
    Ok(captures)
}

/// Every URL at which the listings or their images were ever found, told apart by whether others were found there, too.
async fn urls(tx: &mut Tx, follows: &mut Found, read_from: &[CaptureId]) -> Result<()> {
    let mut all: Vec<At> = Vec::new();
    for text in [
        "SELECT source, url FROM listing WHERE organisation = ? AND id IN ",
        "SELECT page.source, page.url FROM listing_page JOIN page ON page.id = listing_page.page
         WHERE listing_page.organisation = ? AND listing_page.listing IN ",
    ] {
        all.extend(at(tx, text, &follows.listings).await?);
    }
    let text = "SELECT DISTINCT source, url FROM capture WHERE organisation = ? AND id IN ";
    all.extend(at(tx, text, read_from).await?);
    all.sort_unstable();
    all.dedup();
    let shared = shared(tx, &all, &follows.listings).await?;
    (follows.shared, follows.urls) = all.into_iter().partition(|at| shared.contains(at));
    let text = "SELECT listing.source, listing_image.url FROM listing_image JOIN listing ON listing.id = listing_image.listing
         WHERE listing_image.organisation = ? AND listing_image.image IN ";
    let images = at(tx, text, &follows.images).await?;
    follows.urls.extend(images);
    follows.urls.sort_unstable();
    follows.urls.dedup();
    Ok(())
}

async fn at<K: Put + Copy>(tx: &mut Tx, text: &str, keys: &[K]) -> Result<Vec<At>> {
    let mut all = Vec::new();
    for keys in tx.chunks(keys) {
        let sql = tx.sql(text).bind(tx.org).list(keys.iter().copied());
        all.extend(sql.all::<At>(tx).await?);
    }
    Ok(all)
}

/// Those of the URLs at which lists, or listings other than these, were found.
async fn shared(tx: &mut Tx, all: &[At], listings: &[ListingId]) -> Result<BTreeSet<At>> {
    let mut shared = BTreeSet::new();
    for part in tx.chunks(all) {
        let listed: Vec<At> = wanted(tx, part)
            .push(
                ") SELECT DISTINCT wanted.source, wanted.url FROM wanted
                   JOIN capture ON capture.source = wanted.source AND capture.url = wanted.url
                   JOIN visit ON visit.id = capture.visit
                   WHERE capture.organisation = ? AND visit.kind = ?",
            )
            .bind(tx.org)
            .bind(VisitKind::List)
            .all(tx)
            .await?;
        shared.extend(listed);
        for text in [
            ") SELECT DISTINCT wanted.source, wanted.url, listing.id FROM wanted
               JOIN listing ON listing.source = wanted.source AND listing.url = wanted.url
               WHERE listing.organisation = ?",
            ") SELECT DISTINCT wanted.source, wanted.url, listing_version.listing FROM wanted
               JOIN capture ON capture.source = wanted.source AND capture.url = wanted.url
               JOIN listing_version ON listing_version.capture = capture.id
               WHERE capture.organisation = ?",
        ] {
            let found: Vec<(SourceId, Url, ListingId)> =
                wanted(tx, part).push(text).bind(tx.org).all(tx).await?;
            let others = found.into_iter().filter(|(.., id)| !listings.contains(id));
            shared.extend(others.map(|(source, url, _)| (source, url)));
        }
    }
    Ok(shared)
}

/// The beginning of a statement about URLs.
fn wanted(tx: &Tx, part: &[At]) -> Sql {
    let begun = tx.sql("WITH wanted (source, url) AS (VALUES ");
    begun.rows(part, |(source, url), row| {
        row.put(*source).put(url);
    })
}

/// The captures that the listings were read from, whatever was ever captured of their own pages and images, and every capture of
/// shared pages since the listings were first seen.
async fn captures(
    tx: &mut Tx,
    follows: &Found,
    read_from: Vec<CaptureId>,
) -> Result<Vec<CaptureId>> {
    let mut captures = read_from;
    // What a shared page said before any of the listings was seen is of others. An own page may have been fetched long before
    // anybody could read it.
    let first = first_seen(tx, &follows.listings).await?;
    for (pages, since) in [
        (&follows.urls, Timestamp(i64::MIN)),
        (&follows.shared, first),
    ] {
        for part in tx.chunks(pages) {
            let found: Vec<(CaptureId,)> = wanted(tx, part)
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
    }
    Ok(captures)
}
