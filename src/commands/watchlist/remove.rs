//! `sightline watchlist remove`: an entry is no longer looked for.

use clap::Args;
use sightline_casework::entry;
use sightline_model::EntryId;

use crate::{
    app::App,
    commands::{Beginning, Context, Ended, Status, by},
};

/// Stop looking for an entry
///
/// It is kept, marked as withdrawn, so that what was seen of it can still be explained.
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The entry's id, as `watchlist show` and `watchlist export` give it, or the beginning of it
    entry: Beginning<EntryId>,
    /// Why: `watchlist history` shows it, and whoever adds the entry again is told
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Runs the command.
pub(super) async fn run(remove: Remove, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let by = by(app.clock.now());
    let id: EntryId = remove.entry.found(&mut tx).await?;
    entry::withdraw(&mut tx, id, &remove.reason, &by).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "state": "withdrawn"}))?;
    context
        .out
        .say(format_args!("Entry {id} is no longer looked for."))?;
    Ok(Status::Done)
}
