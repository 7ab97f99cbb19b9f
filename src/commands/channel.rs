//! `sightline channel`: the ways in which people are told, how each fares, and whether it works.

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_alerts::{channels::Verdict, message::Detail};
use sightline_casework::{
    Refused,
    channel::{self, Row, Standing},
};
use sightline_config::nearest;
use sightline_model::Timestamp;
use sightline_pipeline::deliver::{Trial, try_out};
use sightline_store::endpoints;

use super::{CommandError, Context, Ended, Status, by};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox::Channels,
    output::{self, Tint, inert, tinted, when},
    progress,
};

/// Show how the channels fare, try one, and switch one on again
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
        sightline channel list\n  \
        sightline channel test desk\n  \
        sightline channel enable desk")]
pub struct ChannelCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the channels: what each is, when it last took a message, what keeps it from taking more
    List,
    /// Send one message that says it is a test, and show what was answered
    ///
    /// It takes the way that all messages take, tells of no alert, and does not wait in the outbox. The exit status is 1
    /// where it was not accepted.
    Test {
        /// The channel's name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Use a channel again that was switched off because its receiver said that it is gone
    ///
    /// What has waited is then sent, also what found the receiver gone; a message that was given up before, by
    /// `sightline deliver --replay`.
    Enable {
        /// The channel's name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Runs the command.
pub async fn run(command: ChannelCommand, context: &Context) -> Ended {
    let app = App::open(context).await?;
    logging::start(
        &app.configuration.settings.log,
        Manner::of_command(context.out),
        &progress::bars(context.out),
    );
    let ended = match command.action {
        Action::List => list(&app, context).await,
        Action::Test { name } => test(&name, &app, context).await,
        Action::Enable { name } => enable(&name, &app, context).await,
    };
    app.store.close().await;
    ended
}

async fn list(app: &App, context: &Context) -> Ended {
    let settings = &app.configuration.settings.channels;
    let unusable = Channels::build(&app.configuration)?.reasons();
    let mut tx = app.read().await?;
    let rows = channel::list(&mut tx, settings, &unusable).await?;
    let now = app.clock.now();
    context.out.records(
        &rows,
        |rows| table(rows, now),
        "No channel yet: nobody is told of anything. Write one into the configuration, such as [channels.desk].",
    )?;
    Ok(Status::Done)
}

fn table(rows: &[Row], now: Timestamp) -> Table {
    let mut table = output::table([
        "channel",
        "kind",
        "tells",
        "state",
        "waiting",
        "last success",
        "trouble",
    ]);
    for row in rows {
        let tint = tint(row.state);
        table.add_row(vec![
            inert::line(&row.channel).into(),
            row.kind.unwrap_or("–").into(),
            row.detail.map_or("–", detail_word).into(),
            tinted(row.state.as_str(), tint),
            row.waiting.into(),
            output::instant(row.last_success, now).into(),
            row.trouble(&|at| when::relative(at, now)).into(),
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
}

fn tint(state: Standing) -> Tint {
    match state {
        Standing::Good => Tint::Good,
        Standing::Unused => Tint::Faint,
        Standing::Failing | Standing::Partly => Tint::Warning,
        Standing::Disabled | Standing::Unusable | Standing::Unknown => Tint::Bad,
    }
}

fn detail_word(detail: Detail) -> &'static str {
    match detail {
        Detail::Thin => "thin",
        Detail::Full => "full",
    }
}

/// What came of a test, for programs.
#[derive(Serialize)]
struct Tried<'a> {
    channel: &'a str,
    verdict: &'static str,
    said: &'a str,
}

async fn test(name: &str, app: &App, context: &Context) -> Ended {
    refuse_unknown(name, app)?;
    let instance = app.instance().await?;
    let failed = |error: &dyn std::fmt::Display| CommandError::Failed(error.to_string());
    let verdict = match try_out(&instance, name)
        .await
        .map_err(|error| failed(&error))?
    {
        Trial::Sent(verdict) => verdict,
        Trial::Unwritten(error) => return Err(failed(&error)),
        // The log has said why.
        Trial::NoChannel => {
            return Err(CommandError::Failed(format!(
                "the channel '{name}' can't be used on this machine, so nothing was sent"
            )));
        }
    };
    let mut tx = app.write().await?;
    let endpoint = endpoints::get(&mut tx, name).await?;
    let by = by(app.clock.now());
    channel::tested(&mut tx, name, verdict.said(), &by).await?;
    tx.commit().await?;

    let said = inert::cut(verdict.said(), 400);
    let (word, words) = match &verdict {
        Verdict::Delivered { .. } => ("delivered", format!("{name} took the test: {said}")),
        Verdict::Partly { .. } => (
            "partly",
            format!("{name} took the test, and not for all of its recipients: {said}"),
        ),
        Verdict::Retry { .. } | Verdict::Untried { .. } => (
            "retry",
            format!("{name} did not take the test; a message would be tried again: {said}"),
        ),
        Verdict::Dead { .. } => (
            "dead",
            format!("{name} did not take the test; a message would be given up: {said}"),
        ),
        Verdict::Disable { .. } => (
            "disable",
            format!(
                "{name} did not take the test; the channel would be switched off, and what is due to it would wait: {said}"
            ),
        ),
    };
    context.out.record(&Tried {
        channel: name,
        verdict: word,
        said: verdict.said(),
    })?;
    context.out.say(words)?;
    if endpoint.is_some_and(|endpoint| endpoint.disabled.is_some()) {
        context.out.note(format_args!(
            "{name} is switched off: `sightline channel enable {name}` sends what waits for it."
        ));
    }
    Ok(match verdict {
        Verdict::Delivered { .. } => Status::Done,
        _ => Status::Problems,
    })
}

async fn enable(name: &str, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    match channel::enable(&mut tx, name, &by(app.clock.now())).await {
        Err(Refused::NotOff(_)) => {
            refuse_unknown(name, app)?;
            return Err(CommandError::Failed(format!(
                "the channel '{name}' is not switched off; `sightline channel list` shows how each fares"
            )));
        }
        done => done.map_err(|refused| CommandError::Failed(refused.to_string()))?,
    }
    tx.commit().await?;
    context.out.record(&serde_json::json!({"enabled": name}))?;
    context.out.say(format_args!(
        "{} is used again; what waits for it is sent by the service, or now by `sightline deliver`.",
        inert::line(name)
    ))?;
    Ok(Status::Done)
}

fn refuse_unknown(name: &str, app: &App) -> Result<(), CommandError> {
    let channels = app.configuration.channels();
    if channels.contains(name) {
        return Ok(());
    }
    let remedy = match nearest(name, channels.iter().copied()) {
        Some(nearest) => format!("did you mean '{nearest}'?"),
        None => "`sightline channel list` shows all".to_owned(),
    };
    Err(CommandError::Usage(format!(
        "there is no channel '{}'; {remedy}",
        inert::line(name)
    )))
}
