//! Many decisions in one transaction: each sees what those before it did, and at the end there is one list of changes.

use std::collections::{BTreeMap, HashMap};

use sightline_model::{
    Alert, AlertChange, AlertId, Delivery, EntryId, Fate, Group, Mint, Sighting, SightingId,
    SilenceId, Timestamp, WatchlistId,
};

use crate::{
    decide::{About, Attached, Case, Decision, Silence, decide},
    due::Due,
    flood::Flood,
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
    graver: Vec<AlertId>,
    became: Vec<AlertChange>,
    attached: Vec<Attached>,
    silenced: Vec<(SilenceId, AlertId)>,
    /// When each entry brought about messages, and when those are due that gather what is beyond its ceiling.
    lately: HashMap<EntryId, Vec<Timestamp>>,
    begun: Vec<(EntryId, SightingId, Timestamp)>,
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
    /// Alerts that have become too grave for quiet hours: what waits for the end of those, of whatever batch, is due now.
    /// To be stored after `hastened`.
    pub graver: Vec<AlertId>,
    /// What news made of alerts that were there: graver, open again, quiet no longer.
    pub became: Vec<AlertChange>,
    /// Sightings in alerts. A sighting that is already in its alert keeps the batch that it has where this one's is
    /// none, and otherwise goes over to this one's.
    pub attached: Vec<Attached>,
    /// What silences kept quiet, once for each piece of news.
    pub silenced: Vec<(SilenceId, AlertId)>,
    /// Which sightings brought about messages, of which entries, and from when on that counts for their ceilings.
    pub begun: Vec<(EntryId, SightingId, Timestamp)>,
}

impl Changes {
    /// With messages that are told together: what a silence kept quiet comes as one, and not as one for each alert.
    pub fn after_silence(mut self, now: Timestamp) -> Self {
        for delivery in &mut self.deliveries {
            let due = Due {
                at: delivery.next_at,
                waits: delivery.waits,
            };
            let due = due.after_silence(now);
            (delivery.next_at, delivery.waits) = (due.at, due.waits);
        }
        self
    }
}

impl<'a> Desk<'a> {
    /// A desk over the alerts that are not closed, of all groups that will come before it, the entries' own among them: at most
    /// one for each group.
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
            graver: Vec::new(),
            became: Vec::new(),
            attached: Vec::new(),
            silenced: Vec::new(),
            lately: HashMap::new(),
            begun: Vec::new(),
        }
    }

    /// The desk, knowing at which instants of the last day entries brought about messages, in order: their ceilings are
    /// kept.
    pub fn knowing(self, lately: HashMap<EntryId, Vec<Timestamp>>) -> Self {
        Self { lately, ..self }
    }

    /// Decides what comes of `sighting`, whose watchlist has these rules; and what is kept of that.
    pub fn decide(
        &mut self,
        sighting: &Sighting,
        about: About<'_>,
        rules: &Rules,
    ) -> (Decision, Fate) {
        let group = rules.group_by.group(sighting, about.case);
        let of = |group: Group| {
            let held = self.held.get(&(sighting.watchlist, group));
            held.map(|held| &held.open)
        };
        let (open, own) = (of(group), of(Group::Entry(sighting.entry)));
        let lately = self.lately.get(&sighting.entry);
        let lately = lately.map_or(&[][..], Vec::as_slice);
        let case = Case {
            sighting,
            about,
            rules,
            open,
            flood: Flood::of(rules, lately, own, self.now),
            silences: self.silences,
            now: self.now,
        };
        let decision = decide(&case, self.mint);
        let open = match decision.ceiling() {
            Some(_) => own,
            None => open,
        };
        let fate = decision.fate(open);
        self.attached.extend(decision.attached());
        self.deliveries.extend_from_slice(decision.deliveries());
        if let Some(at) = decision.begins_at(open, self.now) {
            self.lately.entry(sighting.entry).or_default().push(at);
            self.begun.push((sighting.entry, sighting.id, at));
        }
        match &decision {
            Decision::Silenced { alert, by, .. } => self.silenced.push((by.id, alert.id)),
            Decision::Joined {
                alert, hastened, ..
            } => {
                self.hastened
                    .extend(hastened.map(|sooner| (alert.id, sooner)));
                if let Some(before) = open.map(|open| &open.alert) {
                    self.graver
                        .extend(breaks_quiet(before, alert, rules).then_some(alert.id));
                }
            }
            _ => {}
        }
        if let Some(now) = decision.leaves(open) {
            let before = open.map(|open| &open.alert);
            // Of what this transaction raises, the alert itself tells.
            let before = before.filter(|before| !self.has_raised(before));
            let became = before.map(|before| AlertChange::by_news(before, &now.alert, self.now));
            self.became.extend(became.into_iter().flatten());
            self.hold(now);
        }
        (decision, fate)
    }

    /// What the decisions so far have to store.
    pub fn changes(self) -> Changes {
        let mut changes = Changes {
            deliveries: self.deliveries,
            hastened: self.hastened,
            graver: self.graver,
            became: self.became,
            attached: self.attached,
            silenced: self.silenced,
            begun: self.begun,
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

    fn has_raised(&self, alert: &Alert) -> bool {
        let held = self.held.get(&(alert.watchlist, alert.group.clone()));
        held.is_some_and(|held| held.change == Change::Raised)
    }

    fn hold(&mut self, open: OpenAlert) {
        let key = (open.alert.watchlist, open.alert.group.clone());
        let change = match self.held.get(&key) {
            None => Change::Raised,
            Some(held) if held.change == Change::Raised => Change::Raised,
            Some(_) => Change::Updated,
        };
        self.held.insert(key, Held { open, change });
    }
}

/// True where quiet hours held the alert as it stood, and let it through as it stands now.
pub(crate) fn breaks_quiet(before: &Alert, now: &Alert, rules: &Rules) -> bool {
    let quiet = rules.quiet_hours.as_ref();
    quiet.is_some_and(|quiet| {
        quiet.lets_through(now.severity) && !quiet.lets_through(before.severity)
    })
}
