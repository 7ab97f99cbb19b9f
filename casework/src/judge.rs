//! What people make of an alert: take it, give it to somebody, say something on it, close it.

use std::time::Duration;

use sightline_model::{Alert, AlertChange, AlertDeed, AlertId, Closed, Verdict};
use sightline_store::{Tx, alert_life, alerts};

use crate::{By, Refused, refused::said, verdict};

/// The same words of the same person within this are the same comment.
const AGAIN: Duration = Duration::from_secs(60);
/// The longest name of somebody to whom an alert is given, in characters: it stands in every list.
const LONGEST_NAME: usize = 64;

/// Takes an alert: others see who has it, and reminders stop.
///
/// # Errors
/// Where it is not there, or not open: then somebody was quicker.
pub async fn acknowledge(tx: &mut Tx, id: AlertId, by: &By) -> Result<AlertChange, Refused> {
    let alert = held(tx, id).await?;
    if !alerts::acknowledge(tx, id, &by.who, by.at).await? {
        return Err(already(&alert));
    }
    let change = AlertChange::acknowledged(&alert, &by.who, by.at);
    keep(tx, change, by, "alert.acknowledge", "").await
}

/// Gives an alert to somebody, or, where nobody is named, back. It is not acknowledged by that.
///
/// # Errors
/// Where it is not there or closed, or the name (field `to`) is empty or too long.
pub async fn assign(
    tx: &mut Tx,
    id: AlertId,
    to: Option<&str>,
    by: &By,
) -> Result<AlertChange, Refused> {
    let to = to.map(|to| said("to", to)).transpose()?;
    if to
        .as_ref()
        .is_some_and(|to| to.chars().count() > LONGEST_NAME)
    {
        return Err(Refused::wrong(
            "to",
            "is longer than a name",
            format!("{LONGEST_NAME} characters are the most"),
        ));
    }
    let alert = held(tx, id).await?;
    if !alert_life::assign(tx, id, to.as_deref(), by.at).await? {
        return Err(already(&alert));
    }
    let change = AlertChange::assigned(&alert, to.as_deref(), &by.who, by.at);
    let detail = to.unwrap_or_default();
    keep(tx, change, by, "alert.assign", &detail).await
}

/// Says something on an alert, closed or not; nobody can change it later.
///
/// # Errors
/// Where it is not there, or the field `text` is empty or too long.
pub async fn comment(
    tx: &mut Tx,
    id: AlertId,
    text: &str,
    by: &By,
) -> Result<AlertChange, Refused> {
    let text = said("text", text)?;
    let alert = held(tx, id).await?;
    // A form that was sent twice says it once.
    let since = by.at - AGAIN;
    let before = alert_life::of_alert(tx, id).await?;
    let same = before.into_iter().rev().find(|one| {
        let is_theirs = one.deed == AlertDeed::Commented && one.who == by.who;
        is_theirs && one.at >= since && one.text.as_deref() == Some(&text)
    });
    if let Some(same) = same {
        return Ok(same);
    }
    let change = AlertChange::commented(&alert, &text, &by.who, by.at);
    alert_life::touch(tx, id, by.at).await?;
    // The words stay with the alert: the audit log says that something was said, and by whom.
    keep(tx, change, by, "alert.comment", "").await
}

/// How an alert is to be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closing<'a> {
    /// What it turned out to be.
    pub how: Closed,
    /// Why; others read it.
    pub why: Option<&'a str>,
    /// Whether the same is said of each of its sightings: what is rejected never alerts for this entry again.
    pub sightings: bool,
}

/// Closes an alert; what is seen from now on raises a new one. Gives how many sightings were judged with it.
///
/// # Errors
/// Where it is not there or closed already; where the field `why` is given and empty; or where a person says (field
/// `as`) that it is furniture, which is said of a selector and not of an alert.
pub async fn close(
    tx: &mut Tx,
    id: AlertId,
    closing: &Closing<'_>,
    by: &By,
) -> Result<(AlertChange, usize), Refused> {
    let why = closing.why.map(|why| said("why", why)).transpose()?;
    let how = closing.how;
    if how == Closed::Furniture {
        return Err(Refused::wrong(
            "as",
            "is not for a person to say of an alert",
            "declare the selector to be the site's own, which closes its alerts",
        ));
    }
    let alert = held(tx, id).await?;
    if !alerts::close(tx, id, how, by.at).await? {
        return Err(already(&alert));
    }
    let mut judged = 0;
    if let Some(verdict) = verdict_of(how).filter(|_| closing.sightings) {
        let found = alerts::sightings_of(tx, id, None).await?;
        judged = found.len();
        let why = match &why {
            Some(why) => why.clone(),
            None => format!("alert {id} was closed as {how}"),
        };
        verdict::say(tx, &found, Some(verdict), &why, by).await?;
    }
    let change = AlertChange::closed(&alert, how, why.as_deref(), &by.who, by.at);
    let change = keep(tx, change, by, "alert.close", how.as_str()).await?;
    Ok((change, judged))
}

/// The alert as it stands; nothing else changes it until the transaction ends.
async fn held(tx: &mut Tx, id: AlertId) -> Result<Alert, Refused> {
    alert_life::hold(tx, id).await?.ok_or(Refused::NoAlert(id))
}

fn already(alert: &Alert) -> Refused {
    Refused::Already(alert.id, alert.state)
}

/// Keeps what was done, with the alert and in the audit log.
async fn keep(
    tx: &mut Tx,
    change: AlertChange,
    by: &By,
    what: &str,
    detail: &str,
) -> Result<AlertChange, Refused> {
    by.log(tx, what, change.alert.to_string(), detail).await?;
    let changes = [change];
    alert_life::append(tx, &changes).await?;
    let [change] = changes;
    Ok(change)
}

/// What closing an alert so says of its sightings.
fn verdict_of(how: Closed) -> Option<Verdict> {
    match how {
        Closed::Confirmed => Some(Verdict::Confirmed),
        Closed::Rejected => Some(Verdict::Rejected),
        Closed::Stale | Closed::Furniture => None,
    }
}
