//! What opens an alert again that somebody has acknowledged.

use sightline_model::{Alert, AlertState, Reason};

use super::{Case, severity};
use crate::due::Due;

/// True for news that nobody meant who acknowledged the alert: it makes that graver, or is of another entry, never seen
/// before.
pub(super) fn is_beyond_what_was_acknowledged(alert: &Alert, case: &Case<'_>) -> bool {
    let is_first = matches!(case.sighting.reason, Reason::First | Reason::Historic);
    let is_of_another = case.sighting.entry != alert.entry && is_first;
    alert.state == AlertState::Acknowledged && (severity(case) > alert.severity || is_of_another)
}

/// Opens an alert that was acknowledged: reminders and escalation count from the message that tells why.
pub(super) fn reopen(alert: &mut Alert, due: Due) {
    alert.state = AlertState::Open;
    alert.acknowledged = None;
    alert.told_at = alert.told_at.map(|_| due.at);
    alert.escalated_at = None;
}
