//! `sightline visits`: how each URL fared, in words, and what to do about it.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{Outcome, RunId, Timestamp, Visit, VisitId, VisitState};
use sightline_store::{Filter, StoreError, Tx, visits};

use super::{Family, Names, Which, outcome::explain};
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
    source_name: String,
    #[serde(flatten)]
    visit: Visit,
    /// The outcome in words.
    meaning: Option<&'static str>,
    /// What to do about it; empty where nothing is to be done.
    remedy: Option<&'static str>,
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
        names: &Names,
    ) -> Result<Vec<Row>, StoreError> {
        let visits = visits::list(tx, filter, self.run).await?.into_iter();
        Ok(visits
            .map(|visit| {
                let (meaning, remedy) = visit.outcome.map(explain).unzip();
                Row {
                    source_name: names.source(visit.source),
                    visit,
                    meaning,
                    remedy,
                }
            })
            .collect())
    }

    fn id(row: &Row) -> VisitId {
        row.visit.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "source",
            "url",
            "when",
            "outcome",
            "what it means, and what to do",
        ]);
        for Row {
            source_name,
            visit,
            meaning,
            remedy,
        } in rows
        {
            let outcome = match visit.outcome {
                None => output::tinted(visit.state, Tint::Faint),
                Some(outcome) => output::tinted(outcome, tint(outcome)),
            };
            let mut words = meaning.unwrap_or_default().to_owned();
            if let (Some(detail), false) = (
                &visit.detail,
                visit.outcome.is_some_and(Outcome::is_success),
            ) {
                words.push_str(&format!(": {}", inert::cut(detail, 160)));
            }
            if let Some(remedy) = remedy.filter(|remedy| !remedy.is_empty()) {
                words.push_str(&format!(" → {remedy}"));
            }
            table.add_row(vec![
                source_name.into(),
                inert::cut(visit.url.as_str(), 120).into(),
                output::when::cell(visit.finished_at.unwrap_or(visit.due_at), now).into(),
                outcome,
                words.into(),
            ]);
        }
        table
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
