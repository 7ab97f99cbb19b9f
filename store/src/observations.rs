//! Observations: which selectors and images were seen in which listings.

use std::collections::BTreeSet;

use sightline_model::{ListingId, Observation, ObservationId, Selector, SelectorId};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, Record},
    selectors,
    sql::Sql,
};

/// While an observation is current, it was last seen when its listing was; an image when its bytes last came, for whether
/// its address still gives the same is not known from the listing.
const SEEN_AT: &str = "CASE WHEN observation.current = 1 AND selector.kind <> 'image' THEN listing.last_seen \
                       ELSE observation.seen_at END";

fn columns() -> String {
    format!(
        "observation.id, observation.listing, observation.version, observation.selector, selector.kind, selector.value,
         observation.capture, observation.raw, observation.start_byte, observation.end_byte, observation.confidence,
         observation.steps, observation.first_seen, {SEEN_AT}, observation.current"
    )
}

const JOINED: &str = "JOIN selector ON selector.id = observation.selector
  JOIN listing ON listing.id = observation.listing
  WHERE +selector.organisation = ? AND +listing.organisation = ?";

pub(crate) fn select(tx: &Tx) -> Sql {
    tx.sql(&format!(
        "SELECT {} FROM observation {JOINED} AND observation.organisation = ?",
        columns()
    ))
    .bind(tx.org)
    .bind(tx.org)
    .bind(tx.org)
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

/// The observations of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[ObservationId]) -> Result<Vec<Observation>> {
    let mut observations = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = select(tx)
            .push(" AND observation.id IN ")
            .list(ids.iter().copied());
        observations.extend(sql.all::<Observation>(tx).await?);
    }
    Ok(observations)
}

/// Where selectors were seen, followed a part at a time, each by its own transaction. What is observed meanwhile may be
/// met or not.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// In ascending order, as their observations come.
    selectors: Vec<SelectorId>,
    /// The first of them that has not come to its end.
    place: usize,
    /// Behind which of its observations to go on.
    after: Option<ObservationId>,
}

impl Trail {
    /// The trail of selectors; those that were never seen leave none.
    pub async fn of(tx: &mut Tx, selectors: &[Selector]) -> Result<Self> {
        let wanted: BTreeSet<&Selector> = selectors.iter().collect();
        let found = selectors::find(tx, &wanted).await?;
        let found: BTreeSet<SelectorId> = found.into_values().collect();
        Ok(Self {
            selectors: found.into_iter().collect(),
            ..Self::default()
        })
    }

    /// True where it leads no further.
    pub fn is_at_its_end(&self) -> bool {
        self.place >= self.selectors.len()
    }

    /// The next observations along it, current or not, `at_most` of them; none at its end.
    pub async fn follow(&mut self, tx: &mut Tx, at_most: u32) -> Result<Vec<Observation>> {
        // The inner query is one walk down the index for each selector, and stops where it has enough: one that half of
        // all listings show costs no more than the part that is asked for.
        let head = format!(
            "SELECT {} FROM (SELECT * FROM observation WHERE +organisation = ? AND selector IN ",
            columns()
        );
        let tail = format!(
            " ORDER BY selector, id LIMIT ?) AS observation {JOINED} ORDER BY observation.selector, observation.id"
        );
        while let Some(part) = self.part(tx) {
            let walked = part.len();
            let found: Vec<Observation> = tx
                .sql(&head)
                .bind(tx.org)
                .list(part.iter().copied())
                .push_if(" AND id > ?", self.after)
                .push(&tail)
                .bind(i64::from(at_most))
                .bind(tx.org)
                .bind(tx.org)
                .all(tx)
                .await?;
            self.go_on(walked, &found, at_most);
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The selectors that the next statement asks for: the one that was left half-way, or as many as it takes.
    fn part(&self, tx: &Tx) -> Option<Vec<SelectorId>> {
        let rest = self.selectors.get(self.place..)?;
        let rest = match self.after {
            Some(_) => rest.get(..1)?,
            None => rest,
        };
        tx.chunks(rest).next().map(<[SelectorId]>::to_vec)
    }

    fn go_on(&mut self, walked: usize, found: &[Observation], at_most: u32) {
        let is_full = usize::try_from(at_most).is_ok_and(|most| found.len() >= most);
        match found.last().filter(|_| is_full) {
            Some(last) => {
                let known = self.selectors.binary_search(&last.selector_id);
                self.place = known.unwrap_or_else(|next| next);
                self.after = Some(last.id);
            }
            None => {
                self.place += walked;
                self.after = None;
            }
        }
    }
}

/// The `state` by which [`list`] is asked for disguised ones alone.
pub const DISGUISED: &str = "disguised";

/// Observations, the latest found first; `since` is of the last sight, and `state` may be [`DISGUISED`].
pub async fn list(tx: &mut Tx, filter: &Filter<ObservationId>) -> Result<Vec<Observation>> {
    let since = format!(" AND {SEEN_AT} >= ?");
    select(tx)
        .push_if(&since, filter.since)
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
