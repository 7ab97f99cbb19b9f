//! What changed between two texts, word by word or line by line.

use std::time::Duration;

use sightline_casework::inert;
use similar::{ChangeTag, TextDiff};

/// The most of each text that is compared, in bytes.
const LONGEST: usize = 50_000;
/// After so long the rest is told coarsely: a stranger wrote both texts.
const PATIENCE: Duration = Duration::from_millis(100);

/// What became of a stretch of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// It is in both.
    Kept,
    /// It is gone.
    Gone,
    /// It is new.
    New,
}

/// A stretch of text, made inert, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    /// What became of it.
    pub change: Change,
    /// The text.
    pub text: String,
}

/// What changed from one text to the other, in the order of reading.
pub(crate) fn words(before: &str, after: &str) -> Vec<Piece> {
    let (before, after) = (cut(before), cut(after));
    let diff = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_words(before, after);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let tag = match change.tag() {
            ChangeTag::Equal => Change::Kept,
            ChangeTag::Delete => Change::Gone,
            ChangeTag::Insert => Change::New,
        };
        let text = inert::part(change.value());
        match pieces.last_mut().filter(|last| last.change == tag) {
            Some(last) => last.text.push_str(&text),
            None => pieces.push(Piece { change: tag, text }),
        }
    }
    pieces
}

/// Lines that stand around a change, and are shown with it.
const AROUND: usize = 2;

/// A line, made inert, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    /// What became of it.
    pub change: Change,
    /// Its number: where it stands now, or, where it is gone, where it stood.
    pub number: usize,
    /// Its text.
    pub text: String,
}

impl Line {
    /// The sign before it, as people know it from other programs.
    pub(crate) fn sign(&self) -> &'static str {
        match self.change {
            Change::Kept => " ",
            Change::Gone => "−",
            Change::New => "+",
        }
    }
}

/// The lines that changed from one text to the other, with those around them.
pub(crate) fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(before, after);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (place, becomes) = match change.tag() {
                ChangeTag::Equal => (change.new_index(), Change::Kept),
                ChangeTag::Delete => (change.old_index(), Change::Gone),
                ChangeTag::Insert => (change.new_index(), Change::New),
            };
            lines.push(Line {
                change: becomes,
                number: place.map_or(0, |at| at + 1),
                text: inert::line(change.value().trim_end_matches(['\n', '\r'])).into_owned(),
            });
        }
    }
    lines
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_changed_stand_apart() {
        let pieces = words("new in town, call 555", "back in town, call\u{202e} 555");
        let told: Vec<(Change, &str)> = pieces
            .iter()
            .map(|piece| (piece.change, piece.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Change::Gone, "new"),
                (Change::New, "back"),
                (Change::Kept, " in town, "),
                (Change::Gone, "call"),
                (Change::New, "call\\u{202e}"),
                (Change::Kept, " 555"),
            ]
        );
        assert_eq!(words("", ""), []);
        assert!(
            words("a", "a")
                .iter()
                .all(|piece| piece.change == Change::Kept)
        );
    }

    #[test]
    fn lines_that_changed_stand_with_those_around_them() {
        let before = "a\nb\nc\nd\ne\nf\n";
        let told: Vec<String> = lines(before, "a\nb\nc\nd\u{202e}\ne\nf\n")
            .iter()
            .map(|line| format!("{}{} {}", line.sign(), line.number, line.text))
            .collect();
        assert_eq!(
            told,
            [" 2 b", " 3 c", "−4 d", "+4 d\\u{202e}", " 5 e", " 6 f"]
        );
        assert_eq!(lines(before, before), []);
    }

    #[test]
    fn long_texts_of_strangers_cost_little() {
        let one: String = (0..100_000).map(|n| format!("{} ", n % 7)).collect();
        let other: String = (0..100_000).map(|n| format!("{} ", n % 11)).collect();
        let begun = std::time::Instant::now();
        assert!(!words(&one, &other).is_empty());
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
