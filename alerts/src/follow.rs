//! What an alert needs when no sighting brings it about: a reminder, an escalation, a correction; and whether a message
//! that waited still holds. Pure.

use sightline_model::{
    Alert, AlertState, Closed, Covered, Delivery, Group, Mint, Purpose, Reason, Timestamp,
};

use crate::{
    decide::{About, Silence},
    due::Due,
    group::{OpenAlert, start_batch},
    rules::Rules,
};

/// What is due of an alert that people have not dealt with, if anything is: the alert as it is to be stored, and the
/// messages. While a silence covers it, nothing is. A batch that still waits is a message on its way, so no reminder comes
/// before it; an escalation does. `about` is the entry that raised it.
pub fn follow_up(
    open: &OpenAlert,
    about: About<'_>,
    rules: &Rules,
    silences: &[Silence],
    now: Timestamp,
    mint: &Mint,
) -> Option<(Alert, Vec<Delivery>)> {
    if silenced_by(&open.alert, about, silences, now).is_some() {
        return None;
    }
    let mut alert = open.alert.clone();
    let mut deliveries = Vec::new();
    if let Some(escalate) = &rules.escalate
        && is_to_be_escalated(&open.alert, rules, now)
    {
        let due = Due::at_once(rules, alert.severity, now);
        let channels = &escalate.channels;
        deliveries.extend(start_batch(
            &mut alert,
            channels,
            Purpose::Escalation,
            due,
            now,
            mint,
        ));
        alert.escalated_at = Some(due.at);
    }
    if let Some(purpose) = reminder(open, rules, now) {
        let due = Due::of_reminder(rules, alert.severity, now);
        deliveries.extend(start_batch(
            &mut alert,
            &rules.channels,
            purpose,
            due,
            now,
            mint,
        ));
    }
    (!deliveries.is_empty()).then_some((alert, deliveries))
}

/// The silence that keeps an alert quiet as a whole: nobody is reminded of it. Of several, the one that lasts longest. `about`
/// is the entry that raised it.
pub fn silenced_by<'s>(
    alert: &Alert,
    about: About<'_>,
    silences: &'s [Silence],
    now: Timestamp,
) -> Option<&'s Silence> {
    let covered = covered(alert, about);
    silences
        .iter()
        .filter(|silence| silence.quiets(&covered, now))
        .max_by_key(|silence| silence.until)
}

fn reminder(open: &OpenAlert, rules: &Rules, now: Timestamp) -> Option<Purpose> {
    if open.waiting.is_some() {
        return None;
    }
    let told = open.alert.notify_at?;
    match open.alert.state {
        AlertState::Open => (now >= told + rules.repeat()?).then_some(Purpose::Reminder),
        AlertState::Acknowledged => {
            let (_, taken) = open.alert.acknowledged.as_ref()?;
            let since = told.max(*taken);
            (now >= since + rules.forgotten()?).then_some(Purpose::Forgotten)
        }
        AlertState::Closed | AlertState::Silenced => None,
    }
}

fn is_to_be_escalated(alert: &Alert, rules: &Rules, now: Timestamp) -> bool {
    let Some(escalate) = &rules.escalate else {
        return false;
    };
    if alert.state != AlertState::Open {
        return false;
    }
    match (alert.told_at, alert.escalated_at, escalate.repeat()) {
        (Some(told), None, _) => now >= told + escalate.after(),
        (_, Some(last), Some(repeat)) => now >= last + repeat,
        _ => false,
    }
}

/// What a silence may know an alert by: what all of its sightings have in common.
fn covered<'a>(alert: &'a Alert, about: About<'a>) -> Covered<'a> {
    let (is_of_one, case_reference) = match &alert.group {
        Group::Entry(_) => (true, about.case),
        Group::Case(case) => (false, Some(case.as_str())),
        Group::Listing(_) | Group::Source(_) => (false, None),
    };
    Covered {
        watchlist: alert.watchlist,
        entry: is_of_one.then_some(alert.entry),
        source: match alert.group {
            Group::Source(source) => Some(source),
            _ => None,
        },
        selector: about.selector.filter(|_| is_of_one),
        case_reference,
        severity: alert.severity,
        reason: one_reason(&alert.reasons),
    }
}

fn one_reason(reasons: &[Reason]) -> Option<Reason> {
    match reasons {
        [reason] => Some(*reason),
        _ => None,
    }
}

/// Closes an alert, all of which turned out to be the site's own: the alert as it is to be stored, and its messages. One
/// that still waits tells of it; where one is out already, those who have read it are told by another.
pub fn close_as_furniture(
    open: &OpenAlert,
    rules: &Rules,
    now: Timestamp,
    mint: &Mint,
) -> (Alert, Vec<Delivery>) {
    let mut alert = open.alert.clone();
    alert.state = AlertState::Closed;
    alert.closed = Some((Closed::Furniture, now));
    alert.updated_at = now;
    let mut channels = match open.waiting.is_none() && alert.notify_at.is_some() {
        true => rules.channels.clone(),
        false => Vec::new(),
    };
    if let (Some(escalate), Some(_)) = (&rules.escalate, alert.escalated_at) {
        channels.extend_from_slice(&escalate.channels);
    }
    let due = Due::of_reminder(rules, alert.severity, now);
    let deliveries = start_batch(&mut alert, &channels, Purpose::Correction, due, now, mint);
    (alert, deliveries)
}

/// Why a message is not sent that was put into the outbox: people have dealt with what it tells meanwhile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Moot {
    /// Somebody has acknowledged it.
    Acknowledged(String),
    /// It is closed.
    Closed(Closed),
    /// Every sighting that it would have told of was rejected.
    Rejected,
}

/// What a message that is about to be sent has to tell of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Sightings.
    News,
    /// Sightings, all of which were rejected since.
    Rejected,
    /// No sighting: it is not there for that.
    Nothing,
}

impl Holds {
    /// Of so many sightings that stand, and so many that were rejected.
    pub fn of(standing: u64, rejected: u64) -> Self {
        match (standing, rejected) {
            (0, 0) => Self::Nothing,
            (0, _) => Self::Rejected,
            _ => Self::News,
        }
    }
}

/// Whether a message that is about to be sent still holds. `batch` is what its batch holds, `all` what the alert does. News
/// is told, whatever became of the alert, but where all of it was rejected.
pub fn moot(purpose: Purpose, batch: Holds, all: Holds, alert: &Alert) -> Option<Moot> {
    let asks_to_close = match purpose {
        Purpose::News => return (batch == Holds::Rejected).then_some(Moot::Rejected),
        Purpose::Correction | Purpose::Notice => return None,
        Purpose::Escalation if all == Holds::Rejected => return Some(Moot::Rejected),
        Purpose::Reminder | Purpose::Escalation => false,
        Purpose::Forgotten => true,
    };
    if batch == Holds::News && purpose != Purpose::Escalation {
        return None;
    }
    match (&alert.closed, &alert.acknowledged, alert.state) {
        (Some((how, _)), _, _) => Some(Moot::Closed(*how)),
        (None, Some((who, _)), AlertState::Acknowledged) if !asks_to_close => {
            Some(Moot::Acknowledged(who.clone()))
        }
        _ => None,
    }
}

impl Moot {
    /// In words, as the delivery keeps it.
    pub fn words(&self) -> String {
        match self {
            Self::Acknowledged(who) => {
                format!("not sent: {who} acknowledged the alert before it was due")
            }
            Self::Closed(how) => {
                format!("not sent: the alert was closed as {how} before it was due")
            }
            Self::Rejected => {
                "not sent: all that it would have told of was rejected before it was due".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{opened, rules};

    #[test]
    fn news_is_withdrawn_only_where_all_of_it_was_rejected() {
        use Holds::{News, Nothing, Rejected};
        let alert = opened(&rules(&["duty"])).0;
        for (purpose, batch, all, expected) in [
            (Purpose::News, Holds::of(2, 1), News, None),
            (Purpose::News, Holds::of(0, 2), News, Some(Moot::Rejected)),
            (Purpose::News, Holds::of(0, 0), Nothing, None),
            (Purpose::Reminder, Nothing, Rejected, None),
            (Purpose::Escalation, Nothing, Rejected, Some(Moot::Rejected)),
            (Purpose::Escalation, Nothing, News, None),
            (Purpose::Correction, Rejected, Rejected, None),
        ] {
            let moot = moot(purpose, batch, all, &alert);
            assert_eq!(moot, expected, "{purpose} {batch:?} {all:?}");
        }
    }
}
