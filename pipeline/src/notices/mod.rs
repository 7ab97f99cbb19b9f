//! Notices: operators are told when the machinery is in trouble, owners what they have to look at again.

mod faults;
mod reviews;

use sightline_alerts::notices::operators::{OperatorSettings, Step, Why, judge};
use sightline_model::{Delivery, DeliveryState, Mint, Notice, Purpose, Timestamp, Told, Topic};
use sightline_store::{Tx, deliveries, notices};

pub use self::{
    faults::{Held, Machinery, held},
    reviews::{ReviewSettings, Weekday, tell_owners},
};
use crate::{PipelineError, instance::Instance};

/// Whom to tell of what belongs to no alert.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NoticeSettings {
    /// Of the machinery.
    pub operators: OperatorSettings,
    /// Of reviews.
    pub reviews: ReviewSettings,
}

/// Looks whether anything is wrong with the machinery, and tells operators of what is new, what lasts, and what is over.
///
/// # Errors
/// If the store can't be read or written; the next look tells.
pub async fn tell_operators(instance: &Instance) -> Result<(), PipelineError> {
    let machinery = Machinery::of(instance);
    let mut tx = instance.read().await?;
    let steps = look(&mut tx, &machinery, instance.clock.now(), &instance.mint).await?;
    drop(tx);
    if !steps.iter().any(|step| step.why.changes()) {
        return Ok(());
    }
    let mut tx = instance.write().await?;
    // Looked at again with nobody else looking: another process may have told of it at this moment.
    notices::hold(&mut tx).await?;
    let now = instance.clock.now();
    let told: Vec<Step> = look(&mut tx, &machinery, now, &instance.mint)
        .await?
        .into_iter()
        .filter(|step| step.why.changes())
        .collect();
    let mut messages = Vec::new();
    for Step {
        why,
        notice,
        besides,
    } in &told
    {
        match why {
            Why::Opened => notices::insert(&mut tx, std::slice::from_ref(notice)).await?,
            _ => {
                notices::update(&mut tx, notice).await?;
            }
        }
        if !why.tells() {
            continue;
        }
        // A channel that is itself in trouble is no way to tell of it, and must not be: each message that it fails to
        // take would be one more trouble.
        let channels = &instance.notices.operators.channels;
        let channels = channels
            .iter()
            .filter(|channel| Some(*channel) != besides.as_ref());
        messages.extend(deliveries_of(notice, channels, now, &instance.mint));
    }
    deliveries::insert(&mut tx, &messages).await?;
    tx.commit().await?;
    told.iter().for_each(log);
    Ok(())
}

async fn look(
    tx: &mut Tx,
    machinery: &Machinery,
    now: Timestamp,
    mint: &Mint,
) -> Result<Vec<Step>, PipelineError> {
    let open = notices::open(tx).await?;
    let found = faults::gather(tx, machinery, &open, now).await?;
    Ok(judge(found, open, &machinery.settings, now, mint))
}

/// What is wrong at this moment, and operators were not told of yet: whoever looks next tells them.
///
/// # Errors
/// If the store can't be read.
pub async fn untold(
    tx: &mut Tx,
    machinery: &Machinery,
    now: Timestamp,
) -> Result<Vec<Notice>, PipelineError> {
    let steps = look(tx, machinery, now, &Mint::unpredictable()).await?;
    let new = steps.into_iter().filter(|step| step.why == Why::Opened);
    Ok(new.map(|step| step.notice).collect())
}

fn log(step: &Step) {
    let Told::Fault(fault) = &step.notice.told else {
        return;
    };
    let (notice, kind, what) = (step.notice.id, step.notice.kind, &fault.what);
    match step.why {
        Why::Recovered => tracing::info!(%notice, %kind, what, "over"),
        Why::Fewer => tracing::info!(%notice, %kind, what, "there is less of it"),
        Why::Well | Why::Again => {
            tracing::info!(%notice, %kind, what, why = step.why.words(), "it comes and goes");
        }
        Why::Lapsed => tracing::info!(%notice, %kind, what, "nobody has it any more"),
        _ => {
            tracing::warn!(%notice, %kind, what, remedy = fault.remedy, "an operator has to look at this")
        }
    }
}

/// The messages of a notice's present batch.
fn deliveries_of<'c>(
    notice: &Notice,
    channels: impl IntoIterator<Item = &'c String>,
    now: Timestamp,
    mint: &Mint,
) -> Vec<Delivery> {
    let mut channels: Vec<&String> = channels.into_iter().collect();
    channels.sort_unstable();
    channels.dedup();
    let delivery = |channel: &String| Delivery {
        id: mint.id(now),
        topic: Topic::Notice(notice.id),
        batch: notice.batch,
        channel: channel.clone(),
        purpose: Purpose::Notice,
        waits: None,
        carrier: None,
        state: DeliveryState::Pending,
        attempts: 0,
        next_at: now,
        last_error: None,
        message: None,
        progress: None,
        created_at: now,
        delivered_at: None,
    };
    channels.into_iter().map(delivery).collect()
}
