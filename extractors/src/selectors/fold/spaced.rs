//! Characters written apart: `r o s e @ e x a m p l e . c o m`, `r*o*s*e`.

use sightline_model::StepKind;

use super::Edit;
use crate::selectors::skim::Skim;

/// The fewest characters that are taken for one word written apart. Two stand so in many sentences: "plan b, a room".
const FEWEST: usize = 3;

/// The fewest that are one with full stops between.
const DOTTED: usize = 6;

/// The most: an address. Beyond it each of a million figures would ask for the end of all that are behind it.
const MOST: usize = 128;

/// The most spaces between two of them: `r  o  s  e`. More stand between the columns of a table.
const WIDE: usize = 3;

/// Edits that join characters which stand apart. Digits alone are left: telephone numbers have rules of their own.
pub(super) fn edits(text: &str, skim: &Skim) -> Vec<Edit> {
    let mut edits = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    // One character between two signs of the same kind is what begins a run; most texts have none.
    for &sign in &skim.apart {
        if sign < at {
            continue;
        }
        // The run begins with the character before the first sign, or else with the one behind it. Of several spaces, it is
        // the last that was seen.
        let signs = match bytes[sign] {
            b' ' => bytes[at..sign]
                .iter()
                .rev()
                .take(WIDE - 1)
                .take_while(|byte| **byte == b' ')
                .count(),
            _ => 0,
        };
        let before = (sign - signs).checked_sub(1).filter(|start| *start >= at);
        let run = before
            .and_then(|start| run_at(bytes, start))
            .or_else(|| run_at(bytes, sign + 1));
        let Some(mut run) = run else {
            at = sign + 1;
            continue;
        };
        if is_preposition(text, &run.places) {
            run.places.remove(0);
        }
        drop_second_signs(bytes, &mut run.places);
        let has_letter = run.places.iter().any(|&at| bytes[at].is_ascii_alphabetic());
        if run.places.len() >= FEWEST && has_letter {
            for pair in run.places.windows(2) {
                edits.push(Edit {
                    start: pair[0] + 1,
                    end: pair[1],
                    to: "".into(),
                    step: StepKind::Spaced,
                });
            }
        }
        at = run.places.last().map_or(sign + 1, |last| last + 1);
    }
    edits
}

/// Takes off the signs of a run in which every other character is the same one: `r . o . s . e`.
fn drop_second_signs(bytes: &[u8], places: &mut Vec<usize>) {
    let second = |(index, _): &(usize, &usize)| index % 2 == 1;
    let signs = || {
        places
            .iter()
            .enumerate()
            .filter(second)
            .map(|(_, at)| bytes[*at])
    };
    let are_signs = places.len() % 2 == 1
        && signs().count() >= FEWEST
        && (signs().all(|sign| sign == b'.') || signs().all(|sign| sign == b'-'));
    let are_letters = || {
        let letters = places.iter().step_by(2).map(|at| bytes[*at]);
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        letters.into_iter().all(is_letter)
    };
    if are_signs && are_letters() {
        let mut index = 0;
        places.retain(|_| {
            index += 1;
            index % 2 == 1
        });
    }
}

/// True where the first of an address's letters is the word by which one writes to it: `escribe a r o s e @ …`.
fn is_preposition(text: &str, places: &[usize]) -> bool {
    /// How verbs begin that ask to write or send, and what is sent.
    const WRITE: [&str; 10] = [
        "escr", "mand", "enví", "envi", "invi", "scriv", "foto", "correo", "contacta", "contatta",
    ];
    let bytes = text.as_bytes();
    let Some(first) = places
        .first()
        .filter(|first| matches!(bytes[**first], b'a' | b'A'))
    else {
        return false;
    };
    let is_mail = places.iter().any(|at| bytes[*at] == b'@');
    let before = &text[text.floor_char_boundary(first.saturating_sub(32))..*first];
    let before = before.rsplit('\n').next().unwrap_or(before);
    let word = before
        .trim_end_matches(' ')
        .rsplit(' ')
        .next()
        .unwrap_or_default();
    // Behind a sign nothing is written to: "Correo: a m b e r @ …".
    is_mail
        && word.ends_with(char::is_alphabetic)
        && WRITE
            .iter()
            .any(|verb| word.to_lowercase().starts_with(verb))
}

/// Where the characters of a run stand.
struct Run {
    places: Vec<usize>,
}

fn run_at(bytes: &[u8], start: usize) -> Option<Run> {
    let separator = *bytes.get(start + 1)?;
    let separates = is_separator(separator);
    let is_part = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || separator == b'.' && byte == b'_'
            || separator == b' ' && matches!(byte, b'@' | b'.' | b'_' | b'-' | b':' | b'/')
            || !matches!(separator, b' ' | b'.') && matches!(byte, b'@' | b'.' | b'_')
    };
    let begins = start == 0
        || match bytes[start - 1] {
            byte if byte >= 128 => !touches_letter(bytes, start, true),
            // `@r o s e`: the sign before a name.
            b'@' => separator == b' ' && (start == 1 || bytes[start - 2].is_ascii_whitespace()),
            byte => !is_part_of_word(byte),
        };
    if !separates || !begins || !bytes[start].is_ascii_alphanumeric() {
        return None;
    }
    let mut places = vec![start];
    let mut at = start;
    let width = match separator {
        b' ' => bytes[start + 1..]
            .iter()
            .take(WIDE)
            .take_while(|byte| **byte == b' ')
            .count(),
        _ => 1,
    };
    while places.len() < MOST
        && bytes
            .get(at + 1..at + 1 + width)
            .is_some_and(|signs| signs.iter().all(|sign| *sign == separator))
        && bytes.get(at + 1 + width).is_some_and(|byte| is_part(*byte))
        && (bytes.get(at + 2 + width) == Some(&b'.') && separator == b'.'
            || !goes_on(bytes, at + 2 + width))
    {
        at += 1 + width;
        places.push(at);
    }
    leave_sentence(bytes, &mut places);
    // Hyphens stand in names too: a run with them is a word by itself.
    let stands_apart = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
    let ends_there = |end: usize| {
        let is_sign = |byte: &u8| matches!(byte, b'.' | b',' | b';' | b'!' | b'?' | b')' | b'"');
        stands_apart(bytes.get(end))
            || bytes.get(end).is_some_and(is_sign) && stands_apart(bytes.get(end + 1))
    };
    let opens = |byte: &u8| matches!(byte, b'(' | b'"' | b':');
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    let end = places.last().map_or(start, |last| last + 1);
    if separator == b'.' {
        // Abbreviations are shorter, and figures with dots are numbers or dates.
        let letters = places.iter().filter(|at| bytes[**at].is_ascii_alphabetic());
        if places.len() < DOTTED || letters.count() * 2 < places.len() {
            return None;
        }
    }
    if matches!(separator, b'-' | b'.')
        && !((stands_apart(before) || before.is_some_and(opens)) && ends_there(end))
    {
        return None;
    }
    (places.len() > 1).then_some(Run { places })
}

/// Takes off what is the sentence's: signs at the end, and an "I" or "a" behind such a sign: `e x a m p l e - I am`.
fn leave_sentence(bytes: &[u8], places: &mut Vec<usize>) {
    let is_sign = |at: &usize| !bytes[*at].is_ascii_alphanumeric();
    if let [.., sign, last] = places[..]
        && matches!(bytes[last], b'I' | b'a' | b'A')
        && matches!(bytes[sign], b'-' | b'.' | b':' | b'/')
    {
        places.pop();
    }
    while places.last().is_some_and(is_sign) {
        places.pop();
    }
}

/// Signs that stand between the characters of a run.
fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'*' | b'~' | b'|' | b'-' | b'.')
}

/// True where a word goes on at `at`: a full stop with nothing behind it ends the sentence, and the run.
fn goes_on(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b'.' | b'@' | b'_' | b'\'') => {
            bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
        }
        Some(byte) if *byte >= 128 => touches_letter(bytes, at, false),
        Some(byte) => is_part_of_word(*byte),
        None => false,
    }
}

/// True where a letter beyond ASCII ends before `at`, or begins there; a sign, such as a quotation mark, is no part.
fn touches_letter(bytes: &[u8], at: usize, is_before: bool) -> bool {
    let part = match is_before {
        true => &bytes[at.saturating_sub(4)..at],
        false => &bytes[at..bytes.len().min(at + 4)],
    };
    let text = String::from_utf8_lossy(part);
    let mut letters = text.chars().filter(|letter| *letter != '\u{fffd}');
    let letter = match is_before {
        true => letters.next_back(),
        false => letters.next(),
    };
    letter.is_some_and(char::is_alphanumeric)
}

fn is_part_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128 || matches!(byte, b'@' | b'.' | b'_' | b'\'')
}
