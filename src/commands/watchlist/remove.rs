//! `sightline watchlist remove`: an entry is no longer looked for.

use clap::Args;
use sightline_casework::entry;
use sightline_model::{AlertId, EntryId, counted};

use crate::{
    app::App,
    commands::{Beginning, Context, Ended, Status, by},
};

/// Stop looking for an entry
///
/// It is kept, marked as withdrawn, so that what was seen of it can still be explained. Alerts of it that nobody has closed
/// are named: nobody is reminded of them any more. Those of an entry that expired are chased on.
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
    let unchased = entry::withdraw(&mut tx, id, &remove.reason, &by).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "state": "withdrawn", "unchased": unchased}))?;
    context
        .out
        .say(format_args!("Entry {id} is no longer looked for."))?;
    if !unchased.is_empty() {
        context.out.say(left_open(&unchased, "it"))?;
    }
    Ok(Status::Done)
}

/// Which alerts of what was taken off nobody has closed: from now on nobody is reminded of them.
pub(super) fn left_open(unchased: &[AlertId], of: &str) -> String {
    let (are, of_them) = match unchased {
        [_] => ("is", "it"),
        _ => ("are", "them"),
    };
    let mut lines = vec![format!(
        "{} of {of} {are} not closed, and nobody is reminded of {of_them} any more, nor told in another's place:",
        counted(unchased.len(), "alert", "alerts")
    )];
    lines.extend(
        unchased
            .iter()
            .map(|id| format!("  sightline alert show {id}")),
    );
    lines.join("\n")
}
