//! Alerts: sightings, grouped for people.

use std::collections::{BTreeMap, HashMap, HashSet};

use sightline_model::{
    Alert, AlertId, Closed, EntryId, EntryState, Fate, Group, ListingId, Reason, Sighting,
    SightingId, SourceId, Timestamp, WatchlistId,
};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Json, Record},
    sightings::{self, Before},
};

pub(crate) const COLUMNS: &str = "id, watchlist, entry, group_key, state, severity, reasons, opened_at, news_at, updated_at, \
                       batch, notify_at, told_at, escalated_at, acknowledged_by, acknowledged_at, closed_as, closed_at, \
                       assigned_to";

impl Record for Alert {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            watchlist: cells.next()?,
            entry: cells.next()?,
            group: cells.next()?,
            state: cells.next()?,
            severity: cells.next()?,
            reasons: cells.json()?,
            opened_at: cells.next()?,
            news_at: cells.next()?,
            updated_at: cells.next()?,
            batch: cells.next()?,
            notify_at: cells.next()?,
            told_at: cells.next()?,
            escalated_at: cells.next()?,
            acknowledged: {
                let (by, at): (Option<String>, Option<Timestamp>) = (cells.next()?, cells.next()?);
                by.zip(at)
            },
            closed: {
                let (how, at): (Option<Closed>, Option<Timestamp>) = (cells.next()?, cells.next()?);
                how.zip(at)
            },
            assigned: cells.next()?,
        })
    }
}

/// Keeps watchlists to this transaction: where alerts gather more than one entry, two processes that hold different ones
/// would otherwise raise two alerts of one group. Hold the entries first.
pub async fn hold_groups_of(tx: &mut Tx, watchlists: &[WatchlistId]) -> Result<()> {
    tx.hold("watchlist", watchlists).await
}

/// The alerts of these watchlists' groups that are not closed: open, acknowledged or silenced; in no order. Hold the
/// entries first, and the watchlists where groups gather several.
pub async fn unclosed_in(tx: &mut Tx, groups: &[(WatchlistId, Group)]) -> Result<Vec<Alert>> {
    let mut alerts = Vec::new();
    let columns = COLUMNS.replace(", ", ", alert.");
    for groups in tx.chunks(groups) {
        let sql = tx
            .sql("WITH wanted (watchlist, group_key) AS (VALUES ")
            .rows(groups, |(watchlist, group), row| {
                row.put(*watchlist).put(group.clone());
            })
            .push(&format!(
                ") SELECT alert.{columns} FROM wanted CROSS JOIN alert
                 WHERE alert.organisation = ? AND alert.state <> 'closed'
                   AND alert.watchlist = wanted.watchlist AND alert.group_key = wanted.group_key"
            ))
            .bind(tx.org);
        alerts.extend(sql.all::<Alert>(tx).await?);
    }
    Ok(alerts)
}

/// The alerts that are not closed and hold a sighting of one of these entries, or were raised by one; in no order.
pub async fn unclosed_of(tx: &mut Tx, entries: &[EntryId]) -> Result<Vec<Alert>> {
    let mut alerts = BTreeMap::new();
    for entries in tx.chunks(entries) {
        let text = format!(
            "SELECT {COLUMNS} FROM alert WHERE +organisation = ? AND state <> 'closed' AND entry IN "
        );
        let sql = tx.sql(&text).bind(tx.org).list(entries.iter().copied());
        let raised = sql.all::<Alert>(tx).await?;
        let text = format!(
            "SELECT {COLUMNS} FROM alert WHERE organisation = ? AND state <> 'closed' AND id IN (
               SELECT alert_sighting.alert FROM sighting JOIN alert_sighting ON alert_sighting.sighting = sighting.id
               WHERE +sighting.organisation = ? AND +alert_sighting.organisation = ? AND sighting.entry IN "
        );
        let sql = tx.sql(&text).bind(tx.org).bind(tx.org).bind(tx.org);
        let sql = sql.list(entries.iter().copied()).push(")");
        let holding = sql.all::<Alert>(tx).await?;
        alerts.extend(
            raised
                .into_iter()
                .chain(holding)
                .map(|alert| (alert.id, alert)),
        );
    }
    Ok(alerts.into_values().collect())
}

/// The alerts of these identifiers, in no order.
pub async fn get(tx: &mut Tx, ids: &[AlertId]) -> Result<Vec<Alert>> {
    let mut alerts = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let text = format!("SELECT {COLUMNS} FROM alert WHERE organisation = ? AND id IN ");
        let sql = tx.sql(&text).bind(tx.org).list(ids.iter().copied());
        alerts.extend(sql.all::<Alert>(tx).await?);
    }
    Ok(alerts)
}

/// Stores new alerts.
pub async fn insert(tx: &mut Tx, alerts: &[Alert]) -> Result<()> {
    for alerts in tx.chunks(alerts) {
        let text = format!("INSERT INTO alert (organisation, {COLUMNS}) VALUES ");
        tx.sql(&text)
            .rows(alerts, |alert, row| {
                let acknowledged = alert.acknowledged.as_ref();
                row.put(tx.org)
                    .put(alert.id)
                    .put(alert.watchlist)
                    .put(alert.entry);
                row.put(alert.group.clone())
                    .put(alert.state)
                    .put(alert.severity)
                    .put(Json(&alert.reasons));
                row.put(alert.opened_at)
                    .put(alert.news_at)
                    .put(alert.updated_at)
                    .put(alert.batch)
                    .put(alert.notify_at)
                    .put(alert.told_at)
                    .put(alert.escalated_at);
                row.put(acknowledged.map(|(by, _)| by))
                    .put(acknowledged.map(|(_, at)| *at));
                row.put(alert.closed.map(|(how, _)| how))
                    .put(alert.closed.map(|(_, at)| at))
                    .put(alert.assigned.as_ref());
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Brings alerts up to date: all but list, entry, opening and whose work they are.
pub async fn update(tx: &mut Tx, alerts: &[Alert]) -> Result<()> {
    let mut sorted: Vec<&Alert> = alerts.iter().collect();
    sorted.sort_by_key(|alert| alert.id);
    for alerts in tx.chunks(&sorted) {
        tx.sql(
            "WITH now (id, state, severity, reasons, news_at, updated_at, batch, notify_at, told_at, escalated_at,
               acknowledged_by, acknowledged_at, closed_as, closed_at) AS (VALUES ",
        )
        .rows(alerts, |alert, row| {
            let acknowledged = alert.acknowledged.as_ref();
            row.put(alert.id).put(alert.state).put(alert.severity).put(Json(&alert.reasons));
            row.put(alert.news_at).put(alert.updated_at).put(alert.batch).put(alert.notify_at);
            row.put(alert.told_at).put(alert.escalated_at);
            row.put(acknowledged.map(|(by, _)| by)).put(acknowledged.map(|(_, at)| *at));
            row.put(alert.closed.map(|(how, _)| how)).put(alert.closed.map(|(_, at)| at));
        })
        .push(
            ") UPDATE alert SET state = now.state, severity = now.severity, reasons = now.reasons,
                 news_at = now.news_at, updated_at = now.updated_at, batch = now.batch, notify_at = now.notify_at,
                 told_at = now.told_at, escalated_at = now.escalated_at,
                 acknowledged_by = now.acknowledged_by, acknowledged_at = now.acknowledged_at,
                 closed_as = now.closed_as, closed_at = now.closed_at
               FROM now WHERE alert.organisation = ? AND alert.id = now.id",
        )
        .bind(tx.org)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Adds sightings to alerts, each with the batch that tells of it; none where none does. A sighting that the alert has
/// already moves to the new batch.
pub async fn attach(tx: &mut Tx, attached: &[(AlertId, SightingId, Option<i64>)]) -> Result<()> {
    // The last of several for one pair: a statement can't touch a row twice.
    let rows: BTreeMap<_, _> = attached
        .iter()
        .map(|(alert, sighting, batch)| ((*alert, *sighting), *batch))
        .collect();
    let rows: Vec<_> = rows.into_iter().collect();
    for rows in tx.chunks(&rows) {
        tx.sql("INSERT INTO alert_sighting (organisation, alert, sighting, batch) VALUES ")
            .rows(rows, |((alert, sighting), batch), row| {
                row.put(tx.org).put(*alert).put(*sighting).put(*batch);
            })
            .push(
                " ON CONFLICT (alert, sighting) DO UPDATE
                  SET batch = coalesce(excluded.batch, alert_sighting.batch)",
            )
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Those of these sightings that stand in an alert, whatever became of it.
pub async fn in_any(tx: &mut Tx, sightings: &[SightingId]) -> Result<HashSet<SightingId>> {
    let mut found = HashSet::new();
    for sightings in tx.chunks(sightings) {
        let rows: Vec<(SightingId,)> = tx
            .sql("SELECT DISTINCT sighting FROM alert_sighting WHERE organisation = ? AND sighting IN ")
            .bind(tx.org)
            .list(sightings.iter().copied())
            .all(tx)
            .await?;
        found.extend(rows.into_iter().map(|(id,)| id));
    }
    Ok(found)
}

/// The sightings of an alert, of one batch or of all, in the order in which they were seen. Of those that were seen at
/// one instant, what is news comes before what goes on from it.
pub async fn sightings_of(
    tx: &mut Tx,
    alert: AlertId,
    batch: Option<i64>,
) -> Result<Vec<Sighting>> {
    let ids: Vec<(SightingId,)> = tx
        .sql("SELECT sighting FROM alert_sighting WHERE organisation = ? AND alert = ?")
        .bind(tx.org)
        .bind(alert)
        .push_if(" AND batch = ?", batch)
        .all(tx)
        .await?;
    let ids: Vec<SightingId> = ids.into_iter().map(|(id,)| id).collect();
    let mut found = sightings::get(tx, &ids).await?;
    found.sort_by_key(order);
    Ok(found)
}

/// What was seen first comes first, and what is news before what goes on from it.
fn order(one: &Sighting) -> (Timestamp, bool, ListingId, SightingId) {
    (one.at, one.goes_on(), one.listing, one.id)
}

/// A judgement on a sighting that an alert rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// The sighting by that judgement; what was read of it later is what it says since.
    pub sighting: Sighting,
    /// The other alert in which it was told of anew, where the alert's judgement is not the latest.
    pub anew: Option<AlertId>,
}

/// What an alert rests on, of one batch or of all: its sightings as they were judged for it, in the order in which they
/// were. One that it was told of more than once comes as often.
pub async fn judged(tx: &mut Tx, alert: AlertId, batch: Option<i64>) -> Result<Vec<Judged>> {
    let found = sightings_of(tx, alert, batch).await?;
    let ids: Vec<SightingId> = found.iter().map(|sighting| sighting.id).collect();
    let mut before = HashMap::<SightingId, Vec<Before>>::new();
    for one in sightings::before(tx, &ids).await? {
        before.entry(one.sighting).or_default().push(one);
    }
    let of_alert = |fate: &Option<Fate>| fate.as_ref().and_then(Fate::alert) == Some(alert);
    let mut judged = Vec::with_capacity(found.len());
    for sighting in found {
        let earlier = before.remove(&sighting.id).into_iter().flatten();
        let earlier: Vec<Before> = earlier.filter(|one| of_alert(&one.fate)).collect();
        let is_latest = earlier.is_empty() || of_alert(&sighting.fate);
        let anew = sighting.fate.as_ref().and_then(Fate::alert);
        let anew = anew.filter(|other| *other != alert);
        judged.extend(earlier.into_iter().map(|one| Judged {
            sighting: one.of(&sighting),
            anew,
        }));
        judged.extend(is_latest.then_some(Judged { sighting, anew }));
    }
    judged.sort_by_key(|one| order(&one.sighting));
    Ok(judged)
}

/// Notes that somebody has taken an alert. False if it is not open: then somebody was quicker.
pub async fn acknowledge(tx: &mut Tx, id: AlertId, who: &str, now: Timestamp) -> Result<bool> {
    tx
        .sql(
            "UPDATE alert SET state = 'acknowledged', acknowledged_by = ?, acknowledged_at = ?, updated_at = ?
             WHERE organisation = ? AND id = ? AND state IN ('open', 'silenced')",
        )
        .bind(who)
        .bind(now)
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .changes(tx).await
}

/// Closes an alert. False if it was closed already, or is not there.
pub async fn close(tx: &mut Tx, id: AlertId, how: Closed, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE alert SET state = 'closed', closed_as = ?, closed_at = ?, updated_at = ?
             WHERE organisation = ? AND id = ? AND state <> 'closed'",
    )
    .bind(how)
    .bind(now)
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// Notes that the escalation of an alert was withdrawn, for nothing was left of what it told of: others were not told of it.
pub async fn forget_escalation(tx: &mut Tx, id: AlertId) -> Result<()> {
    tx.sql("UPDATE alert SET escalated_at = NULL WHERE organisation = ? AND id = ?")
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// Which alerts are to be looked at: of each sort, those for which what it counts from lies at or before this instant, if any.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Overdue {
    /// Open ones, last told of.
    pub told: Option<Timestamp>,
    /// Open ones that others were never told of, first told of; or raised, where nobody was told.
    pub unescalated: Option<Timestamp>,
    /// Open ones that others were told of, last.
    pub escalated: Option<Timestamp>,
    /// Acknowledged ones, taken and last told of.
    pub taken: Option<Timestamp>,
    /// Open or acknowledged ones whose news a ceiling holds beyond this instant.
    pub held: Option<Timestamp>,
}

/// The alerts of a watchlist that somebody may have to be told of again, `at_most` of them, those raised first: pass the
/// last one's identifier as `after` for more, until none come.
pub async fn overdue(
    tx: &mut Tx,
    watchlist: WatchlistId,
    overdue: &Overdue,
    after: Option<AlertId>,
    at_most: u32,
) -> Result<Vec<Alert>> {
    // An instant that is missing compares as unknown, and its line chooses none.
    let text = format!(
        "SELECT {COLUMNS} FROM alert
         WHERE organisation = ? AND watchlist = ? AND state <> 'closed'
           AND ((state = 'open' AND notify_at <= ?)
             OR (state = 'open' AND coalesce(told_at, opened_at) <= ? AND escalated_at IS NULL)
             OR (state = 'open' AND escalated_at <= ?)
             OR (state = 'acknowledged' AND acknowledged_at <= ? AND notify_at <= ?)
             OR (state IN ('open', 'acknowledged') AND notify_at > ? AND EXISTS (SELECT 1 FROM delivery AS held
                   WHERE +held.organisation = alert.organisation AND held.alert = alert.id AND held.state = 'pending' AND held.waits = 'ceiling')))"
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(watchlist)
        .bind(overdue.told)
        .bind(overdue.unescalated)
        .bind(overdue.escalated)
        .bind(overdue.taken)
        .bind(overdue.taken)
        .bind(overdue.held)
        .push_if(" AND id > ?", after)
        .push(" ORDER BY id LIMIT ?")
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// So many sightings of an entry, for one reason, that a batch of an alert tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToldIn {
    /// The alert.
    pub alert: AlertId,
    /// The batch.
    pub batch: i64,
    /// The entry.
    pub entry: EntryId,
    /// The reason.
    pub reason: Reason,
    /// How many, without those that somebody has rejected.
    pub sightings: i64,
    /// How many somebody has rejected.
    pub rejected: i64,
    /// What has become of the entry.
    pub entry_state: EntryState,
}

impl ToldIn {
    /// How many sightings of all these stand, how many of them are of entries that were withdrawn, and how many were
    /// rejected.
    pub fn left<'t>(told: impl IntoIterator<Item = &'t Self>) -> [u64; 3] {
        let mut left = [0; 3];
        for one in told {
            let standing = u64::try_from(one.sightings).unwrap_or(0);
            left[0] += standing;
            if one.entry_state == EntryState::Withdrawn {
                left[1] += standing;
            }
            left[2] += u64::try_from(one.rejected).unwrap_or(0);
        }
        left
    }
}

impl Record for ToldIn {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            alert: cells.next()?,
            batch: cells.next()?,
            entry: cells.next()?,
            reason: cells.next()?,
            sightings: cells.next()?,
            rejected: cells.next()?,
            entry_state: cells.next()?,
        })
    }
}

/// What the batches of these alerts tell of, without what is withheld; in no order.
pub async fn told_in(tx: &mut Tx, alerts: &[AlertId]) -> Result<Vec<ToldIn>> {
    let mut told = Vec::new();
    for alerts in tx.chunks(alerts) {
        let sql = tx
            .sql(
                "SELECT alert_sighting.alert, alert_sighting.batch, sighting.entry, sighting.reason,
                   CAST(sum(1 - sighting.rejected) AS BIGINT), CAST(sum(sighting.rejected) AS BIGINT), entry.state
                 FROM alert_sighting CROSS JOIN sighting CROSS JOIN entry
                 WHERE sighting.id = alert_sighting.sighting AND entry.id = sighting.entry
                   AND +alert_sighting.organisation = ? AND +sighting.organisation = ? AND +entry.organisation = ?
                   AND sighting.withheld = 0
                   AND alert_sighting.batch IS NOT NULL AND alert_sighting.alert IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .bind(tx.org)
            .list(alerts.iter().copied())
            .push(
                " GROUP BY alert_sighting.alert, alert_sighting.batch, sighting.entry, sighting.reason, entry.state",
            );
        told.extend(sql.all::<ToldIn>(tx).await?);
    }
    Ok(told)
}

/// Alerts, the latest raised first; `since` is of the last change.
pub async fn list(tx: &mut Tx, filter: &Filter<AlertId>) -> Result<Vec<Alert>> {
    list_of(tx, filter, None).await
}

/// As [`list`], where somebody is named the work of this person alone.
pub async fn list_of(
    tx: &mut Tx,
    filter: &Filter<AlertId>,
    assigned: Option<&str>,
) -> Result<Vec<Alert>> {
    let text = format!("SELECT {COLUMNS} FROM alert WHERE organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND updated_at >= ?", filter.since)
        .push_if(" AND watchlist = ?", filter.watchlist)
        .push_if(" AND state = ?", filter.state)
        .push_if(" AND assigned_to = ?", assigned)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}

/// The alerts whose first messages still gather, and tell of what was seen on a source since then.
pub async fn gathering(tx: &mut Tx, source: SourceId, since: Timestamp) -> Result<Vec<AlertId>> {
    let rows: Vec<(AlertId,)> = tx
        .sql(
            "SELECT DISTINCT delivery.alert FROM delivery
             JOIN alert_sighting ON alert_sighting.alert = delivery.alert
             JOIN sighting ON sighting.id = alert_sighting.sighting
             WHERE delivery.organisation = ? AND delivery.state = 'pending' AND delivery.attempts = 0
               AND alert_sighting.organisation = ? AND sighting.organisation = ?
               AND sighting.source = ? AND sighting.at >= ?",
        )
        .bind(tx.org)
        .bind(tx.org)
        .bind(tx.org)
        .bind(source)
        .bind(since)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|(alert,)| alert).collect())
}
