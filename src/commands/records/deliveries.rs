//! `sightline deliveries`.

use clap::Args;
use comfy_table::Table;
use sightline_model::{Delivery, DeliveryId, DeliveryState, Timestamp};
use sightline_store::{Filter, StoreError, Tx, deliveries};

use super::{Family, Names, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show messages: what was sent, what waits, and what could not be sent
#[derive(Debug, Args)]
pub struct Deliveries {
    #[command(flatten)]
    which: Which,
    /// In this state: pending, delivered or dead
    #[arg(long, value_name = "STATE")]
    state: Option<DeliveryState>,
}

/// Runs the command.
pub async fn run(deliveries: Deliveries, context: &Context) -> Ended {
    super::show(
        Stored,
        &deliveries.which,
        deliveries.state.map(DeliveryState::as_str),
        context,
    )
    .await
}

struct Stored;

impl Family for Stored {
    type Id = DeliveryId;
    type Row = Delivery;
    const NONE: &'static str =
        "No message yet: nothing that is watched was seen, or no channel is told.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<DeliveryId>,
        _: &Names,
    ) -> Result<Vec<Delivery>, StoreError> {
        deliveries::list(tx, filter).await
    }

    fn id(row: &Delivery) -> DeliveryId {
        row.id
    }

    fn table(rows: &[Delivery], now: Timestamp) -> Table {
        let mut table = output::table([
            "delivery",
            "channel",
            "state",
            "tries",
            "when",
            "last error",
        ]);
        for row in rows {
            let (when, tint) = match row.state {
                DeliveryState::Pending => (row.next_at, Tint::Warning),
                DeliveryState::Delivered => (row.delivered_at.unwrap_or(row.next_at), Tint::Good),
                DeliveryState::Dead => (row.next_at, Tint::Bad),
            };
            table.add_row(vec![
                row.id.into(),
                inert::line(&row.channel).into(),
                output::tinted(row.state, tint),
                row.attempts.into(),
                output::when::cell(when, now).into(),
                inert::cut(row.last_error.as_deref().unwrap_or_default(), 120).into(),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    }
}
