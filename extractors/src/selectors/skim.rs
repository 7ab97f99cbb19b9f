//! What rules may skim over: most words of a text are plain ones that mean nothing to a rule, wherever they stand, and so
//! are most signs. They are told apart once for all rules, and each is asked about once for many texts.

use std::ops::Range;

/// The longest word that is skimmed over, in bytes.
const LONGEST: usize = 16;
/// How many words are remembered; must be a power of two.
const REMEMBERED: usize = 32_768;

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
    /// With the sign behind it for its last letter, it may stand for a digit.
    pub const MASKED: u8 = 1 << 6;
}

/// How many rules ask where they have to look next: the first roles' ones.
const RULES: usize = 4;
/// The roles of those rules.
const ASKED: u8 = (1 << RULES) - 1;

/// The plain words of a text, ASCII letters alone between white space or the signs of ordinary writing; and places that
/// some rules begin at, since few texts have any.
pub(super) struct Skim {
    /// For each rule, where it has to look: a bit for every byte of the text. Empty where the text was not looked at.
    stops: Box<[[u64; RULES]]>,
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
            stops: vec![[0; RULES]; bytes.len() / 64 + 1].into_boxed_slice(),
            others: Vec::with_capacity(bytes.len() / 32),
            ..Self::nothing()
        };
        let mut at = 0;
        let mut before = b' ';
        while let Some(&byte) = bytes.get(at) {
            if !is(byte, LETTER | OTHER) {
                skim.sign(bytes, at, memory);
                before = byte;
                at += 1;
                continue;
            }
            let start = at;
            at = letters_end(bytes, at);
            let may_be_plain = (1..=LONGEST).contains(&(at - start)) && is(before, QUIET);
            let roles = match may_be_plain && is(bytes.get(at).copied().unwrap_or(b' '), CLOSING) {
                true => Some(memory.roles(text, start, at - start)),
                false => None,
            };
            if let Some(roles) = roles.filter(|roles| ends_plainly(bytes, at, *roles)) {
                if roles & ASKED != 0 {
                    skim.stop(start, roles);
                }
                if roles & role::STRETCHED != 0 {
                    skim.stretched.push(start);
                }
                if roles & role::WALLET != 0 {
                    skim.others.push(start..at);
                }
                // Most plain words have a space behind them.
                if bytes.get(at) == Some(&b' ') {
                    skim.space(bytes, at);
                    before = b' ';
                    at += 1;
                    continue;
                }
            } else {
                at = run_end(bytes, at, LETTER | OTHER);
                skim.stop_within(start..at);
                (start..at).for_each(|at| skim.part(bytes, at));
                skim.others.push(start..at);
            }
            before = bytes[at - 1];
        }
        skim
    }

    /// Makes the rules of these roles look at a place.
    #[inline]
    fn stop(&mut self, at: usize, roles: u8) {
        for (rule, stops) in self.stops[at / 64].iter_mut().enumerate() {
            *stops |= u64::from(roles >> rule & 1) << (at % 64);
        }
    }

    /// Makes all rules look at each place of a part.
    #[inline]
    fn stop_within(&mut self, part: Range<usize>) {
        let mut at = part.start;
        while at < part.end {
            let end = part.end.min((at / 64 + 1) * 64);
            let places = u64::MAX >> (64 - (end - at)) << (at % 64);
            for stops in &mut self.stops[at / 64] {
                *stops |= places;
            }
            at = end;
        }
    }

    /// Looks at a space, which is nothing to the rules that ask.
    #[inline]
    fn space(&mut self, bytes: &[u8], at: usize) {
        if bytes.get(at + 2) == Some(&b' ') {
            self.apart.push(at);
        }
    }

    /// Looks at a sign.
    #[inline]
    fn sign(&mut self, bytes: &[u8], at: usize, memory: &Memory) {
        let sign = bytes[at];
        if sign == b' ' {
            return self.space(bytes, at);
        }
        let roles = memory.signs[usize::from(sign)];
        if roles & ASKED != 0 {
            self.stop(at, roles);
        }
        if matches!(sign, b'*' | b'~' | b'|' | b'-' | b'.') && bytes.get(at + 2) == Some(&sign) {
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
            stops: Box::default(),
            others: Vec::new(),
            joints: Vec::new(),
            planted: Vec::new(),
            apart: Vec::new(),
            stretched: Vec::new(),
        }
    }

    /// Where the rule of this one role has to look next in the text, from `at` on: neither at plain words nor at signs that
    /// are nothing to it. Whoever comes to be within a word looks at the rest of it. The text's length where nothing is left.
    #[inline]
    pub fn next(&self, bytes: &[u8], at: usize, role: u8) -> usize {
        let is_part = |byte: &u8| is(*byte, LETTER | OTHER);
        let is_within =
            at > 0 && bytes.get(at - 1).is_some_and(is_part) && bytes.get(at).is_some_and(is_part);
        if is_within || self.stops.is_empty() {
            return at;
        }
        let rule = role.trailing_zeros() as usize % RULES;
        let mut block = at / 64;
        let mut passed = u64::MAX << (at % 64);
        while let Some(stops) = self.stops.get(block) {
            let stops = stops[rule] & passed;
            if stops != 0 {
                return 64 * block + stops.trailing_zeros() as usize;
            }
            passed = u64::MAX;
            block += 1;
        }
        bytes.len()
    }
}

/// True where a word of ASCII letters with these roles ends so that it is plain, whatever follows. What ends a sentence
/// may also hide a word's last letter, `si!`, but not of every word.
#[inline]
fn ends_plainly(bytes: &[u8], end: usize, roles: u8) -> bool {
    match bytes.get(end) {
        Some(b'!' | b'?') => {
            roles & role::MASKED == 0 && bytes.get(end + 1).is_none_or(u8::is_ascii_whitespace)
        }
        _ => true,
    }
}

/// A letter of ASCII.
const LETTER: u8 = 1;
/// A figure, or a part of what is not ASCII: what it touches is no plain word.
const OTHER: u8 = 1 << 1;
/// White space and the signs of ordinary writing, which stand for no letter.
const QUIET: u8 = 1 << 2;
/// These, and what ends a sentence.
const CLOSING: u8 = 1 << 3;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' | 128.. => OTHER,
            b' ' | b'\n' | b'\r' | b'\t' | b'.' | b',' | b':' | b';' | b'(' | b')' | b'"'
            | b'\'' | b'-' | b'/' => QUIET | CLOSING,
            b'!' | b'?' => CLOSING,
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

/// The bytes of a word's letters, by how many it has.
const MASKS: [u128; LONGEST + 1] = {
    let mut masks = [0; LONGEST + 1];
    let mut length = 1;
    while length <= LONGEST {
        masks[length] = masks[length - 1] << 8 | 0xff;
        length += 1;
    }
    masks
};

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
    let letters = whole & MASKS[length];
    [letters as u64, (letters >> 64) as u64]
}

/// The roles of the words that came last, each at a place of its own: a newer word takes an older one's.
pub(super) struct Memory {
    words: Box<[([u64; 2], u8)]>,
    roles_of: fn(&str) -> u8,
    /// The roles of signs.
    signs: [u8; 128],
}

impl Memory {
    /// Remembers nothing yet. `roles_of` must know a word by its letters alone; a sign has those roles whose rules look at
    /// it by itself.
    pub fn new(roles_of: fn(&str) -> u8, roles_of_sign: fn(u8) -> u8) -> Self {
        Self {
            words: vec![([0; 2], 0); REMEMBERED].into_boxed_slice(),
            roles_of,
            signs: std::array::from_fn(|sign| roles_of_sign(sign as u8)),
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
        let text = "two plain-words, l0ok naïve x@y good! si! no!? (fin)";
        let roles = |word: &str| {
            (u8::from(word == "two") * role::NUMBER) | (u8::from(word == "si") * role::MASKED)
        };
        let sign = |sign: u8| u8::from(sign == b'@') * role::SIGN;
        let skim = Skim::of(text, &mut Memory::new(roles, sign));
        let stops = |role: u8| -> String {
            let is_stop = |at: &usize| {
                let is_bit = skim.stops[at / 64][role.trailing_zeros() as usize] >> (at % 64) & 1;
                is_bit == 1
            };
            let places = (0..text.len()).filter(is_stop);
            places.map(|at| char::from(text.as_bytes()[at])).collect()
        };
        assert_eq!(stops(role::NUMBER), "tl0okna\u{c3}\u{af}vexysino");
        assert_eq!(stops(role::SIGN), "l0okna\u{c3}\u{af}vex@ysino");
        let bytes = text.as_bytes();
        assert_eq!(skim.next(bytes, 1, role::NUMBER), 1);
        assert_eq!(skim.next(bytes, 3, role::NUMBER), 17);
        assert_eq!(skim.next(bytes, 47, role::SIGN), text.len());
        assert_eq!(Skim::nothing().next(bytes, 3, role::SIGN), 3);
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
        let mut memory = Memory::new(roles, |_| 0);
        for _ in 0..2 {
            let skim = Skim::of(&text, &mut memory);
            for (at, word) in words.iter().enumerate() {
                let is_stop = skim.next(text.as_bytes(), 5 * at, role::NUMBER) == 5 * at;
                assert_eq!(is_stop, word.starts_with('b'), "{word}");
            }
        }
    }
}
