//! `sightline deliver`: what is due now, and then no more.

use clap::Args;
use sightline_model::DeliveryId;
use sightline_pipeline::{
    deliver::{deliver_due, replay},
    sweep::put_out,
};
use sightline_store::{deliveries, endpoints};

use super::{CommandError, Context, Ended, Status, crawl::sent_in_words};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox::Outbox,
    output::{inert, when},
    progress, stop,
};

/// Send the messages that are due now, then stop
///
/// Reminders, escalations, digests and notices that have fallen due are among them, as with `serve`. What quiet hours hold
/// back waits for their end.
///
/// The exit status is 1 where a message could not be sent.
#[derive(Debug, Args)]
pub struct Deliver {
    /// Put a message that was given up back into the outbox first, by its id
    #[arg(long, value_name = "ID")]
    replay: Option<DeliveryId>,
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
    if let Some(id) = deliver.replay {
        refuse_in_vain(id, &app).await?;
    }
    if let Some(id) = deliver.replay
        && !replay(&instance, id).await.map_err(failed)?
    {
        return Err(CommandError::Failed(format!(
            "there is no message {id} that was given up; `sightline deliveries --state dead` lists those there are"
        )));
    }
    put_out(&instance).await.map_err(failed)?;
    let sent = deliver_due(&instance, &stop).await.map_err(failed)?;
    context.out.record(
        &serde_json::json!({"delivered": sent.delivered, "again": sent.again, "dead": sent.dead}),
    )?;
    let outbox = Outbox::read(&app).await?;
    outbox.warn();
    context.out.say(sent_in_words(&sent, outbox.waiting))?;
    app.store.close().await;
    Ok(if sent.again + sent.dead == 0 {
        Status::Done
    } else {
        Status::Problems
    })
}

/// Refuses to put a message back that its channel, switched off, would not send.
async fn refuse_in_vain(id: DeliveryId, app: &App) -> Result<(), CommandError> {
    let mut tx = app.read().await?;
    let Some(delivery) = deliveries::get(&mut tx, id).await? else {
        return Ok(());
    };
    let endpoint = endpoints::get(&mut tx, &delivery.channel).await?;
    let Some((since, why)) = endpoint.and_then(|endpoint| endpoint.disabled) else {
        return Ok(());
    };
    let channel = inert::line(&delivery.channel);
    Err(CommandError::Failed(format!(
        "channel '{channel}' is switched off since {}, so {id} would not be sent: {}\n\
         mend its receiver, then: sightline channel enable {channel} && sightline deliver --replay {id}",
        when::words(since, app.clock.now()),
        inert::cut(&why, 240)
    )))
}
