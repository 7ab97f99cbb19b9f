//! Pieces: whatever in a text may stand for digits, one after the other, and what stands between them. No number is
//! read here.

use std::ops::Range;

use super::{
    super::{around::is_unnamed, parts},
    FEWEST, emoticons,
    gap::{Gap, gap},
    look_alikes::{Likeness, digit_like, drawn_out, is_among_lone, look_alikes, of_look_alikes},
    parted::set_gaps,
    run::{Run, may_be_run},
    signs, syllables, told,
};
use crate::selectors::{
    skim::{Skim, role},
    words::{self, Meaning, RUN, Sense, Sign, is_unspaced},
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

impl Piece {
    /// About how many digits it stands for.
    pub fn size(&self) -> usize {
        match self.what {
            What::Digits => self.end - self.start,
            What::Word(senses) => senses.iter().map(size_of_sense).max().unwrap_or(0),
            What::Letter(..) | What::Mark(_) => 1,
            What::Sign(_) => 0,
        }
    }
}

fn size_of_sense(sense: &Sense) -> usize {
    match sense.meaning {
        Meaning::Number(0..=9) => 1,
        Meaning::Number(10..=99) | Meaning::Hundred | Meaning::Ten => 2,
        Meaning::Number(_) | Meaning::Thousand => 3,
        Meaning::Times(times) => usize::from(times) - 1,
        Meaning::And => 0,
    }
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

/// The first piece of a word, by its index; the word, and how many digits it has.
pub(super) type First = (usize, Range<usize>, usize);

/// All pieces of a text, in order. What stands between them is told where a number may be beside those that are settled.
pub(super) fn pieces(text: &str, skim: &Skim, settled: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(text.len() / 32);
    let mut firsts: Vec<First> = Vec::with_capacity(text.len() / 32);
    let bytes = text.as_bytes();
    let mut at = 0;
    // Before here, no word with its letters apart begins.
    let mut apart_from = 0;
    loop {
        at = skim.next(bytes, at, role::NUMBER);
        let Some(&byte) = bytes.get(at) else {
            break;
        };
        if let Some(digit) = signs::lone(bytes, at) {
            firsts.push((pieces.len(), 0..0, 0));
            pieces.push(piece(at..at + 1, What::Mark(digit), Gap::Break));
            at += 1;
            continue;
        }
        let begins_chunk = at == 0 || bytes[at - 1].is_ascii_whitespace();
        if begins_chunk && may_begin_marks(bytes, at) {
            let before = pieces.len();
            if let Some(end) = signs::marks(text, at, &mut pieces) {
                firsts.push((before, 0..0, 0));
                at = end;
                continue;
            }
        }
        if byte.is_ascii() && !byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        if matches!(
            byte,
            b'3' | b'0' | b'x' | b'X' | b'D' | b'd' | b'P' | b'p' | b'O' | b'o' | b'S' | b's'
        ) && let Some(emoticon) = emoticons::around(bytes, at)
        {
            at = emoticon.end;
            continue;
        }
        let before = pieces.len();
        if at >= apart_from
            && byte.is_ascii_alphabetic()
            && is_lone(bytes, at)
            && let Some((end, is_taken)) = signs::apart(text, at, &mut pieces)
        {
            if is_taken {
                firsts.push((before, 0..0, 0));
                at = end;
                continue;
            }
            apart_from = end;
        }
        let (token, digits) = token_at(text, at);
        if token.len() == 1 && is_shortened(bytes, at) {
            at += 1;
            continue;
        }
        let end = match syllables::digit(text, &token) {
            Some((end, senses)) => {
                pieces.push(piece(token.start..end, What::Word(senses), Gap::Break));
                end
            }
            None => take(text, token.clone(), digits, &mut pieces),
        };
        if pieces.len() == before + 1 && is_count(text, &pieces[before]) {
            pieces.pop();
        }
        if pieces.len() > before {
            firsts.push((before, token, digits));
        }
        at = end;
    }
    set_gaps(text, &mut pieces, &firsts, settled);
    pieces
}

/// True for a piece that says how many figures are told next to it: "the last four are".
fn is_count(text: &str, piece: &Piece) -> bool {
    // "Termina en 0123": so short a word behind such a one is no number.
    if matches!(piece.what, What::Word(_)) && told::is_preposition(text, piece.start, piece.end) {
        return true;
    }
    let may_count = match piece.what {
        What::Digits => piece.end - piece.start == 1 && text.as_bytes()[piece.start] > b'1',
        What::Word(senses) => senses.iter().any(
            |sense| matches!(sense.meaning, words::Meaning::Number(value) if told::may_count(value)),
        ),
        _ => false,
    };
    let is_lone = matches!(piece.what, What::Digits) && piece.end - piece.start == 1;
    may_count && told::counts_figures(text, piece.start, piece.end)
        || is_lone && parts::counts_part(text, piece.start, piece.end)
}

/// True for a plain word that may be a piece, or a part of one.
pub(in crate::selectors) fn may_be_piece(word: &str) -> bool {
    let mut pieces = Vec::new();
    take(word, 0..word.len(), 0, &mut pieces);
    let is_lone = word.len() == 1;
    is_lone
        || syllables::may_begin(word)
        || word.chars().all(|letter| digit_like(letter).is_some())
        || !pieces.is_empty()
}

/// True for a sign that a piece may begin with, where others follow or figures: a mark, or a bracket before figures.
pub(in crate::selectors) fn may_begin(sign: u8) -> bool {
    matches!(sign, b'!' | b'$' | b'&' | b'@' | b'|' | b'(' | b'[' | b'{')
}

/// True where the chunk that begins at `at` may be digits and signs that look like such. Few do.
fn may_begin_marks(bytes: &[u8], at: usize) -> bool {
    let is_sign = |byte: &u8| may_begin(*byte);
    let first = bytes[at];
    (first.is_ascii_digit()
        || is_sign(&first)
        || matches!(
            first,
            b'O' | b'o' | b'Q' | b'I' | b'l' | b'S' | b's' | b'Z' | b'z' | b'B' | b'D' | b'T'
        ))
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

/// True for a letter that is what is left of a word: "that's", "l'indicatif", "it’s".
fn is_shortened(bytes: &[u8], at: usize) -> bool {
    /// How a typographic apostrophe is written, in UTF-8.
    const APOSTROPHE: &[u8] = "’".as_bytes();
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    let before = bytes[..at]
        .strip_suffix(b"'")
        .or_else(|| bytes[..at].strip_suffix(APOSTROPHE));
    let behind = &bytes[at + 1..];
    let behind = behind
        .strip_prefix(b"'")
        .or_else(|| behind.strip_prefix(APOSTROPHE));
    is_letter(&bytes[at])
        && (before.is_some_and(|before| before.last().is_some_and(is_letter))
            || behind.is_some_and(|behind| behind.first().is_some_and(is_letter)))
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
pub(super) fn token_at(text: &str, start: usize) -> (Range<usize>, usize) {
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
        let before = pieces.len();
        scan(word, token.start, pieces);
        if pieces.len() == before && signs::is_among_signs(text, &token) {
            let senses = words::senses(word);
            pieces.extend(senses.map(|senses| piece(token, What::Word(senses), Gap::Break)));
        }
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
    let may_be_run_of =
        || word.len() >= 5 && words::may_begin(bytes) && words::may_be_several(bytes);
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
    // `on*`: what is hidden is a part of the word, whatever the rest means elsewhere.
    let is_starred = || {
        let touches = |letter| matches!(letter, '*' | '#' | '_' | '•');
        text[..token.start].ends_with(touches) || text[end..].starts_with(touches)
    };
    if whole.is_some_and(|what| !is_sure(&what) || is_starred())
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
            let other = match is_ascii {
                true => is_plain.then(|| drawn_out(bytes)).flatten(),
                false => of_look_alikes(word),
            };
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
                // `photo3` is no 4, 2, 3.
                let is_word = digits == 0 && words::is_common(&folded) || is_numbered(&folded);
                if is_word || run.take_apart(pieces) {
                    return end;
                }
                if digits > 0 {
                    if digits >= FEWEST {
                        groups(text, token, pieces);
                    }
                    return end;
                }
            }
            look_alikes(text, token, pieces);
        }
    }
    end
}

/// True for a word of files and pages with its number behind it: `photo3`, `img12`.
fn is_numbered(word: &str) -> bool {
    let bare = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    bare.len() < word.len() && is_unnamed(bare)
}

/// The figures of a word that are parted by words: `202kisses555hugs0123`.
fn groups(text: &str, token: Range<usize>, pieces: &mut Vec<Piece>) {
    const WORDS: std::ops::RangeInclusive<usize> = 3..=12;
    let word = &text[token.clone()];
    let mut parts = word.split(|letter: char| letter.is_ascii_digit());
    let are_words = parts.all(|part| {
        part.is_empty()
            || WORDS.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    let mut at = token.start;
    let before = pieces.len();
    for part in word
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|_| are_words)
    {
        if !part.is_empty() {
            let gap = match pieces.len() > before {
                true => Gap::Words(1),
                false => Gap::Break,
            };
            pieces.push(piece(at..at + part.len(), What::Digits, gap));
        }
        at += part.len() + 1;
    }
    let is_within = word.starts_with(|letter: char| letter.is_ascii_digit())
        && word.ends_with(|letter: char| letter.is_ascii_digit());
    let are_groups = pieces[before..].iter().all(|piece| piece.size() > 1);
    // `202abc555def0123` is an identifier of a machine's.
    let is_said = word
        .bytes()
        .any(|byte| byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit());
    if pieces.len() < before + 2 || !is_within || !are_groups || !is_said {
        pieces.truncate(before);
    }
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

pub(super) fn piece(span: Range<usize>, what: What, gap: Gap) -> Piece {
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
                // `后四位是0123`.
                Some((length, _)) if told::counts_figures(word, at, at + length) => (length, None),
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
