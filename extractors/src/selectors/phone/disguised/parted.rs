//! How pieces are parted: what stands between each and the one before it.

use std::ops::RangeInclusive;

use super::{
    gap::{BETWEEN, Gap, gap, is_amount},
    pieces::{First, Piece, What},
    rows::may_be_stretch,
};

/// How far apart pieces are that are looked at together, in bytes, in turn: the more stands between them, the likelier it
/// parts them, and the less is left to look at.
const TURNS: [RangeInclusive<usize>; 3] = [29..=BETWEEN, 13..=28, 0..=12];

/// Tells what stands before the first piece of each word, where a number may be. Most pieces of a text stand among too
/// few others for that, and what is between them need not be looked at: whatever it is, no stretch of theirs is enough.
pub(super) fn set_gaps(text: &str, pieces: &mut [Piece], firsts: &[First]) {
    let sizes: Vec<usize> = pieces.iter().map(Piece::size).collect();
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
        // "…, with 6 hours notice": an amount behind words has nothing to do with the figures before them.
        Gap::Words(_) | Gap::Line if is_amount() => Gap::Break,
        // Between words a comma is nothing; between figures it is where numbers have none, and cells of a table are.
        Gap::Plain if are_figures && between.contains([',', '\t', '\'', '’']) => Gap::Odd,
        Gap::Break if are_figures && between == "+" => Gap::Odd,
        // "07700 + 900123": a sum of parts, as "and" would be.
        Gap::Break if are_figures && between == " + " => Gap::Words(1),
        // Who reads a number aloud takes breath: "nine four six, oh ... four, five, seven".
        Gap::Odd if are_words && is_breath(between) => Gap::Plain,
        gap => gap,
    };
}

/// True for nothing but dots that tell of a pause.
fn is_breath(between: &str) -> bool {
    let dots = between.trim_matches(' ');
    !dots.is_empty() && dots.chars().all(|sign| matches!(sign, '.' | '…'))
}
