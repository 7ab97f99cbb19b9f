//! What entries would have been seen in: found as a hunt finds it, and what is withheld kept apart.

use std::collections::HashMap;

use sightline_model::{
    EntryId, Furniture, Kind, ListingId, OrganisationId, Reason, Sighting, Timestamp,
};
use sightline_store::{Store, furniture, listings};
use sightline_watchlists::{
    furniture::{over, withheld},
    matcher::{Matcher, Watched},
};
use uuid::Uuid;

use super::{Ask, MOST};
use crate::{
    PipelineError,
    commit::Shown,
    hunt::{ROWS, part_of_texts, trail},
    places::{Known, Place, Places, matched_text},
};

/// True of what is found by what listings say.
pub(super) fn is_by_text(entry: &Watched) -> bool {
    matches!(entry.selector.kind, Kind::Phrase | Kind::Pattern)
}

/// The sightings that entries would have, one for each listing.
#[derive(Default)]
pub(super) struct Found {
    sightings: OfEntries,
    /// Those that only show what is their source's own.
    withheld: OfEntries,
    /// What that is.
    pub(super) furniture: HashMap<EntryId, Vec<Furniture>>,
}

type OfEntries = HashMap<EntryId, HashMap<ListingId, Sighting>>;

impl Found {
    pub(super) async fn observed(
        &mut self,
        store: &Store,
        organisation: OrganisationId,
        matcher: &Matcher,
        watched: &[Watched],
        ask: &Ask<'_>,
    ) -> Result<(), PipelineError> {
        let mut tx = store.read(organisation).await?;
        let mut furniture = furniture::list(&mut tx, None).await?;
        furniture.retain(|one| one.state.is_withheld());
        for (entry, of_entry) in over(watched.iter().cloned(), &furniture, ask.now)? {
            let of_entry = of_entry.into_iter().cloned().collect();
            self.furniture.insert(entry, of_entry);
        }
        let furniture = withheld(&furniture);
        // It is withheld here, and not by the matcher, so that it can be told how much that is.
        let unfurnished = HashMap::new();
        let mut trail = trail(&mut tx, watched).await?;
        drop(tx);
        while !trail.is_at_its_end() && !self.are_full(watched) {
            let mut tx = store.read(organisation).await?;
            let found = trail.follow(&mut tx, ROWS).await?;
            let places = Places::without_texts(&mut tx, &found).await?;
            let known = Known {
                furniture: &unfurnished,
                warnings: ask.warnings,
            };
            for (observation, matched) in places.matched(matcher, known, &found, ask.now) {
                let Some(shown) = places.shown(observation, matched) else {
                    continue;
                };
                let own = furniture.get(&shown.source);
                let is_withheld = own.is_some_and(|own| own.contains(&observation.selector));
                let mut sighting = as_sighting(shown, observation.first_seen);
                sighting.withheld = is_withheld;
                self.add(sighting);
            }
        }
        Ok(())
    }

    pub(super) async fn said(
        &mut self,
        store: &Store,
        organisation: OrganisationId,
        matcher: &Matcher,
        ask: &Ask<'_>,
    ) -> Result<(), PipelineError> {
        let entries = ask.entries.iter().map(|(entry, _)| entry);
        let by_text: Vec<Watched> = entries.filter(|one| is_by_text(one)).cloned().collect();
        let mut after = None;
        loop {
            let mut tx = store.read(organisation).await?;
            let found = listings::list(&mut tx, &part_of_texts(after)).await?;
            let Some(last) = found.last() else {
                return Ok(());
            };
            after = Some(last.listing.id);
            if self.are_full(&by_text) {
                return Ok(());
            }
            for one in &found {
                let text = &one.present.text;
                for (matched, start, end) in matched_text(matcher, ask.warnings, text, ask.now) {
                    let shown = Place::of(one).shown(matched, start, end);
                    // What earlier versions said is not looked through.
                    self.add(as_sighting(shown, one.present.seen_at));
                }
            }
        }
    }

    fn add(&mut self, seen: Sighting) {
        let found = match seen.withheld {
            true => &mut self.withheld,
            false => &mut self.sightings,
        };
        let of_entry = found.entry(seen.entry).or_default();
        if let Some(known) = of_entry.get_mut(&seen.listing) {
            known.first_seen = known.first_seen.min(seen.first_seen);
            known.last_seen = known.last_seen.max(seen.last_seen);
            known.current |= seen.current;
        } else if of_entry.len() < MOST {
            of_entry.insert(seen.listing, seen);
        }
    }

    fn is_full(&self, entry: EntryId) -> bool {
        let found = self.sightings.get(&entry);
        found.is_some_and(|found| found.len() >= MOST)
    }

    fn are_full(&self, watched: &[Watched]) -> bool {
        watched.iter().all(|one| self.is_full(one.id))
    }

    /// What an entry was seen in, and where beside that it was seen by what is withheld alone.
    pub(super) fn of(&mut self, entry: EntryId) -> (Vec<Sighting>, Vec<Sighting>) {
        let shown = self.sightings.remove(&entry).unwrap_or_default();
        let mut hidden = self.withheld.remove(&entry).unwrap_or_default();
        hidden.retain(|listing, _| !shown.contains_key(listing));
        (
            shown.into_values().collect(),
            hidden.into_values().collect(),
        )
    }
}

/// A sighting that would stand there, before it is judged.
fn as_sighting(shown: Shown, first_seen: Timestamp) -> Sighting {
    Sighting {
        id: Uuid::nil().into(),
        entry: shown.entry,
        watchlist: shown.watchlist,
        observation: shown.observation,
        listing: shown.listing,
        source: shown.source,
        url: shown.url,
        reason: Reason::Historic,
        at: first_seen,
        first_seen,
        last_seen: shown.at,
        current: shown.current,
        withheld: false,
        explanation: shown.explanation,
        since: None,
        fate: None,
    }
}
