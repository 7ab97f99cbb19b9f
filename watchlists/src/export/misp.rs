//! A watchlist as an event of MISP: an object for each entry, with an attribute for what is looked for, and texts for
//! what MISP has no attribute for.

use std::io::Write;

use serde_json::{Value, json};
use sightline_model::{Entry, Kind, Timestamp};

use super::{Export, ExportError, ids, marking, strictest};
use crate::import::misp::{OBJECT, SELECTOR};

/// Writes the event, one object a line.
pub(super) fn write(export: &Export<'_>, mut output: impl Write) -> Result<(), ExportError> {
    let list = export.watchlist;
    let changed = |entry: &Entry| {
        export
            .changed
            .get(&entry.id)
            .copied()
            .unwrap_or(entry.created_at)
    };
    let last = export
        .entries
        .iter()
        .map(changed)
        .max()
        .unwrap_or(list.created_at);
    // Nobody but the one who imports it sees it, until that one says otherwise.
    let event = json!({
        "uuid": ids::of(&["event", &list.id.to_string()]), "info": list.name, "date": day(list.created_at),
        "timestamp": seconds(last), "distribution": "0", "threat_level_id": "4", "analysis": "0", "published": false,
        "Tag": [tag(&marking(strictest(export.entries)))], "Attribute": [],
    })
    .to_string();
    // The event's own members, and then its objects one after the other: a million of them are never held at once.
    write!(
        output,
        "{{\"Event\":{},\"Object\":[",
        event.trim_end_matches('}')
    )?;
    for (at, entry) in export.entries.iter().enumerate() {
        output.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut output, &object(entry, changed(entry), export.now))?;
    }
    writeln!(output, "\n]}}}}")?;
    output.flush()?;
    Ok(())
}

fn object(entry: &Entry, changed: Timestamp, now: Timestamp) -> Value {
    let id = entry.id.to_string();
    let stamp = seconds(changed);
    let (kind, category, value) = attribute(entry);
    let mut tags = vec![tag(&marking(entry.tlp))];
    tags.extend(entry.tags.iter().map(|name| json!({ "name": name })));
    let mut attributes = vec![json!({
        "uuid": ids::of(&["attribute", &id, SELECTOR]), "object_relation": SELECTOR, "type": kind,
        "category": category, "to_ids": entry.is_looked_for(now), "value": value, "distribution": "5",
        "timestamp": stamp, "comment": "", "Tag": tags,
    })];
    let mut text = |relation: &str, value: &str| {
        if !value.is_empty() {
            attributes.push(json!({
                "uuid": ids::of(&["attribute", &id, relation]), "object_relation": relation, "type": "text",
                "category": "Other", "to_ids": false, "value": value, "distribution": "5", "timestamp": stamp,
                "comment": "", "disable_correlation": true,
            }));
        }
    };
    text("kind", entry.selector.kind.as_str());
    text("purpose", &entry.purpose);
    text("legal-basis", &entry.legal_basis);
    text("owner", &entry.owner);
    text("category", entry.category.as_str());
    text("review-at", &entry.review_at.to_string());
    text(
        "expires-at",
        &entry
            .expires_at
            .map(|at| at.to_string())
            .unwrap_or_default(),
    );
    text(
        "case-reference",
        entry.case_reference.as_deref().unwrap_or_default(),
    );
    text(
        "severity",
        entry.severity.map_or("", |severity| severity.as_str()),
    );
    text("match", entry.way.as_str());
    text(
        "despite-warning",
        entry.despite_warning.as_deref().unwrap_or_default(),
    );
    text("note", entry.note.as_deref().unwrap_or_default());
    json!({
        "uuid": ids::of(&["object", &id]), "name": OBJECT, "meta-category": "misc",
        "description": "An identifier that is looked for, why, and by what right",
        "template_uuid": ids::of(&["template", OBJECT]), "template_version": "1", "distribution": "5",
        "timestamp": stamp, "comment": "", "Attribute": attributes,
    })
}

/// The type of attribute, its category, and its value.
fn attribute(entry: &Entry) -> (&'static str, &'static str, &str) {
    let whole = entry.selector.value.as_str();
    match (entry.selector.kind, whole.split_once('/')) {
        (Kind::Phone, _) => ("phone-number", "Person", whole),
        (Kind::Email, _) => ("email", "Payload delivery", whole),
        (Kind::Url, _) => ("url", "Network activity", whole),
        (Kind::Domain, _) => ("domain", "Network activity", whole),
        (Kind::Handle, Some(("twitter", name))) => ("twitter-id", "Social network", name),
        (Kind::Wallet, Some(("btc", address))) => ("btc", "Financial fraud", address),
        (Kind::Wallet, Some(("xmr", address))) => ("xmr", "Financial fraud", address),
        (Kind::Image, Some(("sha256", hash))) => ("sha256", "Payload delivery", hash),
        (Kind::Handle | Kind::Wallet | Kind::Image | Kind::Phrase | Kind::Pattern, _) => {
            ("text", "Other", whole)
        }
    }
}

fn tag(name: &str) -> Value {
    json!({ "name": name.to_lowercase() })
}

fn seconds(at: Timestamp) -> String {
    (at.0 / 1_000).to_string()
}

fn day(at: Timestamp) -> String {
    at.to_utc().date_naive().to_string()
}
