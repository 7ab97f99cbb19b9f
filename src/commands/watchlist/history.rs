//! `sightline watchlist history` and `due`: what was done to an entry, and which wait for their review.

use clap::Args;
use serde::Serialize;
use sightline_casework::{Names, entry as casework};
use sightline_model::{Entry, EntryChange, EntryId, FieldChange};
use sightline_store::entries::{self, changes};

use crate::{
    app::App,
    commands::{Context, Ended, Status},
    output::{self, inert},
};

/// Show what was done to an entry, with who, when and why
#[derive(Debug, Args)]
pub(super) struct History {
    /// The entry's id, as `watchlist show` gives it
    entry: EntryId,
}

/// List the entries that are due for review
///
/// They are still looked for. Their owner says whether they go on (`watchlist review`) or not (`watchlist remove`).
#[derive(Debug, Args)]
pub(super) struct Due {
    /// Only those of this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
}

/// Entries that are listed at most; whoever has more begins with these.
const MOST: u32 = 1_000;

/// Shows the changes of an entry.
pub(super) async fn history(history: History, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let named = casework::all_of(&mut tx, &[history.entry]).await?;
    let entry = &named[0];
    let done = changes::of_entry(&mut tx, entry.id).await?;
    let now = app.clock.now();
    context.out.say(format_args!(
        "{}, added {}",
        inert::line(&entry.selector.to_string()),
        output::when::cell(entry.created_at, now)
    ))?;
    let table = |done: &[EntryChange]| {
        let mut table = output::table(["at", "who", "deed", "what changed", "why"]);
        for change in done {
            let fields = change.fields.iter().map(|field| in_words(field, 60));
            let fields: Vec<String> = fields.collect();
            table.add_row(vec![
                output::when::cell(change.at, now),
                inert::cut(&change.who, 40),
                change.deed.to_string(),
                fields.join("\n"),
                inert::cut(change.reason.as_deref().unwrap_or_default(), 200),
            ]);
        }
        table
    };
    context
        .out
        .records(&done, table, "Nothing was changed since.")?;
    Ok(Status::Done)
}

/// `note: nothing → tall`, with each side cut at `limit` characters.
pub(super) fn in_words(change: &FieldChange, limit: usize) -> String {
    let or_nothing = |text: &Option<String>| match text {
        Some(text) => inert::cut(text, limit),
        None => "nothing".to_owned(),
    };
    let (before, after) = (or_nothing(&change.before), or_nothing(&change.after));
    format!("{}: {before} → {after}", change.field)
}

/// An entry that waits for its review.
#[derive(Serialize)]
struct Waiting {
    #[serde(flatten)]
    entry: Entry,
    watchlist_name: String,
}

/// Lists what is due for review.
pub(super) async fn due(due: Due, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let now = app.clock.now();
    let names = Names::read(&mut tx).await?;
    let waiting: Vec<Waiting> = entries::due_for_review(&mut tx, now, MOST)
        .await?
        .into_iter()
        .filter(|entry| due.owner.as_ref().is_none_or(|owner| *owner == entry.owner))
        .map(|entry| Waiting {
            watchlist_name: names.watchlist(entry.watchlist),
            entry,
        })
        .collect();
    let table = |waiting: &[Waiting]| {
        let mut table = output::table(["entry", "looked for", "watchlist", "owner", "due since"]);
        for Waiting {
            entry,
            watchlist_name,
        } in waiting
        {
            table.add_row(vec![
                entry.id.to_string(),
                inert::line(&entry.selector.to_string()).into_owned(),
                inert::cut(watchlist_name, 40),
                inert::cut(&entry.owner, 40),
                output::when::cell(entry.review_at, now),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    };
    context
        .out
        .records(&waiting, table, "Nothing is due for review.")?;
    if !waiting.is_empty() {
        context.out.note(format_args!(
            "They go on with `sightline watchlist review ENTRY…`, and end with `sightline watchlist remove ENTRY`."
        ));
    }
    Ok(Status::Done)
}
