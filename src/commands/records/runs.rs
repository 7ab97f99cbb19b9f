//! `sightline runs`.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::Names;
use sightline_model::{Run, RunCounts, RunId, RunOutcome, RunState, SourceId, Timestamp};
use sightline_store::{Filter, StoreError, Tx, runs, totals};

use super::{At, Family, Which};
use crate::{
    app::App,
    commands::{CommandError, Context, Ended},
    output::{self, Output, Tint},
};

/// Show passes over sources: when, how they ended, and what they brought
#[derive(Debug, Args)]
pub struct Runs {
    #[command(flatten)]
    which: Which,
    /// In this state: queued, running or finished
    #[arg(long, value_name = "STATE")]
    state: Option<RunState>,
}

/// A run as programs are given it.
#[derive(Serialize)]
struct Row {
    id: RunId,
    source: String,
    source_id: SourceId,
    planned_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    state: RunState,
    outcome: Option<RunOutcome>,
    counts: RunCounts,
}

/// Runs the command.
pub async fn run(runs: Runs, context: &Context) -> Ended {
    super::show(
        Stored,
        &runs.which,
        runs.state.map(RunState::as_str),
        context,
    )
    .await
}

/// Shows these runs.
pub(crate) async fn show(runs: &[Run], app: &App, out: Output) -> Result<(), CommandError> {
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let rows: Vec<Row> = runs.iter().map(|run| row(run.clone(), &names)).collect();
    Ok(out.records(
        &rows,
        |rows| Stored::table(rows, app.clock.now()),
        Stored::NONE,
    )?)
}

fn row(run: Run, names: &Names) -> Row {
    Row {
        id: run.id,
        source: names.source(run.source),
        source_id: run.source,
        planned_at: run.planned_at,
        started_at: run.started_at,
        finished_at: run.finished_at,
        state: run.state,
        outcome: run.outcome,
        counts: run.counts,
    }
}

struct Stored;

impl Family for Stored {
    type Id = RunId;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Runs;
    const WORDS: (&'static str, &'static str) = ("run", "runs");
    const NONE: &'static str = "No run yet; `sightline crawl NAME` makes one.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<RunId>,
        at: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let runs = runs::list(tx, filter).await?.into_iter();
        Ok(runs.map(|run| row(run, &at.names)).collect())
    }

    fn id(row: &Row) -> RunId {
        row.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "source",
            "planned",
            "outcome",
            "pages",
            "unchanged",
            "failed",
            "listings",
            "sightings",
        ]);
        for row in rows {
            let counts = row.counts;
            let outcome = match row.outcome {
                None => output::tinted(row.state, Tint::Warning),
                Some(outcome) => output::tinted(outcome, tint(outcome)),
            };
            table.add_row(vec![
                row.source.as_str().into(),
                output::when::cell(row.planned_at, now).into(),
                outcome,
                format!("{} of {}", counts.fetched, counts.visits).into(),
                counts.unchanged.into(),
                counts.failed.into(),
                format!(
                    "+{} ~{} −{}",
                    counts.listings_new, counts.listings_changed, counts.listings_removed
                )
                .into(),
                counts.sightings.into(),
            ]);
        }
        table
    }
}

fn tint(outcome: RunOutcome) -> Tint {
    match outcome {
        RunOutcome::Complete => Tint::Good,
        RunOutcome::Partial | RunOutcome::Empty => Tint::Warning,
        RunOutcome::Failed | RunOutcome::Blocked => Tint::Bad,
        RunOutcome::Skipped => Tint::Faint,
    }
}
