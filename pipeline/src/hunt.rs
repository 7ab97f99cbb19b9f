//! The hunt: entries against all that is already stored, so that an entry is looked for in the past as in the future.
//! What it finds is marked as historic, and raises one alert for each entry, not one for each sighting.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use sightline_model::{
    CaptureId, EntryId, Explanation, Find, Kind, Listing, ListingId, ListingVersion, Observation,
    Reason, Selector, SourceId, WatchlistId, Way,
};
use sightline_store::{Filter, Tx, entries, listings, observations, selectors};
use sightline_watchlists::{
    explain::excerpt,
    matcher::{Match, MatchBy, Matcher, Subject, Watched},
};

use crate::{
    PipelineError,
    commit::{Committed, Shown, judge_all, remember},
    instance::Instance,
    lookout::{Sight, watched},
};

/// Entries that are hunted together: each round looks through what is stored once, however many it looks for.
const ENTRIES: u32 = 5_000;
/// Observations, or listings, that are looked at in one transaction.
const ROWS: u32 = 2_000;

/// What a hunt looked for and found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hunted {
    /// Entries that were looked for.
    pub entries: u64,
    /// Listings that showed one of them, each pair counted once.
    pub matches: u64,
}

/// Looks for the entries that were added since the last look, in all that is stored.
///
/// # Errors
/// If the store can't be read or written. What was hunted stays hunted; the rest is hunted next time.
pub async fn hunt_new(instance: &Instance) -> Result<Hunted, PipelineError> {
    let mut hunted = Hunted::default();
    loop {
        let now = instance.clock.now();
        let mut tx = instance.read().await?;
        let new = entries::not_yet_hunted(&mut tx, now, ENTRIES).await?;
        drop(tx);
        if new.is_empty() {
            return Ok(hunted);
        }
        // A whole list at once is mostly imported before the first crawl.
        if hunted.entries == 0 && new.len() > 1 {
            hunted.entries = hunt_in_nothing(instance).await?;
            if hunted.entries > 0 {
                continue;
            }
        }
        let new: Vec<_> = new.into_iter().map(watched).collect();
        hunt_for(instance, &new, &mut hunted).await?;
    }
}

/// While no listing is stored, there is nothing to look through: all entries are done at once. How many that were.
async fn hunt_in_nothing(instance: &Instance) -> Result<u64, PipelineError> {
    let mut tx = instance.write().await?;
    let first = listings::list(
        &mut tx,
        &Filter {
            limit: 1,
            ..Filter::default()
        },
    )
    .await?;
    if !first.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    let hunted = entries::mark_all_hunted(&mut tx, instance.clock.now()).await?;
    tx.commit().await?;
    Ok(hunted)
}

/// Looks for every entry of a watchlist, or of all, in all that is stored.
///
/// # Errors
/// As [`hunt_new`].
pub async fn hunt(
    instance: &Instance,
    watchlist: Option<WatchlistId>,
) -> Result<Hunted, PipelineError> {
    let mut hunted = Hunted::default();
    let mut filter = Filter {
        watchlist,
        limit: ENTRIES,
        ..Filter::default()
    };
    loop {
        let now = instance.clock.now();
        let mut tx = instance.read().await?;
        let part = entries::list(&mut tx, &filter).await?;
        drop(tx);
        let Some(last) = part.last() else {
            return Ok(hunted);
        };
        filter.after = Some(last.id);
        let active: Vec<Watched> = part
            .iter()
            .filter(|entry| entry.is_looked_for(now))
            .map(Watched::from)
            .collect();
        hunt_for(instance, &active, &mut hunted).await?;
    }
}

async fn hunt_for(
    instance: &Instance,
    hunted_for: &[Watched],
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    let matcher = Matcher::new(hunted_for.iter().cloned())?;
    hunt_selectors(instance, &matcher, hunted_for, hunted).await?;
    if hunted_for
        .iter()
        .any(|entry| matches!(entry.selector.kind, Kind::Phrase | Kind::Pattern))
    {
        hunt_texts(instance, &matcher, hunted).await?;
    }
    let ids: Vec<EntryId> = hunted_for.iter().map(|entry| entry.id).collect();
    let mut tx = instance.write().await?;
    entries::mark_hunted(&mut tx, &ids, instance.clock.now()).await?;
    tx.commit().await?;
    hunted.entries += ids.len() as u64;
    Ok(())
}

async fn hunt_selectors(
    instance: &Instance,
    matcher: &Matcher,
    hunted_for: &[Watched],
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    let mut tx = instance.read().await?;
    let wanted = wanted(&mut tx, hunted_for).await?;
    drop(tx);
    let mut after = None;
    loop {
        let mut tx = instance.write().await?;
        let sight = instance.lookout.hold(&mut tx, instance.clock.now()).await?;
        let found = observations::by_selectors(&mut tx, &wanted, after, ROWS).await?;
        let Some(last) = found.last() else {
            tx.rollback().await?;
            return Ok(());
        };
        after = Some(last.id);
        let places = Places::of(&mut tx, &found).await?;
        let mut shown = Vec::new();
        for observation in &found {
            let find = as_find(observation);
            let of_image = [find.selector.clone()];
            let blank = Subject {
                furniture: places
                    .source(observation)
                    .and_then(|at| sight.furniture(at)),
                ..Subject::default()
            };
            let subject = match find.selector.kind {
                Kind::Image => Subject {
                    images: &of_image,
                    ..blank
                },
                _ => Subject {
                    finds: std::slice::from_ref(&find),
                    ..blank
                },
            };
            for matched in matcher.matches(&subject, instance.clock.now()) {
                shown.extend(places.shown(observation, matched));
            }
        }
        judge(instance, &mut tx, &sight, shown, hunted).await?;
        tx.commit().await?;
    }
}

/// The selectors that entries may be matched by: their own, and those that share something with them or stand under them.
/// The matcher then has the last word.
async fn wanted(tx: &mut Tx, hunted_for: &[Watched]) -> Result<Vec<Selector>, PipelineError> {
    let mut wanted = BTreeSet::new();
    let mut kin = BTreeMap::<Kind, BTreeSet<String>>::new();
    let (mut mail_hosts, mut url_hosts) = (Vec::new(), Vec::new());
    for Watched { selector, way, .. } in hunted_for {
        wanted.insert(selector.clone());
        match way {
            Way::Exact => {}
            Way::Trailing
            | Way::AnyCountry
            | Way::Mailbox
            | Way::Platform
            | Way::AnyPlatform
            | Way::Prefix => {
                let shared = selector.kin().map(Cow::into_owned);
                kin.entry(selector.kind).or_default().extend(shared);
            }
            Way::Subdomains | Way::Host => {
                mail_hosts.push(format!("@{}", selector.value));
                mail_hosts.push(format!(".{}", selector.value));
            }
        }
        if *way == Way::Host {
            kin.entry(Kind::Url)
                .or_default()
                .insert(selector.value.clone());
            url_hosts.push(format!(".{}", selector.value));
        }
    }
    for (kind, shared) in kin {
        let shared: Vec<String> = shared.into_iter().collect();
        wanted.extend(selectors::of_kin(tx, kind, &shared).await?);
    }
    wanted.extend(selectors::ending_in(tx, Kind::Email, &mail_hosts).await?);
    wanted.extend(selectors::of_kin_ending_in(tx, Kind::Url, &url_hosts).await?);
    Ok(wanted.into_iter().collect())
}

async fn hunt_texts(
    instance: &Instance,
    matcher: &Matcher,
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    let mut filter = Filter {
        limit: ROWS,
        ..Filter::default()
    };
    loop {
        let mut tx = instance.write().await?;
        let sight = instance.lookout.hold(&mut tx, instance.clock.now()).await?;
        let found = listings::list(&mut tx, &filter).await?;
        let Some(last) = found.last() else {
            tx.rollback().await?;
            return Ok(());
        };
        filter.after = Some(last.listing.id);
        let mut shown = Vec::new();
        for listing in &found {
            let text = &listing.present.text;
            let subject = Subject {
                text,
                ..Subject::default()
            };
            for matched in matcher.matches(&subject, instance.clock.now()) {
                if let MatchBy::Text { start, end } = matched.by {
                    let place = Place {
                        listing: &listing.listing,
                        text,
                        capture: listing.present.capture,
                    };
                    shown.push(place.shown(matched, start, end));
                }
            }
        }
        judge(instance, &mut tx, &sight, shown, hunted).await?;
        tx.commit().await?;
    }
}

async fn judge(
    instance: &Instance,
    tx: &mut Tx,
    sight: &Arc<Sight>,
    shown: Vec<Shown>,
    hunted: &mut Hunted,
) -> Result<(), PipelineError> {
    hunted.matches += shown.len() as u64;
    let entries: BTreeSet<EntryId> = shown.iter().map(|one| one.entry).collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    let memory = remember(tx, &entries).await?;
    judge_all(
        tx,
        instance,
        sight,
        shown,
        memory,
        Some(Reason::Historic),
        &mut Committed::default(),
    )
    .await
}

fn as_find(observation: &Observation) -> Find {
    Find {
        selector: observation.selector.clone(),
        raw: observation.raw.clone(),
        start: usize::try_from(observation.start).unwrap_or(0),
        end: usize::try_from(observation.end).unwrap_or(0),
        confidence: observation.confidence,
        steps: observation.steps.clone(),
    }
}

/// Where observations stand: their listings, and what those said.
struct Places {
    listings: HashMap<ListingId, Listing>,
    versions: HashMap<(ListingId, i64), ListingVersion>,
}

impl Places {
    async fn of(tx: &mut Tx, found: &[Observation]) -> Result<Self, PipelineError> {
        let ids: BTreeSet<ListingId> = found.iter().map(|one| one.listing).collect();
        let ids: Vec<ListingId> = ids.into_iter().collect();
        let versions: BTreeSet<_> = found.iter().map(|one| (one.listing, one.version)).collect();
        let versions: Vec<_> = versions.into_iter().collect();
        let listings = listings::get(tx, &ids).await?;
        let versions = listings::versions(tx, &versions).await?;
        Ok(Self {
            listings: listings.into_iter().map(|one| (one.id, one)).collect(),
            versions: versions
                .into_iter()
                .map(|one| ((one.listing, one.version), one))
                .collect(),
        })
    }

    fn source(&self, observation: &Observation) -> Option<SourceId> {
        Some(self.listings.get(&observation.listing)?.source)
    }

    fn shown(&self, observation: &Observation, matched: Match) -> Option<Shown> {
        let listing = self.listings.get(&observation.listing)?;
        let text = match observation.selector.kind {
            Kind::Image => "",
            _ => {
                &self
                    .versions
                    .get(&(observation.listing, observation.version))?
                    .text
            }
        };
        let find = as_find(observation);
        let place = Place {
            listing,
            text,
            capture: observation.capture,
        };
        let mut shown = place.shown(matched, find.start, find.end);
        if observation.selector.kind == Kind::Image {
            shown.explanation.raw.clone_from(&observation.raw);
        }
        shown.observation = Some(observation.id);
        shown.current = observation.current;
        shown.at = observation.seen_at;
        Some(shown)
    }
}

struct Place<'p> {
    listing: &'p Listing,
    text: &'p str,
    capture: CaptureId,
}

impl Place<'_> {
    fn shown(&self, matched: Match, start: usize, end: usize) -> Shown {
        let around = excerpt(self.text, start, end);
        Shown {
            entry: matched.entry,
            watchlist: matched.watchlist,
            listing: self.listing.id,
            source: self.listing.source,
            url: self.listing.url.clone(),
            observation: None,
            explanation: Explanation {
                raw: around.raw.to_owned(),
                before: around.before.to_owned(),
                after: around.after.to_owned(),
                steps: matched.steps,
                confidence: matched.confidence,
                capture: self.capture,
                previous: None,
            },
            at: self.listing.last_seen,
            current: true,
            run: None,
        }
    }
}
