//! Letters that look like digits, and words of letters that look like Latin ones: `2O2`, `oIl`, `Зб`, `оnе`.

use std::ops::Range;

use super::{
    gap::Gap,
    pieces::{Piece, What, piece},
};
use crate::selectors::{
    fold::look_alikes::latin,
    words::{self, Sense},
};

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

/// The longest word of which nobody can tell whether a letter was doubled or is its own.
const SHORT: usize = 3;

/// The bytes of letters that look like digits, and of all that are not ASCII.
const MAY_BE_DIGIT: [bool; 256] = {
    let mut may_be = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        may_be[byte] = byte >= 128 || digit_like(byte as u8 as char).is_some();
        byte += 1;
    }
    may_be
};

/// A word that is nothing but letters that look like digits: `OI`, `SSS`.
pub(super) fn look_alikes(text: &str, token: Range<usize>, pieces: &mut Vec<Piece>) {
    let (word, start) = (&text[token.clone()], token.start);
    if word.len() > 2 * LOOK_ALIKES || word.is_ascii() && word.len() > LOOK_ALIKES {
        return;
    }
    // Most words are passed at their first letter or their second.
    if !word.bytes().all(|byte| MAY_BE_DIGIT[usize::from(byte)]) {
        return;
    }
    if word == "I" && !follows_lone(&text[..start]) && is_pronoun(&text[start + 1..]) {
        return;
    }
    let is_shouted = !word.chars().any(char::is_lowercase);
    let is_o_and_l = word.chars().all(|letter| {
        matches!(
            letter,
            'o' | 'l'
                | 'O'
                | 'I'
                | 'о'
                | 'О'
                | 'ο'
                | 'Ο'
                | 'Ι'
                | 'і'
                | 'І'
                | 'ч'
                | 'Ч'
                | 'з'
                | 'З'
                | 'б'
        )
    });
    // Letters of Russian words by themselves: `о`, `з`, `чо`.
    let is_struck = word.contains(['Ø', 'ø']) && word.chars().count() > 1;
    if !(word.is_ascii() || (is_o_and_l || is_struck) && is_beside_figures(text, &token)) {
        return;
    }
    let first = word.chars().next().unwrap_or_default();
    // `oIOS`, but no `Solo`.
    let is_mixed = word
        .bytes()
        .all(|byte| matches!(byte, b'o' | b'l' | b'A'..=b'Z'))
        && word
            .as_bytes()
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let is_one_letter = word
        .chars()
        .all(|letter| letter == first || letter.eq_ignore_ascii_case(&first));
    let company = company(text, &token);
    let fits =
        (is_shouted || is_struck || is_o_and_l || is_mixed || is_one_letter || company.is_some())
            && !matches!(word, "lol" | "LOL" | "QQ");
    // `gIT 555 0156`, with capitals where no word has them; `EIZ 555 0l3E`, beside a group that is no word either.
    let is_odd = company == Some(Company::Disguised) || company.is_some() && is_oddly_cased(word);
    let most = match is_struck || is_odd || word.len() == 1 && is_among_lone(text, &token) {
        true => Likeness::Far,
        false => Likeness::Fair,
    };
    if !fits
        || !word
            .chars()
            .all(|letter| digit_like(letter).is_some_and(|(_, likeness)| likeness <= most))
    {
        return;
    }
    for (at, letter) in word.char_indices() {
        if let Some((digit, likeness)) = digit_like(letter) {
            let gap = match at {
                0 => Gap::Break,
                _ => Gap::Glued,
            };
            let span = start + at..start + at + letter.len_utf8();
            pieces.push(piece(span, What::Letter(digit, likeness), gap));
        }
    }
}

/// The senses of a word all of whose letters look like Latin ones.
pub(super) fn of_look_alikes(word: &str) -> Option<&'static [Sense]> {
    // `он` and `от` are Russian.
    if word.chars().count() < 3 {
        return None;
    }
    let plain: Option<String> = word
        .chars()
        .map(|letter| match letter.is_ascii() {
            true => Some(letter.to_ascii_lowercase()),
            false => latin(letter)?
                .chars()
                .next()
                .map(|letter| letter.to_ascii_lowercase()),
        })
        .collect();
    words::senses(&plain?)
}

/// True for a word with capitals behind small letters, or several before them: no sentence has such.
fn is_oddly_cased(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
}

/// What the groups are that a word of letters stands among.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Company {
    /// Figures, and letters that look like them.
    Figures,
    /// One of them at least is both: `S5S`.
    Disguised,
}

/// What a word of two to four letters stands among: groups of figures and letters that look like such on both sides, or on
/// one where nothing else stands: `ZOz-SsS-Oi13`.
fn company(text: &str, token: &Range<usize>) -> Option<Company> {
    let parts = |letter: char| matches!(letter, '-' | '.' | ' ' | '/' | ')' | '(');
    let is_part = |letter: char| letter.is_ascii_alphanumeric();
    let group = |part: &str| {
        let figures = part.bytes().filter(u8::is_ascii_digit).count();
        let fits = part
            .chars()
            .all(|letter| letter.is_ascii_digit() || digit_like(letter).is_some());
        (fits && (2..=5).contains(&part.len())).then_some(figures)
    };
    let behind = text[token.end..].strip_prefix(parts).unwrap_or_default();
    let next = &behind[..behind
        .find(|letter| !is_part(letter))
        .unwrap_or(behind.len())];
    let front = text[..token.start].strip_suffix(parts).unwrap_or_default();
    let last = &front[front.trim_end_matches(is_part).len()..];
    // The group beyond the next may be the first with a figure.
    let beyond = behind[next.len()..].strip_prefix(parts).unwrap_or_default();
    let third = &beyond[..beyond
        .find(|letter| !is_part(letter))
        .unwrap_or(beyond.len())];
    let before = front[..front.len() - last.len()]
        .strip_suffix(parts)
        .unwrap_or_default();
    let first = &before[before.trim_end_matches(is_part).len()..];
    let groups = [last, next, third, first];
    let figures = groups.map(|part| group(part).unwrap_or(0));
    let is_word = text[token.clone()]
        .bytes()
        .all(|byte| byte.is_ascii_lowercase());
    let is_within = group(next).is_some() && group(last).is_some();
    let is_first = group(next).is_some() && group(third).is_some()
        // `7OZ SsS OizI (ask`.
        || group(last).is_some() && group(first).is_some();
    let fits = (2..=4).contains(&token.len())
        && figures.iter().any(|count| *count > 0)
        && (is_within || is_first && !is_word);
    let is_both = |(part, figures): (&str, &usize)| (1..part.len()).contains(figures);
    fits.then(|| match groups.into_iter().zip(&figures).any(is_both) {
        true => Company::Disguised,
        false => Company::Figures,
    })
}

/// True where a figure stands right before the word or right behind it, or with one sign between.
fn is_beside_figures(text: &str, token: &Range<usize>) -> bool {
    let is_sign = |letter: char| matches!(letter, ' ' | '-' | '.');
    let is_figure = |letter: char| {
        letter.is_ascii_digit()
            || matches!(
                letter,
                'О' | 'о' | 'Ο' | 'ο' | 'І' | 'і' | 'З' | 'з' | 'Ч' | 'ч' | 'б'
            )
    };
    let near = &text[text.floor_char_boundary(token.start.saturating_sub(12))..];
    let near = &near[..near.floor_char_boundary(24 + token.len())];
    if !near.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let front = &text[..token.start];
    let behind = &text[token.end..];
    front
        .strip_suffix(is_sign)
        .unwrap_or(front)
        .ends_with(is_figure)
        || behind
            .strip_prefix(is_sign)
            .unwrap_or(behind)
            .starts_with(is_figure)
}

/// True for a letter that stands beside another character that stands alone, a digit or what looks like one: `4.E.2`.
pub(super) fn is_among_lone(text: &str, token: &Range<usize>) -> bool {
    let is_sign = |letter: char| matches!(letter, ' ' | '-' | '.' | '*' | '/' | '_' | '~');
    let front = text[..token.start].trim_end_matches(is_sign);
    let behind = text[token.end..].trim_start_matches(is_sign);
    let is_near = |signs: usize| (1..=3).contains(&signs);
    let is_digit =
        |letter: char| letter.is_ascii_digit() || digit_like(letter).is_some() && letter != 'I';
    let mut before = front.chars();
    let mut after = behind.chars();
    let is_last_lone = before.next_back().is_some_and(is_digit)
        && before
            .next_back()
            .is_none_or(|letter| !letter.is_alphanumeric());
    let is_next_lone = after.next().is_some_and(is_digit)
        && after.next().is_none_or(|letter| !letter.is_alphanumeric());
    is_last_lone && is_near(token.start - front.len())
        || is_next_lone && is_near(text.len() - token.end - behind.len())
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
pub(super) const fn digit_like(letter: char) -> Option<(u8, Likeness)> {
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
        // Cyrillic and Greek.
        'О' | 'о' | 'Ο' | 'ο' | 'Ø' | 'ø' | 'Θ' | 'θ' => (0, Close),
        'І' | 'і' | 'ӏ' | 'Ӏ' | 'Ι' => (1, Close),
        'З' | 'з' => (3, Close),
        'Ч' | 'ч' => (4, Close),
        'б' | 'Б' => (6, Close),
        'Ѕ' | 'ѕ' => (5, Fair),
        'В' | 'Β' => (8, Fair),
        _ => return None,
    })
}

/// The senses of a word some of whose letters stand several times in a row: `fiiive`.
pub(super) fn drawn_out(bytes: &[u8]) -> Option<&'static [Sense]> {
    // They differ by no more than what makes a capital.
    if !bytes
        .windows(2)
        .any(|pair| (pair[0] ^ pair[1]) & !0x20 == 0)
    {
        return None;
    }
    let mut squeezed = [0u8; 16];
    let mut length = 0;
    for byte in bytes.iter().map(u8::to_ascii_lowercase) {
        if length > 0 && squeezed[length - 1] == byte {
            continue;
        }
        *squeezed.get_mut(length)? = byte;
        length += 1;
    }
    let squeezed = &squeezed[..length];
    if length < 3 && squeezed != b"oh" && squeezed != b"to" || !words::may_be(squeezed) {
        return None;
    }
    let senses = words::senses(str::from_utf8(squeezed).ok()?)?;
    let is_word = words::is_common(&str::from_utf8(bytes).ok()?.to_ascii_lowercase());
    // `Kuss` is no `kuus` that lost a letter and doubled another: of two guesses, one has to be plain to see.
    let is_drawn = || {
        let is_row = |part: &[u8]| part.windows(2).all(|pair| (pair[0] ^ pair[1]) & !0x20 == 0);
        bytes.windows(3).any(is_row)
    };
    let is_guess = length <= SHORT && senses.iter().all(|sense| sense.is_made) && !is_drawn();
    (!is_word && !is_guess).then_some(senses)
}
