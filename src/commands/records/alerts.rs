//! `sightline alerts`.

use clap::Args;
use comfy_table::Table;
use sightline_casework::{
    alert::{self, Row},
    quiet::Silenced,
};
use sightline_model::{AlertState, Severity, Timestamp};
use sightline_store::{
    Filter, StoreError, Tx,
    inbox::{Mark, Wanted},
    totals,
};

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show alerts, the gravest first and of these the one with the latest news: what is open, who has it, and how it ended
#[derive(Debug, Args)]
#[command(
    after_long_help = "`sightline alert show ID` shows one in full, with the text that matched."
)]
pub struct Alerts {
    #[command(flatten)]
    which: Which,
    /// In this state: open, acknowledged, closed or silenced, which is also what a silence covers now
    #[arg(long, value_name = "STATE")]
    state: Option<AlertState>,
    /// The work of this person: `sightline alert assign` gives it
    #[arg(long, value_name = "NAME")]
    assigned: Option<String>,
    /// What this person has: their work, or acknowledged by them
    #[arg(long, value_name = "NAME")]
    with: Option<String>,
}

/// Runs the command.
pub async fn run(alerts: Alerts, context: &Context) -> Ended {
    super::show(
        Stored {
            assigned: alerts.assigned,
            with: alerts.with,
            state: alerts.state,
        },
        &alerts.which,
        alerts.state.map(AlertState::as_str),
        context,
    )
    .await
}

struct Stored {
    assigned: Option<String>,
    with: Option<String>,
    state: Option<AlertState>,
}

impl Family for Stored {
    /// As the inbox has them: the gravest first, and of these the one with the latest news.
    type Id = Mark;
    type Row = Row;
    const STORED: totals::Stored = totals::Stored::Alerts;
    const IS_OF_PEOPLE: bool = true;
    const WORDS: (&'static str, &'static str) = ("alert", "alerts");
    const NONE: &'static str = "No alert: nothing that is watched was seen.";
    const FIRST: &'static str = "gravest with the latest news";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<Self::Id>,
        at: &At<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let quietness = Silenced::read(tx, at.now).await?;
        let wanted = Wanted {
            state: self.state,
            watchlist: filter.watchlist,
            source: filter.source,
            assigned: self.assigned.clone(),
            with: self.with.clone(),
            // Who asks what somebody has means what is still to be done, unless a state is named.
            unclosed: self.with.is_some() && self.state.is_none(),
            since: filter.since,
            after: filter.after,
            limit: filter.limit,
            ..Wanted::default()
        };
        let found = quietness.page(tx, &wanted).await?;
        alert::rows(tx, found, &quietness, &at.names).await
    }

    fn id(row: &Row) -> Self::Id {
        Mark {
            severity: row.severity,
            news_at: row.news_at,
            id: row.id,
        }
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "alert",
            "looked for",
            "watchlist",
            "state",
            "severity",
            "reasons",
            "last changed",
        ]);
        for row in rows {
            table.add_row(vec![
                row.id.into(),
                looked_for(row).into(),
                inert::line(&row.watchlist).into(),
                output::tinted(state_words(row, now), tint(row)),
                output::tinted(
                    row.severity,
                    if row.severity == Severity::Grave {
                        Tint::Bad
                    } else {
                        Tint::Faint
                    },
                ),
                because(row).into(),
                output::when::cell(row.updated_at, now).into(),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    }
}

/// What was looked for: `phone +12025550123`.
fn looked_for(row: &Row) -> String {
    let (Some(kind), Some(value)) = (row.kind, &row.value) else {
        return "an entry that is gone".to_owned();
    };
    let more = match row.entries.len() {
        0 | 1 => String::new(),
        several => format!(", and {} more", several - 1),
    };
    format!("{kind} {}{more}", inert::cut(value, 80))
}

/// The reasons of its sightings, and that all of it is only possible.
fn because(row: &Row) -> String {
    let possible = row.possible.then_some("possible");
    let reasons = row.reasons.iter().map(|reason| reason.as_str());
    let words: Vec<&str> = possible.into_iter().chain(reasons).collect();
    words.join(", ")
}

/// The state, with the person or the finding that goes with it.
pub(crate) fn state_words(row: &Row, now: Timestamp) -> String {
    let assigned = match (row.state, &row.assigned) {
        (AlertState::Closed, _) | (_, None) => String::new(),
        (_, Some(to)) => format!(", with {}", inert::line(to)),
    };
    let state = match (row.state, &row.acknowledged_by, row.closed_as) {
        (AlertState::Acknowledged, Some(who), _) => format!("acknowledged by {}", inert::line(who)),
        (AlertState::Closed, _, Some(how)) => format!("closed as {how}"),
        (state, ..) => state.to_string(),
    };
    let quiet = match (&row.quiet, row.state) {
        (None, _) => String::new(),
        (Some(quiet), AlertState::Silenced) => {
            format!(" until {}", output::when::cell(quiet.until, now))
        }
        (Some(quiet), _) => format!(", silenced until {}", output::when::cell(quiet.until, now)),
    };
    state + &assigned + &quiet
}

fn tint(row: &Row) -> Tint {
    if row.quiet.is_some() {
        return Tint::Faint;
    }
    match row.state {
        AlertState::Open => Tint::Bad,
        AlertState::Acknowledged => Tint::Warning,
        AlertState::Closed | AlertState::Silenced => Tint::Faint,
    }
}
