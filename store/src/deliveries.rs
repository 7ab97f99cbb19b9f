//! Deliveries: the outbox. A message lives here until its receiver has accepted it, or it is given up.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use sightline_model::{
    AlertId, Delivery, DeliveryId, DeliveryState, NoticeId, Timestamp, Topic, WatchlistId,
};

use crate::{
    Filter, Result, Tx,
    cell::{Cells, Record, unreadable},
    counted, endpoints, waits,
};

pub(crate) const COLUMNS: &str = "id, alert, notice, batch, channel, purpose, waits, carrier, state, attempts, next_at, last_error, message, progress, created_at, delivered_at";

impl Record for Delivery {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            topic: {
                let (alert, notice) = (cells.next()?, cells.next()?);
                topic(alert, notice)?
            },
            batch: cells.next()?,
            channel: cells.next()?,
            purpose: cells.next()?,
            waits: cells.next()?,
            carrier: cells.next()?,
            state: cells.next()?,
            attempts: cells.next()?,
            next_at: cells.next()?,
            last_error: cells.next()?,
            message: cells.next()?,
            progress: cells.next()?,
            created_at: cells.next()?,
            delivered_at: cells.next()?,
        })
    }
}

/// A delivery is about one of the two.
fn topic(alert: Option<AlertId>, notice: Option<NoticeId>) -> Result<Topic> {
    match (alert, notice) {
        (Some(alert), _) => Ok(Topic::Alert(alert)),
        (None, Some(notice)) => Ok(Topic::Notice(notice)),
        (None, None) => Err(unreadable(1, "it is about nothing")),
    }
}

/// Puts deliveries into the outbox: one for each alert or notice, batch and channel. One that is there already stays as it is.
/// How many are new.
pub async fn insert(tx: &mut Tx, deliveries: &[Delivery]) -> Result<u64> {
    let channels: BTreeSet<&str> = deliveries
        .iter()
        .map(|delivery| delivery.channel.as_str())
        .collect();
    endpoints::meet(tx, &channels).await?;
    let mut added = 0;
    for deliveries in tx.chunks(deliveries) {
        let text = format!("INSERT INTO delivery (organisation, {COLUMNS}) VALUES ");
        added += tx
            .sql(&text)
            .rows(deliveries, |delivery, row| {
                row.put(tx.org)
                    .put(delivery.id)
                    .put(delivery.topic.alert())
                    .put(delivery.topic.notice())
                    .put(delivery.batch)
                    .put(&delivery.channel);
                row.put(delivery.purpose)
                    .put(delivery.waits)
                    .put(delivery.carrier);
                row.put(delivery.state)
                    .put(delivery.attempts)
                    .put(delivery.next_at);
                row.put(delivery.last_error.as_ref())
                    .put(delivery.message.as_ref())
                    .put(delivery.progress.as_ref());
                row.put(delivery.created_at).put(delivery.delivered_at);
            })
            .push(" ON CONFLICT DO NOTHING")
            .run(tx)
            .await?;
    }
    Ok(added)
}

/// The deliveries of these alerts, the earliest first.
pub async fn of_alerts(tx: &mut Tx, alerts: &[AlertId]) -> Result<Vec<Delivery>> {
    let mut deliveries = Vec::new();
    for alerts in tx.chunks(alerts) {
        let text = format!("SELECT {COLUMNS} FROM delivery WHERE +organisation = ? AND alert IN ");
        let sql = tx.sql(&text).bind(tx.org).list(alerts.iter().copied());
        deliveries.extend(sql.all::<Delivery>(tx).await?);
    }
    deliveries.sort_by_key(|delivery| delivery.id);
    Ok(deliveries)
}

/// The delivery of this identifier.
pub async fn get(tx: &mut Tx, id: DeliveryId) -> Result<Option<Delivery>> {
    let text = format!("SELECT {COLUMNS} FROM delivery WHERE organisation = ? AND id = ?");
    tx.sql(&text).bind(tx.org).bind(id).optional(tx).await
}

/// What a sender asks for.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// Its name, unique among the senders that live.
    pub worker: &'a str,
    /// The channels that it can send to now, and how many deliveries of each at most; others are left alone.
    pub channels: &'a [(&'a str, u32)],
    /// How long it wants them for; longer than any try takes.
    pub lease_for: Duration,
    /// Deliveries at most.
    pub at_most: u32,
}

/// Takes deliveries that are due, the longest due of each channel first and no more than its share of each, so that one
/// bad endpoint never delays another. Channels that are disabled wait. Each one taken counts as a try.
pub async fn lease_due(tx: &mut Tx, wish: &Wish<'_>, now: Timestamp) -> Result<Vec<Delivery>> {
    // Two senders ask in turn, for a moment: the channels are few, and no row of one is then seen by both.
    if wish.channels.is_empty() {
        return Ok(Vec::new());
    }
    let channels: Vec<(String,)> = tx
        .sql("SELECT channel FROM endpoint WHERE organisation = ? AND disabled_at IS NULL AND channel IN ")
        .bind(tx.org)
        .list(wish.channels.iter().map(|(channel, _)| *channel))
        .push(" ORDER BY channel")
        .push(tx.lock(" FOR UPDATE"))
        .all(tx)
        .await?;
    let shares: HashMap<&str, u32> = wish.channels.iter().copied().collect();
    let share_of = |channel: &String| shares.get(channel.as_str()).copied().unwrap_or(0);
    let mut due = Vec::<Due>::new();
    for channels in channels.chunks(100) {
        let mut sql = tx.sql("");
        for (nth, (channel,)) in channels.iter().enumerate() {
            sql = sql
                .push(if nth > 0 { " UNION ALL " } else { "" })
                .push(
                    "SELECT * FROM (SELECT id, next_at, row_number() OVER (ORDER BY next_at, id) AS place FROM delivery
                     WHERE organisation = ? AND state = 'pending' AND channel = ? AND next_at <= ? AND carrier IS NULL
                       AND (lease_until IS NULL OR lease_until <= ?)
                     ORDER BY next_at, id LIMIT ?) AS part",
                )
                .bind(tx.org)
                .bind(channel)
                .bind(now)
                .bind(now)
                .bind(i64::from(share_of(channel)));
        }
        due.extend(sql.once().all::<Due>(tx).await?);
    }
    due.sort_by_key(|due| (due.place, due.next_at, due.id));
    due.truncate(usize::try_from(wish.at_most).unwrap_or(usize::MAX));
    let ids: Vec<DeliveryId> = due.into_iter().map(|due| due.id).collect();
    claim(tx, wish, &ids, now).await
}

struct Due {
    id: DeliveryId,
    next_at: Timestamp,
    /// Its place in the channel's queue, from 1.
    place: i64,
}

impl Record for Due {
    fn read(cells: &mut Cells) -> Result<Self> {
        Ok(Self {
            id: cells.next()?,
            next_at: cells.next()?,
            place: cells.next()?,
        })
    }
}

async fn claim(
    tx: &mut Tx,
    wish: &Wish<'_>,
    ids: &[DeliveryId],
    now: Timestamp,
) -> Result<Vec<Delivery>> {
    let mut taken = Vec::with_capacity(ids.len());
    for ids in tx.chunks(ids) {
        let sql = tx
            .sql(
                "UPDATE delivery SET owner = ?, lease_until = ?, attempts = attempts + 1
                 WHERE +organisation = ? AND state = 'pending' AND id IN ",
            )
            .bind(wish.worker)
            .bind(now + wish.lease_for)
            .bind(tx.org)
            .list(ids.iter().copied())
            .push(" RETURNING ")
            .push(COLUMNS);
        taken.extend(sql.all::<Delivery>(tx).await?);
    }
    taken.sort_by_key(|delivery| (delivery.next_at, delivery.id));
    Ok(taken)
}

/// Keeps the message as it was rendered, before the first try, so that every try sends the same. The message that
/// stands: an earlier one, if there is one.
pub async fn seal(tx: &mut Tx, id: DeliveryId, message: &str) -> Result<String> {
    let (message,) = tx
        .sql(
            "UPDATE delivery SET message = coalesce(message, ?) WHERE organisation = ? AND id = ? RETURNING message",
        )
        .bind(message)
        .bind(tx.org)
        .bind(id)
        .one(tx)
        .await?;
    Ok(message)
}

/// Keeps who need not be sent it again, with how the try ended; none where there is nothing to remember.
pub async fn keep_progress(tx: &mut Tx, id: DeliveryId, progress: Option<&str>) -> Result<()> {
    tx.sql("UPDATE delivery SET progress = ? WHERE organisation = ? AND id = ?")
        .bind(progress)
        .bind(tx.org)
        .bind(id)
        .run(tx)
        .await?;
    Ok(())
}

/// Has the message of `carrier`, a digest that is about to be written, tell what else waits for the same on its channel (a
/// digest, or the end of a silence) and is due by now: of alerts of this watchlist alone. Those deliveries, in the order in which they were put into the outbox;
/// from now on they are delivered, or dead, with the carrier.
pub async fn carry(
    tx: &mut Tx,
    carrier: &Delivery,
    watchlist: WatchlistId,
    now: Timestamp,
) -> Result<Vec<Delivery>> {
    let mut carried: Vec<Delivery> = tx
        .sql(
            "UPDATE delivery SET carrier = ?, owner = NULL, lease_until = NULL
             WHERE organisation = ? AND state = 'pending' AND channel = ? AND next_at <= ? AND waits = ?
               AND carrier IS NULL AND message IS NULL AND id <> ?
               AND EXISTS (SELECT 1 FROM alert WHERE alert.id = delivery.alert
                           AND alert.organisation = delivery.organisation AND alert.watchlist = ?)
             RETURNING ",
        )
        .push(COLUMNS)
        .bind(carrier.id)
        .bind(tx.org)
        .bind(&carrier.channel)
        .bind(now)
        .bind(carrier.waits)
        .bind(carrier.id)
        .bind(watchlist)
        .all(tx)
        .await?;
    carried.sort_by_key(|delivery| delivery.id);
    Ok(carried)
}

/// The deliveries that the message of this one tells as well, in the order in which they were put into the outbox.
pub async fn carried_by(tx: &mut Tx, carrier: DeliveryId) -> Result<Vec<Delivery>> {
    let text = format!(
        "SELECT {COLUMNS} FROM delivery WHERE +organisation = ? AND carrier = ? ORDER BY id"
    );
    tx.sql(&text).bind(tx.org).bind(carrier).all(tx).await
}

/// Takes deliveries out of the outbox that need not be sent any more, each with the reason. What is delivered stays so. What one
/// carried is gathered anew: it still holds, and nobody else would tell it.
pub async fn withdraw(tx: &mut Tx, withdrawn: &[(DeliveryId, String)]) -> Result<()> {
    for (id, why) in withdrawn {
        tx.sql(
            "UPDATE delivery SET state = 'withdrawn', last_error = ?, carrier = NULL, owner = NULL, lease_until = NULL
             WHERE organisation = ? AND id = ? AND state = 'pending'",
        )
        .bind(why)
        .bind(tx.org)
        .bind(*id)
        .run(tx)
        .await?;
        waits::free(tx, *id).await?;
    }
    Ok(())
}

/// How a try ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeliveryEnd {
    /// The receiver accepted it.
    Delivered,
    /// It was accepted for some of those that it was sent to, and never will be for the others.
    Partly {
        /// Who not, and why.
        note: String,
    },
    /// It is to be tried again.
    Retry {
        /// Not before this instant.
        at: Timestamp,
        /// What went wrong.
        error: String,
    },
    /// It waits as before: the try does not count.
    PutBack {
        /// What kept it from being sent.
        error: String,
    },
    /// It is given up, and can be replayed.
    Dead {
        /// What went wrong.
        error: String,
    },
}

/// Notes how a try ended, and gives the delivery back; those that it carries fare as it does. One that is delivered stays
/// so; one that was withdrawn while it was tried is delivered where its receiver accepted it, and is never tried again. One that
/// is tried again waits for its receiver, and for no night or silence any more.
pub async fn finish(tx: &mut Tx, id: DeliveryId, end: &DeliveryEnd, now: Timestamp) -> Result<()> {
    let (state, next_at, error, delivered_at) = match end {
        DeliveryEnd::Delivered => ("delivered", None, None, Some(now)),
        DeliveryEnd::Partly { note } => ("delivered", None, Some(note), Some(now)),
        DeliveryEnd::Retry { at, error } => ("pending", Some(*at), Some(error), None),
        DeliveryEnd::PutBack { error } => ("pending", None, Some(error), None),
        DeliveryEnd::Dead { error } => ("dead", None, Some(error), None),
    };
    if delivered_at.is_some() {
        counted::from_arrival(tx, id, now).await?;
    }
    let uncounted = i64::from(matches!(end, DeliveryEnd::PutBack { .. }));
    tx.sql(
        "UPDATE delivery SET state = ?, next_at = coalesce(?, next_at), due_at = coalesce(due_at, next_at),
           waits = CASE WHEN ? IS NOT NULL AND waits IN ('quiet_hours', 'silence') THEN NULL ELSE waits END,
           last_error = ?, delivered_at = ?, owner = NULL, lease_until = NULL,
           attempts = CASE WHEN attempts > 0 THEN attempts - ? ELSE 0 END
         WHERE +organisation = ? AND (id = ? OR carrier = ?)
           AND (state = 'pending' OR (? = 'delivered' AND state <> 'delivered'))",
    )
    .bind(state)
    .bind(next_at)
    .bind(next_at)
    .bind(error)
    .bind(delivered_at)
    .bind(uncounted)
    .bind(tx.org)
    .bind(id)
    .bind(id)
    .bind(state)
    .run(tx)
    .await?;
    Ok(())
}

/// When the next delivery of a channel that is not disabled falls due, or its lease expires; none where the outbox is
/// empty.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let (next,) = tx
        .sql(
            "SELECT min(CASE WHEN coalesce(lease_until, 0) > next_at THEN lease_until ELSE next_at END) FROM delivery
             WHERE organisation = ? AND state = 'pending' AND carrier IS NULL AND channel IN (
               SELECT channel FROM endpoint WHERE organisation = ? AND disabled_at IS NULL)",
        )
        .bind(tx.org)
        .bind(tx.org)
        .one(tx)
        .await?;
    Ok(next)
}

/// Puts a dead delivery back into the outbox, to be sent now with tries counted anew; with it, or in its place, the digest
/// that carries it, and all that that carries. False if it is not dead.
pub async fn replay(tx: &mut Tx, id: DeliveryId, now: Timestamp) -> Result<bool> {
    tx.sql(
        "UPDATE delivery SET state = 'pending', attempts = 0, next_at = ?, due_at = NULL
             WHERE organisation = ? AND state = 'dead' AND (id = ? OR carrier = ?
               OR id IN (SELECT carrier FROM delivery WHERE organisation = ? AND id = ?)
               OR carrier IN (SELECT carrier FROM delivery WHERE organisation = ? AND id = ?))",
    )
    .bind(now)
    .bind(tx.org)
    .bind(id)
    .bind(id)
    .bind(tx.org)
    .bind(id)
    .bind(tx.org)
    .bind(id)
    .changes(tx)
    .await
}

/// Puts every dead delivery of a channel back into the outbox, to be sent now with tries counted anew; what digests carry goes
/// with them. How many messages that is.
pub async fn replay_all(tx: &mut Tx, channel: &str, now: Timestamp) -> Result<u64> {
    let (messages,): (i64,) = tx
        .sql(
            "SELECT count(*) FROM delivery
             WHERE organisation = ? AND state = 'dead' AND channel = ? AND carrier IS NULL",
        )
        .bind(tx.org)
        .bind(channel)
        .one(tx)
        .await?;
    tx.sql(
        "UPDATE delivery SET state = 'pending', attempts = 0, next_at = ?, due_at = NULL
         WHERE organisation = ? AND state = 'dead' AND channel = ?",
    )
    .bind(now)
    .bind(tx.org)
    .bind(channel)
    .run(tx)
    .await?;
    Ok(messages.unsigned_abs())
}

/// Gives back what a sender has; the tries that it did not finish don't count.
pub async fn release(tx: &mut Tx, worker: &str) -> Result<()> {
    tx.sql(
        "UPDATE delivery SET owner = NULL, lease_until = NULL,
           attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
         WHERE organisation = ? AND state = 'pending' AND owner = ?",
    )
    .bind(tx.org)
    .bind(worker)
    .run(tx)
    .await?;
    Ok(())
}

/// How many deliveries are in a state, for whatever reason, by channel.
pub async fn count_in(tx: &mut Tx, state: DeliveryState) -> Result<Vec<(String, i64)>> {
    tx.sql(
        "SELECT channel, count(*) FROM delivery WHERE organisation = ? AND state = ?
         GROUP BY channel ORDER BY channel",
    )
    .bind(tx.org)
    .bind(state)
    .all(tx)
    .await
}

/// How many deliveries were given up, by channel, and when the last try of the newest of them was due.
pub async fn dead(tx: &mut Tx) -> Result<Vec<(String, i64, Timestamp)>> {
    tx.sql(
        "SELECT channel, count(*), max(next_at) FROM delivery WHERE organisation = ? AND state = 'dead'
         GROUP BY channel ORDER BY channel",
    )
    .bind(tx.org)
    .all(tx)
    .await
}

/// How many deliveries failed and are to be tried again, by channel; those among them that were given up and replayed.
pub async fn failing(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    tx.sql(
        "SELECT channel, count(*) FROM delivery
         WHERE organisation = ? AND state = 'pending' AND last_error IS NOT NULL
         GROUP BY channel ORDER BY channel",
    )
    .bind(tx.org)
    .all(tx)
    .await
}

/// How many deliveries should have been sent, by channel: they fell due by `since`, however often they were tried in vain.
pub async fn unsent(tx: &mut Tx, since: Timestamp) -> Result<Vec<(String, i64)>> {
    tx.sql(
        "SELECT channel, count(*) FROM delivery
         WHERE organisation = ? AND state = 'pending' AND (next_at <= ? OR due_at <= ?)
         GROUP BY channel ORDER BY channel",
    )
    .bind(tx.org)
    .bind(since)
    .bind(since)
    .all(tx)
    .await
}

/// Deliveries, the latest first; `since` is of the outbox.
pub async fn list(tx: &mut Tx, filter: &Filter<DeliveryId>) -> Result<Vec<Delivery>> {
    let text = format!("SELECT {COLUMNS} FROM delivery WHERE organisation = ?");
    tx.sql(&text)
        .bind(tx.org)
        .push_if(" AND created_at >= ?", filter.since)
        .push_if(
            " AND EXISTS (SELECT 1 FROM alert WHERE alert.id = delivery.alert
                          AND alert.organisation = delivery.organisation AND alert.watchlist = ?)",
            filter.watchlist,
        )
        .push_if(" AND state = ?", filter.state)
        .push_if(" AND id < ?", filter.after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(filter.limit))
        .all(tx)
        .await
}
