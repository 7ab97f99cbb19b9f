//! Letters and words that were put into numbers for readers to take out: `2x0x2…, without the letters`, "leave out SPAM".

use std::ops::Range;

use sightline_model::StepKind;

use super::{super::Edit, everyday, told};
use crate::selectors::skim::Skim;

/// The fewest digits and the fewest letters of a number that letters are taken out of.
const DIGITS: usize = 7;
const LETTERS: usize = 2;
/// The most letters that stand beside each other in such a number: more are a word.
const TOGETHER: usize = 2;
/// How long a word is that is put into a number, in letters.
const WORD: std::ops::RangeInclusive<usize> = 3..=12;
/// How long such a number is at most, in bytes.
const LONGEST: usize = 120;

/// Numbers without what is to be taken out.
pub(super) fn edits(text: &str, skim: &Skim) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    let mut at = 0;
    for &letter in &skim.planted {
        if letter < at {
            continue;
        }
        let number = number_around(bytes, at..bytes.len(), letter, |run| run.len() <= TOGETHER);
        at = number.end.max(letter + 1);
        let inside = &bytes[number.clone()];
        let count = |is: fn(&u8) -> bool| inside.iter().filter(|byte| is(byte)).count();
        if count(u8::is_ascii_digit) >= DIGITS
            && count(u8::is_ascii_alphabetic) >= LETTERS
            && !is_hexadecimal(inside)
            && is_told(text, &number)
        {
            take_out(bytes, number, &mut edits);
        }
    }
    at = 0;
    for word in &skim.others {
        let Some(noise) = noise(&bytes[word.clone()]).filter(|_| word.start >= at) else {
            continue;
        };
        let is_noise = |run: &[u8]| run.eq_ignore_ascii_case(noise);
        let first = word.start + (noise.as_ptr() as usize - bytes[word.start..].as_ptr() as usize);
        let number = number_around(bytes, at..bytes.len(), first, is_noise);
        at = number.end.max(word.end);
        let digits = bytes[number.clone()]
            .iter()
            .filter(|byte| byte.is_ascii_digit());
        if digits.count() >= DIGITS && is_word_told(text, &number, noise) {
            take_out(bytes, number, &mut edits);
        }
    }
    edits.sort_by_key(|edit| edit.start);
    edits
}

/// From the first to the last figure of the number that `at` is within: figures, the signs between, and such runs of letters
/// as `may_be_within` between figures.
fn number_around(
    bytes: &[u8],
    within: Range<usize>,
    at: usize,
    may_be_within: impl Fn(&[u8]) -> bool,
) -> Range<usize> {
    let is_sign = |byte: u8| matches!(byte, b'-' | b' ' | b'.' | b'(' | b')' | b'+');
    let far = within.start.max(at.saturating_sub(LONGEST))..within.end.min(at + LONGEST);
    let (mut start, mut from) = (at, at);
    while from > far.start {
        let letters = bytes[far.start..from].iter().rev();
        let letters = letters
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        if letters > 0 {
            let run = &bytes[from - letters..from];
            let touches = from - letters > far.start && bytes[from - letters - 1].is_ascii_digit();
            if !touches || !may_be_within(run) {
                break;
            }
            from -= letters;
        } else if bytes[from - 1].is_ascii_digit() {
            from -= 1;
            start = from;
        } else if is_sign(bytes[from - 1]) {
            from -= 1;
        } else {
            break;
        }
    }
    let (mut end, mut to) = (at, at);
    while to < far.end {
        let letters = bytes[to..far.end].iter();
        let letters = letters
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        if letters > 0 {
            if !may_be_within(&bytes[to..to + letters]) {
                break;
            }
            to += letters;
        } else if bytes[to].is_ascii_digit() {
            to += 1;
            end = to;
        } else if is_sign(bytes[to]) {
            to += 1;
        } else {
            break;
        }
    }
    start..end
}

/// The first run of letters of a word that stands between figures and is long enough to be a word.
fn noise(word: &[u8]) -> Option<&[u8]> {
    let first = word.iter().position(u8::is_ascii_digit)?;
    let last = word.iter().rposition(u8::is_ascii_digit)?;
    word[first..=last]
        .split(|byte| !byte.is_ascii_alphabetic())
        .find(|run| WORD.contains(&run.len()))
}

fn take_out(bytes: &[u8], number: Range<usize>, edits: &mut Vec<Edit>) {
    let letters = number.filter(|place| bytes[*place].is_ascii_alphabetic());
    edits.extend(letters.map(|place| Edit {
        start: place,
        end: place + 1,
        to: "".into(),
        step: StepKind::Defanged,
    }));
}

/// True for what begins as figures in base 16 do and has no other letters: the first groups of a wallet's address.
fn is_hexadecimal(number: &[u8]) -> bool {
    let letters = number.strip_prefix(b"0x").or(number.strip_prefix(b"0X"));
    letters.is_some_and(|rest| {
        rest.iter()
            .all(|byte| byte.is_ascii_hexdigit() || !byte.is_ascii_alphabetic())
            && rest.iter().any(u8::is_ascii_alphabetic)
    })
}

/// True where the line says that letters are to be taken out, or names the one letter that stands in the number.
fn is_told(text: &str, number: &Range<usize>) -> bool {
    let near = told::line(text, number.start, number.end).to_lowercase();
    everyday::tells_to_remove(&near)
        && (told::speaks_of_letters(&near) || names_letter(&near, &text.as_bytes()[number.clone()]))
}

/// True where the line says that this word is to be taken out.
fn is_word_told(text: &str, number: &Range<usize>, noise: &[u8]) -> bool {
    let near = told::line(text, number.start, number.end).to_lowercase();
    let mut words = near.split(|sign: char| !sign.is_alphanumeric());
    words.any(|word| word.as_bytes().eq_ignore_ascii_case(noise))
        && everyday::tells_to_remove(&near)
}

/// True where a line, in small letters, has a word that is the only letter of a number: "leave out the x", "all the x's".
fn names_letter(near: &str, inside: &[u8]) -> bool {
    let mut letters = inside
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .map(u8::to_ascii_lowercase);
    let Some(letter) = letters
        .next()
        .filter(|one| letters.all(|other| other == *one))
    else {
        return false;
    };
    let letter = char::from(letter);
    near.split(|sign: char| !sign.is_alphanumeric())
        .filter_map(|word| word.strip_prefix(letter))
        .any(|rest| matches!(rest, "" | "s" | "es" | "en"))
}

#[cfg(test)]
mod tests {
    use crate::selectors::find_all;

    #[test]
    fn what_readers_are_to_take_out_of_numbers_is_taken_out() {
        let cases: &[(&str, &[&str])] = &[
            (
                "take the letters out: 2x0x2x5x5x5x0x1x2x3",
                &["+12025550123"],
            ),
            ("2X0X2X5X5X5X0X1X2X3 (sin las letras)", &["+12025550123"]),
            ("part no. 2x0x2x5x5x5x0x1x2x3", &[]),
            ("call 20x2-5x55-01x23 (leave out the x)", &["+12025550123"]),
            ("text 2x02x555x0123 but take every X out", &["+12025550123"]),
            ("202z555z01z23, borra todas las z", &["+12025550123"]),
            ("remove the q: 2x02x555x0123", &[]),
            (
                "2nh02x 555x01r23 (take the letters out and ring)",
                &["+12025550123"],
            ),
            ("delete the letters: 202 555 0x1k23", &["+12025550123"]),
            ("202-55z5-0k1w23, quita las letras", &["+12025550123"]),
            ("4 rooms of 2x3 and 4x5, no letters please, 600", &[]),
            (
                "leave out SPAM and call 20SPAM2 5SPAM55 01SPAM2SPAM3",
                &["+12025550123"],
            ),
            (
                "bitte banane weglassen: 202banane555banane0123",
                &["+12025550123"],
            ),
            ("20SPAM2 5SPAM55 01SPAM2SPAM3", &[]),
            ("leave out HAM and call 20SPAM2 5SPAM55 01SPAM2SPAM3", &[]),
        ];
        for (text, values) in cases {
            let finds = find_all(text, Some("US"));
            let found: Vec<_> = finds.iter().map(|find| &*find.selector.value).collect();
            assert_eq!(found, *values, "{text}");
        }
    }
}
