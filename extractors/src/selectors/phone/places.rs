//! Which countries a text names: by their names, their large cities, their money, their flags. National numbers that
//! the source's region can not read are tried by them.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use rlibphonenumber::Region;

/// The most countries of one text that are tried.
const MOST: usize = 3;

static PLACES: LazyLock<(AhoCorasick, Vec<Region>)> = LazyLock::new(|| {
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
    let finder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&names)
        .expect("the names are constants, and few: a test builds this");
    (finder, regions)
});

/// The countries that a text names, in the order of how often it names them; three at most.
pub(in crate::selectors) fn regions(text: &str) -> Vec<Region> {
    let (finder, regions) = &*PLACES;
    let mut counts: Vec<(Region, usize)> = Vec::new();
    let mut count = |region: Region| match counts.iter_mut().find(|(known, _)| *known == region) {
        Some((_, times)) => *times += 1,
        None => counts.push((region, 1)),
    };
    for found in finder.find_iter(text) {
        let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
        let name = &text[found.range()];
        let is_named = !name.starts_with(char::is_alphabetic)
            || is_unspaced(name)
            || !is_word(text[..found.start()].chars().next_back())
                && !is_word(text[found.end()..].chars().next());
        if is_named {
            count(regions[found.pattern().as_usize()]);
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

fn is_unspaced(name: &str) -> bool {
    name.chars()
        .next()
        .is_some_and(|letter| matches!(letter as u32, 0xe00..0xf00 | 0x3041..0xd7b0))
}

/// The countries of flags: pairs of letters that are shown as one.
fn flags(text: &str) -> impl Iterator<Item = Region> + '_ {
    let indicator = |letter: char| {
        let index = (letter as u32).checked_sub(0x1f1e6)?;
        (index < 26).then(|| char::from(b'A' + index as u8))
    };
    let mut letters = text.chars();
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
            assert_eq!(regions(text), named, "{text}");
        }
    }
}
