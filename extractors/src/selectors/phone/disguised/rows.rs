//! What can be told of a row of pieces, and of the groups of its digits, beside the number.

use std::ops::Range;

use rlibphonenumber::PhoneNumberFormat;

use super::{
    super::{Reading, around::is_picture, scan::count},
    FEWEST, SURE,
    gap::Gap,
    pieces::{Piece, What},
    spoken::Spoken,
    told,
};
use crate::selectors::{
    fold::MONEY,
    words::{Meaning, Sense, is_unspaced},
};

/// True where a row whose widest gap this is needs the level.
pub(super) fn is_of(widest: Gap, level: Gap) -> bool {
    let kind = |gap: Gap| match gap {
        Gap::Glued | Gap::Plain => 0,
        Gap::Odd => 1,
        Gap::Line => 2,
        Gap::Words(_) | Gap::Break => 3,
    };
    kind(widest) == kind(level)
}

/// True where the pieces are more than figures with the signs between that numbers are written with.
pub(super) fn is_disguised(pieces: &[Piece]) -> bool {
    let lone = pieces
        .iter()
        .filter(|piece| matches!(piece.what, What::Digits) && piece.end - piece.start == 1)
        .count();
    lone >= 4
        || pieces
            .iter()
            .any(|piece| !matches!(piece.what, What::Digits))
        || pieces[1..].iter().any(|piece| piece.gap > Gap::Plain)
}

/// True for a piece that stands for no digit: a sign, or "and".
pub(super) fn is_empty(piece: &Piece) -> bool {
    match piece.what {
        What::Sign(_) => true,
        What::Word(senses) => senses.iter().all(|sense| sense.meaning == Meaning::And),
        What::Digits | What::Letter(..) | What::Mark(_) => false,
    }
}

/// True for a piece outside a number that may as well be a word of the sentence: "I" and "to" behind figures.
pub(super) fn is_of_sentence(piece: &Piece, gap: Gap, language: u8) -> bool {
    matches!(piece.what, What::Sign(_) | What::Mark(_))
        || gap != Gap::Glued
            && (matches!(piece.what, What::Letter(..)) || is_said_otherwise(piece, language))
}

/// True for a word that is also said for other things where this language is spoken.
pub(super) fn is_said_otherwise(piece: &Piece, language: u8) -> bool {
    let What::Word(senses) = piece.what else {
        return false;
    };
    match senses.iter().find(|sense| sense.language == language) {
        Some(sense) => sense.is_weak,
        None => senses.iter().all(|sense| sense.is_weak || sense.is_common),
    }
}

/// True for a word that is said for something else somewhere.
pub(super) fn is_unsure(senses: &[Sense]) -> bool {
    let is_weak = |sense: &Sense| sense.is_weak && !sense.is_proper;
    senses.iter().any(is_weak) && senses.iter().all(|sense| is_weak(sense) || sense.is_common)
}

/// True for numbers that count: 1 2 3 4, 21 22 23, 9 8 7.
pub(super) fn counts(values: &[u64]) -> bool {
    let steps: Vec<i128> = values
        .windows(2)
        .map(|pair| i128::from(pair[1]) - i128::from(pair[0]))
        .collect();
    values.len() >= 4 && steps.iter().all(|step| *step == steps[0])
}

/// True for five pairs of figures or more, each greater than the one before: 12 19 23 38 41.
pub(super) fn climb(values: &[u64], groups: &[usize]) -> bool {
    const PAIRS: usize = 5;
    let pairs = values
        .iter()
        .zip(groups)
        .take_while(|(_, size)| **size == 2);
    let pairs: Vec<u64> = pairs.map(|(value, _)| *value).collect();
    let climbing = pairs
        .windows(2)
        .take_while(|pair| pair[0] < pair[1])
        .count()
        + 1;
    // A draw ends with what is drawn beside it: 03 08 15 22 27 33 + 11.
    pairs.len() >= PAIRS && (climbing == pairs.len() || climbing > PAIRS)
}

/// True where a sign of lists stands before the piece at `index`, and none between those of a number beside it:
/// `six one … seven / four one …`.
pub(super) fn begins_another(
    text: &str,
    pieces: &[Piece],
    index: usize,
    number: Range<usize>,
) -> bool {
    let between = |index: usize| &text[pieces[index - 1].end..pieces[index].start];
    let parts = |sign: &str| {
        matches!(
            sign,
            " / "
                | " // "
                | " || "
                | " ; "
                | " | "
                | " & "
                | " + "
                | "; "
                | " - "
                | " – "
                | " — "
                | ", "
        )
    };
    index > 0
        && index < pieces.len()
        && pieces[index].gap != Gap::Glued
        && parts(between(index))
        && (number.start + 1..number.end).all(|inner| between(inner) != between(index))
}

/// True where all words between pieces tell the parts of a number: "erst 01614, danach 960247"; or where words stand between
/// each two of three groups or more: "01134 and 960 text 464".
pub(super) fn are_told(text: &str, pieces: &[Piece]) -> bool {
    let figures = pieces.iter().filter(|piece| !is_empty(piece)).count();
    let gaps = pieces
        .iter()
        .skip(1)
        .filter(|piece| matches!(piece.gap, Gap::Words(_)));
    if figures >= 3
        && !has_names(text, pieces)
        && gaps.count() as u32 + and_gaps(pieces) + 1 == figures as u32
    {
        return true;
    }
    and_gaps(pieces) == 0
        && pieces.windows(2).all(|pair| {
            !matches!(pair[1].gap, Gap::Words(_))
                || told::other_words(&text[pair[0].end..pair[1].start], 1) == 0
        })
}

/// True where a word with a capital stands between pieces.
pub(super) fn has_names(text: &str, pieces: &[Piece]) -> bool {
    pieces.windows(2).any(|pair| {
        matches!(pair[1].gap, Gap::Words(_))
            && text[pair[0].end..pair[1].start].contains(char::is_uppercase)
    })
}

/// How many words for "and" stand between figures: "92870 and 93730".
pub(super) fn and_gaps(pieces: &[Piece]) -> u32 {
    let is_figure = |piece: &Piece| matches!(piece.what, What::Digits);
    let is_and = |part: &&[Piece]| {
        is_figure(&part[0])
            && is_figure(&part[2])
            && matches!(part[1].what, What::Word(_))
            && is_empty(&part[1])
    };
    pieces.windows(3).filter(is_and).count() as u32
}

/// True for two figures or more, all of them round as amounts are: 320 and 700.
pub(super) fn all_round(text: &str, pieces: &[Piece]) -> bool {
    let mut figures = pieces
        .iter()
        .filter(|piece| matches!(piece.what, What::Digits))
        .map(|piece| &text[piece.start..piece.end]);
    figures.clone().nth(1).is_some()
        && figures
            .all(|figure| figure.len() > 1 && figure.ends_with('0') && !figure.starts_with('0'))
}

/// True for three groups or more, all of them round, with letters for some of their noughts: `15O 22O 4OO`.
pub(super) fn are_sums(spoken: &Spoken) -> bool {
    let mut at = 0;
    spoken.groups.len() >= 3
        && spoken.groups.iter().all(|length| {
            let group = spoken.digits.get(at..at + length).unwrap_or_default();
            at += length;
            group.len() > 1 && group.ends_with('0') && !group.starts_with('0')
        })
}

/// How many pictures, one at a time, stand between two figures and touch both: `7☆1♥3`.
pub(super) fn garlands(text: &str, pieces: &[Piece]) -> u32 {
    let is_garland = |pair: &&[Piece]| {
        let mut between = text[pair[0].end..pair[1].start].chars();
        let are_figures = pair.iter().all(|piece| matches!(piece.what, What::Digits));
        are_figures
            && between.next().is_some_and(is_picture)
            && between.all(|letter| letter == '\u{fe0f}')
    };
    pieces.windows(2).filter(is_garland).count() as u32
}

/// True for figures alone on three lines or more, one row on each.
pub(super) fn is_column(text: &str, pieces: &[Piece]) -> bool {
    let [first, .., last] = pieces else {
        return false;
    };
    let is_bare = |pair: &[Piece]| &text[pair[0].end..pair[1].start] == "\n";
    pieces.len() >= 3
        && pieces
            .iter()
            .all(|piece| matches!(piece.what, What::Digits))
        && pieces.windows(2).all(is_bare)
        && (first.start == 0 || text[..first.start].ends_with('\n'))
        && ends_line(&text[last.end..])
}

/// How many letters beyond ASCII stand for digits.
pub(super) fn strange_letters(text: &str, pieces: &[Piece]) -> u32 {
    let is_strange = |piece: &&Piece| {
        matches!(piece.what, What::Letter(..)) && !text[piece.start..piece.end].is_ascii()
    };
    pieces.iter().filter(is_strange).count() as u32
}

/// True for a figure that is alone on its line.
pub(super) fn is_bare(text: &str, piece: &Piece) -> bool {
    matches!(piece.what, What::Digits)
        && (piece.start == 0 || text[..piece.start].ends_with('\n'))
        && ends_line(&text[piece.end..])
}

/// True where nothing but what ends a sentence stands before the end of the line.
fn ends_line(behind: &str) -> bool {
    let rest = behind.trim_start_matches([' ', '.', ',', '!', '。', '！']);
    rest.is_empty() || rest.starts_with('\n')
}

/// True where the last of some pieces is a figure that names a year, and a word stands before it.
pub(super) fn is_year_behind_words(text: &str, pieces: &[Piece]) -> bool {
    let [.., before, last] = pieces else {
        return false;
    };
    let is_word = matches!(before.what, What::Word(_)) || matches!(last.gap, Gap::Words(_));
    let written = &text[last.start..last.end];
    is_word
        && matches!(last.what, What::Digits)
        && written.len() == 4
        && (1950..2040).contains(&written.parse().unwrap_or(0))
}

/// How many sentences end between some pieces, unless something ends between all of them: `202. 555. 0123`.
pub(super) fn sentences(text: &str, pieces: &[Piece]) -> u32 {
    let ends = |pair: &&[Piece]| text[pair[0].end..pair[1].start].starts_with(". ");
    let count = pieces.windows(2).filter(ends).count();
    match count + 1 == pieces.len() {
        true => 0,
        false => count as u32,
    }
}

/// True where the first or the last piece is a word that is also said for other things: "for 202 555 0123".
pub(super) fn ends_weakly(text: &str, pieces: &[Piece]) -> bool {
    let is_word = |piece: &Piece| matches!(piece.what, What::Word(senses) if senses.iter().all(|sense| sense.is_weak));
    let is_only_word = |piece: &Piece| {
        let words = || {
            pieces
                .iter()
                .filter(|piece| matches!(piece.what, What::Word(_)))
        };
        piece.end - piece.start > 1 && words().nth(1).is_none()
    };
    let is_figure = |piece: &Piece| matches!(piece.what, What::Digits);
    let is_weak = |piece: &Piece, beside: &Piece, gap: Gap| {
        // A letter beside figures is the sentence's: "2025550123 I am new".
        let is_lone = matches!(piece.what, What::Letter(..)) && gap != Gap::Glued;
        let is_long = is_figure(beside) && beside.end - beside.start > 1;
        // In scripts without spaces, what touches figures is one of them.
        if gap == Gap::Glued && text[piece.start..].starts_with(is_unspaced) {
            return false;
        }
        is_long && (is_lone || is_word(piece))
            || is_figure(beside) && is_word(piece) && is_only_word(piece)
    };
    let last = pieces.len() - 1;
    is_weak(&pieces[0], &pieces[1], pieces[1].gap)
        || is_weak(&pieces[last], &pieces[last - 1], pieces[last].gap)
}

/// So it is behind a sign of numbers, where no label stands before that: `Phone # 2O2 555 O123`.
/// `#2#0#2…` is set among such signs.
pub(super) fn follows_money(text: &str, (start, end): (usize, usize), is_labelled: bool) -> bool {
    let is_among = text[start..end].contains(['#', '№']);
    let before = text[..start].trim_end_matches([' ', '(']);
    // `80 € O7400 …`: the sign is the amount's that stands before it.
    let is_behind_amount = before.len() < start
        && before
            .trim_end_matches(|letter| letter == ' ' || MONEY.contains(&letter))
            .ends_with(|letter: char| letter.is_ascii_digit());
    before.ends_with(['$', '€', '£', '¥', '₹', '₽']) && !is_behind_amount
        || !is_labelled && !is_among && before.ends_with(['#', '№'])
}

/// True where digits stand in the groups in which the number's country writes it.
pub(in crate::selectors::phone) fn has_shape(groups: &[usize], reading: &Reading) -> bool {
    if groups.len() < 2 {
        return false;
    }
    let sizes = |written: &str| -> Vec<usize> {
        written
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .map(str::len)
            .collect()
    };
    let national = sizes(&reading.number.format_as(PhoneNumberFormat::National));
    let abroad = sizes(&reading.number.format_as(PhoneNumberFormat::International));
    let forms = [
        national.clone(),
        abroad.clone(),
        // Without the trunk prefix, and with the country's code.
        abroad[1..].to_vec(),
        [&abroad[..1], &national[..]].concat(),
    ];
    let ends = |sizes: &[usize]| -> Vec<usize> {
        sizes
            .iter()
            .scan(0, |sum, size| {
                *sum += size;
                Some(*sum)
            })
            .collect()
    };
    let written = ends(groups);
    forms.iter().any(|form| {
        let usual = ends(form);
        let is_of_one_length = usual.last() == written.last();
        // Groups may be merged, or taken apart further.
        let is_merged = written.iter().all(|end| usual.contains(end));
        let is_split =
            usual.iter().all(|end| written.contains(end)) && groups.iter().all(|size| *size >= 2);
        is_of_one_length && (is_merged || is_split)
    })
}

/// The pieces between breaks, where they are enough for a number. Most texts have few such.
pub(super) fn stretches(pieces: &[Piece], sizes: &[usize]) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut from = 0;
    while from < pieces.len() {
        let behind = pieces[from + 1..].iter();
        let count = behind.take_while(|piece| piece.gap < Gap::Break).count();
        let to = from + 1 + count;
        if may_be_stretch(&pieces[from..to], &sizes[from..to]) {
            stretches.push(from..to);
        }
        from = to;
    }
    stretches
}

/// About how many digits each piece stands for, and none where it belongs to a number of those that are settled.
pub(super) fn open_sizes(pieces: &[Piece], settled: &[Range<usize>]) -> Vec<usize> {
    let mut settled = settled.iter().peekable();
    let size = |piece: &Piece| {
        while settled.next_if(|span| span.end <= piece.start).is_some() {}
        match settled.peek() {
            Some(span) if span.start < piece.end => 0,
            _ => piece.size(),
        }
    };
    pieces.iter().map(size).collect()
}

/// True for pieces that stand for enough digits, and surely enough. What fails has no part that does not.
pub(super) fn may_be_stretch(pieces: &[Piece], sizes: &[usize]) -> bool {
    sizes.iter().sum::<usize>() >= FEWEST && sure_size(pieces, sizes) >= SURE
}

/// About how many digits some pieces stand for; those that are said for other things as well for half.
pub(super) fn sure_size(pieces: &[Piece], sizes: &[usize]) -> usize {
    let twice = |(piece, size): (&Piece, &usize)| match piece.what {
        What::Word(senses) if is_unsure(senses) => *size,
        _ => 2 * size,
    };
    pieces.iter().zip(sizes).map(twice).sum::<usize>() / 2
}

/// The span of some pieces, with the plus sign and the brackets that are theirs.
pub(super) fn span(text: &str, pieces: &[Piece]) -> (usize, usize) {
    let (mut start, mut end) = (pieces[0].start, pieces[pieces.len() - 1].end);
    let before = &text[..start];
    let bare = before.trim_end_matches(['(', ' ', '[']);
    if bare.ends_with('+') && before.len() - bare.len() <= 2 {
        start = bare.len() - 1;
    }
    let open = count(text, (start, end), b'(');
    let closed = count(text, (start, end), b')');
    if closed > open && text[..start].ends_with('(') {
        start -= 1;
    } else if open > closed && text[end..].starts_with(')') {
        end += 1;
    }
    (start, end)
}
