//! The lookout: the matcher and the rules in force. When entries, watchlists or furniture change, what changed is
//! loaded, and the rest stays.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use sightline_alerts::rules::Rules;
use sightline_extractors::{ReadListing, Reading};
use sightline_model::{EntryId, Selector, SourceId, Timestamp, WatchlistId};
use sightline_store::{
    Tx,
    entries::{self, ChangeMark, ChangedEntry},
    erasures::{self, mark_of_listing, mark_of_url},
    furniture, generation, watchlists,
};
use sightline_watchlists::{
    furniture::withheld,
    matcher::{Match, Matcher, Subject, Watched},
    warnings::WarningLists,
};
use url::Url;

use crate::{PipelineError, places::Known};

#[cfg(test)]
mod tests;

/// Entries that are loaded by one statement.
const AT_ONCE: u32 = 5_000;

/// What is looked for at one moment, and whom to tell.
pub struct Sight {
    /// The store's count of changes that this was loaded at.
    pub generation: i64,
    /// Recognises entries.
    pub matcher: Matcher,
    /// The rules of each watchlist.
    rules: HashMap<WatchlistId, Rules>,
    /// What each source shows everywhere because it is the site's own.
    furniture: HashMap<SourceId, HashSet<Selector>>,
    warnings: Arc<WarningLists>,
    /// The marks of what was erased, and is not to be fetched again.
    erased: HashSet<String>,
}

impl Sight {
    /// True where anything was erased that is not to be fetched again.
    pub fn has_erased_any(&self) -> bool {
        !self.erased.is_empty()
    }

    /// True where what stood at this URL was erased.
    pub fn has_erased_at(&self, source: SourceId, url: &Url) -> bool {
        self.has_erased_any() && self.erased.contains(&mark_of_url(source, url))
    }

    /// The mark of a listing that was erased; none where it was not.
    pub fn erased_listing(&self, source: SourceId, key: &str) -> Option<String> {
        let mark = self
            .has_erased_any()
            .then(|| mark_of_listing(source, key))?;
        self.erased.contains(&mark).then_some(mark)
    }

    /// The entries that each listing of a source's page shows, in the order of its listings.
    pub fn matches(&self, source: SourceId, reading: &Reading, now: Timestamp) -> Vec<Vec<Match>> {
        let of = |listing: &ReadListing| {
            let subject = Subject {
                finds: &listing.finds,
                images: &[],
                text: &listing.text,
                furniture: self.furniture(source),
                warnings: Some(self.warnings()),
            };
            self.matcher.matches(&subject, now)
        };
        reading.listings.iter().map(of).collect()
    }

    /// What this source shows everywhere because it is the site's own.
    pub fn furniture(&self, source: SourceId) -> Option<&HashSet<Selector>> {
        self.furniture.get(&source)
    }

    /// The same of every source, and what is known to match where nothing is meant.
    pub(crate) fn known(&self) -> Known<'_> {
        Known {
            furniture: &self.furniture,
            warnings: &self.warnings,
        }
    }

    /// What is known to match where nothing is meant.
    pub fn warnings(&self) -> &WarningLists {
        &self.warnings
    }

    /// The rules of a watchlist. One that was made since has the defaults for the moment until the next look.
    pub fn rules(&self, watchlist: WatchlistId) -> Rules {
        self.rules.get(&watchlist).cloned().unwrap_or_default()
    }

    /// The watchlists whose alerts may need a message that no sighting brings about.
    pub fn following_up(&self) -> impl Iterator<Item = (WatchlistId, &Rules)> {
        self.rules
            .iter()
            .filter(|(_, rules)| rules.follows_up())
            .map(|(id, rules)| (*id, rules))
    }

    /// The watchlists whose alerts are closed when they have gone stale.
    pub fn closing_stale(&self) -> impl Iterator<Item = (WatchlistId, &Rules)> {
        self.rules
            .iter()
            .filter(|(_, rules)| rules.stale_days.is_some())
            .map(|(id, rules)| (*id, rules))
    }
}

/// Holds the present sight. Readers keep the one that they began with.
#[derive(Default)]
pub struct Lookout {
    sight: RwLock<Option<Arc<Sight>>>,
    warnings: Arc<WarningLists>,
}

impl Lookout {
    /// Under these warning lists, which hold for as long as the process does.
    pub fn under(warnings: WarningLists) -> Self {
        Self {
            sight: RwLock::default(),
            warnings: Arc::new(warnings),
        }
    }

    /// What is known to match where nothing is meant.
    pub fn warnings(&self) -> &WarningLists {
        &self.warnings
    }

    /// The present sight, brought up to date first where any of it changed since the last look.
    pub async fn look(&self, tx: &mut Tx, now: Timestamp) -> Result<Arc<Sight>, PipelineError> {
        let generation = generation::present(tx).await?;
        self.at(tx, generation, now).await
    }

    /// The sight that holds until the transaction ends: an entry that it does not know is added, and then hunted, after
    /// this transaction.
    pub async fn hold(&self, tx: &mut Tx, now: Timestamp) -> Result<Arc<Sight>, PipelineError> {
        let generation = generation::hold(tx).await?;
        self.at(tx, generation, now).await
    }

    async fn at(
        &self,
        tx: &mut Tx,
        generation: i64,
        now: Timestamp,
    ) -> Result<Arc<Sight>, PipelineError> {
        let held = self.held();
        // A later one is as good: the transaction began before the change that it knows.
        if let Some(sight) = held.as_ref().filter(|sight| sight.generation >= generation) {
            return Ok(Arc::clone(sight));
        }
        let sight = load(tx, held.as_deref(), &self.warnings, generation, now);
        let sight = Arc::new(sight.await?);
        let mut place = self.sight.write().unwrap_or_else(PoisonError::into_inner);
        if place
            .as_ref()
            .is_none_or(|other| other.generation < generation)
        {
            *place = Some(Arc::clone(&sight));
        }
        Ok(sight)
    }

    fn held(&self) -> Option<Arc<Sight>> {
        self.sight
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The sight of a generation: all of it, or what changed since the one that is held.
async fn load(
    tx: &mut Tx,
    held: Option<&Sight>,
    warnings: &Arc<WarningLists>,
    generation: i64,
    now: Timestamp,
) -> Result<Sight, PipelineError> {
    let mark = held.map_or(ChangeMark::FIRST, |held| {
        ChangeMark::behind(held.generation)
    });
    let (added, removed) = changed(tx, mark, now, held.is_some()).await?;
    let matcher = match held {
        Some(held) => held.matcher.with(added, &removed)?,
        None => Matcher::new(added)?,
    };
    Ok(Sight {
        generation,
        matcher,
        rules: rules(tx).await?,
        furniture: withheld(&furniture::list(tx, None).await?),
        warnings: Arc::clone(warnings),
        erased: erasures::all_suppressed(tx).await?,
    })
}

/// What changed behind a mark: the entries that are looked for since, and those that no longer are. Where nothing is held,
/// nothing is taken from it: a million drafts, or what years have withdrawn, take no memory then.
async fn changed(
    tx: &mut Tx,
    mut mark: ChangeMark,
    now: Timestamp,
    is_held: bool,
) -> Result<(Vec<Watched>, HashSet<EntryId>), PipelineError> {
    // An entry that changes while the parts are loaded comes twice: the last word counts.
    let mut changed = BTreeMap::new();
    loop {
        let part = entries::changed(tx, now, mark, AT_ONCE).await?;
        let Some(last) = part.last() else { break };
        mark = ChangeMark::after(last);
        for entry in part {
            if entry.is_looked_for || is_held {
                changed.insert(entry.id, entry.is_looked_for.then(|| watched(entry)));
            } else {
                changed.remove(&entry.id);
            }
        }
    }
    let gone = changed.iter().filter(|(_, watched)| watched.is_none());
    let removed = gone.map(|(id, _)| *id).collect();
    Ok((changed.into_values().flatten().collect(), removed))
}

/// What a matcher has to know of an entry that is looked for.
pub(crate) fn watched(entry: ChangedEntry) -> Watched {
    Watched {
        id: entry.id,
        watchlist: entry.watchlist,
        selector: entry.selector,
        way: entry.way,
        expires_at: entry.expires_at,
        despite_warning: entry.despite_warning,
    }
}

async fn rules(tx: &mut Tx) -> Result<HashMap<WatchlistId, Rules>, PipelineError> {
    let mut rules = HashMap::new();
    for watchlist in watchlists::all(tx).await? {
        // Written through the same type, so unreadable only after a downgrade: then the defaults, which alert.
        let read = Rules::read(&watchlist.rules).unwrap_or_else(|problem| {
            tracing::warn!(watchlist = watchlist.name, %problem, "using the default rules");
            Rules::default()
        });
        rules.insert(watchlist.id, read);
    }
    Ok(rules)
}
