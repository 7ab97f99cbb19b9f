//! Listings: the records of sources, and what each said from one change to the next.
//!
//! What a listing says lives in its versions alone. An unchanged page costs one update of its listings' `last_seen`;
//! observations and sightings that are current follow it when they are read.
//!
//! A listing stands on the pages that held it when they were last read, which can be several: two categories, or the
//! pages of a list that holds the records themselves.

mod away;
mod looks;
mod pages;
mod unlisted;

pub use away::{Away, away, come_back};
pub use looks::looks_at;
pub use pages::{leave_behind, mark_page_removed, on_pages, set_on_pages, touch};
pub use unlisted::{
    UnlistedUntil, mark_removed, note_listed, note_unlisted, own_pages_of_unlisted,
};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{Listing, ListingId, ListingVersion, RunId, SourceId};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, Record},
    search,
};

const COLUMNS: &str =
    "id, source, key, url, version, digest, first_seen, last_seen, seen_run, removed_at";

const VERSION_COLUMNS: &str =
    "listing, version, capture, title, body, fields, text, seen_at, reread";

const PRESENT: &str =
    "SELECT listing.id, listing.source, listing.key, listing.url, listing.version, listing.digest,
       listing.first_seen, listing.last_seen, listing.seen_run, listing.removed_at,
       said.listing, said.version, said.capture, said.title, said.body, said.fields, said.text, said.seen_at,
       said.reread
     FROM listing CROSS JOIN listing_version AS said
     WHERE said.listing = listing.id AND said.version = listing.version AND said.organisation = ? AND ";

impl Record for Listing {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            source: cells.next()?,
            key: cells.next()?,
            url: cells.next()?,
            version: cells.next()?,
            digest: cells.next()?,
            first_seen: cells.next()?,
            last_seen: cells.next()?,
            seen_run: cells.next()?,
            removed_at: cells.next()?,
        })
    }
}

impl Record for ListingVersion {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            listing: cells.next()?,
            version: cells.next()?,
            capture: cells.next()?,
            title: cells.next()?,
            body: cells.next()?,
            fields: cells.json()?,
            text: cells.next()?,
            seen_at: cells.next()?,
            reread: cells.next()?,
        })
    }
}

/// A listing with what it says now.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct PresentListing {
    /// The listing.
    #[serde(flatten)]
    pub listing: Listing,
    /// Its present version.
    pub present: ListingVersion,
}

impl Record for PresentListing {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            listing: Listing::read(cells)?,
            present: ListingVersion::read(cells)?,
        })
    }
}

/// The listings of these keys of a source, in no order, kept to this transaction: two processes that read one listing at
/// once would otherwise both store its next version.
pub async fn by_keys(tx: &mut Tx, source: SourceId, keys: &[&str]) -> Result<Vec<Listing>> {
    let mut listings = Vec::with_capacity(keys.len());
    for keys in tx.chunks(keys) {
        let text = format!(
            "SELECT {COLUMNS} FROM listing WHERE organisation = ? AND source = ? AND key IN "
        );
        let sql = tx
            .sql(&text)
            .bind(tx.org)
            .bind(source)
            .list(keys.iter().copied())
            .push(tx.lock(" ORDER BY id FOR NO KEY UPDATE"));
        listings.extend(sql.all::<Listing>(tx).await?);
    }
    Ok(listings)
}

/// The listings of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[ListingId]) -> Result<Vec<Listing>> {
    let mut listings = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let text = format!("SELECT {COLUMNS} FROM listing WHERE +organisation = ? AND id IN ");
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        listings.extend(sql.all::<Listing>(tx).await?);
    }
    Ok(listings)
}

/// Stores new listings.
///
/// # Errors
/// Where one of the source and key is stored already: look first.
pub async fn insert(tx: &mut Tx, listings: &[Listing]) -> Result<()> {
    let mut sorted: Vec<&Listing> = listings.iter().collect();
    sorted.sort_by(|a, b| (a.source, &a.key).cmp(&(b.source, &b.key)));
    for rows in tx.chunks(&sorted) {
        let text = format!("INSERT INTO listing (organisation, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(rows, |listing, row| {
                row.put(tx.org)
                    .put(listing.id)
                    .put(listing.source)
                    .put(&listing.key);
                row.put(&listing.url)
                    .put(listing.version)
                    .put(&listing.digest);
                row.put(listing.first_seen)
                    .put(listing.last_seen)
                    .put(listing.seen_run)
                    .put(listing.removed_at);
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Brings listings up to date: all but identifier, source, key and first sight.
pub async fn update(tx: &mut Tx, listings: &[Listing]) -> Result<()> {
    let mut sorted: Vec<&Listing> = listings.iter().collect();
    sorted.sort_by_key(|listing| listing.id);
    for rows in tx.chunks(&sorted) {
        tx.sql("WITH now (id, url, version, digest, last_seen, seen_run, removed_at) AS (VALUES ")
            .rows(rows, |listing, row| {
                row.put(listing.id)
                    .put(&listing.url)
                    .put(listing.version)
                    .put(&listing.digest);
                row.put(listing.last_seen)
                    .put(listing.seen_run)
                    .put(listing.removed_at);
            })
            .push(
                ") UPDATE listing SET url = now.url, version = now.version, digest = now.digest,
                     last_seen = now.last_seen, seen_run = now.seen_run, removed_at = now.removed_at
                   FROM now WHERE +listing.organisation = ? AND listing.id = now.id",
            )
            .bind(tx.org)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Stores new versions, and has what they say found by its words. One that is stored already stays as it is.
pub async fn add_versions(tx: &mut Tx, versions: &[ListingVersion]) -> Result<()> {
    for versions in tx.chunks(versions) {
        let text = format!("INSERT INTO listing_version (organisation, {VERSION_COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(versions, |version, row| {
                row.put(tx.org)
                    .put(version.listing)
                    .put(version.version)
                    .put(version.capture);
                row.put(&version.title)
                    .put(&version.body)
                    .put(Json(&version.fields));
                row.put(&version.text)
                    .put(version.seen_at)
                    .put(version.reread);
            })
            .push(" ON CONFLICT (listing, version) DO NOTHING")
            .run(tx)
            .await?;
    }
    let listings: Vec<ListingId> = versions.iter().map(|version| version.listing).collect();
    search::index(tx, &listings).await
}

/// What a listing said in one version.
pub async fn version(
    tx: &mut Tx,
    listing: ListingId,
    version: i64,
) -> Result<Option<ListingVersion>> {
    Ok(versions(tx, &[(listing, version)]).await?.pop())
}

/// What listings said in these versions, in no order.
pub async fn versions(tx: &mut Tx, wanted: &[(ListingId, i64)]) -> Result<Vec<ListingVersion>> {
    let mut versions = Vec::with_capacity(wanted.len());
    for wanted in tx.chunks(wanted) {
        let sql = tx
            .sql("WITH wanted (listing, version) AS (VALUES ")
            .rows(wanted, |(listing, version), row| {
                row.put(*listing).put(*version);
            })
            .push(
                ") SELECT said.listing, said.version, said.capture, said.title, said.body, said.fields, said.text,
                     said.seen_at, said.reread
                   FROM wanted CROSS JOIN listing_version AS said
                   WHERE said.organisation = ? AND said.listing = wanted.listing AND said.version = wanted.version",
            )
            .bind(tx.org);
        versions.extend(sql.all::<ListingVersion>(tx).await?);
    }
    Ok(versions)
}

/// Every version of a listing, the first first.
pub async fn history(tx: &mut Tx, listing: ListingId) -> Result<Vec<ListingVersion>> {
    let text = format!(
        "SELECT {VERSION_COLUMNS} FROM listing_version WHERE organisation = ? AND listing = ? ORDER BY version"
    );
    tx.sql(&text).bind(tx.org).bind(listing).all(tx).await
}

/// How many listings of its source a run has seen that its lists lead to, and how many of these say the very same, at most.
pub async fn alike_in(tx: &mut Tx, source: SourceId, run: RunId) -> Result<(i64, i64)> {
    let counts: Option<(i64, i64)> = tx
        .sql(
            "SELECT CAST(sum(many) AS BIGINT), max(many) FROM (
               SELECT count(*) AS many FROM listing
               WHERE organisation = ? AND source = ? AND seen_run = ? AND unlisted_since IS NULL GROUP BY digest) AS alike
             HAVING count(*) > 0",
        )
        .bind(tx.org)
        .bind(source)
        .bind(run)
        .optional(tx)
        .await?;
    Ok(counts.unwrap_or_default())
}

/// RETURNING promises no order.
fn sorted(mut marked: Vec<(ListingId,)>) -> Vec<ListingId> {
    marked.sort_unstable();
    marked.into_iter().map(|(id,)| id).collect()
}

/// The listings of these identifiers with what they say now, in no order.
pub async fn present(tx: &mut Tx, ids: &[ListingId]) -> Result<Vec<PresentListing>> {
    let mut listings = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = tx
            .sql(PRESENT)
            .bind(tx.org)
            .push("+listing.organisation = ?")
            .bind(tx.org)
            .push(" AND listing.id IN ")
            .list(ids.iter().copied());
        listings.extend(sql.all::<PresentListing>(tx).await?);
    }
    Ok(listings)
}

/// The `state` by which [`list`] is asked for those alone that vanished.
pub const REMOVED: &str = "removed";

/// Listings with what they say now, the latest found first; `since` is of the last sight, and `state` may be [`REMOVED`].
pub async fn list(tx: &mut Tx, filter: &Filter<ListingId>) -> Result<Vec<PresentListing>> {
    // Of one source, they are found by source and sorted; of all, they are walked back from the latest.
    let organisation = match filter.source {
        Some(_) => "listing.organisation = ?",
        None => "+listing.organisation = ?",
    };
    tx.sql(PRESENT)
        .bind(tx.org)
        .push(organisation)
        .bind(tx.org)
        .push_if(" AND listing.last_seen >= ?", filter.since)
        .push_if(" AND listing.source = ?", filter.source)
        .push(match filter.state {
            Some(REMOVED) => " AND listing.removed_at IS NOT NULL",
            _ => "",
        })
        .push_if(" AND listing.id < ?", filter.after)
        .push(" ORDER BY listing.id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
