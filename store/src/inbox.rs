//! The inbox: alerts as people work through them, the gravest first and of these the newest.

use std::collections::BTreeMap;

use sightline_model::{
    Alert, AlertDeed, AlertId, AlertState, Reason, Severity, SourceId, Timestamp, WatchlistId,
};

use crate::{Result, Tx, alerts};

/// Which alerts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// In this state; in any where there is none.
    pub state: Option<AlertState>,
    /// Of this gravity.
    pub severity: Option<Severity>,
    /// Of this watchlist.
    pub watchlist: Option<WatchlistId>,
    /// With a sighting on this source.
    pub source: Option<SourceId>,
    /// With a sighting for this reason.
    pub reason: Option<Reason>,
    /// The work of this person.
    pub assigned: Option<String>,
    /// Nobody's work.
    pub unassigned: bool,
    /// Changed at or after this instant.
    pub since: Option<Timestamp>,
    /// Raised at or after this instant.
    pub raised_since: Option<Timestamp>,
    /// Come into this list at or after this instant, by whatever way: raised, or what was raised before and was opened again,
    /// handed back, given to whose work the list is, let out of a silence, or made as grave as the list is.
    pub come_since: Option<Timestamp>,
    /// Not closed.
    pub unclosed: bool,
    /// The last one of the page before, and how grave it is: the list goes on after it.
    pub after: Option<(Severity, AlertId)>,
    /// Alerts at most.
    pub limit: u32,
}

impl Wanted {
    /// The deeds by which an alert comes into this list that was raised before.
    fn comings(&self) -> Vec<AlertDeed> {
        let mut deeds = match self.state {
            Some(AlertState::Open) => vec![
                AlertDeed::Reopened,
                AlertDeed::HandedBack,
                AlertDeed::Unsilenced,
            ],
            Some(AlertState::Acknowledged) => vec![AlertDeed::Acknowledged],
            Some(AlertState::Closed) => vec![AlertDeed::Closed],
            Some(AlertState::Silenced) => Vec::new(),
            None if self.unclosed => vec![AlertDeed::Reopened],
            None => Vec::new(),
        };
        if self.unassigned || self.assigned.is_some() {
            deeds.push(AlertDeed::Assigned);
        }
        // It only ever grows graver, so the last time it did it came to be as grave as the list is.
        if self.severity.is_some() {
            deeds.push(AlertDeed::Graver);
        }
        deeds
    }

    /// The condition that an alert came into this list at or after an instant, which it asks for three times. Of what was
    /// raised before, that it was changed since is looked at first, for few were.
    fn has_come(&self) -> String {
        let deeds: Vec<String> = self
            .comings()
            .iter()
            .map(|deed| format!("'{deed}'"))
            .collect();
        let deeds = match deeds.is_empty() {
            true => "''".to_owned(),
            false => deeds.join(", "),
        };
        format!(
            " AND (alert.opened_at >= ? OR alert.updated_at >= ? AND EXISTS (
               SELECT 1 FROM alert_change
               WHERE alert_change.organisation = alert.organisation AND alert_change.alert = alert.id
                 AND alert_change.at >= ? AND alert_change.deed IN ({deeds})))"
        )
    }
}

/// From the gravest down.
const GRAVEST_FIRST: [Severity; 3] = [Severity::Grave, Severity::Normal, Severity::Low];

/// A page of the inbox. Each gravity is read by itself, so that an index has it in order: words have no order that a
/// database would know.
pub async fn page(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Alert>> {
    let mut found = Vec::new();
    let columns = alerts::COLUMNS.replace(", ", ", alert.");
    for severity in GRAVEST_FIRST {
        let left = wanted.limit.saturating_sub(found.len() as u32);
        let passed = wanted.after.is_some_and(|(last, _)| severity > last);
        if left == 0 || passed || wanted.severity.is_some_and(|only| only != severity) {
            continue;
        }
        let after = wanted.after.filter(|(last, _)| *last == severity);
        let text = format!(
            "SELECT alert.{columns} FROM alert WHERE alert.organisation = ? AND alert.severity = ?"
        );
        let sql = tx
            .sql(&text)
            .bind(tx.org)
            .bind(severity)
            .push_if(" AND alert.state = ?", wanted.state)
            .push_if(" AND alert.assigned_to = ?", wanted.assigned.as_ref())
            .push_if(" AND alert.watchlist = ?", wanted.watchlist)
            .push_if(" AND alert.updated_at >= ?", wanted.since)
            .push_if(" AND alert.opened_at >= ?", wanted.raised_since)
            // A JSON list of a few words from a closed set: the word between its quotes is found by its letters.
            .push_if(
                " AND alert.reasons LIKE ?",
                wanted
                    .reason
                    .map(|reason| format!("%\"{reason}\"%"))
                    .as_ref(),
            )
            .push(match wanted.unassigned {
                true => " AND alert.assigned_to IS NULL",
                false => "",
            })
            .push(match wanted.unclosed {
                true => " AND alert.state <> 'closed'",
                false => "",
            });
        let sql = match wanted.source {
            Some(source) => sql
                .push(
                    " AND EXISTS (SELECT 1 FROM alert_sighting JOIN sighting ON sighting.id = alert_sighting.sighting
                        WHERE alert_sighting.alert = alert.id AND +alert_sighting.organisation = ?
                          AND +sighting.organisation = ? AND sighting.source = ?)",
                )
                .bind(tx.org)
                .bind(tx.org)
                .bind(source),
            None => sql,
        };
        let sql = match wanted.come_since {
            Some(at) => sql.push(&wanted.has_come()).bind(at).bind(at).bind(at),
            None => sql,
        };
        let rows: Vec<Alert> = sql
            .push_if(" AND alert.id < ?", after.map(|(_, id)| id))
            .push(" ORDER BY alert.id DESC LIMIT ?")
            .bind(i64::from(left))
            .all(tx)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

/// How many alerts there are in each state, and how many unclosed ones are this person's work: at most `most` of each
/// are counted.
pub async fn counts(
    tx: &mut Tx,
    person: &str,
    most: u32,
) -> Result<(BTreeMap<&'static str, i64>, i64)> {
    let mut counts = BTreeMap::new();
    for state in AlertState::ALL {
        let (count,) = tx
            .sql(
                "SELECT count(*) FROM (SELECT 1 FROM alert WHERE organisation = ? AND state = ? LIMIT ?) AS counted",
            )
            .bind(tx.org)
            .bind(*state)
            .bind(i64::from(most))
            .one(tx)
            .await?;
        counts.insert(state.as_str(), count);
    }
    let (mine,) = tx
        .sql(
            "SELECT count(*) FROM (SELECT 1 FROM alert
             WHERE organisation = ? AND assigned_to = ? AND state <> 'closed' LIMIT ?) AS counted",
        )
        .bind(tx.org)
        .bind(person)
        .bind(i64::from(most))
        .one(tx)
        .await?;
    Ok((counts, mine))
}
