//! `sightline watchlist show`: the entries of a list.

use clap::Args;
use serde::Serialize;
use sightline_alerts::rules::Rules;
use sightline_casework::{Names, rules, search};
use sightline_model::{Entry, EntryStanding, EntryState, Timestamp, WatchlistId, Way, counted};
use sightline_store::{
    Filter, StoreError, Tx,
    entries::{self, table::Sought},
};
use sightline_watchlists::Watched;

use super::warnings::{self, Warned};
use crate::{
    app::App,
    commands::{
        CommandError, Context, Ended, Status,
        furniture::{self, Standing},
    },
    output::{self, Tint, inert},
};

/// Rows asked for at once.
const PAGE: u32 = 5_000;

/// Show what a watchlist looks for
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The watchlist
    name: String,
    /// Those that were withdrawn, too
    #[arg(long)]
    all: bool,
    /// Those alone that stand so: draft, active, due_for_review, expired or withdrawn; repeat for several
    #[arg(long = "state", value_name = "WORD", conflicts_with = "all")]
    states: Vec<EntryStanding>,
    /// Those alone that look for this, in any spelling, or whose value, note, case or tags hold it
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
}

impl Show {
    /// True for an entry that stands so and is to be shown.
    fn shows(&self, standing: EntryStanding) -> bool {
        match self.states.as_slice() {
            [] => self.all || standing != EntryStanding::Withdrawn,
            asked => asked.contains(&standing),
        }
    }

    /// Leaves those that look for what is searched for, or have it in what people wrote on them.
    fn found(&self, mut entries: Vec<Entry>, sought: Option<&Sought>) -> Vec<Entry> {
        let (Some(text), Some(sought)) = (&self.find, sought) else {
            return entries;
        };
        let text = text.trim().to_lowercase();
        entries.retain(|entry| {
            let texts = [
                Some(&entry.written),
                entry.note.as_ref(),
                entry.case_reference.as_ref(),
            ];
            let mut texts = texts.into_iter().flatten().chain(&entry.tags);
            sought.finds(&entry.selector) || texts.any(|one| one.to_lowercase().contains(&text))
        });
        entries
    }
}

/// An entry as programs are given it.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    entry: Entry,
    /// Where it stands in its life at this moment.
    standing: EntryStanding,
    /// The sources of which it is, or may be, the site's own.
    furniture: Vec<Standing>,
    /// The warning lists that name it.
    warnings: Vec<Warned>,
}

/// Runs the command.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &show.name).await?;
    drop(tx);
    app.log_read("watchlist.read", &watchlist.id.to_string())
        .await?;
    let mut tx = app.read().await?;
    let now = app.clock.now();
    let find = search::sought(&mut tx, show.find.as_deref().unwrap_or_default()).await?;
    let (entries, others): (Vec<Entry>, Vec<Entry>) = show
        .found(every(&mut tx, watchlist.id).await?, find.as_ref())
        .into_iter()
        .partition(|entry| show.shows(entry.standing(now)));
    let names = Names::read(&mut tx).await?;
    let (lists, _) = app.warnings();
    let watched = entries.iter().map(Watched::from);
    let mut furnished = furniture::standing(&mut tx, watched, &names, now).await?;
    let rows: Vec<Row> = entries
        .into_iter()
        .map(|entry| Row {
            furniture: furnished.remove(&entry.id).unwrap_or_default(),
            standing: entry.standing(now),
            warnings: warnings::naming(&entry, &lists),
            entry,
        })
        .collect();
    let table = |rows: &[Row]| {
        let mut table = output::table(["entry", "looked for", "owner", "review", "ends", "state"]);
        for Row {
            entry,
            standing,
            furniture,
            warnings,
        } in rows
        {
            let (state, tint) = match standing {
                EntryStanding::Draft => ("draft", Tint::Warning),
                EntryStanding::Withdrawn => ("withdrawn", Tint::Faint),
                EntryStanding::Expired => ("expired", Tint::Faint),
                EntryStanding::DueForReview => ("due for review", Tint::Warning),
                EntryStanding::Active if furniture.iter().any(Standing::is_withheld) => {
                    ("a site's own; see below", Tint::Warning)
                }
                EntryStanding::Active if warnings.iter().any(Warned::is_quiet) => {
                    ("on a warning list; see below", Tint::Warning)
                }
                // What is only suspected raises alerts until a person decides.
                EntryStanding::Active if !furniture.is_empty() => {
                    ("looked for, perhaps a site's own; see below", Tint::Warning)
                }
                EntryStanding::Active => ("looked for", Tint::Good),
            };
            table.add_row(vec![
                entry.id.into(),
                sought(entry).into(),
                inert::cut(&entry.owner, 40).into(),
                output::when::cell(entry.review_at, now).into(),
                ends(entry, now).into(),
                output::tinted(state, tint),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    };
    let none = match others.is_empty() {
        true if show.find.is_some() => "No entry of it holds that.".to_owned(),
        true => format!(
            "Nothing is on it yet; sightline watchlist import '{}' FILE",
            watchlist.name
        ),
        false => format!(
            "None of its {} stands so.",
            counted(others.len(), "entry", "entries")
        ),
    };
    context.out.records(&rows, table, &none)?;
    if !others.is_empty() {
        context.out.note(left_out(&others, now));
    }
    let list_rules = Rules::read(&watchlist.rules).map_err(|cause| {
        CommandError::failed(
            format_args!("the rules of '{}'", inert::line(&watchlist.name)),
            cause,
        )
    })?;
    for line in rules::in_words(&list_rules) {
        context.out.say(line)?;
    }
    for row in &rows {
        for one in &row.furniture {
            let entry = &row.entry;
            let selector = inert::line(&entry.selector.to_string()).into_owned();
            context
                .out
                .say(format_args!("{selector} is {}.", one.in_words()))?;
        }
        for one in &row.warnings {
            let selector = inert::line(&row.entry.selector.to_string()).into_owned();
            context
                .out
                .say(format_args!("{selector} is {}.", one.in_words(&row.entry)))?;
        }
    }
    Ok(Status::Done)
}

/// Which entries are not shown, by where they stand: `Not shown: 3 withdrawn (--all shows them).`
fn left_out(others: &[Entry], now: Timestamp) -> String {
    let counts: Vec<String> = EntryStanding::ALL
        .iter()
        .filter_map(|standing| {
            let stand_so = |entry: &&Entry| entry.standing(now) == *standing;
            let count = others.iter().filter(stand_so).count();
            (count > 0).then(|| format!("{count} {}", standing.as_str().replace('_', " ")))
        })
        .collect();
    format!("Not shown: {} (--all shows every one).", counts.join(", "))
}

/// When it ends; nothing where it has no end.
fn ends(entry: &Entry, now: Timestamp) -> String {
    let end = entry.expires_at.map(|end| output::when::cell(end, now));
    end.unwrap_or_default()
}

/// The selector, and the way of matching where it is not the usual one.
fn sought(entry: &Entry) -> String {
    let selector = inert::line(&entry.selector.to_string()).into_owned();
    match entry.way == Way::usual(entry.selector.kind) {
        true => selector,
        false => format!("{selector} ({})", entry.way),
    }
}

/// The entries of a watchlist that were not withdrawn, drafts among them, oldest first.
pub(super) async fn standing(
    tx: &mut Tx,
    watchlist: WatchlistId,
) -> Result<Vec<Entry>, StoreError> {
    let mut all = every(tx, watchlist).await?;
    all.retain(|entry| entry.state != EntryState::Withdrawn);
    Ok(all)
}

/// All entries that a watchlist ever had, oldest first.
async fn every(tx: &mut Tx, watchlist: WatchlistId) -> Result<Vec<Entry>, StoreError> {
    let mut filter = Filter {
        watchlist: Some(watchlist),
        limit: PAGE,
        ..Filter::default()
    };
    let mut all = Vec::new();
    loop {
        let page = entries::list(tx, &filter).await?;
        filter.after = page.last().map(|entry| entry.id);
        let is_last = page.len() < PAGE as usize;
        all.extend(page);
        if is_last {
            all.reverse();
            return Ok(all);
        }
    }
}
