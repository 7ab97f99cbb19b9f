//! `sightline watchlist edit`, `activate` and `review`: an entry goes on in its life.

use clap::Args;
use sightline_casework::entry::{self, Change};
use sightline_model::{EntryDeed, EntryId, counted};
use sightline_watchlists::EntryDraft;

use super::{history::in_words, written::Written};
use crate::{
    app::App,
    commands::{Beginning, Context, Ended, Status, by},
    output::inert,
};

/// Change what is said about entries
///
/// What is left out stays as it is; an empty text takes a field away: --note ''. What is looked for can't be changed:
/// remove the entry, and add another. Every change is kept, with who and when: `watchlist history`.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  \
    sightline watchlist edit 0190b5f2-8e11-7c4e-9a55-3f1f6e0c2a10 --case 14/27 --tags 'north, lorry parks'")]
pub(super) struct Edit {
    /// The ids of the entries, as `watchlist show` gives them, or the beginnings of them
    #[arg(required = true)]
    entries: Vec<Beginning<EntryId>>,
    #[command(flatten)]
    written: Written,
}

/// Look for drafts from now on
///
/// An entry without a purpose, a legal basis and an owner is refused; say them here where the draft does not.
#[derive(Debug, Args)]
pub(super) struct Activate {
    /// The ids of the drafts, or the beginnings of them
    #[arg(required = true)]
    entries: Vec<Beginning<EntryId>>,
    /// What is still missing, for all of them
    #[command(flatten)]
    written: Written,
}

/// Confirm that entries are still to be looked for
///
/// Sets the day of their next review: the one given, or as many days ahead as the watchlist's defaults say.
#[derive(Debug, Args)]
pub(super) struct Review {
    /// The ids of the entries, or the beginnings of them; `watchlist due` lists those that wait
    #[arg(required = true)]
    entries: Vec<Beginning<EntryId>>,
    /// When they must be looked at again: 2027-05-23
    #[arg(long, value_name = "DAY")]
    next: Option<String>,
    /// Why they go on: `watchlist history` shows it
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Changes an entry.
pub(super) async fn edit(edit: Edit, app: &App, context: &Context) -> Ended {
    let draft = edit.written.draft();
    change(&edit.entries, &draft, EntryDeed::Edited, "", app, context).await
}

/// Makes drafts active.
pub(super) async fn activate(activate: Activate, app: &App, context: &Context) -> Ended {
    let draft = activate.written.draft();
    change(
        &activate.entries,
        &draft,
        EntryDeed::Activated,
        "",
        app,
        context,
    )
    .await
}

/// Has entries go on.
pub(super) async fn review(review: Review, app: &App, context: &Context) -> Ended {
    let draft = EntryDraft {
        review_at: review.next,
        ..EntryDraft::default()
    };
    let reason = review.reason.trim();
    change(
        &review.entries,
        &draft,
        EntryDeed::Reviewed,
        reason,
        app,
        context,
    )
    .await
}

/// Changes all of the entries, or none where one of them can't be.
async fn change(
    typed: &[Beginning<EntryId>],
    draft: &EntryDraft,
    deed_done: EntryDeed,
    reason: &str,
    app: &App,
    context: &Context,
) -> Ended {
    let what = Change {
        deed: deed_done,
        draft,
        reason,
    };
    let mut tx = app.write().await?;
    let by = by(app.clock.now());
    let ids = Beginning::all_found(typed, &mut tx).await?;
    let changed = entry::change(&mut tx, &ids, &what, &by, &app.mint).await?;
    tx.commit().await?;
    for one in &changed {
        context.out.record(one)?;
        let shown = inert::line(&one.entry.selector.to_string()).into_owned();
        context
            .out
            .say(format_args!("{} {shown}:", heading(deed_done)))?;
        for field in &one.change.fields {
            context.out.say(format_args!("  {}", in_words(field, 80)))?;
        }
        if one.hastened > 0 {
            let alerts = counted(one.hastened, "alert that waits is", "alerts that wait are");
            context
                .out
                .say(format_args!("  {alerts} told sooner, for it is graver now"))?;
        }
    }
    Ok(Status::Done)
}

fn heading(deed: EntryDeed) -> &'static str {
    match deed {
        EntryDeed::Added => "Added:",
        EntryDeed::Edited => "Changed",
        EntryDeed::Activated => "Looked for from now on:",
        EntryDeed::Reviewed => "Goes on:",
        EntryDeed::Withdrawn => "Withdrawn:",
        EntryDeed::Restored => "Looked for again:",
    }
}
