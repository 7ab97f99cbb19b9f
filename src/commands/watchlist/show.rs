//! `sightline watchlist show`: the entries of a list.

use clap::Args;
use sightline_model::{Entry, WatchlistId};
use sightline_store::{Filter, StoreError, Tx, entries};

use crate::{
    app::App,
    commands::{Context, Ended, Status},
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

/// Runs the command.
pub(super) async fn run(show: Show, app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let watchlist = super::named(&mut tx, &show.name).await?;
    let entries = active(&mut tx, watchlist.id).await?;
    let now = app.clock.now();
    let table = |entries: &[Entry]| {
        let mut table = output::table(["entry", "looked for", "owner", "review", "state"]);
        for entry in entries {
            let (state, tint) = match entry.expires_at {
                Some(end) if end <= now => ("expired", Tint::Faint),
                _ if entry.review_at <= now => ("due for review", Tint::Warning),
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
    context.out.records(&entries, table, &none)?;
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
