//! One round of a channel: its messages are sent, and what comes of each is noted as soon as it is known.

use futures::future::{join, join_all};
use sightline_alerts::{
    channels::{Channel, Verdict},
    message::Message,
    retry::{Settled, settle},
};
use sightline_model::{DeliveryId, Timestamp};
use sightline_store::{
    Tx,
    deliveries::{self, DeliveryEnd},
    endpoints,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Letter, Sent};
use crate::{PipelineError, instance::Instance};

/// Sends what was taken for one channel, its requests side by side.
pub(super) async fn send_all(
    instance: &Instance,
    name: &str,
    letters: Vec<Letter>,
) -> Result<Sent, PipelineError> {
    let Some(channel) = instance.channels.get(name) else {
        return Ok(Sent::default());
    };
    let parcels = letters.chunks(channel.parcel().max(1) as usize);
    let tries = parcels.map(|parcel| send(instance, channel, parcel));
    let mut sent = Sent::default();
    for parcel in join_all(tries).await {
        sent.add(parcel?);
    }
    Ok(sent)
}

/// Sends what one request carries, and notes what came of each message as soon as that is known.
async fn send(
    instance: &Instance,
    channel: &Channel,
    parcel: &[Letter],
) -> Result<Sent, PipelineError> {
    let messages: Vec<&Message> = parcel.iter().map(|letter| &letter.message).collect();
    let (verdicts, told) = unbounded_channel();
    let sending = async {
        let verdicts = verdicts;
        channel
            .send(&messages, instance.clock.now(), &verdicts)
            .await;
    };
    let ((), noted) = join(sending, note_all(instance, channel, parcel, told)).await;
    noted
}

/// Notes verdicts until the last of them is told: those that come together, together.
async fn note_all(
    instance: &Instance,
    channel: &Channel,
    parcel: &[Letter],
    mut told: UnboundedReceiver<(usize, Verdict)>,
) -> Result<Sent, PipelineError> {
    let mut sent = Sent::default();
    let mut verdicts = Vec::with_capacity(parcel.len());
    while told.recv_many(&mut verdicts, parcel.len()).await > 0 {
        let now = instance.clock.now();
        let mut tx = instance.write().await?;
        for (place, verdict) in verdicts.drain(..) {
            let Some(Letter { delivery, .. }) = parcel.get(place) else {
                continue;
            };
            let settled = settle(verdict, delivery.attempts, now, &instance.mint);
            note(&mut tx, channel.name(), delivery.id, &settled, now).await?;
            sent.count(&settled);
        }
        tx.commit().await?;
    }
    Ok(sent)
}

/// Notes what came of a try, at the delivery and at its endpoint.
async fn note(
    tx: &mut Tx,
    channel: &str,
    delivery: DeliveryId,
    settled: &Settled,
    now: Timestamp,
) -> Result<(), PipelineError> {
    let end = match settled {
        Settled::Delivered { .. } => {
            endpoints::record_success(tx, channel, None, now).await?;
            DeliveryEnd::Delivered
        }
        Settled::Partly { note } => {
            endpoints::record_success(tx, channel, Some(note), now).await?;
            tracing::warn!(channel, %delivery, note, "a delivery did not reach all");
            DeliveryEnd::Partly { note: note.clone() }
        }
        Settled::Again { at, why } => {
            endpoints::record_failure(tx, channel, why, now).await?;
            DeliveryEnd::Retry {
                at: *at,
                error: why.clone(),
            }
        }
        Settled::PutBack {
            why,
            disable_channel,
        } => {
            // Otherwise neither the message nor its receiver has failed.
            if *disable_channel {
                endpoints::record_failure(tx, channel, why, now).await?;
                endpoints::disable(tx, channel, why, now).await?;
                tracing::warn!(channel, %delivery, why, "a channel is switched off; what is due to it waits");
            }
            DeliveryEnd::PutBack { error: why.clone() }
        }
        Settled::Dead { why } => {
            endpoints::record_failure(tx, channel, why, now).await?;
            tracing::warn!(channel, %delivery, why, "a delivery is dead");
            DeliveryEnd::Dead { error: why.clone() }
        }
    };
    Ok(deliveries::finish(tx, delivery, &end, now).await?)
}
