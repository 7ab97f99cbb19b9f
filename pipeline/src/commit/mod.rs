//! The commit: what many visits found, stored in one transaction. A crash before it repeats the visits; after it,
//! nothing is lost.
//!
//! The order matters in one place: what is remembered of entries is read before any listing is touched, for it tells
//! how long an entry was quiet until now.

mod before;
mod book;
mod doubles;
mod erased;
mod images;
mod listings;
mod looks;
mod observations;
mod pages;
mod repeats;
mod runs;
mod sightings;
mod telling;
mod unlisted;
mod visits;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use sightline_extractors::ReadListing;
use sightline_model::{
    AlertId, Capture, CaptureId, Listing, PageId, RunCounts, RunId, RunOutcome, Timestamp,
};
use sightline_store::{Tx, captures, hosts, leases, rewritings};
use sightline_watchlists::matcher::Match;

use crate::{
    PipelineError,
    instance::Instance,
    process::{Found, Processed},
};

pub(crate) use before::BeforeRuns;
pub(crate) use doubles::differ;
pub(crate) use runs::end as end_run;
pub(crate) use sightings::{Shown, judge_all, remember};
pub(crate) use telling::{Placed, gathered, open_alerts, quietness, save, told_of};

/// What a commit changed, for whoever watches.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    /// What each run did.
    pub counts: BTreeMap<RunId, RunCounts>,
    /// Runs that ended with it.
    pub finished: Vec<(RunId, RunOutcome)>,
    /// Alerts for which messages were put into the outbox.
    pub alerts: BTreeSet<AlertId>,
    /// True where it led to visits that are due at once.
    pub led_on: bool,
}

impl Committed {
    fn counts(&mut self, run: RunId) -> &mut RunCounts {
        self.counts.entry(run).or_default()
    }
}

/// One visit of the batch, with the identifiers that it was given.
struct Item<'b> {
    processed: &'b Processed,
    /// For each listing of its page, the entries that it shows, by what is looked for now.
    matches: &'b [Vec<Match>],
    /// The exchange that answered, or the last one.
    capture: Option<CaptureId>,
    /// Which listings of its page were erased, and are passed over.
    erased: HashSet<usize>,
    /// Where its listing's key is another's, too: what is told of that. It is kept by its address.
    shares_key: Option<String>,
    /// True of a counted page of listings that says what the page before it said.
    repeats: bool,
    /// The page that its URL is remembered as: an earlier one, or one that this commit makes.
    page: Option<PageId>,
}

/// Stores what `batch` found. Visits that this worker no longer has, since it was too slow, are passed over: another
/// worker has made them.
///
/// # Errors
/// If the store can't be written. Nothing is stored then, and the same batch may be tried again.
pub(crate) async fn commit(
    instance: &Instance,
    batch: &[Processed],
) -> Result<Committed, PipelineError> {
    let mut done = Committed::default();
    let mut tx = instance.write().await?;
    let sight = instance.lookout.hold(&mut tx, instance.clock.now()).await?;
    let matched_anew: Vec<_> = batch
        .iter()
        .map(|processed| match_anew(processed, &sight))
        .collect();
    let mut items = held(&mut tx, instance, batch, &matched_anew).await?;
    standing(&mut tx, &mut items).await?;
    erased::mark(&mut tx, &mut items).await?;
    erased::set_aside(&mut tx, &mut items, instance.clock.now()).await?;
    store_captures(&mut tx, &mut items).await?;
    let before = sightings::recall(&mut tx, &items).await?;
    doubles::mark(&mut tx, &mut items).await?;
    repeats::mark(&mut tx, &mut items).await?;
    pages::store(&mut tx, instance, &sight, &mut items).await?;
    let seen = listings::store(&mut tx, &items, &mut done).await?;
    let observed = observations::store(&mut tx, &seen).await?;
    let images = images::store(&mut tx, instance, &sight, &items, &seen).await?;
    let news = sightings::News {
        seen: &seen,
        observed: &observed,
        by_image: images.shown,
    };
    sightings::store(&mut tx, instance, &sight, before, news, &mut done).await?;
    store_hosts(&mut tx, instance, &items).await?;
    visits::store(&mut tx, instance, &items, images.due, &mut done).await?;
    runs::store(&mut tx, instance, &mut done).await?;
    tx.commit().await?;
    for (run, _) in &done.finished {
        instance.before_runs.forget(*run);
    }
    Ok(done)
}

/// The matches of a page that was matched before the entries last changed. An entry that came in between would otherwise
/// be missed for good: it is hunted in what is stored, which this page is not yet.
fn match_anew(processed: &Processed, sight: &Sight) -> Option<Vec<Vec<Match>>> {
    let Found::Page(page) = &processed.found else {
        return None;
    };
    (page.generation != sight.generation).then(|| {
        sight.matches(
            processed.task.lease.visit.source,
            &page.reading,
            processed.at,
        )
    })
}

async fn held<'b>(
    tx: &mut Tx,
    instance: &Instance,
    batch: &'b [Processed],
    matched_anew: &'b [Option<Vec<Vec<Match>>>],
) -> Result<Vec<Item<'b>>, PipelineError> {
    let ids: Vec<_> = batch
        .iter()
        .map(|processed| processed.task.lease.visit.id)
        .collect();
    let held = leases::still_held(tx, instance.worker(), &ids).await?;
    let held: HashSet<_> = held.into_iter().collect();
    let items: Vec<Item<'b>> = batch
        .iter()
        .zip(matched_anew)
        .filter(|(processed, _)| held.contains(&processed.task.lease.visit.id))
        .map(|(processed, anew)| Item {
            processed,
            matches: match (anew, &processed.found) {
                (Some(anew), _) => anew,
                (None, Found::Page(page)) => &page.matches,
                (None, _) => &[],
            },
            capture: None,
            erased: HashSet::new(),
            shares_key: None,
            repeats: false,
            page: processed.task.lease.page.as_ref().map(|page| page.id),
        })
        .collect();
    if items.len() < batch.len() {
        tracing::warn!(
            visits = batch.len() - items.len(),
            "leases ran out before the visits ended; others make them"
        );
    }
    Ok(items)
}

/// Passes over what names evidence that is not where it was: a file that was written anew meanwhile, or an earlier body that
/// was purged or erased. Those visits are made again, when their leases end.
async fn standing(tx: &mut Tx, items: &mut Vec<Item<'_>>) -> Result<(), PipelineError> {
    let kept = || items.iter().flat_map(|item| &item.processed.kept);
    let files: BTreeSet<&str> = kept().map(|kept| kept.evidence.file.as_str()).collect();
    let files: Vec<&str> = files.into_iter().collect();
    let rewritten: HashSet<String> = rewritings::gone(tx, &files).await?.into_iter().collect();
    let repeated: BTreeSet<CaptureId> = items.iter().filter_map(repeated_by).collect();
    let repeated: Vec<CaptureId> = repeated.into_iter().collect();
    let there = captures::existing(tx, &repeated).await?;
    let before = items.len();
    items.retain(|item| {
        let kept = &item.processed.kept;
        kept.iter()
            .all(|kept| !rewritten.contains(&kept.evidence.file))
            && repeated_by(item).is_none_or(|id| there.contains(&id))
    });
    if items.len() < before {
        tracing::info!(
            visits = before - items.len(),
            "the evidence that visits name was moved or purged meanwhile; they are made again"
        );
    }
    Ok(())
}

/// The earlier capture whose body an item repeats.
fn repeated_by(item: &Item<'_>) -> Option<CaptureId> {
    let repeats = item.processed.kept.iter().any(|kept| kept.repeats);
    let known = item.processed.task.known.as_ref().filter(|_| repeats);
    known.map(|known| known.id)
}

async fn store_captures(tx: &mut Tx, items: &mut [Item<'_>]) -> Result<(), PipelineError> {
    let count = items.iter().map(|item| item.processed.kept.len()).sum();
    let mut ids = tx.reserve::<CaptureId>(count).await?.into_iter();
    let mut rows = Vec::with_capacity(count);
    for item in items {
        let lease = &item.processed.task.lease;
        for (kept, id) in item.processed.kept.iter().zip(&mut ids) {
            let known = item.processed.task.known.as_ref();
            rows.push(Capture {
                id,
                source: lease.visit.source,
                run: lease.visit.run,
                visit: lease.visit.id,
                url: kept.url.clone(),
                status: kept.status,
                content_type: kept.content_type.clone(),
                length: kept.length,
                digest: kept.digest.clone(),
                peer: kept.peer.clone(),
                fetched_at: kept.fetched_at,
                took_ms: kept.took_ms,
                evidence: kept.evidence.clone(),
                revisit_of: known.filter(|_| kept.repeats).map(|known| known.id),
            });
            item.capture = Some(id);
        }
    }
    Ok(captures::insert(tx, &rows).await?)
}

async fn store_hosts(
    tx: &mut Tx,
    instance: &Instance,
    items: &[Item<'_>],
) -> Result<(), PipelineError> {
    // The last word on each host: gates are shared, so later states include earlier ones.
    let mut states = BTreeMap::new();
    for state in items.iter().flat_map(|item| &item.processed.hosts) {
        states.insert(&state.host, state);
    }
    let states: Vec<_> = states.into_values().cloned().collect();
    Ok(hosts::save(tx, instance.worker(), &states).await?)
}

/// A listing as the store has it after this commit, with what led there.
struct Seen<'b> {
    listing: Listing,
    /// What stood there before this commit; none for a new one.
    before: Option<Before>,
    /// As last read in this batch.
    read: &'b ReadListing,
    matches: &'b [Match],
    /// The capture that it was read from.
    capture: CaptureId,
    /// The run that saw it.
    run: RunId,
    /// True where its text, or what reads it, changed: its observations are compared anew.
    changed: bool,
    /// True where something else read its page than before.
    other_reader: bool,
}

/// What must be known of a listing's past.
#[derive(Clone, Copy)]
struct Before {
    last_seen: Timestamp,
    version: i64,
    /// True where it was marked as removed.
    is_gone: bool,
}

/// Shared by the parts: the same sight for the whole commit.
type Sight = Arc<crate::lookout::Sight>;
