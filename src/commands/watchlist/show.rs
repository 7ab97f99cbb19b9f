//! `sightline watchlist show`: the entries of a list.

use clap::Args;
use serde::Serialize;
use sightline_model::{Entry, WatchlistId};
use sightline_store::{Filter, StoreError, Tx, entries};
use sightline_watchlists::Watched;

use crate::{
    app::App,
    commands::{
        Context, Ended, Status,
        furniture::{self, Standing},
        records::Names,
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
}

/// An entry as programs are given it.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    entry: Entry,
    /// The sources of which it is, or may be, the site's own.
    furniture: Vec<Standing>,
}

/// Runs the command.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &show.name).await?;
    let entries = active(&mut tx, watchlist.id).await?;
    let now = app.clock.now();
    let names = Names::read(&mut tx, app).await?;
    let watched = entries.iter().map(Watched::from);
    let mut standing = furniture::standing(&mut tx, watched, &names, now).await?;
    let rows: Vec<Row> = entries
        .into_iter()
        .map(|entry| Row {
            furniture: standing.remove(&entry.id).unwrap_or_default(),
            entry,
        })
        .collect();
    let table = |rows: &[Row]| {
        let mut table = output::table(["entry", "looked for", "owner", "review", "state"]);
        for Row { entry, furniture } in rows {
            let (state, tint) = match entry.expires_at {
                Some(end) if end <= now => ("expired", Tint::Faint),
                _ if entry.review_at <= now => ("due for review", Tint::Warning),
                _ if !furniture.is_empty() => ("a site's own; see below", Tint::Warning),
                _ => ("looked for", Tint::Good),
            };
            table.add_row(vec![
                entry.id.into(),
                inert::line(&entry.selector.to_string()).into(),
                inert::cut(&entry.owner, 40).into(),
                output::when::cell(entry.review_at, now).into(),
                output::tinted(state, tint),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    };
    let none = format!(
        "Nothing is on it yet; sightline watchlist import '{}' FILE",
        watchlist.name
    );
    context.out.records(&rows, table, &none)?;
    for row in &rows {
        for one in &row.furniture {
            let entry = &row.entry;
            let selector = inert::line(&entry.selector.to_string()).into_owned();
            context
                .out
                .say(format_args!("{selector} is {}.", one.in_words()))?;
        }
    }
    Ok(Status::Done)
}

/// The entries of a watchlist that were not withdrawn, oldest first.
pub(super) async fn active(tx: &mut Tx, watchlist: WatchlistId) -> Result<Vec<Entry>, StoreError> {
    let mut filter = Filter {
        watchlist: Some(watchlist),
        state: Some("active"),
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
