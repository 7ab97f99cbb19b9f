//! `sightline watchlist remove`: an entry is no longer looked for.

use clap::Args;
use sightline_model::{Entry, EntryChange, EntryDeed, EntryId, EntryState};
use sightline_store::{
    audit,
    entries::{self, changes},
};
use sightline_watchlists::entry::differences;

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, deed, who},
};

/// Stop looking for an entry
///
/// It is kept, marked as withdrawn, so that what was seen of it can still be explained.
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The entry's id, as `watchlist show` and `watchlist export` give it
    entry: EntryId,
    /// Why: `watchlist history` shows it, and whoever adds the entry again is told
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
    let after = Entry {
        state: EntryState::Withdrawn,
        ..before.clone()
    };
    let reason = remove.reason.trim();
    let change = EntryChange {
        entry: before.id,
        at: now,
        who: who(),
        deed: EntryDeed::Withdrawn,
        fields: differences(before, &after),
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
    };
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
