//! Images: each by its bytes, and the listings that showed them.

use std::collections::{BTreeMap, HashSet};

use sightline_model::{Digest, Image, ImageId, ListingId, PageId};
use url::Url;

use crate::{
    Result, Tx,
    cell::{Cells, OnPage, Put, Record},
};

const COLUMNS: &str = "id, digest, media_type, width, height, length, capture, first_seen";

impl Record for Image {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            digest: cells.next()?,
            media_type: cells.next()?,
            width: cells.next()?,
            height: cells.next()?,
            length: cells.next()?,
            capture: cells.next()?,
            first_seen: cells.next()?,
        })
    }
}

/// The images of these bytes that are known, in no order.
pub async fn by_digests(tx: &mut Tx, digests: &[&Digest]) -> Result<Vec<Image>> {
    let mut images = Vec::with_capacity(digests.len());
    for digests in tx.chunks(digests) {
        let text = format!("SELECT {COLUMNS} FROM image WHERE organisation = ? AND digest IN ");
        let sql = tx.sql(&text).bind(tx.org).list(digests.iter().copied());
        images.extend(sql.all::<Image>(tx).await?);
    }
    Ok(images)
}

/// The images of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[ImageId]) -> Result<Vec<Image>> {
    let mut images = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let text = format!("SELECT {COLUMNS} FROM image WHERE +organisation = ? AND id IN ");
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        images.extend(sql.all::<Image>(tx).await?);
    }
    Ok(images)
}

/// Stores images that were not met before. For each of `images`, in order, the identifier that stands: another one
/// where the same bytes were stored already.
pub async fn insert(tx: &mut Tx, images: &[Image]) -> Result<Vec<ImageId>> {
    let sorted: BTreeMap<&Digest, &Image> =
        images.iter().map(|image| (&image.digest, image)).collect();
    let rows: Vec<&Image> = sorted.into_values().collect();
    for rows in tx.chunks(&rows) {
        let text = format!("INSERT INTO image (organisation, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(rows, |image, row| {
                row.put(tx.org)
                    .put(image.id)
                    .put(&image.digest)
                    .put(&image.media_type);
                row.put(image.width).put(image.height).put(image.length);
                row.put(image.capture).put(image.first_seen);
            })
            .push(" ON CONFLICT (organisation, digest) DO NOTHING")
            .run(tx)
            .await?;
    }
    let digests: Vec<&Digest> = rows.iter().map(|image| &image.digest).collect();
    let standing: BTreeMap<Digest, ImageId> = by_digests(tx, &digests)
        .await?
        .into_iter()
        .map(|image| (image.digest, image.id))
        .collect();
    Ok(images
        .iter()
        .map(|image| standing.get(&image.digest).copied().unwrap_or(image.id))
        .collect())
}

/// An image of a listing: its URL, and its bytes where they were fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListingImage {
    /// The listing.
    pub listing: ListingId,
    /// Where the listing has it from.
    pub url: Url,
    /// Its place among the listing's images, from 0.
    pub place: u32,
    /// Its bytes; none while they were not fetched.
    pub image: Option<ImageId>,
}

impl Record for ListingImage {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            listing: cells.next()?,
            url: cells.next()?,
            place: cells.next()?,
            image: cells.next()?,
        })
    }
}

/// The images of listings, by listing and place.
pub async fn of_listings(tx: &mut Tx, listings: &[ListingId]) -> Result<Vec<ListingImage>> {
    some(tx, "listing IN ", listings).await
}

/// Where listings show these URLs, of which the bytes are not known yet, by listing and place.
pub async fn missing(tx: &mut Tx, urls: &[&Url]) -> Result<Vec<ListingImage>> {
    some(tx, "image IS NULL AND url IN ", urls).await
}

async fn some<K: Put + Copy>(
    tx: &mut Tx,
    condition: &'static str,
    keys: &[K],
) -> Result<Vec<ListingImage>> {
    let text = format!(
        "SELECT listing, url, place, image FROM listing_image WHERE organisation = ? AND {condition}"
    );
    let mut images = Vec::new();
    for keys in tx.chunks(keys) {
        let sql = tx.sql(&text).bind(tx.org).list(keys.iter().copied());
        images.extend(sql.all::<ListingImage>(tx).await?);
    }
    images.sort_by_key(|image| (image.listing, image.place));
    Ok(images)
}

/// The images of which the bytes are not known yet, of listings that stand on these pages, each with a page, by listing
/// and place. Those of a listing that stands on several of them come as often.
pub async fn missing_on_pages(
    tx: &mut Tx,
    pages: &[PageId],
) -> Result<Vec<(PageId, ListingImage)>> {
    let mut images = Vec::new();
    for pages in tx.chunks(pages) {
        let sql = tx
            .sql(
                "SELECT listing_page.page, listing_image.listing, listing_image.url, listing_image.place,
                   listing_image.image
                 FROM listing_page CROSS JOIN listing_image
                 WHERE +listing_page.organisation = ? AND +listing_image.organisation = ?
                   AND listing_image.listing = listing_page.listing AND listing_image.image IS NULL
                   AND listing_page.page IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .list(pages.iter().copied());
        let found: Vec<OnPage<ListingImage>> = sql.all(tx).await?;
        images.extend(found.into_iter().map(|OnPage(page, image)| (page, image)));
    }
    images.sort_by_key(|(page, image)| (image.listing, image.place, *page));
    Ok(images)
}

/// Says which images listings show now. Those that went are unlinked; those that stay keep their bytes.
pub async fn set_of_listings(tx: &mut Tx, shown: &[(ListingId, Vec<Url>)]) -> Result<()> {
    let mut listings: Vec<ListingId> = shown.iter().map(|(listing, _)| *listing).collect();
    listings.sort_unstable();
    listings.dedup();
    let mut rows: Vec<(ListingId, &Url, u32)> = shown
        .iter()
        .flat_map(|(listing, urls)| (0..).zip(urls).map(|(place, url)| (*listing, url, place)))
        .collect();
    // One row for each URL of a listing, the first of repeated ones: a statement can't touch a row twice.
    rows.sort_unstable();
    rows.dedup_by_key(|(listing, url, _)| (*listing, *url));
    let stays: HashSet<(ListingId, &Url)> = rows
        .iter()
        .map(|(listing, url, _)| (*listing, *url))
        .collect();
    let before = of_listings(tx, &listings).await?;
    let gone: Vec<&ListingImage> = before
        .iter()
        .filter(|image| !stays.contains(&(image.listing, &image.url)))
        .collect();
    for gone in tx.chunks(&gone) {
        tx.sql("WITH gone (listing, url) AS (VALUES ")
            .rows(gone, |image, row| {
                row.put(image.listing).put(&image.url);
            })
            .push(
                ") DELETE FROM listing_image WHERE organisation = ? AND listing IN (SELECT listing FROM gone)
                     AND EXISTS (SELECT 1 FROM gone
                       WHERE gone.listing = listing_image.listing AND gone.url = listing_image.url)",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    for rows in tx.chunks(&rows) {
        tx.sql("INSERT INTO listing_image (organisation, listing, url, place) VALUES ")
            .rows(rows, |(listing, url, place), row| {
                row.put(tx.org).put(*listing).put(*url).put(*place);
            })
            .push(" ON CONFLICT (listing, url) DO UPDATE SET place = excluded.place")
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Says which bytes stand behind images of listings. What a listing no longer shows is passed over.
pub async fn link(tx: &mut Tx, links: &[(ListingId, Url, ImageId)]) -> Result<()> {
    for links in tx.chunks(links) {
        tx.sql("WITH link (listing, url, image) AS (VALUES ")
            .rows(links, |(listing, url, image), row| {
                row.put(*listing).put(url).put(*image);
            })
            .push(
                ") UPDATE listing_image SET image = link.image FROM link
                   WHERE listing_image.organisation = ? AND listing_image.listing = link.listing
                     AND listing_image.url = link.url",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}
