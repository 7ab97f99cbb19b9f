//! Misspelt words for digits: one letter wrong, left out, too many, or changed with its neighbour; vowels left out; a
//! word's own digit for a part of it; letters that are drawn to look like others.
//!
//! Nothing here knows where a word stands. Only who reads a number in a language already may ask, for many a word of a
//! sentence is one letter off a number.

use std::collections::HashSet;

use super::{
    fold,
    tables::{Language, Meaning, Sense, Words},
};

const ORDINARY: &str = include_str!("ordinary.txt");

/// The longest word that is compared, in letters, and the shortest.
const LONGEST: usize = 12;
const SHORTEST: usize = 3;

/// Words for digits by language, and what else is said there.
#[derive(Default)]
pub(super) struct Misspelt {
    languages: Vec<Digits>,
}

/// The words for digits of one language that are said for nothing else.
#[derive(Default)]
struct Digits {
    words: Vec<Word>,
    /// Spellings by ear that are ordinary words but for their marks: `cèt` is no `cet`.
    heard: Vec<(u16, Box<str>)>,
    /// Words of the language that are a letter off one of those.
    ordinary: HashSet<Box<str>>,
    /// What a misspelt word of each digit means.
    senses: Vec<[Sense; 1]>,
    /// And what one means that is an ordinary word, too.
    common: Vec<[Sense; 1]>,
    /// The first word of each digit.
    proper: Vec<Box<str>>,
}

struct Word {
    letters: Vec<char>,
    /// Which letters it has, and which classes of sounds.
    seen: u64,
    heard: u64,
    /// As it sounds, where letters that sound the same are written for each other.
    sounds: Vec<char>,
    digit: u16,
    is_proper: bool,
}

impl Misspelt {
    /// Takes in a language, in the order of the tables; `common` are words by the languages they are common in, and `heard`
    /// spellings by ear that are words of their own. A language of which nobody has listed the ordinary words is left out.
    pub fn add(
        &mut self,
        language: &Language,
        common: &Words<Vec<&'static str>>,
        heard: &[(u8, u16, Box<str>)],
    ) {
        let of_language = |line: &'static str| {
            let (name, words) = line.split_once(' ')?;
            (name == language.name).then(|| words.split_whitespace())
        };
        let mut listed = ORDINARY
            .lines()
            .filter_map(of_language)
            .flatten()
            .peekable();
        if listed.peek().is_none() {
            return self.languages.push(Digits::default());
        }
        let common = common
            .iter()
            .filter(|(_, languages)| languages.contains(&language.name));
        let common = common.map(|(word, _)| &**word);
        let heard = heard.iter().filter(|(index, ..)| *index == language.index);
        let senses = |is_common: bool| {
            let sense = |digit: u16| Sense {
                language: language.index,
                meaning: Meaning::Number(digit),
                is_weak: false,
                is_common,
                is_proper: false,
                is_made: true,
                is_misspelt: true,
            };
            (0..10).map(|digit| [sense(digit)]).collect()
        };
        let mut digits = Digits {
            words: Vec::new(),
            heard: heard
                .map(|(_, digit, word)| (*digit, word.clone()))
                .collect(),
            ordinary: listed.chain(common).map(Into::into).collect(),
            senses: senses(false),
            common: senses(true),
            proper: vec![Box::default(); 10],
        };
        for (digit, word, is_proper) in &language.words {
            let Some(proper) = digits.proper.get_mut(usize::from(*digit)) else {
                continue;
            };
            if *is_proper {
                *proper = word.as_str().into();
            }
            digits.words.push(Word {
                letters: word.chars().collect(),
                seen: mask(word.chars()),
                heard: mask(word.chars().filter_map(class_of_sound)),
                sounds: match language.name {
                    "es" => sounds(word),
                    _ => Vec::new(),
                },
                digit: *digit,
                is_proper: *is_proper,
            });
        }
        self.languages.push(digits);
    }

    /// The digit that a word is meant for, where it is near the words of no other. The sense is common where it is an
    /// ordinary word, too.
    pub fn find(&self, word: &str, language: u8) -> Option<&[Sense]> {
        let digits = self.languages.get(usize::from(language))?;
        if word.chars().nth(LONGEST).is_some() {
            return None;
        }
        if digits.is_far(word) {
            return None;
        }
        let (digit, is_ordinary) = digits.meant(word)?;
        digits.sense(digit, is_ordinary)
    }

    /// The digit whose own word this is, with some of its letters drawn as figures or capitals: `cinc0`, `nuII`.
    pub fn drawn(&self, word: &str, language: u8) -> Option<&[Sense]> {
        let digits = self.languages.get(usize::from(language))?;
        let spelled: Vec<char> = fold(&spelled(word)?).chars().collect();
        let digit = digits.one(|known| known.is_proper && known.letters == spelled)?;
        digits.sense(digit, false)
    }

    /// The word for a digit, as it is spelled.
    pub fn proper(&self, language: u8, digit: usize) -> Option<&str> {
        let digits = self.languages.get(usize::from(language))?;
        digits.proper.get(digit).map(|word| &**word)
    }
}

impl Digits {
    /// True for a plain word whose letters are those of no word for a digit, nor nearly. Most words of a sentence are told so, at
    /// a glance; what else a word may be is left to be looked at.
    fn is_far(&self, word: &str) -> bool {
        let bytes = word.as_bytes();
        let is_plain = bytes.split_first().is_some_and(|(first, rest)| {
            first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_lowercase)
        });
        let letters = || {
            bytes
                .iter()
                .map(|byte| char::from(byte.to_ascii_lowercase()))
        };
        is_plain
            && letters().any(is_vowel)
            && !(self.are_cyrillic() && letters().all(|letter| look_alike(letter).is_some()))
            && !self
                .heard
                .iter()
                .any(|(_, heard)| heard.eq_ignore_ascii_case(word))
            && {
                let (seen, heard) = (mask(letters()), mask(letters().filter_map(class_of_sound)));
                self.words.iter().all(|known| {
                    !is_near(seen, known.seen)
                        && (known.sounds.is_empty() || !is_near(heard, known.heard))
                })
            }
    }

    /// The digit that a word is meant for, and whether it is an ordinary word, too.
    fn meant(&self, word: &str) -> Option<(u16, bool)> {
        let small = word.to_lowercase();
        let folded = fold(&small);
        let written: Vec<char> = folded.chars().collect();
        let mut spelled: Vec<char> = fold(&spelled(word)?).chars().collect();
        if self.are_cyrillic()
            && let Some(drawn) = cyrillic(&folded)
        {
            spelled = drawn;
        }
        let is_ordinary = self.ordinary.contains(small.as_str());
        let heard = || self.heard.iter().find(|(_, word)| **word == *folded);
        let digit = self
            .one(|known| known.letters == spelled)
            .or_else(|| heard().map(|(digit, _)| *digit))
            .or_else(|| self.one(|known| has_own_digit(&written, known)))
            .or_else(|| self.one(|known| lacks_vowels(&written, known)))
            .or_else(|| self.one(|known| is_one_off(&spelled, &known.letters)))
            .or_else(|| self.by_sound(&spelled))?;
        Some((digit, is_ordinary))
    }

    fn sense(&self, digit: u16, is_common: bool) -> Option<&[Sense]> {
        let senses = match is_common {
            true => &self.common,
            false => &self.senses,
        };
        senses.get(usize::from(digit)).map(<[Sense; 1]>::as_slice)
    }

    /// The digit whose words sound so, but for one sound.
    fn by_sound(&self, spelled: &[char]) -> Option<u16> {
        // Most languages have none.
        let knows = self
            .words
            .first()
            .is_some_and(|word| !word.sounds.is_empty());
        let heard = knows.then(|| sounds(&spelled.iter().collect::<String>()))?;
        self.one(|known| is_one_off(&heard, &known.sounds))
    }

    fn are_cyrillic(&self) -> bool {
        let first = self.words.first().and_then(|word| word.letters.first());
        first.is_some_and(|letter| ('а'..='я').contains(letter))
    }

    /// The one digit whose words fit.
    fn one(&self, fits: impl Fn(&Word) -> bool) -> Option<u16> {
        let mut fitting = self.words.iter().filter(|word| fits(word));
        let digit = fitting.next()?.digit;
        fitting.all(|word| word.digit == digit).then_some(digit)
    }
}

/// True for masks that differ in two bits at most, as those of words do that differ by one letter.
#[inline]
fn is_near(one: u64, other: u64) -> bool {
    let apart = one ^ other;
    let but_one = apart & apart.wrapping_sub(1);
    but_one & but_one.wrapping_sub(1) == 0
}

/// Which letters there are, a bit for each; some share one.
fn mask(letters: impl Iterator<Item = char>) -> u64 {
    letters.fold(0, |mask, letter| mask | 1 << (letter as u32 % 64))
}

/// One letter for all that [`sounds`] may write for each other; none for what is not heard.
fn class_of_sound(letter: char) -> Option<char> {
    match letter {
        'h' => None,
        'z' | 'c' | 'q' | 'k' => Some('s'),
        'v' => Some('b'),
        'y' => Some('i'),
        other => Some(other),
    }
}

/// A Spanish word by its sounds, where several letters are written for one: `zicte` is `siste`, `osho` is `oso`.
fn sounds(word: &str) -> Vec<char> {
    let mut letters = word.chars().peekable();
    let mut sounds = Vec::with_capacity(word.len());
    while let Some(letter) = letters.next() {
        sounds.push(match letter {
            'h' => continue,
            'z' => 's',
            'c' if matches!(letters.peek(), Some('e' | 'i' | 't')) => 's',
            'c' | 'q' => 'k',
            'v' => 'b',
            'y' => 'i',
            other => other,
        });
    }
    sounds
}

/// A word with letters for the figures that look like them, and `l` for capitals that do; None for what has no letters, or
/// more figures than a word may.
fn spelled(word: &str) -> Option<String> {
    let figures = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.chars().count() - figures;
    if letters == 0 || figures > letters {
        return None;
    }
    let has_small = word.chars().any(char::is_lowercase);
    let letter = |letter: char| match letter {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        'I' if has_small && !word.starts_with('I') => 'l',
        other => other,
    };
    Some(word.chars().map(letter).collect())
}

/// A word of Latin letters, all of which look like Cyrillic ones, in these.
fn cyrillic(folded: &str) -> Option<Vec<char>> {
    folded.chars().map(look_alike).collect()
}

/// The Cyrillic letter that a Latin one looks like.
fn look_alike(letter: char) -> Option<char> {
    match letter {
        'a' => Some('а'),
        'c' => Some('с'),
        'e' => Some('е'),
        'h' => Some('н'),
        'i' => Some('і'),
        'k' => Some('к'),
        'm' => Some('м'),
        'o' => Some('о'),
        'p' => Some('р'),
        't' => Some('т'),
        'x' => Some('х'),
        'y' => Some('у'),
        _ => None,
    }
}

/// True for a word with its own digit for its first letters or its last: `1no`, `de2`. Two of its letters are left.
fn has_own_digit(written: &[char], known: &Word) -> bool {
    let own = char::from_digit(u32::from(known.digit), 10);
    let fits = |rest: &[char]| {
        let most = known.letters.len().saturating_sub(1);
        rest.len() >= 2 && rest.len() <= most && rest.iter().all(|letter| letter.is_alphabetic())
    };
    let (first, last) = (written.first().copied(), written.last().copied());
    match written {
        [_, rest @ ..] if first == own => {
            fits(rest) && rest.len() + 2 >= known.letters.len() && known.letters.ends_with(rest)
        }
        [rest @ .., _] if last == own => fits(rest) && known.letters.starts_with(rest),
        _ => false,
    }
}

/// True for a word of which only the consonants are written: `sx`, `svn`, `thr`.
fn lacks_vowels(written: &[char], known: &Word) -> bool {
    let consonants = known.letters.iter().filter(|letter| !is_vowel(**letter));
    written.len() >= 2
        && written.len() < known.letters.len()
        && known.letters.iter().all(char::is_ascii)
        && consonants.eq(written)
}

fn is_vowel(letter: char) -> bool {
    matches!(
        letter,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'а'
            | 'е'
            | 'и'
            | 'о'
            | 'у'
            | 'ы'
            | 'э'
            | 'ю'
            | 'я'
            | 'і'
            | 'є'
    )
}

/// True for words that differ by one letter that is another, too many or left out, or by two neighbours that are changed.
/// In a short word another consonant makes another word.
fn is_one_off(written: &[char], known: &[char]) -> bool {
    if written.len() < SHORTEST || written.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let same = written
        .iter()
        .zip(known)
        .take_while(|(one, other)| one == other);
    let at = same.count();
    let (written, known) = (&written[at..], &known[at..]);
    match (written, known) {
        ([], []) => true,
        ([_, rest @ ..], known) if rest == known => true,
        (written, [_, rest @ ..]) if written == rest => at + known.len() > SHORTEST,
        ([one, rest @ ..], [other, behind @ ..]) if rest == behind => {
            at + known.len() > SHORTEST || is_vowel(*one) && is_vowel(*other)
        }
        ([a, b, rest @ ..], [c, d, behind @ ..]) => a == d && b == c && rest == behind,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::selectors::words::{Meaning, misspelt};

    #[test]
    fn a_word_is_near_the_words_of_one_digit() {
        const ENGLISH: u8 = 0;
        const SPANISH: u8 = 2;
        const GERMAN: u8 = 4;
        const RUSSIAN: u8 = 7;
        const VIETNAMESE: u8 = 26;
        // The word, its language, its digit, and whether it is an ordinary word, too.
        for (word, language, digit) in [
            ("fuor", ENGLISH, Some((4, false))),
            ("sevven", ENGLISH, Some((7, false))),
            ("eigh", ENGLISH, Some((8, false))),
            ("sx", ENGLISH, Some((6, false))),
            ("f0ur", ENGLISH, Some((4, false))),
            ("threw", ENGLISH, Some((3, true))),
            ("your", ENGLISH, Some((4, true))),
            ("sip", ENGLISH, None),
            ("fort", ENGLISH, None),
            ("no", ENGLISH, None),
            ("1no", SPANISH, Some((1, false))),
            ("cinc0", SPANISH, Some((5, false))),
            ("pero", SPANISH, Some((0, true))),
            ("nuII", GERMAN, Some((0, false))),
            ("neuen", GERMAN, Some((9, true))),
            ("адин", RUSSIAN, Some((1, false))),
            ("tpi", RUSSIAN, Some((3, false))),
            ("опять", RUSSIAN, Some((5, true))),
            ("cổng", VIETNAMESE, None),
        ] {
            let senses = misspelt(word, language).unwrap_or_default();
            let found = senses.first().map(|sense| (sense.meaning, sense.is_common));
            let expected = digit.map(|(digit, is_common)| (Meaning::Number(digit), is_common));
            assert_eq!(found, expected, "{word}");
        }
    }
}
