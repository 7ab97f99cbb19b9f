//! `sightline watchlist …`: lists of what is looked for.

mod add;
mod backtest;
mod create;
mod delete;
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

use clap::{Args, Subcommand};
use sightline_casework::entry;
use sightline_model::Watchlist as Stored;
use sightline_store::{Tx, watchlists};
use sightline_watchlists::EntryDefaults;

use super::{CommandError, Context, Ended};
use crate::app::App;

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
    Delete(delete::Delete),
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
        Action::Delete(delete) => delete::run(delete, &app, context).await,
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

/// What a watchlist adds to its entries where nothing was written.
fn defaults_of(watchlist: &Stored) -> Result<EntryDefaults, CommandError> {
    Ok(entry::defaults(watchlist)?)
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
