//! `sightline watchlist remove`: an entry is no longer looked for.

use clap::Args;
use sightline_model::{EntryDeed, EntryId, EntryState};
use sightline_store::{
    audit,
    entries::{self, changes},
};

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
    /// Why, for those who ask later
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Runs the command.
pub(super) async fn run(remove: Remove, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let before = &super::entries_of(&mut tx, &[remove.entry]).await?[0];
    if entries::withdraw(&mut tx, &[before.id]).await? == 0 {
        return Err(CommandError::Failed(format!(
            "entry {} was withdrawn already; nothing is to be done",
            before.id
        )));
    }
    let now = app.clock.now();
    let states = (before.state, EntryState::Withdrawn);
    let change = super::move_of(before.id, EntryDeed::Withdrawn, states, now);
    changes::append(&mut tx, &[change]).await?;
    let id = before.id.to_string();
    audit::append(&mut tx, &deed(now, "entry.withdraw", &id, remove.reason)).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "state": "withdrawn"}))?;
    context
        .out
        .say(format_args!("Entry {id} is no longer looked for."))?;
    Ok(Status::Done)
}
