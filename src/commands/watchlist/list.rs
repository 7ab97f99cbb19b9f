//! `sightline watchlist list`: which lists there are, and whom they tell of what.

use clap::Args;
use serde::Serialize;
use sightline_alerts::rules::Rules;
use sightline_model::{Timestamp, WatchlistId, counted};
use sightline_store::watchlists;
use sightline_watchlists::EntryDefaults;

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status},
    output::{self, inert},
};

/// Show the watchlists and their rules
#[derive(Debug, Args)]
pub(super) struct List;

/// A watchlist as programs are given it.
#[derive(Serialize)]
struct Row {
    id: WatchlistId,
    name: String,
    defaults: EntryDefaults,
    rules: Rules,
    created_at: Timestamp,
}

/// Runs the command.
pub(super) async fn run(app: &App, context: &Context) -> Ended {
    let mut tx = app.read().await?;
    let mut rows = Vec::new();
    for watchlist in watchlists::all(&mut tx).await? {
        let unreadable = |cause: &dyn std::fmt::Display| {
            CommandError::failed(format_args!("watchlist '{}'", watchlist.name), cause)
        };
        rows.push(Row {
            id: watchlist.id,
            defaults: EntryDefaults::read(&watchlist.defaults)
                .map_err(|cause| unreadable(&cause))?,
            rules: Rules::read(&watchlist.rules).map_err(|problem| unreadable(&problem))?,
            name: watchlist.name,
            created_at: watchlist.created_at,
        });
    }
    let table = |rows: &[Row]| {
        let mut table = output::table(["name", "tells", "of", "severity", "quiet gap", "made"]);
        for Row {
            name,
            rules,
            created_at,
            ..
        } in rows
        {
            let reasons: Vec<&str> = rules.reasons.iter().map(|reason| reason.as_str()).collect();
            let channels = if rules.channels.is_empty() {
                "nobody".to_owned()
            } else {
                rules.channels.join(", ")
            };
            table.add_row(vec![
                inert::line(name).into_owned(),
                channels,
                reasons.join(", "),
                rules.severity.to_string(),
                counted(rules.gap_days, "day", "days"),
                output::when::exact(*created_at),
            ]);
        }
        table
    };
    context.out.records(
        &rows,
        table,
        "No watchlist yet; `sightline watchlist create NAME` makes one.",
    )?;
    Ok(Status::Done)
}
