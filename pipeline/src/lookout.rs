//! The lookout: the matcher and the rules in force, loaded anew when entries or watchlists change.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use sightline_alerts::rules::Rules;
use sightline_extractors::{ReadListing, Reading};
use sightline_model::{Timestamp, WatchlistId};
use sightline_store::{Tx, entries, watchlists};
use sightline_watchlists::matcher::{Match, Matcher, Subject, Watched};

use crate::PipelineError;

/// Entries that are loaded by one statement.
const AT_ONCE: u32 = 20_000;

/// What is looked for at one moment, and whom to tell.
pub struct Sight {
    /// The store's count of changes that this was loaded at.
    pub generation: i64,
    /// Recognises entries.
    pub matcher: Matcher,
    /// The rules of each watchlist.
    rules: HashMap<WatchlistId, Rules>,
}

impl Sight {
    /// The entries that each listing of a reading shows, in the order of its listings.
    pub fn matches(&self, reading: &Reading, now: Timestamp) -> Vec<Vec<Match>> {
        let of = |listing: &ReadListing| {
            let subject = Subject {
                finds: &listing.finds,
                images: &[],
                text: &listing.text,
            };
            self.matcher.matches(&subject, now)
        };
        reading.listings.iter().map(of).collect()
    }

    /// The rules of a watchlist. One that was made since has the defaults for the moment until the next look.
    pub fn rules(&self, watchlist: WatchlistId) -> Rules {
        self.rules.get(&watchlist).cloned().unwrap_or_default()
    }
}

/// Holds the present sight. Readers keep the one that they began with.
#[derive(Default)]
pub struct Lookout(RwLock<Option<Arc<Sight>>>);

impl Lookout {
    /// The present sight, loaded first where entries or watchlists changed since the last look.
    pub async fn look(&self, tx: &mut Tx, now: Timestamp) -> Result<Arc<Sight>, PipelineError> {
        let generation = entries::generation(tx).await?;
        self.at(tx, generation, now).await
    }

    /// The sight that holds until the transaction ends: an entry that it does not know is added, and then hunted, after
    /// this transaction.
    pub async fn hold(&self, tx: &mut Tx, now: Timestamp) -> Result<Arc<Sight>, PipelineError> {
        let generation = entries::hold_generation(tx).await?;
        self.at(tx, generation, now).await
    }

    async fn at(
        &self,
        tx: &mut Tx,
        generation: i64,
        now: Timestamp,
    ) -> Result<Arc<Sight>, PipelineError> {
        let held = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(sight) = held.filter(|sight| sight.generation == generation) {
            return Ok(sight);
        }
        let sight = Arc::new(load(tx, generation, now).await?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sight));
        Ok(sight)
    }
}

async fn load(tx: &mut Tx, generation: i64, now: Timestamp) -> Result<Sight, PipelineError> {
    let mut rules = HashMap::new();
    for watchlist in watchlists::all(tx).await? {
        // Written through the same type, so unreadable only after a downgrade: then the defaults, which alert.
        let read = Rules::read(&watchlist.rules).unwrap_or_else(|problem| {
            tracing::warn!(watchlist = watchlist.name, %problem, "using the default rules");
            Rules::default()
        });
        rules.insert(watchlist.id, read);
    }
    let mut watched = Vec::new();
    let mut last = None;
    loop {
        let part = entries::active(tx, now, last, AT_ONCE).await?;
        let Some(final_one) = part.last() else { break };
        last = Some(final_one.id);
        watched.extend(part.into_iter().map(|entry| Watched {
            id: entry.id,
            watchlist: entry.watchlist,
            selector: entry.selector,
            expires_at: entry.expires_at,
        }));
    }
    Ok(Sight {
        generation,
        matcher: Matcher::new(watched)?,
        rules,
    })
}
