//! From when what comes after a message is counted: reminders and escalations, from when people were told, and not from when
//! they were to be.

use sightline_model::{DeliveryId, Timestamp};

use crate::{Result, Tx};

/// What of an alert says when it was told, each with the purposes of those messages that tell it so.
const TOLD: [(&str, &str); 3] = [
    ("notify_at", "('news', 'reminder', 'forgotten')"),
    ("told_at", "('news', 'reminder', 'forgotten')"),
    ("escalated_at", "('escalation')"),
];

/// Has what comes after this message, and those that it carries, count from this instant, at which it arrived: where it is the
/// first that did so since it was planned.
pub(crate) async fn from_arrival(tx: &mut Tx, message: DeliveryId, at: Timestamp) -> Result<()> {
    count_from(tx, message, at, "").await
}

/// The same of a message that is put off until this instant, where nobody is told by another before.
pub(crate) async fn from_end(tx: &mut Tx, message: DeliveryId, until: Timestamp) -> Result<()> {
    let sooner = " OR (told.state = 'pending' AND told.next_at < ?)";
    count_from(tx, message, until, sooner).await
}

async fn count_from(tx: &mut Tx, message: DeliveryId, at: Timestamp, sooner: &str) -> Result<()> {
    for (column, purposes) in TOLD {
        let text = format!(
            "UPDATE alert SET {column} = ?
             WHERE +organisation = ? AND {column} < ? AND state <> 'closed'
               AND id IN (SELECT alert FROM delivery WHERE +organisation = ? AND (id = ? OR carrier = ?) AND alert IS NOT NULL
                            AND state <> 'withdrawn' AND purpose IN {purposes})
               AND NOT EXISTS (SELECT 1 FROM delivery AS told WHERE +told.organisation = alert.organisation
                            AND told.alert = alert.id AND told.purpose IN {purposes}
                            AND coalesce(told.carrier, told.id) <> ?
                            AND ((told.state = 'delivered' AND told.delivered_at >= alert.{column}){sooner}))"
        );
        let sql = tx.sql(&text).bind(at).bind(tx.org).bind(at).bind(tx.org);
        let mut sql = sql.bind(message).bind(message).bind(message);
        if !sooner.is_empty() {
            sql = sql.bind(at);
        }
        sql.run(tx).await?;
    }
    Ok(())
}
