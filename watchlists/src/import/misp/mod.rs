//! Events of MISP: an attribute with `to_ids` is looked for, one without is written down, and what others sighted of it
//! is kept.
//!
//! docs/interchange.md has the table of types. Objects are read attribute by attribute, but for those that an export of
//! ours made: there one object is one entry, with all that MISP has no attribute for.

mod types;

use std::{collections::BTreeMap, slice};

use chrono::DateTime;
use serde_json::Value;
use sightline_model::{EntryState, Kind, Timestamp, Tlp, counted};

use super::{Ending, ImportError, Place, Source, draft_columns, json, row::Row, stix::marking};
use crate::draft::EntryDraft;
use types::{Meaning, meaning};

/// The template of an entry as an object.
pub(crate) const OBJECT: &str = "sightline-entry";
/// The relation of what is looked for in it.
pub(crate) const SELECTOR: &str = "selector";

/// Opens a file of events or attributes, in any of the shapes in which MISP exports them.
pub(super) fn open<'a>(bytes: &[u8], now: Timestamp) -> Result<Source<'a>, ImportError> {
    let file = json::read(bytes)?;
    let mut reader = Reader {
        now,
        rows: Vec::new(),
        looked_at: 0,
        deleted: 0,
        passed: BTreeMap::new(),
    };
    if !reader.read(&file, 0)? {
        return Err(not_misp("it has no Event and no Attribute"));
    }
    Ok(Source {
        columns: draft_columns(),
        ignored: Vec::new(),
        notes: reader.notes(),
        rows: Box::new(reader.rows.into_iter().map(Ok)),
    })
}

struct Reader {
    now: Timestamp,
    rows: Vec<Row>,
    /// Attributes so far, by which one without a UUID is found again.
    looked_at: usize,
    deleted: usize,
    /// Attributes that name nothing, by type.
    passed: BTreeMap<String, usize>,
}

/// What an event says for all its attributes.
#[derive(Default)]
struct Event {
    tags: Vec<String>,
    note: Option<String>,
    /// As the note names it.
    uuid: Option<String>,
}

impl Reader {
    /// Reads what is there; false where nothing is that MISP writes.
    fn read(&mut self, file: &Value, depth: usize) -> Result<bool, ImportError> {
        match file {
            // Exports are wrapped twice at most: `{"response": [{"Event": …}]}`.
            _ if depth > 3 => Ok(false),
            Value::Array(parts) => {
                let mut any = false;
                for part in parts {
                    any |= self.read(part, depth + 1)?;
                }
                Ok(any)
            }
            Value::Object(members) => match (members.get("Event"), members.get("response")) {
                (Some(event @ Value::Object(_)), _) if !members.contains_key("value") => {
                    self.event(event).map(|()| true)
                }
                (_, Some(response)) => self.read(response, depth + 1),
                _ if members.contains_key("Attribute") || members.contains_key("Object") => {
                    self.event(file).map(|()| true)
                }
                _ if members.contains_key("type") && members.contains_key("value") => {
                    self.attribute(file, None, &Event::default());
                    Ok(true)
                }
                _ => Ok(false),
            },
            _ => Ok(false),
        }
    }

    fn event(&mut self, event: &Value) -> Result<(), ImportError> {
        let info = json::text(event, "info");
        let uuid = json::text(event, "uuid").filter(|_| info.is_some());
        let about = Event {
            tags: tags(event),
            uuid: uuid.map(str::to_owned),
            note: info.map(|info| {
                format!(
                    "MISP event: {info} ({})",
                    json::text(event, "uuid").unwrap_or("no UUID")
                )
            }),
        };
        for attribute in parts(event, "Attribute")? {
            self.attribute(attribute, None, &about);
        }
        for object in parts(event, "Object")? {
            let attributes = parts(object, "Attribute")?;
            if object["name"] == OBJECT {
                match json::flag(object, "deleted") {
                    true => self.deleted += attributes.len(),
                    false => self.entry(attributes),
                }
            } else {
                for attribute in attributes {
                    self.attribute(attribute, Some(object), &about);
                }
            }
        }
        Ok(())
    }

    fn attribute(&mut self, attribute: &Value, object: Option<&Value>, event: &Event) {
        self.looked_at += 1;
        let is_deleted = json::flag(attribute, "deleted")
            || object.is_some_and(|object| json::flag(object, "deleted"));
        self.deleted += usize::from(is_deleted);
        let kind = json::text(attribute, "type").unwrap_or("none");
        let value = json::text(attribute, "value").unwrap_or_default();
        let is_flagged = json::flag(attribute, "to_ids");
        let relation = object.and_then(|object| {
            Some((
                json::text(object, "name")?,
                json::text(attribute, "object_relation")?,
            ))
        });
        let meaning = meaning(kind, relation);
        if meaning.is_none() && is_deleted {
            return;
        }
        // What was looked for while it was flagged may stand on the list: it is passed over, but for that.
        let is_passed = !is_flagged && meaning.is_none_or(|meaning| meaning.only_flagged);
        if is_passed && !is_deleted {
            *self.passed.entry(kind.to_owned()).or_default() += 1;
        }
        if is_passed && meaning.is_none() {
            return;
        }
        let place = place(attribute, self.looked_at);
        let (mut draft, sighted) = about(attribute, event);
        let mut row = match meaning {
            Some(meaning) => {
                draft.kind = Some(meaning.kind.to_string());
                draft.value = Some(written(meaning, value, object));
                match &attribute["value"] {
                    Value::Number(number) => {
                        draft.value = Some(number.to_string());
                        Row::refused(place, draft, json::number())
                    }
                    _ => Row::of(place, draft),
                }
            }
            None => {
                draft.kind = Some(kind.to_owned());
                draft.value = Some(value.to_owned());
                Row::refused(place, draft, json::no_kind(kind))
            }
        };
        if !is_flagged || sighted.is_doubted() {
            row.state = EntryState::Draft;
        }
        let ending = match sighted.ends.filter(|ends| *ends <= self.now) {
            _ if is_deleted => Some(Ending::Deleted),
            Some(ends) => Some(Ending::RanOut(ends)),
            None => (!is_flagged).then_some(Ending::Unasked),
        };
        row.ended = ending.map(|ending| (ending, event.uuid.clone()));
        row.is_passed = is_passed;
        self.rows.push(row);
    }

    /// An entry of ours: one object, with a selector and what was written of it.
    fn entry(&mut self, attributes: &[Value]) {
        self.looked_at += attributes.len();
        let part = |relation: &str| {
            let found = attributes
                .iter()
                .find(|one| one["object_relation"] == relation);
            found.filter(|one| !json::flag(one, "deleted"))
        };
        let Some(selector) = part(SELECTOR) else {
            self.deleted += attributes.len();
            return;
        };
        let said = |relation| {
            part(relation)
                .and_then(|one| json::text(one, "value"))
                .map(str::to_owned)
        };
        let mut dropped = Vec::new();
        let (tlp, tags) = split(tags(selector));
        let kind = said("kind");
        let value = json::text(selector, "value").unwrap_or_default();
        let platform = meaning(json::text(selector, "type").unwrap_or_default(), None)
            .and_then(|it| it.platform);
        let draft = EntryDraft {
            value: Some(match platform {
                Some(platform) => format!("{platform}/{value}"),
                None => value.to_owned(),
            }),
            kind,
            region: None,
            purpose: said("purpose"),
            legal_basis: said("legal-basis"),
            owner: said("owner"),
            category: said("category"),
            review_at: said("review-at"),
            expires_at: said("expires-at"),
            case_reference: said("case-reference"),
            severity: said("severity"),
            way: said("match"),
            despite_warning: said("despite-warning"),
            tlp: tlp.map(|tlp| tlp.to_string()),
            note: said("note"),
            tags: json::tags(tags, &mut dropped),
        };
        let mut row = Row::of(place(selector, self.looked_at), draft);
        // Only an export of ours says when its review is.
        row.may_be_due = true;
        if !json::flag(selector, "to_ids") {
            row.state = EntryState::Draft;
        }
        self.rows.push(row);
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.deleted > 0 {
            notes.push(format!(
                "{} deleted by their authors: not added.",
                counted(self.deleted, "attribute", "attributes")
            ));
        }
        if !self.passed.is_empty() {
            let kinds: Vec<String> = self
                .passed
                .iter()
                .take(20)
                .map(|(kind, count)| format!("{kind} {count}"))
                .collect();
            notes.push(format!(
                "Attributes without to_ids that name no identifier were passed over: {}.",
                kinds.join(", ")
            ));
        }
        let is_gone = |row: &Row| row.is_passed || matches!(row.ended, Some((Ending::Deleted, _)));
        let mut kept = self.rows.iter().filter(|row| !is_gone(row));
        if kept.any(|row| row.state == EntryState::Draft) {
            notes.push(
                "Attributes without to_ids, or doubted by as many as saw them, become drafts, unless the import makes them active."
                    .into(),
            );
        }
        notes
    }
}

/// The attributes or objects of an event or object: a list of them or, as MISP shows a single one, that one itself.
fn parts<'v>(of: &'v Value, key: &str) -> Result<&'v [Value], ImportError> {
    let parts = match &of[key] {
        Value::Null => &[],
        Value::Array(parts) => parts.as_slice(),
        one => slice::from_ref(one),
    };
    match parts.iter().all(Value::is_object) {
        true => Ok(parts),
        false => Err(not_misp(match key {
            "Object" => "what stands as Object is none, and no list of them",
            _ => "what stands as Attribute is none, and no list of them",
        })),
    }
}

fn not_misp(cause: &'static str) -> ImportError {
    ImportError::NotThatJson {
        format: "MISP",
        cause,
    }
}

/// Where an attribute stands: by its UUID, or else by its number in the file and its type.
fn place(attribute: &Value, number: usize) -> Place {
    let uuid = json::text(attribute, "uuid").or(json::text(attribute, "id"));
    let named = uuid.map_or_else(
        || {
            let kind = json::text(attribute, "type").unwrap_or("none");
            format!("{number} of the file, of type {kind}, without a UUID")
        },
        str::to_owned,
    );
    let plain: String = named
        .chars()
        .filter(|letter| !letter.is_control())
        .take(90)
        .collect();
    Place::Attribute(plain.into())
}

/// The value as a person would write it on a list.
fn written(meaning: Meaning, value: &str, object: Option<&Value>) -> String {
    let value = value.trim();
    let sibling = |relation: &str| {
        let parts = object.and_then(|object| parts(object, "Attribute").ok());
        let found = parts
            .unwrap_or_default()
            .iter()
            .find(|part| part["object_relation"] == relation);
        found.and_then(|part| json::text(part, "value"))
    };
    match (meaning.kind, meaning.platform) {
        (_, Some("any")) => format!("{}/{value}", sibling("account-type").unwrap_or("any")),
        (_, Some(platform)) => format!("{platform}/{value}"),
        (Kind::Image, None) => format!("sha256/{value}"),
        // An MSISDN is international, and written without its plus.
        (Kind::Phone, None)
            if sibling("msisdn") == Some(value)
                && value.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            format!("+{value}")
        }
        _ => value.to_owned(),
    }
}

/// Names of tags; a single one may stand there without a list around it.
fn tags(of: &Value) -> Vec<String> {
    let single = of.get("Tag").filter(|tag| tag.is_object());
    let tags = json::list(of, "Tag").iter().chain(single);
    let names = tags.filter_map(|tag| json::text(tag, "name"));
    names.map(str::to_owned).collect()
}

/// The strictest marking among tags, and the others.
fn split(tags: Vec<String>) -> (Option<Tlp>, Vec<String>) {
    let is_marking = |tag: &String| tag.trim().to_ascii_lowercase().starts_with("tlp:");
    let (markings, others): (Vec<_>, Vec<_>) = tags.into_iter().partition(is_marking);
    // A marking that nobody knows is taken for the strictest.
    let read = |tag: &String| match marking::by_word(tag) {
        Some(tlp) => tlp,
        None => Tlp::Red,
    };
    (markings.iter().map(read).max(), others)
}

/// What others say of having seen an attribute.
#[derive(Default)]
struct Sighted {
    seen: usize,
    last: Option<Timestamp>,
    false_alarms: usize,
    ends: Option<Timestamp>,
}

impl Sighted {
    fn of(attribute: &Value) -> Self {
        let mut sighted = Self::default();
        for sighting in json::list(attribute, "Sighting") {
            let kind = sighting["type"]
                .as_str()
                .map_or_else(|| sighting["type"].to_string(), str::to_owned);
            let at =
                json::text(sighting, "date_sighting").and_then(|text| text.parse::<i64>().ok());
            let at = at.or_else(|| sighting["date_sighting"].as_i64());
            let at = at
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .map(Timestamp::from);
            match kind.as_str() {
                "1" => sighted.false_alarms += 1,
                "2" => sighted.ends = sighted.ends.max(at),
                _ => {
                    sighted.seen += 1;
                    sighted.last = sighted.last.max(at);
                }
            }
        }
        sighted
    }

    /// True where as many took it for a false alarm as saw it.
    fn is_doubted(&self) -> bool {
        self.false_alarms > 0 && self.false_alarms >= self.seen
    }

    fn in_words(&self) -> Option<String> {
        let last = self
            .last
            .map(|last| format!(", last on {last}"))
            .unwrap_or_default();
        match (self.seen, self.false_alarms) {
            (0, 0) => None,
            (seen, 0) => Some(format!("Sighted by others: {seen}{last}")),
            (seen, doubts) => Some(format!(
                "Sighted by others: {seen}{last}; called a false alarm: {doubts}"
            )),
        }
    }
}

/// What an attribute says beside what it is.
fn about(attribute: &Value, event: &Event) -> (EntryDraft, Sighted) {
    let sighted = Sighted::of(attribute);
    let mut note = Vec::new();
    note.extend(json::text(attribute, "comment").map(str::to_owned));
    note.extend(event.note.clone());
    note.extend(sighted.in_words());
    let (own, mut all) = split(tags(attribute));
    let (whole, more) = split(event.tags.clone());
    all.extend(more);
    let draft = EntryDraft {
        tags: json::tags(all, &mut note),
        note: json::note(&note),
        // An attribute's own marking goes before its event's.
        tlp: own.or(whole).map(|tlp| tlp.to_string()),
        expires_at: sighted.ends.map(|end| end.to_string()),
        ..EntryDraft::default()
    };
    (draft, sighted)
}
