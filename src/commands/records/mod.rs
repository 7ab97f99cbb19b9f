//! What is stored, family by family: runs, visits, listings, observations, sightings, alerts, deliveries, notices.

pub mod alerts;
pub mod deliveries;
pub mod listings;
pub mod notices;
pub mod observations;
pub mod runs;
pub mod sightings;
pub mod visits;

use std::collections::BTreeMap;

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::Names;
use sightline_model::{SourceId, Timestamp};
use sightline_store::{
    Filter, StoreError, Tx,
    totals::{self, Stored},
};

use super::{CommandError, Context, Ended, Status, watchlist};
use crate::{
    app::App,
    configuration::Configuration,
    outbox,
    output::{Output, when::When},
};

/// Rows of one page, where all are given.
const PAGE: u32 = 1_000;
/// Rows that are counted at most.
const COUNTED: u32 = 100_000;
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
    /// Which family it is.
    const STORED: Stored;
    /// Whether it tells of people who are looked for or seen: then it is kept who was shown it.
    const IS_OF_PEOPLE: bool = false;
    /// Whether its rows say to which channels nothing is sent at present: to know that, every channel has to be made.
    const TELLS_OF_CHANNELS: bool = false;
    /// What one is called, and several.
    const WORDS: (&'static str, &'static str);
    /// What people are told where there is none.
    const NONE: &'static str;
    /// Which stand first.
    const FIRST: &'static str = "newest";

    /// One page of rows.
    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<Self::Id>,
        at: &At<'_>,
    ) -> Result<Vec<Self::Row>, StoreError>;
    /// What people have to know where what they asked for matches none.
    fn unmatched(&self) -> Option<&'static str> {
        None
    }

    /// What a row is known by.
    fn id(row: &Self::Row) -> Self::Id;
    /// Rows as people are shown them.
    fn table(rows: &[Self::Row], now: Timestamp) -> Table;
}

/// Where a family is read: the names of what its rows refer to, and what is configured.
struct At<'a> {
    now: Timestamp,
    names: Names,
    configuration: &'a Configuration,
}

/// Shows the rows of a family that are asked for.
async fn show<F: Family>(
    family: F,
    which: &Which,
    state: Option<&'static str>,
    context: &Context,
) -> Ended {
    let app = App::open(context).await?;
    show_in(&app, family, which, state, context.out).await
}

/// The same where the store is open.
async fn show_in<F: Family>(
    app: &App,
    family: F,
    which: &Which,
    state: Option<&'static str>,
    out: Output,
) -> Ended {
    let now = app.clock.now();
    if F::IS_OF_PEOPLE {
        let what = format!("{}.read", F::WORDS.1);
        app.log_read(&what, "many").await?;
    }
    let mut tx = app.read().await?;
    let stopped = match F::TELLS_OF_CHANNELS {
        true => outbox::stopped(&mut tx, &app.configuration).await?,
        false => BTreeMap::new(),
    };
    let at = At {
        now,
        names: Names::read(&mut tx).await?.knowing(stopped),
        configuration: &app.configuration,
    };
    let mut filter = filter(which, state, &at.names, &mut tx, now).await?;
    if !out.is_json() {
        filter.limit = which.limit.unwrap_or(FEW);
        let rows = family.page(&mut tx, &filter, &at).await?;
        let none = match rows.is_empty() {
            true => none(&family, &mut tx).await?,
            false => String::new(),
        };
        out.records(&rows, |rows| F::table(rows, now), &none)?;
        if which.limit.is_none() && rows.len() as u32 == FEW {
            out.note(format_args!(
                "These are the {} {FEW}; --limit N shows more, --json all.",
                F::FIRST
            ));
        }
        return Ok(Status::Done);
    }
    let mut left = which.limit.unwrap_or(u32::MAX);
    loop {
        filter.limit = left.min(PAGE);
        let rows = family.page(&mut tx, &filter, &at).await?;
        rows.iter().try_for_each(|row| out.record(row))?;
        let got = rows.len() as u32;
        left -= got.min(left);
        filter.after = rows.last().map(F::id);
        if got < filter.limit || left == 0 {
            return Ok(Status::Done);
        }
    }
}

/// That there is none; or that some are stored, and none of them is like what was asked for.
async fn none<F: Family>(family: &F, tx: &mut Tx) -> Result<String, CommandError> {
    let stored = totals::of(tx, F::STORED, COUNTED + 1).await?;
    let (one, several) = F::WORDS;
    let all = match stored {
        0 => return Ok(F::NONE.to_owned()),
        1 => format!("the {one} that is stored"),
        stored if stored > i64::from(COUNTED) => {
            format!("the more than {COUNTED} {several} that are stored")
        }
        stored => format!("the {stored} {several} that are stored"),
    };
    let mut words = format!("None of {all} is like that: leave out an option, or widen it.");
    if let Some(more) = family.unmatched() {
        words = format!("{words} {more}");
    }
    Ok(words)
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
        .map(|name| source_named(names, name))
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

/// The source of this name; where nothing is stored of it, the names that there are.
pub fn source_named(names: &Names, name: &str) -> Result<SourceId, CommandError> {
    let known = names.sources();
    if let Some((id, _)) = known.iter().find(|(_, known)| *known == name) {
        return Ok(*id);
    }
    let known: Vec<&str> = known.into_iter().map(|(_, name)| name).collect();
    let remedy = match known.as_slice() {
        [] => "none has been crawled yet: `sightline crawl --all`".to_owned(),
        known => format!("use one of: {}", known.join(", ")),
    };
    Err(CommandError::Usage(format!(
        "nothing is stored of a source '{name}'; {remedy}"
    )))
}
