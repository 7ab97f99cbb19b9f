//! What rules may skim over: most words of a text are plain ones that mean nothing to a rule, wherever they stand. They
//! are told apart once for all rules, and each is asked about once for many texts.

use std::ops::Range;

/// The longest word that is skimmed over, in bytes.
const LONGEST: usize = 16;
/// How many words are remembered; must be a power of two.
const REMEMBERED: usize = 8192;

/// What a plain word may be to the rules, a bit for each. Of a word without a bit, its rule needs to know nothing.
pub(super) mod role {
    /// It may stand for digits of a telephone number.
    pub const NUMBER: u8 = 1;
    /// It may stand for a sign of an address.
    pub const SIGN: u8 = 1 << 1;
    /// The name of a place may begin with it.
    pub const PLACE: u8 = 1 << 2;
    /// What a platform is called by may begin with it.
    pub const PLATFORM: u8 = 1 << 3;
    /// A wallet address may begin with it.
    pub const WALLET: u8 = 1 << 4;
    /// One of its letters stands three times in a row.
    pub const STRETCHED: u8 = 1 << 5;
}

/// The plain words of a text, ASCII letters alone between white space or the signs of ordinary writing; and places that
/// some rules begin at, since few texts have any.
pub(super) struct Skim {
    /// By the byte that a plain word begins at: its length with the space behind it, and its roles in the upper half. Zero
    /// elsewhere.
    words: Box<[u16]>,
    /// Where words stand that are not plain, or that a wallet address may begin with.
    pub others: Vec<Range<usize>>,
    /// Signs and figures with a letter right before and right behind: `sn-ap`, `f1ve`.
    pub joints: Vec<usize>,
    /// Letters with a figure right before and right behind: `2x0`.
    pub planted: Vec<usize>,
    /// Signs that stand again behind the next character, a space or what else parts letters: `r o s e`.
    pub apart: Vec<usize>,
    /// Where one letter stands three times in a row, or the word begins that it stands in: `instaaa`.
    pub stretched: Vec<usize>,
}

impl Skim {
    /// Looks at the words of a text once.
    pub fn of(text: &str, memory: &mut Memory) -> Self {
        let bytes = text.as_bytes();
        let mut skim = Self {
            words: vec![0; bytes.len()].into_boxed_slice(),
            ..Self::nothing()
        };
        let mut at = 0;
        let mut before = b' ';
        while let Some(&byte) = bytes.get(at) {
            if !is(byte, LETTER | OTHER) {
                skim.sign(bytes, at);
                before = byte;
                at += 1;
                continue;
            }
            let start = at;
            at = letters_end(bytes, at);
            let behind = bytes.get(at).copied().unwrap_or(b' ');
            let length = at - start;
            if (1..=LONGEST).contains(&length) && is(before, QUIET) && is(behind, QUIET) {
                let roles = memory.roles(text, start, length);
                let passed = length + usize::from(bytes.get(at) == Some(&b' '));
                skim.words[start] = u16::from(roles) << 8 | passed as u16;
                if roles & role::STRETCHED != 0 {
                    skim.stretched.push(start);
                }
                if roles & role::WALLET != 0 {
                    skim.others.push(start..at);
                }
            } else {
                at = run_end(bytes, at, LETTER | OTHER);
                (start..at).for_each(|at| skim.part(bytes, at));
                skim.others.push(start..at);
            }
            before = bytes[at - 1];
        }
        skim
    }

    /// Looks at a sign.
    #[inline]
    fn sign(&mut self, bytes: &[u8], at: usize) {
        let sign = bytes[at];
        let is_again = bytes.get(at + 2) == Some(&sign);
        // Most signs are spaces.
        if sign == b' ' {
            if is_again {
                self.apart.push(at);
            }
            return;
        }
        if is_again && matches!(sign, b'*' | b'~' | b'|' | b'-' | b'.') {
            self.apart.push(at);
        }
        if !sign.is_ascii_whitespace() && stands_between(bytes, at, LETTER) {
            self.joints.push(at);
        }
    }

    /// Looks at a character of a word that is not plain.
    #[inline]
    fn part(&mut self, bytes: &[u8], at: usize) {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            if stands_between(bytes, at, LETTER) {
                self.joints.push(at);
            }
        } else if is(byte, LETTER) {
            let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
            if is_digit(at + 1) && at.checked_sub(1).is_some_and(is_digit) {
                self.planted.push(at);
            }
            if bytes[at..].starts_with(&[byte; 3]) {
                self.stretched.push(at);
            }
        }
    }

    /// Of a text of a few words, which is as quickly read whole.
    pub fn nothing() -> Self {
        Self {
            words: Box::default(),
            others: Vec::new(),
            joints: Vec::new(),
            planted: Vec::new(),
            apart: Vec::new(),
            stretched: Vec::new(),
        }
    }

    /// The length of the plain word that begins at `at`, and of the space behind it, where it has none of the roles; else
    /// zero.
    #[inline]
    pub fn over(&self, at: usize, roles: u8) -> usize {
        let word = self.words.get(at).copied().unwrap_or(0);
        match (word >> 8) as u8 & roles {
            0 => usize::from(word & 0xff),
            _ => 0,
        }
    }
}

/// A letter of ASCII.
const LETTER: u8 = 1;
/// A figure, or a part of what is not ASCII: what it touches is no plain word.
const OTHER: u8 = 1 << 1;
/// White space and the signs of ordinary writing, which stand for no letter.
const QUIET: u8 = 1 << 2;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' | 128.. => OTHER,
            b' ' | b'\n' | b'\r' | b'\t' | b'.' | b',' | b':' | b';' | b'(' | b')' | b'"'
            | b'\'' | b'-' | b'/' => QUIET,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// True with a byte of the class right before and right behind.
#[inline]
fn stands_between(bytes: &[u8], at: usize, class: u8) -> bool {
    let is_it = |at: usize| bytes.get(at).is_some_and(|byte| is(*byte, class));
    is_it(at + 1) && at.checked_sub(1).is_some_and(is_it)
}

/// Where a run of such bytes ends.
#[inline]
fn run_end(bytes: &[u8], at: usize, class: u8) -> usize {
    let run = bytes[at..].iter();
    at + run.take_while(|byte| is(**byte, class)).count()
}

/// Where a run of letters ends: eight bytes at a time.
#[inline]
fn letters_end(bytes: &[u8], start: usize) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let mut at = start;
    while let Some(eight) = bytes[at..].first_chunk::<8>() {
        let eight = u64::from_le_bytes(*eight);
        // Capitals as small letters, without the highest bit: a sum cannot reach into the next byte.
        let small = (eight | (0x20 * EACH)) & !HIGH;
        let from_a = small + (0x80 - u64::from(b'a')) * EACH;
        let past_z = small + (0x80 - u64::from(b'z') - 1) * EACH;
        let others = !(from_a & !past_z & !eight) & HIGH;
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    run_end(bytes, at, LETTER)
}

#[inline]
fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// The letters of a word as two numbers. No two words have the same, since no letter is zero.
#[inline]
fn key(bytes: &[u8], start: usize, length: usize) -> [u64; 2] {
    let whole = match bytes[start..].first_chunk::<LONGEST>() {
        Some(chunk) => u128::from_le_bytes(*chunk),
        None => {
            let mut chunk = [0; LONGEST];
            let rest = &bytes[start..];
            chunk[..rest.len()].copy_from_slice(rest);
            u128::from_le_bytes(chunk)
        }
    };
    let letters = whole & u128::MAX >> (8 * (LONGEST - length));
    [letters as u64, (letters >> 64) as u64]
}

/// The roles of the words that came last, each at a place of its own: a newer word takes an older one's.
pub(super) struct Memory {
    words: Box<[([u64; 2], u8)]>,
    roles_of: fn(&str) -> u8,
}

impl Memory {
    /// Remembers nothing yet. `roles_of` must know a word by its letters alone.
    pub fn new(roles_of: fn(&str) -> u8) -> Self {
        Self {
            words: vec![([0; 2], 0); REMEMBERED].into_boxed_slice(),
            roles_of,
        }
    }

    #[inline]
    fn roles(&mut self, text: &str, start: usize, length: usize) -> u8 {
        let key = key(text.as_bytes(), start, length);
        let place = (key[0] ^ key[1].rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let known = &mut self.words[place as usize % REMEMBERED];
        if known.0 != key {
            *known = (key, (self.roles_of)(&text[start..start + length]));
        }
        known.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_skimmed_over_unless_they_have_a_role() {
        let text = "two plain-words, l0ok naïve x@y good! (fin)";
        let roles = |word: &str| u8::from(word == "two") * role::NUMBER;
        let skim = Skim::of(text, &mut Memory::new(roles));
        let over = |roles: u8| -> Vec<&str> {
            (0..text.len())
                .filter(|at| skim.over(*at, roles) > 0)
                .map(|at| text[at..at + skim.over(at, roles)].trim_end())
                .collect()
        };
        assert_eq!(over(role::NUMBER), ["plain", "words", "fin"]);
        assert_eq!(over(role::SIGN), ["two", "plain", "words", "fin"]);
        assert_eq!(skim.over(text.len(), role::SIGN), 0);
    }

    #[test]
    fn runs_of_letters_end_where_any_other_byte_stands() {
        for other in (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphabetic()) {
            for length in 0..20 {
                let mut bytes = b"abcXYZmnopQRSTuvwzAZ".to_vec();
                bytes[length] = other;
                assert_eq!(letters_end(&bytes, 0), length, "{other}");
            }
        }
        assert_eq!(letters_end(b"azAZ", 0), 4);
    }

    #[test]
    fn a_newer_word_takes_the_place_of_an_older_one() {
        let words: Vec<String> = (0..20_000u32)
            .map(|number| {
                let letters = (0..4).map(|at| char::from(b'a' + (number >> (4 * at) & 15) as u8));
                letters.collect()
            })
            .collect();
        let text = words.join(" ");
        let roles: fn(&str) -> u8 = |word| u8::from(word.starts_with('b')) * role::NUMBER;
        let mut memory = Memory::new(roles);
        for _ in 0..2 {
            let skim = Skim::of(&text, &mut memory);
            for (at, word) in words.iter().enumerate() {
                let length = if word.starts_with('b') { 0 } else { 4 };
                assert_eq!(skim.over(5 * at, role::NUMBER).min(4), length, "{word}");
            }
        }
    }
}
