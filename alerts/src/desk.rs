//! Many decisions in one transaction: each sees what those before it did, and at the end there is one list of changes.

use std::collections::BTreeMap;

use sightline_model::{
    Alert, AlertId, Delivery, Fate, Group, Mint, Sighting, SilenceId, Timestamp, WatchlistId,
};

use crate::{
    decide::{About, Attached, Case, Decision, Silence, decide},
    due::Due,
    group::{OpenAlert, Waiting},
    rules::Rules,
};

/// Decides on sighting after sighting, and remembers the alerts as they then stand.
#[derive(Debug)]
pub struct Desk<'a> {
    silences: &'a [Silence],
    now: Timestamp,
    mint: &'a Mint,
    /// In the order of groups, so that two processes store their alerts in the same order and never wait in a circle.
    held: BTreeMap<(WatchlistId, Group), Held>,
    deliveries: Vec<Delivery>,
    hastened: Vec<(AlertId, Waiting)>,
    attached: Vec<Attached>,
    silenced: Vec<(SilenceId, AlertId)>,
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
    /// Batches, new ones among them, whose messages fall due sooner: to be stored after those, in this order.
    pub hastened: Vec<(AlertId, Waiting)>,
    /// Sightings in alerts. A sighting that is already in its alert keeps the batch that it has where this one's is
    /// none, and otherwise goes over to this one's.
    pub attached: Vec<Attached>,
    /// What silences kept quiet, once for each piece of news.
    pub silenced: Vec<(SilenceId, AlertId)>,
}

impl<'a> Desk<'a> {
    /// A desk over the alerts that are not closed, of all groups that will come before it: at most one for each group.
    pub fn new(
        open: impl IntoIterator<Item = OpenAlert>,
        silences: &'a [Silence],
        now: Timestamp,
        mint: &'a Mint,
    ) -> Self {
        let hold = |open: OpenAlert| {
            let change = Change::None;
            let key = (open.alert.watchlist, open.alert.group.clone());
            (key, Held { open, change })
        };
        Self {
            silences,
            now,
            mint,
            held: open.into_iter().map(hold).collect(),
            deliveries: Vec::new(),
            hastened: Vec::new(),
            attached: Vec::new(),
            silenced: Vec::new(),
        }
    }

    /// Decides what comes of `sighting`, whose watchlist has these rules; and what is kept of that.
    pub fn decide(
        &mut self,
        sighting: &Sighting,
        about: About<'_>,
        rules: &Rules,
    ) -> (Decision, Fate) {
        let group = rules.group_by.group(sighting, about.case);
        let open = self.held.get(&(sighting.watchlist, group));
        let open = open.map(|held| &held.open);
        let case = Case {
            sighting,
            about,
            rules,
            open,
            silences: self.silences,
            now: self.now,
        };
        let decision = decide(&case, self.mint);
        let fate = decision.fate(open);
        let waiting = open.and_then(|open| open.waiting);
        self.attached.extend(decision.attached());
        self.deliveries.extend_from_slice(decision.deliveries());
        if let Decision::Silenced { alert, by, .. } = &decision {
            self.silenced.push((by.id, alert.id));
        }
        if let Some(alert) = decision.alert() {
            let waiting = match (&decision, decision.deliveries()) {
                (
                    Decision::Joined {
                        hastened: Some(sooner),
                        ..
                    },
                    _,
                ) => {
                    self.hastened.push((alert.id, *sooner));
                    Some(*sooner)
                }
                (_, [first, ..]) => Some(Waiting {
                    batch: first.batch,
                    due: Due {
                        at: first.next_at,
                        waits: first.waits,
                    },
                }),
                (_, []) => waiting,
            };
            self.hold(alert.clone(), waiting);
        }
        (decision, fate)
    }

    /// What the decisions so far have to store.
    pub fn changes(self) -> Changes {
        let mut changes = Changes {
            deliveries: self.deliveries,
            hastened: self.hastened,
            attached: self.attached,
            silenced: self.silenced,
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

    fn hold(&mut self, alert: Alert, waiting: Option<Waiting>) {
        let key = (alert.watchlist, alert.group.clone());
        let change = match self.held.get(&key) {
            None => Change::Raised,
            Some(held) if held.change == Change::Raised => Change::Raised,
            Some(_) => Change::Updated,
        };
        let open = OpenAlert { alert, waiting };
        self.held.insert(key, Held { open, change });
    }
}
