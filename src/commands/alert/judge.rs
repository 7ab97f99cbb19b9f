//! `sightline alert ack`, `assign`, `comment` and `close`: what people make of an alert, each kept with who and when.

use clap::Args;
use sightline_model::{Alert, AlertChange, AlertId, AlertState, Closed, Timestamp, Verdict};
use sightline_store::{Tx, alert_life, alerts, audit};

use crate::{
    app::App,
    commands::{CommandError, Context, Ended, Status, deed, sighting, who},
    output::inert,
};

/// The longest that a person may say of an alert, in bytes.
const LONGEST: usize = 10_000;

/// Take an alert: others see who has it, and reminders stop
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// The alert's id, as `sightline alerts` and every message give it
    id: AlertId,
    /// Who takes it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Give an alert to somebody: their work, as `sightline alerts --assigned NAME` lists it
///
/// It is not acknowledged by that, so reminders go on until whoever has it takes it.
#[derive(Debug, Args)]
pub(super) struct Assign {
    /// The alert's id
    id: AlertId,
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
    /// The alert's id
    id: AlertId,
    /// What is to be said
    text: String,
    /// Who says it; without it the name of the user at this machine
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Close an alert: what is seen from now on raises a new one
#[derive(Debug, Args)]
pub(super) struct Close {
    /// The alert's id
    id: AlertId,
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
    let mut hand = Hand::take(app, ack.id, ack.by).await?;
    let (who, now) = (hand.who.clone(), hand.now);
    if !alerts::acknowledge(&mut hand.tx, ack.id, &who, now).await? {
        return Err(hand.refusal());
    }
    let change = AlertChange::acknowledged(&hand.alert, &who, now);
    hand.keep(change, "alert.acknowledge", String::new())
        .await?;
    context
        .out
        .record(&serde_json::json!({"id": ack.id, "state": AlertState::Acknowledged, "by": who}))?;
    context
        .out
        .say(format_args!("{} has alert {}.", inert::line(&who), ack.id))?;
    Ok(Status::Done)
}

/// Runs `assign`.
pub(super) async fn assign(assign: Assign, app: &App, context: &Context) -> Ended {
    let to = assign.to.map(|to| said("NAME", &to)).transpose()?;
    let mut hand = Hand::take(app, assign.id, assign.by).await?;
    let (who, now) = (hand.who.clone(), hand.now);
    if !alert_life::assign(&mut hand.tx, assign.id, to.as_deref(), now).await? {
        return Err(hand.refusal());
    }
    let change = AlertChange::assigned(&hand.alert, to.as_deref(), &who, now);
    let detail = to.clone().unwrap_or_default();
    hand.keep(change, "alert.assign", detail).await?;
    context
        .out
        .record(&serde_json::json!({"id": assign.id, "assigned": to, "by": who}))?;
    context.out.say(match &to {
        Some(to) => format!("Alert {} is {}'s work.", assign.id, inert::line(to)),
        None => format!("Alert {} is nobody's in particular.", assign.id),
    })?;
    Ok(Status::Done)
}

/// Runs `comment`.
pub(super) async fn comment(comment: Comment, app: &App, context: &Context) -> Ended {
    let text = said("TEXT", &comment.text)?;
    let mut hand = Hand::take(app, comment.id, comment.by).await?;
    let change = AlertChange::commented(&hand.alert, &text, &hand.who, hand.now);
    alert_life::touch(&mut hand.tx, comment.id, hand.now).await?;
    context.out.record(&change)?;
    // The words stay with the alert: the audit log says that something was said, and by whom.
    hand.keep(change, "alert.comment", String::new()).await?;
    context
        .out
        .say(format_args!("Kept with alert {}.", comment.id))?;
    Ok(Status::Done)
}

/// Runs `close`.
pub(super) async fn close(close: Close, app: &App, context: &Context) -> Ended {
    let why = close.why.map(|why| said("--why", &why)).transpose()?;
    let mut hand = Hand::take(app, close.id, close.by).await?;
    let (who, now) = (hand.who.clone(), hand.now);
    if !alerts::close(&mut hand.tx, close.id, close.how, now).await? {
        return Err(hand.refusal());
    }
    let mut judged = 0;
    if let Some(verdict) = verdict(close.how).filter(|_| close.sightings) {
        let found = alerts::sightings_of(&mut hand.tx, close.id, None).await?;
        judged = found.len();
        let why = match &why {
            Some(why) => why.clone(),
            None => format!("alert {} was closed as {}", close.id, close.how),
        };
        sighting::say(&mut hand.tx, &found, Some(verdict), (&who, &why), now).await?;
    }
    let change = AlertChange::closed(&hand.alert, close.how, why.as_deref(), &who, now);
    hand.keep(change, "alert.close", close.how.to_string())
        .await?;
    context.out.record(
        &serde_json::json!({"id": close.id, "state": AlertState::Closed, "as": close.how, "by": who, "sightings": judged}),
    )?;
    context.out.say(format_args!(
        "Alert {} is closed as {}.",
        close.id, close.how
    ))?;
    Ok(Status::Done)
}

/// An alert in a person's hand: nothing else changes it until the transaction ends.
struct Hand {
    tx: Tx,
    alert: Alert,
    who: String,
    now: Timestamp,
}

impl Hand {
    async fn take(app: &App, id: AlertId, by: Option<String>) -> Result<Self, CommandError> {
        let who = match by {
            Some(by) => said("--by", &by)?,
            None => who(),
        };
        let mut tx = app.write().await?;
        match alert_life::hold(&mut tx, id).await? {
            Some(alert) => Ok(Self {
                tx,
                alert,
                who,
                now: app.clock.now(),
            }),
            None => Err(CommandError::Failed(format!(
                "there is no alert {id}; `sightline alerts` lists them"
            ))),
        }
    }

    /// Why nothing could be done to it.
    fn refusal(&self) -> CommandError {
        let Alert { id, state, .. } = self.alert;
        CommandError::Failed(format!(
            "alert {id} is {state} already; `sightline alert show {id}` tells more"
        ))
    }

    /// Keeps what was done, with the alert and in the audit log.
    async fn keep(
        mut self,
        change: AlertChange,
        what: &str,
        detail: String,
    ) -> Result<(), CommandError> {
        let mut deed = deed(self.now, what, &change.alert.to_string(), detail);
        deed.who = self.who;
        alert_life::append(&mut self.tx, &[change]).await?;
        audit::append(&mut self.tx, &deed).await?;
        Ok(self.tx.commit().await?)
    }
}

/// What a person wrote, without what stands around it.
fn said(what: &str, text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    match text.len() {
        0 => Err(CommandError::Usage(format!(
            "{what} is empty; others are to read it"
        ))),
        1..=LONGEST => Ok(text.to_owned()),
        _ => Err(CommandError::Usage(format!(
            "{what} is too long; {LONGEST} bytes are the most"
        ))),
    }
}

/// What closing an alert so says of its sightings.
fn verdict(how: Closed) -> Option<Verdict> {
    match how {
        Closed::Confirmed => Some(Verdict::Confirmed),
        Closed::Rejected => Some(Verdict::Rejected),
        Closed::Stale | Closed::Furniture => None,
    }
}
