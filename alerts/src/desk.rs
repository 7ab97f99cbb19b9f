//! Many decisions in one transaction: each sees what those before it did, and at the end there is one list of changes.

use std::collections::BTreeMap;

use sightline_model::{Alert, Delivery, EntryId, Mint, Severity, Sighting, Timestamp};

use crate::{
    decide::{Attached, Case, Decision, Silence, decide},
    group::{BatchState, OpenAlert},
    rules::Rules,
};

/// Decides on sighting after sighting, and remembers the alerts as they then stand.
#[derive(Debug)]
pub struct Desk<'a> {
    silences: &'a [Silence],
    now: Timestamp,
    mint: &'a Mint,
    /// In the order of entries, so that two processes store their alerts in the same order and never wait in a circle.
    held: BTreeMap<EntryId, Held>,
    deliveries: Vec<Delivery>,
    attached: Vec<Attached>,
}

#[derive(Debug)]
struct Held {
    open: OpenAlert,
    change: Change,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    None,
    Raised,
    Updated,
}

/// What a transaction has to store.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// New alerts.
    pub raised: Vec<Alert>,
    /// Alerts that were there, as they now stand.
    pub updated: Vec<Alert>,
    /// New messages for the outbox.
    pub deliveries: Vec<Delivery>,
    /// Sightings in alerts. A sighting that is already in its alert keeps the batch that it has where this one's is
    /// none, and otherwise goes over to this one's.
    pub attached: Vec<Attached>,
}

impl<'a> Desk<'a> {
    /// A desk over the alerts that are not closed, of all entries that will come before it: at most one for each entry.
    pub fn new(
        open: impl IntoIterator<Item = OpenAlert>,
        silences: &'a [Silence],
        now: Timestamp,
        mint: &'a Mint,
    ) -> Self {
        let hold = |open: OpenAlert| {
            let change = Change::None;
            (open.alert.entry, Held { open, change })
        };
        Self {
            silences,
            now,
            mint,
            held: open.into_iter().map(hold).collect(),
            deliveries: Vec::new(),
            attached: Vec::new(),
        }
    }

    /// Decides what comes of `sighting`, whose entry has this severity of its own and whose watchlist has these rules.
    pub fn decide(
        &mut self,
        sighting: &Sighting,
        severity: Option<Severity>,
        rules: &Rules,
    ) -> Decision {
        let held = self.held.get(&sighting.entry);
        let case = Case {
            sighting,
            severity,
            rules,
            open: held.map(|held| &held.open),
            silences: self.silences,
            now: self.now,
        };
        let decision = decide(&case, self.mint);
        self.attached.extend(decision.attached());
        self.deliveries.extend_from_slice(decision.deliveries());
        if let Some(alert) = decision.alert() {
            self.hold(alert.clone(), decision.deliveries());
        }
        decision
    }

    /// What the decisions so far have to store.
    pub fn changes(self) -> Changes {
        let mut changes = Changes {
            deliveries: self.deliveries,
            attached: self.attached,
            ..Changes::default()
        };
        for held in self.held.into_values() {
            match held.change {
                Change::None => {}
                Change::Raised => changes.raised.push(held.open.alert),
                Change::Updated => changes.updated.push(held.open.alert),
            }
        }
        changes
    }

    fn hold(&mut self, alert: Alert, deliveries: &[Delivery]) {
        let before = self.held.get(&alert.entry);
        let batch = match (deliveries, before) {
            ([], None) => BatchState::Shut,
            ([], Some(held)) => held.open.batch,
            _ => BatchState::Waiting,
        };
        let change = match before {
            None => Change::Raised,
            Some(held) if held.change == Change::Raised => Change::Raised,
            Some(_) => Change::Updated,
        };
        let open = OpenAlert { alert, batch };
        self.held.insert(open.alert.entry, Held { open, change });
    }
}
