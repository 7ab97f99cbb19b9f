//! The tables of words, read once from the files beside this one.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::fold;

const NUMBERS: &str = include_str!("numbers.txt");
const SIGNS: &str = include_str!("signs.txt");

/// What a word means in a language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::selectors) struct Sense {
    /// Which language, by its place in numbers.txt.
    pub language: u8,
    pub meaning: Meaning,
    /// True where the word is also said for other things.
    pub is_weak: bool,
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

type Words<T> = HashMap<Box<str>, T, BuildHasherDefault<Fnv>>;

pub(super) struct Tables {
    senses: Words<Vec<Sense>>,
    pub signs: Words<(Sign, bool)>,
    /// Which three letters a word of the tables begins with, a bit for each; and all that are shorter.
    beginnings: Vec<u64>,
}

impl Tables {
    pub fn build() -> Self {
        let mut tables = Self {
            senses: Words::default(),
            signs: Words::default(),
            beginnings: vec![0; 32 * 32 * 32 / 64],
        };
        let mut language = 0;
        let mut units: Vec<(u16, String)> = Vec::new();
        let mut name = "";
        for line in NUMBERS.lines().filter(|line| !line.starts_with('#')) {
            if let Some(next) = line.strip_prefix('[') {
                tables.compounds(name, language, &units);
                units.clear();
                language += u8::from(!name.is_empty());
                name = next.trim_end_matches(']');
                continue;
            }
            let mut parts = line.split_whitespace();
            let Some(meaning) = parts.next().and_then(meaning) else {
                continue;
            };
            for word in parts {
                let (word, is_weak) = bare(word);
                if let Meaning::Number(value) = meaning
                    && !is_weak
                {
                    units.push((value, word.clone()));
                }
                tables.add(&word, language, meaning, is_weak);
            }
        }
        tables.compounds(name, language, &units);
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
        tables
    }

    pub fn senses(&self, folded: &str) -> Option<&[Sense]> {
        self.senses.get(folded).map(Vec::as_slice)
    }

    fn add(&mut self, word: &str, language: u8, meaning: Meaning, is_weak: bool) {
        self.begin(word);
        let senses = self.senses.entry(word.into()).or_default();
        let is_known = senses.iter().any(|sense| sense.language == language);
        if !is_known {
            senses.push(Sense {
                language,
                meaning,
                is_weak,
            });
        }
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

    /// The words up to 99 of languages that write them in one, and likely misspellings of English.
    fn compounds(&mut self, name: &str, language: u8, units: &[(u16, String)]) {
        let tens = || units.iter().filter(|(value, _)| (20..100).contains(value));
        let ones = || units.iter().filter(|(value, _)| (1..10).contains(value));
        let mut made: Vec<(u16, String)> = Vec::new();
        for (ten, ten_word) in tens().filter(|(value, _)| value % 10 == 0) {
            for (one, one_word) in ones() {
                let value = ten + one;
                match name {
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
            self.add(&word, language, Meaning::Number(value), false);
        }
        if name == "en" {
            for (index, (value, word)) in units.iter().enumerate() {
                // The first word of each value is the one that is spelled right.
                let is_variant = index > 0 && units[index - 1].0 == *value;
                if *value > 9 || is_variant {
                    continue;
                }
                for slip in slips(word) {
                    if !self.senses.contains_key(slip.as_str()) {
                        let is_weak = ENGLISH.contains(&slip.as_str());
                        self.add(&slip, language, Meaning::Number(*value), is_weak);
                    }
                }
            }
        }
    }
}

/// What a hand or an ear does to a word: a letter left out, doubled, or changed with its neighbour, and letters for
/// others that sound like them. The first letter stays, unless another sounds the same.
fn slips(word: &str) -> Vec<String> {
    let mut slips = Vec::new();
    for at in 1..word.len() {
        let (front, behind) = word.split_at(at);
        let letter = &behind[..1];
        if word.len() > 3 {
            slips.push(format!("{front}{}", &behind[1..]));
        }
        slips.push(format!("{front}{letter}{behind}"));
        if let Some(next) = behind.get(1..2).filter(|_| word.len() > 3) {
            slips.push(format!("{front}{next}{letter}{}", &behind[2..]));
        }
    }
    let heard: Vec<String> = SOUNDS
        .iter()
        .flat_map(|(sound, others)| {
            word.match_indices(sound).flat_map(move |(at, _)| {
                others.iter().map(move |other| {
                    format!("{}{other}{}", &word[..at], &word[at + sound.len()..])
                })
            })
        })
        .collect();
    // Whoever writes `nyne` also writes `nyn`.
    let silent = heard.iter().filter_map(|word| word.strip_suffix('e'));
    slips.extend(silent.map(str::to_owned).collect::<Vec<_>>());
    slips.extend(heard);
    slips
}

/// Letters, and others that sound like them, in English number words.
const SOUNDS: [(&str, &[&str]); 12] = [
    ("ee", &["i", "ea", "ie"]),
    ("e", &["ee", "ea", "a"]),
    ("i", &["y", "ii", "ai"]),
    ("ei", &["a", "ai", "ay"]),
    ("igh", &["y", "ey", "ai"]),
    ("ght", &["t", "te"]),
    ("one", &["wan", "wone", "wun", "wunn"]),
    ("wo", &["oo", "ew", "ue"]),
    ("our", &["oe", "or", "ore", "oar", "aw"]),
    ("x", &["ks", "cks", "xs", "xe"]),
    ("v", &["f", "b", "ph", "vv"]),
    ("thr", &["tr", "fr", "dr"]),
];

/// Words of their own that are a slip of the hand away from a number's.
const ENGLISH: [&str; 31] = [
    "dre", "eit", "faw", "fib", "fie", "foe", "for", "fore", "fou", "fra", "free", "fur", "nain",
    "nie", "nina", "ona", "saven", "seen", "seve", "sven", "tew", "thee", "there", "tre", "tree",
    "too", "tu", "tue", "wan", "won", "zer",
];

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

/// Five bits for a letter: small and capital alike, and one for all that is not ASCII.
fn code(byte: u8) -> usize {
    usize::from(CODES[usize::from(byte)])
}

/// The codes of all bytes, since every word of every text is asked for.
const CODES: [u8; 256] = {
    let mut codes = [31; 256];
    let mut byte = 0;
    while byte < 256 {
        codes[byte] = match byte as u8 {
            letter @ b'a'..=b'z' => letter - b'a',
            letter @ b'A'..=b'Z' => letter - b'A',
            // Digits that stand for letters in words: `f1ve`.
            b'0'..=b'9' => 29,
            128.. => 30,
            _ => 31,
        };
        byte += 1;
    }
    codes
};

fn choices(byte: Option<&u8>) -> std::ops::Range<usize> {
    match byte {
        Some(byte) => {
            let code = code(*byte);
            code..code + 1
        }
        None => 0..32,
    }
}
