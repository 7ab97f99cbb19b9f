//! What changed between two texts, word by word.

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
    fn long_texts_of_strangers_cost_little() {
        let one: String = (0..100_000).map(|n| format!("{} ", n % 7)).collect();
        let other: String = (0..100_000).map(|n| format!("{} ", n % 11)).collect();
        let begun = std::time::Instant::now();
        assert!(!words(&one, &other).is_empty());
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
