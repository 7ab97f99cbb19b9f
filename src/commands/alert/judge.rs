//! `sightline alert ack`, `assign`, `comment` and `close`: what people make of an alert, each kept with who and when.

use clap::Args;
use sightline_casework::{
    By, Refused,
    judge::{self, Closing},
};
use sightline_model::{AlertId, AlertState, Closed};

use crate::{
    app::App,
    commands::{Beginning, CommandError, Context, Ended, Status, who},
    output::inert,
};

/// Take an alert: others see who has it, and reminders stop
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// The alert's id, as `sightline alerts` and every message give it, or the beginning of it
    id: Beginning<AlertId>,
    /// Who takes it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Give an alert to somebody: their work, as `sightline alerts --assigned NAME` lists it
///
/// It is not acknowledged by that, so reminders go on until whoever has it takes it.
#[derive(Debug, Args)]
pub(super) struct Assign {
    /// The alert's id, or the beginning of it
    id: Beginning<AlertId>,
    /// To whom
    #[arg(value_name = "NAME", required_unless_present = "nobody")]
    to: Option<String>,
    /// To nobody: it is anybody's again
    #[arg(long, conflicts_with = "to")]
    nobody: bool,
    /// Who gives it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Say something on an alert: others read it in `sightline alert show`, and nobody can change it
#[derive(Debug, Args)]
pub(super) struct Comment {
    /// The alert's id, or the beginning of it
    id: Beginning<AlertId>,
    /// What is to be said
    text: String,
    /// Who says it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Close an alert: what is seen from now on raises a new one
#[derive(Debug, Args)]
pub(super) struct Close {
    /// The alert's id, or the beginning of it
    id: Beginning<AlertId>,
    /// What it turned out to be: confirmed, rejected, or stale where it was never found out
    #[arg(long = "as", value_name = "WORD", value_parser = by_a_person)]
    how: Closed,
    /// Why: others read it in `sightline alert show`
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Who closes it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Say the same of each of its sightings: what is rejected never alerts for this entry again
    #[arg(long)]
    sightings: bool,
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
            "'{word}' is not a way to close an alert; use one of {}, {}, {}",
            Closed::Confirmed,
            Closed::Rejected,
            Closed::Stale
        )),
    }
}

/// Runs `ack`.
pub(super) async fn acknowledge(ack: Ack, app: &App, context: &Context) -> Ended {
    let by = by(ack.by, app)?;
    let mut tx = app.write().await?;
    let id: AlertId = ack.id.found(&mut tx).await?;
    judge::acknowledge(&mut tx, id, &by).await?;
    tx.commit().await?;
    let who = &by.who;
    context
        .out
        .record(&serde_json::json!({"id": id, "state": AlertState::Acknowledged, "by": who}))?;
    context
        .out
        .say(format_args!("{} has alert {}.", inert::line(who), id))?;
    Ok(Status::Done)
}

/// Runs `assign`.
pub(super) async fn assign(assign: Assign, app: &App, context: &Context) -> Ended {
    let by = by(assign.by, app)?;
    let to = assign.to.as_deref().map(str::trim);
    let mut tx = app.write().await?;
    let id: AlertId = assign.id.found(&mut tx).await?;
    judge::assign(&mut tx, id, to, &by).await?;
    tx.commit().await?;
    context
        .out
        .record(&serde_json::json!({"id": id, "assigned": to, "by": by.who}))?;
    context.out.say(match to {
        Some(to) => format!("Alert {} is {}'s work.", id, inert::line(to)),
        None => format!("Alert {} is nobody's in particular.", id),
    })?;
    Ok(Status::Done)
}

/// Runs `comment`.
pub(super) async fn comment(comment: Comment, app: &App, context: &Context) -> Ended {
    let by = by(comment.by, app)?;
    let mut tx = app.write().await?;
    let id: AlertId = comment.id.found(&mut tx).await?;
    let change = judge::comment(&mut tx, id, &comment.text, &by).await?;
    tx.commit().await?;
    context.out.record(&change)?;
    context.out.say(format_args!("Kept with alert {}.", id))?;
    Ok(Status::Done)
}

/// Runs `close`.
pub(super) async fn close(close: Close, app: &App, context: &Context) -> Ended {
    let by = by(close.by, app)?;
    let closing = Closing {
        how: close.how,
        why: close.why.as_deref(),
        sightings: close.sightings,
    };
    let mut tx = app.write().await?;
    let id: AlertId = close.id.found(&mut tx).await?;
    let (_, judged) = judge::close(&mut tx, id, &closing, &by).await?;
    tx.commit().await?;
    context.out.record(
        &serde_json::json!({"id": id, "state": AlertState::Closed, "as": close.how, "by": by.who, "sightings": judged}),
    )?;
    context
        .out
        .say(format_args!("Alert {} is closed as {}.", id, close.how))?;
    Ok(Status::Done)
}

/// Who does it: who is named, or the person at the keyboard.
pub(super) fn by(named: Option<String>, app: &App) -> Result<By, CommandError> {
    let who = match named {
        None => who(),
        Some(name) if name.trim().is_empty() => {
            return Err(CommandError::Usage(
                "--by is empty; others are to read it".to_owned(),
            ));
        }
        Some(name) => name.trim().to_owned(),
    };
    let at = app.clock.now();
    Ok(By { who, at })
}

impl From<Refused> for CommandError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoAlert(_) => {
                Self::Failed(format!("{refused}; `sightline alerts` lists them"))
            }
            Refused::Already(id, _) => {
                Self::Failed(format!("{refused}; `sightline alert show {id}` tells more"))
            }
            Refused::NoSilence(_) => {
                Self::Failed(format!("{refused}; `sightline alert silences` lists them"))
            }
            Refused::NoEntry(_) => Self::Failed(format!(
                "{refused}; `sightline watchlist show NAME` lists those that there are"
            )),
            Refused::NoHold(_) => {
                Self::Failed(format!("{refused}; `sightline hold list` lists them"))
            }
            Refused::Held(_) => Self::Failed(format!(
                "{refused}; `sightline hold list` tells more, and `sightline hold lift` lifts one"
            )),
            Refused::Unchanged(_) => Self::Usage(format!(
                "{refused}; say what should: `--purpose`, `--note`, `--tags` …"
            )),
            Refused::Stands { .. } => Self::Failed(inert::line(&refused.to_string()).into_owned()),
            Refused::Withdrawn(_)
            | Refused::WrongEntry(..)
            | Refused::Defaults(..)
            | Refused::Rules(..) => Self::Failed(refused.to_string()),
            Refused::WrongList(problems) => Self::problems(&problems),
            Refused::Wrong(problem) => {
                let argument = match problem.key.as_str() {
                    "to" => "NAME".to_owned(),
                    "text" => "TEXT".to_owned(),
                    "kind" => "KIND".to_owned(),
                    "value" => "VALUE".to_owned(),
                    key => format!("--{}", key.replace('_', "-")),
                };
                Self::Usage(format!(
                    "{argument} {}; {}",
                    problem.message, problem.remedy
                ))
            }
            Refused::Store(error) => Self::Store(error),
            other => Self::Failed(other.to_string()),
        }
    }
}
