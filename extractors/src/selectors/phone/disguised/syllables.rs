//! Words for digits that are written by their syllables: `zee-ro`, `se-ven`.

use std::ops::Range;

use super::pieces::token_at;
use crate::selectors::words::{self, Meaning, Sense};

/// What such words begin with.
const FIRSTS: [&str; 18] = [
    "ze", "zee", "zi", "thr", "fo", "fi", "fy", "si", "se", "sev", "ei", "ni", "ny", "cua", "cin",
    "sie", "nue", "hu",
];

/// True for what a word for a digit may begin with, where it is written by its syllables.
pub(super) fn may_begin(word: &str) -> bool {
    FIRSTS.iter().any(|first| first.eq_ignore_ascii_case(word))
}

/// A word for a digit that is written by its syllables, `zee-ro` or `se-ven`, of which the first is none: where it ends,
/// and what it means.
pub(super) fn digit(text: &str, token: &Range<usize>) -> Option<(usize, &'static [Sense])> {
    /// No word for a digit has more letters in two syllables.
    const LONGEST: usize = 8;
    let bytes = text.as_bytes();
    if bytes.get(token.end) != Some(&b'-') || !may_begin(&text[token.clone()]) {
        return None;
    }
    let (rest, digits) = token_at(text, token.end + 1);
    let letters = [&text[token.clone()], &text[rest.clone()]].concat();
    if rest.len() < 2 || digits > 0 || letters.len() > LONGEST || !letters.is_ascii() {
        return None;
    }
    let is_digit = |senses: &[Sense]| {
        let is_sure = |sense: &Sense| !sense.is_weak && !sense.is_made;
        let is_digit = |sense: &Sense| matches!(sense.meaning, Meaning::Number(0..=9));
        senses.iter().any(|sense| is_sure(sense) && is_digit(sense))
    };
    if words::senses(&words::fold(&text[token.clone()])).is_some_and(is_digit) {
        return None;
    }
    let senses = words::senses(&words::fold(&letters)).filter(|senses| is_digit(senses))?;
    Some((rest.end, senses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_put_together_where_its_first_part_is_none() {
        for (text, ends) in [
            ("zee-ro", Some(6)),
            ("se-ven-one", Some(6)),
            ("Fi-ve", Some(5)),
            ("one-two", None),
            ("six-teen", None),
            ("zee ro", None),
            ("re-do", None),
            ("s-ix", None),
        ] {
            let (token, _) = token_at(text, 0);
            assert_eq!(digit(text, &token).map(|(end, _)| end), ends, "{text}");
        }
    }
}
