//! What a message may tell of an alert: everything, gathered by the caller; how much of it is told is the channel's
//! `detail`.

use std::collections::BTreeSet;

use sightline_model::{
    Alert, AlertChange, AlertDeed, AlertId, AlertState, CaptureId, Category, Closed, Confidence,
    Delivery, DeliveryState, Digest, EntryId, GroupBy, Kind, ListingId, Purpose, Reason, Selector,
    Severity, SightingId, Step, Timestamp, Tlp, WatchlistId,
};
use url::Url;
use uuid::Uuid;

use crate::message::Event;

/// One batch of an alert, with all that a message may need.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// Why this message is sent.
    pub event: Event,
    /// The alert.
    pub alert: AlertId,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// Where it stands, and who saw to that.
    pub standing: Standing,
    /// How grave.
    pub severity: Severity,
    /// The reasons of its sightings, each once, gravest first.
    pub reasons: Vec<Reason>,
    /// The reasons in sentences, gravest first: "back after 41 days, on a new site". They go into thin messages as
    /// well, so they must hold no selector, no crawled text and no title.
    pub why: Vec<String>,
    /// The watchlist.
    pub watchlist: WatchlistId,
    /// Its name.
    pub watchlist_name: String,
    /// What its sightings have in common.
    pub grouped_by: GroupBy,
    /// The entry that raised it.
    pub entry: EntryId,
    /// Every entry that it gathers, that one among them.
    pub entries: Vec<EntryId>,
    /// The organisation's own case.
    pub case_reference: Option<String>,
    /// The names of other watchlists on which somebody looks for the same, where their marking lets a channel hear of it.
    pub also_on: Vec<String>,
    /// How far the entries may be shared: the strictest of their markings.
    pub tlp: Tlp,
    /// Where to read the whole, in the operator's console.
    pub link: Option<Url>,
    /// What is looked for. Full detail only.
    pub selector: Selector,
    /// Whose identifier it is thought to be. Full detail only.
    pub category: Category,
    /// The analyst's note for those who read the alert. Full detail only.
    pub note: Option<String>,
    /// Sightings of the batch that this message tells of; for a reminder, none.
    pub new_sightings: u32,
    /// Sightings of the alert so far, those of the batch included.
    pub all_sightings: u32,
    /// Sources that those were seen on.
    pub sources: u32,
    /// The sightings to show, latest first: a page's worth is enough. Full detail only.
    pub sightings: Vec<SightingView>,
    /// True where all that it tells of is only possible: it may be another identifier after all.
    pub possible: bool,
    /// When a listing last showed one of the alert, where one stands.
    pub last_seen: Option<Timestamp>,
    /// Where it is sent because nobody has dealt with the alert: how long, and how often that was said.
    pub reminding: Option<Reminding>,
    /// The sighting that was seen last, where the batch holds none: whoever is reminded reads what of. Full detail only.
    pub latest: Option<SightingView>,
}

/// How long nobody has dealt with an alert, in a message that is sent because of that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reminding {
    /// Why it is sent: a reminder, of what was forgotten too, or an escalation.
    pub purpose: Purpose,
    /// The how manieth of its sort it is, from 1, since then.
    pub number: u32,
    /// Since when nobody has taken the alert, or whoever took it has not closed it.
    pub since: Timestamp,
}

impl Reminding {
    /// That of a message of an alert, whose life these changes are and whose messages, the present one among them, these are;
    /// none where it is sent for another reason.
    pub fn of(
        alert: &Alert,
        changes: &[AlertChange],
        sent: &[Delivery],
        delivery: &Delivery,
    ) -> Option<Self> {
        let purpose = delivery.purpose;
        let since = match purpose {
            Purpose::Reminder | Purpose::Escalation => changes
                .iter()
                .rev()
                .find(|change| matches!(change.deed, AlertDeed::HandedBack | AlertDeed::Reopened))
                .map_or(alert.opened_at, |change| change.at),
            Purpose::Forgotten => alert.acknowledged.as_ref()?.1,
            Purpose::News | Purpose::Correction | Purpose::Notice => return None,
        };
        let alike = sent.iter().filter(|one| {
            one.purpose == purpose
                && one.topic == delivery.topic
                && one.state != DeliveryState::Withdrawn
                && one.created_at >= since
                && one.batch < delivery.batch
        });
        let before: BTreeSet<i64> = alike.map(|one| one.batch).collect();
        Some(Self {
            purpose,
            number: u32::try_from(before.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1),
            since,
        })
    }
}

impl AlertView {
    /// What a message tells that only tries whether `channel` works: of no alert, and that it is a test in every part of
    /// it.
    pub fn test(channel: &str, now: Timestamp) -> Self {
        Self {
            event: Event::Test,
            alert: AlertId(Uuid::nil()),
            opened_at: now,
            standing: Standing::OPEN,
            severity: Severity::Low,
            reasons: Vec::new(),
            why: vec![format!("test of the channel '{channel}'")],
            watchlist: WatchlistId(Uuid::nil()),
            watchlist_name: "none, for this is a test".to_owned(),
            grouped_by: GroupBy::Entry,
            entry: EntryId(Uuid::nil()),
            entries: vec![EntryId(Uuid::nil())],
            case_reference: None,
            also_on: Vec::new(),
            tlp: Tlp::Clear,
            link: None,
            selector: Selector::new(Kind::Phrase, "test"),
            category: Category::Other,
            note: None,
            new_sightings: 0,
            all_sightings: 0,
            sources: 0,
            sightings: Vec::new(),
            possible: false,
            last_seen: None,
            reminding: None,
            latest: None,
        }
    }
}

/// Where an alert stands when a message tells of it: somebody may have dealt with it before the message was due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its state.
    pub state: AlertState,
    /// What it turned out to be, where it is closed.
    pub closed_as: Option<Closed>,
    /// Who took it, or closed it.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Standing {
    /// Nobody has taken it.
    pub const OPEN: Self = Self {
        state: AlertState::Open,
        closed_as: None,
        by: None,
        at: None,
    };

    /// That of an alert, whose life so far these are.
    pub fn of(alert: &Alert, changes: &[AlertChange]) -> Self {
        let closing = changes.iter().rev();
        let closing = closing.map(|change| (change.deed, &change.who));
        let mut closing = closing.filter(|(deed, _)| *deed == AlertDeed::Closed);
        let state = alert.state;
        match (state, &alert.closed, &alert.acknowledged) {
            (AlertState::Closed, Some((how, at)), _) => Self {
                state,
                closed_as: Some(*how),
                by: closing.next().map(|(_, who)| who.clone()),
                at: Some(*at),
            },
            (AlertState::Acknowledged, _, Some((who, at))) => Self {
                state,
                by: Some(who.clone()),
                at: Some(*at),
                ..Self::OPEN
            },
            _ => Self {
                state,
                ..Self::OPEN
            },
        }
    }
}

/// One sighting, with the names of what it refers to.
#[derive(Clone, Debug)]
pub struct SightingView {
    /// The sighting.
    pub id: SightingId,
    /// The entry.
    pub entry: EntryId,
    /// What was looked for.
    pub selector: Selector,
    /// Why it is news.
    pub reason: Reason,
    /// The reason in a sentence.
    pub why: String,
    /// The source's name.
    pub source: String,
    /// The listing.
    pub listing: ListingId,
    /// The listing's title, as crawled.
    pub title: Option<String>,
    /// The listing's URL.
    pub url: Url,
    /// The matched text as it stood.
    pub raw: String,
    /// What stood before it.
    pub before: String,
    /// What stood after it.
    pub after: String,
    /// How much reading it took.
    pub confidence: Confidence,
    /// The steps that led from the matched text to the canonical value.
    pub steps: Vec<Step>,
    /// Those steps in a sentence: "number words → digits; letters O → 0".
    pub how: String,
    /// When it was seen.
    pub seen_at: Timestamp,
    /// When and on which source the entry was seen before, if it was.
    pub previous: Option<(Timestamp, String)>,
    /// The capture that it was read from.
    pub capture: CaptureId,
    /// Of that capture's body.
    pub digest: Digest,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{START, opened, rules};

    #[test]
    fn a_message_says_who_dealt_with_its_alert() {
        let (open, _) = opened(&rules(&["duty"]));
        let taken = Alert {
            state: AlertState::Acknowledged,
            acknowledged: Some(("R. Analyst".to_owned(), START)),
            ..open.clone()
        };
        let closed = Alert {
            state: AlertState::Closed,
            closed: Some((Closed::Confirmed, START)),
            ..taken.clone()
        };
        let change = AlertChange::closed(&taken, Closed::Confirmed, None, "J. Doe", START);
        for (alert, state, closed_as, by) in [
            (open, AlertState::Open, None, None),
            (taken, AlertState::Acknowledged, None, Some("R. Analyst")),
            (
                closed,
                AlertState::Closed,
                Some(Closed::Confirmed),
                Some("J. Doe"),
            ),
        ] {
            let found = Standing::of(&alert, std::slice::from_ref(&change));
            assert_eq!((found.state, found.closed_as), (state, closed_as));
            assert_eq!(found.by.as_deref(), by, "{state}");
            assert_eq!(found.at, by.map(|_| START), "{state}");
        }
    }

    #[test]
    fn a_reminder_knows_which_it_is_and_since_when_nobody_has_it() {
        let (alert, sent) = opened(&rules(&["duty", "hook"]));
        let hour = std::time::Duration::from_secs(3_600);
        let remind = |batch: i64, hours: u32, purpose| {
            sent.iter().map(move |one| Delivery {
                batch,
                purpose,
                created_at: START + hour * hours,
                ..one.clone()
            })
        };
        let mut all: Vec<Delivery> = sent.clone();
        all.extend(remind(2, 1, Purpose::Reminder));
        all.extend(remind(3, 2, Purpose::Escalation));
        all.extend(remind(4, 3, Purpose::Reminder));
        all.extend(remind(5, 5, Purpose::Reminder));
        let back = AlertChange::handed_back(&alert, Some("not mine"), "R. Roe", START + hour * 2);
        let of = |changes: &[AlertChange], batch: i64| {
            let one = all.iter().find(|one| one.batch == batch).unwrap();
            let found = Reminding::of(&alert, changes, &all, one);
            found.map(|found| (found.number, found.since))
        };
        for (batch, expected) in [
            (1, None),
            (2, Some((1, START))),
            (3, Some((1, START))),
            (4, Some((2, START))),
            (5, Some((3, START))),
        ] {
            assert_eq!(of(&[], batch), expected, "{batch}");
        }
        let since = START + hour * 2;
        assert_eq!(of(&[back], 5), Some((2, since)), "counted from there");
    }
}
