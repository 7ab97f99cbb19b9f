//! `sightline watchlist …`: lists of what is looked for.

mod add;
mod backtest;
mod create;
mod edit;
mod export;
mod history;
mod import;
mod list;
mod remove;
mod report;
mod set;
mod show;
mod times;
mod warnings;
mod written;

pub(crate) use create::make;

use std::collections::HashMap;

use clap::{Args, Subcommand};
use serde::Serialize;
use sightline_model::{Entry, EntryChange, EntryDeed, EntryId, Timestamp, Watchlist as Stored};
use sightline_store::{
    Tx,
    entries::{self, changes},
    watchlists,
};
use sightline_watchlists::{EntryDefaults, entry::differences};

use super::{CommandError, Context, Ended, who};
use crate::{
    app::App,
    output::{self, inert},
};

/// Make and keep lists of what is looked for
///
/// An entry is refused without a purpose, a legal basis, an owner, a category of person and a review date. A watchlist
/// can give these as defaults, so that a list of bare numbers can be imported under one order or one case.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Watchlist {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Create(create::Create),
    List(list::List),
    Show(show::Show),
    Set(set::Set),
    Import(import::Import),
    Export(export::Export),
    Add(add::Add),
    Backtest(backtest::Test),
    Edit(edit::Edit),
    Activate(edit::Activate),
    Due(history::Due),
    Review(edit::Review),
    History(history::History),
    Remove(remove::Remove),
}

/// Runs the command.
pub async fn run(watchlist: Watchlist, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match watchlist.action {
        Action::Create(create) => create::run(create, &app, context).await,
        Action::List(_) => list::run(&app, context).await,
        Action::Show(show) => show::run(show, &app, context).await,
        Action::Set(set) => set::run(set, &app, context).await,
        Action::Import(import) => import::run(import, &app, context).await,
        Action::Export(export) => export::run(export, &app, context).await,
        Action::Add(add) => add::run(add, &app, context).await,
        Action::Backtest(test) => backtest::run(test, &app, context).await,
        Action::Edit(edit) => edit::edit(edit, &app, context).await,
        Action::Activate(activate) => edit::activate(activate, &app, context).await,
        Action::Due(due) => history::due(due, &app, context).await,
        Action::Review(review) => edit::review(review, &app, context).await,
        Action::History(history) => history::history(history, &app, context).await,
        Action::Remove(remove) => remove::run(remove, &app, context).await,
    }
}

/// The entries of these identifiers, in the order in which they were named; an error where one is missing.
pub(crate) async fn entries_of(tx: &mut Tx, ids: &[EntryId]) -> Result<Vec<Entry>, CommandError> {
    let stored = entries::get(tx, ids).await?;
    ids.iter()
        .map(|id| {
            let entry = stored.iter().find(|entry| entry.id == *id).cloned();
            entry.ok_or_else(|| {
                CommandError::Failed(format!(
                    "there is no entry {id}; `sightline watchlist show NAME` lists those that there are"
                ))
            })
        })
        .collect()
}

/// That an entry which is put on its list had stood there before, and was withdrawn.
#[derive(Clone, Debug, Serialize)]
struct Withdrawn {
    at: Timestamp,
    who: String,
    reason: Option<String>,
}

impl Withdrawn {
    /// `had been withdrawn 2026-11-23 … by R. Analyst: the consent was taken back`
    fn in_words(&self, now: Timestamp) -> String {
        let why = match self.reason.as_deref() {
            Some(reason) => format!(": {}", inert::line(reason)),
            None => ", who gave no reason".to_owned(),
        };
        let when = output::when::words(self.at, now);
        format!(
            "had been withdrawn {when} by {}{why}",
            inert::line(&self.who)
        )
    }
}

/// Keeps what is different of entries that were put on their lists again, in the transaction that does it; and tells how
/// each had been withdrawn, by its identifier.
async fn keep_restored(
    tx: &mut Tx,
    restored: impl IntoIterator<Item = (&Entry, &Entry)>,
    at: Timestamp,
) -> Result<HashMap<EntryId, Withdrawn>, CommandError> {
    let changes: Vec<EntryChange> = restored
        .into_iter()
        .map(|(before, after)| EntryChange {
            entry: before.id,
            at,
            who: who(),
            deed: EntryDeed::Restored,
            fields: differences(before, after),
            reason: None,
        })
        .collect();
    let ids: Vec<EntryId> = changes.iter().map(|change| change.entry).collect();
    let gone = changes::withdrawals(tx, &ids).await?.into_iter();
    changes::append(tx, &changes).await?;
    let how = |change: EntryChange| Withdrawn {
        at: change.at,
        who: change.who,
        reason: change.reason,
    };
    Ok(gone.map(|(entry, change)| (entry, how(change))).collect())
}

/// What a watchlist adds to its entries where nothing was written.
fn defaults_of(watchlist: &Stored) -> Result<EntryDefaults, CommandError> {
    EntryDefaults::read(&watchlist.defaults).map_err(|cause| {
        CommandError::failed(format_args!("the defaults of '{}'", watchlist.name), cause)
    })
}

/// The watchlist of this name; where there is none, the names that there are.
pub(crate) async fn named(tx: &mut Tx, name: &str) -> Result<Stored, CommandError> {
    if let Some(watchlist) = watchlists::by_name(tx, name).await? {
        return Ok(watchlist);
    }
    let names: Vec<String> = watchlists::all(tx)
        .await?
        .into_iter()
        .map(|watchlist| watchlist.name)
        .collect();
    let remedy = match names.as_slice() {
        [] => format!("make it with `sightline watchlist create {name}`"),
        names => format!("use one of: {}", names.join(", ")),
    };
    Err(CommandError::Usage(format!(
        "there is no watchlist '{name}'; {remedy}"
    )))
}
