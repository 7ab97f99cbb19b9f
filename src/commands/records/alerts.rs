//! `sightline alerts`.

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use sightline_model::{
    Alert, AlertId, AlertState, Closed, EntryId, Group, Reason, Severity, Sighting, SightingId,
    Timestamp, WatchlistId,
};
use sightline_store::{Filter, StoreError, Tx, alerts};

use super::{Family, Names, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show alerts: what is open, who has it, and how it ended
#[derive(Debug, Args)]
#[command(
    after_long_help = "`sightline alert show ID` shows one in full, with the text that matched."
)]
pub struct Alerts {
    #[command(flatten)]
    which: Which,
    /// In this state: open, acknowledged, closed or silenced
    #[arg(long, value_name = "STATE")]
    state: Option<AlertState>,
    /// The work of this person: `sightline alert assign` gives it
    #[arg(long, value_name = "NAME")]
    assigned: Option<String>,
}

/// An alert as programs are given it.
#[derive(Serialize)]
pub(crate) struct Row {
    pub id: AlertId,
    pub watchlist: String,
    pub watchlist_id: WatchlistId,
    pub state: AlertState,
    pub severity: Severity,
    /// What its sightings have in common.
    pub group: Group,
    /// The entries that it is about, the one that raised it first.
    pub entries: Vec<EntryId>,
    pub sightings: Vec<SightingId>,
    pub reasons: Vec<Reason>,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
    /// When its first message was, or is to be, sent.
    pub told_at: Option<Timestamp>,
    /// When others were last told of it.
    pub escalated_at: Option<Timestamp>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<Timestamp>,
    pub closed_as: Option<Closed>,
    pub closed_at: Option<Timestamp>,
    pub assigned: Option<String>,
}

/// Runs the command.
pub async fn run(alerts: Alerts, context: &Context) -> Ended {
    super::show(
        Stored {
            assigned: alerts.assigned,
        },
        &alerts.which,
        alerts.state.map(AlertState::as_str),
        context,
    )
    .await
}

struct Stored {
    assigned: Option<String>,
}

impl Family for Stored {
    type Id = AlertId;
    type Row = Row;
    const NONE: &'static str = "No alert: nothing that is watched was seen.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<AlertId>,
        names: &Names,
    ) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for alert in alerts::list_of(tx, filter, self.assigned.as_deref()).await? {
            let sightings = alerts::sightings_of(tx, alert.id, None).await?;
            rows.push(row(alert, &sightings, names));
        }
        Ok(rows)
    }

    fn id(row: &Row) -> AlertId {
        row.id
    }

    fn table(rows: &[Row], now: Timestamp) -> Table {
        let mut table = output::table([
            "alert",
            "watchlist",
            "state",
            "severity",
            "reasons",
            "last changed",
        ]);
        for row in rows {
            let reasons: Vec<&str> = row.reasons.iter().map(|reason| reason.as_str()).collect();
            table.add_row(vec![
                row.id.into(),
                inert::line(&row.watchlist).into(),
                output::tinted(state_words(row), tint(row.state)),
                output::tinted(
                    row.severity,
                    if row.severity == Severity::Grave {
                        Tint::Bad
                    } else {
                        Tint::Faint
                    },
                ),
                reasons.join(", ").into(),
                output::when::cell(row.updated_at, now).into(),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    }
}

/// An alert as programs are given it, with the sightings that it rests on.
pub(crate) fn row(alert: Alert, sightings: &[Sighting], names: &Names) -> Row {
    let mut entries = vec![alert.entry];
    for sighting in sightings {
        if !entries.contains(&sighting.entry) {
            entries.push(sighting.entry);
        }
    }
    let (acknowledged_by, acknowledged_at) = alert.acknowledged.unzip();
    let (closed_as, closed_at) = alert.closed.unzip();
    Row {
        id: alert.id,
        watchlist: names.watchlist(alert.watchlist),
        watchlist_id: alert.watchlist,
        state: alert.state,
        severity: alert.severity,
        group: alert.group,
        entries,
        sightings: sightings.iter().map(|sighting| sighting.id).collect(),
        reasons: alert.reasons,
        opened_at: alert.opened_at,
        updated_at: alert.updated_at,
        told_at: alert.told_at,
        escalated_at: alert.escalated_at,
        acknowledged_by,
        acknowledged_at,
        closed_as,
        closed_at,
        assigned: alert.assigned,
    }
}

/// The state, with the person or the finding that goes with it.
pub(crate) fn state_words(row: &Row) -> String {
    let assigned = match (row.state, &row.assigned) {
        (AlertState::Closed, _) | (_, None) => String::new(),
        (_, Some(to)) => format!(", with {}", inert::line(to)),
    };
    let state = match (row.state, &row.acknowledged_by, row.closed_as) {
        (AlertState::Acknowledged, Some(who), _) => format!("acknowledged by {}", inert::line(who)),
        (AlertState::Closed, _, Some(how)) => format!("closed as {how}"),
        (state, ..) => state.to_string(),
    };
    state + &assigned
}

pub(crate) fn tint(state: AlertState) -> Tint {
    match state {
        AlertState::Open => Tint::Bad,
        AlertState::Acknowledged => Tint::Warning,
        AlertState::Closed | AlertState::Silenced => Tint::Faint,
    }
}
