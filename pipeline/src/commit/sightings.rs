//! Sightings: every match judged against what is remembered of its entry, and what people are told of it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet, hash_map},
    time::Duration,
};

use sightline_alerts::{
    decide::About,
    desk::Desk,
    judge::{Listing, Memory, Recollection, judge},
};
use sightline_model::{
    Certainty, EntryId, Explanation, Fate, Kind, ListingId, ObservationId, PageId, Previous,
    Reason, RunId, Sighting, SightingId, SourceId, Timestamp, WatchlistId,
};
use sightline_store::{
    Tx, alerts,
    entries::{self, told},
    sightings, verdicts,
};
use sightline_watchlists::{
    explain::excerpt,
    matcher::{Match, MatchBy},
};
use url::Url;

use super::{
    Committed, Item, Seen, Sight,
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
            url: sighting.url,
            observation: sighting.observation,
            explanation: sighting.explanation,
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
    let mut book = Book::open(tx, &shown, memory, looks).await?;
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
            previous: None,
            warning: found.warning.clone(),
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
            let url = sighting.explanation.raw.as_str();
            !(images.contains(&sighting.entry) && shown.contains(&(sighting.listing, url)))
        })
        .map(|sighting| (sighting.id, changed[&sighting.listing]))
        .collect())
}

/// The sightings of a commit as they come to stand: one for each pair of entry and listing.
struct Book<'m> {
    rows: HashMap<(EntryId, ListingId), Row>,
    memory: &'m mut HashMap<EntryId, Recollection>,
    /// The withheld sightings that stand in an alert: what people were told of them stays as it was told.
    told: HashSet<SightingId>,
    /// The pairs that somebody has rejected: they leave no memory, and their judgement stays as it was.
    rejected: HashSet<(EntryId, ListingId)>,
    /// When sources were looked at that show an entry after its gap.
    looks: HashMap<SourceId, Vec<Timestamp>>,
}

struct Row {
    sighting: Sighting,
    change: Change,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    New,
    Updated,
}

impl<'m> Book<'m> {
    async fn open(
        tx: &mut Tx,
        shown: &[Shown],
        memory: &'m mut HashMap<EntryId, Recollection>,
        looks: HashMap<SourceId, Vec<Timestamp>>,
    ) -> Result<Self, PipelineError> {
        let pairs: Vec<_> = shown.iter().map(|one| (one.entry, one.listing)).collect();
        let known = sightings::of_pairs(tx, &pairs).await?;
        let rejected = verdicts::rejected(tx, &pairs).await?;
        let withheld: Vec<_> = known
            .iter()
            .filter(|sighting| sighting.withheld)
            .map(|sighting| sighting.id)
            .collect();
        let told = alerts::in_any(tx, &withheld).await?;
        let rows = known
            .into_iter()
            .map(|sighting| {
                (
                    (sighting.entry, sighting.listing),
                    Row {
                        sighting,
                        change: Change::None,
                    },
                )
            })
            .collect();
        Ok(Self {
            rows,
            memory,
            told,
            rejected,
            looks,
        })
    }

    /// Judges one more sight, and remembers it. Returns the sighting to be decided on, if a decision is due: for a new
    /// pair always, for a known one where it is news.
    fn enter(
        &mut self,
        shown: Shown,
        gap: Duration,
        as_reason: Option<Reason>,
        id: SightingId,
    ) -> Option<Cow<'_, Sighting>> {
        let certainty = shown.explanation.certainty();
        let is_rejected = self.rejected.contains(&(shown.entry, shown.listing));
        let listing = self.listing(&shown);
        let memory = self.memory.entry(shown.entry).or_default();
        let behind = memory.behind(certainty);
        let reason = match (is_rejected, as_reason) {
            (true, _) => Reason::Continued,
            (false, Some(reason)) => reason,
            (false, None) => {
                let looks = self.looks.get(&shown.source).map_or(&[][..], Vec::as_slice);
                judge(behind, shown.source, listing, shown.at, gap, looks)
            }
        };
        let previous = behind.map(|memory| memory.last_seen.clone());
        if !is_rejected {
            memory.see(certainty, shown.at, shown.source, shown.listing);
        }

        let mut explanation = shown.explanation;
        let row = match self.rows.entry((shown.entry, shown.listing)) {
            hash_map::Entry::Occupied(row) => row.into_mut(),
            hash_map::Entry::Vacant(place) => {
                explanation.previous = previous;
                let sighting = Sighting {
                    id,
                    entry: shown.entry,
                    watchlist: shown.watchlist,
                    observation: shown.observation,
                    listing: shown.listing,
                    source: shown.source,
                    url: shown.url,
                    reason,
                    at: shown.at,
                    first_seen: shown.at,
                    last_seen: shown.at,
                    current: shown.current,
                    withheld: false,
                    explanation,
                    fate: None,
                };
                let change = Change::New;
                let row = place.insert(Row { sighting, change });
                return Some(Cow::Borrowed(&row.sighting));
            }
        };
        let sighting = &mut row.sighting;
        // What was withheld is decided on anew. Where an alert told of it once, that judgement stays as it was: the alert
        // shows it.
        let was_withheld = std::mem::take(&mut sighting.withheld);
        let is_kept = !is_rejected && was_withheld && self.told.contains(&sighting.id);
        // So is what was not certain, and now is, or what a warning list named, and no longer does.
        let is_surer = certainty > sighting.explanation.certainty() && reason != Reason::Continued;
        let is_news = !is_rejected
            && (was_withheld
                || is_surer
                || !matches!(reason, Reason::Continued | Reason::Historic));
        if is_kept {
            explanation.previous = sighting.explanation.previous.clone();
        } else if !is_news {
            explanation.previous = sighting.explanation.previous.clone();
            if sighting.current == shown.current && sighting.explanation == explanation {
                return None;
            }
        } else {
            explanation.previous = previous;
            sighting.reason = reason;
            sighting.at = shown.at;
        }
        sighting.explanation = explanation;
        sighting.observation = shown.observation;
        sighting.url = shown.url;
        sighting.last_seen = shown.at;
        sighting.current = shown.current;
        if row.change == Change::None {
            row.change = Change::Updated;
        }
        let sighting = &row.sighting;
        match is_kept {
            true => Some(Cow::Owned(Sighting {
                reason,
                at: shown.at,
                ..sighting.clone()
            })),
            false => is_news.then_some(Cow::Borrowed(sighting)),
        }
    }

    /// Whether the listing has shown the entry before, in a way that people could be told of.
    fn listing(&self, shown: &Shown) -> Listing {
        let was_shown = |Row { sighting, .. }: &Row| {
            sighting.explanation.certainty() > Certainty::Warned
                && (!sighting.withheld || self.told.contains(&sighting.id))
        };
        match self.rows.get(&(shown.entry, shown.listing)) {
            Some(row) if was_shown(row) => Listing::Known,
            _ => Listing::New,
        }
    }

    /// Keeps what came of a sighting that was entered.
    fn note(&mut self, pair: (EntryId, ListingId), fate: Fate) {
        if let Some(row) = self.rows.get_mut(&pair) {
            row.sighting.fate = Some(fate);
        }
    }

    async fn store(self, tx: &mut Tx) -> Result<(), PipelineError> {
        let (mut new, mut updated) = (Vec::new(), Vec::new());
        for row in self.rows.into_values() {
            match row.change {
                Change::None => {}
                Change::New => new.push(row.sighting),
                Change::Updated => updated.push(row.sighting),
            }
        }
        sightings::insert(tx, &new).await?;
        Ok(sightings::update(tx, &updated).await?)
    }
}
