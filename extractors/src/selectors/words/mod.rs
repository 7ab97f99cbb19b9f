//! Words that stand for digits and signs, in many languages, as two tables beside this file: numbers.txt, signs.txt.
//!
//! A word may mean different things in different languages (`sei` is 6 in Italian, `hat` 6 in Hungarian, `ba` 3 in
//! Vietnamese and 8 in Chinese), so a word has senses, and whoever reads a number chooses one language for it.

mod codes;
mod hidden;
mod misspelt;
mod sieve;
mod tables;
mod variants;

use std::{borrow::Cow, collections::HashSet, hash::BuildHasherDefault, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

pub(super) use sieve::{Sieve, Trace};
use tables::Tables;
pub(super) use tables::{Fnv, Meaning, Sense, Sign};

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::build);

/// The place of English in the table of numbers.
pub(super) const ENGLISH: u8 = 0;

/// The longest word that is looked up, in bytes; the longest run that is taken apart is longer.
const WORD: usize = 60;
/// The longest run of letters that is taken apart into words, in bytes: ten words of eight letters, and some more.
pub(super) const RUN: usize = 120;

/// Words of a list that is asked for many words of every text.
pub(super) type Set = HashSet<&'static str, BuildHasherDefault<Fnv>>;

/// The senses of a word, folded by [`fold`].
pub(super) fn senses(folded: &str) -> Option<&'static [Sense]> {
    TABLES.senses(folded)
}

/// The sign that a word stands for, folded by [`fold`]; true where the word is also said for other things.
pub(super) fn sign(folded: &str) -> Option<(Sign, bool)> {
    match folded.len() <= WORD && may_be(folded.as_bytes()) {
        true => TABLES.signs.get(folded).copied(),
        false => None,
    }
}

/// All words for signs, with what they stand for; true for those that are also said for other things.
pub(super) fn signs() -> impl Iterator<Item = (&'static str, Sign, bool)> + Clone {
    let signs = TABLES.signs.iter();
    signs.map(|(word, (sign, is_weak))| (&**word, *sign, *is_weak))
}

/// False where no word for a number or a sign begins like this one: for most words, and quickly.
#[inline]
pub(super) fn may_begin(word: &[u8]) -> bool {
    TABLES.may_begin(word)
}

/// False for what is no word for a number or a sign: for most words, and quickly.
#[inline]
pub(super) fn may_be(word: &[u8]) -> bool {
    TABLES.may_be(word)
}

/// False for what is not several such words without anything between: for most words, and quickly.
pub(super) fn may_be_several(word: &[u8]) -> bool {
    TABLES.may_be_several(word)
}

/// How long words for numbers and signs are, up to 24 bytes, that begin with these two letters, or are the first alone: a bit
/// for each length.
pub(super) fn lengths(first: u8, second: Option<u8>) -> u32 {
    TABLES.lengths(first, second)
}

/// True for a word that is common in some language, and for which a number word might be mistaken.
pub(super) fn is_common(folded: &str) -> bool {
    TABLES.is_common(folded)
}

/// False where no digit word of so many letters begins with this one, in small letters.
pub(super) fn may_unmask(first: u8, length: usize) -> bool {
    TABLES.hidden.may_begin(first, length)
}

/// The senses of a word some of whose letters are hidden: `s*x`, `f#ur`. Only digits are looked for.
pub(super) fn unmasked(
    masked: &[char],
    is_hidden: impl Fn(char) -> bool,
) -> Option<&'static [Sense]> {
    TABLES.hidden.find(masked, is_hidden)
}

/// What a misspelt word for a digit means in a language, where it is near the words of one digit only. The
/// sense is common where it is an ordinary word of the language, too.
pub(super) fn misspelt(word: &str, language: u8) -> Option<&'static [Sense]> {
    TABLES.misspelt.find(word, language)
}

/// What a word for a digit means in a language, where figures or capitals are drawn for some of its letters.
pub(super) fn drawn(word: &str, language: u8) -> Option<&'static [Sense]> {
    TABLES.misspelt.drawn(word, language)
}

/// The word for a digit in a language, without marks.
pub(super) fn proper(language: u8, digit: usize) -> Option<&'static str> {
    TABLES.misspelt.proper(language, digit)
}

/// The longest number word that `folded` begins with, by its length in bytes.
pub(super) fn longest(folded: &str) -> Option<(usize, &'static [Sense])> {
    folded
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8())
        .take_while(|end| *end <= 40)
        .filter_map(|end| senses(&folded[..end]).map(|senses| (end, senses)))
        .last()
}

/// True for scripts that are written without spaces between words, and for the round zeros of Chinese.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter as u32, 0xe00..0xf00 | 0x3007 | 0x3041..0xa000 | 0xac00..0xd7b0 | 0x25cb)
}

/// Small letters without marks.
pub(super) fn fold(word: &str) -> Cow<'_, str> {
    if word
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    let folded = word
        .chars()
        .flat_map(decomposed)
        .filter(|letter| !matches!(letter, '\u{300}'..='\u{36f}' | '\'' | '’'))
        .flat_map(char::to_lowercase)
        .flat_map(|letter| match letter {
            'ß' => ['s', 's'].into_iter().take(2),
            'ς' => ['σ', ' '].into_iter().take(1),
            'ł' => ['l', ' '].into_iter().take(1),
            'đ' => ['d', ' '].into_iter().take(1),
            'ø' => ['o', ' '].into_iter().take(1),
            'ı' => ['i', ' '].into_iter().take(1),
            other => [other, ' '].into_iter().take(1),
        })
        .collect();
    Cow::Owned(folded)
}

/// A letter and its marks apart, in scripts where marks are left out. A syllable of Hangul is not three letters here.
fn decomposed(letter: char) -> impl Iterator<Item = char> {
    let has_marks = matches!(letter as u32, 0xc0..0x600 | 0x1e00..0x2000);
    let whole = (!has_marks).then_some(letter);
    let parts = has_marks.then(|| std::iter::once(letter).nfd());
    whole.into_iter().chain(parts.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_senses_by_language() {
        for (word, values) in [
            ("seven", &[7][..]),
            ("Sévén", &[7]),
            ("sevn", &[7]),
            ("fünfundzwanzig", &[25]),
            ("ventuno", &[21]),
            ("vierendertig", &[34]),
            ("dziewięćdziesiąt", &[90]),
            ("zéro", &[0]),
            ("八", &[8]),
            ("เก้า", &[9]),
            ("ba", &[8, 3]),
        ] {
            let folded = fold(word);
            let mut found: Vec<_> = senses(&folded)
                .unwrap_or_default()
                .iter()
                .map(|sense| match sense.meaning {
                    Meaning::Number(value) => value,
                    _ => 0,
                })
                .collect();
            found.dedup();
            assert_eq!(found, values, "{word}");
        }
        assert!(senses("rose").is_none());
    }

    #[test]
    fn french_has_its_place() {
        assert_eq!(senses("quatre").unwrap()[0].language, 1);
    }

    #[test]
    fn signs_have_words() {
        for (word, sign_of) in [
            ("Arroba", Some((Sign::At, false))),
            ("PUNTO", Some((Sign::Dot, false))),
            ("точка", Some((Sign::Dot, false))),
            ("underscore", Some((Sign::Underscore, false))),
            ("rose", None),
        ] {
            assert_eq!(sign(&fold(word)), sign_of, "{word}");
        }
    }

    #[test]
    fn what_may_not_begin_a_word_is_none() {
        for (word, may) in [
            ("seven", true),
            ("massage", false),
            ("Two", true),
            ("7", false),
        ] {
            assert_eq!(may_begin(word.as_bytes()), may, "{word}");
        }
    }
}
