//! `sightline alert ack` and `close`: what a person makes of an alert.

use clap::Args;
use sightline_model::{AlertId, Closed};
use sightline_store::{Tx, alerts, audit};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, deed},
};

/// Take an alert: others see who has it, and reminders stop
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// The alert's id, as `sightline alerts` and every message give it
    id: AlertId,
    /// Who takes it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Close an alert: what is seen from now on raises a new one
#[derive(Debug, Args)]
pub(super) struct Close {
    /// The alert's id
    id: AlertId,
    /// What it turned out to be: confirmed or rejected
    #[arg(long = "as", value_name = "WORD", value_parser = by_a_person)]
    how: Closed,
}

/// How a person may close an alert.
fn by_a_person(word: &str) -> Result<Closed, String> {
    match word.parse() {
        Ok(Closed::Furniture) => Err(
            "`sightline furniture declare` says that a selector is the site's own, and closes its alerts"
                .to_owned(),
        ),
        Ok(how) => Ok(how),
        Err(_) => Err(format!(
            "'{word}' is not a way to close an alert; use one of {}, {}",
            Closed::Confirmed,
            Closed::Rejected
        )),
    }
}

/// Runs `ack`.
pub(super) async fn acknowledge(ack: Ack, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let mut deed = deed(now, "alert.acknowledge", &ack.id.to_string(), String::new());
    if let Some(by) = ack.by {
        deed.who = by;
    }
    let mut tx = app.write().await?;
    if !alerts::acknowledge(&mut tx, ack.id, &deed.who, now).await? {
        return Err(refusal(&mut tx, ack.id).await?);
    }
    audit::append(&mut tx, &deed).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": ack.id, "state": "acknowledged", "by": deed.who}))?;
    context
        .out
        .say(format_args!("{} has alert {}.", deed.who, ack.id))?;
    Ok(Status::Done)
}

/// Runs `close`.
pub(super) async fn close(close: Close, app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let mut tx = app.write().await?;
    if !alerts::close(&mut tx, close.id, close.how, now).await? {
        return Err(refusal(&mut tx, close.id).await?);
    }
    audit::append(
        &mut tx,
        &deed(
            now,
            "alert.close",
            &close.id.to_string(),
            close.how.to_string(),
        ),
    )
    .await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": close.id, "state": "closed", "as": close.how}))?;
    context.out.say(format_args!(
        "Alert {} is closed as {}.",
        close.id, close.how
    ))?;
    Ok(Status::Done)
}

/// Why nothing could be done to an alert.
async fn refusal(tx: &mut Tx, id: AlertId) -> Result<CommandError, CommandError> {
    Ok(CommandError::Failed(
        match alerts::get(tx, &[id]).await?.first() {
            None => format!("there is no alert {id}; `sightline alerts` lists them"),
            Some(alert) => format!(
                "alert {id} is {} already; `sightline alert show {id}` tells more",
                alert.state
            ),
        },
    ))
}
