//! Signs in the place of letters and digits: `s*x`, `f!ve`, `6!7`, `$$$`, `()12`; and words whose letters stand apart.

use std::ops::Range;

use super::{
    gap::Gap,
    look_alikes::digit_like,
    pieces::{Piece, What},
    run::{Run, letter_like},
};
use crate::selectors::words::{self, Sense};

/// The most letters and signs of a word of which some are hidden.
const HIDDEN_WORD: usize = 10;
/// The longest run of digits and signs, in bytes.
const CHUNK: usize = 28;
/// The fewest letters that are a word written apart, and the most that are several.
const APART: std::ops::RangeInclusive<usize> = 2..=80;

/// Signs that people write instead of a letter.
fn is_hiding(letter: char) -> bool {
    matches!(
        letter,
        '*' | '#' | '£' | '€' | '$' | '!' | '@' | '%' | '&' | '_' | '•' | '¡' | '+' | '?'
    )
}

/// The number word of which the token is a part, with signs for some of its letters; and where it stands.
pub(super) fn hidden_word(
    text: &str,
    token: &Range<usize>,
) -> Option<(Range<usize>, &'static [Sense])> {
    // Most words have a space on both sides.
    let bytes = text.as_bytes();
    let is_plain = |byte: u8| byte.is_ascii() && !is_hiding(char::from(byte));
    let before = token
        .start
        .checked_sub(1)
        .is_none_or(|at| is_plain(bytes[at]));
    if before && bytes.get(token.end).is_none_or(|byte| is_plain(*byte)) {
        return None;
    }
    let is_beside =
        text[..token.start].ends_with(is_hiding) || text[token.end..].starts_with(is_hiding);
    if !is_beside || token.len() > HIDDEN_WORD {
        return None;
    }
    if before && is_end_of_sentence(bytes, token) {
        return None;
    }
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || is_hiding(letter);
    let front = text[..token.start].trim_end_matches(is_hiding);
    if front.ends_with(|letter: char| letter.is_alphanumeric()) {
        return None;
    }
    let length = text[front.len()..].find(|letter| !is_part(letter));
    let end = length.map_or(text.len(), |length| front.len() + length);
    let chunk = &text[front.len()..end];
    // The whole, or without the signs at its end, which may be the sentence's.
    let bare = chunk.trim_end_matches(is_hiding);
    [chunk, bare].into_iter().find_map(|part| {
        let count = part.chars().count();
        let first = part
            .chars()
            .next()
            .map(|first| letter_like(first.to_ascii_lowercase()))?;
        // Most words are passed at their first letter.
        if first.is_ascii() && !words::may_unmask(first as u8, count) {
            return None;
        }
        let letters = part
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric())
            .count();
        let fits = count <= HIDDEN_WORD && (2..count).contains(&letters) && 2 * letters >= count;
        if !fits || !part.contains(|letter: char| letter.is_ascii_alphabetic()) {
            return None;
        }
        let masked: Vec<char> = part
            .chars()
            .map(|letter| letter_like(letter.to_ascii_lowercase()))
            .collect();
        let senses = words::unmasked(&masked, is_hiding)?;
        Some((front.len()..front.len() + part.len(), senses))
    })
}

/// True for a plain word with nothing but one sign behind it, of which no digit word comes: `now!`, `sure?`.
fn is_end_of_sentence(bytes: &[u8], token: &Range<usize>) -> bool {
    let is_last = bytes.get(token.end + 1).is_none_or(u8::is_ascii_whitespace);
    if !is_last || !bytes[token.clone()].is_ascii() {
        return false;
    }
    !may_be_all_but_last(&bytes[token.clone()])
}

/// False for letters that are no digit word whose last letter is hidden.
fn may_be_all_but_last(word: &[u8]) -> bool {
    let length = word.len() + 1;
    let first = letter_like(char::from(word[0].to_ascii_lowercase()));
    length <= HIDDEN_WORD && words::may_unmask(first as u8, length)
}

/// True for a plain word that may be a digit word without its last letter, for which a sign stands: `fiv!`.
pub(in crate::selectors) fn may_lack_last(word: &str) -> bool {
    may_be_all_but_last(word.as_bytes())
}

/// The digit that a sign looks like, and the sign's length.
fn mark(text: &str) -> Option<(u8, usize)> {
    let pairs = [
        ("()", 0),
        ("[]", 0),
        ("{}", 0),
        ("!", 1),
        ("¡", 1),
        ("$", 5),
        ("&", 8),
        ("@", 0),
        ("|", 1),
    ];
    let known = pairs.into_iter().find(|(sign, _)| text.starts_with(sign));
    known.map(|(sign, digit)| (digit, sign.len()))
}

/// Takes the run of digits and signs at `start` apart, where it is one; where it ends.
pub(super) fn marks(text: &str, start: usize, pieces: &mut Vec<Piece>) -> Option<usize> {
    let length = text[start..]
        .find(char::is_whitespace)
        .unwrap_or(text.len() - start);
    if length > CHUNK {
        return None;
    }
    let chunk = &text[start..start + length];
    let trimmed = chunk.trim_end_matches(['.', ',', ';', ':', '"']);
    let (mut digits, mut signs, mut at) = (0, 0, 0);
    let mut last_sign = 0;
    while at < trimmed.len() {
        let rest = &trimmed[at..];
        let letter = rest.chars().next()?;
        at += match mark(rest) {
            Some((_, length)) => {
                signs += 1;
                last_sign = at;
                length
            }
            None if letter.is_ascii_digit() || digit_like(letter).is_some() => {
                digits += 1;
                letter.len_utf8()
            }
            None if matches!(letter, '-' | '.' | '(' | ')' | '/' | '–') => letter.len_utf8(),
            None => return None,
        };
    }
    // `202|555|0123` is parted by bars.
    let mut groups = trimmed.split(|letter: char| !letter.is_ascii_digit());
    let is_decoration = groups.clone().map(str::len).sum::<usize>() == digits
        && groups.all(|group| group.len() != 1)
        && (["!", "|", "&", "@"]
            .iter()
            .any(|sign| trimmed.matches(sign).count() == signs)
            // One of them alone may be a five.
            || signs > 1
                && trimmed.matches('$').count() == signs
                && !trimmed.contains("$$")
                && !trimmed.contains(['-', '.', '/', '(']));
    // So is `0|4|9|1`: a sign between every two digits is no digit.
    let mut lone = trimmed.split(|letter: char| !letter.is_ascii_digit());
    let is_garland = signs >= 2
        && signs + 1 == digits
        && lone.all(|digit| digit.len() == 1)
        && ["!", "|", "&", "@", "$"]
            .iter()
            .any(|sign| trimmed.matches(sign).count() == signs);
    if is_decoration || is_garland {
        return None;
    }
    // Money, and the end of a sentence.
    let is_money = trimmed.starts_with('$') && signs == 1;
    let is_alone = digits == 0 && (signs < 2 || !is_beside_digits(text, start, start + length));
    if signs == 0 || is_money || is_alone || digits + signs < 2 {
        return None;
    }
    let has_digit = trimmed.bytes().any(|byte| byte.is_ascii_digit());
    if digits > 0 && !has_digit && !is_beside_digits(text, start, start + length) {
        return None;
    }
    let before = pieces.len();
    let mut at = 0;
    let mut end = 0;
    while at < trimmed.len() {
        let rest = &trimmed[at..];
        let letter = rest.chars().next()?;
        let (what, length) = match mark(rest) {
            Some((digit, length)) => (What::Mark(digit), length),
            None if letter.is_ascii_digit() => {
                let length = rest.bytes().take_while(u8::is_ascii_digit).count();
                (What::Digits, length)
            }
            None => match digit_like(letter) {
                Some((digit, likeness)) => (What::Letter(digit, likeness), letter.len_utf8()),
                None => {
                    at += letter.len_utf8();
                    continue;
                }
            },
        };
        let is_last = rest.starts_with('!') && at == last_sign && at + length == trimmed.len();
        let gap = match pieces.len() > before && at == end && !is_last {
            true => Gap::Glued,
            false => Gap::Plain,
        };
        pieces.push(Piece {
            start: start + at,
            end: start + at + length,
            what,
            gap,
        });
        at += length;
        end = at;
    }
    Some(start + trimmed.len())
}

/// The digit that a sign looks like.
fn looks_like(sign: u8) -> Option<u8> {
    match sign {
        b'$' => Some(5),
        b'&' => Some(8),
        b'!' => Some(1),
        b'@' => Some(0),
        _ => None,
    }
}

/// The digit that a sign looks like which stands alone among digits that do: `5 $ 5`, `7 & 6`.
pub(super) fn lone(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = looks_like(bytes[at])?;
    let parts = |byte: &u8| matches!(byte, b' ' | b'-');
    // Most end a word or begin one.
    if at.checked_sub(1).is_some_and(|at| !parts(&bytes[at])) {
        return None;
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || digit_like(char::from(byte)).is_some();
    let is_part = |byte: u8| is_digit(byte) || looks_like(byte).is_some();
    let before = bytes[..at].iter().rev();
    let mut before = before
        .step_by(2)
        .zip(bytes[..at].iter().rev().skip(1).step_by(2))
        .take(3);
    let mut behind = bytes[at + 1..].chunks_exact(2).take(3);
    let is_last = bytes
        .get(at + 1)
        .is_none_or(|byte| matches!(byte, b'.' | b'\n' | b'!' | b','));
    let is_row = |pair: (&u8, &u8)| parts(pair.0) && is_part(*pair.1);
    let (front, back) = (
        before
            .by_ref()
            .take_while(|pair| is_row((pair.0, pair.1)))
            .count(),
        behind
            .by_ref()
            .take_while(|pair| is_row((&pair[0], &pair[1])))
            .count(),
    );
    let has_figure = bytes[at.saturating_sub(2 * front)..]
        .iter()
        .take(2 * (front + back) + 1)
        .any(u8::is_ascii_digit);
    let stands = front + back >= 3 && (back > 0 || is_last);
    (stands && has_figure).then_some(digit)
}

/// True where a digit stands near, before or behind.
fn is_beside_digits(text: &str, start: usize, end: usize) -> bool {
    let ends =
        |letter: char| letter.is_ascii_digit() || mark(letter.encode_utf8(&mut [0; 4])).is_some();
    text[..start]
        .trim_end_matches([' ', '-', '.'])
        .ends_with(ends)
        || text[end..]
            .trim_start_matches([' ', '-', '.'])
            .starts_with(ends)
}

/// Takes number words apart whose letters stand apart, from the letter at `start` on: `t-w-o`, `f i v e`. Where the
/// row of letters ends, and whether it was taken.
pub(super) fn apart(text: &str, start: usize, pieces: &mut Vec<Piece>) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let separator = *bytes.get(start + 1)?;
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let separates = matches!(
        separator,
        b' ' | b'-' | b'.' | b'*' | b'_' | b'~' | b'|' | b'/' | b','
    );
    if !separates || !is_letter(start + 2) || is_letter(start + 3) {
        return None;
    }
    let mut places = vec![start];
    let mut at = start;
    while bytes.get(at + 1) == Some(&separator)
        && is_letter(at + 2)
        && !bytes
            .get(at + 3)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 128)
        && places.len() <= *APART.end()
    {
        at += 2;
        places.push(at);
    }
    let end = at + 1;
    if !APART.contains(&places.len()) {
        return Some((end, false));
    }
    let before = pieces.len();
    let is_taken = Run::of_letters(text, &places).take_apart(pieces);
    let is_words = pieces[before..]
        .iter()
        .all(|piece| piece.end - piece.start > 1);
    if is_taken && is_words {
        for piece in &mut pieces[before + 1..] {
            piece.gap = Gap::Plain;
        }
        return Some((end, true));
    }
    pieces.truncate(before);
    Some((end, false))
}

/// True for one sign of a script without spaces that stands by itself, where one beside it does so too and says a number:
/// `洞 四 勾`. Signs stand apart in no text of that script.
pub(super) fn is_among_signs(text: &str, token: &Range<usize>) -> bool {
    let says_number = |mut chunk: std::str::Chars<'_>| {
        let sign = chunk.next().filter(|sign| words::is_unspaced(*sign));
        let mut bytes = [0; 4];
        sign.is_some_and(|sign| words::senses(sign.encode_utf8(&mut bytes)).is_some())
            && chunk.next().is_none()
    };
    let parts = [' ', '\n'];
    let before = text[..token.start]
        .strip_suffix(' ')
        .and_then(|before| before.rsplit(parts).next());
    let behind = text[token.end..]
        .strip_prefix(' ')
        .and_then(|behind| behind.split(parts).next());
    text[token.clone()].chars().nth(1).is_none()
        && [before, behind]
            .into_iter()
            .flatten()
            .any(|chunk| says_number(chunk.chars()))
}
