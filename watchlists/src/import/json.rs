//! JSON from strangers: bounded, and told apart.

use serde_json::Value;
use sightline_model::Problem;

use super::{Format, ImportError};

/// The largest file of JSON, in bytes. As values it takes some ten times as much memory.
pub(super) const LARGEST: usize = 64 * 1024 * 1024;

/// Reads a whole file. Nesting is bounded by the parser, at 128 levels.
pub(super) fn read(bytes: &[u8]) -> Result<Value, ImportError> {
    if bytes.len() > LARGEST {
        return Err(ImportError::TooLarge {
            most: LARGEST / (1024 * 1024),
        });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(text).map_err(|error| ImportError::NotJson {
        line: error.line(),
        column: error.column(),
        cause: error.to_string(),
    })
}

/// STIX or MISP, by the words that stand in the first kibibytes: each has some that the other does not use.
pub(super) fn kind_of(text: &[u8]) -> Format {
    let start = String::from_utf8_lossy(&text[..text.len().min(64 * 1024)]).into_owned();
    let at = |word: &str| start.find(word).unwrap_or(usize::MAX);
    let stix = at("\"spec_version\"")
        .min(at("\"bundle--"))
        .min(at("\"objects\""));
    let misp = at("\"Event\"")
        .min(at("\"Attribute\""))
        .min(at("\"threat_level_id\""))
        .min(at("\"orgc_id\""))
        .min(at("\"to_ids\""));
    match misp < stix {
        true => Format::Misp,
        false => Format::Stix,
    }
}

/// A text member; empty text counts as none.
pub(super) fn text<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object
        .get(key)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

/// The members of a list; none where there is no list.
pub(super) fn list<'v>(object: &'v Value, key: &str) -> &'v [Value] {
    object
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A flag, as JSON, or as the digits that some programs write.
pub(super) fn flag(object: &Value, key: &str) -> bool {
    match object.get(key) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => matches!(text.as_str(), "1" | "true" | "True"),
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        _ => false,
    }
}

/// Foreign tags as an entry has them: those that are too long, too many, or would be split go into the note instead.
pub(super) fn tags(
    foreign: impl IntoIterator<Item = String>,
    note: &mut Vec<String>,
) -> Option<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in foreign {
        let tag = tag.trim().to_owned();
        if tag.is_empty() || kept.contains(&tag) {
            continue;
        }
        let fits = tag.chars().count() <= crate::entry::MOST_TAG
            && kept.len() < crate::entry::MOST_TAGS
            && !tag.contains([',', ';'])
            && !tag.contains(char::is_control);
        match fits {
            true => kept.push(tag),
            false => note.push(format!("Tag: {tag}")),
        }
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// Lines of a note, cut to what a note may have.
pub(super) fn note(lines: &[String]) -> Option<String> {
    let whole = lines.join("\n");
    let most = crate::entry::MOST_NOTE;
    let plain: String = whole
        .chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'))
        .collect();
    let cut = match plain.chars().count() > most {
        true => plain.chars().take(most - 1).chain(['…']).collect(),
        false => plain,
    };
    (!cut.trim().is_empty()).then_some(cut)
}

/// That a value is a number: what it began with may be lost.
pub(super) fn number() -> Problem {
    Problem::new(
        "value",
        "it is a number in the file, and no text: a plus or a zero that it began with would be lost",
        "write it in quotation marks, as it is dialled or written",
    )
}

/// That a kind of thing has no place on a watchlist.
pub(super) fn no_kind(what: &str) -> Problem {
    Problem::new(
        "kind",
        format!("a watchlist has no kind for '{what}'"),
        "see docs/interchange.md for what is read",
    )
}
