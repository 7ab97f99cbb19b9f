//! Words for digits, to be known with some of their letters hidden: `s*x`, `f#ur`.

use super::tables::Sense;

/// The shortest word of which a letter may be hidden.
const SHORTEST: usize = 3;

/// Words for digits in Latin letters by how many they have, without those that are also said for other things.
#[derive(Default)]
pub(super) struct Hidden {
    words: Vec<Vec<(Box<str>, Vec<Sense>)>>,
    /// The letters that those begin with, a bit for each.
    firsts: Vec<u32>,
}

impl Hidden {
    /// Takes in a word for a digit, once, where it is one of Latin letters.
    pub fn add(&mut self, word: &str, senses: &[Sense]) {
        let length = word.len();
        if length < SHORTEST || !word.is_ascii() {
            return;
        }
        if self.words.len() <= length {
            self.words.resize_with(length + 1, Vec::new);
            self.firsts.resize(length + 1, 0);
        }
        let known = &mut self.words[length];
        if !known.iter().any(|(known, _)| **known == *word) {
            let first = word.bytes().next().unwrap_or_default();
            self.firsts[length] |= letter_bit(first);
            known.push((word.into(), senses.to_vec()));
        }
    }

    /// False where no word of so many letters begins with this one.
    pub fn may_begin(&self, first: u8, length: usize) -> bool {
        let firsts = self.firsts.get(length).copied().unwrap_or(0);
        !first.is_ascii_lowercase() || firsts & letter_bit(first) != 0
    }

    /// The word, in the first language that has one, whose letters are these but for those that are hidden.
    pub fn find(&self, masked: &[char], is_hidden: impl Fn(char) -> bool) -> Option<&[Sense]> {
        let fits = |word: &str| {
            let mut pairs = word.chars().zip(masked);
            pairs.all(|(letter, masked)| letter == *masked || is_hidden(*masked))
        };
        let mut words = self.words.get(masked.len())?.iter();
        let (_, senses) = words.find(|(word, _)| fits(word))?;
        Some(senses)
    }
}

/// A bit for a small letter; none for anything else.
fn letter_bit(byte: u8) -> u32 {
    match byte {
        b'a'..=b'z' => 1 << (byte - b'a'),
        _ => 0,
    }
}
