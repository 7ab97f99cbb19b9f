//! Waiting: when what stands in the outbox falls due, sooner or later than was thought when it was put there.

use sightline_model::{AlertId, DeliveryId, Purpose, SilenceId, Timestamp, Wait, WatchlistId};

use crate::{Result, Tx, counted};

/// Brings first tries forward: those of a batch of an alert fall due at this instant, and wait for this until then.
pub async fn hasten(
    tx: &mut Tx,
    alert: AlertId,
    batch: i64,
    at: Timestamp,
    waits: Option<Wait>,
) -> Result<()> {
    tx.sql(
        "UPDATE delivery SET next_at = ?, waits = ?
         WHERE +organisation = ? AND alert = ? AND batch = ? AND state = 'pending' AND attempts = 0
           AND carrier IS NULL AND next_at > ?",
    )
    .bind(at)
    .bind(waits)
    .bind(tx.org)
    .bind(alert)
    .bind(batch)
    .bind(at)
    .run(tx)
    .await?;
    Ok(())
}

/// Has the messages of a batch of an alert that a ceiling holds fall due at this instant, as what the reminder is that takes them
/// along, and wait for this until then.
pub async fn take_along(
    tx: &mut Tx,
    alert: AlertId,
    batch: i64,
    purpose: Purpose,
    (at, waits): (Timestamp, Option<Wait>),
) -> Result<()> {
    tx.sql(
        "UPDATE delivery SET next_at = ?, waits = ?, purpose = ?
         WHERE +organisation = ? AND alert = ? AND batch = ? AND state = 'pending' AND attempts = 0
           AND carrier IS NULL AND next_at > ?",
    )
    .bind(at)
    .bind(waits)
    .bind(purpose)
    .bind(tx.org)
    .bind(alert)
    .bind(batch)
    .bind(at)
    .run(tx)
    .await?;
    Ok(())
}

/// A delivery that is not to be sent before an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PutOff {
    /// The delivery.
    pub delivery: DeliveryId,
    /// From this instant on it may be.
    pub until: Timestamp,
    /// What it waits for.
    pub waits: Wait,
    /// The silence that holds it, where one does.
    pub held_by: Option<SilenceId>,
}

/// Keeps which silence holds deliveries that are put out under it: they stand in its record when it is over.
pub async fn held(tx: &mut Tx, held: &[(DeliveryId, SilenceId)]) -> Result<()> {
    for (delivery, silence) in held {
        tx.sql("UPDATE delivery SET held_by = ? WHERE organisation = ? AND id = ?")
            .bind(*silence)
            .bind(tx.org)
            .bind(*delivery)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// Gives back deliveries that were taken when they were not to be sent, in quiet hours or under a silence, to be tried when
/// those end; the try doesn't count. What a silence held goes on to wait as that, so that it is told in one. Those that each
/// carries wait with it; what was to be carried by another goes with the next digest. Of what is yet to be written, no try was made.
pub async fn put_off(tx: &mut Tx, put_off: &[PutOff]) -> Result<()> {
    for PutOff {
        delivery: id,
        until,
        waits,
        held_by,
    } in put_off
    {
        counted::from_end(tx, *id, *until).await?;
        tx.sql(
            "UPDATE delivery SET next_at = ?, due_at = NULL, held_by = coalesce(?, held_by),
               waits = CASE WHEN waits IN ('digest', 'ceiling', 'silence') THEN waits ELSE ? END,
               carrier = CASE WHEN id = ? THEN NULL ELSE carrier END,
               last_error = CASE WHEN id = ? AND message IS NULL THEN NULL ELSE last_error END,
               attempts = CASE WHEN id = ? AND message IS NULL THEN 0
                               WHEN id = ? AND attempts > 0 THEN attempts - 1 ELSE attempts END,
               owner = NULL, lease_until = NULL
             WHERE +organisation = ? AND (id = ? OR carrier = ?) AND state = 'pending'",
        )
        .bind(*until)
        .bind(*held_by)
        .bind(*waits)
        .bind(*id)
        .bind(*id)
        .bind(*id)
        .bind(*id)
        .bind(tx.org)
        .bind(*id)
        .bind(*id)
        .run(tx)
        .await?;
    }
    Ok(())
}

/// Has what a delivery carried wait on its own again, due as it first was, to be gathered anew with what waits for the same.
pub async fn free(tx: &mut Tx, carrier: DeliveryId) -> Result<()> {
    tx.sql(
        "UPDATE delivery SET carrier = NULL, waits = coalesce(waits, 'silence'), next_at = coalesce(due_at, next_at),
           owner = NULL, lease_until = NULL
         WHERE +organisation = ? AND carrier = ? AND state = 'pending'",
    )
    .bind(tx.org)
    .bind(carrier)
    .run(tx)
    .await?;
    Ok(())
}

/// Takes a message apart that tells several deliveries, or stands for a digest: it is written anew before it is sent, under another
/// identifier, and what it carried is free. Who has it already may be told again.
pub async fn take_apart(tx: &mut Tx, carrier: DeliveryId) -> Result<()> {
    free(tx, carrier).await?;
    tx.sql(
        "UPDATE delivery SET rewritten = CASE WHEN message IS NULL THEN rewritten ELSE 1 END,
           message = NULL, progress = NULL, waits = coalesce(waits, 'silence')
         WHERE organisation = ? AND id = ? AND state = 'pending'",
    )
    .bind(tx.org)
    .bind(carrier)
    .run(tx)
    .await?;
    Ok(())
}

/// True where a message was written for a delivery before the one that is to be written now, and may have been sent.
pub async fn is_rewritten(tx: &mut Tx, delivery: DeliveryId) -> Result<bool> {
    let (rewritten,) = tx
        .sql("SELECT rewritten FROM delivery WHERE organisation = ? AND id = ?")
        .bind(tx.org)
        .bind(delivery)
        .one::<(i64,)>(tx)
        .await?;
    Ok(rewritten != 0)
}

/// Has what waits for the end of quiet hours fall due now: the messages of these alerts, whatever they are for.
pub async fn let_through(tx: &mut Tx, alerts: &[AlertId], now: Timestamp) -> Result<()> {
    for alerts in tx.chunks(alerts) {
        tx.sql(
            "UPDATE delivery SET next_at = ?, waits = NULL
             WHERE +organisation = ? AND state = 'pending' AND waits = 'quiet_hours' AND next_at > ? AND alert IN ",
        )
        .bind(now)
        .bind(tx.org)
        .bind(now)
        .list(alerts.iter().copied())
        .run(tx)
        .await?;
    }
    Ok(())
}

/// The watchlists of whose digests a silence holds something.
pub async fn digests_held(tx: &mut Tx, by: SilenceId) -> Result<Vec<WatchlistId>> {
    let lists: Vec<(WatchlistId,)> = tx
        .sql(
            "SELECT DISTINCT watchlist FROM alert WHERE +organisation = ? AND id IN
               (SELECT alert FROM delivery WHERE organisation = ? AND held_by = ? AND state = 'pending' AND waits = 'digest')",
        )
        .bind(tx.org)
        .bind(tx.org)
        .bind(by)
        .all(tx)
        .await?;
    Ok(lists.into_iter().map(|(list,)| list).collect())
}

/// Has what a silence holds fall due now, for it ended before: each message is looked at again before it is sent, for another
/// silence may cover it. What goes with a digest of one of these lists goes with the next, at this instant. Reminders and
/// escalations that come after it are counted from then, too.
pub async fn release_silenced(
    tx: &mut Tx,
    by: SilenceId,
    digests: &[(WatchlistId, Timestamp)],
    now: Timestamp,
) -> Result<()> {
    // What counts from the one as well as from the other counts from the sooner.
    release_held(tx, by, None, now).await?;
    for (list, at) in digests {
        release_held(tx, by, Some(*list), *at).await?;
    }
    Ok(())
}

/// Has what a silence holds fall due at this instant, where that is sooner: all of it, or what goes with the digests of a list.
async fn release_held(
    tx: &mut Tx,
    by: SilenceId,
    digests_of: Option<WatchlistId>,
    at: Timestamp,
) -> Result<()> {
    // What was tried since waits for its receiver.
    let held = match digests_of {
        Some(_) => "held_by = ? AND state = 'pending' AND due_at IS NULL AND waits = 'digest'",
        None => {
            "held_by = ? AND state = 'pending' AND due_at IS NULL AND waits IN ('silence', 'ceiling')"
        }
    };
    for column in ["notify_at", "told_at", "escalated_at"] {
        let text = format!(
            "UPDATE alert SET {column} = ? WHERE +organisation = ? AND {column} > ? AND state <> 'closed'
               AND id IN (SELECT alert FROM delivery WHERE organisation = ? AND {held})
               AND EXISTS (SELECT 1 FROM delivery WHERE +delivery.organisation = alert.organisation
                             AND delivery.alert = alert.id AND delivery.next_at = alert.{column} AND {held})"
        );
        tx.sql(&text)
            .bind(at)
            .bind(tx.org)
            .bind(at)
            .bind(tx.org)
            .bind(by)
            .bind(by)
            .push_if(" AND watchlist = ?", digests_of)
            .run(tx)
            .await?;
    }
    let text = format!(
        "UPDATE delivery SET next_at = ? WHERE organisation = ? AND next_at > ? AND {held}"
    );
    let mut sql = tx.sql(&text).bind(at).bind(tx.org).bind(at).bind(by);
    if let Some(list) = digests_of {
        sql = sql
            .push(" AND alert IN (SELECT id FROM alert WHERE organisation = ? AND watchlist = ?)")
            .bind(tx.org)
            .bind(list);
    }
    sql.run(tx).await?;
    Ok(())
}

/// Lets first tries that wait for their group go now: those of these alerts. What waits for anything else waits on: a digest,
/// the end of quiet hours, or the least time between two messages, which rules promise however a source is crawled. How many.
pub async fn release(tx: &mut Tx, alerts: &[AlertId], now: Timestamp) -> Result<u64> {
    let mut released = 0;
    for alerts in tx.chunks(alerts) {
        released += tx
            .sql(
                "UPDATE delivery SET next_at = ?
                 WHERE +organisation = ? AND state = 'pending' AND attempts = 0 AND next_at > ?
                   AND coalesce(waits, 'group') = 'group' AND alert IN ",
            )
            .bind(now)
            .bind(tx.org)
            .bind(now)
            .list(alerts.iter().copied())
            .run(tx)
            .await?;
    }
    Ok(released)
}
