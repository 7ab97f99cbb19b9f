//! `sightline alert ack`, `assign`, `comment` and `close`, and the ways back, `hand-back` and `reopen`: what people make of
//! alerts, each kept with who and when.

use clap::Args;
use sightline_casework::{
    By, Refused,
    judge::{self, Closing},
};
use sightline_model::{AlertId, AlertState, Closed};
use sightline_store::{Tx, alerts};

use crate::{
    app::App,
    commands::{Beginning, CommandError, Context, Ended, Status, who},
    output::inert,
};

/// Take alerts: others see who has them, and reminders stop
///
/// Of several, those that can't be taken are named, and the others are taken all the same.
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// The alerts' ids, as `sightline alerts` and every message give them, or the beginnings of them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<Beginning<AlertId>>,
    /// Who takes them; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Those that somebody else has, too: they are theirs no longer
    #[arg(long)]
    over: bool,
}

/// Give back alerts that somebody has: they are open again, reminders go on, and others are told in time
#[derive(Debug, Args)]
pub(super) struct HandBack {
    /// The alerts' ids, or the beginnings of them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<Beginning<AlertId>>,
    /// Why: others read it in `sightline alert show`
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Who gives them back, whoever had them; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Open alerts again that were closed
///
/// What is news joins them again, and reminders go on. What was said of their sightings stays said: `sightline sighting undo` takes
/// that back. One that another has followed, of the same entry or group, stays closed; `sightline alert close --anew` says
/// something else of it.
#[derive(Debug, Args)]
pub(super) struct Reopen {
    /// The alerts' ids, or the beginnings of them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<Beginning<AlertId>>,
    /// Why: others read it in `sightline alert show`
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Who opens them; without it the name of the user at this machine
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

/// Close alerts: what is seen from now on raises new ones
///
/// Of several, those that can't be closed are named, and the others are closed all the same.
#[derive(Debug, Args)]
pub(super) struct Close {
    /// The alerts' ids, or the beginnings of them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<Beginning<AlertId>>,
    /// What they turned out to be: confirmed, rejected, or stale where it was never found out
    #[arg(long = "as", value_name = "WORD", value_parser = by_a_person)]
    how: Closed,
    /// Why: others read it in `sightline alert show`
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Who closes them; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Say the same of each of their sightings: what is rejected never alerts for this entry again
    #[arg(long)]
    sightings: bool,
    /// Those that are closed already, too: they turned out to be something else
    #[arg(long)]
    anew: bool,
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
    let mut done = Several::of(&ack.ids);
    for id in &ack.ids {
        let taken = take(id, ack.over, &by, app, context).await;
        done.note(taken, context)?;
    }
    Ok(done.status)
}

async fn take(
    id: &Beginning<AlertId>,
    over: bool,
    by: &By,
    app: &App,
    context: &Context,
) -> Result<(), CommandError> {
    let mut tx = app.write().await?;
    let id: AlertId = id.found(&mut tx).await?;
    match judge::acknowledge(&mut tx, id, by).await {
        Err(Refused::Already(_, AlertState::Acknowledged)) if over => {
            judge::take_over(&mut tx, id, by).await?
        }
        taken => taken?,
    };
    tx.commit().await?;
    let who = &by.who;
    context
        .out
        .record(&serde_json::json!({"id": id, "state": AlertState::Acknowledged, "by": who}))?;
    context
        .out
        .say(format_args!("{} has alert {}.", inert::line(who), id))?;
    Ok(())
}

/// Runs `hand-back`.
pub(super) async fn hand_back(back: HandBack, app: &App, context: &Context) -> Ended {
    let (by, why) = (by(back.by, app)?, back.why.as_deref());
    let mut done = Several::of(&back.ids);
    for id in &back.ids {
        let handed = hand_one_back(id, why, &by, app, context).await;
        done.note(handed, context)?;
    }
    Ok(done.status)
}

async fn hand_one_back(
    id: &Beginning<AlertId>,
    why: Option<&str>,
    by: &By,
    app: &App,
    context: &Context,
) -> Result<(), CommandError> {
    let mut tx = app.write().await?;
    let id: AlertId = id.found(&mut tx).await?;
    judge::hand_back(&mut tx, id, why, by).await?;
    let assigned = assigned(&mut tx, id).await?;
    tx.commit().await?;
    opened(id, assigned.as_deref(), by, context)
}

/// Runs `reopen`.
pub(super) async fn reopen(reopen: Reopen, app: &App, context: &Context) -> Ended {
    let (by, why) = (by(reopen.by, app)?, reopen.why.as_deref());
    let mut done = Several::of(&reopen.ids);
    for id in &reopen.ids {
        let opened = reopen_one(id, why, &by, app, context).await;
        done.note(opened, context)?;
    }
    Ok(done.status)
}

async fn reopen_one(
    id: &Beginning<AlertId>,
    why: Option<&str>,
    by: &By,
    app: &App,
    context: &Context,
) -> Result<(), CommandError> {
    let mut tx = app.write().await?;
    let id: AlertId = id.found(&mut tx).await?;
    judge::reopen(&mut tx, id, why, by).await?;
    let assigned = assigned(&mut tx, id).await?;
    tx.commit().await?;
    opened(id, assigned.as_deref(), by, context)
}

/// With whom an alert is, whether they have taken it or not.
async fn assigned(tx: &mut Tx, id: AlertId) -> Result<Option<String>, CommandError> {
    let alert = alerts::get(tx, &[id]).await?.pop();
    Ok(alert.and_then(|alert| alert.assigned))
}

/// Says that an alert is open again.
fn opened(
    id: AlertId,
    assigned: Option<&str>,
    by: &By,
    context: &Context,
) -> Result<(), CommandError> {
    let done = serde_json::json!({"id": id, "state": AlertState::Open, "by": by.who});
    context.out.record(&done)?;
    context.out.say(match assigned {
        Some(to) => format!("Alert {id} is open, with {}.", inert::line(to)),
        None => format!("Alert {id} is open: nobody has it."),
    })?;
    Ok(())
}

/// What came of several alerts. With one, why it can't be done is the command's own end; of several, that is said of each, and
/// the others are done all the same.
struct Several {
    is_one: bool,
    status: Status,
}

impl Several {
    fn of(ids: &[Beginning<AlertId>]) -> Self {
        Self {
            is_one: ids.len() == 1,
            status: Status::Done,
        }
    }

    fn note(
        &mut self,
        done: Result<(), CommandError>,
        context: &Context,
    ) -> Result<(), CommandError> {
        match done {
            Err(CommandError::Failed(why)) if !self.is_one => {
                context.out.note(format_args!("Not done: {why}"));
                self.status = Status::Problems;
                Ok(())
            }
            done => done,
        }
    }
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
        anew: close.anew,
    };
    let mut done = Several::of(&close.ids);
    for id in &close.ids {
        let closed = close_one(id, &closing, &by, app, context).await;
        done.note(closed, context)?;
    }
    Ok(done.status)
}

async fn close_one(
    id: &Beginning<AlertId>,
    closing: &Closing<'_>,
    by: &By,
    app: &App,
    context: &Context,
) -> Result<(), CommandError> {
    let mut tx = app.write().await?;
    let id: AlertId = id.found(&mut tx).await?;
    let (_, judged) = judge::close(&mut tx, id, closing, by).await?;
    tx.commit().await?;
    let how = closing.how;
    context.out.record(
        &serde_json::json!({"id": id, "state": AlertState::Closed, "as": how, "by": by.who, "sightings": judged}),
    )?;
    context
        .out
        .say(format_args!("Alert {id} is closed as {how}."))?;
    Ok(())
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
            Refused::Already(id, AlertState::Acknowledged) => Self::Failed(format!(
                "{refused}; `sightline alert show {id}` tells who has it, and `ack --over` takes it from them"
            )),
            Refused::Already(id, AlertState::Closed) => Self::Failed(format!(
                "{refused}; `sightline alert show {id}` tells more, `sightline alert reopen {id}` opens it again, and \
                 `close --anew` says that it turned out to be something else"
            )),
            Refused::Already(id, _) | Refused::NotTaken(id, _) => {
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
