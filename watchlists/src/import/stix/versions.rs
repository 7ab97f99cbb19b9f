//! Versions of one object in a bundle: the newest one tells what its author means now.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use serde_json::Value;
use sightline_model::Timestamp;

use crate::import::json;

/// The most older versions that a note names.
const MOST_NAMED: usize = 20;

/// The objects without those of which a newer version is there, each with its place among all; and what is to be said of the
/// others.
pub(super) fn newest(objects: Vec<&Value>) -> (Vec<(usize, &Value)>, Option<String>) {
    let mut newest = HashMap::<&str, (usize, &Value)>::new();
    let mut older = Vec::new();
    for (at, object) in objects.iter().copied().enumerate() {
        let Some(id) = json::text(object, "id") else {
            continue;
        };
        if let Some(before) = newest.get(id).copied() {
            let kept = match by_age(before.1, object) {
                Ordering::Greater => before,
                Ordering::Less | Ordering::Equal => (at, object),
            };
            let passed = if kept.0 == at { before } else { (at, object) };
            older.push(passed);
            newest.insert(id, kept);
        } else {
            newest.insert(id, (at, object));
        }
    }
    let passed: HashSet<usize> = older.iter().map(|(at, _)| *at).collect();
    let note = (!older.is_empty()).then(|| {
        let named = older
            .iter()
            .take(MOST_NAMED)
            .map(|(_, object)| named(object));
        let more = match older.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "Versions of which a newer one is there were passed over: {}{more}.",
            named.collect::<Vec<_>>().join(", ")
        )
    });
    let kept = objects.into_iter().enumerate();
    (kept.filter(|(at, _)| !passed.contains(at)).collect(), note)
}

/// Which of two versions is newer. Of two of one instant that is the one that takes it back, else the one that comes later.
fn by_age(one: &Value, other: &Value) -> Ordering {
    let age = |object: &Value| {
        let modified = json::text(object, "modified").or(json::text(object, "created"));
        let at = modified.and_then(|at| Timestamp::parse(at).ok());
        (at, json::flag(object, "revoked"))
    };
    age(one).cmp(&age(other))
}

fn named(object: &Value) -> String {
    let plain = |key| {
        let text = json::text(object, key).unwrap_or_default();
        let plain = text.chars().filter(|letter| !letter.is_control());
        plain.take(120).collect::<String>()
    };
    match json::text(object, "modified") {
        Some(_) => format!("{} of {}", plain("id"), plain("modified")),
        None => plain("id"),
    }
}
