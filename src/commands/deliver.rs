//! `sightline deliver`: what is due now, and then no more.

use clap::Args;
use sightline_casework::{Refused, channel};
use sightline_model::DeliveryId;
use sightline_pipeline::{
    deliver::deliver_due,
    sweep::{put_out, tell_now},
};

use super::{Beginning, CommandError, Context, Ended, Status, by, crawl::sent_in_words};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox::{self, Left},
    output::{inert, when},
    progress, stop,
};

/// Send the messages that are due now, then stop
///
/// Reminders, escalations, digests and notices that have fallen due are among them, as with `serve`. What quiet hours hold
/// back waits for their end.
///
/// The exit status is 1 where a message could not be sent, this time or before, and is to be tried again.
#[derive(Debug, Args)]
pub struct Deliver {
    /// Put a message that was given up back into the outbox first, by its id
    #[arg(long, value_name = "ID")]
    replay: Option<Beginning<DeliveryId>>,
}

/// Runs the command.
pub async fn run(deliver: Deliver, context: &Context) -> Ended {
    let app = App::open(context).await?;
    logging::start(
        &app.configuration.settings.log,
        Manner::of_command(context.out),
        &progress::bars(context.out),
    );
    let stop = stop::on_signals(context.out)?;
    let instance = app.instance().await?;
    let failed = |error: sightline_pipeline::PipelineError| CommandError::Failed(error.to_string());
    if let Some(beginning) = deliver.replay {
        let id = beginning.found(&mut app.read().await?).await?;
        replay(id, &app).await?;
    }
    put_out(&instance).await.map_err(failed)?;
    let mut sent = deliver_due(&instance, &stop).await.map_err(failed)?;
    // A message that was given up, or a receiver that is gone, is news for operators.
    sent.add(tell_now(&instance, &stop).await.map_err(failed)?);
    context.out.record(
        &serde_json::json!({"delivered": sent.delivered, "again": sent.again, "dead": sent.dead}),
    )?;
    let outbox = outbox::read(&app).await?;
    outbox::warn(&outbox);
    let left = Left::of(&outbox, &app).await?;
    context
        .out
        .say(sent_in_words(&sent, left, app.clock.now()))?;
    app.store.close().await;
    // What failed before is not out of trouble because its next try is not due yet.
    Ok(if sent.again + sent.dead == 0 && left.failing == 0 {
        Status::Done
    } else {
        Status::Problems
    })
}

/// Puts a message back that was given up; not where its channel, switched off, would not send it.
async fn replay(id: DeliveryId, app: &App) -> Result<(), CommandError> {
    let mut tx = app.write().await?;
    let now = app.clock.now();
    let why = match channel::replay(&mut tx, id, &by(now)).await {
        Ok(()) => return Ok(tx.commit().await?),
        Err(Refused::Store(error)) => return Err(error.into()),
        Err(Refused::Off {
            channel,
            since,
            why,
            ..
        }) => {
            let channel = inert::line(&channel);
            format!(
                "channel '{channel}' is switched off since {}, so {id} would not be sent: {}\n\
                 mend its receiver, then: sightline channel enable {channel} && sightline deliver --replay {id}",
                when::words(since, now),
                inert::cut(&why, 240)
            )
        }
        Err(refused) => {
            format!("{refused}; `sightline deliveries --state dead` lists those there are")
        }
    };
    Err(CommandError::Failed(why))
}
