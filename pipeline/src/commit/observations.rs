//! Observations: the selectors in each listing that was read, against those that were known of it.

use std::collections::{BTreeMap, HashMap};

use sightline_model::{Find, Kind, ListingId, Observation, ObservationId, Selector, SelectorId};
use sightline_store::{Tx, observations, selectors};

use super::Seen;
use crate::PipelineError;

/// Which observation says that a listing shows a selector.
pub(super) type Observed = HashMap<(ListingId, Selector), ObservationId>;

/// Stores the observations of the listings that changed, and returns those of all that were read and matched.
pub(super) async fn store(tx: &mut Tx, seen: &[Seen<'_>]) -> Result<Observed, PipelineError> {
    let mut known = known(tx, seen).await?;
    let changed: Vec<(&Seen<'_>, BTreeMap<&Selector, &Find>)> = seen
        .iter()
        .filter(|seen| seen.changed)
        .map(|seen| (seen, best(&seen.read.finds)))
        .collect();
    let ids = intern(tx, &changed).await?;

    let mut changes = Vec::new();
    let mut new = Vec::new();
    for (seen, finds) in &changed {
        for (&selector, &find) in finds {
            let Some(&selector_id) = ids.get(selector) else {
                continue;
            };
            let found = Found {
                seen,
                find,
                selector_id,
            };
            match known.get_mut(&(seen.listing.id, selector.clone())) {
                Some(observation) => {
                    found.renew(observation);
                    changes.push(observation.clone());
                }
                None => new.push(found),
            }
        }
        for ((listing, selector), observation) in &mut known {
            // Images are observed when they come; here they only end, when the listing drops them.
            let still_shown = match selector.kind {
                Kind::Image => seen
                    .read
                    .images
                    .iter()
                    .any(|url| url.as_str() == observation.raw),
                _ => finds.contains_key(selector),
            };
            if *listing == seen.listing.id && observation.current && !still_shown {
                // It was last seen when the listing still said so.
                observation.current = false;
                // That of an image is when its bytes last came.
                if selector.kind != Kind::Image {
                    observation.seen_at = seen
                        .before
                        .map_or(observation.seen_at, |before| before.last_seen);
                }
                changes.push(observation.clone());
            }
        }
    }
    let fresh = tx.reserve::<ObservationId>(new.len()).await?;
    let fresh: Vec<Observation> = new
        .into_iter()
        .zip(fresh)
        .map(|(found, id)| found.observation(id))
        .collect();
    observations::insert(tx, &fresh).await?;
    observations::update(tx, &changes).await?;

    let all = known.into_values().chain(fresh);
    Ok(all
        .map(|one| ((one.listing, one.selector), one.id))
        .collect())
}

/// The observations of the listings for which they matter: those that changed, and those that match.
async fn known(
    tx: &mut Tx,
    seen: &[Seen<'_>],
) -> Result<BTreeMap<(ListingId, Selector), Observation>, PipelineError> {
    let listings: Vec<ListingId> = seen
        .iter()
        .filter(|seen| seen.before.is_some() && (seen.changed || !seen.matches.is_empty()))
        .map(|seen| seen.listing.id)
        .collect();
    let found = observations::of_listings(tx, &listings).await?;
    Ok(found
        .into_iter()
        .map(|one| ((one.listing, one.selector.clone()), one))
        .collect())
}

/// Each selector once, by the find that took the least reading; of equals, the first.
fn best(finds: &[Find]) -> BTreeMap<&Selector, &Find> {
    let mut best: BTreeMap<&Selector, &Find> = BTreeMap::new();
    for find in finds {
        let held = best.entry(&find.selector).or_insert(find);
        if find.confidence > held.confidence {
            *held = find;
        }
    }
    best
}

async fn intern<'f>(
    tx: &mut Tx,
    changed: &[(&Seen<'_>, BTreeMap<&'f Selector, &'f Find>)],
) -> Result<HashMap<Selector, SelectorId>, PipelineError> {
    let mut wanted: Vec<Selector> = changed
        .iter()
        .flat_map(|(_, finds)| finds.keys().map(|&selector| selector.clone()))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let ids = selectors::intern(tx, &wanted).await?;
    Ok(wanted.into_iter().zip(ids).collect())
}

/// A find on its way to be an observation.
struct Found<'s> {
    seen: &'s Seen<'s>,
    find: &'s Find,
    selector_id: SelectorId,
}

impl Found<'_> {
    fn renew(&self, observation: &mut Observation) {
        observation.version = self.seen.listing.version;
        observation.capture = self.seen.capture;
        observation.raw.clone_from(&self.find.raw);
        observation.start = offset(self.find.start);
        observation.end = offset(self.find.end);
        observation.confidence = self.find.confidence;
        observation.steps.clone_from(&self.find.steps);
        observation.seen_at = self.seen.listing.last_seen;
        observation.current = true;
    }

    fn observation(&self, id: ObservationId) -> Observation {
        Observation {
            id,
            listing: self.seen.listing.id,
            version: self.seen.listing.version,
            selector_id: self.selector_id,
            selector: self.find.selector.clone(),
            capture: self.seen.capture,
            raw: self.find.raw.clone(),
            start: offset(self.find.start),
            end: offset(self.find.end),
            confidence: self.find.confidence,
            steps: self.find.steps.clone(),
            first_seen: self.seen.listing.last_seen,
            seen_at: self.seen.listing.last_seen,
            current: true,
        }
    }
}

/// A place in a text, which is at most 1 MiB long.
fn offset(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
