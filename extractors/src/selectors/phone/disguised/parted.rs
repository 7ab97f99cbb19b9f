//! How pieces are parted: what stands between each and the one before it.

use std::ops::{Range, RangeInclusive};

use super::{
    super::around::is_telephone,
    FEWEST,
    gap::{BETWEEN, Gap, gap, is_amount, names_channel},
    pieces::{First, Piece, What},
    rows::{may_be_stretch, open_sizes},
};
use crate::selectors::fold::MONEY;

/// How far apart pieces are that are looked at together, in bytes, in turn: the more stands between them, the likelier it
/// parts them, and the less is left to look at.
const TURNS: [RangeInclusive<usize>; 3] = [29..=BETWEEN, 13..=28, 0..=12];

/// The fewest digits that are taken for a whole number before a sign of a telephone, as people write it in their country.
const WHOLE: usize = 9;
/// The most digits of a country's code.
const CODE: usize = 3;
/// The most pieces that are looked at on either side of such a sign.
const MOST: usize = 16;

/// Tells what stands before the first piece of each word, where a number may be. Most pieces of a text stand among too
/// few others for that, and what is between them need not be looked at: whatever it is, no stretch of theirs is enough.
pub(super) fn set_gaps(
    text: &str,
    pieces: &mut [Piece],
    firsts: &[First],
    settled: &[Range<usize>],
) {
    let sizes = open_sizes(pieces, settled);
    let between = |pieces: &[Piece], index: usize| -> usize {
        pieces[index].start.saturating_sub(pieces[index - 1].end)
    };
    // Where what is before a piece is known to part it from the piece before.
    let mut is_apart: Vec<bool> = (0..pieces.len())
        .map(|index| index == 0 || between(pieces, index) > BETWEEN)
        .collect();
    for turn in TURNS {
        let mut firsts = firsts.iter().peekable();
        let mut from = 0;
        while from < pieces.len() {
            let others = is_apart[from + 1..].iter().take_while(|apart| !**apart);
            let to = from + 1 + others.count();
            let may_be_number = may_be_stretch(&pieces[from..to], &sizes[from..to]);
            while let Some((index, token, digits)) = firsts.next_if(|(index, ..)| *index < to) {
                if may_be_number && *index > from && turn.contains(&between(pieces, *index)) {
                    set_gap(text, pieces, *index, || {
                        is_amount(text, token.clone(), *digits)
                    });
                    is_apart[*index] = pieces[*index].gap == Gap::Break;
                }
            }
            from = to;
        }
    }
}

/// True for two figures behind a comma or a full stop, with a sign of money behind them.
fn is_cents(text: &str, between: &str, piece: &Piece) -> bool {
    matches!(between, "," | ".")
        && piece.end - piece.start == 2
        && text[piece.end..].trim_start_matches(' ').starts_with(MONEY)
}

/// Tells what stands before the piece at `index`.
pub(super) fn set_gap(
    text: &str,
    pieces: &mut [Piece],
    index: usize,
    is_amount: impl Fn() -> bool,
) {
    let Some(last) = index.checked_sub(1) else {
        pieces[index].gap = Gap::Break;
        return;
    };
    let between = &text[pieces[last].end..pieces[index].start];
    let are_figures =
        matches!(pieces[last].what, What::Digits) && matches!(pieces[index].what, What::Digits);
    let are_words =
        matches!(pieces[last].what, What::Word(_)) && matches!(pieces[index].what, What::Word(_));
    pieces[index].gap = match gap(between) {
        // `2024, 200,00 €`: the cents of a price.
        Gap::Plain if are_figures && is_cents(text, between, &pieces[index]) => Gap::Break,
        // "…, with 6 hours notice": an amount behind words has nothing to do with the figures before them.
        Gap::Words(_) | Gap::Line if is_amount() => Gap::Break,
        Gap::Words(_) if names_channel(between) && is_channel_s_own(text, pieces, index) => {
            Gap::Break
        }
        // Between words a comma is nothing; between figures it is where numbers have none, and cells of a table are.
        Gap::Plain if are_figures && between.contains([',', '\t', '\'', '’']) => Gap::Odd,
        Gap::Break if (are_figures || are_words) && between == "+" => Gap::Odd,
        // "07700 + 900123": a sum of parts, as "and" would be.
        Gap::Break if are_figures && between == " + " => Gap::Words(1),
        // Who reads a number aloud takes breath: "nine four six, oh ... four, five, seven".
        Gap::Odd if are_words && is_breath(between) => Gap::Plain,
        // "Zéro six - trente-neuf; quatre-vingt-dix": between words it is a comma.
        Gap::Odd if are_words && between.trim_matches(' ') == ";" => Gap::Plain,
        Gap::Break if is_decorated(text, pieces, index) => Gap::Odd,
        gap => gap,
    };
}

/// True where nothing but signs stand before a piece, one of a telephone among them, and no whole number ends or begins
/// there: `07700☎900☎127`, not `07700 900126 ☎ 07700 900127`. It is decoration then, as any other sign would be.
fn is_decorated(text: &str, pieces: &[Piece], index: usize) -> bool {
    let between = |index: usize| {
        let between = text.get(pieces[index - 1].end..pieces[index].start);
        between.unwrap_or_default()
    };
    let has_sign = |index: usize| between(index).contains(is_telephone);
    // What stands farther apart is looked at before what is in front of it.
    if !TURNS[TURNS.len() - 1].contains(&between(index).len())
        || !has_sign(index)
        // "I am 173. ☎ 7 0 2 …": it begins something.
        || between(index).contains(|letter: char| letter.is_ascii_punctuation())
        || gap(&between(index).replace(is_telephone, "*")) > Gap::Odd
    {
        return false;
    }
    let first = (1..index)
        .rev()
        .take(MOST)
        .find(|at| pieces[*at].gap == Gap::Break)
        .unwrap_or(index.saturating_sub(MOST));
    let before: usize = pieces[first..index].iter().map(Piece::size).sum();
    let rest = (index + 1..pieces.len())
        .take(MOST)
        .take_while(|at| gap(between(*at)) <= Gap::Line);
    let behind = pieces[index].size() + rest.map(|at| pieces[at].size()).sum::<usize>();
    // `202📞555-0123`: what touches an area's code goes on with it.
    let is_touching =
        !between(index).contains(' ') && !text[pieces[index].start..].starts_with('0');
    let fewest = match is_touching {
        true => WHOLE,
        false => FEWEST,
    };
    // `+44 ☎ 7700 900127`: a country's code is no number, and makes what it stands before longer.
    let is_abroad = text[..pieces[first].start].ends_with('+');
    let (ends, begins) = match is_abroad {
        true => (before > WHOLE + 2, before > CODE && behind >= FEWEST),
        false => (before >= WHOLE, behind >= fewest),
    };
    // `0☎7☎7☎0☎0…`: a row of them goes on.
    let is_row =
        index - 1 > first && has_sign(index - 1) && before + pieces[index].size() <= WHOLE + 2;
    !begins && (!ends || is_row)
}

/// True where a channel that is named before a piece parts what is before from what is behind: a whole number ends or begins
/// there, or hours do: `WhatsApp 10-22, Telegram 24/7`. Within a number it is a word as any other: `07700 whatsapp 900123`.
fn is_channel_s_own(text: &str, pieces: &[Piece], index: usize) -> bool {
    let between = |index: usize| &text[pieces[index - 1].end..pieces[index].start];
    let is_apart = |at: &usize| gap(between(*at)) > Gap::Odd;
    let first = (1..index).rev().take(MOST).find(is_apart);
    let first = first.unwrap_or_default().max(index.saturating_sub(MOST));
    let last = (index + 1..pieces.len()).take(MOST).find(is_apart);
    let last = last.unwrap_or(pieces.len().min(index + MOST));
    let size = |pieces: &[Piece]| pieces.iter().map(Piece::size).sum::<usize>();
    let (before, behind) = (&pieces[first..index], &pieces[index..last]);
    let written = |part: &[Piece]| &text[part[0].start..part[part.len() - 1].end];
    size(before) >= WHOLE
        || size(behind) >= WHOLE
        || are_hours(written(before))
        || are_hours(written(behind))
}

/// `10-22`, `9–18`, `24/7`.
fn are_hours(written: &str) -> bool {
    let Some((from, to)) = written.split_once(['-', '–', '/']) else {
        return false;
    };
    let is_hour = |written: &str| {
        let hour = written.trim_matches(' ').parse::<u8>();
        written.len() <= 3 && hour.is_ok_and(|hour| hour <= 24)
    };
    is_hour(from) && is_hour(to)
}

/// True for nothing but dots that tell of a pause.
fn is_breath(between: &str) -> bool {
    let dots = between.trim_matches(' ');
    !dots.is_empty() && dots.chars().all(|sign| matches!(sign, '.' | '…'))
}
