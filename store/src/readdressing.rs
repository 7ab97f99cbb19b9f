//! What a watchlist's messages are looked at for when it names other channels, and how one goes out after all that was
//! withdrawn.

use sightline_model::{
    Alert, AlertId, DeliveryId, Sighting, SightingId, Timestamp, Wait, WatchlistId,
};

use crate::{Result, Tx, alerts, sightings};

/// The alerts of a watchlist that somebody may still be told of: those that are not closed, and those of which a message
/// waits. `at_most` of them, those raised first; pass the last one's identifier as `after` for more, until none come.
pub async fn concerned(
    tx: &mut Tx,
    watchlist: WatchlistId,
    after: Option<AlertId>,
    at_most: u32,
) -> Result<Vec<Alert>> {
    let text = format!(
        "SELECT {} FROM alert WHERE organisation = ? AND watchlist = ?
           AND (state <> 'closed' OR id IN (
             SELECT alert FROM delivery WHERE organisation = ? AND state = 'pending' AND alert IS NOT NULL))",
        alerts::COLUMNS
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(watchlist)
        .bind(tx.org)
        .push_if(" AND id > ?", after)
        .push(" ORDER BY id LIMIT ?")
        .bind(i64::from(at_most))
        .all(tx)
        .await
}

/// The sightings of these alerts, each with its alert, in the order in which they were seen.
pub async fn sightings_in(tx: &mut Tx, ids: &[AlertId]) -> Result<Vec<(AlertId, Sighting)>> {
    let mut pairs = Vec::<(SightingId, AlertId)>::new();
    for ids in tx.chunks(ids) {
        let rows: Vec<(SightingId, AlertId)> = tx
            .sql("SELECT sighting, alert FROM alert_sighting WHERE +organisation = ? AND alert IN ")
            .bind(tx.org)
            .list(ids.iter().copied())
            .all(tx)
            .await?;
        pairs.extend(rows);
    }
    pairs.sort_unstable();
    let mut ids: Vec<SightingId> = pairs.iter().map(|(sighting, _)| *sighting).collect();
    ids.dedup();
    let mut found = Vec::with_capacity(pairs.len());
    for sighting in sightings::get(tx, &ids).await? {
        let from = pairs.partition_point(|(id, _)| *id < sighting.id);
        let of = pairs[from..]
            .iter()
            .take_while(|(id, _)| *id == sighting.id);
        found.extend(of.map(|(_, alert)| (*alert, sighting.clone())));
    }
    found.sort_by_key(|(alert, sighting)| (*alert, sighting.at, sighting.id));
    Ok(found)
}

/// Puts a message that was withdrawn back into the outbox, to be written anew and tried as if for the first time.
pub async fn restore(
    tx: &mut Tx,
    delivery: DeliveryId,
    at: Timestamp,
    waits: Option<Wait>,
) -> Result<()> {
    tx.sql(
        "UPDATE delivery SET rewritten = CASE WHEN message IS NULL THEN rewritten ELSE 1 END,
           state = 'pending', attempts = 0, next_at = ?, waits = ?, last_error = NULL, message = NULL, progress = NULL
         WHERE organisation = ? AND id = ? AND state = 'withdrawn'",
    )
    .bind(at)
    .bind(waits)
    .bind(tx.org)
    .bind(delivery)
    .run(tx)
    .await?;
    Ok(())
}
