//! Languages of number words: which one most words of a number are of, and what a word means in it.

use super::pieces::{Piece, What};
use crate::selectors::words::Sense;

/// The languages of the tables are at most so many.
const LANGUAGES: usize = 64;

/// How many words of each language some pieces have, those that are also said for other things for half.
pub(super) struct Languages {
    counts: [u32; LANGUAGES],
}

impl Languages {
    pub fn of(pieces: &[Piece]) -> Self {
        let mut counts = [0u32; LANGUAGES];
        for piece in pieces {
            if let What::Word(senses) = piece.what {
                for sense in senses {
                    let is_unsure = sense.is_weak && !sense.is_proper;
                    counts[usize::from(sense.language) % LANGUAGES] += 2 - u32::from(is_unsure);
                }
            }
        }
        Self { counts }
    }

    /// The one of which there are most words, English where there are none; and another, if it has nearly as many.
    pub fn likely(&self) -> (u8, Option<u8>) {
        let mut order = [(0u32, 0usize); 2];
        for (language, count) in self.counts.iter().copied().enumerate() {
            if count > order[0].0 {
                order = [(count, language), order[0]];
            } else if count > order[1].0 {
                order[1] = (count, language);
            }
        }
        let second = (order[1].0 > 0 && order[1].0 + 4 >= order[0].0).then_some(order[1].1 as u8);
        (order[0].1 as u8, second)
    }

    /// The meaning of a word in a language; else in the other one of which there are most words, unless it means
    /// something else in another of which there are as many.
    pub fn meaning(&self, senses: &[Sense], language: u8) -> Option<Sense> {
        if let Some(sense) = senses.iter().find(|sense| sense.language == language) {
            return Some(*sense);
        }
        let count = |sense: &Sense| self.counts[usize::from(sense.language) % LANGUAGES];
        let most = senses.iter().map(count).max()?;
        let mut best = senses.iter().filter(|sense| count(sense) == most);
        let mut first = *best.next()?;
        // Beside numbers of one language, a word of another that is also said otherwise is none.
        if first.is_weak && self.counts[usize::from(language) % LANGUAGES] >= most {
            return None;
        }
        first.is_weak |= first.is_common && most <= 2;
        let is_clear = best.all(|sense| sense.meaning == first.meaning);
        is_clear.then_some(first)
    }
}
