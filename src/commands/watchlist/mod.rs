//! `sightline watchlist …`: lists of what is looked for.

mod add;
mod create;
mod export;
mod import;
mod list;
mod remove;
mod set;
mod show;

pub(crate) use create::make;

use clap::{Args, Subcommand};
use sightline_model::Watchlist as Stored;
use sightline_store::{Tx, watchlists};

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
    Import(import::Import),
    Export(export::Export),
    Add(add::Add),
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
        Action::Remove(remove) => remove::run(remove, &app, context).await,
    }
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
