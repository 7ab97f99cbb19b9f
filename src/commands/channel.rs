//! `sightline channel`: the ways in which people are told, how each fares, and whether it works.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_alerts::{
    channels::{ChannelSettings, Verdict},
    message::Detail,
};
use sightline_config::nearest;
use sightline_model::Timestamp;
use sightline_pipeline::deliver::{Trial, try_out};
use sightline_store::{
    audit,
    endpoints::{self, Endpoint},
};

use super::{CommandError, Context, Ended, Status, deed};
use crate::{
    app::App,
    logging::{self, Manner},
    outbox::{Channels, Outbox, Unknown},
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
    /// What has waited is then sent; a message that was given up, by `sightline deliver --replay`.
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

/// How a channel fares, in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// It takes messages.
    Good,
    /// Nothing was sent by it yet.
    Unused,
    /// It did not take the last one.
    Failing,
    /// Its receiver said that it is gone: nothing more is sent until it is enabled.
    Disabled,
    /// A secret or file of its is missing on this machine.
    Unusable,
    /// It is named, and nobody configured it.
    Unknown,
}

impl Standing {
    fn word(self) -> (&'static str, Tint) {
        match self {
            Self::Good => ("good", Tint::Good),
            Self::Unused => ("unused", Tint::Faint),
            Self::Failing => ("failing", Tint::Warning),
            Self::Disabled => ("disabled", Tint::Bad),
            Self::Unusable => ("unusable here", Tint::Bad),
            Self::Unknown => ("unknown", Tint::Bad),
        }
    }
}

/// One channel in a list.
#[derive(Serialize)]
struct Row {
    channel: String,
    kind: Option<&'static str>,
    detail: Option<Detail>,
    state: Standing,
    /// Messages that wait for it.
    waiting: usize,
    last_success: Option<Timestamp>,
    /// Failures since then.
    failures: u32,
    last_failure: Option<Timestamp>,
    last_error: Option<String>,
    disabled_at: Option<Timestamp>,
    disabled_why: Option<String>,
    /// What keeps it from being used on this machine.
    problem: Option<String>,
}

impl Row {
    fn of(
        name: &str,
        settings: Option<&ChannelSettings>,
        endpoint: Option<Endpoint>,
        problem: Option<String>,
        waiting: usize,
    ) -> Self {
        let state = match (&endpoint, settings) {
            (_, None) => Standing::Unknown,
            (
                Some(Endpoint {
                    disabled: Some(_), ..
                }),
                _,
            ) => Standing::Disabled,
            _ if problem.is_some() => Standing::Unusable,
            (Some(endpoint), _) if endpoint.failures > 0 => Standing::Failing,
            (
                Some(Endpoint {
                    last_success: Some(_),
                    ..
                }),
                _,
            ) => Standing::Good,
            _ => Standing::Unused,
        };
        let (disabled_at, disabled_why) = endpoint
            .as_ref()
            .and_then(|endpoint| endpoint.disabled.clone())
            .unzip();
        Self {
            channel: name.to_owned(),
            kind: settings.map(ChannelSettings::kind),
            detail: settings.map(ChannelSettings::detail),
            state,
            waiting,
            last_success: endpoint.as_ref().and_then(|one| one.last_success),
            failures: endpoint.as_ref().map_or(0, |one| one.failures),
            last_failure: endpoint.as_ref().and_then(|one| one.last_failure),
            last_error: endpoint.and_then(|one| one.last_error),
            disabled_at,
            disabled_why,
            problem,
        }
    }

    /// What is wrong with it now, in words.
    fn trouble(&self, now: Timestamp) -> String {
        let since = |at: Option<Timestamp>| {
            at.map_or_else(String::new, |at| format!(" {}", when::relative(at, now)))
        };
        let error = self.last_error.as_deref().unwrap_or_default();
        let words = match self.state {
            Standing::Good | Standing::Unused => String::new(),
            Standing::Failing => format!(
                "{}{}: {error}",
                match self.failures {
                    1 => "failed".to_owned(),
                    count => format!("failed {count} times in a row, the last"),
                },
                since(self.last_failure)
            ),
            Standing::Disabled => format!(
                "switched off{}: {}",
                since(self.disabled_at),
                self.disabled_why.as_deref().unwrap_or_default()
            ),
            Standing::Unusable | Standing::Unknown => self.problem.clone().unwrap_or_default(),
        };
        inert::cut(&words, 240)
    }
}

async fn list(app: &App, context: &Context) -> Ended {
    let settings = &app.configuration.settings.channels;
    let outbox = Outbox::read(app).await?;
    let unusable = Channels::build(&app.configuration)?.unusable;
    let mut tx = app.read().await?;
    let names: BTreeSet<&String> = settings.keys().chain(outbox.unknown.keys()).collect();
    let mut rows = Vec::new();
    for name in names {
        let unknown = outbox
            .unknown
            .get(name)
            .map(|unknown| format!("{}; {}", unknown.finding(name), Unknown::remedy(name)));
        let broken = unusable.iter().find(|error| error.channel == *name);
        rows.push(Row::of(
            name,
            settings.get(name),
            endpoints::get(&mut tx, name).await?,
            unknown.or_else(|| broken.map(|error| error.cause.to_string())),
            outbox.by_channel.get(name).copied().unwrap_or_default(),
        ));
    }
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
        let (word, tint) = row.state.word();
        table.add_row(vec![
            inert::line(&row.channel).into(),
            row.kind.unwrap_or("–").into(),
            row.detail.map_or("–", detail_word).into(),
            tinted(word, tint),
            row.waiting.into(),
            output::instant(row.last_success, now).into(),
            row.trouble(now).into(),
        ]);
    }
    output::keep_whole(&mut table, &[0]);
    table
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
    let done = deed(
        app.clock.now(),
        "channel.test",
        name,
        verdict.said().to_owned(),
    );
    audit::append(&mut tx, &done).await?;
    tx.commit().await?;

    let said = inert::cut(verdict.said(), 400);
    let (word, words) = match &verdict {
        Verdict::Delivered { .. } => ("delivered", format!("{name} took the test: {said}")),
        Verdict::Retry { .. } => (
            "retry",
            format!("{name} did not take the test; a message would be tried again: {said}"),
        ),
        Verdict::Dead { .. } => (
            "dead",
            format!("{name} did not take the test; a message would be given up: {said}"),
        ),
        Verdict::Disable { .. } => (
            "disable",
            format!("{name} did not take the test; it would be switched off: {said}"),
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
    if !endpoints::enable(&mut tx, name).await? {
        refuse_unknown(name, app)?;
        return Err(CommandError::Failed(format!(
            "the channel '{name}' is not switched off; `sightline channel list` shows how each fares"
        )));
    }
    let done = deed(app.clock.now(), "channel.enable", name, String::new());
    audit::append(&mut tx, &done).await?;
    tx.commit().await?;
    context.out.record(&serde_json::json!({"enabled": name}))?;
    context.out.say(format_args!(
        "{} is used again; what waits for it is sent by the service, or now by `sightline deliver`.",
        inert::line(name)
    ))?;
    Ok(Status::Done)
}

fn refuse_unknown(name: &str, app: &App) -> Result<(), CommandError> {
    let channels = &app.configuration.settings.channels;
    if channels.contains_key(name) {
        return Ok(());
    }
    let remedy = match nearest(name, channels.keys().map(String::as_str)) {
        Some(nearest) => format!("did you mean '{nearest}'?"),
        None => "`sightline channel list` shows all".to_owned(),
    };
    Err(CommandError::Usage(format!(
        "there is no channel '{}'; {remedy}",
        inert::line(name)
    )))
}
