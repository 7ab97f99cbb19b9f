//! What an alert needs when no sighting brings it about: a reminder, an escalation, a correction; and whether a message
//! that waited still holds. Pure.

use sightline_model::{Alert, AlertState, Closed, Delivery, Mint, Purpose, Timestamp};

use crate::{
    decide::Silence,
    due::Due,
    group::{OpenAlert, Waiting, start_batch},
    rules::Rules,
};

/// What is due of an alert that people have not dealt with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FollowUp {
    /// The alert, as it is to be stored.
    pub alert: Alert,
    /// The messages that are put out.
    pub deliveries: Vec<Delivery>,
    /// The batch that its entry's ceiling held, where the reminder takes it along.
    pub taken: Option<Taken>,
}

/// A batch that a ceiling held and a reminder takes along: its messages are the reminder, with all that was gathered by then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The batch, and when its messages fall due now.
    pub waiting: Waiting,
    /// What they are now: a reminder of what nobody took, or of what was forgotten.
    pub purpose: Purpose,
}

/// What is due of an alert that people have not dealt with, if anything is. While a silence covers all of it, it waits for its
/// end, so that people see what it held. A batch that still waits is a message on its way, so no reminder comes before it; an
/// escalation does. One that a ceiling holds for longer than the reminder would wait is none: the reminder takes it along, which
/// costs no message more. Nor does one come to a channel that a message has not reached yet: who was away hears of an alert
/// once, and not once for each hour.
pub fn follow_up(
    open: &OpenAlert,
    silence: Option<&Silence>,
    rules: &Rules,
    now: Timestamp,
    mint: &Mint,
) -> Option<FollowUp> {
    let mut alert = open.alert.clone();
    let mut deliveries = Vec::new();
    if let Some(escalate) = &rules.escalate
        && is_to_be_escalated(&open.alert, rules, now)
    {
        let due = match silence {
            Some(silence) => Due::at_once(rules, alert.severity, silence.until).after_silence(now),
            None => Due::at_once(rules, alert.severity, now),
        };
        let purpose = Purpose::Escalation;
        let channels = open.untroubled(&escalate.channels, purpose);
        let more = start_batch(&mut alert, &channels, purpose, due, now, mint);
        if !more.is_empty() {
            alert.escalated_at = Some(due.at);
        }
        deliveries.extend(more);
    }
    let mut taken = None;
    if let Some((purpose, due)) = reminder(open, rules, now) {
        let due = match silence {
            Some(silence) => Due::in_turn(rules, alert.severity, silence.until).after_silence(now),
            None => due,
        };
        match open.at_ceiling() {
            Some(held) => {
                taken = takes_along(open, held, purpose, due);
                if taken.is_some() {
                    alert.notify_at = Some(due.at);
                }
            }
            None => {
                let channels = open.untroubled(&rules.channels, purpose);
                let more = start_batch(&mut alert, &channels, purpose, due, now, mint);
                deliveries.extend(more);
            }
        }
    }
    (!deliveries.is_empty() || taken.is_some()).then_some(FollowUp {
        alert,
        deliveries,
        taken,
    })
}

fn reminder(open: &OpenAlert, rules: &Rules, now: Timestamp) -> Option<(Purpose, Due)> {
    let told = match (open.waiting, open.at_ceiling()) {
        (None, _) => open.alert.notify_at?,
        // Where people are still to be told of it at all, or of why it is open again, nobody is reminded of it.
        (Some(_), Some(_)) if open.alert.told_at.is_none_or(|at| at > now) => return None,
        (Some(_), Some(_)) => open.told_before?,
        (Some(_), None) => return None,
    };
    let (purpose, since, length) = match open.alert.state {
        AlertState::Open => (Purpose::Reminder, told, rules.repeat()?),
        AlertState::Acknowledged => {
            let (_, taken) = open.alert.acknowledged.as_ref()?;
            (Purpose::Forgotten, told.max(*taken), rules.forgotten()?)
        }
        AlertState::Closed | AlertState::Silenced => return None,
    };
    let due = Due::of_reminder(rules, open.alert.severity, since, length, now)?;
    Some((purpose, due))
}

/// The batch that a ceiling holds, as the reminder that is due then; none where it comes no later by itself, or where no channel
/// is free to be told.
fn takes_along(open: &OpenAlert, held: Waiting, purpose: Purpose, due: Due) -> Option<Taken> {
    let channels = open.channels_of(held.batch);
    let is_free = !open.untroubled(&channels, purpose).is_empty();
    (due.at < held.due.at && is_free).then_some(Taken {
        waiting: Waiting { due, ..held },
        purpose,
    })
}

fn is_to_be_escalated(alert: &Alert, rules: &Rules, now: Timestamp) -> bool {
    let Some(escalate) = &rules.escalate else {
        return false;
    };
    if alert.state != AlertState::Open {
        return false;
    }
    // With no channels of its own, an alert stands in the inbox from the first.
    let opened = rules.channels.is_empty().then_some(alert.opened_at);
    let told = alert.told_at.or(opened);
    match (told, alert.escalated_at, escalate.repeat()) {
        (Some(told), None, _) => now >= told + escalate.after(),
        (_, Some(last), Some(repeat)) => now >= last + repeat,
        _ => false,
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
    let due = Due::in_turn(rules, alert.severity, now);
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
    /// Everything that the alert gathers was taken off its list.
    Withdrawn,
}

/// What a message that is about to be sent has to tell of, or what is left of an alert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Sightings.
    News,
    /// Sightings, all of entries that were withdrawn since.
    Withdrawn,
    /// Sightings, all of which were rejected since.
    Rejected,
    /// No sighting: it is not there for that.
    Nothing,
}

impl Holds {
    /// Of so many sightings that stand, so many of these of entries that were withdrawn, and so many that were rejected.
    pub fn of([standing, withdrawn, rejected]: [u64; 3]) -> Self {
        match (standing, rejected) {
            (0, 0) => Self::Nothing,
            (0, _) => Self::Rejected,
            (standing, _) if standing == withdrawn => Self::Withdrawn,
            _ => Self::News,
        }
    }

    /// Why nobody is reminded of an alert of which this is left, nor is it escalated; none where it is chased. An entry that
    /// has expired was looked for by right when it was seen: that is chased until somebody has it.
    pub fn unchased(self) -> Option<Unchased> {
        match self {
            Self::Rejected => Some(Unchased::Rejected),
            Self::Withdrawn => Some(Unchased::Withdrawn),
            Self::News | Self::Nothing => None,
        }
    }
}

/// Why nobody is asked any more to look at an alert that is not closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unchased {
    /// All of it was rejected.
    Rejected,
    /// What was looked for was taken off its list.
    Withdrawn,
}

impl Unchased {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Rejected => {
                "nobody is reminded of it any more, nor is it escalated: all of it was rejected"
            }
            Self::Withdrawn => {
                "nobody is reminded of it any more, nor is it escalated: what was looked for was withdrawn from its list"
            }
        }
    }
}

/// Whether a message that is about to be sent still holds. `batch` is what its batch holds, `all` what the alert does. News
/// is told, whatever became of the alert, but where all of it was rejected, or the alert was closed as that.
pub fn moot(purpose: Purpose, batch: Holds, all: Holds, alert: &Alert) -> Option<Moot> {
    let asks_to_close = match purpose {
        Purpose::News => {
            return match (batch, alert.closed) {
                (_, Some((Closed::Rejected, _))) => Some(Moot::Closed(Closed::Rejected)),
                (Holds::Rejected, _) => Some(Moot::Rejected),
                _ => None,
            };
        }
        Purpose::Correction | Purpose::Notice => return None,
        Purpose::Escalation if all == Holds::Rejected => return Some(Moot::Rejected),
        Purpose::Reminder | Purpose::Forgotten if batch == Holds::Withdrawn => return None,
        Purpose::Reminder | Purpose::Escalation | Purpose::Forgotten if all == Holds::Withdrawn => {
            return Some(Moot::Withdrawn);
        }
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
            Self::Withdrawn => {
                "not sent: what it would have asked about was withdrawn from its list before it was due"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests;
