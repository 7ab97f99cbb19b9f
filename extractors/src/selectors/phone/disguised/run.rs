//! Runs: words and digits without anything between, taken apart: `twozerotwo`, `2oh2`, `f1ve`, `O77OO`.

use super::{
    gap::Gap,
    look_alikes::digit_like,
    pieces::{Piece, What},
};
use crate::selectors::words;

/// The longest number word, in letters.
const WORD: usize = 16;

/// A run, with its letters made small and bare, and the way back to where they stood.
pub(super) struct Run {
    folded: Vec<char>,
    /// As it stood: `S` is more like a 5 than `s` is.
    written: Vec<char>,
    /// Where each letter begins in the text, and where the last one ends.
    places: Vec<usize>,
}

/// What may come next in a run: its price, its length in letters, and what it is.
type Choice = (u32, usize, What);

/// True where a word without digits may be several number words: it begins with one, and something behind that may
/// begin another. Most words are told apart here, before anything is built for them.
pub(super) fn may_be_run(folded: &str) -> bool {
    folded.starts_with('o')
        || (2..folded.len().min(WORD)).any(|at| {
            folded.is_char_boundary(at)
                && words::may_begin(&folded.as_bytes()[at..])
                && words::senses(&folded[..at]).is_some()
        })
}

impl Run {
    pub fn of(word: &str, start: usize) -> Self {
        let mut run = Self {
            folded: Vec::with_capacity(word.len()),
            written: Vec::with_capacity(word.len()),
            places: Vec::with_capacity(word.len() + 1),
        };
        for (at, letter) in word.char_indices() {
            let mut bytes = [0; 4];
            for folded in words::fold(letter.encode_utf8(&mut bytes)).chars() {
                run.folded.push(folded);
                run.written.push(letter);
                run.places.push(start + at);
            }
        }
        run.places.push(start + word.len());
        run
    }

    /// Letters that stand apart, by where they are.
    pub fn of_letters(text: &str, places: &[usize]) -> Self {
        let written: Vec<char> = places
            .iter()
            .map(|at| char::from(text.as_bytes()[*at]))
            .collect();
        let end = places.last().map_or(0, |last| last + 1);
        Self {
            folded: written.iter().map(char::to_ascii_lowercase).collect(),
            written,
            places: places.iter().copied().chain([end]).collect(),
        }
    }

    /// Takes all of it apart into number words, digits and letters that look like digits, in the cheapest way; or
    /// nothing, where a part is none of these. False then.
    pub fn take_apart(&self, pieces: &mut Vec<Piece>) -> bool {
        let count = self.folded.len();
        let has_digits = self.folded.iter().any(char::is_ascii_digit);
        // How the rest from each place on is covered best.
        let end = Some((0, 0, What::Digits));
        let mut best: Vec<Option<Choice>> = vec![end; count + 1];
        let mut last_covered = count;
        let mut word = Word::default();
        // Most runs begin with nothing of the kind, however well the rest might be covered.
        if count > 0
            && self
                .best_choice(0, has_digits, &best, u32::MAX, &mut word)
                .is_none()
        {
            return false;
        }
        best[..count].fill(None);
        // How far behind each place the rest is covered, a bit for each length.
        let mut covered = 0b1;
        for at in (0..count).rev() {
            covered <<= 1;
            best[at] = self.best_choice(at, has_digits, &best, covered, &mut word);
            covered |= u32::from(best[at].is_some());
            if best[at].is_some() {
                last_covered = at;
            } else if last_covered - at >= WORD {
                // No word reaches over what is covered by none.
                return false;
            }
        }
        if best[0].is_none() {
            return false;
        }
        let mut at = 0;
        while let Some((_, length, what)) = best[at].filter(|_| at < count) {
            let start = self.places[at];
            let end = match self.written.get(at + length) {
                // Letters that stand apart end where the last one does.
                Some(_) => (self.places[at + length - 1]
                    + self.written[at + length - 1].len_utf8())
                .min(self.places[at + length]),
                None => self.places[at + length],
            };
            let gap = match at {
                0 => Gap::Break,
                _ => Gap::Glued,
            };
            match (pieces.last_mut(), what) {
                // Digits that follow each other are one piece.
                (Some(last), What::Digits) if at > 0 && matches!(last.what, What::Digits) => {
                    last.end = end;
                }
                _ => pieces.push(Piece {
                    start,
                    end,
                    what,
                    gap,
                }),
            }
            at += length;
        }
        true
    }

    /// How many letters words have that may begin at `at`, a bit for each length: no others need be looked up.
    fn lengths(&self, at: usize) -> u32 {
        /// Of words with their own digit for a letter, of which only the first is known.
        const WITHIN: u32 = 0b1111_0000;
        let near = &self.folded[at..self.folded.len().min(at + WORD)];
        if !near.iter().all(char::is_ascii) {
            return u32::MAX;
        }
        let written_so = |read: fn(char) -> char| {
            let byte = |index: usize| near.get(index).map(|letter| read(*letter) as u8);
            byte(0).map_or(0, |first| words::lengths(first, byte(1)))
        };
        let plain = written_so(|letter| letter);
        if !near.iter().any(char::is_ascii_digit) {
            return plain;
        }
        let with_l = |letter| match letter_like(letter) {
            'i' => 'l',
            other => other,
        };
        plain | written_so(letter_like) | written_so(with_l) | WITHIN
    }

    /// The cheapest way to go on at `at`, by how what is behind it is covered: `covered` tells at which lengths it is.
    fn best_choice(
        &self,
        at: usize,
        has_digits: bool,
        best: &[Option<Choice>],
        covered: u32,
        word: &mut Word,
    ) -> Option<Choice> {
        let first = self.folded[at];
        let mut cheapest: Option<Choice> = None;
        let mut offer = |price: u32, length: usize, what: What| {
            let Some((rest, ..)) = best[at + length] else {
                return;
            };
            let price = price + rest;
            // Of two that cost the same, the longer.
            if cheapest.is_none_or(|(known, shorter, _)| (price, shorter) <= (known, length)) {
                cheapest = Some((price, length, what));
            }
        };
        if first.is_ascii_digit() {
            offer(1, 1, What::Digits);
        } else if has_digits && let Some((digit, likeness)) = digit_like(self.written[at]) {
            offer(6 + 3 * likeness as u32, 1, What::Letter(digit, likeness));
        }
        word.clear();
        let lengths = self.lengths(at) & covered;
        for (index, letter) in self.folded[at..].iter().take(WORD).enumerate() {
            let length = index + 1;
            if lengths >> length == 0 {
                break;
            }
            word.push(*letter);
            let is_word = length > 1 || first == 'o' || !first.is_ascii();
            if lengths >> length & 1 == 0 || !is_word {
                continue;
            }
            // The digit that a word begins with is its own: no spelling that somebody slipped into.
            let begun = || word.begun(length).map(|senses| (senses, false));
            let found = match word.figures {
                0 => words::senses(&word.plain).map(|senses| (senses, true)),
                // `zwo0` is 2 and 0.
                figures
                    if length >= 3
                        && word.is_mostly_letters(figures, length)
                        && (!word.ends_behind_word() || word.spells_proper()) =>
                {
                    let is_sure =
                        |senses: &&[words::Sense]| senses.iter().any(|sense| !sense.is_weak);
                    let other = || {
                        let has_one = word.plain.contains('1');
                        has_one.then(|| words::senses(&word.spelled.replace('i', "l")))?
                    };
                    let spelled = words::senses(&word.spelled).or_else(other);
                    spelled.filter(is_sure).map(|senses| (senses, true))
                }
                _ => None,
            };
            let within = || word.within().map(|senses| (senses, false));
            if let Some((senses, may_be_slip)) = found.or_else(begun).or_else(within) {
                let is_weak = senses.iter().all(|sense| sense.is_weak && !sense.is_proper);
                let is_proper = senses.iter().any(|sense| sense.is_proper);
                // Beside digits, two letters are seldom a word: `9600sI` ends in 5 and 1, not in a Chinese 4.
                let is_chance = has_digits && length == 2 && word.plain != "oh";
                let looks_like_digits = || {
                    let written = &self.written[at..at + length];
                    written.iter().all(|letter| digit_like(*letter).is_some())
                };
                let is_made = may_be_slip && senses.iter().all(|sense| sense.is_made);
                // `two0` is 2 and 0, `fiv3` is 5.
                let price = match word.figures {
                    0 if is_proper => 3,
                    0 => 4,
                    _ => 5,
                };
                let price = price
                    + 4 * u32::from(is_weak)
                    + match is_chance {
                        true if looks_like_digits() => 16,
                        true if is_proper => 6,
                        true => 12,
                        false => 0,
                    }
                    + 8 * u32::from(is_made);
                offer(price, length, What::Word(senses));
            }
        }
        cheapest
    }
}

/// A part of a run, letter by letter.
#[derive(Default)]
struct Word {
    plain: String,
    /// With letters for the digits that stand for them.
    spelled: String,
    figures: usize,
    /// True with a letter that looks like no digit.
    is_firm: bool,
}

impl Word {
    fn clear(&mut self) {
        self.plain.clear();
        self.spelled.clear();
        self.figures = 0;
        self.is_firm = false;
    }

    /// True for `thr33` and `0n3`, not for `o77o`, `s31` and `s7o`, which are digits and what looks like such.
    fn is_mostly_letters(&self, figures: usize, length: usize) -> bool {
        self.is_firm && figures * 2 <= length + 1
    }

    /// A number word whose first letter is its own digit: `6ix`, `2wo`, `3hree`.
    fn begun(&self, length: usize) -> Option<&'static [words::Sense]> {
        if self.figures != 1 || !(3..=7).contains(&length) {
            return None;
        }
        let digit = self.plain.bytes().next().filter(u8::is_ascii_digit)?;
        let value = words::Meaning::Number(u16::from(digit - b'0'));
        let senses = words::senses(&self.plain)?;
        let is_own = |sense: &words::Sense| sense.meaning == value && !sense.is_weak;
        senses.iter().any(is_own).then_some(senses)
    }

    /// A number word with its own digit for one of its letters: `ei8ht`, `fo4r`.
    fn within(&self) -> Option<&'static [words::Sense]> {
        if self.figures != 1 || !(4..=7).contains(&self.plain.len()) || !self.is_firm {
            return None;
        }
        let digit = self.plain.bytes().find(u8::is_ascii_digit)?;
        // At an end it is a figure by itself: `zwo2`.
        let ends = |letter: char| letter.is_ascii_digit();
        if self.plain.starts_with(ends) || self.plain.ends_with(ends) {
            return None;
        }
        let masked: Vec<char> = self.plain.chars().collect();
        if !words::may_unmask(masked[0] as u8, masked.len()) {
            return None;
        }
        let senses = words::unmasked(&masked, |letter| letter.is_ascii_digit())?;
        let value = words::Meaning::Number(u16::from(digit - b'0'));
        senses
            .iter()
            .any(|sense| sense.meaning == value)
            .then_some(senses)
    }

    /// True where the figure is drawn for a letter of the word itself, as its language has it first: `fiv3`.
    fn spells_proper(&self) -> bool {
        let senses = words::senses(&self.spelled).unwrap_or_default();
        senses.iter().any(|sense| sense.is_proper)
    }

    /// True for a whole number word with a figure behind it.
    fn ends_behind_word(&self) -> bool {
        let bare = self
            .plain
            .strip_suffix(|letter: char| letter.is_ascii_digit());
        bare.is_some_and(|bare| {
            words::senses(bare).is_some_and(|senses| senses.iter().any(|sense| !sense.is_weak))
        })
    }

    fn push(&mut self, letter: char) {
        self.plain.push(letter);
        self.spelled.push(letter_like(letter));
        let is_figure = letter.is_ascii_digit();
        self.figures += usize::from(is_figure);
        self.is_firm |= !is_figure && digit_like(letter).is_none();
    }
}

/// The letter that a digit stands for in a word: `f1ve`.
pub(super) fn letter_like(digit: char) -> char {
    match digit {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '6' | '9' => 'g',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}
