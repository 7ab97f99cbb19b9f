//! What was put into an address for readers to take out: `rose.NOSPAM@example.com`, "remove NOSPAM".

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use sightline_model::StepKind;

use super::{super::Edit, everyday};

/// How far behind or before an address readers are told, in bytes.
const NEAR: usize = 80;
/// How long what is planted may be, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=16;

/// What is planted in two parts, with a sign between.
static IN_PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let parts = [
        "no-spam",
        "no_spam",
        "no.spam",
        "anti-spam",
        "remove-this",
        "remove_this",
        "remove-me",
        "remove_me",
        "delete-this",
        "delete_this",
    ];
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostFirst)
        .build(parts)
        .expect("the words are constants, and few: a test builds this")
});

/// Edits that take out what was planted in the addresses of a text.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    for at in memchr::memchr_iter(b'@', text.as_bytes()) {
        let is_part = |letter: char| {
            letter.is_ascii_alphanumeric()
                || matches!(
                    letter,
                    '.' | '_' | '-' | '+' | '[' | ']' | '(' | ')' | '<' | '>' | '{' | '}'
                )
        };
        let start = text[..at].trim_end_matches(is_part).len();
        let behind = &text[at + 1..];
        let end = at
            + 1
            + behind
                .find(|letter| !is_part(letter))
                .unwrap_or(behind.len());
        let address = &text[start..end];
        if address.len() > 120 || edits.last().is_some_and(|edit: &Edit| edit.end > start) {
            continue;
        }
        if let Some((from, to)) = planted(text, start, end) {
            // The letter beside it is written again, so that what is left shows the step wherever it ends.
            let before = text[start..from].chars().next_back();
            let behind = text[to..end].chars().next().filter(|_| before.is_none());
            let kept: String = before.into_iter().chain(behind).collect();
            edits.push(Edit {
                start: from - before.map_or(0, char::len_utf8),
                end: to + behind.map_or(0, char::len_utf8),
                to: kept.into(),
                step: StepKind::Defanged,
            });
        }
    }
    edits
}

/// What is planted in `text[start..end]`, with a sign that goes with it.
fn planted(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let address = &text[start..end];
    let mut from = 0;
    // Runs of capitals, and parts between signs.
    for part in address.split(|letter: char| !letter.is_ascii_alphabetic()) {
        let at = start + from;
        from += part.len() + 1;
        let run = capitals(part);
        let (at, part) = (at + run.start, &part[run]);
        if LENGTHS.contains(&part.len()) && is_planted(text, start, end, part) {
            return Some(with_signs(text, start, end, at, at + part.len()));
        }
    }
    // `no-spam`, `REMOVE_THIS`: two parts with a sign between.
    let known = IN_PARTS.find(address)?;
    let (from, to) = (start + known.start(), start + known.end());
    Some(with_signs(text, start, end, from, to))
}

/// The capitals of a part that has small letters too; else the whole.
fn capitals(part: &str) -> std::ops::Range<usize> {
    let bytes = part.as_bytes();
    let length = |from: usize| {
        let run = bytes[from..].iter();
        run.take_while(|byte| byte.is_ascii_uppercase()).count()
    };
    let runs = (0..bytes.len())
        .filter(|at| *at == 0 || !bytes[at - 1].is_ascii_uppercase())
        .map(|at| at..at + length(at));
    runs.max_by_key(ExactSizeIterator::len)
        .filter(|run| run.len() >= *LENGTHS.start())
        .unwrap_or(0..part.len())
}

/// True for what nobody is called, and for capitals that the text around says are to be taken out.
fn is_planted(text: &str, start: usize, end: usize, part: &str) -> bool {
    let folded = part.to_ascii_lowercase();
    if everyday::is_planted(&folded) {
        return true;
    }
    if !part.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return false;
    }
    let behind = window(text, end, end + NEAR);
    let before = window(text, start.saturating_sub(NEAR), start);
    [behind, before]
        .iter()
        .any(|near| near.contains(part) && { everyday::tells_to_remove(&near.to_lowercase()) })
}

/// What is planted, with a sign on one side, so that what is left is an address: `rose-NOSPAM@`, `example.com.NOSPAM`.
fn with_signs(text: &str, start: usize, end: usize, from: usize, to: usize) -> (usize, usize) {
    let is_sign = |letter: char| !letter.is_ascii_alphanumeric() && letter != '@';
    let opens = text[start..from]
        .chars()
        .next_back()
        .filter(|letter| is_sign(*letter));
    let closes = text[to..end]
        .chars()
        .next()
        .filter(|letter| is_sign(*letter));
    match (opens, closes) {
        (Some('(' | '[' | '{' | '<'), Some(closes)) => (from - 1, to + closes.len_utf8()),
        // Of two signs, one is the address's own: `rose.NOSPAM.lane`.
        (Some(_), Some(_)) => (from - 1, to),
        (Some(_), None) => (from - 1, to),
        (None, Some(_)) if from == start || text[..from].ends_with('@') => (from, to + 1),
        _ => (from, to),
    }
}

/// The text from `start` to `end`, as far as there is any.
fn window(text: &str, mut start: usize, end: usize) -> &str {
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = end.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::fold::fold;

    #[test]
    fn what_is_planted_is_taken_out() {
        for (text, plain) in [
            (
                "rose-REMOVEME@example.com, without -REMOVEME",
                Some("rose@example.com"),
            ),
            ("roseNOSPAM@example.com", Some("rose@example.com")),
            ("rose@example.com.NOSPAM", Some("rose@example.com")),
            ("rose@NOSPAMexample.com", Some("rose@example.com")),
            ("rose@NOSPAM.example.com", Some("rose@example.com")),
            ("rose.no-spam@example.com", Some("rose@example.com")),
            ("roseXYZ@example.com (remove XYZ)", Some("rose@example.com")),
            ("rose(NOSPAM)@example.com", Some("rose@example.com")),
            (
                "rose@example.com.INVALID, leave off .INVALID",
                Some("rose@example.com"),
            ),
            (
                "rosaQUITAR@example.com: QUITAR sobra",
                Some("rosa@example.com"),
            ),
            ("roseXYZ@example.com", None),
            ("ROSE@EXAMPLE.COM without delay", None),
        ] {
            let edits = edits(text);
            let plain = plain.unwrap_or(text);
            let folded = fold(text);
            let read = match edits.is_empty() {
                true => folded,
                false => folded.edited(&edits),
            };
            assert!(read.text.starts_with(plain), "{text}: {}", read.text);
        }
    }
}
