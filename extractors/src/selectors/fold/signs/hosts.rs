//! Hosts that are told rather than written: `rose_22 at gee mail dot com`, `rose.22 @ gmail`, `www rosegarden com`.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, MatchKind, StartKind};
use sightline_model::StepKind;

use super::{super::Edit, sites::Site};
use crate::selectors::{known, words::Sign};

/// Hosts of mail, and how people call them.
const CALLED: [(&str, &[&str]); 10] = [
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
            "googlemail",
        ],
    ),
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
    ("mail.ru", &["mail ru", "майл ру", "мейл ру"]),
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
    sites
        .iter()
        .filter(|site| site.sign == Sign::At)
        .map(|site| site.start..site.end)
        .chain(bare_signs(text))
        .filter_map(|at| mail_behind(text, at))
        .collect()
}

/// At signs that touch what is before and behind them: `rose@gmail,com`.
fn bare_signs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr::memchr_iter(b'@', text.as_bytes()).map(|at| at..at + 1)
}

fn mail_behind(text: &str, at: Range<usize>) -> Option<Edit> {
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
    let (_, ending) = host.split_once('.')?;
    let behind = &rest[found.end()..];
    // `gmail,com`, `gmail com`, `gmailcom`, `hotmail dotcom`.
    let told = [
        ",", " ", "", " dot", " dot ", ", ", " . ", ". ", " .", "dot", ";",
    ]
    .iter()
    .filter_map(|sign| behind.strip_prefix(*sign)?.strip_prefix(ending))
    .find(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()));
    let is_named = rest[..found.end()].eq_ignore_ascii_case(host.split('.').next()?);
    let end = match told {
        Some(rest) => text.len() - rest.len(),
        // What is written whole, or goes on, is none of this file's.
        None if behind.starts_with(['.', '@', '-', '_', '(', '['])
            || behind.starts_with(|letter: char| letter.is_alphanumeric()) =>
        {
            return None;
        }
        // Without an ending, the name before it has to be one that nobody says: "rose_22 at gmail".
        None if !(is_made_up(&text[..at.start]) && (is_named || found.len() > 6)) => return None,
        None => start + found.end(),
    };
    let other_dot = || behind.trim_start_matches(' ').starts_with("dot");
    if told.is_none() && other_dot() {
        return None;
    }
    (!text[start..end].eq_ignore_ascii_case(host)).then(|| Edit {
        start: start.min(at.end + lead),
        end,
        to: host.into(),
        step: StepKind::AtAndDot,
    })
}

/// True where the last word has a figure or a sign inside.
fn is_made_up(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default();
    word.len() > 3
        && word
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
}

/// Edits that write out the dots of a host behind `www`.
pub(super) fn web(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let starts =
        memchr::memmem::find_iter(bytes, b"www").chain(memchr::memmem::find_iter(bytes, b"WWW"));
    starts
        .filter_map(|at| host_behind(text, at + 3))
        .flatten()
        .collect()
}

fn host_behind(text: &str, first: usize) -> Option<[Edit; 2]> {
    let is_sign = |letter: char| matches!(letter, ' ' | ',');
    let rest = &text[first..];
    let name = rest.trim_start_matches(is_sign);
    let length = name.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))?;
    let behind = &name[length..];
    let ending = behind.trim_start_matches([' ', ',', '.']);
    let ending_length = ending
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(ending.len());
    let (lead, gap) = (rest.len() - name.len(), behind.len() - ending.len());
    let is_told = (1..=3).contains(&lead) && (1..=3).contains(&gap);
    let host = format!("{}.{}", &name[..length], &ending[..ending_length]);
    let (second, end) = (first + lead + length, first + lead + length + gap);
    let edit = |start, end| Edit {
        start,
        end,
        to: ".".into(),
        step: StepKind::AtAndDot,
    };
    (is_told && known::is_common_ending(&host))
        .then(|| [edit(first, first + lead), edit(second, end)])
}
