//! Numbers of which only the last digits are written, since the rest is that of the number before: `…0143 or 0144`.

use sightline_model::{Confidence, Find, Kind, Selector};

use super::{Standing, find_at, parse};

/// How many digits are written again.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=4;
/// The most numbers that are told so behind one.
const MOST: usize = 4;
/// Words and signs before them.
const OR: [&str; 15] = [
    "or", "and", "&", "/", "oder", "und", "ou", "et", "o", "y", "e", "или", "и", "lub", "sau",
];

/// The numbers behind one whose last group of digits ends at `end`.
pub(super) fn others(text: &str, find: &Find, end: usize) -> Vec<Find> {
    let digits_at = |at: usize| {
        text.as_bytes()[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let last = text[..end]
        .bytes()
        .rev()
        .take_while(u8::is_ascii_digit)
        .count();
    let mut found = Vec::new();
    let mut at = end;
    while found.len() < MOST && DIGITS.contains(&last) {
        let rest = &text[at..];
        let word_from = rest.trim_start_matches([' ', ',']);
        let Some(word) = OR.iter().find(|word| {
            word_from.strip_prefix(**word).is_some_and(|behind| {
                behind.starts_with(' ') || !word.starts_with(char::is_alphabetic)
            })
        }) else {
            break;
        };
        let start = text.len() - word_from[word.len()..].trim_start_matches(' ').len();
        let length = digits_at(start);
        let is_year = matches!(&text[start..start + length.min(2)], "19" | "20") && length == 4;
        let goes_on = text[start + length..].starts_with(|letter: char| {
            letter.is_alphanumeric() || matches!(letter, ':' | '/' | '-' | '%' | '€' | '$' | '£')
        }) || text[start + length..]
            .trim_start_matches([' ', '-', '.'])
            .starts_with(|letter: char| letter.is_ascii_digit());
        if length != last || is_year || goes_on {
            break;
        }
        let value = &find.selector.value;
        let value = format!(
            "{}{}",
            &value[..value.len() - last],
            &text[start..start + length]
        );
        let is_valid =
            || parse(&value, None, None).is_some_and(|reading| reading.standing == Standing::Valid);
        // Of one without a country, only its form is known, and this one has the same.
        if value.starts_with('+') && !is_valid() {
            break;
        }
        let selector = Selector::new(Kind::Phone, value);
        let span = (start, start + length);
        found.push(find_at(
            text,
            span,
            selector,
            Confidence::Inferred,
            find.steps.clone(),
        ));
        at = start + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::selectors::find_all;

    #[test]
    fn last_digits_are_read_with_the_number_before() {
        for (text, count) in [
            ("call 202-555-0143 or 0144", 2),
            ("202 555 0143, 0144", 1),
            ("202-555-0143 / 0144 / 0145", 3),
            ("202-555-0143 and 2026", 1),
            ("202-555-0143 or 300 $", 1),
            ("202-555-0143 or 0144-55", 1),
        ] {
            assert_eq!(find_all(text, Some("US")).len(), count, "{text}");
        }
    }
}
