//! `sightline visits`: how each URL fared, in words, and what to do about it.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::{Names, outcome::explain};
use sightline_model::{
    CaptureId, ListingId, Outcome, RunId, SourceId, Timestamp, Visit, VisitId, VisitKind,
    VisitState,
};
use sightline_store::{Filter, StoreError, Tx, visits};
use url::Url;

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show URLs that were, or are to be, fetched: how it went, and what to do about it
#[derive(Debug, Args)]
pub struct Visits {
    #[command(flatten)]
    which: Which,
    /// Of this run, by its id
    #[arg(long, value_name = "ID")]
    run: Option<RunId>,
    /// In this state: due, leased or done
    #[arg(long, value_name = "STATE")]
    state: Option<VisitState>,
}

/// A visit as programs are given it.
#[derive(Serialize)]
struct Row {
    id: VisitId,
    run: RunId,
    source: String,
    source_id: SourceId,
    kind: VisitKind,
    url: Url,
    depth: u32,
    state: VisitState,
    attempts: u32,
    due_at: Timestamp,
    finished_at: Option<Timestamp>,
    outcome: Option<Outcome>,
    /// The outcome in words.
    meaning: Option<&'static str>,
    /// What to do about it; empty where nothing is to be done.
    remedy: Option<&'static str>,
    /// The particulars.
    detail: Option<String>,
    status: Option<u16>,
    capture: Option<CaptureId>,
    listing: Option<ListingId>,
}

/// Runs the command.
pub async fn run(visits: Visits, context: &Context) -> Ended {
    let state = visits.state.map(VisitState::as_str);
    super::show(Stored { run: visits.run }, &visits.which, state, context).await
}

struct Stored {
    run: Option<RunId>,
}

impl Family for Stored {
    type Id = VisitId;
    type Row = Row;
    const NONE: &'static str = "No visit yet; `sightline crawl NAME` makes some.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<VisitId>,
        at: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let visits = visits::list(tx, filter, self.run).await?.into_iter();
        Ok(visits.map(|visit| row(visit, &at.names)).collect())
    }

    fn id(row: &Row) -> VisitId {
        row.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "source",
            "url",
            "when",
            "outcome",
            "what it means, and what to do",
        ]);
        for row in rows {
            let outcome = match row.outcome {
                None => output::tinted(row.state, Tint::Faint),
                Some(outcome) => output::tinted(outcome, tint(outcome)),
            };
            let mut words = row.meaning.unwrap_or_default().to_owned();
            if let Some(detail) = row
                .detail
                .as_ref()
                .filter(|_| !row.outcome.is_some_and(Outcome::is_success))
            {
                words.push_str(&format!(": {}", inert::cut(detail, 160)));
            }
            if let Some(remedy) = row.remedy.filter(|remedy| !remedy.is_empty()) {
                words.push_str(&format!(" → {remedy}"));
            }
            table.add_row(vec![
                row.source.as_str().into(),
                inert::cut(row.url.as_str(), 120).into(),
                output::when::cell(row.finished_at.unwrap_or(row.due_at), now).into(),
                outcome,
                words.into(),
            ]);
        }
        table
    }
}

fn row(visit: Visit, names: &Names) -> Row {
    let (meaning, remedy) = visit.outcome.map(explain).unzip();
    Row {
        id: visit.id,
        run: visit.run,
        source: names.source(visit.source),
        source_id: visit.source,
        kind: visit.kind,
        url: visit.url,
        depth: visit.depth,
        state: visit.state,
        attempts: visit.attempts,
        due_at: visit.due_at,
        finished_at: visit.finished_at,
        outcome: visit.outcome,
        meaning,
        remedy,
        detail: visit.detail,
        status: visit.status,
        capture: visit.capture,
        listing: visit.listing,
    }
}

fn tint(outcome: Outcome) -> Tint {
    match outcome {
        Outcome::Fetched => Tint::Good,
        Outcome::Unchanged | Outcome::Gone => Tint::Faint,
        outcome if outcome.is_block() => Tint::Warning,
        _ => Tint::Bad,
    }
}
