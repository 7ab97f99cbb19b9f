//! `sightline watchlist remove`: an entry is no longer looked for.

use clap::Args;
use sightline_model::EntryId;
use sightline_store::{audit, entries};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, deed},
};

/// Stop looking for an entry
///
/// It is kept, marked as withdrawn, so that what was seen of it can still be explained.
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The entry's id, as `watchlist show` and `watchlist export` give it
    entry: EntryId,
}

/// Runs the command.
pub(super) async fn run(remove: Remove, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    if entries::withdraw(&mut tx, &[remove.entry]).await? == 0 {
        return Err(CommandError::Failed(format!(
            "there is no entry {} that is looked for; `sightline watchlist show NAME` lists those that are",
            remove.entry
        )));
    }
    let id = remove.entry.to_string();
    audit::append(
        &mut tx,
        &deed(app.clock.now(), "entry.withdraw", &id, String::new()),
    )
    .await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "state": "withdrawn"}))?;
    context
        .out
        .say(format_args!("Entry {id} is no longer looked for."))?;
    Ok(Status::Done)
}
