//! Pieces: whatever in a text may stand for digits, one after the other, and what stands between them. No number is
//! read here.

use std::ops::Range;

use super::{
    gap::{Gap, gap, is_amount},
    run::{Run, may_be_run},
    signs,
};
use crate::selectors::{
    fold::look_alikes::latin,
    words::{self, RUN, Sense, Sign, is_unspaced},
};

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
    /// A sign that looks like a digit, where signs may also be decoration.
    Mark(u8),
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
    // Before here, no word with its letters apart begins.
    let mut apart_from = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let begins_chunk = at == 0 || bytes[at - 1].is_ascii_whitespace();
        if begins_chunk && may_begin_marks(bytes, at) {
            let before = pieces.len();
            if let Some(end) = signs::marks(text, at, &mut pieces) {
                set_gap(text, &mut pieces, before, false);
                at = end;
                continue;
            }
        }
        if byte.is_ascii() && !byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let before = pieces.len();
        if at >= apart_from
            && byte.is_ascii_alphabetic()
            && is_lone(bytes, at)
            && let Some((end, is_taken)) = signs::apart(text, at, &mut pieces)
        {
            if is_taken {
                set_gap(text, &mut pieces, before, false);
                at = end;
                continue;
            }
            apart_from = end;
        }
        let (token, digits) = token_at(text, at);
        let end = take(text, token.clone(), digits, &mut pieces);
        if pieces.len() > before {
            let is_amount = is_amount(text, token, digits);
            set_gap(text, &mut pieces, before, is_amount);
        }
        at = end;
    }
    pieces
}

/// Tells what stands before the piece at `index`.
fn set_gap(text: &str, pieces: &mut [Piece], index: usize, is_amount: bool) {
    let Some(last) = index.checked_sub(1) else {
        pieces[index].gap = Gap::Break;
        return;
    };
    let between = &text[pieces[last].end..pieces[index].start];
    let are_figures =
        matches!(pieces[last].what, What::Digits) && matches!(pieces[index].what, What::Digits);
    pieces[index].gap = match gap(between) {
        // "…, with 6 hours notice": an amount behind words has nothing to do with the figures before them.
        Gap::Words(_) if is_amount => Gap::Break,
        // Between words a comma is nothing; between figures it is where numbers have none, and cells of a table are.
        Gap::Plain if are_figures && between.contains([',', '\t']) => Gap::Odd,
        gap => gap,
    };
}

/// True where the chunk that begins at `at` may be digits and signs that look like such. Few do.
fn may_begin_marks(bytes: &[u8], at: usize) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'!' | b'$' | b'&' | b'@' | b'(' | b'[' | b'{');
    let first = bytes[at];
    (first.is_ascii_digit() || is_sign(&first) || matches!(first, b'O' | b'o' | b'I' | b'l' | b'S'))
        && bytes[at + 1..]
            .iter()
            .take(24)
            .take_while(|byte| !byte.is_ascii_whitespace())
            .any(is_sign)
        || is_sign(&first)
            && bytes
                .get(at + 1)
                .is_some_and(|next| is_sign(next) || next.is_ascii_digit())
}

/// True for a letter with nothing beside it that is one.
fn is_lone(bytes: &[u8], at: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 128;
    !at.checked_sub(1)
        .and_then(|at| bytes.get(at))
        .is_some_and(is_part)
        && !bytes.get(at + 1).is_some_and(is_part)
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
    let mut token = start..start + length.max(first);
    // `п'ять` is one word.
    let behind = text[token.end..].strip_prefix(['\'', '’', 'ʼ']);
    if let Some(behind) = behind.filter(|behind| {
        behind.starts_with(|letter: char| !letter.is_ascii() && letter.is_alphabetic())
    }) {
        let rest = behind
            .find(|letter: char| !is_in_word(letter))
            .unwrap_or(behind.len());
        token.end = text.len() - behind.len() + rest;
    }
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

/// Takes a word apart; where what was taken ends.
fn take(text: &str, token: Range<usize>, digits: usize, pieces: &mut Vec<Piece>) -> usize {
    let word = &text[token.clone()];
    let bytes = word.as_bytes();
    let end = token.end;
    if digits == word.len() {
        pieces.push(piece(token, What::Digits, Gap::Break));
        return end;
    }
    let is_ascii = word.is_ascii();
    if !is_ascii && word.chars().any(is_unspaced) {
        scan(word, token.start, pieces);
        return end;
    }
    if word.len() > RUN {
        return end;
    }
    let is_plain = digits == 0 && is_ascii;
    if bytes.len() == 1 && bytes[0].is_ascii_uppercase() && is_among_lone(text, &token) {
        look_alikes(text, token, pieces);
        return end;
    }
    let may_be_run_of = || word.len() >= 5 && words::may_begin(bytes);
    if is_plain && !words::may_be(bytes) && !may_be_run_of() {
        if let Some(senses) = drawn_out(bytes) {
            pieces.push(piece(token, What::Word(senses), Gap::Break));
            return end;
        }
        if let Some((span, senses)) = hidden_word(text, &token, pieces) {
            let end = span.end;
            pieces.push(piece(span, What::Word(senses), Gap::Break));
            return end;
        }
        look_alikes(text, token, pieces);
        return end;
    }
    let folded = words::fold(word);
    let whole = match (words::senses(&folded), words::sign(&folded)) {
        (Some(senses), _) => Some(What::Word(senses)),
        (None, Some((sign, _))) => Some(What::Sign(sign)),
        _ => None,
    };
    // `fo#r` is a four, not a word with a sign behind it.
    let is_sure = |what: &What| match what {
        What::Word(senses) => senses.iter().any(|sense| !sense.is_weak && !sense.is_made),
        _ => true,
    };
    if whole.is_some_and(|what| !is_sure(&what))
        && let Some((span, senses)) = hidden_word(text, &token, pieces)
    {
        let end = span.end;
        pieces.push(piece(span, What::Word(senses), Gap::Break));
        return end;
    }
    match whole {
        Some(What::Sign(Sign::At | Sign::Colon | Sign::Underscore)) => {}
        Some(what) => pieces.push(piece(token, what, Gap::Break)),
        None => {
            let other = drawn_out(bytes)
                .filter(|_| is_plain)
                .or_else(|| of_look_alikes(word).filter(|_| !is_ascii));
            if let Some(senses) = other {
                pieces.push(piece(token, What::Word(senses), Gap::Break));
                return end;
            }
            if let Some((span, senses)) = hidden_word(text, &token, pieces) {
                let end = span.end;
                pieces.push(piece(span, What::Word(senses), Gap::Break));
                return end;
            }
            if digits > 0 || word.len() >= 5 && (!is_ascii || may_be_run(&folded)) {
                let run = Run::of(word, token.start);
                let is_word = digits == 0 && words::is_common(&folded);
                if is_word || run.take_apart(pieces) || digits > 0 {
                    return end;
                }
            }
            look_alikes(text, token, pieces);
        }
    }
    end
}

/// The number word around the token of which some letters are hidden, unless it reaches over what is a piece already.
fn hidden_word(
    text: &str,
    token: &Range<usize>,
    pieces: &[Piece],
) -> Option<(Range<usize>, &'static [Sense])> {
    let from = pieces.last().map_or(0, |last| last.end);
    let begins = text[token.start..].starts_with(char::is_alphanumeric);
    signs::hidden_word(text, token).filter(|(span, _)| begins && span.start >= from)
}

/// The senses of a word some of whose letters stand several times in a row: `fiiive`.
fn drawn_out(bytes: &[u8]) -> Option<&'static [Sense]> {
    if !bytes
        .windows(2)
        .any(|pair| pair[0].eq_ignore_ascii_case(&pair[1]))
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
    if length < 3 && squeezed != b"oh" || !words::may_be(squeezed) {
        return None;
    }
    let senses = words::senses(str::from_utf8(squeezed).ok()?)?;
    let is_word = words::is_common(&str::from_utf8(bytes).ok()?.to_ascii_lowercase());
    (!is_word && senses.iter().any(|sense| !sense.is_weak)).then_some(senses)
}

/// The senses of a word all of whose letters look like Latin ones.
fn of_look_alikes(word: &str) -> Option<&'static [Sense]> {
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
    let before = pieces.len();
    let mut at = 0;
    let mut last: Option<usize> = None;
    // Where the row of pieces without anything between begins.
    let mut row = before;
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
            let is_glued = last == Some(at);
            if !is_glued {
                drop_lone_sound(pieces, row);
                row = pieces.len();
            }
            let gap = match (is_glued, pieces[before..].last()) {
                (true, _) => Gap::Glued,
                (false, Some(last)) => gap(&word[last.end - start..at]),
                (false, None) => Gap::Break,
            };
            pieces.push(piece(start + at..start + at + length, what, gap));
            last = Some(at + length);
        }
        at += length;
    }
    drop_lone_sound(pieces, row);
}

/// Takes a piece off again that is alone and also said for other things: every third sign of a Chinese text sounds
/// like a digit.
fn drop_lone_sound(pieces: &mut Vec<Piece>, row: usize) {
    if let [
        Piece {
            what: What::Word(senses),
            ..
        },
    ] = pieces[row..]
        && senses.iter().all(|sense| sense.is_weak)
    {
        pieces.pop();
    }
}

/// A word that is nothing but letters that look like digits: `OI`, `SSS`.
fn look_alikes(text: &str, token: Range<usize>, pieces: &mut Vec<Piece>) {
    let (word, start) = (&text[token.clone()], token.start);
    if word.len() > 2 * LOOK_ALIKES || word.is_ascii() && word.len() > LOOK_ALIKES {
        return;
    }
    if word == "I" && !follows_lone(&text[..start]) && is_pronoun(&text[start + 1..]) {
        return;
    }
    let is_shouted = !word.chars().any(char::is_lowercase);
    let is_o_and_l = word.chars().all(|letter| {
        matches!(
            letter,
            'o' | 'l' | 'O' | 'I' | 'о' | 'О' | 'ч' | 'Ч' | 'з' | 'З' | 'б'
        )
    });
    // Letters of Russian words by themselves: `о`, `з`, `чо`.
    if !(word.is_ascii() || is_o_and_l && is_beside_figures(text, &token)) {
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
    let fits =
        (is_shouted || is_o_and_l || is_mixed || is_one_letter) && !matches!(word, "lol" | "LOL");
    let most = match word.len() == 1 && is_among_lone(text, &token) {
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

/// True where a figure stands right before the word or right behind it, or with one sign between.
fn is_beside_figures(text: &str, token: &Range<usize>) -> bool {
    let is_sign = |letter: char| matches!(letter, ' ' | '-' | '.');
    let is_figure = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, 'О' | 'о' | 'З' | 'з' | 'Ч' | 'ч' | 'б')
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
fn is_among_lone(text: &str, token: &Range<usize>) -> bool {
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
        // Cyrillic and Greek.
        'О' | 'о' | 'Ο' | 'ο' => (0, Close),
        'І' | 'і' | 'ӏ' | 'Ӏ' | 'Ι' => (1, Close),
        'З' | 'з' => (3, Close),
        'Ч' | 'ч' => (4, Close),
        'б' | 'Б' => (6, Close),
        'Ѕ' | 'ѕ' => (5, Fair),
        'В' | 'Β' => (8, Fair),
        _ => return None,
    })
}
