//! The names of what rows refer to: sources, watchlists, and the rules of these; and what came of a sighting in words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_alerts::{rules::Rules, words};
use sightline_model::{AlertId, Delivery, Fate, Sighting, SourceId, Timestamp, WatchlistId};
use sightline_store::{Result, Tx, alerts, sources, watchlists};

/// The names of what rows refer to.
#[derive(Clone, Debug)]
pub struct Names {
    sources: HashMap<SourceId, String>,
    watchlists: HashMap<WatchlistId, String>,
    rules: HashMap<WatchlistId, Rules>,
    stopped: BTreeMap<String, String>,
}

impl Names {
    /// The same, knowing to which channels nothing is sent at present, and why: [`crate::channel::stopped`].
    pub fn knowing(self, stopped: BTreeMap<String, String>) -> Self {
        Self { stopped, ..self }
    }

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
            stopped: BTreeMap::new(),
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

    /// The channels to which nothing is sent at present, by name: why, and what to do.
    pub fn stopped(&self) -> &BTreeMap<String, String> {
        &self.stopped
    }

    /// Every source that something is stored of, by name.
    pub fn sources(&self) -> Vec<(SourceId, &str)> {
        sorted(&self.sources)
    }

    /// Every watchlist, by name.
    pub fn watchlists(&self) -> Vec<(WatchlistId, &str)> {
        sorted(&self.watchlists)
    }

    /// What came of a sighting, in a sentence, given the messages of the alerts that it may be in, and what those tell.
    pub fn told(
        &self,
        sighting: &Sighting,
        deliveries: &[Delivery],
        batches: &Batches,
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
            batches.sightings(fate),
            words::Terms {
                rules: &self.rules(sighting.watchlist),
                stopped: &self.stopped,
                when,
            },
        ))
    }
}

/// How many sightings the messages tell of that gather what is beyond a ceiling.
#[derive(Clone, Debug, Default)]
pub struct Batches(HashMap<(AlertId, i64), u64>);

impl Batches {
    /// Those that these sightings are told in.
    pub async fn of(tx: &mut Tx, sightings: &[Sighting]) -> Result<Self> {
        let gathered = sightings.iter().filter_map(|one| match one.fate {
            Some(Fate::Gathered { alert, .. }) => Some(alert),
            _ => None,
        });
        let alerts: BTreeSet<AlertId> = gathered.collect();
        let alerts: Vec<AlertId> = alerts.into_iter().collect();
        let mut batches = HashMap::new();
        for told in alerts::told_in(tx, &alerts).await? {
            let sightings = u64::try_from(told.sightings).unwrap_or(0);
            *batches.entry((told.alert, told.batch)).or_default() += sightings;
        }
        Ok(Self(batches))
    }

    fn sightings(&self, fate: &Fate) -> u64 {
        match fate {
            Fate::Gathered { alert, batch, .. } => {
                self.0.get(&(*alert, *batch)).copied().unwrap_or(0)
            }
            _ => 0,
        }
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
