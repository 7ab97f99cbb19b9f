//! Words for digits, to be known with some of their letters hidden: `s*x`, `f#ur`.

use super::tables::Sense;

/// The shortest word of which a letter may be hidden.
const SHORTEST: usize = 3;

/// Words for digits in Latin letters by how many they have, without those that are also said for other things.
#[derive(Default)]
pub(super) struct Hidden {
    words: Vec<OfLength>,
}

/// The words of one length.
#[derive(Default)]
struct OfLength {
    words: Vec<(Box<str>, Vec<Sense>)>,
    /// The first letter of each.
    firsts: Vec<u8>,
    /// The letters that they begin with, a bit for each.
    letters: u32,
}

impl Hidden {
    /// Takes in a word for a digit, once, where it is one of Latin letters.
    pub fn add(&mut self, word: &str, senses: &[Sense]) {
        let length = word.len();
        if length < SHORTEST || !word.is_ascii() {
            return;
        }
        if self.words.len() <= length {
            self.words.resize_with(length + 1, OfLength::default);
        }
        let known = &mut self.words[length];
        if !known.words.iter().any(|(known, _)| **known == *word) {
            let first = word.as_bytes()[0];
            known.letters |= letter_bit(first);
            known.firsts.push(first);
            known.words.push((word.into(), senses.to_vec()));
        }
    }

    /// False where no word of so many letters begins with this one.
    pub fn may_begin(&self, first: u8, length: usize) -> bool {
        let letters = self.words.get(length).map_or(0, |words| words.letters);
        !first.is_ascii_lowercase() || letters & letter_bit(first) != 0
    }

    /// The word, in the first language that has one, whose letters are these but for those that are hidden.
    pub fn find(&self, masked: &[char], is_hidden: impl Fn(char) -> bool) -> Option<&[Sense]> {
        let fits = |word: &str| {
            let mut pairs = word.chars().zip(masked);
            pairs.all(|(letter, masked)| letter == *masked || is_hidden(*masked))
        };
        let OfLength { words, firsts, .. } = self.words.get(masked.len())?;
        let first = *masked.first()?;
        let (_, senses) = match u8::try_from(first) {
            // Only those that begin with the letter, if that is one.
            Ok(byte) if !is_hidden(first) => memchr::memchr_iter(byte, firsts)
                .map(|index| &words[index])
                .find(|(word, _)| fits(word))?,
            _ => words.iter().find(|(word, _)| fits(word))?,
        };
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
