//! The names of what rows refer to: sources, watchlists, and the rules of these.

use std::collections::HashMap;

use sightline_alerts::{rules::Rules, words};
use sightline_model::{Delivery, Sighting, SourceId, Timestamp, WatchlistId};
use sightline_store::{Result, Tx, sources, watchlists};

/// The names of what rows refer to.
#[derive(Clone, Debug)]
pub struct Names {
    sources: HashMap<SourceId, String>,
    watchlists: HashMap<WatchlistId, String>,
    rules: HashMap<WatchlistId, Rules>,
}

impl Names {
    /// Reads them.
    pub async fn read(tx: &mut Tx) -> Result<Self> {
        let sources = sources::all(tx).await?.into_iter();
        let sources = sources
            .map(|source| (source.id, source.definition.name))
            .collect();
        let watchlists = watchlists::all(tx).await?;
        // Rules that do not read are told of wherever they are used.
        let rules = watchlists
            .iter()
            .map(|list| (list.id, Rules::read(&list.rules).unwrap_or_default()))
            .collect();
        let watchlists = watchlists
            .into_iter()
            .map(|watchlist| (watchlist.id, watchlist.name))
            .collect();
        Ok(Self {
            sources,
            watchlists,
            rules,
        })
    }

    /// A source's name.
    pub fn source(&self, id: SourceId) -> String {
        self.sources
            .get(&id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }

    /// A watchlist's name.
    pub fn watchlist(&self, id: WatchlistId) -> String {
        self.watchlists
            .get(&id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }

    /// A watchlist's rules.
    pub fn rules(&self, id: WatchlistId) -> Rules {
        self.rules.get(&id).cloned().unwrap_or_default()
    }

    /// Every source that something is stored of, by name.
    pub fn sources(&self) -> Vec<(SourceId, &str)> {
        sorted(&self.sources)
    }

    /// Every watchlist, by name.
    pub fn watchlists(&self) -> Vec<(WatchlistId, &str)> {
        sorted(&self.watchlists)
    }

    /// What came of a sighting, in a sentence, given the messages of the alerts that it may be in.
    pub fn told(
        &self,
        sighting: &Sighting,
        deliveries: &[Delivery],
        when: &dyn Fn(Timestamp) -> String,
    ) -> Option<String> {
        let fate = sighting.fate.as_ref()?;
        let alert = fate.alert();
        let ours: Vec<Delivery> = deliveries
            .iter()
            .filter(|delivery| alert.is_some() && delivery.topic.alert() == alert)
            .cloned()
            .collect();
        Some(words::fate(
            fate,
            &ours,
            &self.rules(sighting.watchlist),
            when,
        ))
    }
}

fn sorted<Id: Copy>(names: &HashMap<Id, String>) -> Vec<(Id, &str)> {
    let mut all: Vec<_> = names
        .iter()
        .map(|(id, name)| (*id, name.as_str()))
        .collect();
    all.sort_by_key(|(_, name)| *name);
    all
}
