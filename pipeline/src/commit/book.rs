//! The book of a commit: every sighting as it comes to stand, by what was judged of it before.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, hash_map},
    time::Duration,
};

use sightline_alerts::judge::{Listing, Recollection, judge};
use sightline_model::{
    Certainty, EntryId, Explanation, Fate, ListingId, Reason, Sighting, SightingId, Since,
    Timestamp,
};
use sightline_store::{Tx, alerts, sightings, verdicts};
use url::Url;

use super::{before::BeforeRuns, sightings::Shown};
use crate::PipelineError;

/// The sightings of a commit as they come to stand: one for each pair of entry and listing.
pub(super) struct Book<'m> {
    rows: HashMap<(EntryId, ListingId), Row>,
    memory: &'m mut HashMap<EntryId, Recollection>,
    before: &'m BeforeRuns,
    /// The withheld sightings that stand in an alert: what people were told of them stays as it was told.
    told: HashSet<SightingId>,
    /// The pairs that somebody has rejected: they leave no memory, and their judgement stays as it was.
    rejected: HashSet<(EntryId, ListingId)>,
    /// When listings were looked at that show an entry after its gap.
    looks: HashMap<ListingId, Vec<Timestamp>>,
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
    pub async fn open(
        tx: &mut Tx,
        shown: &[Shown],
        memory: &'m mut HashMap<EntryId, Recollection>,
        before: &'m BeforeRuns,
        looks: HashMap<ListingId, Vec<Timestamp>>,
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
            before,
            told,
            rejected,
            looks,
        })
    }

    /// Judges one more sight, and remembers it. Returns the sighting to be decided on, if a decision is due: for a new
    /// pair always, for a known one where it is news.
    pub fn enter(
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
                let looks = self
                    .looks
                    .get(&shown.listing)
                    .map_or(&[][..], Vec::as_slice);
                judge(behind, shown.source, listing, shown.at, gap, looks)
            }
        };
        let previous = behind.map(|memory| match shown.run {
            Some(run) => {
                let sought = (shown.entry, certainty);
                let last = &memory.last_seen;
                self.before.last_seen(run, sought, shown.source, last)
            }
            None => memory.last_seen.clone(),
        });
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
                    since: None,
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
        let is_surer = certainty > sighting.latest().certainty() && reason != Reason::Continued;
        let is_news = !is_rejected
            && (was_withheld
                || is_surer
                || !matches!(reason, Reason::Continued | Reason::Historic));
        // What led to a judgement stays as it stood then; only another judgement has other words.
        let kept =
            (is_kept || !is_news).then(|| since(sighting, (shown.at, &shown.url), &explanation));
        if let Some(since) = &kept
            && !is_news
            && sighting.current == shown.current
            && sighting.observation == shown.observation
            && sighting.since == *since
        {
            return None;
        }
        sighting.observation = shown.observation;
        sighting.last_seen = shown.at;
        sighting.current = shown.current;
        if row.change == Change::None {
            row.change = Change::Updated;
        }
        explanation.previous = previous;
        let judged = Sighting {
            reason,
            at: shown.at,
            url: shown.url,
            explanation,
            since: None,
            ..sighting.clone()
        };
        match kept {
            Some(since) => {
                sighting.since = since;
                is_news.then_some(Cow::Owned(judged))
            }
            None => {
                *sighting = judged;
                Some(Cow::Borrowed(sighting))
            }
        }
    }

    /// Whether the listing has shown the entry before, in a way that people could be told of.
    fn listing(&self, shown: &Shown) -> Listing {
        let was_shown = |Row { sighting, .. }: &Row| {
            sighting.latest().certainty() > Certainty::Warned
                && (!sighting.withheld || self.told.contains(&sighting.id))
        };
        match self.rows.get(&(shown.entry, shown.listing)) {
            Some(row) if was_shown(row) => Listing::Known,
            _ => Listing::New,
        }
    }

    /// Keeps what came of a sighting that was entered.
    pub fn note(&mut self, pair: (EntryId, ListingId), fate: Fate) {
        if let Some(row) = self.rows.get_mut(&pair) {
            row.sighting.fate = Some(fate);
        }
    }

    pub async fn store(self, tx: &mut Tx) -> Result<(), PipelineError> {
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

/// What a listing says of a sighting that keeps its judgement, where that is not what it said then. What is read so once more
/// says so since the first time.
fn since(sighting: &Sighting, (at, url): (Timestamp, &Url), read: &Explanation) -> Option<Since> {
    if at <= sighting.at {
        return sighting.since.clone();
    }
    if sighting.explanation.says_the_same(read) {
        return None;
    }
    match &sighting.since {
        Some(since) if since.explanation.says_the_same(read) => Some(since.clone()),
        _ => Some(Since {
            at,
            url: url.clone(),
            explanation: read.clone(),
        }),
    }
}
