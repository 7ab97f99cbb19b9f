//! Numbers of which only the last digits are written, since the rest is that of the number before: `…0143 or 0144`,
//! `…913582 or 913583`, `…913582/83`.

use sightline_model::{Confidence, Find, Kind, Selector};

use super::{Standing, find_at, parse};

/// How many digits are written again.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=6;
/// So many digits are an amount as often, unless the first of them are those of the number before.
const LONG: usize = 5;
/// The lines of one house follow each other: `…82/83`.
const NEXT: u64 = 9;
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
        let value = &find.selector.value;
        let written = &text[start..start + length];
        let same = value[value.len() - last..]
            .bytes()
            .zip(written.bytes())
            .take_while(|(one, other)| one == other)
            .count();
        let is_amount = length >= LONG && same < 2;
        if length != last && !is_next(value, &text[at..start], written)
            || is_amount
            || is_year
            || goes_on
        {
            break;
        }
        let last = length;
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

/// True for the last two digits of the line behind, right behind a stroke: `…82/83`.
fn is_next(value: &str, between: &str, written: &str) -> bool {
    let step = || {
        let before: u64 = value[value.len() - 2..].parse().ok()?;
        written.parse::<u64>().ok()?.checked_sub(before)
    };
    between == "/" && written.len() == 2 && step().is_some_and(|step| (1..=NEXT).contains(&step))
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
        for (text, count) in [
            ("07700 900123 or 900124", 2),
            ("07700 900123/24", 2),
            ("07700 900123, 24/7", 1),
            ("07700 900123/7", 1),
            ("07700 900123/60", 1),
            ("07700 900123/24h", 1),
            ("07700 900123 or 250000", 1),
        ] {
            assert_eq!(find_all(text, Some("GB")).len(), count, "{text}");
        }
    }
}
