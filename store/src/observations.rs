//! Observations: which selectors and images were seen in which listings.

use std::collections::BTreeSet;

use sightline_model::{ListingId, Observation, ObservationId, Selector};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, Record},
    selectors,
    sql::Sql,
};

/// While an observation is current, it was last seen when its listing was.
const SELECT: &str = "SELECT observation.id, observation.listing, observation.version, observation.selector,
    selector.kind, selector.value, observation.capture, observation.raw, observation.start_byte, observation.end_byte,
    observation.confidence, observation.steps, observation.first_seen,
    CASE WHEN observation.current = 1 THEN listing.last_seen ELSE observation.seen_at END, observation.current
  FROM observation JOIN selector ON selector.id = observation.selector JOIN listing ON listing.id = observation.listing
  WHERE observation.organisation = ? AND +selector.organisation = ? AND +listing.organisation = ?";

fn select(tx: &Tx) -> Sql {
    tx.sql(SELECT).bind(tx.org).bind(tx.org).bind(tx.org)
}

impl Record for Observation {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            listing: cells.next()?,
            version: cells.next()?,
            selector_id: cells.next()?,
            selector: Selector {
                kind: cells.next()?,
                value: cells.next()?,
            },
            capture: cells.next()?,
            raw: cells.next()?,
            start: cells.next()?,
            end: cells.next()?,
            confidence: cells.next()?,
            steps: cells.json()?,
            first_seen: cells.next()?,
            seen_at: cells.next()?,
            current: cells.next()?,
        })
    }
}

/// What was observed in these listings, current or not, by listing.
pub async fn of_listings(tx: &mut Tx, listings: &[ListingId]) -> Result<Vec<Observation>> {
    let mut observations = Vec::new();
    for listings in tx.chunks(listings) {
        let sql = select(tx)
            .push(" AND observation.listing IN ")
            .list(listings.iter().copied());
        observations.extend(sql.all::<Observation>(tx).await?);
    }
    observations.sort_by_key(|observation| (observation.listing, observation.id));
    Ok(observations)
}

/// Stores new observations.
///
/// # Errors
/// Where the listing has one of the same selector already: look first.
pub async fn insert(tx: &mut Tx, observations: &[Observation]) -> Result<()> {
    for observations in tx.chunks(observations) {
        tx.sql(
            "INSERT INTO observation (organisation, id, listing, selector, version, capture, raw, start_byte, end_byte,
               confidence, steps, disguised, first_seen, seen_at, current) VALUES ",
        )
        .rows(observations, |observation, row| {
            row.put(tx.org).put(observation.id).put(observation.listing).put(observation.selector_id);
            row.put(observation.version).put(observation.capture).put(&observation.raw);
            row.put(observation.start).put(observation.end);
            row.put(observation.confidence).put(Json(&observation.steps)).put(observation.is_disguised());
            row.put(observation.first_seen).put(observation.seen_at).put(observation.current);
        })
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Brings observations up to date: all but listing, selector and first sight.
pub async fn update(tx: &mut Tx, observations: &[Observation]) -> Result<()> {
    for observations in tx.chunks(observations) {
        tx.sql(
            "WITH now (id, version, capture, raw, start_byte, end_byte, confidence, steps, disguised, seen_at,
               current) AS (VALUES ",
        )
        .rows(observations, |observation, row| {
            row.put(observation.id).put(observation.version).put(observation.capture);
            row.put(&observation.raw).put(observation.start).put(observation.end);
            row.put(observation.confidence).put(Json(&observation.steps)).put(observation.is_disguised());
            row.put(observation.seen_at).put(observation.current);
        })
        .push(
            ") UPDATE observation SET version = now.version, capture = now.capture, raw = now.raw,
                 start_byte = now.start_byte, end_byte = now.end_byte, confidence = now.confidence,
                 steps = now.steps, disguised = now.disguised, seen_at = now.seen_at, current = now.current
               FROM now WHERE observation.organisation = ? AND observation.id = now.id",
        )
        .bind(tx.org)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Where selectors were seen, current or not, `at_most` at a time by identifier: pass the last one as `after` for more.
pub async fn by_selectors(
    tx: &mut Tx,
    selectors: &[Selector],
    after: Option<ObservationId>,
    at_most: u32,
) -> Result<Vec<Observation>> {
    let wanted: BTreeSet<&Selector> = selectors.iter().collect();
    let ids: Vec<_> = selectors::find(tx, &wanted).await?.into_values().collect();
    let mut observations = Vec::new();
    for ids in tx.chunks(&ids) {
        let sql = select(tx)
            .push_if(" AND observation.id > ?", after)
            .push(" AND observation.selector IN ")
            .list(ids.iter().copied())
            .push(" ORDER BY observation.id LIMIT ?")
            .bind(i64::from(at_most));
        observations.extend(sql.all::<Observation>(tx).await?);
    }
    observations.sort_by_key(|observation| observation.id);
    observations.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
    Ok(observations)
}

/// The `state` by which [`list`] is asked for disguised ones alone.
pub const DISGUISED: &str = "disguised";

/// Observations, the latest found first; `since` is of the last sight, and `state` may be [`DISGUISED`].
pub async fn list(tx: &mut Tx, filter: &Filter<ObservationId>) -> Result<Vec<Observation>> {
    select(tx)
        .push_if(
            " AND CASE WHEN observation.current = 1 THEN listing.last_seen ELSE observation.seen_at END >= ?",
            filter.since,
        )
        .push_if(" AND listing.source = ?", filter.source)
        .push(match filter.state {
            Some(DISGUISED) => " AND observation.disguised = 1",
            _ => "",
        })
        .push_if(" AND observation.id < ?", filter.after)
        .push(" ORDER BY observation.id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
