//! Hosts of mail that are told rather than written: `rose_22 at gee mail dot com`, `rose.22 @ gmail`, `rose_22 hotmail co uk`.
//!
//! A house of mail has other mailboxes under each of its endings. So an ending is only written out where none is told; where
//! a dot follows that is not understood, nothing is.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, MatchKind, StartKind};
use sightline_model::StepKind;

use super::{
    super::Edit,
    hosts::SPOKEN,
    sites::{Form, Site},
};
use crate::selectors::{
    known,
    words::{self, Sign},
};

/// Hosts of mail as they are meant without another ending, and how people call them.
const CALLED: [(&str, &[&str]); 12] = [
    (
        "gmail.com",
        &[
            "gmail",
            "g mail",
            "g-mail",
            "gee mail",
            "geemail",
            "gmaii",
            "gmial",
            "google mail",
            "джимейл",
            "гмейл",
            "гмаил",
        ],
    ),
    ("googlemail.com", &["googlemail"]),
    (
        "hotmail.com",
        &["hotmail", "hot mail", "hot-mail", "hotmale"],
    ),
    ("yahoo.com", &["yahoo", "ya hoo", "yah00", "yahooo"]),
    ("outlook.com", &["outlook", "out look"]),
    ("icloud.com", &["icloud", "i cloud"]),
    ("protonmail.com", &["protonmail", "proton mail"]),
    ("aol.com", &["aol"]),
    ("gmx.de", &["gmx"]),
    ("yandex.ru", &["yandex", "яндекс"]),
    ("proton.me", &["proton"]),
    // With its ending, since the rest is a word.
    ("mail.ru", &["mail ru", "майл ру", "мейл ру", "мэйл ру"]),
];

/// The names of all, and the host of each.
static NAMES: LazyLock<(AhoCorasick, Vec<&str>)> = LazyLock::new(|| {
    let rows = || {
        CALLED
            .iter()
            .flat_map(|(host, names)| names.iter().map(move |name| (name, *host)))
    };
    let finder = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Anchored)
        .build(rows().map(|(name, _)| name))
        .expect("the names are constants, and few: a test builds this");
    (finder, rows().map(|(_, host)| host).collect())
});

/// Edits that write out the host of mail behind at signs.
pub(super) fn mail(text: &str, sites: &[Site]) -> Vec<Edit> {
    let told = sites.iter().filter(|site| site.sign == Sign::At);
    let told = told.map(|site| (site.start..site.end, site.form == Form::Everyday));
    // At signs that touch what is before and behind them: `rose@gmail,com`.
    let bare = memchr::memchr_iter(b'@', text.as_bytes()).map(|at| (at..at + 1, false));
    told.chain(bare)
        .filter_map(|(at, is_everyday)| mail_behind(text, at, is_everyday, sites))
        .collect()
}

/// The host behind the at sign, which is an everyday word or none.
fn mail_behind(text: &str, at: Range<usize>, is_everyday: bool, sites: &[Site]) -> Option<Edit> {
    let rest = &text[at.end..];
    let lead = rest.len() - rest.trim_start_matches(' ').len();
    let rest = &rest[lead..];
    let rest = rest.strip_prefix("the ").unwrap_or(rest);
    let start = text.len() - rest.len();
    let (finder, hosts) = &*NAMES;
    let mut window = rest.len().min(16);
    while !rest.is_char_boundary(window) {
        window -= 1;
    }
    let found = finder.find(Input::new(&rest[..window]).anchored(Anchored::Yes))?;
    let host = hosts[found.pattern().as_usize()];
    let (house, usual) = host.split_once('.')?;
    let place = start + found.end();
    let behind = &text[place..];
    let is_named = rest[..found.end()].eq_ignore_ascii_case(house);
    // `hotmale.com` is written whole, and a host of its own.
    let is_whole = behind.strip_prefix('.').is_some_and(|ending| {
        ending.starts_with(char::is_alphanumeric) && !rest[..found.end()].contains(' ')
    });
    if is_whole && !is_named {
        return None;
    }
    // Without an ending, the name before it has to be one that nobody says: "rose_22 at gmail".
    let is_meant = || is_made_up(&text[..at.start]) && (is_named || found.len() > 5);
    let edit = |end: usize, to: String| {
        (!text[start..end].eq_ignore_ascii_case(&to)).then(|| Edit {
            start: start.min(at.end + lead),
            end,
            to: to.into(),
            step: StepKind::AtAndDot,
        })
    };
    match told(text, place, house, usual, sites) {
        // "Look at proton me" is no address.
        Told::Ending(ending, end)
            if !is_everyday
                || !known::is_everyday_ending(ending)
                    && (ending == usual || ending.contains('.'))
                || is_made_up(&text[..at.start]) =>
        {
            edit(end, format!("{house}.{ending}"))
        }
        // What is told with a sign is read with the name before it.
        Told::Dot if house != "mail" => edit(place, house.into()),
        Told::Nothing
            if !behind.starts_with(['.', '@', '-', '_', '(', '['])
                && !behind.starts_with(|letter: char| letter.is_alphanumeric())
                && is_meant() =>
        {
            edit(place, host.into())
        }
        _ => None,
    }
}

/// What is told behind the name of a house of mail.
enum Told {
    /// One of the endings that its hosts have, and where it ends.
    Ending(&'static str, usize),
    /// A sign for a dot, and something behind it that domains end with.
    Dot,
    /// What may be an ending, or a dot, and isn't understood.
    Unclear,
    /// Nothing of a host.
    Nothing,
}

/// What is told behind the name of a house of mail, which ends at `place`; `usual` is the ending that is meant without one.
fn told(text: &str, place: usize, house: &str, usual: &'static str, sites: &[Site]) -> Told {
    let endings = known::mail_endings(house);
    // `co uk` before `co`.
    let long = endings.iter().filter(|ending| ending.contains('.'));
    let mut long = long.filter_map(|ending| plainly(text, place, ending, sites));
    if let Some((ending, end)) = long.next() {
        return Told::Ending(ending, end);
    }
    let site = dot_at(sites, place);
    if let Some((end, _)) = read(text, place, usual, sites) {
        return match dot_at(sites, end) {
            Some(next) if next.form == Form::Apart => {
                let word = ending_behind(&text[next.end..]);
                match word.starts_with(char::is_lowercase) && is_ending(word) {
                    true => Told::Unclear,
                    false => Told::Ending(usual, end),
                }
            }
            Some(next) if may_end(ending_behind(&text[next.end..])) => match site {
                Some(_) => Told::Dot,
                None => Told::Unclear,
            },
            _ if is_followed(text, end) => Told::Unclear,
            _ => Told::Ending(usual, end),
        };
    }
    if let Some(site) = site {
        let word = ending_behind(&text[site.end..]);
        // A full stop, and a sentence behind it.
        let is_stop = site.form == Form::Apart && word.starts_with(char::is_uppercase);
        return match may_end(word) && !is_stop {
            true => Told::Dot,
            false if site.form == Form::Apart => Told::Nothing,
            false => Told::Unclear,
        };
    }
    let behind = &text[place..];
    if let Some(rest) = behind.strip_prefix([' ', ',']) {
        let word = ending_behind(rest);
        let end = place + 1 + word.len();
        let ending = endings
            .iter()
            .find(|ending| word.eq_ignore_ascii_case(ending));
        // "hotmail es mi correo": a word goes on.
        if let Some(ending) = ending.filter(|ending| ending.len() > 2 || is_last(text, end)) {
            return Told::Ending(ending, end);
        }
    }
    let (gap, word) = next_word(behind);
    let is_label = endings.iter().any(|ending| {
        let label = ending.split('.').next();
        label.is_some_and(|label| word.eq_ignore_ascii_case(label))
    });
    // "at yahoo, in town": a comma ends what is said.
    let ends = gap.contains([',', ';', '!', '?', '.']) && known::is_everyday_ending(word);
    match !gap.is_empty() && is_label && !ends || is_followed(text, place) {
        true => Told::Unclear,
        false => Told::Nothing,
    }
}

/// True where a host may go on behind `end` with no sign that is known: `gmail period fr`, `gmail com mx`.
fn is_followed(text: &str, end: usize) -> bool {
    let behind = &text[end..];
    let (_, word) = next_word(behind);
    let is_dot = || matches!(words::sign(&words::fold(word)), Some((Sign::Dot, _)));
    let ends = || {
        let rest = behind.strip_prefix([' ', ',']).map(ending_behind);
        rest.is_some_and(|rest| is_ending(rest) && is_last(text, end + 1 + rest.len()))
    };
    is_dot() || ends()
}

/// True for an ending that most domains have and that is no long word.
fn is_ending(word: &str) -> bool {
    word.len() <= 3 && (known::may_be_common(word) || word == "co" || word == "ar")
}

/// An ending that is told from `place` on and that the sentence has no word of, and where it ends.
fn plainly(
    text: &str,
    place: usize,
    ending: &'static str,
    sites: &[Site],
) -> Option<(&'static str, usize)> {
    let (end, is_loose) = read(text, place, ending, sites)?;
    let is_word = is_loose && known::is_everyday_ending(ending) && !is_last(text, end);
    (!is_word).then_some((ending, end))
}

/// Where an ending is told from `place` on, and where it ends; true where one of its dots may be the sentence's.
fn read(text: &str, place: usize, ending: &str, sites: &[Site]) -> Option<(usize, bool)> {
    // `gmail,com`, `gmail com`, `gmailcom`, `hotmail dotcom`.
    const SIGNS: [(&str, bool); 12] = [
        (".", false),
        (",", false),
        (" ", true),
        ("", false),
        (" dot", false),
        (" dot ", false),
        (", ", true),
        (" . ", true),
        (". ", true),
        (" .", false),
        ("dot", false),
        (";", false),
    ];
    let label_at = |at: usize, label: &str| {
        let rest = text[at..].get(..label.len())?;
        let end = at + label.len();
        let ends = !text[end..].starts_with(char::is_alphanumeric);
        (ends && rest.eq_ignore_ascii_case(label)).then_some(end)
    };
    let mut at = place;
    let mut is_loose = false;
    for label in ending.split('.') {
        // `rose@yahoo.com. My number is …`: a sentence begins.
        let behind = text[at..].strip_prefix(". ");
        if behind.is_some_and(|behind| behind.starts_with(char::is_uppercase)) {
            return None;
        }
        let written = SIGNS.iter().find_map(|(sign, is_loose)| {
            let is_sign = text[at..].starts_with(sign);
            is_sign
                .then(|| label_at(at + sign.len(), label))
                .flatten()
                .map(|end| (end, *is_loose))
        });
        // `яндекс точка ру`.
        let spoken = || {
            let site = dot_at(sites, at)?;
            let spoken = SPOKEN.iter().filter(|(_, known)| *known == label);
            let mut labels = spoken.map(|(spoken, _)| *spoken).chain([label]);
            let end = labels.find_map(|label| label_at(site.end, label))?;
            Some((end, matches!(site.form, Form::Everyday | Form::Apart)))
        };
        let (end, is_label_loose) = written.or_else(spoken)?;
        at = end;
        is_loose |= is_label_loose;
    }
    Some((at, is_loose))
}

/// The sign for a dot that begins at `place`, with the spaces before it.
fn dot_at(sites: &[Site], place: usize) -> Option<&Site> {
    let from = sites.partition_point(|site| site.end <= place);
    let near = sites[from..].iter().take(2);
    near.filter(|site| site.sign == Sign::Dot)
        .find(|site| (site.start..site.end).contains(&place))
}

/// The next word of a line, and what stands before it.
fn next_word(text: &str) -> (&str, &str) {
    let is_gap = |letter: char| !letter.is_alphanumeric() && letter != '\n';
    let rest = text.trim_start_matches(is_gap);
    (&text[..text.len() - rest.len()], ending_behind(rest))
}

/// The letters with which a text begins.
fn ending_behind(text: &str) -> &str {
    let length = text.find(|letter: char| !letter.is_alphanumeric());
    &text[..length.unwrap_or(text.len())]
}

/// True for a word that domains end with.
fn may_end(word: &str) -> bool {
    SPOKEN.iter().any(|(spoken, _)| *spoken == word)
        || word.len() < 16 && known::is_domain(&format!("mail.{word}"))
}

/// True where no word goes on behind `end`.
fn is_last(text: &str, end: usize) -> bool {
    let rest = text[end..].trim_start_matches(' ');
    !rest.starts_with(char::is_alphanumeric)
}

/// Hosts of mail that nothing else is called by, with an ending that may be told; words between are signs.
const MAIL_ONLY: [&str; 5] = ["gmail", "hotmail", "protonmail", "icloud", "yahoo"];

/// How they begin, in small letters and capitals, and which of them does: so few that the library looks at many bytes
/// at a time.
static MAIL_ONLY_FINDER: LazyLock<(AhoCorasick, Vec<&str>)> = LazyLock::new(|| {
    let beginnings = MAIL_ONLY.iter().flat_map(|name| {
        (0..8).map(move |capitals| {
            let letters = name.bytes().take(3).enumerate();
            let letters = letters.map(move |(at, letter)| match capitals >> at & 1 {
                1 => letter.to_ascii_uppercase(),
                _ => letter,
            });
            (letters.collect::<Vec<u8>>(), *name)
        })
    });
    let (beginnings, names): (Vec<_>, Vec<_>) = beginnings.unzip();
    let finder = AhoCorasickBuilder::new()
        .match_kind(MatchKind::LeftmostFirst)
        .build(beginnings)
        .expect("the names are constants, and few: a test builds this");
    (finder, names)
});

/// Edits that write out addresses that only name their host: `rose_22 gmail com`, `rose_22 (gmail)`, `gmail: rose_22`.
pub(super) fn named(text: &str, sites: &[Site]) -> Vec<Edit> {
    let (finder, names) = &*MAIL_ONLY_FINDER;
    finder
        .find_iter(text)
        .filter_map(|found| {
            let start = found.start();
            let name = names[found.pattern().as_usize()];
            let written = text.get(start..start + name.len())?;
            let is_apart = !text[..start].ends_with(|letter: char| {
                letter.is_alphanumeric() || matches!(letter, '@' | '.' | '_' | '-')
            });
            let edit =
                || name_before(text, start, name, sites).or_else(|| name_behind(text, start, name));
            (is_apart && written.eq_ignore_ascii_case(name))
                .then(edit)
                .flatten()
        })
        .collect()
}

/// `rose_22 gmail com`, `rose_22 (gmail)`, `rose_22 gmail dot com`.
fn name_before(text: &str, start: usize, name: &str, sites: &[Site]) -> Option<Edit> {
    let before = text[..start].trim_end_matches([' ', '(', '[', '-', '–', '/']);
    let gap = start - before.len();
    let place = start + name.len();
    // `rose arr0ba yahoo pto fr`: the word is the sign, and what is before it the name.
    if sites[..sites.partition_point(|site| site.start < start)]
        .last()
        .is_some_and(|site| site.sign == Sign::At && site.end == start)
    {
        return None;
    }
    let (ending, end) = match told(text, place, name, "com", sites) {
        Told::Ending(ending, end) => (Some(ending), end),
        Told::Dot | Told::Unclear => {
            let (ending, end) = known::mail_endings(name)
                .iter()
                .find_map(|ending| plainly(text, place, ending, sites))?;
            (Some(ending), end)
        }
        Told::Nothing => (None, place),
    };
    let behind = &text[end..];
    let rest = behind.trim_start_matches([')', ']']);
    let ends = || {
        let next = rest.trim_start_matches(' ').chars().next();
        next.is_none_or(|letter| !letter.is_alphanumeric() && !matches!(letter, '@' | ':' | '='))
    };
    let is_meant = (1..=3).contains(&gap) && is_chosen(before) && (ending.is_some() || ends());
    let closes = text[before.len()..start].contains(['(', '[']) && rest.len() < behind.len();
    let end = text.len() - if closes { rest } else { behind }.len();
    let ending = ending.unwrap_or("com");
    is_meant.then(|| Edit {
        start: before.len(),
        end,
        to: format!("@{name}.{ending}").into(),
        step: StepKind::AtAndDot,
    })
}

/// `gmail: rose_22`.
fn name_behind(text: &str, start: usize, name: &str) -> Option<Edit> {
    let behind = &text[start + name.len()..];
    let rest = behind.trim_start_matches([' ', ':', '=', '-', '>', '→']);
    let signs = &behind[..behind.len() - rest.len()];
    let length = rest
        .find(|letter: char| {
            !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+'))
        })
        .unwrap_or(rest.len());
    let word = rest[..length].trim_end_matches(['.', '-', '_']);
    let is_meant =
        signs.contains([':', '=', '→']) && is_chosen(word) && !rest[word.len()..].starts_with('@');
    is_meant.then(|| Edit {
        start,
        end: text.len() - rest.len() + word.len(),
        to: format!("{word}@{name}.com").into(),
        step: StepKind::AtAndDot,
    })
}

/// True where the last word is one that nobody says: three letters at least, and a figure or a sign among them.
fn is_chosen(before: &str) -> bool {
    let word = before
        .rsplit([' ', '\n', ':', '(', ','])
        .next()
        .unwrap_or_default();
    word.bytes().filter(u8::is_ascii_alphabetic).count() >= 3
        && word.is_ascii()
        && !word.ends_with('.')
        && !word.contains(['@', '/', '$'])
        && is_made_up(word)
}

/// True where the last word has a figure or a sign inside.
fn is_made_up(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default();
    word.len() > 3
        && word
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
}
