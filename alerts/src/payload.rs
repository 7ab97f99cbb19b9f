//! What a message tells of an alert: the payload that a webhook carries and that the templates of e-mails see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{
    AlertId, AlertState, CaptureId, Category, Closed, Digest, EntryId, GroupBy, Kind, ListingId,
    Purpose, Reason, Severity, SightingId, Step, Timestamp, Tlp, WatchlistId, is_disguised,
};
use url::Url;

use crate::{
    inert::{one_line, sentences, short},
    message::{Detail, Event},
    view::{AlertView, SightingView},
    words::{ago, reminding},
};

/// The longest payload in bytes: Standard Webhooks 1.0.0 asks for less than 20 kB.
pub const PAYLOAD_LIMIT: usize = 20_000;

/// The longest note that a message repeats, in characters.
const NOTE_LIMIT: usize = 1_000;

/// The most sightings that a message looks at; what fits of them is shown.
const MOST_SIGHTINGS: usize = 50;

/// The most entries that a message names.
const MOST_ENTRIES: usize = 100;

/// The most other watchlists that a message names.
const MOST_LISTS: usize = 10;

/// The most steps that a message names.
const MOST_STEPS: usize = 12;

/// The longest URL that a message repeats, in characters; browsers and mail clients stop near this.
const URL_LIMIT: usize = 2_000;

/// The body of a webhook: the thin JSON object of Standard Webhooks 1.0.0. Fields may be added; none is removed or
/// changes its meaning.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// Why it is sent.
    #[serde(rename = "type")]
    pub event: Event,
    /// When the message was made, RFC 3339 in UTC. The same on every try.
    pub timestamp: Timestamp,
    /// What it tells.
    pub data: Told,
}

/// What a message tells of an alert. The templates of e-mails see this and nothing else, so a thin message cannot
/// say more than its webhook does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// The alert.
    pub alert: AlertId,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// Where it stood when the message was made: somebody may have dealt with it before that was due.
    pub state: AlertState,
    /// What it turned out to be, where it is closed.
    #[serde(default)]
    pub closed_as: Option<Closed>,
    /// Who took it, or closed it.
    #[serde(default)]
    pub handled_by: Option<String>,
    /// When they did.
    #[serde(default)]
    pub handled_at: Option<Timestamp>,
    /// How grave.
    pub severity: Severity,
    /// The reasons of its sightings, each once, gravest first.
    pub reasons: Vec<Reason>,
    /// The reasons in sentences, gravest first.
    pub why: Vec<String>,
    /// The watchlist.
    pub watchlist: WatchlistId,
    /// The watchlist's name.
    pub watchlist_name: String,
    /// What its sightings have in common: `entry`, `listing`, `source` or `case`.
    pub grouped_by: GroupBy,
    /// The entry that was sighted; of several, the one that raised the alert.
    pub entry: EntryId,
    /// Every entry that was sighted, that one among them: a hundred at most.
    pub entries: Vec<EntryId>,
    /// The organisation's own case, where the entry names one.
    #[serde(default)]
    pub case_reference: Option<String>,
    /// The names of other watchlists on which somebody looks for the same, ten at most: they have an alert of their own.
    #[serde(default)]
    pub also_on: Vec<String>,
    /// How far it may be shared: Traffic Light Protocol 2.0.
    pub tlp: Tlp,
    /// Sightings that this message is the first to tell of; 0 in a reminder.
    pub new_sightings: u32,
    /// Sightings of the alert so far.
    pub all_sightings: u32,
    /// Sources that those were seen on.
    pub sources: u32,
    /// True where every sighting of this message is only possible, or every one of the alert where it tells of none that is new: it
    /// may be another identifier after all.
    #[serde(default)]
    pub possible: bool,
    /// True where a sighting of this message was disguised: somebody wrote the identifier so that software would not find
    /// it.
    #[serde(default)]
    pub disguised: bool,
    /// How, in words, each once: `number words → digits`. Holds nothing of what stood there.
    #[serde(default)]
    pub disguises: Vec<String>,
    /// When a listing last showed a sighting of the alert.
    #[serde(default)]
    pub last_seen: Option<Timestamp>,
    /// Where it is sent because nobody has dealt with the alert: how long that is, and which reminder this is, in a sentence.
    #[serde(default)]
    pub reminding: Option<String>,
    /// Which reminder this is, from 1, since nobody has taken the alert, or since it was acknowledged; none in other messages.
    #[serde(default)]
    pub reminder: Option<u32>,
    /// Since when nobody has taken the alert, or whoever took it has not closed it, in a message that is sent because of that.
    #[serde(default)]
    pub waiting_since: Option<Timestamp>,
    /// How long that is, in the largest unit that it fills: `3 days`.
    #[serde(default)]
    pub waiting_for: Option<String>,
    /// Where to read the whole.
    #[serde(default)]
    pub link: Option<Url>,
    /// The particulars, on channels that are set to full detail.
    #[serde(default)]
    pub full: Option<Particulars>,
}

/// What only full detail tells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Particulars {
    /// The kind of the identifier.
    pub kind: Kind,
    /// Its canonical value.
    pub value: String,
    /// Whose identifier it is thought to be.
    pub category: Category,
    /// The analyst's note.
    #[serde(default)]
    pub note: Option<String>,
    /// The sightings of this message, latest first, as many as fit.
    pub sightings: Vec<ToldSighting>,
    /// Sightings of this message that are not shown.
    pub left_out: u32,
    /// The sighting that was seen last, where this message tells of none that is new: what a reminder is about.
    #[serde(default)]
    pub latest: Option<ToldSighting>,
}

/// One sighting, as full detail tells it. Crawled text is cut to 200 characters a field and freed of line breaks,
/// control and direction characters; the capture holds it as it was.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldSighting {
    /// The sighting.
    pub id: SightingId,
    /// The entry.
    pub entry: EntryId,
    /// The kind of the identifier that was looked for.
    pub kind: Kind,
    /// Its canonical value.
    pub value: String,
    /// Why it is news.
    pub reason: Reason,
    /// The reason in a sentence.
    pub why: String,
    /// The source's name.
    pub source: String,
    /// The listing.
    pub listing: ListingId,
    /// The listing's title.
    #[serde(default)]
    pub title: Option<String>,
    /// The listing's URL, as it was visited. Break it before showing it to people.
    pub url: String,
    /// The matched text.
    pub raw: String,
    /// What stood before it.
    pub before: String,
    /// What stood after it.
    pub after: String,
    /// True where it is only possible: it may be another identifier after all.
    #[serde(default)]
    pub possible: bool,
    /// True where it was disguised.
    #[serde(default)]
    pub disguised: bool,
    /// The steps that led from the matched text to the canonical value, as stable words.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Those steps in a sentence: `number words → digits; letters O → 0`.
    #[serde(default)]
    pub how: String,
    /// When it was seen.
    pub seen_at: Timestamp,
    /// When the entry was seen before, if it was.
    #[serde(default)]
    pub previous_at: Option<Timestamp>,
    /// On which source that was.
    #[serde(default)]
    pub previous_source: Option<String>,
    /// The capture that it was read from.
    pub capture: CaptureId,
    /// SHA-256 of that capture's body, in lower-case hexadecimal.
    pub sha256: Digest,
}

impl Payload {
    /// What a message made at `now` tells of `view`: within [`PAYLOAD_LIMIT`], whatever the view holds.
    pub fn of(view: &AlertView, detail: Detail, now: Timestamp) -> Self {
        let mut payload = Self {
            event: view.event,
            timestamp: now,
            data: Told::of(view, detail, now),
        };
        while payload.to_json().len() >= PAYLOAD_LIMIT && payload.data.drop_last_sighting() {}
        payload
    }

    /// The bytes that are signed and sent.
    pub fn to_json(&self) -> String {
        // No map with keys other than strings, no number that is not finite: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Told {
    fn of(view: &AlertView, detail: Detail, now: Timestamp) -> Self {
        // TLP:RED is for named recipients alone, and a channel is not one.
        let full = detail == Detail::Full && view.tlp != Tlp::Red;
        Self {
            alert: view.alert,
            opened_at: view.opened_at,
            state: view.standing.state,
            closed_as: view.standing.closed_as,
            handled_by: view.standing.by.as_deref().map(short),
            handled_at: view.standing.at,
            severity: view.severity,
            reasons: view.reasons.clone(),
            why: sentences(&view.why),
            watchlist: view.watchlist,
            watchlist_name: short(&view.watchlist_name),
            grouped_by: view.grouped_by,
            entry: view.entry,
            entries: view.entries.iter().copied().take(MOST_ENTRIES).collect(),
            case_reference: view.case_reference.as_deref().map(short),
            also_on: view
                .also_on
                .iter()
                .take(MOST_LISTS)
                .map(|name| short(name))
                .collect(),
            tlp: view.tlp,
            new_sightings: view.new_sightings,
            all_sightings: view.all_sightings,
            sources: view.sources,
            possible: view.possible,
            disguised: view
                .sightings
                .iter()
                .any(|sighting| is_disguised(&sighting.steps)),
            disguises: disguises(view),
            last_seen: view.last_seen,
            reminding: view.reminding.as_ref().map(|one| reminding(one, now)),
            reminder: view
                .reminding
                .filter(|one| one.purpose != Purpose::Escalation)
                .map(|one| one.number),
            waiting_since: view.reminding.map(|one| one.since),
            waiting_for: view.reminding.map(|one| ago(now.since(one.since))),
            link: view.link.clone(),
            full: full.then(|| Particulars::of(view)),
        }
    }

    /// True if there was one to drop; the one that a reminder is about goes last.
    fn drop_last_sighting(&mut self) -> bool {
        let Some(full) = &mut self.full else {
            return false;
        };
        let dropped = full.sightings.pop().is_some();
        full.left_out += u32::from(dropped);
        dropped || full.latest.take().is_some()
    }
}

impl Particulars {
    fn of(view: &AlertView) -> Self {
        let sightings: Vec<_> = view
            .sightings
            .iter()
            .take(MOST_SIGHTINGS)
            .map(ToldSighting::of)
            .collect();
        let shown = u32::try_from(sightings.len()).unwrap_or(u32::MAX);
        Self {
            kind: view.selector.kind,
            value: one_line(&view.selector.value, URL_LIMIT),
            category: view.category,
            note: view.note.as_deref().map(|note| one_line(note, NOTE_LIMIT)),
            sightings,
            left_out: view.new_sightings.saturating_sub(shown),
            latest: view.latest.as_ref().map(ToldSighting::of),
        }
    }
}

impl ToldSighting {
    fn of(view: &SightingView) -> Self {
        Self {
            id: view.id,
            entry: view.entry,
            kind: view.selector.kind,
            value: short(&view.selector.value),
            reason: view.reason,
            why: short(&view.why),
            source: short(&view.source),
            listing: view.listing,
            title: view.title.as_deref().map(short),
            url: one_line(view.url.as_str(), URL_LIMIT),
            raw: short(&view.raw),
            before: short(&view.before),
            after: short(&view.after),
            possible: view.confidence.is_possible(),
            disguised: is_disguised(&view.steps),
            steps: view.steps.iter().take(MOST_STEPS).cloned().collect(),
            how: short(&view.how),
            seen_at: view.seen_at,
            previous_at: view.previous.as_ref().map(|(at, _)| *at),
            previous_source: view.previous.as_ref().map(|(_, source)| short(source)),
            capture: view.capture,
            sha256: view.digest.clone(),
        }
    }
}

/// What the sightings of a message did to hide the identifier, in words, each once. The words of the vocabulary alone:
/// what a step was about may tell something of the identifier.
fn disguises(view: &AlertView) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let steps = view.sightings.iter().flat_map(|sighting| &sighting.steps);
    for kind in steps
        .filter_map(Step::kind)
        .filter(|kind| kind.is_disguise())
    {
        let said = kind.words();
        if !words.iter().any(|word| word == said) && words.len() < MOST_STEPS {
            words.push(said.to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::sample_view;

    const NOW: Timestamp = Timestamp(1_795_428_060_000);

    #[test]
    fn thin_tells_nothing_of_the_person() {
        let view = sample_view();
        let thin = Payload::of(&view, Detail::Thin, NOW).to_json();
        for secret in [
            "2025550123",
            "555-0123",
            "Massage",
            "ads.example",
            "Rose",
            "Call or text",
            "duty desk",
            "victim",
            "classified-oakland",
        ] {
            assert!(!thin.contains(secret), "{secret} in {thin}");
        }
        for told in [
            "LN-2026-017",
            "back after 41 days",
            "alerts/1",
            "reappeared",
        ] {
            assert!(thin.contains(told), "{told} not in {thin}");
        }
    }

    #[test]
    fn full_tells_all_but_not_of_entries_for_named_recipients() {
        let mut view = sample_view();
        let full = Payload::of(&view, Detail::Full, NOW);
        let told = full.data.full.unwrap();
        assert_eq!(told.value, "+12025550123");
        assert_eq!(told.sightings[0].raw, "(202) 555-0123");
        assert_eq!(told.left_out, 2, "three sightings, one shown");
        view.tlp = Tlp::Red;
        assert_eq!(Payload::of(&view, Detail::Full, NOW).data.full, None);
    }

    #[test]
    fn a_disguise_is_told_in_words_and_thin_keeps_what_it_was_about() {
        let mut view = sample_view();
        let steps = ["number_words", "letters:O→0", "region:US"];
        view.sightings[0].steps = steps.map(Step::from).to_vec();
        view.sightings[0].how = "number words → digits; letters O → 0".into();
        let thin = Payload::of(&view, Detail::Thin, NOW).data;
        assert!(thin.disguised);
        assert_eq!(
            thin.disguises,
            [
                "number words → digits",
                "letters that look like digits → digits"
            ]
        );
        let full = Payload::of(&view, Detail::Full, NOW).data.full.unwrap();
        let told = &full.sightings[0];
        assert!(told.disguised);
        assert_eq!(told.how, "number words → digits; letters O → 0");
        assert_eq!(told.steps, steps.map(Step::from));
    }

    #[test]
    fn the_examples_in_the_docs_are_what_is_sent() {
        let docs = include_str!("../../docs/webhooks.md");
        let examples: Vec<serde_json::Value> = docs
            .split("```json\n")
            .skip(1)
            .take(2)
            .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
            .collect();
        let sent = [Detail::Thin, Detail::Full]
            .map(|detail| serde_json::to_value(Payload::of(&sample_view(), detail, NOW)).unwrap());
        assert_eq!(examples, sent);
    }

    #[test]
    fn a_payload_is_cut_to_its_limit_and_says_so() {
        let mut view = sample_view();
        let one = view.sightings[0].clone();
        view.sightings = vec![one; 500];
        view.new_sightings = 600;
        let payload = Payload::of(&view, Detail::Full, NOW);
        let full = payload.data.full.as_ref().unwrap();
        assert!(payload.to_json().len() < PAYLOAD_LIMIT);
        assert!(full.sightings.len() > 10);
        assert_eq!(full.sightings.len() as u32 + full.left_out, 600);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_view_makes_a_payload_too_long(
            text in "\\PC{0,400}", quotes in "[\"\\\\\u{1f600}]{0,3000}", count in 0_usize..40,
        ) {
            let mut view = sample_view();
            view.watchlist_name = quotes.clone();
            view.case_reference = Some(quotes.clone());
            view.why = vec![quotes.clone(); 20];
            view.note = Some(quotes.clone());
            view.selector.value = quotes.clone();
            let mut one = view.sightings[0].clone();
            (one.raw, one.before, one.after, one.title) = (text.clone(), quotes, text.clone(), Some(text));
            view.entries = vec![view.entry; 10 * count];
            view.latest = Some(one.clone());
            view.also_on = vec!["Reed".repeat(90); count];
            view.sightings = vec![one; count];
            let payload = Payload::of(&view, Detail::Full, NOW);
            prop_assert!(payload.to_json().len() < PAYLOAD_LIMIT, "{}", payload.to_json().len());
            prop_assert_eq!(serde_json::from_str::<Payload>(&payload.to_json()).unwrap(), payload);
        }
    }
}
