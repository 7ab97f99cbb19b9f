//! A digest: one message that tells of many alerts of a watchlist. Always thin, whatever the channel's detail: counts,
//! reasons, identifiers and links.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{AlertId, AlertState, Reason, Severity, Timestamp, Tlp, WatchlistId};
use url::Url;

use crate::{
    inert::{sentences, short},
    message::Event,
    notices::payload::NoticePayload,
    payload::{PAYLOAD_LIMIT, Payload},
    view::Reminding,
    words::reminding,
};

/// What waited for a digest, gathered by the caller.
#[derive(Clone, Debug)]
pub struct DigestView {
    /// The watchlist.
    pub watchlist: WatchlistId,
    /// Its name.
    pub watchlist_name: String,
    /// True where it tells what a silence held, now that this is over.
    pub after_silence: bool,
    /// How far it may be shared: the strictest marking of any entry in it.
    pub tlp: Tlp,
    /// What is told of each alert.
    pub items: Vec<ItemView>,
}

/// What a digest tells of one alert.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// Why it is told.
    pub event: Event,
    /// The alert.
    pub alert: AlertId,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// Where it stands as the digest is made.
    pub state: AlertState,
    /// How grave.
    pub severity: Severity,
    /// The reasons of the sightings that it is the first to tell of, with how many of each; none in a reminder.
    pub reasons: Vec<(Reason, u32)>,
    /// Why it is news, in words; of all its sightings, where it is the first to tell of none.
    pub why: Vec<String>,
    /// Where it is told because nobody has dealt with the alert: how long, and how often that was said.
    pub reminding: Option<Reminding>,
    /// True where all of it is only possible: it may be another identifier after all.
    pub possible: bool,
    /// Entries that the alert gathers.
    pub entries: u32,
    /// The organisation's own case.
    pub case_reference: Option<String>,
    /// Where to read the whole, in the operator's console.
    pub link: Option<Url>,
}

/// The body of a webhook that carries a digest.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DigestPayload {
    /// Always `digest`.
    #[serde(rename = "type")]
    pub event: DigestEvent,
    /// When the message was made, RFC 3339 in UTC. The same on every try.
    pub timestamp: Timestamp,
    /// What it tells.
    pub data: ToldDigest,
}

/// The type of a digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum DigestEvent {
    /// Many alerts in one message.
    #[serde(rename = "digest")]
    Digest,
}

/// The body of a webhook: of one alert, a digest of several, or of a notice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Body {
    /// Of one alert.
    Alert(Box<Payload>),
    /// Of several.
    Digest(DigestPayload),
    /// Of what is no alert.
    Notice(NoticePayload),
}

/// What a digest tells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldDigest {
    /// The watchlist.
    pub watchlist: WatchlistId,
    /// The watchlist's name.
    pub watchlist_name: String,
    /// True where it tells what a silence held, now that this is over.
    #[serde(default)]
    pub after_silence: bool,
    /// How far it may be shared: the strictest marking of any entry in it.
    pub tlp: Tlp,
    /// Alerts that it tells of.
    pub alerts: u32,
    /// Sightings that it is the first to tell of.
    pub new_sightings: u32,
    /// The alerts by how grave they are; what is missing is 0.
    pub by_severity: BTreeMap<Severity, u32>,
    /// Those sightings by their reason; what is missing is 0.
    pub by_reason: BTreeMap<Reason, u32>,
    /// The alerts, the gravest first, as many as fit.
    pub items: Vec<ToldItem>,
    /// Alerts that are not listed.
    pub left_out: u32,
}

/// What a digest tells of one alert.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ToldItem {
    /// Why it is told: `alert.opened`, `alert.updated`, `alert.reminder` or `alert.forgotten`; after a silence `alert.escalated`
    /// or `alert.closed`, too.
    #[serde(rename = "type")]
    pub event: Event,
    /// The alert.
    pub alert: AlertId,
    /// When it was raised.
    pub opened_at: Timestamp,
    /// Where it stood as the digest was made.
    pub state: AlertState,
    /// How grave.
    pub severity: Severity,
    /// The reasons of its new sightings, each once, gravest first.
    pub reasons: Vec<Reason>,
    /// Sightings that the digest is the first to tell of; 0 in a reminder.
    pub new_sightings: u32,
    /// Why it is news, in words, gravest first; of all that the alert holds, where the digest is the first to tell of none of it.
    #[serde(default)]
    pub why: Vec<String>,
    /// Where it is told because nobody has dealt with it: how long that is, and which reminder this is, in a sentence.
    #[serde(default)]
    pub reminding: Option<String>,
    /// True where all of it is only possible: it may be another identifier after all.
    #[serde(default)]
    pub possible: bool,
    /// Entries that it gathers.
    pub entries: u32,
    /// The organisation's own case, where an entry names one.
    #[serde(default)]
    pub case_reference: Option<String>,
    /// Where to read the whole.
    #[serde(default)]
    pub link: Option<Url>,
}

impl DigestPayload {
    /// What a digest made at `now` tells of `view`: within [`PAYLOAD_LIMIT`], whatever the view holds.
    pub fn of(view: &DigestView, now: Timestamp) -> Self {
        let mut by_severity = BTreeMap::new();
        let mut by_reason = BTreeMap::new();
        for item in &view.items {
            *by_severity.entry(item.severity).or_default() += 1;
            for (reason, count) in &item.reasons {
                *by_reason.entry(*reason).or_default() += count;
            }
        }
        let mut items: Vec<ToldItem> = view
            .items
            .iter()
            .map(|item| ToldItem::of(item, now))
            .collect();
        items.sort_by(|one, other| {
            let key =
                |item: &ToldItem| (std::cmp::Reverse(item.severity), item.opened_at, item.alert);
            key(one).cmp(&key(other))
        });
        let mut payload = Self {
            event: DigestEvent::Digest,
            timestamp: now,
            data: ToldDigest {
                watchlist: view.watchlist,
                watchlist_name: short(&view.watchlist_name),
                after_silence: view.after_silence,
                tlp: view.tlp,
                alerts: u32::try_from(items.len()).unwrap_or(u32::MAX),
                new_sightings: by_reason.values().sum(),
                by_severity,
                by_reason,
                items: Vec::new(),
                left_out: 0,
            },
        };
        // Each item is measured by itself: a digest of thousands is not written thousands of times.
        let mut room = PAYLOAD_LIMIT.saturating_sub(payload.to_json().len() + 64);
        for item in items {
            let length = serde_json::to_string(&item).map_or(usize::MAX, |json| json.len() + 1);
            if payload.data.left_out > 0 || length > room {
                payload.data.left_out += 1;
                continue;
            }
            room -= length;
            payload.data.items.push(item);
        }
        payload
    }

    /// The bytes that are signed and sent.
    pub fn to_json(&self) -> String {
        // No map with keys other than strings, no number that is not finite: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl ToldItem {
    fn of(view: &ItemView, now: Timestamp) -> Self {
        let mut reasons: Vec<Reason> = view.reasons.iter().map(|(reason, _)| *reason).collect();
        reasons.sort_unstable_by(|one, other| other.cmp(one));
        reasons.dedup();
        Self {
            event: view.event,
            alert: view.alert,
            opened_at: view.opened_at,
            state: view.state,
            severity: view.severity,
            reasons,
            new_sightings: view.reasons.iter().map(|(_, count)| count).sum(),
            why: sentences(&view.why),
            reminding: view.reminding.as_ref().map(|one| reminding(one, now)),
            possible: view.possible,
            entries: view.entries,
            case_reference: view.case_reference.as_deref().map(short),
            link: view.link.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::DeliveryId;
    use uuid::Uuid;

    use super::*;
    use crate::{render::Templates, sample::sample_digest};

    const NOW: Timestamp = Timestamp(1_795_428_060_000);

    #[test]
    fn the_example_in_the_docs_is_what_is_sent() {
        let docs = include_str!("../../docs/webhooks.md");
        let example = docs
            .split("```json\n")
            .nth(3)
            .unwrap()
            .split("```")
            .next()
            .unwrap();
        let example: serde_json::Value = serde_json::from_str(example).unwrap();
        let sent = DigestPayload::of(&sample_digest(), NOW);
        assert_eq!(example, serde_json::to_value(sent).unwrap());
    }

    #[test]
    fn a_digest_reads_as_documented() {
        let view = sample_digest();
        let message = Templates::embedded()
            .unwrap()
            .render_digest(
                DeliveryId(Uuid::nil()),
                view.items[0].alert,
                &view,
                view.items[0].opened_at,
            )
            .unwrap();
        let documented = include_str!("../../docs/messages.md")
            .split("```text\n")
            .nth(3)
            .and_then(|rest| rest.split("\n```").next())
            .unwrap();
        let written = format!("Subject: {}\n\n{}", message.subject, message.text);
        assert_eq!(written, documented, "docs/messages.md shows another");
        let links = message.html.matches("<a href=").count();
        assert_eq!(links, view.items.len(), "{}", message.html);
    }

    #[test]
    fn a_digest_of_thousands_counts_all_and_lists_the_gravest() {
        let mut view = sample_digest();
        let one = view.items[0].clone();
        view.items = vec![one.clone(); 3_000];
        view.items.push(ItemView {
            severity: Severity::Grave,
            case_reference: Some("\"".repeat(1_000)),
            ..one
        });
        let payload = DigestPayload::of(&view, NOW);
        assert!(payload.to_json().len() < PAYLOAD_LIMIT);
        let told = &payload.data;
        assert_eq!((told.alerts, told.new_sightings), (3_001, 9_003));
        assert_eq!(told.items.len() as u32 + told.left_out, told.alerts);
        assert!(told.items.len() > 20, "{}", told.items.len());
        assert_eq!(told.items[0].severity, Severity::Grave);
        assert_eq!(told.by_severity[&Severity::Normal], 3_000);
        let read: Body = serde_json::from_str(&payload.to_json()).unwrap();
        assert_eq!(read, Body::Digest(payload));
    }
}
