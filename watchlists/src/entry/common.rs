//! Phrases and patterns that fit nearly every text, or nearly none: told before anybody is flooded, or waits in vain.

use std::{iter, sync::LazyLock};

use regex_syntax::{ParserBuilder, hir::Look};
use sightline_extractors::fold_text;
use sightline_model::{Kind, Selector};
use unicode_normalization::UnicodeNormalization;

use crate::{matcher::marks::words_of, pattern::Pattern, phrase::Expression, script};

/// Out of so many texts of a language, one that is fitted makes a phrase one of nearly every listing.
const MANY: usize = 3;

/// The plain texts of each language, folded.
static TEXTS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let lines = include_str!("common.txt").lines();
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    let of_language = |lines: &[&str]| lines.iter().map(|line| fold_text(line).text).collect();
    lines
        .split(|line| line.is_empty())
        .map(of_language)
        .collect()
});

/// What is to be said of such a selector, in sentences without their ends.
pub(super) fn cautions(selector: &Selector) -> Vec<String> {
    let mut cautions = Vec::new();
    let value = selector.value.as_str();
    match selector.kind {
        Kind::Phrase => {
            let Ok(expression) = Expression::read(value) else {
                return cautions;
            };
            cautions.extend(accented(value));
            // What must stand near another is rarer than either.
            if let ([phrase], []) = (expression.terms.as_slice(), expression.without.as_slice()) {
                let words = words_of(phrase);
                cautions.extend(flood(|text| holds(&words_of(text), &words)));
            }
        }
        Kind::Pattern => {
            cautions.extend(anchored(value));
            if let Ok(pattern) = Pattern::compile(value) {
                cautions.extend(flood(|text| pattern.regex.is_match(text)));
            }
        }
        _ => {}
    }
    cautions
}

fn flood(is_fit: impl Fn(&str) -> bool) -> Option<String> {
    let most = TEXTS.iter().map(|texts| {
        let fit = texts.iter().filter(|text| is_fit(text)).count();
        (fit, texts.len())
    });
    let (fit, of) = most.max_by_key(|(fit, _)| *fit)?;
    (fit * MANY >= of).then(|| {
        format!(
            "it fits {fit} of {of} plain advertisements that it was tried on, so it will fit a great part of all listings: take more words, or see it with a backtest first"
        )
    })
}

/// True where the words stand in the text, not as parts of others.
fn holds(text: &str, phrase: &str) -> bool {
    let mut places = text.match_indices(phrase);
    places.any(|(at, found)| script::is_whole(text, at, at + found.len()))
}

/// That accents count, of a phrase with Latin letters that bear them.
fn accented(value: &str) -> Option<String> {
    let plain: String = value
        .chars()
        .map(|letter| without_accent(letter).unwrap_or(letter))
        .collect();
    (plain != value).then(|| {
        format!(
            "accents count: where people leave them out, it is not found; '{plain}' is another phrase"
        )
    })
}

/// The Latin letter below an accent; none of another letter, whose marks make it another.
fn without_accent(letter: char) -> Option<char> {
    match letter {
        'đ' => Some('d'),
        'ø' => Some('o'),
        'ł' => Some('l'),
        _ => {
            let base = iter::once(letter).nfd().next()?;
            (base != letter && base.is_ascii_alphabetic()).then_some(base)
        }
    }
}

/// That a pattern asks where a text begins or ends.
fn anchored(value: &str) -> Option<String> {
    let hir = ParserBuilder::new().build().parse(value).ok()?;
    let properties = hir.properties();
    // A folded text has no lines: where one begins, the text does.
    let (before, behind) = (properties.look_set_prefix(), properties.look_set_suffix());
    let begins = [Look::Start, Look::StartLF, Look::StartCRLF];
    let begins = begins.into_iter().any(|look| before.contains(look));
    let ends = [Look::End, Look::EndLF, Look::EndCRLF];
    let ends = ends.into_iter().any(|look| behind.contains(look));
    let fits = match (begins, ends) {
        (true, true) => "only a text that says nothing else",
        (true, false) => "only where a whole text begins so",
        (false, true) => "only where a whole text ends so",
        (false, false) => return None,
    };
    Some(format!(
        "with ^ or $ it fits {fits}: leave them out, or write \\b where a word begins or ends"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_floods_or_never_fits_is_told() {
        for (kind, value, words) in [
            (Kind::Phrase, "the", Some("plain advertisements")),
            (Kind::Phrase, "una", None),
            (Kind::Phrase, "und", Some("plain advertisements")),
            (Kind::Phrase, "massage", None),
            (
                Kind::Phrase,
                "nguyễn thị đào",
                Some("'nguyen thi dao' is another phrase"),
            ),
            (
                Kind::Phrase,
                "\"élise\" near:3 \"spa\"",
                Some("accents count"),
            ),
            (Kind::Phrase, "чай и ёлка", None),
            // As it is compared: the mark is no part of it.
            (Kind::Phrase, "the!", Some("plain advertisements")),
            (Kind::Phrase, "\"the\" near:3 \"lotus\"", None),
            (Kind::Pattern, "[a-z]{4}", Some("plain advertisements")),
            (Kind::Pattern, r"\d{2}", None),
            (Kind::Pattern, r"room\s+\d{3}\b", None),
            (Kind::Pattern, "^massage$", Some("says nothing else")),
            (Kind::Pattern, "^massage", Some("begins so")),
            (Kind::Pattern, r"massage\z", Some("ends so")),
            (Kind::Pattern, "(?m)^massage$", Some("says nothing else")),
            (Kind::Pattern, "(?m)^massage", Some("begins so")),
            (Kind::Pattern, "(?Rm)massage$", Some("ends so")),
            (Kind::Pattern, "lotus|(?m)^massage", None),
            (Kind::Domain, "the.example", None),
        ] {
            let told = cautions(&Selector::new(kind, value)).join("; ");
            match words {
                Some(words) => assert!(told.contains(words), "{value}: {told}"),
                None => assert_eq!(told, "", "{value}"),
            }
        }
    }
}
