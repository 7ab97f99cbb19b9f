//! What opens an alert again that somebody has acknowledged, and has one escalated again that nobody has.

use sightline_model::{Alert, AlertState, Reason, Timestamp};

use super::{Case, severity};
use crate::due::Due;

/// True for news that nobody meant who acknowledged the alert: it makes that graver, or is of another entry, never seen
/// before.
pub(super) fn is_beyond_what_was_acknowledged(alert: &Alert, case: &Case<'_>) -> bool {
    let is_first = matches!(case.sighting.reason, Reason::First | Reason::Historic);
    let is_of_another = case.sighting.entry != alert.entry && is_first;
    alert.state == AlertState::Acknowledged && (severity(case) > alert.severity || is_of_another)
}

/// True for news that makes an alert graver than others were told, in place of those who have not taken it.
pub(super) fn is_beyond_what_was_escalated(alert: &Alert, case: &Case<'_>) -> bool {
    was_escalated(alert, case.now) && severity(case) > alert.severity
}

/// True where nobody has taken an alert and others were told of it by now. What is still to be sent will tell how grave it is.
pub(crate) fn was_escalated(alert: &Alert, now: Timestamp) -> bool {
    alert.state == AlertState::Open && alert.escalated_at.is_some_and(|at| at <= now)
}

/// Opens an alert that was acknowledged, or has it escalated again: reminders and escalation count from the message that tells
/// why.
pub(super) fn reopen(alert: &mut Alert, due: Due) {
    alert.state = AlertState::Open;
    alert.acknowledged = None;
    alert.told_at = alert.told_at.map(|_| due.at);
    alert.escalated_at = None;
}
