//! What a message may tell of an alert: everything, gathered by the caller; how much of it is told is the channel's
//! `detail`.

use sightline_model::{
    AlertId, CaptureId, Category, Confidence, Digest, EntryId, GroupBy, Kind, ListingId, Reason,
    Selector, Severity, SightingId, Step, Timestamp, Tlp, WatchlistId,
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
