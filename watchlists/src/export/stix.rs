//! A watchlist as a bundle of STIX 2.1: an indicator for each entry, and what STIX has no words for in an extension.

use std::io::Write;

use serde_json::{Value, json};
use sightline_model::{Entry, Kind, Selector, Timestamp, Tlp};

use super::{Export, ExportError, holds, ids, marking};
use crate::import::{
    Format,
    stix::{EXTENSION, PROPERTIES, marking as tlp},
};

/// When the extension was defined, in the version that is written.
const DEFINED: &str = "2026-11-25T00:00:00.000Z";
/// When the marking definitions of TLP 2.0 were published.
const PUBLISHED: &str = "2022-10-01T00:00:00.000Z";

/// Writes the bundle, one object a line.
pub(super) fn write(export: &Export<'_>, mut output: impl Write) -> Result<(), ExportError> {
    let list = export.watchlist.id.to_string();
    let bundle = ids::of(&["bundle", &list]);
    let entries = || {
        export
            .entries
            .iter()
            .filter(|entry| holds(Format::Stix, entry, export.now))
    };
    write!(
        output,
        "{{\"type\":\"bundle\",\"id\":\"bundle--{bundle}\",\"objects\":["
    )?;
    let mut before = "\n";
    let mut put = |object: &Value| -> Result<(), ExportError> {
        output.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut output, object)?;
        before = ",\n";
        Ok(())
    };
    for object in definitions() {
        put(&object)?;
    }
    for tlp in Tlp::ALL
        .iter()
        .filter(|tlp| entries().any(|entry| entry.tlp == **tlp))
    {
        put(&definition(*tlp))?;
    }
    for entry in entries() {
        let changed = export.changed.get(&entry.id).copied();
        put(&indicator(entry, changed.unwrap_or(entry.created_at)))?;
    }
    writeln!(output, "\n]}}")?;
    output.flush()?;
    Ok(())
}

/// Who defines the extension, and the extension.
fn definitions() -> [Value; 2] {
    let author = format!("identity--{}", ids::of(&["identity", "sightline"]));
    [
        json!({
            "type": "identity", "spec_version": "2.1", "id": author, "created": DEFINED, "modified": DEFINED,
            "name": "Sightline", "identity_class": "system",
        }),
        json!({
            "type": "extension-definition", "spec_version": "2.1", "id": EXTENSION, "created": DEFINED,
            "modified": DEFINED, "created_by_ref": author, "name": "Sightline watchlist entry", "version": "1.0.0",
            "description": "Why an identifier is looked for, by what right, who answers for it, and until when.",
            "schema": "Properties, all of them text: purpose, legal_basis, owner, category (suspect, victim, witness or \
                       other), review_at (a timestamp), match (how far beyond its value it reaches); and, where there is one, \
                       case_reference, severity (low, normal or grave), despite_warning.",
            "extension_types": ["property-extension"],
        }),
    ]
}

fn definition(marked: Tlp) -> Value {
    json!({
        "type": "marking-definition", "spec_version": "2.1", "id": tlp::id(marked), "created": PUBLISHED,
        "name": marking(marked),
        "extensions": {
            tlp::EXTENSION: { "extension_type": "property-extension", "tlp_2_0": tlp::word(marked) },
        },
    })
}

fn indicator(entry: &Entry, changed: Timestamp) -> Value {
    let mut ours = json!({
        "extension_type": "property-extension", "purpose": entry.purpose, "legal_basis": entry.legal_basis,
        "owner": entry.owner, "category": entry.category, "review_at": instant(entry.review_at),
        "match": entry.way,
    });
    put(
        &mut ours,
        "despite_warning",
        entry.despite_warning.as_deref(),
    );
    put(&mut ours, "case_reference", entry.case_reference.as_deref());
    put(
        &mut ours,
        "severity",
        entry.severity.map(|severity| severity.as_str()),
    );
    let mut indicator = json!({
        "type": "indicator", "spec_version": "2.1",
        "id": format!("indicator--{}", ids::of(&["entry", &entry.id.to_string()])),
        "created": instant(entry.created_at), "modified": instant(changed.max(entry.created_at)),
        "name": entry.selector.to_string(),
        "pattern": pattern(&entry.selector), "pattern_type": "stix", "pattern_version": "2.1",
        "valid_from": instant(entry.created_at),
        "object_marking_refs": [tlp::id(entry.tlp)],
        "extensions": { EXTENSION: ours },
    });
    put(&mut indicator, "description", entry.note.as_deref());
    put(
        &mut indicator,
        "valid_until",
        entry.expires_at.map(instant).as_deref(),
    );
    if !entry.tags.is_empty() {
        indicator["labels"] = json!(entry.tags);
    }
    indicator
}

fn put(object: &mut Value, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[key] = json!(value);
    }
}

/// The pattern that looks for a selector.
pub(super) fn pattern(selector: &Selector) -> String {
    let path = PROPERTIES
        .iter()
        .find(|(_, kind)| *kind == selector.kind)
        .map_or("", |(path, _)| path);
    let value = selector.value.as_str();
    let compared = |path: &str, value: &str| {
        format!(
            "{path} = '{}'",
            value.replace('\\', r"\\").replace('\'', r"\'")
        )
    };
    let all = match (selector.kind, value.split_once('/')) {
        (Kind::Handle, Some(("any", name))) => compared(path, name),
        (Kind::Handle, Some((platform, name))) => {
            format!(
                "{} AND {}",
                compared("user-account:account_type", platform),
                compared(path, name)
            )
        }
        (Kind::Image, Some(("pdq", hash))) => compared("file:hashes.PDQ", hash),
        (Kind::Image, Some((_, hash))) => compared("file:hashes.'SHA-256'", hash),
        (Kind::Wallet, Some((_, address))) => compared(path, address),
        // Its path says already how it is compared.
        (Kind::Pattern, _) => compared(path, value).replacen(" MATCHES =", " MATCHES", 1),
        _ => compared(path, value),
    };
    format!("[{all}]")
}

/// STIX asks for milliseconds.
fn instant(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
