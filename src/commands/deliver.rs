//! `sightline deliver`: what is due now, and then no more.

use clap::Args;
use sightline_casework::{
    Refused,
    channel::{self, Replayed},
};
use sightline_model::{DeliveryId, counted};
use sightline_pipeline::{
    deliver::deliver_due,
    sweep::{put_out, tell_now},
};

use super::{Beginning, CommandError, Context, Ended, Status, by, crawl::sent_in_words};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox::{self, Left},
    output::{self, inert, when},
    progress, stop,
};

/// Send the messages that are due now, then stop
///
/// Reminders, escalations, digests and notices that have fallen due are among them, as with `serve`. What quiet hours hold
/// back waits for their end.
///
/// The exit status is 1 where a message could not be sent, this time or before, and is to be tried again; and where one waits for a
/// channel to which nothing is sent as things are: its secret is missing, its settings are wrong, nobody configured it, or it is
/// switched off. Then it is said for which, and what to do.
#[derive(Debug, Args)]
pub struct Deliver {
    /// Put a message that was given up back into the outbox first, by its id; or many, with --channel or --all
    #[arg(long, value_name = "ID", num_args = 0..=1)]
    replay: Option<Option<Beginning<DeliveryId>>>,
    /// With --replay: every message to this channel that was given up
    #[arg(long, value_name = "NAME", requires = "replay", conflicts_with = "all")]
    channel: Option<String>,
    /// With --replay: every message that was given up, whatever its channel
    #[arg(long, requires = "replay")]
    all: bool,
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
    let mut put_back = Vec::new();
    match (deliver.replay, deliver.channel, deliver.all) {
        (None, ..) => {}
        (Some(Some(beginning)), None, false) => {
            let id = beginning.found(&mut app.read().await?).await?;
            replay(id, &app).await?;
        }
        (Some(None), None, false) => {
            return Err(CommandError::Usage(
                "--replay needs a message's id, --channel NAME or --all".to_owned(),
            ));
        }
        (Some(Some(_)), ..) => {
            return Err(CommandError::Usage(
                "--replay takes either an id, or --channel NAME or --all".to_owned(),
            ));
        }
        (Some(None), only, _) => put_back = replay_all(only.as_deref(), &app, context).await?,
    }
    put_out(&instance).await.map_err(failed)?;
    let mut sent = deliver_due(&instance, &stop).await.map_err(failed)?;
    // A message that was given up, or a receiver that is gone, is news for operators.
    sent.add(tell_now(&instance, &stop).await.map_err(failed)?);
    let replayed: u64 = put_back.iter().map(|one| one.messages).sum();
    let left_dead = put_back.iter().any(|one| one.left.is_some());
    context.out.record(&serde_json::json!({
        "delivered": sent.delivered, "again": sent.again, "dead": sent.dead, "waiting": sent.waiting, "replayed": replayed,
    }))?;
    let outbox = outbox::read(&app).await?;
    outbox::warn(&outbox);
    let left = Left::of(&outbox, &app).await?;
    context
        .out
        .say(sent_in_words(&sent, &left, app.clock.now()))?;
    left.tell();
    app.store.close().await;
    Ok(if left.is_well(&sent) && !left_dead {
        Status::Done
    } else {
        Status::Problems
    })
}

/// Puts back all that was given up, by one channel or by any, and says how much; and why not, of what stays where it is.
async fn replay_all(
    only: Option<&str>,
    app: &App,
    context: &Context,
) -> Result<Vec<Replayed>, CommandError> {
    let mut tx = app.write().await?;
    let by = by(app.clock.now());
    let configured = app.configuration.channels();
    let replayed = channel::replay_all(&mut tx, only, &configured, &by).await;
    let replayed = replayed.map_err(|refused| CommandError::Failed(refused.to_string()))?;
    tx.commit().await?;
    if replayed.is_empty() {
        let to = only.map_or_else(String::new, |name| format!(" to '{}'", inert::line(name)));
        context
            .out
            .say(format_args!("No message{to} was given up."))?;
    }
    for one in &replayed {
        let name = inert::line(&one.channel);
        match &one.left {
            Some(why) => output::tell(format_args!("Not put back, to {name}: {why}")),
            None => context.out.say(format_args!(
                "Put back: {} to {name}.",
                counted(one.messages, "message", "messages")
            ))?,
        }
    }
    Ok(replayed)
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
