//! `sightline watchlist history` and `due`: what was done to an entry, and which wait for their review.

use std::collections::HashSet;

use clap::Args;
use serde::Serialize;
use sightline_alerts::notices::reviews::AHEAD;
use sightline_casework::{Names, entry as casework};
use sightline_model::{
    Entry, EntryChange, EntryDeed, EntryId, EntryStanding, FieldChange, Timestamp, counted,
};
use sightline_store::entries::{self, changes, ending};

use crate::{
    app::App,
    commands::{Beginning, Context, Ended, Status},
    output::{self, Tint, inert, tinted, when::When},
};

/// Show what was done to an entry, with who, when and why
#[derive(Debug, Args)]
pub(super) struct History {
    /// The entry's id, as `watchlist show` gives it, or the beginning of it
    entry: Beginning<EntryId>,
}

/// List the entries that are due for review, and those that will be within the week; and those that end, or ended
///
/// These are those that the weekly digest tells their owners of. What is due for review is still looked for: whoever owns it says
/// whether it goes on (`watchlist review`) or not (`watchlist remove`). What has ended within the last week is looked for no more;
/// `watchlist edit ENTRY --expiry DAY` has it looked for until another day.
#[derive(Debug, Args)]
pub(super) struct Due {
    /// Only those of this owner, whatever the case
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Those whose review falls due, or that end, within this time, or by this day, as well: 7d, 4w, 2026-12-24; 0d for what is
    /// due now
    #[arg(long, value_name = "T", default_value = "7d")]
    within: When,
}

/// Entries that are listed at most; whoever has more begins with these.
const MOST: u32 = 1_000;

/// Shows the changes of an entry.
pub(super) async fn history(history: History, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let id = history.entry.found(&mut tx).await?;
    drop(tx);
    app.log_read("entry.read", &id.to_string()).await?;
    let mut tx = app.read().await?;
    let named = casework::all_of(&mut tx, &[id]).await?;
    let entry = &named[0];
    let done = changes::of_entry(&mut tx, entry.id).await?;
    let now = app.clock.now();
    let made = done.iter().find(|change| change.deed == EntryDeed::Added);
    let by = match made {
        Some(made) => format!(
            "by {} {}",
            inert::cut(&made.who, 40),
            inert::cut(made.reason.as_deref().unwrap_or_default(), 200)
        ),
        None => "by whom was not kept then; the audit log may tell".to_owned(),
    };
    context.out.say(format_args!(
        "{}, added {} {by}",
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

/// An entry that waits for its review, or ends.
#[derive(Serialize)]
struct Waiting {
    #[serde(flatten)]
    entry: Entry,
    watchlist_name: String,
    /// True where its review date has come.
    overdue: bool,
    /// True where it is looked for no more, since its time is over.
    ended: bool,
}

impl Waiting {
    /// From when on it is somebody's business: the review, or the end that comes before.
    fn first(&self) -> Timestamp {
        let review_at = self.entry.review_at;
        self.entry
            .expires_at
            .map_or(review_at, |end| end.min(review_at))
    }
}

/// Lists what is due for review.
pub(super) async fn due(due: Due, app: &App, context: &Context) -> Ended {
    app.log_read("entries.read", "due for review").await?;
    let mut tx = app.read().await?;
    let now = app.clock.now();
    let until = due.within.after(now).max(now);
    let names = Names::read(&mut tx).await?;
    let mut found = entries::due_for_review(&mut tx, now, until, MOST + 1).await?;
    let known: HashSet<EntryId> = found.iter().map(|entry| entry.id).collect();
    let mut ends = ending::between(&mut tx, now - AHEAD, until, MOST + 1).await?;
    ends.retain(|entry| !known.contains(&entry.id));
    found.extend(ends);
    let (is_cut, all) = (found.len() > MOST as usize, found.len());
    let folded = |name: &str| name.trim().to_lowercase();
    let asked = due.owner.as_deref().map(folded);
    let is_asked_for = |entry: &Entry| {
        asked
            .as_ref()
            .is_none_or(|owner| *owner == folded(&entry.owner))
    };
    let mut waiting: Vec<Waiting> = found
        .into_iter()
        .filter(is_asked_for)
        .map(|entry| Waiting {
            watchlist_name: names.watchlist(entry.watchlist),
            overdue: entry.review_at <= now,
            ended: entry.standing(now) == EntryStanding::Expired,
            entry,
        })
        .collect();
    waiting.sort_by_key(|one| (one.first(), one.entry.id));
    waiting.truncate(MOST as usize);
    let table = |waiting: &[Waiting]| {
        let mut table = output::table(["entry", "looked for", "watchlist", "owner", "due", "ends"]);
        for Waiting {
            entry,
            watchlist_name,
            overdue,
            ended,
        } in waiting
        {
            let tint = |is_past: bool| if is_past { Tint::Warning } else { Tint::Faint };
            let end = entry.expires_at.map(|end| output::when::cell(end, now));
            table.add_row(vec![
                entry.id.into(),
                inert::line(&entry.selector.to_string()).into(),
                inert::cut(watchlist_name, 40).into(),
                inert::cut(&entry.owner, 40).into(),
                tinted(output::when::cell(entry.review_at, now), tint(*overdue)),
                tinted(end.unwrap_or_default(), tint(*ended)),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    };
    let by = output::when::words(until, now);
    let none = match (&due.owner, all) {
        (Some(owner), 1..) => format!(
            "Nothing of {} is due for review, or ends, by {by}; of others, {}.",
            inert::cut(owner, 60),
            counted(all, "entry is", "entries are")
        ),
        _ => format!("Nothing is due for review, or ends, by {by}."),
    };
    context.out.records(&waiting, table, &none)?;
    if is_cut {
        context.out.note(format_args!(
            "There are more: these are of the {MOST} that are due first."
        ));
    }
    if !waiting.is_empty() {
        let count =
            |is_so: &dyn Fn(&Waiting) -> bool| waiting.iter().filter(|one| is_so(one)).count();
        context.out.note(format_args!(
            "{} overdue, {} by {by}; {} by then, {} within the last week.\n\
             They go on with `sightline watchlist review ENTRY…`, and end with `sightline watchlist remove ENTRY`; \
             `sightline watchlist edit ENTRY --expiry DAY` has one looked for until another day.",
            count(&|one| one.overdue && !one.ended),
            count(&|one| !one.overdue && !one.ended && one.entry.review_at <= until),
            counted(
                count(&|one| !one.ended && one.entry.expires_at.is_some_and(|end| end <= until)),
                "ends",
                "end"
            ),
            counted(count(&|one| one.ended), "ended", "ended"),
        ));
    }
    Ok(Status::Done)
}
