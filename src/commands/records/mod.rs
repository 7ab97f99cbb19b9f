//! What is stored, family by family: runs, visits, listings, observations, sightings, alerts, deliveries, notices.

pub mod alerts;
pub mod deliveries;
pub mod listings;
pub mod notices;
pub mod observations;
mod outcome;
pub mod runs;
pub mod sightings;
pub mod visits;

pub(crate) use outcome::explain;

use std::collections::{BTreeSet, HashMap};

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_alerts::{rules::Rules, words};
use sightline_model::{Delivery, Sighting, SourceId, Timestamp, WatchlistId};
use sightline_store::{Filter, StoreError, Tx, sources, watchlists};

use super::{CommandError, Context, Ended, Status, watchlist};
use crate::{app::App, output::when::When};

/// Rows of one page, where all are given.
const PAGE: u32 = 1_000;
/// Rows that people are shown unless they ask for more.
const FEW: u32 = 50;

/// Which rows to show, newest first.
#[derive(Debug, Args)]
pub struct Which {
    /// At or after this time: an instant (2026-11-23T10:00:00Z), a day (2026-11-23) or an age (36h, 7d, 2w)
    #[arg(long, value_name = "T")]
    since: Option<When>,
    /// Of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Of this watchlist, for what belongs to one
    #[arg(long, value_name = "NAME")]
    watchlist: Option<String>,
    /// Rows at most; without it the newest 50 in a table, and all with --json
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// One family of rows: how it is asked for, and how it is shown.
trait Family {
    /// What a row is known by.
    type Id: Copy;
    /// A row as programs are given it.
    type Row: Serialize;
    /// What people are told where there is none.
    const NONE: &'static str;

    /// One page of rows.
    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<Self::Id>,
        names: &Names,
    ) -> Result<Vec<Self::Row>, StoreError>;
    /// What a row is known by.
    fn id(row: &Self::Row) -> Self::Id;
    /// Rows as people are shown them.
    fn table(rows: &[Self::Row], now: Timestamp) -> Table;
}

/// Shows the rows of a family that are asked for.
async fn show<F: Family>(
    family: F,
    which: &Which,
    state: Option<&'static str>,
    context: &Context,
) -> Ended {
    let app = App::open(context).await?;
    let now = app.clock.now();
    let out = context.out;
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx, &app).await?;
    let mut filter = filter(which, state, &names, &mut tx, now).await?;
    if !out.is_json() {
        filter.limit = which.limit.unwrap_or(FEW);
        let rows = family.page(&mut tx, &filter, &names).await?;
        out.records(&rows, |rows| F::table(rows, now), F::NONE)?;
        if which.limit.is_none() && rows.len() as u32 == FEW {
            out.note(format_args!(
                "These are the newest {FEW}; --limit N shows more, --json all."
            ));
        }
        return Ok(Status::Done);
    }
    let mut left = which.limit.unwrap_or(u32::MAX);
    loop {
        filter.limit = left.min(PAGE);
        let rows = family.page(&mut tx, &filter, &names).await?;
        rows.iter().try_for_each(|row| out.record(row))?;
        let got = rows.len() as u32;
        left -= got.min(left);
        filter.after = rows.last().map(F::id);
        if got < filter.limit || left == 0 {
            return Ok(Status::Done);
        }
    }
}

async fn filter<Id>(
    which: &Which,
    state: Option<&'static str>,
    names: &Names,
    tx: &mut Tx,
    now: Timestamp,
) -> Result<Filter<Id>, CommandError> {
    let source = which
        .source
        .as_deref()
        .map(|name| names.source_named(name))
        .transpose()?;
    let watchlist = match &which.watchlist {
        Some(name) => Some(watchlist::named(tx, name).await?.id),
        None => None,
    };
    let since = which.since.map(|when| when.before(now));
    Ok(Filter {
        since,
        source,
        watchlist,
        state,
        ..Filter::default()
    })
}

/// The names of what rows refer to.
pub struct Names {
    sources: HashMap<SourceId, String>,
    watchlists: HashMap<WatchlistId, String>,
    rules: HashMap<WatchlistId, Rules>,
    channels: BTreeSet<String>,
}

impl Names {
    /// Reads them.
    pub async fn read(tx: &mut Tx, app: &App) -> Result<Self, StoreError> {
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
            channels: app
                .configuration
                .settings
                .channels
                .keys()
                .cloned()
                .collect(),
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

    /// A watchlist's rules.
    pub fn rules(&self, id: WatchlistId) -> Rules {
        self.rules.get(&id).cloned().unwrap_or_default()
    }

    /// True where a channel of this name is configured.
    fn is_channel(&self, name: &str) -> bool {
        self.channels.contains(name)
    }

    /// The source of this name; where nothing is stored of it, the names that there are.
    pub fn source_named(&self, name: &str) -> Result<SourceId, CommandError> {
        if let Some((id, _)) = self.sources.iter().find(|(_, known)| *known == name) {
            return Ok(*id);
        }
        let mut known: Vec<&str> = self.sources.values().map(String::as_str).collect();
        known.sort_unstable();
        let remedy = match known.as_slice() {
            [] => "none has been crawled yet: `sightline crawl --all`".to_owned(),
            known => format!("use one of: {}", known.join(", ")),
        };
        Err(CommandError::Usage(format!(
            "nothing is stored of a source '{name}'; {remedy}"
        )))
    }
}
