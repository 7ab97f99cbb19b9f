//! Numbers that end in letters of a telephone's keypad: `1-800-555-ROSE`, `call 202-555-LANE` (ITU-T E.161).

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{Context, Standing, around::Around, find_at, read, scan::Candidate};

/// How many letters end a number.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=7;

/// The number that a candidate begins and capitals behind it end. Only where numbers have the North American form, a
/// label says that it is one, or it begins as those do that are free of charge.
pub(super) fn find(text: &str, candidate: &Candidate, context: &Context<'_>) -> Option<Find> {
    let (start, end) = candidate.span(0, candidate.groups.len());
    let bytes = text.as_bytes();
    // Most figures have no capital right behind them.
    if !matches!(bytes.get(end), Some(b'-' | b'.' | b' '))
        || !bytes.get(end + 1)?.is_ascii_uppercase()
    {
        return None;
    }
    let letters = bytes[end + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let to = end + 1 + letters;
    // `555-XXXX` is masked.
    if bytes[end + 1..to]
        .iter()
        .all(|byte| *byte == bytes[end + 1])
    {
        return None;
    }
    let figures = candidate.digits(0, candidate.groups.len());
    let is_toll_free = text[start..].starts_with("1-8") && figures >= 4;
    let is_whole = figures + letters == 10 || is_toll_free && figures + letters == 11;
    let touches = text[to..].starts_with(|letter: char| letter.is_alphanumeric());
    if !LETTERS.contains(&letters) || !is_whole || touches || context.is_taken(start, to) {
        return None;
    }
    let region = context
        .region
        .filter(|region| PHONE_NUMBER_UTIL.is_nanpa_country(*region));
    if region.is_none() && !is_toll_free {
        return None;
    }
    let around = Around::of(text, start, to);
    if !(around.is_labelled || is_toll_free) || around.is_named_otherwise {
        return None;
    }
    let digits: String = text[start..to]
        .bytes()
        .filter_map(digit)
        .map(char::from)
        .collect();
    let reading = read(&digits, region.or(Some(Region::US)))?;
    let mut steps: Vec<Step> = vec![StepKind::Keypad.into()];
    if around.is_labelled {
        steps.push(StepKind::Label.into());
    }
    let step = Step::about(StepKind::Region, reading.region?);
    steps.push(step);
    (reading.standing == Standing::Valid).then(|| {
        let selector = Selector::new(Kind::Phone, reading.value);
        find_at(text, (start, to), selector, Confidence::Inferred, steps)
    })
}

/// The digit on whose key a letter stands.
fn digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte,
        b'A'..=b'C' => b'2',
        b'D'..=b'F' => b'3',
        b'G'..=b'I' => b'4',
        b'J'..=b'L' => b'5',
        b'M'..=b'O' => b'6',
        b'P'..=b'S' => b'7',
        b'T'..=b'V' => b'8',
        b'W'..=b'Z' => b'9',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    // No number that is kept free for fiction can be told in letters: no key with letters is a 0 or a 1. So the letters
    // and what is left alone are tested.
    #[test]
    fn letters_stand_on_keys() {
        let digits: Vec<u8> = "ROSE8".bytes().filter_map(digit).collect();
        assert_eq!(digits, b"76738");
    }

    #[test]
    fn capitals_behind_figures_are_words() {
        for text in [
            "ring 100-200-MILES away",
            "model 555-123-ABCD",
            "202-555-ROOM",
        ] {
            assert!(find_all(text, Some("US")).is_empty(), "{text}");
        }
    }
}
