//! `sightline watchlist delete`: a list that was made by mistake goes away.

use clap::Args;
use sightline_casework::watchlist;

use crate::{
    app::App,
    commands::{Context, Ended, Status, by},
    output::inert,
};

/// Take a watchlist away that was made by mistake
///
/// Only one on which nothing ever stood. Any other is kept, so that what was looked for, and why, can be explained later:
/// withdraw its entries, and nothing of it is looked for any more.
#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The watchlist
    name: String,
}

/// Runs the command.
pub(super) async fn run(delete: Delete, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let list = super::named(&mut tx, &delete.name).await?;
    watchlist::delete(&mut tx, list.id, &by(app.clock.now())).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": list.id, "name": list.name, "deleted": true}))?;
    let name = inert::line(&list.name);
    context
        .out
        .say(format_args!("The watchlist '{name}' is gone."))?;
    Ok(Status::Done)
}
