//! The inbox: alerts as people work through them, the gravest first and of these the one with the latest news.

use std::{cmp::Reverse, collections::BTreeMap};

use sightline_model::{
    Alert, AlertDeed, AlertId, AlertState, Reason, Severity, SourceId, Timestamp, WatchlistId,
};

use crate::{Result, Tx, alerts};

/// Where an alert stands in the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// How grave it is.
    pub severity: Severity,
    /// When its latest news came.
    pub news_at: Timestamp,
    /// Which it is.
    pub id: AlertId,
}

impl Mark {
    /// Where this one stands.
    pub fn of(alert: &Alert) -> Self {
        Self {
            severity: alert.severity,
            news_at: alert.news_at,
            id: alert.id,
        }
    }
}

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
    /// What this person has: their work, or acknowledged by them.
    pub with: Option<String>,
    /// The work of this person.
    pub assigned: Option<String>,
    /// Nobody's work.
    pub unassigned: bool,
    /// Changed at or after this instant.
    pub since: Option<Timestamp>,
    /// Raised at or after this instant.
    pub raised_since: Option<Timestamp>,
    /// Come into this list at or after this instant, by whatever way: raised, or what was raised before and there was news of it, or
    /// it was opened again, handed back, given to whose work the list is, let out of a silence, or made as grave as the list is.
    pub come_since: Option<Timestamp>,
    /// Not closed.
    pub unclosed: bool,
    /// Where the last one of the page before stood: the list goes on after it.
    pub after: Option<Mark>,
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
        if self.unassigned || self.assigned.is_some() || self.with.is_some() {
            deeds.push(AlertDeed::Assigned);
        }
        if self.with.is_some() {
            deeds.extend([AlertDeed::Acknowledged, AlertDeed::TakenOver]);
        }
        // It only ever grows graver, so the last time it did it came to be as grave as the list is.
        if self.severity.is_some() {
            deeds.push(AlertDeed::Graver);
        }
        deeds
    }

    /// The condition that an alert came into this list at or after an instant, which it asks for three times. Of what there was
    /// no news of, that it was changed since is looked at first, for few were.
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
            " AND (alert.news_at >= ? OR alert.updated_at >= ? AND EXISTS (
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
    for severity in GRAVEST_FIRST {
        let left = wanted.limit.saturating_sub(found.len() as u32);
        let passed = wanted.after.is_some_and(|last| severity > last.severity);
        if left == 0 || passed || wanted.severity.is_some_and(|only| only != severity) {
            continue;
        }
        let Some(person) = &wanted.with else {
            found.extend(part(tx, wanted, severity, left, None).await?);
            continue;
        };
        // Each is read by an index of its own; asked for together, neither would be.
        let mut theirs = part(tx, wanted, severity, left, Some((GIVEN, person))).await?;
        theirs.extend(part(tx, wanted, severity, left, Some((TAKEN, person))).await?);
        theirs.sort_by_key(|alert| Reverse((alert.news_at, alert.id)));
        theirs.dedup_by_key(|alert| alert.id);
        theirs.truncate(left as usize);
        found.extend(theirs);
    }
    Ok(found)
}

/// The condition that an alert is a person's work, and that they have acknowledged it.
const GIVEN: &str = " AND alert.assigned_to = ?";
const TAKEN: &str = " AND alert.state = 'acknowledged' AND alert.acknowledged_by = ?";

/// The alerts of one gravity in a page: `most` of them, and where a condition is given, those alone for whom it names.
async fn part(
    tx: &mut Tx,
    wanted: &Wanted,
    severity: Severity,
    most: u32,
    only: Option<(&str, &String)>,
) -> Result<Vec<Alert>> {
    let columns = alerts::COLUMNS.replace(", ", ", alert.");
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
    let sql = match only {
        Some((condition, person)) => sql.push(condition).bind(person),
        None => sql,
    };
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
    let sql = match wanted.after.filter(|last| last.severity == severity) {
        Some(last) => sql
            .push(" AND (alert.news_at, alert.id) < (?, ?)")
            .bind(last.news_at)
            .bind(last.id),
        None => sql,
    };
    sql.push(" ORDER BY alert.news_at DESC, alert.id DESC LIMIT ?")
        .bind(i64::from(most))
        .all(tx)
        .await
}

/// How many alerts there are in each state, and how many unclosed ones this person has: at most `most` of each
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
            "SELECT count(*) FROM (
               SELECT id FROM alert WHERE organisation = ? AND assigned_to = ? AND state <> 'closed'
               UNION
               SELECT id FROM alert WHERE organisation = ? AND acknowledged_by = ? AND state = 'acknowledged'
               LIMIT ?) AS counted",
        )
        .bind(tx.org)
        .bind(person)
        .bind(tx.org)
        .bind(person)
        .bind(i64::from(most))
        .one(tx)
        .await?;
    Ok((counts, mine))
}

/// The names that alerts were given to, in order: `most` of them.
pub async fn given_to(tx: &mut Tx, most: usize) -> Result<Vec<String>> {
    let mut names = Vec::<String>::new();
    // One look at a key for each name: to ask for all that differ would read all that were given.
    while names.len() < most {
        let (next,): (Option<String>,) = tx
            .sql("SELECT min(assigned_to) FROM alert WHERE organisation = ? AND assigned_to > ?")
            .bind(tx.org)
            .bind(names.last().map_or("", String::as_str))
            .one(tx)
            .await?;
        match next {
            Some(name) => names.push(name),
            None => break,
        }
    }
    Ok(names)
}
