//! Where an entry or a selector was seen, as people are shown it: page by page, by day, by source, and in what company.
//! Each is a walk down an index that stops where it has enough, however many there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_model::{
    EntryId, ListingId, Observation, ObservationId, Selector, SelectorId, Sighting, SightingId,
    SourceId, Timestamp,
};

use crate::{
    Result, Tx,
    cell::{Cells, Record},
    observations, selectors, sightings,
    sql::padded,
};

/// Sightings of an entry, the latest first; `after` is the last one of the page before.
pub async fn sightings(
    tx: &mut Tx,
    entry: EntryId,
    after: Option<(Timestamp, SightingId)>,
    limit: u32,
) -> Result<Vec<Sighting>> {
    let sql = sightings::select(tx)
        .push(" AND sighting.entry = ?")
        .bind(entry);
    let sql = match after {
        Some((at, id)) => sql
            .push(" AND (sighting.at, sighting.id) < (?, ?)")
            .bind(at)
            .bind(id),
        None => sql,
    };
    sql.push(" ORDER BY sighting.at DESC, sighting.id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Sightings of an entry by the day (UTC) on which they were judged, from `since` on; days without any are left out.
pub async fn by_day(
    tx: &mut Tx,
    entry: EntryId,
    since: Timestamp,
) -> Result<BTreeMap<Timestamp, i64>> {
    let days: Vec<(i64, i64)> = tx
        .sql(
            "SELECT at / 86400000, count(*) FROM sighting
             WHERE +organisation = ? AND entry = ? AND at >= ? GROUP BY at / 86400000",
        )
        .bind(tx.org)
        .bind(entry)
        .bind(since)
        .all(tx)
        .await?;
    let days = days.into_iter();
    Ok(days
        .map(|(day, count)| (Timestamp(day * DAY), count))
        .collect())
}

/// What one source has of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnSource {
    /// The source.
    pub source: SourceId,
    /// How many of its listings.
    pub listings: i64,
    /// When it was first seen there.
    pub first_seen: Timestamp,
    /// When it was last seen there.
    pub last_seen: Timestamp,
}

impl Record for OnSource {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            source: cells.next()?,
            listings: cells.next()?,
            first_seen: cells.next()?,
            last_seen: cells.next()?,
        })
    }
}

/// Where a selector or an entry was seen, as far as the latest so many tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Latest {
    /// The listings, the latest found first.
    pub listings: Vec<ListingId>,
    /// When and where each of them showed it, in the same order.
    pub each: Vec<OnSource>,
    /// By source, the most listings first.
    pub sources: Vec<OnSource>,
}

struct Spot(ListingId, OnSource);

impl Record for Spot {
    fn read(cells: &mut Cells) -> Result<Self> {
        let listing = cells.next()?;
        let source = cells.next()?;
        Ok(Self(
            listing,
            OnSource {
                source,
                listings: 1,
                first_seen: cells.next()?,
                last_seen: cells.next()?,
            },
        ))
    }
}

impl Latest {
    fn of(spots: Vec<Spot>) -> Self {
        let mut listings = Vec::with_capacity(spots.len());
        let mut each = Vec::with_capacity(spots.len());
        let mut sources = HashMap::<SourceId, OnSource>::new();
        for Spot(listing, spot) in spots {
            listings.push(listing);
            each.push(spot);
            sources
                .entry(spot.source)
                .and_modify(|known| {
                    known.listings += 1;
                    known.first_seen = known.first_seen.min(spot.first_seen);
                    known.last_seen = known.last_seen.max(spot.last_seen);
                })
                .or_insert(spot);
        }
        let mut sources: Vec<OnSource> = sources.into_values().collect();
        sources.sort_by_key(|one| (-one.listings, one.source));
        Self {
            listings,
            each,
            sources,
        }
    }

    /// When it was first and last seen, as far as these tell.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.sources.iter().map(|one| one.first_seen).min()?;
        let last = self.sources.iter().map(|one| one.last_seen).max()?;
        Some((first, last))
    }
}

/// Where an entry was seen, by its latest `most` sightings.
pub async fn of_entry(tx: &mut Tx, entry: EntryId, most: u32) -> Result<Latest> {
    let spots = tx
        .sql(
            "SELECT latest.listing, latest.source, latest.first_seen,
               CASE WHEN latest.current = 1 AND listing.last_seen > latest.last_seen
                 THEN listing.last_seen ELSE latest.last_seen END
             FROM (SELECT listing, source, first_seen, last_seen, current, at, id FROM sighting
                   WHERE +organisation = ? AND entry = ? ORDER BY at DESC, id DESC LIMIT ?) AS latest
               CROSS JOIN listing
             WHERE listing.id = latest.listing AND +listing.organisation = ?
             ORDER BY latest.at DESC, latest.id DESC",
        )
        .bind(tx.org)
        .bind(entry)
        .bind(i64::from(most))
        .bind(tx.org)
        .all(tx)
        .await?;
    Ok(Latest::of(spots))
}

/// Where a selector was seen, by its latest `most` observations.
pub async fn of_selector(tx: &mut Tx, selector: SelectorId, most: u32) -> Result<Latest> {
    let spots = tx
        .sql(
            "SELECT latest.listing, listing.source, latest.first_seen,
               CASE WHEN latest.current = 1 AND selector.kind <> 'image' THEN listing.last_seen ELSE latest.seen_at END
             FROM (SELECT listing, selector, first_seen, seen_at, current, id FROM observation
                   WHERE +organisation = ? AND selector = ? ORDER BY id DESC LIMIT ?) AS latest
               CROSS JOIN listing CROSS JOIN selector
             WHERE listing.id = latest.listing AND selector.id = latest.selector AND +listing.organisation = ?
             ORDER BY latest.id DESC",
        )
        .bind(tx.org)
        .bind(selector)
        .bind(i64::from(most))
        .bind(tx.org)
        .all(tx)
        .await?;
    Ok(Latest::of(spots))
}

/// The identifier of a selector, where it was ever seen.
pub async fn known(tx: &mut Tx, selector: &Selector) -> Result<Option<SelectorId>> {
    let wanted = [selector].into();
    let found = selectors::find(tx, &wanted).await?;
    Ok(found.into_values().next())
}

/// The identifiers of those selectors that were ever seen.
pub async fn known_of<'s>(
    tx: &mut Tx,
    selectors: &BTreeSet<&'s Selector>,
) -> Result<BTreeMap<&'s Selector, SelectorId>> {
    selectors::find(tx, selectors).await
}

/// Observations of a selector, the latest found first; `after` is the last one of the page before.
pub async fn observations(
    tx: &mut Tx,
    selector: SelectorId,
    after: Option<ObservationId>,
    limit: u32,
) -> Result<Vec<Observation>> {
    observations::select(tx)
        .push(" AND observation.selector = ?")
        .bind(selector)
        .push_if(" AND observation.id < ?", after)
        .push(" ORDER BY observation.id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}

/// As many listings as company is counted of, mostly.
const LENGTHS: [usize; 3] = [16, 128, 512];

/// A selector that stands in the same listings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Companion {
    /// The selector.
    pub selector: Selector,
    /// In how many of the listings.
    pub listings: i64,
}

/// What stands in these listings but `except`, in the most of them first, then what was seen first; `most` at most.
pub async fn company(
    tx: &mut Tx,
    listings: &[ListingId],
    except: &Selector,
    most: usize,
) -> Result<Vec<Companion>> {
    if listings.is_empty() {
        return Ok(Vec::new());
    }
    // Counted where they are: five hundred listings have thousands of selectors.
    let counts: Vec<(SelectorId, i64)> = tx
        .sql("SELECT selector, count(*) FROM observation WHERE +organisation = ? AND listing IN ")
        .bind(tx.org)
        .list(padded(listings, &LENGTHS))
        .push(" GROUP BY selector ORDER BY count(*) DESC, selector LIMIT ?")
        // One more, for that which is left out.
        .bind(most as i64 + 1)
        .all(tx)
        .await?;
    let ids: Vec<SelectorId> = counts.iter().map(|(selector, _)| *selector).collect();
    let mut named = selectors::get(tx, &ids).await?;
    let company = counts.into_iter().filter_map(|(id, listings)| {
        let selector = named.remove(&id).filter(|selector| selector != except)?;
        Some(Companion { selector, listings })
    });
    Ok(company.take(most).collect())
}
