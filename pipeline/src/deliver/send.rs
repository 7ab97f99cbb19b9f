//! One round of a channel: its messages are sent, and what comes of each is noted as soon as it is known.

use futures::future::{join, join_all};
use sightline_alerts::{
    channels::{self, Channel, Told},
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
    let letters = parcel.iter().map(|letter| channels::Letter {
        message: &letter.message,
        progress: letter.delivery.progress.as_deref(),
    });
    let letters: Vec<_> = letters.collect();
    let (verdicts, told) = unbounded_channel();
    let sending = async {
        let verdicts = verdicts;
        channel
            .send(&letters, instance.clock.now(), &verdicts)
            .await;
    };
    let noting = note_all(told, parcel.len(), |told| {
        note_together(instance, channel, parcel, told)
    });
    let ((), noted) = join(sending, noting).await;
    noted
}

/// Has verdicts noted until the last of them is told: those that come together, together. What could not be noted is noted with
/// what is told next, or when no more is: were it the end of listening, all that is still taken would be sent again.
///
/// # Errors
/// The first of those that kept something from being noted, whether or not it was noted later.
async fn note_all<Noting>(
    mut told: UnboundedReceiver<Told>,
    most: usize,
    note: impl Fn(Vec<Told>) -> Noting,
) -> Result<Sent, PipelineError>
where
    Noting: Future<Output = Result<Sent, PipelineError>>,
{
    let mut sent = Sent::default();
    let mut verdicts = Vec::with_capacity(most);
    let mut failed = None;
    loop {
        let is_last = told.recv_many(&mut verdicts, most).await == 0;
        if !verdicts.is_empty() {
            match note(verdicts.clone()).await {
                Ok(noted) => {
                    sent.add(noted);
                    verdicts.clear();
                }
                Err(error) => _ = failed.get_or_insert(error),
            }
        }
        if is_last {
            return failed.map_or(Ok(sent), Err);
        }
    }
}

/// Notes what was told of a parcel, all of it or nothing.
async fn note_together(
    instance: &Instance,
    channel: &Channel,
    parcel: &[Letter],
    told: Vec<Told>,
) -> Result<Sent, PipelineError> {
    let mut sent = Sent::default();
    let now = instance.clock.now();
    let mut tx = instance.write().await?;
    for told in told {
        let Some(Letter { delivery, .. }) = parcel.get(told.place) else {
            continue;
        };
        let settled = settle(told.verdict, delivery.attempts, now, &instance.mint);
        note(&mut tx, channel.name(), delivery.id, &settled, now).await?;
        let progress = match &settled {
            Settled::Dead { .. } => told
                .progress
                .and_then(|progress| channel.kept_of_dead(&progress)),
            _ => told.progress,
        };
        if progress != delivery.progress {
            deliveries::keep_progress(&mut tx, delivery.id, progress.as_deref()).await?;
        }
        sent.count(&settled);
    }
    tx.commit().await?;
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use sightline_alerts::channels::Verdict;

    use super::*;

    #[tokio::test]
    async fn what_could_not_be_noted_is_noted_with_what_is_told_next() {
        let delivered = || Verdict::Delivered {
            note: "taken".to_owned(),
        };
        // Which is told after the first was not noted, and what is to be noted each time.
        for (next, expected) in [(Some(1), [vec![0], vec![0, 1]]), (None, [vec![0], vec![0]])] {
            let (verdicts, told) = unbounded_channel();
            verdicts.send(Told::plain(0, delivered())).unwrap();
            let verdicts = RefCell::new(Some(verdicts));
            let tried = RefCell::new(Vec::new());
            let noted = note_all(told, 2, |told| {
                let places: Vec<usize> = told.iter().map(|told| told.place).collect();
                tried.borrow_mut().push(places);
                // Gone after the first time: no more is told then.
                let verdicts = verdicts.take();
                if let (Some(verdicts), Some(next)) = (&verdicts, next) {
                    verdicts.send(Told::plain(next, delivered())).unwrap();
                }
                std::future::ready(match verdicts {
                    Some(_) => Err(PipelineError::WriterGone),
                    None => Ok(Sent::default()),
                })
            });
            let noted = noted.await;
            assert!(matches!(noted, Err(PipelineError::WriterGone)), "{noted:?}");
            assert_eq!(*tried.borrow(), expected);
        }
    }
}
