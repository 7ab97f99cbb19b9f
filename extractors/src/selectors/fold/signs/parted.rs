//! Numbers that are parted so regularly that nothing has to be said of it: a letter or a sign after each figure, or parts
//! that are counted.

use std::{
    ops::{Range, RangeInclusive},
    sync::LazyLock,
};

use memchr::memmem::Finder;
use sightline_model::StepKind;

use super::super::Edit;
use crate::selectors::{run_around, skim::Skim};

/// Two letters between groups, which no figure stands beside on both sides.
static DOUBLE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("xx"));

/// How far a number reaches on either side of where it is noticed, in bytes.
const NEAR: usize = 60;
/// The fewest figures of a number with a sign after each.
const GARLAND: usize = 9;
/// How many digits a number has that is told in counted parts.
const DIGITS: RangeInclusive<usize> = 7..=15;
/// How far one of these parts reaches, in bytes; and how many places of a text are looked at where the first may begin.
const CHUNK: usize = 24;
const FIRSTS: usize = 64;

/// Numbers with a letter or a sign after each figure, whatever the text says of it: `2x0x2 5x5x5 0x1x2x3`,
/// `2+0+2xx5+5+5xx0+1+2+3`. So regular is nothing else.
pub(super) fn garlands(text: &str, skim: &Skim) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    let mut at = 0;
    // `2xx5` has no letter with a figure on both sides.
    let pairs = DOUBLE.find_iter(bytes).filter(|at| {
        at.checked_sub(1)
            .is_some_and(|at| bytes[at].is_ascii_digit())
            && bytes.get(at + 2).is_some_and(u8::is_ascii_digit)
    });
    let mut seeds: Vec<usize> = skim.planted.iter().copied().chain(pairs).collect();
    seeds.sort_unstable();
    for seed in seeds {
        if seed < at {
            continue;
        }
        let is_part = |byte: &u8| {
            byte.is_ascii_alphanumeric()
                || is_between(*byte)
                || matches!(byte, b' ' | b'-' | b'.' | b'(' | b')')
        };
        let near = at.max(seed.saturating_sub(NEAR))..bytes.len().min(seed + NEAR);
        let part = run_around(bytes, near, seed, is_part);
        at = part.end;
        if let Some(found) = garland(bytes, part) {
            edits.extend(found);
        }
    }
    edits
}

/// Signs that stand between figures that are set apart.
fn is_between(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'|' | b':' | b'^' | b'=' | b'*' | b'~' | b'_' | b'/'
    )
}

/// The edits for a part of a text whose figures stand alone, with the same letter or sign after each.
fn garland(bytes: &[u8], part: Range<usize>) -> Option<Vec<Edit>> {
    let is_alone = |at: usize| {
        bytes[at].is_ascii_digit()
            && !at
                .checked_sub(1)
                .is_some_and(|at| bytes[at].is_ascii_digit())
            && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
    };
    // From the first figure that stands alone with such a sign behind it.
    let joins = |byte: u8| byte.is_ascii_alphabetic() || is_between(byte);
    let first = part.clone().find(|at| {
        is_alone(*at)
            && bytes.get(at + 1).is_some_and(|byte| joins(*byte))
            && bytes.get(at + 2).is_some_and(u8::is_ascii_digit)
    })?;
    let mut places = vec![first];
    let mut sign: Option<u8> = None;
    let mut joined = 0;
    let mut letters = 0;
    let mut edits = Vec::new();
    let mut at = first;
    loop {
        let rest = &bytes[at + 1..part.end];
        let length = rest
            .iter()
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
        let (between, next) = (&rest[..length], at + 1 + length);
        if next >= part.end || !is_alone(next) {
            break;
        }
        let same = |byte: &u8| byte.eq_ignore_ascii_case(&between[0]);
        let to = match between {
            [one] if joins(*one) => {
                if *sign.get_or_insert(one.to_ascii_lowercase()) != one.to_ascii_lowercase() {
                    break;
                }
                joined += 1;
                ""
            }
            // What parts the groups.
            [b' ' | b'-' | b'.'] => " ",
            [first, _] if joins(*first) && between.iter().all(same) => " ",
            [b' ', inner @ .., b' ']
                if inner.len() <= 2 && inner.iter().all(|byte| joins(*byte) || *byte == b'-') =>
            {
                " "
            }
            _ => break,
        };
        letters += between
            .iter()
            .filter(|byte| byte.is_ascii_alphabetic())
            .count();
        edits.push(Edit {
            start: at + 1,
            end: next,
            to: to.into(),
            step: StepKind::Defanged,
        });
        places.push(next);
        at = next;
    }
    let touches = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_apart =
        !touches(bytes.get(at + 1)) && !touches(first.checked_sub(1).and_then(|at| bytes.get(at)));
    (places.len() >= GARLAND && joined * 2 > places.len() && letters > 0 && is_apart)
        .then_some(edits)
}

/// Parts of a number that are counted: `1) 06 39 2) 98 98 3) 75 12`.
pub(super) fn counted(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    for at in memchr::memchr_iter(b'1', bytes).take(FIRSTS) {
        let close = match bytes.get(at + 1) {
            Some(sign @ (b')' | b'.' | b':')) => *sign,
            _ => continue,
        };
        let opens = |at: usize| at.checked_sub(1).map(|at| bytes[at]);
        if opens(at).is_some_and(|byte| !matches!(byte, b' ' | b'(' | b'\n' | b':')) {
            continue;
        }
        let mut found: Vec<Edit> = Vec::new();
        let (mut place, mut part, mut digits) = (at, b'1', 0);
        loop {
            let start = match opens(place) {
                Some(b'(') => place - 1,
                _ => place,
            };
            let end = place
                + 2
                + bytes[place + 2..]
                    .iter()
                    .take_while(|byte| **byte == b' ')
                    .count();
            found.push(Edit {
                start,
                end,
                to: "".into(),
                step: StepKind::Defanged,
            });
            let is_figure = |byte: &u8| {
                byte.is_ascii_digit()
                    || matches!(byte, b' ' | b'-' | b'.' | b',' | b'(' | b'+' | b'\n' | b';')
            };
            let run = bytes[end..]
                .iter()
                .take(CHUNK)
                .take_while(|byte| is_figure(byte))
                .count();
            // The next part's figure stands at the end of the run, with its sign behind.
            let next = part + 1;
            let last = end + run;
            let goes_on = bytes.get(last) == Some(&close)
                && close != b'.'
                && bytes[last - 1] == next
                && last > end + 1
                && matches!(bytes[last - 2], b' ' | b'(' | b'\n');
            let length = match goes_on {
                true => run - 1,
                false => run,
            };
            let count = bytes[end..end + length]
                .iter()
                .filter(|byte| byte.is_ascii_digit())
                .count();
            if count < 2 {
                break;
            }
            digits += count;
            if !goes_on {
                break;
            }
            (place, part) = (last - 1, next);
        }
        if found.len() >= 3 && DIGITS.contains(&digits) {
            edits.extend(found);
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use crate::find_all;

    #[test]
    fn what_is_parted_regularly_is_joined() {
        for (text, number) in [
            ("2x0x2 5x5x5 0x1x2x3", Some("+12025550123")),
            ("2+0+2xx5+5+5 0+1+2+3", Some("+12025550123")),
            ("2z0z2xx5z5z5xx0z1z2z3", Some("+12025550123")),
            ("part no. 2x0x2x5x5x5x0x1x2x3", None),
            ("2x0x2 and 5x5x5", None),
            ("rooms of 2x3 4x5 3x3 2x2", None),
            ("1) 202 2) 555 3) 0123", Some("+12025550123")),
            ("call (1) 202 (2) 555 (3) 0123", Some("+12025550123")),
            ("1) 20 2) 30 3) 400", None),
            ("1) 2 beds 2) 3 baths 3) 1 garden", None),
        ] {
            let finds = find_all(text, Some("US"));
            let found = finds.first().map(|find| &*find.selector.value);
            assert_eq!(found, number, "{text}");
        }
    }
}
