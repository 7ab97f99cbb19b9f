//! Misspelt number words: `fuor`, `nuebe`, `сем`. A word may be read so only in a row of number words of its language, so
//! such rows are looked for among the pieces, and nothing else of a text is asked.

use std::ops::Range;

use sightline_model::{Find, StepKind};

use super::{
    super::Context,
    FEWEST, Search,
    gap::{Gap, gap},
    languages::Languages,
    parted::set_gap,
    pieces::{Piece, What, piece, token_at},
};
use crate::selectors::words::{self, Meaning, Sense, is_unspaced};

/// The most that stands between two words that are right, and how far from one a row may begin or end, in bytes: five
/// misspelt words of Russian.
const NEAR: usize = 64;
/// The fewest words that are right in a row, by which its language is told.
const LEAST_WORDS: usize = 2;
/// The fewest words that are right and figures by themselves among them.
const LEAST: usize = 3;

/// Numbers that are told with misspelt words. A row that is one once these are read is no other number.
pub(super) fn find(
    text: &str,
    context: &Context<'_>,
    pieces: &[Piece],
    tries: &mut u32,
    finds: &mut Vec<Find>,
) {
    for run in runs(text, pieces) {
        let mut search = Search::of(text, context, &run, *tries);
        for level in [Gap::Plain, Gap::Odd] {
            search.rows(0..run.len(), level);
        }
        *tries = search.tries;
        let found = search.found.into_iter();
        finds.extend(found.filter(|find| find.has_step(StepKind::Misspelt)));
    }
}

/// Rows of pieces some of which are misspelt words, each where number words stand on end.
fn runs(text: &str, pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut runs = Vec::new();
    let mut from = 0;
    let mut done = 0;
    while from < pieces.len() {
        let others = pieces[from..].windows(2);
        let near = others.take_while(|pair| pair[1].start.saturating_sub(pair[0].end) <= NEAR);
        let to = from + 1 + near.count();
        if may_be_run(&pieces[from..to]) {
            let next = pieces.get(to).map_or(text.len(), |next| next.start);
            let start = text
                .ceil_char_boundary(pieces[from].start.saturating_sub(NEAR))
                .max(done);
            done = text.floor_char_boundary((pieces[to - 1].end + NEAR).min(next));
            of_stretch(text, start..done, &pieces[from..to], &mut runs);
        }
        from = to;
    }
    runs
}

/// True where enough is right for the rest to be asked about.
fn may_be_run(pieces: &[Piece]) -> bool {
    let is_digit =
        |sense: &Sense| matches!(sense.meaning, Meaning::Number(0..=9)) && !sense.is_weak;
    let is_word =
        |piece: &&Piece| matches!(piece.what, What::Word(senses) if senses.iter().any(is_digit));
    let is_figure = |piece: &&Piece| matches!(piece.what, What::Digits) && piece.size() == 1;
    let words = pieces.iter().filter(is_word).count();
    words >= LEAST_WORDS && words + pieces.iter().filter(is_figure).count() >= LEAST
}

/// The rows of one stretch of text, with the pieces in it.
fn of_stretch(text: &str, stretch: Range<usize>, pieces: &[Piece], runs: &mut Vec<Vec<Piece>>) {
    let languages = Languages::of(pieces);
    let (first, second) = languages.likely();
    let mut row = Row::default();
    let mut at = begin(text, stretch.start);
    let mut rest = pieces;
    while at < stretch.end {
        let letter = text[at..].chars().next().unwrap_or(' ');
        if !letter.is_alphanumeric() {
            at += letter.len_utf8();
            continue;
        }
        let (token, _) = token_at(text, at);
        let before = rest.partition_point(|piece| piece.end <= token.start);
        rest = &rest[before..];
        let own = &rest[..rest.partition_point(|piece| piece.start < token.end)];
        let end = own.last().map_or(token.end, |last| last.end.max(token.end));
        let word = &text[token.clone()];
        let read = |read: fn(&str, u8) -> Option<&'static [Sense]>| {
            read(word, first).or_else(|| read(word, second?))
        };
        let mended = match own {
            _ if word.contains(is_unspaced) => None,
            [] => read(words::misspelt),
            // `cinc0` is no Catalan five with a nought behind where Spanish is spoken.
            [_, _, ..] => read(words::drawn),
            [one] => match one.what {
                What::Word(senses) if one.start == token.start && one.end == token.end => {
                    let is_known =
                        |sense: &Sense| sense.language == first || Some(sense.language) == second;
                    let is_strange = !senses.iter().any(is_known);
                    is_strange
                        .then(|| read(words::misspelt))
                        .flatten()
                        .filter(|mended| {
                            !mended[0].is_common
                                && languages.meaning(senses, first).map(|sense| sense.meaning)
                                    != Some(mended[0].meaning)
                        })
                }
                _ => None,
            },
        };
        match (mended, own) {
            (Some(senses), _) => {
                row.push(text, &[piece(token, What::Word(senses), Gap::Break)], runs);
            }
            (None, []) => row.end(text, runs),
            (None, own) => row.push(text, own, runs),
        }
        at = end;
    }
    row.end(text, runs);
}

/// Where a word begins, at `at` or behind.
fn begin(text: &str, at: usize) -> usize {
    let is_within = text[..at].ends_with(char::is_alphanumeric);
    let behind = text[at..].find(|letter: char| !letter.is_alphanumeric());
    match is_within {
        true => at + behind.unwrap_or(text.len() - at),
        false => at,
    }
}

/// True for a misspelt word that is an ordinary one elsewhere, or for one that is none.
fn is_misspelt_word(piece: &Piece, is_common: bool) -> bool {
    matches!(piece.what, What::Word([sense]) if sense.is_misspelt && sense.is_common == is_common)
}

/// True where an ordinary word at a row's end belongs to the row: it is nearer to the row than to the sentence, as in `unter
/// neuen-einz-zwo`; or no word stands on its other side, and another is misspelt, too.
fn is_of_row(
    mut outside: impl Iterator<Item = char>,
    mut inside: impl Iterator<Item = char>,
    guessed: usize,
) -> bool {
    let next = outside.next();
    let is_tied = inside.next().is_some_and(|letter| letter != ' ');
    let word = next
        .into_iter()
        .chain(outside)
        .find(|letter| *letter != ' ');
    let is_apart = word.is_none_or(|letter| !letter.is_alphanumeric());
    is_tied && (is_apart || next == Some(' ')) || is_apart && guessed > 0
}

/// Pieces with nothing between that would part a number.
#[derive(Default)]
struct Row {
    pieces: Vec<Piece>,
}

impl Row {
    /// Goes on with the pieces of a word, or begins anew with them.
    fn push(&mut self, text: &str, own: &[Piece], runs: &mut Vec<Vec<Piece>>) {
        let between = self.pieces.last().map(|last| &text[last.end..own[0].start]);
        if between.is_some_and(|between| gap(between) > Gap::Odd) {
            self.end(text, runs);
        }
        let at = self.pieces.len();
        self.pieces.extend(own);
        set_gap(text, &mut self.pieces, at, || false);
    }

    /// Keeps what was gathered, where there is a misspelt word in it.
    fn end(&mut self, text: &str, runs: &mut Vec<Vec<Piece>>) {
        let mut pieces = std::mem::take(&mut self.pieces);
        // What stands among number words is one, though it is an ordinary word elsewhere; at an end it may be the sentence's.
        let guessed = pieces.iter().filter(|piece| is_misspelt_word(piece, false));
        let guessed = guessed.count();
        while pieces
            .pop_if(|last| {
                let before = text[..last.start].chars().rev();
                is_misspelt_word(last, true)
                    && !is_of_row(text[last.end..].chars(), before, guessed)
            })
            .is_some()
        {}
        let sentences = pieces.iter().take_while(|first| {
            let before = text[..first.start].chars().rev();
            is_misspelt_word(first, true) && !is_of_row(before, text[first.end..].chars(), guessed)
        });
        pieces.drain(..sentences.count());
        if let Some(first) = pieces.first_mut() {
            first.gap = Gap::Break;
        }
        let digits: usize = pieces.iter().map(Piece::size).sum();
        let language = pieces.iter().find_map(|piece| match piece.what {
            What::Word([sense]) if sense.is_misspelt => Some(sense.language),
            _ => None,
        });
        let is_right = |sense: &Sense| Some(sense.language) == language && !sense.is_misspelt;
        let is_word = |piece: &&Piece| matches!(piece.what, What::Word(senses) if senses.iter().any(is_right));
        if digits >= FEWEST && pieces.iter().filter(is_word).count() >= LEAST_WORDS {
            runs.push(pieces);
        }
    }
}
