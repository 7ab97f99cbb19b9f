//! Bundles of STIX 2.1: indicators are looked for; observables are written down, for nobody asked to look for them.
//!
//! What an indicator says beside its pattern is kept: its marking, its end, its labels as tags, and its name, description
//! and origin in the note. docs/interchange.md has the table.

pub(crate) mod marking;
mod pattern;
mod versions;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use sightline_model::{EntryState, Kind, Problem, Timestamp, Tlp};

use super::{Ending, ImportError, Place, Source, draft_columns, json, row::Row};
use crate::draft::EntryDraft;
use pattern::{Comparison, alternatives};

/// The extension in which an export says what STIX has no words for.
pub(crate) const EXTENSION: &str = "extension-definition--5b1a3a5e-6f6e-4d8b-9a43-0d7f7d1c2e90";

/// Each property that names an identifier, how it is compared where not by `=`, and the kind that it is. Where STIX has no observable, those of OpenCTI
/// stand, which others read, too; the first of each is the one that an export writes.
pub(crate) const PROPERTIES: [(&str, Kind); 16] = [
    ("email-addr:value", Kind::Email),
    ("url:value", Kind::Url),
    ("domain-name:value", Kind::Domain),
    ("user-account:account_login", Kind::Handle),
    ("file:hashes.SHA-256", Kind::Image),
    ("file:hashes.SHA256", Kind::Image),
    ("file:hashes.PDQ", Kind::Image),
    ("phone-number:value", Kind::Phone),
    ("x-phone-number:value", Kind::Phone),
    ("x-opencti-phone-number:value", Kind::Phone),
    ("cryptocurrency-wallet:value", Kind::Wallet),
    ("cryptocurrency-wallet:address", Kind::Wallet),
    ("x-opencti-cryptocurrency-wallet:value", Kind::Wallet),
    ("text:value", Kind::Phrase),
    ("x-opencti-text:value", Kind::Phrase),
    ("text:value MATCHES", Kind::Pattern),
];

/// Where the platform of an account stands.
const PLATFORM: &str = "user-account:account_type";

/// The other observables of STIX 2.1, for which there is no kind.
const NO_KIND: [&str; 14] = [
    "artifact",
    "autonomous-system",
    "directory",
    "email-message",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "windows-registry-key",
    "x509-certificate",
    "file",
];

/// Opens a bundle, a list of objects, or a single one.
pub(super) fn open<'a>(bytes: &[u8], now: Timestamp) -> Result<Source<'a>, ImportError> {
    let file = json::read(bytes)?;
    let is_typed = |object: &Value| json::text(object, "type").is_some();
    let objects: Vec<&Value> = match &file {
        Value::Array(objects) if objects.iter().any(is_typed) => objects.iter().collect(),
        Value::Object(_) if file["type"] == "bundle" => {
            json::list(&file, "objects").iter().collect()
        }
        Value::Object(_) if is_typed(&file) => vec![&file],
        _ => {
            return Err(ImportError::NotThatJson {
                format: "STIX",
                cause: "it is neither a bundle nor an object with a type, nor a list of such",
            });
        }
    };
    let (objects, superseded) = versions::newest(objects);
    let bundle = Bundle::of(objects.iter().map(|(_, object)| *object), now);
    let mut rows = Vec::new();
    let mut passed = BTreeMap::<&str, usize>::new();
    // Indicators first: an observable that one of them is based on is the duplicate, not the other way round.
    let (indicators, others): (Vec<_>, Vec<_>) = objects
        .into_iter()
        .partition(|(_, object)| object["type"] == "indicator");
    for (at, object) in indicators {
        bundle.indicator(object, at, &mut rows);
    }
    for (at, object) in others {
        let kind = json::text(object, "type").unwrap_or("without a type");
        match bundle.observable(object, kind, at) {
            Some(row) => rows.push(row),
            None => *passed.entry(kind).or_default() += 1,
        }
    }
    let mut notes: Vec<String> = superseded.into_iter().collect();
    if !passed.is_empty() {
        let kinds: Vec<String> = passed
            .iter()
            .take(20)
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        notes.push(format!(
            "Objects that are neither indicators nor observables were passed over: {}.",
            kinds.join(", ")
        ));
    }
    if rows.iter().any(|row| row.state == EntryState::Draft) {
        notes.push("Observables, and indicators that are not valid yet, become drafts, unless the import makes them active.".into());
    }
    Ok(Source {
        columns: draft_columns(),
        ignored: Vec::new(),
        notes,
        rows: Box::new(rows.into_iter().map(Ok)),
    })
}

/// What the objects of a bundle say of each other.
struct Bundle<'v> {
    now: Timestamp,
    names: HashMap<&'v str, &'v str>,
    markings: HashMap<&'v str, &'v Value>,
    /// How often each was sighted, and when last.
    sighted: HashMap<&'v str, (u64, Option<&'v str>)>,
}

impl<'v> Bundle<'v> {
    fn of(objects: impl Iterator<Item = &'v Value>, now: Timestamp) -> Self {
        let mut bundle = Self {
            now,
            names: HashMap::new(),
            markings: HashMap::new(),
            sighted: HashMap::new(),
        };
        for object in objects {
            let (Some(id), Some(kind)) = (json::text(object, "id"), json::text(object, "type"))
            else {
                continue;
            };
            match kind {
                "identity" => {
                    bundle
                        .names
                        .extend(json::text(object, "name").map(|name| (id, name)));
                }
                "marking-definition" => {
                    bundle.markings.insert(id, object);
                }
                "sighting" => {
                    if let Some(of) = json::text(object, "sighting_of_ref") {
                        let (count, last) = bundle.sighted.entry(of).or_default();
                        *count += object["count"].as_u64().unwrap_or(1);
                        *last = (*last).max(json::text(object, "last_seen"));
                    }
                }
                _ => {}
            }
        }
        bundle
    }

    fn indicator(&self, object: &Value, at: usize, rows: &mut Vec<Row>) {
        let mut draft = self.draft(object);
        draft.expires_at = json::text(object, "valid_until").map(str::to_owned);
        let pattern = json::text(object, "pattern").unwrap_or_default();
        let language = json::text(object, "pattern_type").unwrap_or("stix");
        let is_revoked = json::flag(object, "revoked");
        let whole = |draft: &EntryDraft, problem| {
            let draft = EntryDraft {
                value: Some(pattern.to_owned()),
                ..draft.clone()
            };
            Row::refused(place(object, at, None), draft, problem)
        };
        if language != "stix" {
            let problem = Problem::new(
                "pattern_type",
                format!("the pattern is written in '{language}'"),
                "add what is meant by hand; patterns are read in STIX's own language",
            );
            let problem = if is_revoked { taken_back() } else { problem };
            return rows.push(whole(&draft, problem));
        }
        let alternatives = match alternatives(pattern) {
            Ok(alternatives) => alternatives,
            Err(_) if is_revoked => return rows.push(whole(&draft, taken_back())),
            Err(problem) => return rows.push(whole(&draft, problem)),
        };
        let until = draft.expires_at.as_deref();
        let until = until.and_then(|until| Timestamp::parse(until).ok());
        let ending = match until.filter(|until| *until <= self.now) {
            _ if is_revoked => Some(Ending::TakenBack),
            until => until.map(Ending::RanOut),
        };
        // Not yet valid: looked for from then on, if somebody says so then.
        let begins = json::text(object, "valid_from").and_then(|from| Timestamp::parse(from).ok());
        let is_early = begins.is_some_and(|begins| begins > self.now);
        let are_many = alternatives.len() > 1;
        for (number, all) in (1_u32..).zip(&alternatives) {
            let place = place(object, at, are_many.then_some(number));
            let mut row = row(place, draft.clone(), all);
            // Only an export of ours says when its review is.
            row.may_be_due = row.draft.review_at.is_some();
            if is_revoked {
                row.problem = Some(taken_back());
            }
            row.ended = ending.map(|ending| (ending, json::text(object, "id").map(str::to_owned)));
            if is_early {
                row.state = EntryState::Draft;
            }
            rows.push(row);
        }
    }

    /// The row of an observable; none where the object is something else.
    fn observable(&self, object: &Value, kind: &str, at: usize) -> Option<Row> {
        let all = comparisons(object, kind);
        if all.is_empty() && !NO_KIND.contains(&kind) {
            return None;
        }
        let place = place(object, at, None);
        let draft = self.draft(object);
        let mut row = match all.is_empty() {
            false => row(place, draft, &all),
            true => {
                let draft = EntryDraft {
                    kind: Some(kind.to_owned()),
                    value: json::text(object, "value")
                        .or(json::text(object, "name"))
                        .map(str::to_owned),
                    ..draft
                };
                Row::refused(place, draft, json::no_kind(kind))
            }
        };
        row.state = EntryState::Draft;
        Some(row)
    }

    /// What an object says beside what it is about.
    fn draft(&self, object: &Value) -> EntryDraft {
        let tags = |key| {
            json::list(object, key)
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
        };
        let mut note = Vec::new();
        let (tlp, foreign) = self.marking(object);
        if let Some(ours) = object.pointer(&format!("/extensions/{EXTENSION}")) {
            let said = |key| json::text(ours, key).map(str::to_owned);
            return EntryDraft {
                purpose: said("purpose"),
                legal_basis: said("legal_basis"),
                owner: said("owner"),
                category: said("category"),
                review_at: said("review_at"),
                case_reference: said("case_reference"),
                severity: said("severity"),
                way: said("match"),
                despite_warning: said("despite_warning"),
                tlp: tlp.map(|tlp| tlp.to_string()),
                note: json::text(object, "description").map(str::to_owned),
                tags: json::tags(tags("labels"), &mut note),
                ..EntryDraft::default()
            };
        }
        note.extend(json::text(object, "name").map(str::to_owned));
        note.extend(json::text(object, "description").map(str::to_owned));
        let author = json::text(object, "created_by_ref");
        let author = author.and_then(|author| self.names.get(author));
        let id = json::text(object, "id").unwrap_or_default();
        note.push(match author {
            Some(author) => format!("STIX: {id} by {author}"),
            None => format!("STIX: {id}"),
        });
        for reference in json::list(object, "external_references").iter().take(20) {
            let parts = ["source_name", "external_id", "url"].map(|key| json::text(reference, key));
            let parts: Vec<&str> = parts.into_iter().flatten().collect();
            note.push(format!("See {}", parts.join(" ")));
        }
        note.extend(foreign);
        if let Some((count, last)) = self.sighted.get(id) {
            let last = last
                .map(|last| format!(", last on {last}"))
                .unwrap_or_default();
            note.push(format!("Sighted by others: {count}{last}"));
        }
        let confidence = object["confidence"]
            .as_u64()
            .map(|percent| format!("confidence {percent}"));
        let all = tags("labels")
            .chain(tags("indicator_types"))
            .chain(confidence);
        EntryDraft {
            tags: json::tags(all, &mut note),
            note: json::note(&note),
            tlp: tlp.map(|tlp| tlp.to_string()),
            ..EntryDraft::default()
        }
    }

    /// The strictest marking, and what other markings say.
    fn marking(&self, object: &Value) -> (Option<Tlp>, Vec<String>) {
        let mut tlp = None;
        let mut others = Vec::new();
        for id in json::list(object, "object_marking_refs")
            .iter()
            .filter_map(Value::as_str)
        {
            let definition = self.markings.get(id).copied();
            match marking::by_id(id).or_else(|| definition.and_then(marking::of_definition)) {
                Some(found) => tlp = tlp.max(Some(found)),
                None => {
                    let statement =
                        definition.and_then(|it| it.pointer("/definition/statement")?.as_str());
                    others.push(format!("Marking: {}", statement.unwrap_or(id)));
                }
            }
        }
        (tlp, others)
    }
}

fn taken_back() -> Problem {
    Problem::new("revoked", "its author took it back", "leave it out")
}

fn place(object: &Value, at: usize, comparison: Option<u32>) -> Place {
    let id = match json::text(object, "id") {
        Some(id) => id
            .chars()
            .filter(|letter| !letter.is_control())
            .take(120)
            .collect(),
        None => format!("object {}", at + 1),
    };
    Place::Object {
        id: id.into(),
        comparison,
    }
}

/// The properties of an observable that name an identifier.
fn comparisons(object: &Value, kind: &str) -> Vec<Comparison> {
    let compared = |path: &str| {
        let (of, property) = path.split_once(':')?;
        let pointer = format!("/{}", property.replace('.', "/"));
        let value = (of == kind)
            .then(|| object.pointer(&pointer)?.as_str())
            .flatten()?;
        Some(Comparison {
            path: path.to_owned(),
            value: value.to_owned(),
        })
    };
    let first = PROPERTIES.iter().find_map(|(path, _)| compared(path));
    let platform = compared(PLATFORM).filter(|_| first.is_some());
    first.into_iter().chain(platform).collect()
}

/// A row that looks for what all these comparisons say together.
fn row(place: Place, mut draft: EntryDraft, all: &[Comparison]) -> Row {
    match identifier(all) {
        Ok((kind, value)) => {
            draft.kind = Some(kind.to_string());
            draft.value = Some(value);
            Row::of(place, draft)
        }
        Err(problem) => {
            let (kind, value) = as_written(all);
            draft.kind = kind;
            draft.value = Some(value);
            Row::refused(place, draft, problem)
        }
    }
}

/// What a row that is refused says: all that must hold together, so that nothing of it is lost.
fn as_written(all: &[Comparison]) -> (Option<String>, String) {
    if let [one] = all {
        return (Some(one.path.clone()), one.value.clone());
    }
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    let parts: Vec<String> = all
        .iter()
        .map(|one| match one.path.strip_suffix(" MATCHES") {
            Some(path) => format!("{path} MATCHES '{}'", escaped(&one.value)),
            None => format!("{} = '{}'", one.path, escaped(&one.value)),
        })
        .collect();
    (None, format!("[{}]", parts.join(" AND ")))
}

fn identifier(all: &[Comparison]) -> Result<(Kind, String), Problem> {
    let of = |path: &str| {
        all.iter()
            .find(|one| one.path == path)
            .map(|one| one.value.trim())
    };
    match all {
        [one] => {
            let known = PROPERTIES.iter().find(|(path, _)| *path == one.path);
            let (_, kind) = known.ok_or_else(|| json::no_kind(&one.path))?;
            let value = one.value.trim();
            Ok((
                *kind,
                match (kind, one.path.as_str()) {
                    (Kind::Handle, _) => format!("any/{}", value.trim_start_matches('@')),
                    (Kind::Image, "file:hashes.PDQ") => format!("pdq/{value}"),
                    (Kind::Image, _) => format!("sha256/{value}"),
                    _ => value.to_owned(),
                },
            ))
        }
        [_, _] => match (of(PLATFORM), of("user-account:account_login")) {
            (Some(platform), Some(name)) => Ok((Kind::Handle, format!("{platform}/{name}"))),
            _ => Err(together(all)),
        },
        _ => Err(together(all)),
    }
}

fn together(all: &[Comparison]) -> Problem {
    let paths: Vec<&str> = all.iter().take(5).map(|one| one.path.as_str()).collect();
    Problem::new(
        "pattern",
        format!(
            "{} must hold together, and an entry is one identifier",
            paths.join(" AND ")
        ),
        "add by hand what of it tells enough by itself",
    )
}
