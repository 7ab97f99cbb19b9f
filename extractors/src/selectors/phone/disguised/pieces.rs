//! Pieces: whatever in a text may stand for digits, one after the other, and what stands between them. No number is
//! read here.

use std::ops::Range;

use super::{
    gap::{Gap, gap, is_amount},
    run::{Run, may_be_run},
};
use crate::selectors::words::{self, RUN, Sense, Sign, is_unspaced};

/// A part of a text that may stand for digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub start: usize,
    pub end: usize,
    pub what: What,
    /// What stands before it, back to the piece before.
    pub gap: Gap,
}

/// What a piece says.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// Digits as they are.
    Digits,
    /// A number word, with what it means in which language.
    Word(&'static [Sense]),
    /// A letter that looks like a digit: which one, and how often people use it so.
    Letter(u8, Likeness),
    /// "dash", "plus", "space".
    Sign(Sign),
}

/// How much a letter looks like a digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Likeness {
    /// O, l, I.
    Close,
    /// S, B, Z.
    Fair,
    /// G, q, A, E, T.
    Far,
}

/// The longest word that is read as nothing but digits' look-alikes.
const LOOK_ALIKES: usize = 5;

/// All pieces of a text, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii() && !byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let (token, digits) = token_at(text, at);
        let before = pieces.len();
        take(text, token.clone(), digits, &mut pieces);
        if pieces.len() > before {
            let from = before.checked_sub(1).map(|last| pieces[last].end);
            pieces[before].gap = match from {
                None => Gap::Break,
                Some(from) => match gap(&text[from..pieces[before].start]) {
                    // "…, with 6 hours notice": an amount behind words has nothing to do with the figures before them.
                    Gap::Words(_) if is_amount(text, token.clone(), digits) => Gap::Break,
                    gap => gap,
                },
            };
        }
        at = token.end;
    }
    pieces
}

/// The word that begins at `start`: letters, digits, and the marks on them; and how many digits it has.
fn token_at(text: &str, start: usize) -> (Range<usize>, usize) {
    let bytes = text.as_bytes();
    let mut end = start;
    let mut digits = 0;
    while let Some(byte) = bytes.get(end).filter(|byte| byte.is_ascii_alphanumeric()) {
        digits += usize::from(byte.is_ascii_digit());
        end += 1;
    }
    if bytes.get(end).is_none_or(u8::is_ascii) {
        return (start..end, digits);
    }
    let length = text[start..]
        .find(|letter: char| !is_in_word(letter))
        .unwrap_or(text.len() - start);
    let first = text[start..].chars().next().map_or(1, char::len_utf8);
    let token = start..start + length.max(first);
    let digits = bytes[token.clone()]
        .iter()
        .filter(|byte| byte.is_ascii_digit());
    (token, digits.count())
}

fn is_in_word(letter: char) -> bool {
    // Signs on letters of India and Thailand are no letters to Unicode, but a part of the word.
    letter.is_alphanumeric()
        || matches!(letter as u32, 0x300..0x370 | 0x900..0xdf5 | 0xe30..0xf00)
        || letter == '〇'
        || letter == '○'
}

fn take(text: &str, token: Range<usize>, digits: usize, pieces: &mut Vec<Piece>) {
    let word = &text[token.clone()];
    let bytes = word.as_bytes();
    if digits == word.len() {
        pieces.push(piece(token, What::Digits, Gap::Break));
        return;
    }
    let is_ascii = word.is_ascii();
    if !is_ascii && word.chars().any(is_unspaced) {
        scan(word, token.start, pieces);
        return;
    }
    if word.len() > RUN {
        return;
    }
    let is_plain = digits == 0 && is_ascii;
    if is_plain && !words::may_begin(bytes) {
        look_alikes(text, token, pieces);
        return;
    }
    let folded = words::fold(word);
    let whole = match (words::senses(&folded), words::sign(&folded)) {
        (Some(senses), _) => Some(What::Word(senses)),
        (None, Some((sign, _))) => Some(What::Sign(sign)),
        _ => None,
    };
    match whole {
        Some(What::Sign(Sign::At | Sign::Colon | Sign::Underscore)) => {}
        Some(what) => pieces.push(piece(token, what, Gap::Break)),
        None if digits > 0 || word.len() >= 5 && (!is_ascii || may_be_run(&folded)) => {
            let run = Run::of(word, token.start);
            if !run.take_apart(pieces) && digits == 0 {
                look_alikes(text, token, pieces);
            }
        }
        None => look_alikes(text, token, pieces),
    }
}

fn piece(span: Range<usize>, what: What, gap: Gap) -> Piece {
    Piece {
        start: span.start,
        end: span.end,
        what,
        gap,
    }
}

/// Number words in a script without spaces, wherever they stand.
fn scan(word: &str, start: usize, pieces: &mut Vec<Piece>) {
    let mut at = 0;
    let mut last = None;
    while let Some(letter) = word[at..].chars().next() {
        let (length, what) = match letter {
            '0'..='9' => {
                let rest = word.as_bytes()[at..].iter();
                let length = rest.take_while(|byte| byte.is_ascii_digit()).count();
                (length, Some(What::Digits))
            }
            _ => match words::longest(&word[at..]) {
                Some((length, senses)) => (length, Some(What::Word(senses))),
                None => (letter.len_utf8(), None),
            },
        };
        if let Some(what) = what {
            let gap = match last {
                Some(last) if last == at => Gap::Glued,
                Some(last) => gap(&word[last..at]),
                None => Gap::Break,
            };
            pieces.push(piece(start + at..start + at + length, what, gap));
            last = Some(at + length);
        }
        at += length;
    }
}

/// A word that is nothing but letters that look like digits: `OI`, `SSS`.
fn look_alikes(text: &str, token: Range<usize>, pieces: &mut Vec<Piece>) {
    let (word, start) = (&text[token.clone()], token.start);
    if word.len() > LOOK_ALIKES {
        return;
    }
    if word == "I" && !follows_lone(&text[..start]) && is_pronoun(&text[start + 1..]) {
        return;
    }
    let is_shouted = !word.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_o_and_l = word
        .bytes()
        .all(|byte| matches!(byte, b'o' | b'l' | b'O' | b'I'));
    let first = word.as_bytes()[0];
    // `oIOS`, but no `Solo`.
    let is_mixed = word
        .bytes()
        .all(|byte| matches!(byte, b'o' | b'l' | b'A'..=b'Z'))
        && word
            .as_bytes()
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let is_one_letter = word.bytes().all(|byte| byte.eq_ignore_ascii_case(&first));
    let fits =
        (is_shouted || is_o_and_l || is_mixed || is_one_letter) && !matches!(word, "lol" | "LOL");
    if !fits
        || !word
            .chars()
            .all(|letter| digit_like(letter).is_some_and(|(_, likeness)| likeness < Likeness::Far))
    {
        return;
    }
    for (at, letter) in word.char_indices() {
        if let Some((digit, likeness)) = digit_like(letter) {
            let gap = match at {
                0 => Gap::Break,
                _ => Gap::Glued,
            };
            let span = start + at..start + at + 1;
            pieces.push(piece(span, What::Letter(digit, likeness), gap));
        }
    }
}

/// True behind a character that stands alone: what follows may be one of a row of such.
fn follows_lone(before: &str) -> bool {
    let mut letters = before.chars().rev();
    letters.next() == Some(' ')
        && letters.next().is_some_and(char::is_alphanumeric)
        && letters
            .next()
            .is_none_or(|letter| !letter.is_alphanumeric())
}

/// True where the `I` before `behind` is a word: another that stands for no digits follows, or an apostrophe.
fn is_pronoun(behind: &str) -> bool {
    let Some(rest) = behind.strip_prefix(' ') else {
        return behind.starts_with(['\'', '’']);
    };
    let length = rest
        .find(|letter: char| !letter.is_alphabetic())
        .unwrap_or(rest.len());
    let word = &rest[..length];
    word.len() > 1
        && !word.chars().all(|letter| digit_like(letter).is_some())
        && words::senses(&words::fold(word)).is_none()
}

/// The digit that a letter looks like.
pub(super) fn digit_like(letter: char) -> Option<(u8, Likeness)> {
    use Likeness::*;
    Some(match letter {
        'O' | 'o' | 'Q' => (0, Close),
        'I' | 'l' | 'i' | 'L' => (1, Close),
        'S' | 's' => (5, Fair),
        'B' => (8, Fair),
        'Z' | 'z' => (2, Fair),
        'D' => (0, Far),
        'G' | 'b' => (6, Far),
        'g' | 'q' => (9, Far),
        'A' => (4, Far),
        'E' => (3, Far),
        'T' => (7, Far),
        _ => return None,
    })
}
