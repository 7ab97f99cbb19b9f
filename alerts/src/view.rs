//! What a message may tell of an alert: everything, gathered by the caller; how much of it is told is the channel's
//! `detail`.

use sightline_model::{
    Alert, AlertChange, AlertDeed, AlertId, AlertState, CaptureId, Category, Closed, Confidence,
    Digest, EntryId, GroupBy, Kind, ListingId, Reason, Selector, Severity, SightingId, Step,
    Timestamp, Tlp, WatchlistId,
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
            tlp: Tlp::Clear,
            link: None,
            selector: Selector::new(Kind::Phrase, "test"),
            category: Category::Other,
            note: None,
            new_sightings: 0,
            all_sightings: 0,
            sources: 0,
            sightings: Vec::new(),
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
}
