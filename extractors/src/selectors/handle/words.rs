//! The words by which people call platforms: words.txt, and what disguises make of them.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    everyday::is_everyday,
    platforms::{PLATFORMS, Platform},
};
use crate::selectors::{
    forms::Forms,
    skim::{Skim, role},
};

const TABLE: &str = include_str!("words.txt");

/// A word that calls a platform.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub platform: &'static Platform,
    /// True where the word means other things too.
    pub is_weak: bool,
    /// True where its letters stand apart.
    pub is_spaced: bool,
}

/// A platform's word in a text.
pub(super) struct Label {
    pub word: Word,
    pub start: usize,
    pub end: usize,
}

/// Signs that stand between the letters of a word.
const BETWEEN: [&str; 6] = [" ", ".", "-", "*", "_", "|"];
/// Signs and digits that stand for letters; where a word has several, the first ones go together, and the second ones.
const LOOK_ALIKES: [(char, &[char]); 7] = [
    ('a', &['@', '4']),
    ('e', &['3']),
    ('i', &['1', '1', '!', 'l']),
    ('l', &['1', 'i']),
    ('o', &['0']),
    ('s', &['$', '5']),
    ('t', &['7', '7', '+']),
];
/// The shortest word that is known with look-alikes or with its letters apart, where it means nothing else.
const SHORTEST: usize = 3;

/// All forms of all words, and the word of each.
static FORMS: LazyLock<(Forms, Vec<Word>)> = LazyLock::new(|| {
    let mut texts = Vec::new();
    let mut words = Vec::new();
    // A word as it is comes before what another might be made into.
    for (text, word) in rows().flat_map(|(text, word)| capitals(text).map(move |text| (text, word)))
    {
        texts.push(text);
        words.push(word);
    }
    // Cyrillic words are set apart, too; that they are written with look-alikes is another matter.
    let is_cyrillic = |letter: char| ('а'..='ї').contains(&letter);
    for (text, word) in
        rows().filter(|(text, _)| text.chars().all(is_cyrillic) && !word_is_short(text))
    {
        for sign in BETWEEN {
            texts.extend(capitals(text).map(|text| apart(&text, sign)));
            let is_spaced = true;
            words.resize(
                texts.len(),
                Word {
                    is_spaced,
                    is_weak: false,
                    ..word
                },
            );
        }
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b' ' | b'-');
    for (text, word) in rows().filter(|(text, _)| text.bytes().all(is_plain)) {
        if text.len() >= SHORTEST && !word.is_weak || text.len() > SHORTEST {
            texts.extend(look_alikes(text));
            words.resize(texts.len(), word);
        }
        if text.len() >= SHORTEST && !text.contains([' ', '-']) {
            texts.extend(BETWEEN.iter().map(|sign| apart(text, sign)));
            let is_spaced = true;
            words.resize(texts.len(), Word { is_spaced, ..word });
        }
    }
    (Forms::of(&texts, true), words)
});

/// True for a word of so few letters that they stand apart in other words, too.
fn word_is_short(text: &str) -> bool {
    text.chars().count() < 4
}

/// All places where a text may call a platform.
pub(super) fn find_iter<'t>(text: &'t str, skim: &'t Skim) -> impl Iterator<Item = Label> + 't {
    let (forms, words) = &*FORMS;
    let next = |at| skim.next(text.as_bytes(), at, role::PLATFORM);
    forms.find_at(text, next).map(|(form, place)| Label {
        word: words[form],
        start: place.start,
        end: place.end,
    })
}

/// True for a plain word that what a platform is called by may begin with.
pub(super) fn may_begin_with(word: &str) -> bool {
    FORMS.0.may_begin_with(word)
}

/// True for a sign that what a platform is called by may begin with.
pub(super) fn may_begin_from(sign: u8) -> bool {
    FORMS.0.may_begin_from(sign)
}

/// True for a sign that a word is parted by: `Te.le.gram`, `sn-ap`.
fn is_parting(byte: u8) -> bool {
    b".-*_|/'+~".contains(&byte)
}

/// The plain words without signs, for those that are parted.
static WHOLE: LazyLock<HashMap<String, Word>> = LazyLock::new(|| {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    rows()
        .filter(|(text, _)| is_plain(text) && text.len() > SHORTEST && !is_everyday(text))
        .map(|(text, word)| {
            let word = Word {
                is_weak: false,
                is_spaced: true,
                ..word
            };
            (text.to_owned(), word)
        })
        .collect()
});

/// The plain words without signs, and what each calls.
pub(super) fn whole_words() -> impl Iterator<Item = (&'static String, &'static Word)> {
    WHOLE.iter()
}

/// What a plain word in small letters calls, whose letters were set apart.
pub(super) fn whole(word: &str) -> Option<Word> {
    WHOLE.get(word).copied()
}

/// What a word of a script without spaces calls, whose letters were set apart.
pub(super) fn wide(word: &str) -> Option<Word> {
    let platform = PLATFORM_OF.get(word)?;
    Some(Word {
        platform,
        is_weak: false,
        is_spaced: true,
    })
}

/// The places where a platform's word is parted by a few signs.
pub(super) fn parted(text: &str, skim: &Skim) -> Vec<Label> {
    let bytes = text.as_bytes();
    let mut labels = Vec::new();
    let mut at = 0;
    for &sign in &skim.joints {
        if sign <= at || !is_parting(bytes[sign]) {
            continue;
        }
        let letters = bytes[..sign].iter().rev();
        let start = sign
            - letters
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
        let mut end = sign;
        while end + 1 < bytes.len()
            && is_parting(bytes[end])
            && bytes[end + 1].is_ascii_alphabetic()
        {
            end += 1;
            let rest = bytes[end..].iter();
            end += rest.take_while(|byte| byte.is_ascii_alphabetic()).count();
        }
        at = end.max(sign + 1);
        if end - start > 24 {
            continue;
        }
        let whole: String = text[start..end]
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        if let Some(word) = WHOLE.get(&whole) {
            labels.push(Label {
                word: *word,
                start,
                end,
            });
        }
    }
    labels
}

/// The places where letters of a platform's word are drawn out: `instaaa`, `snappp`.
pub(super) fn stretched(text: &str, skim: &Skim) -> Vec<Label> {
    let bytes = text.as_bytes();
    let mut labels: Vec<Label> = Vec::new();
    let mut at = 0;
    for &found in &skim.stretched {
        if found < at {
            continue;
        }
        let letters = bytes[..found].iter().rev();
        let start = found
            - letters
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
        let length = bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        at = start + length;
        if length > 24 {
            continue;
        }
        let mut whole = text[start..at].to_ascii_lowercase().into_bytes();
        whole.dedup();
        let word = String::from_utf8(whole).ok();
        if let Some(word) = word.and_then(|word| WHOLE.get(&word)) {
            labels.push(Label {
                word: *word,
                start,
                end: at,
            });
        }
    }
    labels
}

/// The platforms by their names and words; a word of several is the first one's.
static PLATFORM_OF: LazyLock<HashMap<&str, &Platform>> = LazyLock::new(|| {
    let names = PLATFORMS.iter().map(|platform| (platform.name, platform));
    let mut platforms: HashMap<_, _> = names.collect();
    for (text, word) in rows() {
        platforms.entry(text).or_insert(word.platform);
    }
    platforms
});

/// The platform of this name or word.
pub(super) fn platform(word: &str) -> Option<&'static Platform> {
    PLATFORM_OF.get(&*word.to_lowercase()).copied()
}

/// The rows of the table, word by word.
fn rows() -> impl Iterator<Item = (&'static str, Word)> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (name, texts) = line.split_once(' ')?;
            let is_weak = name.ends_with('~');
            let name = name.trim_end_matches([':', '~']);
            let platform = PLATFORMS.iter().find(|platform| platform.name == name)?;
            let word = Word {
                platform,
                is_weak,
                is_spaced: false,
            };
            Some(texts.split(", ").map(move |text| (text, word)))
        })
        .flatten()
}

/// A word, and how it stands with capitals that are not ASCII: the finder folds ASCII alone.
fn capitals(word: &str) -> impl Iterator<Item = String> {
    let mut letters = word.chars();
    let first: String = letters
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .collect();
    let mut forms = vec![word.to_owned()];
    if !word.is_ascii() {
        forms.extend([format!("{first}{}", letters.as_str()), word.to_uppercase()]);
        // `ВКонтакте`.
        if let Some(second) = letters.next() {
            forms.push(format!(
                "{first}{}{}",
                second.to_uppercase(),
                letters.as_str()
            ));
        }
        forms.dedup();
    }
    forms.into_iter()
}

/// A word with look-alikes for some of its letters: in all ways in which a letter is always written alike, and for one
/// letter alone.
fn look_alikes(word: &str) -> Vec<String> {
    let kinds: Vec<_> = LOOK_ALIKES
        .iter()
        .filter(|(letter, _)| word.contains(*letter))
        .collect();
    let mut words: Vec<String> = (1..1usize << kinds.len())
        .flat_map(|chosen| [(chosen, 0), (chosen, 1)])
        .map(|(chosen, choice)| {
            let mut word = word.to_owned();
            for (at, (letter, others)) in kinds.iter().enumerate() {
                if chosen >> at & 1 == 1 {
                    word = word.replace(*letter, &others[choice % others.len()].to_string());
                }
            }
            word
        })
        .collect();
    for (at, letter) in word.char_indices() {
        for (_, others) in kinds.iter().filter(|(known, _)| *known == letter) {
            let one = |other: &char| format!("{}{other}{}", &word[..at], &word[at + 1..]);
            words.extend(others.iter().map(one));
        }
    }
    words
}

fn apart(word: &str, sign: &str) -> String {
    let mut letters: Vec<_> = word.split("").collect();
    letters.retain(|letter| !letter.is_empty());
    letters.join(sign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::skim_of;

    #[test]
    fn platforms_are_called_by_disguised_words() {
        for (text, name) in [
            ("instagram", "instagram"),
            ("1nst@gr@m", "instagram"),
            ("sn@p", "snapchat"),
            ("t e l e g r a m", "telegram"),
            ("I.G", "instagram"),
            ("ВК", "vk"),
            ("Телеграм", "telegram"),
            ("加薇", "wechat"),
        ] {
            let labels: Vec<_> = find_iter(text, &skim_of(text)).collect();
            assert_eq!(labels.len(), 1, "{text}");
            assert_eq!(labels[0].word.platform.name, name, "{text}");
            assert_eq!(&text[labels[0].start..labels[0].end], text);
        }
    }

    #[test]
    fn every_row_is_of_a_platform() {
        let lines = TABLE
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let name = line.split([':', '~']).next().unwrap();
            assert!(platform(name).is_some(), "{line}");
        }
        assert_eq!(platform("Insta").unwrap().name, "instagram");
    }
}
