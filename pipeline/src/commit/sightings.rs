//! Sightings: every match judged against what is remembered of its entry, and what people are told of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use sightline_alerts::{
    decide::About,
    desk::Desk,
    judge::{Memory, Recollection},
};
use sightline_model::{
    EntryId, Explanation, Kind, ListingId, ObservationId, PageId, Previous, Reason, RunId,
    Sighting, SightingId, SourceId, Span, Timestamp, WatchlistId,
};
use sightline_store::{
    Tx,
    entries::{self, told},
    sightings,
};
use sightline_watchlists::{
    explain::excerpt,
    matcher::{Match, MatchBy},
};
use url::Url;

use super::{
    Committed, Item, Seen, Sight,
    book::Book,
    looks::looks,
    observations::Observed,
    telling::{Placed, looked_for, open_alerts, quietness, save},
};
use crate::{PipelineError, instance::Instance, process::Found};

/// What is remembered before the commit changes anything.
pub(crate) struct Recalled {
    /// The current sightings in listings of pages that had not changed, each with the run that saw it again.
    again: BTreeMap<SightingId, (Sighting, RunId)>,
    memory: HashMap<EntryId, Recollection>,
}

/// An entry shown by a listing, on its way to be a sighting.
pub(crate) struct Shown {
    pub entry: EntryId,
    pub watchlist: WatchlistId,
    pub listing: ListingId,
    pub source: SourceId,
    pub url: Url,
    pub observation: Option<ObservationId>,
    pub explanation: Explanation,
    pub at: Timestamp,
    /// True where the listing's present version shows it.
    pub current: bool,
    pub run: Option<RunId>,
}

/// Reads what is remembered of the entries that the batch concerns, and keeps them to this transaction: two processes
/// that see one entry at once would otherwise both take it for the first time.
pub(super) async fn recall(tx: &mut Tx, items: &[Item<'_>]) -> Result<Recalled, PipelineError> {
    let mut unchanged = BTreeMap::<PageId, RunId>::new();
    let mut concerned = HashSet::new();
    for item in items {
        if let (Found::Unchanged, Some(page)) = (&item.processed.found, item.page) {
            unchanged.insert(page, item.processed.task.lease.visit.run);
        }
        concerned.extend(item.matches.iter().flatten().map(|found| found.entry));
    }
    let pages: Vec<PageId> = unchanged.keys().copied().collect();
    let again: BTreeMap<SightingId, (Sighting, RunId)> = sightings::on_pages(tx, &pages)
        .await?
        .into_iter()
        .filter_map(|(page, sighting)| Some((sighting.id, (sighting, *unchanged.get(&page)?))))
        .collect();
    concerned.extend(again.values().map(|(sighting, _)| sighting.entry));
    let entries: Vec<EntryId> = concerned.into_iter().collect();
    let memory = remember(tx, &entries).await?;
    Ok(Recalled { again, memory })
}

/// Keeps entries to this transaction, and reads what is remembered of them.
pub(crate) async fn remember(
    tx: &mut Tx,
    ids: &[EntryId],
) -> Result<HashMap<EntryId, Recollection>, PipelineError> {
    entries::hold(tx, ids).await?;
    let sightings::Memories { all, mut certain } = sightings::memory(tx, ids).await?;
    Ok(all
        .into_iter()
        .map(|(entry, known)| {
            let certain = certain.remove(&entry).map(as_memory);
            (entry, Recollection::new(Some(as_memory(known)), certain))
        })
        .collect())
}

fn as_memory(known: sightings::Memory) -> Memory {
    Memory {
        last_seen: Previous {
            at: known.last_seen,
            source: known.source,
            listing: known.listing,
        },
        sources: known.sources,
    }
}

/// What the batch saw.
pub(super) struct News<'n, 'b> {
    /// The listings that were read, matched by their text.
    pub seen: &'n [Seen<'b>],
    /// Their observations.
    pub observed: &'n Observed,
    /// What images showed.
    pub by_image: Vec<Shown>,
}

/// Judges and stores what the batch saw.
pub(super) async fn store(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    mut recalled: Recalled,
    news: News<'_, '_>,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    let News {
        seen,
        observed,
        by_image: mut shown,
    } = news;
    // Entries that images showed were not known when the memory was read; no listing's last sight tells of them yet.
    let more: Vec<EntryId> = shown.iter().map(|one| one.entry).collect();
    recalled.memory.extend(remember(tx, &more).await?);
    let mut matched = HashSet::new();
    for seen in seen {
        for found in seen.matches {
            matched.insert((found.entry, seen.listing.id));
            shown.push(of_match(seen, found, observed));
        }
    }
    let ended = ended(tx, seen, &matched).await?;
    sightings::end(tx, &ended).await?;

    let now = instance.clock.now();
    let read: HashSet<ListingId> = seen.iter().map(|seen| seen.listing.id).collect();
    let again = recalled.again.into_values();
    // What one of a listing's pages says now outweighs that another had not changed.
    for (sighting, run) in again.filter(|(sighting, _)| !read.contains(&sighting.listing)) {
        shown.push(Shown {
            entry: sighting.entry,
            watchlist: sighting.watchlist,
            listing: sighting.listing,
            source: sighting.source,
            url: sighting.latest_url().clone(),
            observation: sighting.observation,
            explanation: sighting.latest().clone(),
            at: now,
            current: true,
            run: Some(run),
        });
    }
    judge_all(tx, instance, sight, shown, &mut recalled.memory, None, done).await
}

/// Judges what was shown, in the order in which it was seen, and stores the sightings, the alerts and the messages that come of it. `as_reason`
/// stands for the judgement where the reason is known beforehand. What was seen is added to `memory`, so that a hunt reads
/// that once, and not once for each part of what it finds.
pub(crate) async fn judge_all(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    mut shown: Vec<Shown>,
    memory: &mut HashMap<EntryId, Recollection>,
    as_reason: Option<Reason>,
    done: &mut Committed,
) -> Result<(), PipelineError> {
    if shown.is_empty() {
        return Ok(());
    }
    // Visits end in any order; the first of a page stays before its second.
    shown.sort_by_key(|one| one.at);
    let now = instance.clock.now();
    let ids: HashSet<EntryId> = shown.iter().map(|one| one.entry).collect();
    let ids: Vec<EntryId> = ids.into_iter().collect();
    let looked_for = looked_for(tx, &ids, now).await?;
    let quietness = quietness(tx, now).await?;
    let open = open_alerts(tx, sight, shown.iter().map(Placed::from), &looked_for).await?;
    let lately = told::lately(tx, &ids, now).await?;
    let mut desk = Desk::new(open, quietness.silences(), now, &instance.mint).knowing(lately);
    let looks = looks(tx, sight, &shown, memory).await?;
    let mut book = Book::open(tx, &shown, memory, &instance.before_runs, looks).await?;
    for one in shown {
        // Withdrawn or expired since it matched, or since its page was read the last time: nothing is owed to it.
        let Some(entry) = looked_for.get(&one.entry) else {
            continue;
        };
        let about = About::of(entry);
        let rules = sight.rules(one.watchlist);
        let run = one.run;
        let pair = (one.entry, one.listing);
        let id = instance.mint.id(now);
        if let Some(news) = book.enter(one, rules.gap(), as_reason, id) {
            let (_, fate) = desk.decide(&news, about, &rules);
            book.note(pair, fate);
            if let Some(run) = run {
                done.counts(run).sightings += 1;
            }
        }
    }
    book.store(tx).await?;
    save(tx, desk.changes(), now, done).await
}

fn of_match(seen: &Seen<'_>, found: &Match, observed: &Observed) -> Shown {
    let (start, end, observation) = match found.by {
        MatchBy::Find(index) => {
            let find = &seen.read.finds[index];
            let key = (seen.listing.id, find.selector.clone());
            (find.start, find.end, observed.get(&key).copied())
        }
        MatchBy::Text { start, end } => (start, end, None),
        // The text has no images; they are matched when they come.
        MatchBy::Image(_) => (0, 0, None),
    };
    let around = excerpt(&seen.read.text, start, end);
    Shown {
        entry: found.entry,
        watchlist: found.watchlist,
        listing: seen.listing.id,
        source: seen.listing.source,
        url: seen.listing.url.clone(),
        observation,
        explanation: Explanation {
            raw: around.raw.to_owned(),
            before: around.before.to_owned(),
            after: around.after.to_owned(),
            steps: found.steps.clone(),
            confidence: found.confidence,
            capture: seen.capture,
            span: (!matches!(found.by, MatchBy::Image(_))).then_some(Span {
                version: seen.listing.version,
                start,
                end,
            }),
            previous: None,
            warning: found.warning.clone(),
            also: found.also(&seen.read.finds, &seen.read.text),
        },
        at: seen.listing.last_seen,
        current: true,
        run: Some(seen.run),
    }
}

/// The sightings that listings no longer bear out, with the instant at which each last did.
async fn ended(
    tx: &mut Tx,
    seen: &[Seen<'_>],
    matched: &HashSet<(EntryId, ListingId)>,
) -> Result<Vec<(SightingId, Timestamp)>, PipelineError> {
    let changed: HashMap<ListingId, Timestamp> = seen
        .iter()
        .filter(|seen| seen.changed)
        .filter_map(|seen| Some((seen.listing.id, seen.before?.last_seen)))
        .collect();
    let ids: Vec<ListingId> = changed.keys().copied().collect();
    let stored = sightings::of_listings(tx, &ids).await?;
    let unmatched: Vec<&Sighting> = stored
        .iter()
        .filter(|sighting| sighting.current)
        .filter(|sighting| !matched.contains(&(sighting.entry, sighting.listing)))
        .collect();
    let ids: Vec<EntryId> = unmatched.iter().map(|sighting| sighting.entry).collect();
    // What an image showed ends when the listing drops the image, whatever its text.
    let shown: HashSet<(ListingId, &str)> = seen
        .iter()
        .flat_map(|seen| {
            seen.read
                .images
                .iter()
                .map(|url| (seen.listing.id, url.as_str()))
        })
        .collect();
    let images: HashSet<EntryId> = entries::get(tx, &ids)
        .await?
        .into_iter()
        .filter(|entry| entry.selector.kind == Kind::Image)
        .map(|entry| entry.id)
        .collect();
    Ok(unmatched
        .into_iter()
        .filter(|sighting| {
            let url = sighting.latest().raw.as_str();
            !(images.contains(&sighting.entry) && shown.contains(&(sighting.listing, url)))
        })
        .map(|sighting| (sighting.id, changed[&sighting.listing]))
        .collect())
}
