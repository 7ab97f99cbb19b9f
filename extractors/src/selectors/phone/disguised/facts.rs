//! What is told of some pieces by how they stand: what is between them, and what they are cut out of.

use super::{
    FEWEST, Search,
    evidence::Facts,
    gap::Gap,
    others,
    pieces::{Piece, What},
    rows::{self, is_empty, is_of_sentence, is_year_behind_words},
    spoken::{Count, Spoken},
};
use crate::selectors::{
    fold::MONEY,
    phone::{
        BARE_DIGITS,
        around::is_counted,
        beside::{self, Beside},
    },
    words::Meaning,
};

/// So many words and lone figures are a whole number, digit by digit: another may follow behind a list's sign.
const READ_ALOUD: u32 = 8;
/// The fewest digits of a number with its zero that is whole by itself.
const SAFE: usize = 10;

/// How many pieces that are figures alone there are, as they are read; None where one is anything else.
pub(super) fn figures_alone(pieces: &[Piece]) -> Option<Count> {
    let mut count = Count::default();
    for piece in pieces {
        let What::Digits = piece.what else {
            return None;
        };
        let length = piece.end - piece.start;
        count.figures += length as u32;
        count.lone_figures += u32::from(length == 1);
    }
    Some(count)
}

impl Facts {
    /// With what the digits tell.
    pub fn of_digits(self, spoken: &Spoken) -> Self {
        let tally = spoken.count;
        Self {
            has_trunk_zero: spoken.digits.starts_with('0') && tally.words == 0,
            is_regular: self.is_regular && spoken.groups.iter().all(|group| *group == 1),
            all_round: self.all_round || tally.words == 0 && rows::are_sums(spoken),
            climbs: rows::climb(&spoken.values, &spoken.groups),
            is_round: spoken.digits.ends_with("00") && self.ends_in_figures && tally.words == 0,
            ..self
        }
    }

    /// With the best that the digits and the text may tell: what fails now fails whatever they do.
    pub fn at_best(self) -> Self {
        Self {
            is_labelled: true,
            has_shape: true,
            has_trunk_zero: true,
            ..self.wholly_apart()
        }
    }

    /// With whatever stands beside the number taken for figures of their own.
    pub fn wholly_apart(self) -> Self {
        self.without(|_| true)
    }

    /// With what stands beside a valid number taken for figures of their own: any short one beside a number with its country's
    /// code, its zero or its form, and beside one without those what is known to be another.
    pub fn apart(self, digits: &str, groups: &[usize]) -> Self {
        let is_long = digits.len() > BARE_DIGITS;
        let is_strong = self.is_international
            || is_long && (self.has_shape || digits.starts_with('0') && digits.len() >= SAFE);
        let is_one = self.is_regular || groups.len() == 1 || groups.iter().all(|size| *size >= 3);
        self.without(|beside| is_strong || is_long && is_one && beside == Beside::Own)
    }

    fn without(self, is_other: impl Fn(Beside) -> bool) -> Self {
        let [before, behind] = self.beside.map(|beside| beside.is_some_and(&is_other));
        Self {
            cuts: self.cuts - u32::from(before) - u32::from(behind),
            is_whole: (before || self.breaks[0]) && (behind || self.breaks[1]),
            ..self
        }
    }
}

impl Search<'_> {
    /// True where figures or number words follow behind signs that numbers are seldom written with: what is only possible
    /// is a part of more then.
    pub fn goes_on(&self, end: usize) -> bool {
        self.pieces.get(end).is_some_and(|next| {
            next.gap <= Gap::Odd && !matches!(next.what, What::Sign(_)) && !is_empty(next)
        })
    }

    /// True where number words go on as closely behind the last, with too few figures for another number: what is valid so far
    /// is the beginning of a longer one, `four four seven seven …` on a site of America.
    pub fn is_cut_short(&self, (start, end): (usize, usize), language: u8) -> bool {
        let between =
            |index: usize| &self.text[self.pieces[index - 1].end..self.pieces[index].start];
        let largest = self.sizes[start..end].iter().max();
        let is_word = |index: usize| matches!(self.pieces[index].what, What::Word(_));
        let goes_on = |&index: &usize| {
            let piece = &self.pieces[index];
            between(index) == between(end - 1)
                && Some(&self.sizes[index]) <= largest
                && is_word(index)
                && !is_of_sentence(piece, piece.gap, language)
                && !self.counts_what_follows(piece)
        };
        let rest = (end..self.pieces.len()).take_while(goes_on);
        let figures: usize = match is_word(end - 1) {
            true => rest.map(|index| self.sizes[index]).sum(),
            false => 0,
        };
        (1..FEWEST).contains(&figures)
    }

    /// What can be told without the digits, of pieces that were counted so.
    pub fn facts(
        &self,
        (start, end): (usize, usize),
        row: (usize, usize),
        tally: Count,
        language: u8,
        is_international: bool,
    ) -> Facts {
        let inner = &self.pieces[start + 1..end];
        let widest = inner
            .iter()
            .map(|piece| piece.gap)
            .max()
            .unwrap_or(Gap::Plain);
        let count = |is: fn(Gap) -> bool| inner.iter().filter(|piece| is(piece.gap)).count() as u32;
        // Where words end and figures begin, or the other way, something else is told.
        let is_other_style = |outside: &Piece| match outside.what {
            What::Digits => tally.figures + tally.letters == 0,
            What::Word(_) => tally.words + tally.weak == 0,
            _ => false,
        };
        let is_outside = |outside: &Piece, gap: Gap| {
            is_other_style(outside)
                || is_of_sentence(outside, gap, language)
                || self.counts_what_follows(outside)
        };
        // Where a line ends, and none does within, something else begins; so it does beside figures that are alone on
        // their lines.
        let ends_line = |index: usize| {
            let (last, next) = (&self.pieces[index - 1], &self.pieces[index]);
            self.text[last.end..next.start].contains('\n')
        };
        let is_one_line = || !(start + 1..end).any(ends_line);
        let is_column = widest == Gap::Line && rows::is_column(self.text, &self.pieces[start..end]);
        let is_read_aloud = tally.words + tally.weak + tally.lone_figures >= READ_ALOUD;
        let is_parted = |index: usize, outside: usize| {
            ends_line(index)
                && (is_one_line() || is_column && !rows::is_bare(self.text, &self.pieces[outside]))
                || is_read_aloud && rows::begins_another(self.text, self.pieces, index, start..end)
        };
        // A cut where more stands between than anywhere within is none.
        let is_cut = |index: usize, outside: usize| {
            index > row.0
                && index < row.1
                && self.pieces[index].gap <= widest
                && !is_parted(index, outside)
                && (!is_outside(&self.pieces[outside], self.pieces[index].gap)
                    || self.is_within_word(index, language))
        };
        let is_cut = [is_cut(start, start.saturating_sub(1)), is_cut(end, end)];
        let cuts = is_cut.map(u32::from).iter().sum();
        let beside = self.beside((start, end), widest, is_cut);
        let has_break = |index: usize, outside_index: Option<usize>| {
            let outside_index = outside_index.filter(|outside| *outside < self.pieces.len());
            let outside = outside_index.and_then(|outside| self.pieces.get(outside));
            self.pieces.get(index).is_none_or(|piece| {
                piece.gap > widest
                    || outside_index.is_some_and(|outside| {
                        index > 0 && index < self.pieces.len() && is_parted(index, outside)
                    })
                    || outside.is_some_and(|outside| is_outside(outside, piece.gap))
            })
        };
        let breaks = [
            has_break(start, start.checked_sub(1)),
            has_break(end, Some(end)),
        ];
        let and_gaps = rows::and_gaps(&self.pieces[start..end]);
        let odd_gaps = count(|gap| gap == Gap::Odd);
        let has_words = and_gaps > 0 || widest > Gap::Line;
        Facts {
            is_international,
            ends_in_figures: matches!(self.pieces[end - 1].what, What::Digits),
            all_round: rows::all_round(self.text, &self.pieces[start..end])
                || others::are_postcodes(&self.pieces[start..end])
                    && matches!(inner[0].gap, Gap::Words(_)),
            has_names: has_words && rows::has_names(self.text, &self.pieces[start..end]),
            is_told: has_words && rows::are_told(self.text, &self.pieces[start..end]),
            is_spaced_out: tally.lone_figures == tally.figures
                && tally.lone_figures >= READ_ALOUD
                && tally.words + tally.letters == 0
                && widest > Gap::Line,
            garlands: match odd_gaps {
                0 => 0,
                _ => rows::garlands(self.text, &self.pieces[start..end]),
            },
            is_regular: tally.lone_figures + tally.letters + tally.weak + tally.words >= 8
                && widest <= Gap::Line,
            is_column,
            strange: match tally.letters {
                0 => 0,
                _ => rows::strange_letters(self.text, &self.pieces[start..end]),
            },
            is_whole: breaks == [true; 2],
            breaks,
            beside,
            words: tally.words,
            weak_words: tally.weak,
            hundreds: tally.hundreds,
            misspelt: tally.misspelt,
            letters: tally.letters,
            likeness: tally.likeness,
            figures: tally.figures,
            sentences: rows::sentences(self.text, &self.pieces[start..end]),
            odd_gaps,
            line_ends: count(|gap| gap == Gap::Line),
            word_gaps: match count(|gap| matches!(gap, Gap::Words(_))) {
                0 => and_gaps,
                others => others,
            },
            fillers: tally.left_out
                + inner
                    .iter()
                    .map(|piece| match piece.gap {
                        Gap::Words(words) => u32::from(words),
                        _ => 0,
                    })
                    .sum::<u32>(),
            cuts,
            ends_in_year: is_year_behind_words(self.text, &self.pieces[start..end]),
            has_money: self.pieces[start..end].windows(2).any(|pair| {
                let between = &self.text[pair[0].end..pair[1].start];
                between.contains(MONEY)
            }),
            ..Facts::default()
        }
    }

    /// What figures stand beside the pieces where these were cut off, unless they are of one row with them.
    fn beside(
        &self,
        (start, end): (usize, usize),
        widest: Gap,
        is_cut: [bool; 2],
    ) -> [Option<Beside>; 2] {
        let is_row = |outside: &Piece, gap: Gap| {
            let is_like = |piece: &Piece| {
                matches!(piece.what, What::Digits) && piece.size() == outside.size()
            };
            gap == widest && gap > Gap::Plain || self.pieces[start..end].iter().all(is_like)
        };
        let before = || {
            let beside = beside::before(&self.text[..self.pieces[start].start])?;
            let is_row = is_row(&self.pieces[start - 1], self.pieces[start].gap);
            (beside == Beside::Own || !is_row).then_some(beside)
        };
        let behind = || {
            let beside = beside::behind(&self.text[self.pieces[end - 1].end..])?;
            let is_row = is_row(&self.pieces[end], self.pieces[end].gap);
            (beside == Beside::Own || !is_row).then_some(beside)
        };
        // Words between figures tell of several things, and lines of a list do, unless the first is dialled.
        let is_dialled = || self.text[self.pieces[start].start..].starts_with(['0', 'O', 'o']);
        let is_list = widest > Gap::Odd;
        [
            (is_cut[0] && (!is_list || is_dialled()))
                .then(before)
                .flatten(),
            match is_list {
                false => is_cut[1].then(behind).flatten(),
                true => (is_cut[1] && is_dialled())
                    .then(behind)
                    .flatten()
                    .filter(|beside| *beside == Beside::Own),
            },
        ]
    }

    /// True for a number word before what it counts: "two minutes away".
    fn counts_what_follows(&self, piece: &Piece) -> bool {
        matches!(piece.what, What::Word(_)) && is_counted(&self.text[piece.end..])
    }

    /// True before "-one" and "and one" behind "twenty": a number word goes on here.
    fn is_within_word(&self, index: usize, language: u8) -> bool {
        let meaning = |index: usize| match self.pieces[index].what {
            What::Word(senses) => senses
                .iter()
                .find(|sense| sense.language == language)
                .map(|sense| sense.meaning),
            _ => None,
        };
        let piece = &self.pieces[index];
        let has_sign = self.text[self.pieces[index - 1].end..piece.start].contains([',', ';', '/']);
        let before = meaning(index - 1);
        let next = meaning(index);
        piece.gap <= Gap::Plain
            && !has_sign
            && matches!(before, Some(Meaning::Number(20..=90)))
            && matches!(next, Some(Meaning::And | Meaning::Number(1..=19)))
    }
}
