//! The life of an alert in people's hands: whose work it is, every change with who and when, and when it was last seen.

use std::collections::HashMap;

use sightline_model::{Alert, AlertChange, AlertId, EntryId, SourceId, Timestamp, WatchlistId};

use crate::{
    Result, Tx, alerts,
    cell::{Cells, Json, Record},
    entries,
    tx::AlertChangeId,
};

impl Record for AlertChange {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            alert: cells.next()?,
            at: cells.next()?,
            who: cells.next()?,
            deed: cells.next()?,
            fields: cells.json()?,
            text: cells.next()?,
        })
    }
}

/// Keeps changes, in the transaction that makes them. They only grow.
pub async fn append(tx: &mut Tx, changes: &[AlertChange]) -> Result<()> {
    let ids = tx.reserve::<AlertChangeId>(changes.len()).await?;
    let rows: Vec<(i64, &AlertChange)> = ids.into_iter().map(|id| id.0).zip(changes).collect();
    for rows in tx.chunks(&rows) {
        tx.sql("INSERT INTO alert_change (organisation, id, alert, at, who, deed, fields, text) VALUES ")
            .rows(rows, |(id, change), row| {
                row.put(tx.org).put(*id).put(change.alert).put(change.at);
                row.put(&change.who)
                    .put(change.deed)
                    .put(Json(&change.fields))
                    .put(change.text.as_ref());
            })
            .run(tx)
            .await?;
    }
    Ok(())
}

/// All changes of an alert, the first one first.
pub async fn of_alert(tx: &mut Tx, alert: AlertId) -> Result<Vec<AlertChange>> {
    tx.sql(
        "SELECT alert, at, who, deed, fields, text FROM alert_change
         WHERE organisation = ? AND alert = ? ORDER BY id",
    )
    .bind(tx.org)
    .bind(alert)
    .all(tx)
    .await
}

/// The latest changes of alerts, by their numbers: `most` of them.
pub async fn latest(tx: &mut Tx, most: u32) -> Result<Vec<i64>> {
    let ids: Vec<(i64,)> = tx
        .sql("SELECT id FROM alert_change WHERE organisation = ? ORDER BY id DESC LIMIT ?")
        .bind(tx.org)
        .bind(i64::from(most))
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Alerts as they stand, in no order, kept to this transaction with these entries besides: whoever decides on a sighting of their
/// groups waits. All the entries come first and then all the lists, each in the order of their identifiers, as wherever some are
/// held: whoever names all that it needs at once never waits in a circle with others.
pub async fn hold(tx: &mut Tx, ids: &[AlertId], besides: &[EntryId]) -> Result<Vec<Alert>> {
    let alerts = alerts::get(tx, ids).await?;
    let raised_by = alerts.iter().map(|alert| alert.entry);
    let held: Vec<EntryId> = raised_by.chain(besides.iter().copied()).collect();
    entries::hold(tx, &held).await?;
    let lists: Vec<WatchlistId> = alerts.iter().map(|alert| alert.watchlist).collect();
    alerts::hold_groups_of(tx, &lists).await?;
    alerts::get(tx, ids).await
}

/// Makes an alert somebody's work, or nobody's. False if it is closed, or not there.
pub async fn assign(tx: &mut Tx, id: AlertId, to: Option<&str>, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE alert SET assigned_to = ?, updated_at = ?
             WHERE organisation = ? AND id = ? AND state <> 'closed'",
    )
    .bind(to)
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// Notes that somebody had to do with an alert, closed or not. False if it is not there.
pub async fn touch(tx: &mut Tx, id: AlertId, now: Timestamp) -> Result<bool> {
    tx.sql("UPDATE alert SET updated_at = ? WHERE organisation = ? AND id = ?")
        .bind(now)
        .bind(tx.org)
        .bind(id)
        .changes(tx)
        .await
}

/// The alerts of a watchlist that are not closed, that nobody and nothing changed after `since`, and whose sightings no
/// listing showed after it: `at_most` of them, those raised first. Pass the last one's identifier as `after` for more,
/// until none come.
pub async fn quiet_since(
    tx: &mut Tx,
    watchlist: WatchlistId,
    since: Timestamp,
    after: Option<AlertId>,
    at_most: u32,
) -> Result<Vec<AlertId>> {
    let ids: Vec<(AlertId,)> = tx
        .sql(
            "SELECT id FROM alert WHERE organisation = ? AND watchlist = ? AND state <> 'closed' AND updated_at <= ?
               AND NOT EXISTS (
                 SELECT 1 FROM alert_sighting JOIN sighting ON sighting.id = alert_sighting.sighting
                 WHERE alert_sighting.alert = alert.id AND alert_sighting.organisation = alert.organisation
                   AND sighting.organisation = alert.organisation AND sighting.last_seen > ?)",
        )
        .bind(tx.org)
        .bind(watchlist)
        .bind(since)
        .bind(since)
        .push_if(" AND id > ?", after)
        .push(" ORDER BY id LIMIT ?")
        .bind(i64::from(at_most))
        .all(tx)
        .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// How many alerts were raised at or before `since`, and are open: nobody has acknowledged them.
pub async fn unread(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    let (count,) = tx
        .sql("SELECT count(*) FROM alert WHERE organisation = ? AND state = 'open' AND opened_at <= ?")
        .bind(tx.org)
        .bind(since)
        .one(tx)
        .await?;
    Ok(count)
}

/// When, and on which source, a listing last showed a sighting of each of these alerts.
pub async fn last_seen(
    tx: &mut Tx,
    ids: &[AlertId],
) -> Result<HashMap<AlertId, (Timestamp, SourceId)>> {
    let mut seen = HashMap::new();
    for ids in tx.chunks(ids) {
        let rows: Vec<(AlertId, Timestamp, SourceId)> = tx
            .sql(
                "SELECT alert_sighting.alert, max(sighting.last_seen), sighting.source
                 FROM alert_sighting JOIN sighting ON sighting.id = alert_sighting.sighting
                 WHERE +alert_sighting.organisation = ? AND +sighting.organisation = ? AND alert_sighting.alert IN ",
            )
            .bind(tx.org)
            .bind(tx.org)
            .list(ids.iter().copied())
            .push(" GROUP BY alert_sighting.alert, sighting.source")
            .all(tx)
            .await?;
        for (alert, at, source) in rows {
            let last = seen.entry(alert).or_insert((at, source));
            *last = (*last).max((at, source));
        }
    }
    Ok(seen)
}
