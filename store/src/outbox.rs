//! The outbox as people look at it: messages in one state, the latest first.

use sightline_model::{Delivery, DeliveryId, DeliveryState};

use crate::{Result, Tx, deliveries};

/// Messages in this state, the latest first; those before `after`, where it is given.
pub async fn page(
    tx: &mut Tx,
    state: DeliveryState,
    after: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let text = format!(
        "SELECT {} FROM delivery WHERE organisation = ? AND state = ?",
        deliveries::COLUMNS
    );
    tx.sql(&text)
        .bind(tx.org)
        .bind(state)
        .push_if(" AND id < ?", after)
        .push(" ORDER BY id DESC LIMIT ?")
        .bind(i64::from(limit))
        .all(tx)
        .await
}
