//! Which countries a text names: by their names, their large cities, their money, their flags. National numbers that
//! the source's region can not read are tried by them.

use std::{collections::HashMap, sync::LazyLock};

use rlibphonenumber::Region;

use crate::selectors::{
    forms::Forms,
    skim::{Skim, role},
};

/// The most countries of one text that are tried.
const MOST: usize = 3;

static PLACES: LazyLock<(Forms, Vec<Region>)> = LazyLock::new(|| {
    let mut names = Vec::new();
    let mut regions = Vec::new();
    let lines = include_str!("places.txt").lines();
    for (code, list) in lines.filter_map(|line| line.split_once(' ')) {
        let Ok(region) = code.parse::<Region>() else {
            continue;
        };
        for name in list.split('|') {
            names.push(name);
            regions.push(region);
        }
    }
    (Forms::of(&names, false), regions)
});

/// The countries that a text names, in the order of how often it names them; three at most.
pub(in crate::selectors) fn regions(text: &str, skim: &Skim) -> Vec<Region> {
    let next = |at| skim.next(text.as_bytes(), at, role::PLACE);
    named(text, next)
}

/// True for a plain word that the name of a place may begin with.
pub(in crate::selectors) fn may_begin_with(word: &str) -> bool {
    PLACES.0.may_begin_with(word)
}

/// True for a sign that the name of a place may begin with.
pub(in crate::selectors) fn may_begin_from(sign: u8) -> bool {
    PLACES.0.may_begin_from(sign)
}

/// The countries that a text names; `next` tells where a name may begin.
fn named(text: &str, next: impl Fn(usize) -> usize) -> Vec<Region> {
    let (names, regions) = &*PLACES;
    let mut counts: Vec<(Region, usize)> = Vec::new();
    let mut count = |region: Region| match counts.iter_mut().find(|(known, _)| *known == region) {
        Some((_, times)) => *times += 1,
        None => counts.push((region, 1)),
    };
    for (index, place) in names.find_at(text, next) {
        let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
        let name = &text[place.clone()];
        let is_named = !name.starts_with(char::is_alphabetic)
            || is_unspaced(name)
            || !is_word(text[..place.start].chars().next_back())
                && !is_word(text[place.end..].chars().next());
        if is_named {
            count(regions[index]);
        }
    }
    flags(text).for_each(&mut count);
    counts.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    counts
        .into_iter()
        .map(|(region, _)| region)
        .take(MOST)
        .collect()
}

/// What numbers of a country are called, where it stands right before one.
static OF_COUNTRIES: LazyLock<HashMap<&str, Region>> = LazyLock::new(|| {
    let lines = include_str!("numbers_of.txt").lines();
    let known = lines.filter_map(|line| line.split_once(' '));
    known
        .filter_map(|(code, words)| Some((code.parse::<Region>().ok()?, words)))
        .flat_map(|(region, words)| words.split(' ').map(move |word| (word, region)))
        .collect()
});

/// Words for "number" in scripts that do not part words.
const NUMBERS: [&str; 10] = [
    "号码", "號碼", "电话", "電話", "手机", "手機", "的", "号", "號", "番号",
];

/// How far before a number its country stands, in bytes.
const NEAR: usize = 40;

/// The country that stands right before the number, or in brackets or as a flag right behind it, with nothing between
/// but words for "number".
pub(in crate::selectors) fn announced(
    text: &str,
    start: usize,
    end: usize,
    is_label: impl Fn(&str) -> bool,
) -> Option<Region> {
    let behind = text[end..].trim_start_matches(' ');
    if let Some(letter) = behind.chars().next()
        && (letter == '(' || indicator(letter).is_some())
    {
        let part = &behind[..behind.floor_char_boundary(16)];
        let part = part.find(')').map_or(part, |at| &part[..=at]);
        if let Some(region) = flags(part).next() {
            return Some(region);
        }
        let name = part.trim_matches(['(', ')']);
        if letter == '(' && part.ends_with(')') {
            return of_country(name).or_else(|| named(name, |at| at).first().copied());
        }
    }
    // First near, then the line: a line may be the whole text, and hold thousands of numbers.
    let near = &text[text.ceil_char_boundary(start.saturating_sub(NEAR))..start];
    let line = near.rsplit('\n').next()?;
    let mut rest = line.trim_end_matches(|letter: char| {
        !letter.is_alphanumeric() && indicator(letter).is_none() && letter != '.'
    });
    // Over the words for "number", back to a flag or a name.
    for _ in 0..3 {
        if rest.chars().next_back().and_then(indicator).is_some() {
            let mut letters = rest.char_indices().rev();
            let at = letters.nth(1)?.0;
            return flags(&rest[at..]).next();
        }
        let word_start = rest.rfind([' ', '(', ':', ',', '/']).map_or(0, |at| at + 1);
        let word = &rest[word_start..];
        if let Some(region) = of_country(word) {
            return Some(region);
        }
        if word.is_empty() || !is_label(&word.to_lowercase()) {
            break;
        }
        rest = rest[..word_start].trim_end_matches(|letter: char| {
            !letter.is_alphanumeric() && indicator(letter).is_none()
        });
    }
    // Where words are not parted, those for "number" stand behind the name.
    while let Some(front) = NUMBERS.iter().find_map(|word| rest.strip_suffix(word)) {
        rest = front;
    }
    // The name may have several words.
    let (names, regions) = &*PLACES;
    if !names.may_end(rest) {
        return None;
    }
    let (index, place) = names.find_iter(rest).last()?;
    let touches = rest[..place.start].ends_with(char::is_alphabetic);
    let is_name = rest[place.clone()].starts_with(char::is_alphabetic);
    (place.end == rest.len() && !touches && is_name).then(|| regions[index])
}

fn of_country(word: &str) -> Option<Region> {
    // "Call us": the country is written in capitals.
    if word == "us" {
        return None;
    }
    OF_COUNTRIES.get(word.to_lowercase().as_str()).copied()
}

fn is_unspaced(name: &str) -> bool {
    name.chars()
        .next()
        .is_some_and(|letter| matches!(letter as u32, 0xe00..0xf00 | 0x3041..0xd7b0))
}

/// The letter that a part of a flag stands for.
fn indicator(letter: char) -> Option<char> {
    let index = (letter as u32).checked_sub(0x1f1e6)?;
    (index < 26).then(|| char::from(b'A' + index as u8))
}

/// The countries of flags: pairs of letters that are shown as one.
fn flags(text: &str) -> impl Iterator<Item = Region> + '_ {
    // The letters of flags begin with this byte, and few texts have one.
    let first = memchr::memchr(0xf0, text.as_bytes());
    let mut letters = text[first.unwrap_or(text.len())..].chars();
    std::iter::from_fn(move || {
        loop {
            let Some(first) = indicator(letters.next()?) else {
                continue;
            };
            let Some(second) = letters.clone().next().and_then(indicator) else {
                continue;
            };
            letters.next();
            if let Ok(region) = format!("{first}{second}").parse::<Region>() {
                return Some(region);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::skim_of;

    #[test]
    fn countries_are_named_in_many_ways() {
        for (text, named) in [
            ("in London, £100", &[Region::GB][..]),
            ("hoy en Ciudad de México", &[Region::MX]),
            ("🇫🇷 new in town", &[Region::FR]),
            ("อยู่กรุงเทพ", &[Region::TH]),
            ("Parisian and Londoner", &[]),
            ("Berlin, Wien, Berlin", &[Region::DE, Region::AT]),
            ("nothing", &[]),
        ] {
            assert_eq!(regions(text, &skim_of(text)), named, "{text}");
        }
    }
}
