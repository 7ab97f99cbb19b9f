//! Numbers and addresses that a text says are written from their end: `my number backwards: 3210-555-202`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use sightline_model::StepKind;

use super::{Edit, Folded};

/// How far from the words that say so the number stands, in bytes, on the same line.
const REACH: usize = 60;
/// The fewest digits that are turned round.
const DIGITS: usize = 7;

/// Parts of the words that say so, in several languages; their beginnings may be capitals.
const ANNOUNCED: [&str; 13] = [
    "ackward",
    "ACKWARD",
    "everse",
    "EVERSE",
    "al rev",
    "envers",
    "ückwärts",
    "rovescio",
    "наоборот",
    "задом напер",
    "倒着",
    "反过来",
    "거꾸로",
];

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // By the first word that fits, so that the library can look at many bytes at a time.
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(ANNOUNCED)
        .expect("the words are constants, and few: a test builds this")
});

/// The text with what is announced so turned round; None where nothing is.
pub(in crate::selectors) fn view(folded: &Folded<'_>) -> Option<Folded<'static>> {
    let text = &*folded.text;
    let mut edits: Vec<Edit> = FINDER
        .find_iter(text)
        .filter_map(|word| behind(text, word.end()).or_else(|| before(text, word.start())))
        .map(|(start, end)| Edit {
            start,
            end,
            to: text[start..end].chars().rev().collect::<String>().into(),
            step: StepKind::Reversed,
        })
        .collect();
    edits.sort_by_key(|edit| edit.start);
    edits.dedup_by(|later, earlier| later.start < earlier.end);
    (!edits.is_empty()).then(|| folded.edited(&edits))
}

/// The number or address behind the words.
fn behind(text: &str, start: usize) -> Option<(usize, usize)> {
    let line = text[start..].split('\n').next()?;
    let number = line.find(|letter: char| letter.is_ascii_digit()).map(|at| {
        let length = line[at..].find(|letter| !is_of_number(letter));
        (at, length.map_or(line.len(), |length| at + length))
    });
    part(text, start, number, words(line, 0))
}

/// The last number or address before the words.
fn before(text: &str, end: usize) -> Option<(usize, usize)> {
    let from = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[from..end];
    let number = line
        .rfind(|letter: char| letter.is_ascii_digit())
        .map(|at| {
            let front = line[..at].trim_end_matches(is_of_number);
            (front.len(), at + 1)
        });
    part(
        text,
        from,
        number,
        words(line, 0).filter(|(start, _)| start + REACH > line.len()),
    )
}

/// The first word that may be an address from its end.
fn words(line: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    line[from..].split(' ').find_map(|word| {
        let start = at;
        at += word.len() + 1;
        let is_address = word
            .find('@')
            .is_some_and(|sign| sign > 0 && word[..sign].contains('.'));
        is_address.then_some((start, start + word.len()))
    })
}

/// Whichever of the two there is, near enough and long enough; as a span of the text.
fn part(
    text: &str,
    base: usize,
    number: Option<(usize, usize)>,
    address: Option<(usize, usize)>,
) -> Option<(usize, usize)> {
    let is_long = |(start, end): &(usize, usize)| {
        let digits = text[base + start..base + end]
            .bytes()
            .filter(u8::is_ascii_digit);
        digits.count() >= DIGITS
    };
    let (start, end) = address.or(number.filter(is_long))?;
    let trimmed = text[base + start..base + end].trim_end_matches([' ', '-', '.', '(']);
    let lead = trimmed.len() - trimmed.trim_start_matches([' ', '-', '.', ')']).len();
    Some((base + start + lead, base + start + trimmed.len()))
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/' | '+')
}
