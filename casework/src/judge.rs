//! What people make of an alert: take it, give it to somebody, say something on it, close it; and the ways back from each.

use std::{collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{
    Alert, AlertChange, AlertDeed, AlertId, AlertState, Closed, EntryId, Sighting, Verdict,
};
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
    take(tx, &alert, by).await
}

/// Takes an alert that is held.
async fn take(tx: &mut Tx, alert: &Alert, by: &By) -> Result<AlertChange, Refused> {
    if !alerts::acknowledge(tx, alert.id, &by.who, by.at).await? {
        return Err(already(alert));
    }
    let change = AlertChange::acknowledged(alert, &by.who, by.at);
    keep(tx, change, by, "alert.acknowledge", "").await
}

/// How many alerts may be taken together.
pub const MOST_TOGETHER: usize = 200;

/// What came of an alert that was to be taken together with others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AlertTaking")]
pub enum Taking {
    /// It was open, and is theirs who took it.
    Acknowledged,
    /// It was not open: somebody has it, or it is closed or silenced. It stays as it is.
    Already,
    /// There is no such alert.
    NotFound,
}

/// An alert that was to be taken together with others, and what came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "AlertTaken")]
pub struct Taken {
    /// The alert.
    pub id: AlertId,
    /// What came of it.
    pub outcome: Taking,
}

/// Takes each of these alerts, by the same rule as [`acknowledge`]; those that somebody took meanwhile stay theirs. Each is told
/// of once, in the order of the list.
///
/// # Errors
/// Where the field `alerts` names none, or more than [`MOST_TOGETHER`]; where the store fails.
pub async fn acknowledge_all(tx: &mut Tx, ids: &[AlertId], by: &By) -> Result<Vec<Taken>, Refused> {
    if ids.is_empty() || ids.len() > MOST_TOGETHER {
        return Err(Refused::wrong(
            "alerts",
            match ids.is_empty() {
                true => "names no alert".to_owned(),
                false => format!("names {} alerts", ids.len()),
            },
            format!("name from 1 to {MOST_TOGETHER} of them"),
        ));
    }
    // All at once, before any is taken: what one after another held would be held in the order of the alerts, and others hold it
    // in the order of the entries.
    let held = alert_life::hold(tx, ids, &[]).await?.into_iter();
    let held: BTreeMap<AlertId, Alert> = held.map(|alert| (alert.id, alert)).collect();
    let mut outcomes: BTreeMap<AlertId, Option<Taking>> =
        ids.iter().map(|id| (*id, Some(Taking::NotFound))).collect();
    for (id, alert) in &held {
        let outcome = match take(tx, alert, by).await {
            Ok(_) => Taking::Acknowledged,
            Err(Refused::Already(..)) => Taking::Already,
            Err(refused) => return Err(refused),
        };
        outcomes.insert(*id, Some(outcome));
    }
    let taken = ids.iter().filter_map(|id| {
        let outcome = outcomes.get_mut(id)?.take()?;
        Some(Taken { id: *id, outcome })
    });
    Ok(taken.collect())
}

/// Takes an alert that somebody else has: it is theirs no longer. Reminders that it was forgotten count from then.
///
/// # Errors
/// Where it is not there, nobody has it, or whoever takes it has it already.
pub async fn take_over(tx: &mut Tx, id: AlertId, by: &By) -> Result<AlertChange, Refused> {
    let alert = held(tx, id).await?;
    let has_it = match (alert.state, &alert.acknowledged) {
        (AlertState::Acknowledged, Some((has_it, _))) => has_it,
        _ => return Err(Refused::NotTaken(id, alert.state)),
    };
    if *has_it == by.who {
        return Err(already(&alert));
    }
    let now = Alert {
        acknowledged: Some((by.who.clone(), by.at)),
        updated_at: by.at,
        ..alert.clone()
    };
    alerts::update(tx, &[now]).await?;
    let change = AlertChange::taken_over(&alert, &by.who, by.at);
    let from = change
        .before("acknowledged_by")
        .unwrap_or_default()
        .to_owned();
    keep(tx, change, by, "alert.take_over", &from).await
}

/// Gives back an alert that somebody has, whoever that is: it is open again, so people are reminded of it, and others are told
/// where nobody takes it for as long from now on as the rules say.
///
/// # Errors
/// Where it is not there, or nobody has it; where the field `why` is given and empty.
pub async fn hand_back(
    tx: &mut Tx,
    id: AlertId,
    why: Option<&str>,
    by: &By,
) -> Result<AlertChange, Refused> {
    let why = why.map(|why| said("why", why)).transpose()?;
    let alert = held(tx, id).await?;
    if alert.state != AlertState::Acknowledged {
        return Err(Refused::NotTaken(id, alert.state));
    }
    alerts::update(tx, &[open_again(&alert, by)]).await?;
    let change = AlertChange::handed_back(&alert, why.as_deref(), &by.who, by.at);
    keep(tx, change, by, "alert.hand_back", "").await
}

/// Opens an alert again that was closed. What was said of its sightings stays said; what is news joins it from now on.
///
/// # Errors
/// Where it is not there, or not closed; where another alert of the same group is not closed, which news joins; where all of it
/// is the site's own; where the field `why` is given and empty.
pub async fn reopen(
    tx: &mut Tx,
    id: AlertId,
    why: Option<&str>,
    by: &By,
) -> Result<AlertChange, Refused> {
    let why = why.map(|why| said("why", why)).transpose()?;
    let alert = held(tx, id).await?;
    match alert.closed {
        None => return Err(already(&alert)),
        Some((Closed::Furniture, _)) => return Err(Refused::Furniture(id)),
        Some(_) => {}
    }
    let group = (alert.watchlist, alert.group.clone());
    if let Some(other) = alerts::unclosed_in(tx, &[group]).await?.pop() {
        return Err(Refused::Followed(id, other.id));
    }
    alerts::update(tx, &[open_again(&alert, by)]).await?;
    let change = AlertChange::opened_again(&alert, why.as_deref(), &by.who, by.at);
    keep(tx, change, by, "alert.reopen", "").await
}

/// The alert, of which nobody has had anything: whoever would be told in another's place is told as long from now on as the
/// rules say.
fn open_again(alert: &Alert, by: &By) -> Alert {
    Alert {
        state: AlertState::Open,
        acknowledged: None,
        closed: None,
        escalated_at: None,
        told_at: alert.told_at.map(|told| told.max(by.at)),
        updated_at: by.at,
        ..alert.clone()
    }
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
    /// Whether it may be closed already: as something else, which it did not turn out to be after all.
    pub anew: bool,
}

/// Closes an alert; what is seen from now on raises a new one. Gives how many sightings were judged with it.
///
/// # Errors
/// Where it is not there, or closed already: unless it is closed anew, and as something else; where the field `why` is given and empty; or where a person says (field
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
    let said = verdict_of(how).filter(|_| closing.sightings);
    // The verdict holds the entries of all: they are held before the list is, as everybody does.
    let besides = match said {
        Some(_) => entries_of(&alerts::sightings_of(tx, id, None).await?),
        None => Vec::new(),
    };
    let alert = held_with(tx, id, &besides).await?;
    match alert.closed {
        Some((before, _)) if closing.anew && before == how => {
            return Err(Refused::AlreadyAs(id, how));
        }
        Some((Closed::Furniture, _)) if closing.anew => return Err(Refused::Furniture(id)),
        Some(_) if closing.anew => {
            let now = Alert {
                closed: Some((how, by.at)),
                updated_at: by.at,
                ..alert.clone()
            };
            alerts::update(tx, &[now]).await?;
        }
        _ if !alerts::close(tx, id, how, by.at).await? => return Err(already(&alert)),
        _ => {}
    }
    let mut judged = 0;
    if let Some(verdict) = said {
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
    held_with(tx, id, &[]).await
}

/// The same, with entries besides.
async fn held_with(tx: &mut Tx, id: AlertId, besides: &[EntryId]) -> Result<Alert, Refused> {
    let held = alert_life::hold(tx, &[id], besides).await?.pop();
    held.ok_or(Refused::NoAlert(id))
}

fn entries_of(found: &[Sighting]) -> Vec<EntryId> {
    found.iter().map(|one| one.entry).collect()
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
