//! Numbers in disguise: in words, in words and digits, with letters among the digits, with signs, words or line ends
//! between them.
//!
//! Whatever may stand for digits is gathered into pieces ([`pieces`]). Rows of pieces are read aloud ([`spoken`]),
//! those that stand close together first, and what comes out is a number where it is valid and enough speaks for it
//! ([`evidence`]). Ordinary figures with ordinary signs between are none of this file's: `phone/mod.rs` reads them.

mod another;
mod emoticons;
mod evidence;
mod facts;
mod gap;
mod languages;
mod look_alikes;
mod misspelt;
mod number;
mod others;
mod parted;
mod pieces;
mod rows;
mod run;
mod signs;
mod spoken;
mod syllables;
mod told;

use std::ops::Range;

use sightline_model::Find;

use super::{
    Context, Reading, Standing,
    around::Around,
    beside::{ends_in_amount, holds_hours},
    national, read,
};
use evidence::{Facts, balance};
use facts::figures_alone;
use gap::Gap;
use number::{Number, Rank};
use others::{are_emergency, are_scores, are_shifts, follows_figure, has_date, has_time};
use pieces::{Piece, What, pieces};
use rows::{
    counts, ends_weakly, follows_money, has_shape, is_disguised, is_empty, is_of,
    is_said_otherwise, open_sizes, span, stretches, sure_size,
};
use spoken::{Spoken, Way};

pub(in crate::selectors) use pieces::{may_be_piece as may_be_number, may_begin as may_be_digit};
pub(super) use rows::has_shape as has_form;
pub(in crate::selectors) use signs::may_lack_last as may_lack_last_letter;

use crate::selectors::words::Sign;

/// The fewest digits that a disguised number has.
const FEWEST: usize = 7;
/// The most digits: 15 of E.164, and a prefix to dial abroad.
const MOST: usize = 18;
/// The most pieces that one number has: every digit a piece, and signs in words between.
const PIECES: usize = 36;
/// The fewest digits of a row that stand for nothing else.
const SURE: usize = 4;
/// The language in which pieces without a word are read.
const FIRST: u8 = 0;
/// How many readings are tried in one text.
const TRIES: u32 = 40_000;

/// Disguised numbers in the text, beside those that were found without: none has a figure of those that are `settled`, which
/// stand in order.
pub(super) fn find(
    text: &str,
    context: &Context<'_>,
    settled: &[Range<usize>],
    finds: &mut Vec<Find>,
) {
    let pieces = pieces(text, context.skim, settled);
    let mut tries = TRIES;
    misspelt::find(text, context, &pieces, &mut tries, finds);
    let mut search = Search::of(text, context, &pieces, tries);
    search.open = open_sizes(&pieces, settled);
    for find in &finds[..] {
        let from = pieces.partition_point(|piece| piece.end <= find.start);
        let to = pieces.partition_point(|piece| piece.start < find.end);
        search.used[from..to].fill(true);
    }
    let stretches = stretches(&pieces, &search.open);
    // What stands close together first: words between are the last resort.
    for level in [Gap::Plain, Gap::Odd, Gap::Line, Gap::Words(u8::MAX)] {
        for stretch in &stretches {
            search.rows(stretch.clone(), level);
        }
    }
    search.settle();
    finds.extend(search.found);
    finds.sort_by_key(|find| find.start);
}

struct Search<'t> {
    text: &'t str,
    context: &'t Context<'t>,
    pieces: &'t [Piece],
    /// About how many digits each piece stands for.
    sizes: Vec<usize>,
    /// The same, but none of what belongs to a number that was found without.
    open: Vec<usize>,
    /// Which pieces belong to a number already.
    used: Vec<bool>,
    tries: u32,
    found: Vec<Find>,
    /// Numbers in no range that is known: each may be a part of one that goes on behind more than stands within it.
    doubtful: Vec<Number>,
}

impl<'t> Search<'t> {
    fn of(text: &'t str, context: &'t Context<'t>, pieces: &'t [Piece], tries: u32) -> Self {
        let sizes: Vec<usize> = pieces.iter().map(Piece::size).collect();
        Self {
            text,
            context,
            pieces,
            open: sizes.clone(),
            sizes,
            used: vec![false; pieces.len()],
            tries,
            found: Vec::new(),
            doubtful: Vec::new(),
        }
    }

    /// Looks through all rows of pieces with nothing greater than `level` between them.
    fn rows(&mut self, within: Range<usize>, level: Gap) {
        let mut from = within.start;
        while from < within.end {
            let mut to = from + 1;
            let mut digits = self.open[from];
            while to < within.end
                && self.pieces[to].gap <= level
                && !self.used[to]
                && !self.used[from]
            {
                digits += self.open[to];
                to += 1;
            }
            let widest = self.pieces[from + 1..to]
                .iter()
                .map(|piece| piece.gap)
                .max();
            let needs_level = widest.is_some_and(|widest| is_of(widest, level));
            if digits >= FEWEST && needs_level && !self.used[from] {
                self.row(from, to, level);
            }
            from = to;
        }
    }

    /// Looks for numbers in one row. Of all that share pieces, the best is taken.
    fn row(&mut self, from: usize, to: usize, level: Gap) {
        if sure_size(&self.pieces[from..to], &self.open[from..to]) < SURE {
            return;
        }
        let mut start = from;
        while start < to {
            let mut best: Option<Number> = None;
            let mut at = start;
            // What begins before the best one ends competes with it.
            while at < best.as_ref().map_or(to, |best| best.end) {
                self.numbers_from(at, (from, to), level, &mut best);
                if self.tries == 0 {
                    return;
                }
                at += 1;
            }
            let Some(best) = best else {
                return;
            };
            start = best.end;
            match best.rank.is_valid {
                true => self.take(best),
                false => self.doubtful.push(best),
            }
        }
    }

    fn take(&mut self, number: Number) {
        self.used[number.start..number.end].fill(true);
        let pieces = &self.pieces[number.start..number.end];
        self.found.push(number.into_find(self.text, pieces));
    }

    /// Takes the doubtful numbers that turned out to be a part of no other, those that stand closest together first.
    fn settle(&mut self) {
        for number in std::mem::take(&mut self.doubtful) {
            if !self.used[number.start..number.end].contains(&true) {
                self.take(number);
            }
        }
        self.found.sort_by_key(|find| find.start);
    }

    /// Weighs all numbers that begin with the piece at `start`.
    fn numbers_from(
        &mut self,
        start: usize,
        row: (usize, usize),
        level: Gap,
        best: &mut Option<Number>,
    ) {
        if start > row.0 && self.pieces[start].gap == Gap::Glued {
            return;
        }
        if is_empty(&self.pieces[start])
            && !matches!(self.pieces[start].what, What::Sign(Sign::Plus))
        {
            return;
        }
        let mut size = 0;
        let mut widest = Gap::Glued;
        for end in start + 1..=row.1.min(start + PIECES) {
            let last = &self.pieces[end - 1];
            if self.open[end - 1] < self.sizes[end - 1] {
                break;
            }
            size += self.sizes[end - 1];
            if end > start + 1 {
                widest = widest.max(last.gap);
            }
            let is_cut_in_word = end < row.1 && self.pieces[end].gap == Gap::Glued;
            if size < FEWEST || is_cut_in_word || end < start + 2 || !is_of(widest, level) {
                continue;
            }
            if size > MOST + 8 {
                break;
            }
            if is_empty(last) {
                continue;
            }
            self.tries = self.tries.saturating_sub(1);
            if self.tries == 0 {
                return;
            }
            if let Some(number) = self.judge((start, end), row)
                && best.as_ref().is_none_or(|best| number.rank > best.rank)
            {
                *best = Some(number);
            }
        }
    }

    /// Decides whether the pieces from `start` to `end` are a number, in the reading that is the best.
    fn judge(&self, (start, end): (usize, usize), row: (usize, usize)) -> Option<Number> {
        let pieces = &self.pieces[start..end];
        if !is_disguised(pieces) || ends_weakly(self.text, pieces) {
            return None;
        }
        // Figures alone need not be read for what stands between and around them, and most rows of them fail for that.
        let alone = figures_alone(pieces);
        if alone.is_some_and(|count| !(FEWEST..=MOST).contains(&(count.figures as usize))) {
            return None;
        }
        let (from, to) = span(self.text, pieces);
        let facts = alone.map(|count| {
            let is_international = self.text[from..to].starts_with('+');
            self.facts((start, end), row, count, FIRST, is_international)
        });
        if facts.is_some_and(|facts| balance(&facts.at_best()) < 0) {
            return None;
        }
        if self.context.is_taken(from, to)
            || others::has_address(&self.text[from..to])
            || are_shifts(&self.text[from..to])
        {
            return None;
        }
        let mut around = None;
        let mut seen: Vec<String> = Vec::new();
        let mut best: Option<Number> = None;
        for way in spoken::ways(pieces) {
            let Some(spoken) = spoken::read(self.text, pieces, way) else {
                continue;
            };
            if !(FEWEST..=MOST).contains(&spoken.digits.len())
                || seen.contains(&spoken.digits)
                || counts(&spoken.values)
            {
                continue;
            }
            seen.push(spoken.digits.clone());
            let facts = facts.unwrap_or_else(|| {
                let is_international =
                    spoken.digits.starts_with('+') || self.text[from..to].starts_with('+');
                let (count, language) = (spoken.count, spoken.language);
                self.facts((start, end), row, count, language, is_international)
            });
            let number =
                self.judge_reading((start, end), (from, to), spoken, way, facts, &mut around);
            if let Some(number) = number
                && best.as_ref().is_none_or(|best| number.rank > best.rank)
            {
                best = Some(number);
            }
        }
        best.filter(|_| !self.holds_another((start, end), row))
    }

    fn judge_reading(
        &self,
        (start, end): (usize, usize),
        (from, to): (usize, usize),
        spoken: Spoken,
        way: Way,
        facts: Facts,
        around: &mut Option<Around>,
    ) -> Option<Number> {
        let is_international = facts.is_international;
        // What costs little is asked first: most rows fail however well the rest may turn out.
        let mut facts = facts.of_digits(&spoken);
        facts.is_labelled = true;
        facts.has_shape = true;
        if balance(&facts.wholly_apart()) < 0 {
            return None;
        }
        let around = around.get_or_insert_with(|| Around::of(self.text, from, to));
        facts.is_labelled = around.is_labelled || around.is_linked;
        if balance(&facts.wholly_apart()) < 0 {
            return None;
        }
        if around.is_named_otherwise && !around.is_named_apart && !is_international
            || around.is_price && matches!(self.pieces[end - 1].what, What::Digits)
            || follows_money(self.text, (from, to), around.is_labelled)
            || !around.is_labelled && are_scores(&self.text[from..to])
            || are_emergency(self.text, &self.pieces[start..end])
            || national::is_placeholder(&spoken.digits)
            || facts.cuts > 0 && follows_figure(&self.text[..from])
            || holds_hours(self.text, (from, to))
            || ends_in_amount(self.text, (from, to))
            || !is_international && has_date(self.text, &self.pieces[start..end], to)
            || facts.word_gaps + facts.line_ends > 0
                && has_time(self.text, &self.pieces[start..end])
        {
            return None;
        }
        let digits = match is_international && !spoken.digits.starts_with('+') {
            true => format!("+{}", spoken.digits),
            false => spoken.digits.clone(),
        };
        let announced = match is_international {
            true => None,
            false => super::announced(self.text, (from, to), self.context),
        };
        let read = announced
            .map(|region| (Some(region), true))
            .into_iter()
            .chain(self.context.regions())
            .map(|(region, is_from_text)| (read(&digits, region), is_from_text))
            .find_map(|(reading, is_from_text)| {
                let reading = reading.filter(|reading| {
                    reading.standing == Standing::Valid
                        && (reading.is_international
                            || !self.is_cut_short((start, end), way.language))
                        // Of what is in no range, nothing but its own figures may be a part.
                        || around.is_labelled
                            && facts.word_gaps == 0
                            && !self.goes_on(end)
                            && super::has_trunk_zero_if_due(&digits, reading.region)
                })?;
                Some((reading, is_from_text))
            });
        // Where the source has a region, a part of its own numbers looks like one of nowhere.
        let is_apart =
            || self.context.region.is_none() || digits.starts_with('0') && !self.goes_on(end);
        let is_national = || {
            !is_international && facts.may_lack_country() && national::may_be(&digits) && is_apart()
        };
        // `four four seven seven …`: a country's code whose plus sign nobody said.
        let coded = || {
            let may_be_coded = !is_international
                && around.is_labelled
                && facts.word_gaps == 0
                && digits.len() > super::BARE_DIGITS + 2
                && !self.is_cut_short((start, end), way.language);
            may_be_coded.then(|| super::without_plus(&digits)).flatten()
        };
        let coded = match read {
            Some(_) => None,
            None => coded(),
        };
        let is_coded = coded.is_some();
        let (reading, is_from_text) = match read.or(coded.map(|reading| (reading, false))) {
            Some((reading, is_from_text)) => (Some(reading), is_from_text),
            None if is_national() => (None, false),
            None => return None,
        };
        let lacks_prefix = |reading: &Reading| {
            !reading.is_international && !reading.has_trunk_prefix_if_due(&digits, reading.region)
        };
        if spoken.digits.len() < super::BARE_DIGITS && !around.is_labelled
            || reading.as_ref().is_some_and(lacks_prefix)
        {
            return None;
        }
        facts.is_international = reading
            .as_ref()
            .is_some_and(|reading| reading.is_international);
        facts.has_shape = reading
            .as_ref()
            .is_some_and(|reading| has_shape(&spoken.groups, reading));
        facts.is_from_text = is_from_text && announced.is_none();
        let is_valid = |reading: &Reading| reading.standing == Standing::Valid && !is_coded;
        let is_valid = reading.as_ref().is_some_and(is_valid);
        if around.is_named_otherwise
            && !facts.is_international
            && !(is_valid && (facts.has_shape || facts.is_regular))
        {
            return None;
        }
        if is_valid {
            facts = facts.apart(&digits, &spoken.groups);
        }
        let balance = balance(&facts);
        if balance < 0 {
            return None;
        }
        // `0-8-9-…-9-o`: a letter that stands as the figures beside it do is one of them.
        let is_of_row = |index: usize| {
            let piece = &self.pieces[index];
            let between = |index: usize| {
                self.text[self.pieces[index - 1].end..self.pieces[index].start].trim_matches(' ')
            };
            index > start + 1
                && piece.end - piece.start == 1
                && !between(index).is_empty()
                && between(index) == between(index - 1)
        };
        let is_weak_end = |index: usize| {
            !is_of_row(index)
                && is_said_otherwise(&self.pieces[index], way.language)
                && !matches!(self.pieces[index].what, What::Word(senses)
                    if senses.iter().any(|sense| sense.is_proper && sense.language == way.language))
        };
        let weak_ends = u32::from(is_weak_end(start)) + u32::from(is_weak_end(end - 1));
        let rank = Rank {
            // What nobody said the plus sign of is less than what the region reads.
            is_valid: !is_coded
                && reading
                    .as_ref()
                    .is_some_and(|reading| reading.standing == Standing::Valid),
            points: balance - 2 * weak_ends as i32 - way.price() as i32,
            digits: spoken.digits.len(),
            pieces: end - start,
        };
        Some(Number {
            start,
            end,
            span: (from, to),
            rank,
            is_labelled: around.is_labelled,
            is_from_text,
            is_coded,
            spoken,
            reading,
        })
    }
}

#[cfg(test)]
mod tests;
