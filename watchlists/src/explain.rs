//! A match in words: the text around it, and the steps that led to it.

use sightline_model::{Confidence, Step};

/// How much of the surroundings is shown on either side, in characters.
pub const AROUND: usize = 80;

/// A part of a text with what stood around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excerpt<'t> {
    /// Up to 80 characters before it, cut between words.
    pub before: &'t str,
    /// The part itself.
    pub raw: &'t str,
    /// Up to 80 characters after it, cut between words.
    pub after: &'t str,
}

/// `text[start..end]` with what stood around it. Offsets that lie outside the text, or inside a character, are moved
/// to the nearest place before.
pub fn excerpt(text: &str, start: usize, end: usize) -> Excerpt<'_> {
    let end = floor(text, end);
    let start = floor(text, start.min(end));
    Excerpt {
        before: last_words(&text[..start]),
        raw: &text[start..end],
        after: first_words(&text[end..]),
    }
}

/// Steps in one sentence: "written as a national number of the United States; stood in a link".
pub fn steps(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "as it stands, without any change".to_owned();
    }
    let words: Vec<String> = steps.iter().map(Step::in_words).collect();
    words.join("; ")
}

/// A confidence in words for people.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Exact => "exact",
        Confidence::Normalised => "the same identifier in another spelling",
        Confidence::Inferred => "likely the same identifier; check the listing",
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn last_words(text: &str) -> &str {
    let Some((cut, _)) = text.char_indices().rev().nth(AROUND - 1) else {
        return text;
    };
    if cut == 0 {
        return text;
    }
    let kept = &text[cut..];
    let is_between_words = text[..cut].ends_with(char::is_whitespace);
    match kept.find(char::is_whitespace) {
        Some(space) if !is_between_words => kept[space..].trim_start(),
        _ => kept,
    }
}

fn first_words(text: &str) -> &str {
    let Some((cut, _)) = text.char_indices().nth(AROUND) else {
        return text;
    };
    let kept = &text[..cut];
    let is_between_words = text[cut..].starts_with(char::is_whitespace);
    match kept.rfind(char::is_whitespace) {
        Some(space) if !is_between_words => kept[..space].trim_end(),
        _ => kept,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn excerpts_are_cut_between_words() {
        let words = "lotus ".repeat(20);
        let text = format!("{words}HERE {words}");
        let start = words.len();
        let shown = excerpt(&text, start, start + 4);
        assert_eq!(shown.raw, "HERE");
        assert_eq!(shown.before, "lotus ".repeat(13));
        assert_eq!(shown.after, format!(" {}", "lotus ".repeat(13).trim_end()));
    }

    #[test]
    fn words_longer_than_the_excerpt_are_cut_anywhere() {
        let text = format!("{}X{}", "é".repeat(200), "ü".repeat(200));
        let shown = excerpt(&text, 400, 401);
        assert_eq!(shown.before, "é".repeat(AROUND));
        assert_eq!((shown.raw, shown.after), ("X", "ü".repeat(AROUND).as_str()));
    }

    #[test]
    fn no_steps_are_words_too() {
        assert_eq!(steps(&[]), "as it stands, without any change");
        assert_eq!(
            steps(&["link".into(), "label".into()]),
            "stood in a link; stood beside a word that says what it is"
        );
    }

    #[test]
    fn every_step_of_the_extractors_has_words() {
        let text = "Call (202) 555-0123 ext. 5 or +44 20 7946 0123, tel 2025550199, \u{ff12}02-555-0147,\n\
            <tel:+12025550111> Lotus@EXAMPLE.com <mailto:a@example.org> b@b\u{fc}cher.example,\n\
            WWW.Example.com/a?utm_source=x#top https://shop.example.co.uk insta: Blue_Lotus\n@rosegarden, telegram is my @whitelily\n\
            https://instagram.com/lotus.example 0x52908400098527886e0f7030069857d2e4169ee7\n\
            BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4";
        let finds = sightline_extractors::find_all(text, Some("US"));
        let steps: BTreeSet<String> = finds
            .iter()
            .flat_map(|find| &find.steps)
            .map(ToString::to_string)
            .collect();
        assert!(steps.len() > 8, "{steps:?}");
        for name in steps {
            assert!(
                Step::from(name.clone()).kind().is_some(),
                "'{name}' has no words"
            );
        }
    }

    proptest! {
        #[test]
        fn any_offsets_give_parts_of_the_text(text in ".{0,300}", start in 0usize..1300, end in 0usize..1300) {
            let shown = excerpt(&text, start, end);
            prop_assert!(shown.before.chars().count() <= AROUND && shown.after.chars().count() <= AROUND);
            let whole = format!("{}{}{}", shown.before, shown.raw, shown.after);
            prop_assert!(text.contains(&whole));
        }
    }
}
