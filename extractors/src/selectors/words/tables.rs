//! The tables of words, read once from the files beside this one.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{
    RUN,
    codes::{choices, code},
    fold,
    hidden::Hidden,
    misspelt::Misspelt,
    sieve::{Sieve, Trace},
    variants::{self, Sounds, headed, heard, latin, slips, squeezed},
};

const NUMBERS: &str = include_str!("numbers.txt");
const COMMON: &str = include_str!("common.txt");
const SIGNS: &str = include_str!("signs.txt");

/// The longest word of a run, in bytes.
const LONGEST: usize = 24;

/// What a word means in a language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::selectors) struct Sense {
    /// Which language, by its place in numbers.txt.
    pub language: u8,
    pub meaning: Meaning,
    /// True where the word is also said for other things in its language.
    pub is_weak: bool,
    /// True where it is a common word of another language, and no number there.
    pub is_common: bool,
    /// True for the word itself, as it is in the table first: `un` is also an article, but a French 1 before all.
    pub is_proper: bool,
    /// True for another spelling, made from a word of the table.
    pub is_made: bool,
    /// True for a word that is none of the tables, and only near one.
    pub is_misspelt: bool,
}

/// What a number word says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::selectors) enum Meaning {
    /// 0 to 99, or a whole hundred.
    Number(u16),
    /// "double": the next digit stands so often.
    Times(u8),
    /// A ten by itself, or behind a digit that says how many: 十.
    Ten,
    Hundred,
    Thousand,
    /// Stands between hundreds, tens and units.
    And,
}

impl Meaning {
    /// The number that is said.
    pub fn number(self) -> Option<usize> {
        match self {
            Self::Number(value) => Some(usize::from(value)),
            _ => None,
        }
    }
}

/// What a sign word says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::selectors) enum Sign {
    At,
    Dot,
    Underscore,
    Dash,
    Slash,
    Colon,
    Plus,
    /// A word for nothing: "space", "then".
    Space,
}

impl Sign {
    /// The sign itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::At => "@",
            Self::Dot => ".",
            Self::Underscore => "_",
            Self::Dash => "-",
            Self::Slash => "/",
            Self::Colon => ":",
            Self::Plus => "+",
            Self::Space => " ",
        }
    }
}

/// FNV-1a: words are short and the tables are ours, so a hash that nobody can attack would only cost time.
#[derive(Clone, Copy)]
pub(in crate::selectors) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

pub(super) type Words<T> = HashMap<Box<str>, T, BuildHasherDefault<Fnv>>;

pub(super) struct Tables {
    senses: Words<Vec<Sense>>,
    pub signs: Words<(Sign, bool)>,
    /// Which three letters a word of the tables begins with, a bit for each; and all that are shorter.
    beginnings: Vec<u64>,
    /// The words of the two tables.
    sieve: Sieve,
    /// How long they are, by the codes of their first two letters: a bit for each length in bytes, up to [`LONGEST`].
    lengths: Vec<u32>,
    /// Common words by the languages that they are common in.
    common: Words<Vec<&'static str>>,
    pub hidden: Hidden,
    pub misspelt: Misspelt,
    /// Spellings by ear that are words of their own, with their language and digit.
    heard: Vec<(u8, u16, Box<str>)>,
}

impl Tables {
    pub fn build() -> Self {
        let mut tables = Self {
            senses: Words::default(),
            signs: Words::default(),
            beginnings: vec![0; 32 * 32 * 32 / 64],
            sieve: Sieve::default(),
            lengths: vec![0; 32 * 32],
            common: Words::default(),
            hidden: Hidden::default(),
            misspelt: Misspelt::default(),
            heard: Vec::new(),
        };
        for line in COMMON.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let Some(language) = words.next() else {
                continue;
            };
            for word in words {
                let languages = tables.common.entry(bare(word).0.into()).or_default();
                languages.push(language);
            }
        }
        // The words that are in the table come before what is made of any.
        let languages: Vec<Language> = NUMBERS
            .split("\n[")
            .skip(1)
            .enumerate()
            .map(|(index, block)| tables.language(index as u8, block))
            .collect();
        for language in &languages {
            tables.compounds(language);
        }
        for language in &languages {
            tables.spellings(language);
        }
        for line in SIGNS.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.split_whitespace();
            let Some(sign) = parts.next().and_then(sign) else {
                continue;
            };
            for word in parts {
                let (word, is_weak) = bare(word);
                tables.begin(&word);
                tables.signs.insert(word.into(), (sign, is_weak));
            }
        }
        tables.mark_common(&languages);
        for (value, word, _) in languages.iter().flat_map(|language| &language.words) {
            if let Some(senses) = tables.senses.get(word.as_str()).filter(|_| *value < 10) {
                tables.hidden.add(word, senses);
            }
        }
        for language in &languages {
            tables.misspelt.add(language, &tables.common, &tables.heard);
        }
        let words = tables.senses.keys().chain(tables.signs.keys());
        tables.sieve = Sieve::of(words.clone().map(|word| &**word));
        for word in words.filter(|word| (1..=LONGEST).contains(&word.len())) {
            let bytes = word.as_bytes();
            for second in choices(bytes.get(1)) {
                tables.lengths[code(bytes[0]) << 5 | second] |= 1 << bytes.len();
            }
        }
        tables
    }

    /// Takes in the words that the table has of a language.
    fn language(&mut self, index: u8, block: &'static str) -> Language {
        let mut lines = block.lines().filter(|line| !line.starts_with('#'));
        let name = lines.next().unwrap_or_default().trim_end_matches(']');
        let mut language = Language {
            index,
            name,
            words: Vec::new(),
            sounds: Sounds::default(),
            has_latin: false,
        };
        for line in lines {
            let (key, words) = line.split_once(' ').unwrap_or((line, ""));
            match key {
                "sounds" => language.sounds = variants::sounds(words),
                "latin" => language.has_latin = true,
                _ => {
                    let Some(meaning) = meaning(key) else {
                        continue;
                    };
                    for (place, word) in words.split_whitespace().enumerate() {
                        let (word, is_weak) = bare(word);
                        let is_number = matches!(meaning, Meaning::Number(_));
                        self.add(&word, index, meaning, is_weak, is_number && place == 0);
                        if let Meaning::Number(value) = meaning
                            && !is_weak
                        {
                            language.words.push((value, word, place == 0));
                        }
                    }
                }
            }
        }
        language
    }

    /// Marks the number words that are common words of another language, and no numbers there.
    fn mark_common(&mut self, languages: &[Language]) {
        for (word, common_in) in &self.common {
            let Some(senses) = self.senses.get_mut(word) else {
                continue;
            };
            let number_in: Vec<&str> = senses
                .iter()
                .filter(|sense| sense.meaning != Meaning::And && !sense.is_weak)
                .map(|sense| languages[usize::from(sense.language)].name)
                .collect();
            if common_in
                .iter()
                .any(|language| !number_in.contains(language))
            {
                senses.iter_mut().for_each(|sense| sense.is_common = true);
            }
        }
    }

    pub fn senses(&self, folded: &str) -> Option<&[Sense]> {
        // The sieve holds every word of the table, and costs less than a look-up.
        match self.may_be(folded.as_bytes()) {
            true => self.senses.get(folded).map(Vec::as_slice),
            false => None,
        }
    }

    fn add(&mut self, word: &str, language: u8, meaning: Meaning, is_weak: bool, is_proper: bool) {
        self.begin(word);
        let senses = self.senses.entry(word.into()).or_default();
        let is_known = senses.iter().any(|sense| sense.language == language);
        if !is_known {
            senses.push(Sense {
                language,
                meaning,
                is_weak,
                is_common: false,
                is_proper,
                is_made: false,
                is_misspelt: false,
            });
        }
    }

    /// Adds another spelling, unless it is a word that means something else.
    fn spell(&mut self, word: &str, language: &Language, value: u16, is_likely: bool) {
        let meaning = Meaning::Number(value);
        let is_other = |senses: &Vec<Sense>| {
            let mut senses = senses.iter();
            senses.any(|sense| {
                sense.language == language.index || !is_likely && sense.meaning != meaning
            })
        };
        let common_in = self.common.get(word).map_or(&[][..], Vec::as_slice);
        let is_own_word = common_in.contains(&language.name);
        if is_own_word && value < 10 {
            self.heard.push((language.index, value, word.into()));
        }
        let is_weak = !is_likely && !common_in.is_empty();
        if word.len() < 3 || is_own_word || self.senses.get(word).is_some_and(is_other) {
            return;
        }
        self.senses.entry(word.into()).or_default().push(Sense {
            language: language.index,
            meaning,
            is_weak,
            is_common: false,
            is_proper: false,
            is_made: true,
            is_misspelt: false,
        });
    }

    pub fn is_common(&self, folded: &str) -> bool {
        self.common.contains_key(folded)
    }

    #[inline]
    pub fn may_be(&self, word: &[u8]) -> bool {
        self.sieve.may_hold(Trace::of(word))
    }

    /// How long the words are that begin with these two letters, or are the first alone: a bit for each length in bytes.
    pub fn lengths(&self, first: u8, second: Option<u8>) -> u32 {
        self.lengths[code(first) << 5 | second.map_or(31, code)]
    }

    /// False where the word is not several: no words of the tables that follow each other are the whole of it. One of
    /// more than [`RUN`] bytes is none.
    pub fn may_be_several(&self, word: &[u8]) -> bool {
        if word.len() > RUN {
            return false;
        }
        // Where a word of the tables may begin, a bit for each place.
        let mut begins = 1u128;
        for start in 0..word.len() {
            if begins >> start & 1 == 0 {
                continue;
            }
            // Of those lengths that words with these letters have, and no others.
            let mut lengths = self.lengths(word[start], word.get(start + 1).copied());
            while lengths != 0 {
                let end = start + lengths.trailing_zeros() as usize;
                lengths &= lengths - 1;
                if end > word.len() {
                    break;
                }
                let trace = Trace::of(&word[start..end]);
                begins |= u128::from(self.sieve.may_hold(trace)) << end;
            }
        }
        begins >> word.len() & 1 == 1
    }

    fn begin(&mut self, word: &str) {
        let bytes = word.as_bytes();
        let at = |index: usize| bytes.get(index).map_or(31, |byte| code(*byte));
        // A short word also begins what it is glued to.
        for second in choices(bytes.get(1)) {
            for third in choices(bytes.get(1).and(bytes.get(2))) {
                let index = at(0) << 10 | second << 5 | third;
                self.beginnings[index / 64] |= 1 << (index % 64);
            }
        }
    }

    #[inline]
    pub fn may_begin(&self, word: &[u8]) -> bool {
        let at = |index: usize| word.get(index).map_or(31, |byte| code(*byte));
        let index = at(0) << 10 | at(1) << 5 | at(2);
        self.beginnings[index / 64] >> (index % 64) & 1 == 1
    }

    /// The words up to 99 of languages that write them in one.
    fn compounds(&mut self, language: &Language) {
        let of = |range: std::ops::Range<u16>| {
            let words = language.words.iter();
            words.filter(move |(value, _, _)| range.contains(value))
        };
        let mut made: Vec<(u16, String)> = Vec::new();
        for (ten, ten_word, _) in of(20..100).filter(|(value, _, _)| value % 10 == 0) {
            for (one, one_word, _) in of(1..10) {
                let value = ten + one;
                match language.name {
                    "de" => {
                        let one_word = if *one == 1 { "ein" } else { one_word };
                        made.push((value, format!("{one_word}und{ten_word}")));
                    }
                    "nl" => made.push((value, format!("{one_word}en{ten_word}"))),
                    "it" => {
                        // `ventuno`, `trentotto`: the last vowel falls before another.
                        let stem = match one {
                            1 | 8 => &ten_word[..ten_word.len() - 1],
                            _ => ten_word.as_str(),
                        };
                        made.push((value, format!("{stem}{one_word}")));
                    }
                    _ => {}
                }
            }
        }
        for (value, word) in made {
            self.add(&word, language.index, Meaning::Number(value), false, true);
        }
    }

    /// Other spellings: by ear, by a slip of the hand, in Latin letters, with each letter once.
    fn spellings(&mut self, language: &Language) {
        for (value, word, is_first) in &language.words {
            let mut made = Vec::new();
            if language.name == "en" && *value < 10 {
                made.extend(slips(word));
            }
            if *value < 100 {
                made.extend(heard(word, &language.sounds));
            }
            made.push(squeezed(word));
            for word in made {
                self.spell(&word, language, *value, false);
            }
            if *value < 10 {
                let least = if *is_first { 2 } else { 3 };
                for word in headed(word, *value, least) {
                    self.spell(&word, language, *value, true);
                }
            }
            if language.has_latin && *is_first {
                for word in latin(word) {
                    self.spell(&word, language, *value, true);
                }
            }
        }
    }
}

/// A language of the table.
pub(super) struct Language {
    pub index: u8,
    pub name: &'static str,
    /// Values and their words, without those that are also said for other things; true for the first of a value.
    pub words: Vec<(u16, String, bool)>,
    sounds: Sounds,
    /// Its words are also written in Latin letters.
    has_latin: bool,
}

fn bare(word: &str) -> (String, bool) {
    let bare = word.trim_start_matches('~');
    let folded: String = fold(bare)
        .chars()
        .filter(|letter| !matches!(letter, '-' | '\''))
        .collect();
    (folded, bare.len() != word.len())
}

fn meaning(word: &str) -> Option<Meaning> {
    Some(match word {
        "x2" => Meaning::Times(2),
        "x3" => Meaning::Times(3),
        "x4" => Meaning::Times(4),
        "and" => Meaning::And,
        "ten" => Meaning::Ten,
        "hundred" => Meaning::Hundred,
        "thousand" => Meaning::Thousand,
        number => Meaning::Number(number.parse().ok()?),
    })
}

fn sign(word: &str) -> Option<Sign> {
    Some(match word {
        "at" => Sign::At,
        "dot" => Sign::Dot,
        "underscore" => Sign::Underscore,
        "dash" => Sign::Dash,
        "slash" => Sign::Slash,
        "colon" => Sign::Colon,
        "plus" => Sign::Plus,
        "space" => Sign::Space,
        _ => return None,
    })
}
