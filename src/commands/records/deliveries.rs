//! `sightline deliveries`.

use clap::Args;
use comfy_table::Table;
use sightline_casework::outbox::Message;
use sightline_model::{Delivery, DeliveryId, DeliveryState, Timestamp, Wait};
use sightline_store::{Filter, StoreError, Tx, deliveries, totals};

use super::{At, Family, Which};
use crate::{
    commands::{Context, Ended},
    output::{self, Tint, inert},
};

/// Show messages: what was sent, what waits, and what could not be sent
#[derive(Debug, Args)]
pub struct Deliveries {
    #[command(flatten)]
    which: Which,
    /// In this state: pending, delivered, dead or withdrawn
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

/// What keeps a message, or kept it, from its receiver.
fn trouble(row: &Message) -> String {
    match row.held_by() {
        Some(why) => format!("will not be sent: {}", inert::cut(why, 400)),
        None => inert::cut(row.delivery.last_error.as_deref().unwrap_or_default(), 120),
    }
}

impl Family for Stored {
    type Id = DeliveryId;
    type Row = Message;
    const STORED: totals::Stored = totals::Stored::Deliveries;
    const IS_OF_PEOPLE: bool = true;
    const TELLS_OF_CHANNELS: bool = true;
    const WORDS: (&'static str, &'static str) = ("message", "messages");
    const NONE: &'static str =
        "No message yet: nothing that is watched was seen, or no channel is told.";

    async fn page(
        &self,
        tx: &mut Tx,
        filter: &Filter<DeliveryId>,
        at: &At<'_>,
    ) -> Result<Vec<Message>, StoreError> {
        let configured = at.configuration.channels();
        let page = deliveries::list(tx, filter).await?.into_iter();
        Ok(page
            .map(|delivery| Message::of(delivery, &configured, at.names.stopped()))
            .collect())
    }

    fn id(row: &Message) -> DeliveryId {
        row.delivery.id
    }

    fn table(rows: &[Message], now: Timestamp) -> Table {
        let mut table = output::table([
            "delivery",
            "channel",
            "why",
            "state",
            "tries",
            "when",
            "last error",
        ]);
        for one in rows {
            let row = &one.delivery;
            let (when, tint) = match row.state {
                DeliveryState::Pending => (row.next_at, Tint::Warning),
                DeliveryState::Delivered => (row.delivered_at.unwrap_or(row.next_at), Tint::Good),
                DeliveryState::Dead => (row.next_at, Tint::Bad),
                DeliveryState::Withdrawn => (row.next_at, Tint::Faint),
            };
            table.add_row(vec![
                row.id.into(),
                inert::line(&row.channel).into(),
                purpose(row).into(),
                output::tinted(row.state, tint),
                row.attempts.into(),
                output::when::cell(when, now).into(),
                trouble(one).into(),
            ]);
        }
        output::keep_whole(&mut table, &[0]);
        table
    }
}

/// Why it is sent, and in which way.
fn purpose(delivery: &Delivery) -> String {
    match delivery.waits {
        Some(Wait::Digest) => format!("{}, digest", delivery.purpose),
        Some(Wait::Ceiling) => format!("{}, ceiling", delivery.purpose),
        Some(Wait::Group | Wait::Interval | Wait::QuietHours | Wait::Silence) | None => {
            delivery.purpose.to_string()
        }
    }
}
