//! Hosts that are told rather than written: `rose_22 at gee mail dot com`, `rose.22 @ gmail`, `www rosegarden com`.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Anchored, Input, MatchKind, StartKind};
use sightline_model::StepKind;

use super::{super::Edit, sites::Site};
use crate::selectors::{known, sentences, words::Sign};

/// Hosts of mail, and how people call them.
const CALLED: [(&str, &[&str]); 11] = [
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
            "джимейл",
            "гмейл",
            "гмаил",
        ],
    ),
    (
        "hotmail.com",
        &["hotmail", "hot mail", "hot-mail", "hotmale"],
    ),
    ("yahoo.com", &["yahoo", "ya hoo", "yah00", "yahooo"]),
    ("outlook.com", &["outlook", "out look"]),
    ("icloud.com", &["icloud", "i cloud"]),
    ("protonmail.com", &["protonmail", "proton mail", "proton"]),
    ("aol.com", &["aol"]),
    ("gmx.de", &["gmx"]),
    ("yandex.ru", &["yandex", "яндекс", "yandex ru"]),
    ("mail.ru", &["mail ru", "майл ру", "мейл ру", "мэйл ру"]),
    ("proton.me", &["proton me"]),
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
        .filter_map(|at| mail_behind(text, at, sites))
        .collect()
}

/// At signs that touch what is before and behind them: `rose@gmail,com`.
fn bare_signs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr::memchr_iter(b'@', text.as_bytes()).map(|at| at..at + 1)
}

fn mail_behind(text: &str, at: Range<usize>, sites: &[Site]) -> Option<Edit> {
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
    // `яндекс точка ру`.
    let told = told.or_else(|| {
        let place = start + found.end();
        let site = sites
            .iter()
            .find(|site| site.sign == Sign::Dot && (site.start..site.end).contains(&place))?;
        let rest = &text[site.end..];
        let spoken = SPOKEN
            .iter()
            .filter(|(_, known)| *known == ending)
            .map(|(spoken, _)| *spoken);
        let mut endings = spoken.chain([ending]);
        let rest = endings.find_map(|ending| rest.strip_prefix(ending))?;
        (!rest.starts_with(char::is_alphanumeric)).then_some(rest)
    });
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
        None if !(is_made_up(&text[..at.start]) && (is_named || found.len() > 5)) => return None,
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
pub(super) fn named(text: &str) -> Vec<Edit> {
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
            let edit = || name_before(text, start, name).or_else(|| name_behind(text, start, name));
            (is_apart && written.eq_ignore_ascii_case(name))
                .then(edit)
                .flatten()
        })
        .collect()
}

/// `rose_22 gmail com`, `rose_22 (gmail)`, `rose_22 gmail dot com`.
fn name_before(text: &str, start: usize, name: &str) -> Option<Edit> {
    let before = text[..start].trim_end_matches([' ', '(', '[', '-', '–', '/']);
    let gap = start - before.len();
    let behind = &text[start + name.len()..];
    let told = [
        ".com",
        " com",
        ",com",
        " dot com",
        " . com",
        "com",
        " punto com",
        " ponto com",
        " point com",
        " punkt com",
        ". com",
        " .com",
    ]
    .iter()
    .find_map(|ending| behind.strip_prefix(*ending))
    .filter(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()));
    let rest = told.unwrap_or(behind).trim_start_matches([')', ']']);
    let ends = rest
        .trim_start_matches(' ')
        .chars()
        .next()
        .is_none_or(|letter| !letter.is_alphanumeric() && !matches!(letter, '@' | ':' | '='));
    let is_meant = (1..=3).contains(&gap) && is_chosen(before) && (told.is_some() || ends);
    let closes =
        text[before.len()..start].contains(['(', '[']) && rest.len() < told.unwrap_or(behind).len();
    let end = text.len() - if closes { rest } else { told.unwrap_or(behind) }.len();
    is_meant.then(|| Edit {
        start: before.len(),
        end,
        to: format!("@{name}.com").into(),
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
        && !word.contains(['@', '/', '$'])
        && is_made_up(word)
}

/// Endings of domains in the letters of other scripts, as they are spoken.
const SPOKEN: [(&str, &str); 14] = [
    ("ком", "com"),
    ("нет", "net"),
    ("орг", "org"),
    ("ру", "ru"),
    ("юа", "ua"),
    ("컴", "com"),
    ("콤", "com"),
    ("คอม", "com"),
    ("コム", "com"),
    ("كوم", "com"),
    ("קום", "com"),
    ("κομ", "com"),
    ("ネット", "net"),
    ("넷", "net"),
];

/// Edits that write endings in Latin letters behind their dots: `example точка ком`.
pub(super) fn endings(text: &str, sites: &[Site]) -> Vec<Edit> {
    let dots = sites.iter().filter(|site| site.sign == Sign::Dot);
    dots.filter_map(|site| {
        let rest = &text[site.end..];
        let (spoken, ending) = SPOKEN.iter().find(|(spoken, _)| rest.starts_with(spoken))?;
        let ends = !rest[spoken.len()..].starts_with(char::is_alphabetic);
        ends.then(|| Edit {
            start: site.end,
            end: site.end + spoken.len(),
            to: (*ending).into(),
            step: StepKind::AtAndDot,
        })
    })
    .collect()
}

/// True where the last word has a figure or a sign inside.
fn is_made_up(before: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default();
    word.len() > 3
        && word
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
}

/// Edits that write out the dots of platforms' hosts before a stroke: `t me/rose`, `instagram com/rose`.
pub(super) fn platforms(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    for slash in memchr::memchr_iter(b'/', bytes) {
        let count = bytes[..slash]
            .iter()
            .rev()
            .take(4)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let gap = slash - count;
        if !(2..=3).contains(&count) || gap == 0 || bytes[gap - 1] != b' ' {
            continue;
        }
        let length = bytes[..gap - 1]
            .iter()
            .rev()
            .take(12)
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let start = gap - 1 - length;
        let host = format!("{}.{}", &text[start..gap - 1], &text[gap..slash]).to_lowercase();
        let is_apart = !text[..start]
            .ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '@'));
        if length > 0 && is_apart && known::is_platform_host(&host) {
            edits.push(Edit {
                start: gap - 1,
                end: gap,
                to: ".".into(),
                step: StepKind::AtAndDot,
            });
        }
    }
    edits
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
    let is_sign = |letter: char| matches!(letter, ' ' | ',' | '.');
    let rest = &text[first..];
    let name = rest.trim_start_matches(is_sign);
    let length = name.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))?;
    let behind = &name[length..];
    let ending = behind.trim_start_matches([' ', ',', '.']);
    let ending_length = ending
        .find(|letter: char| !letter.is_ascii_alphanumeric())
        .unwrap_or(ending.len());
    let (lead, gap) = (rest.len() - name.len(), behind.len() - ending.len());
    let signs = [&rest[..lead], &behind[..gap]];
    // What has plain dots is written as usual, and `www. See our page.` goes on in prose.
    let is_usual =
        || signs.contains(&".") && signs.iter().all(|signs| matches!(*signs, "." | ". "));
    let is_apart = !is_usual()
        && signs.iter().all(|signs| signs.matches('.').count() <= 1)
        // A path that is set apart, too, is read with its host.
        && !(signs.concat().contains('.') && ending[ending_length..].starts_with('/'));
    let is_told = (1..=3).contains(&lead) && (1..=3).contains(&gap) && is_apart;
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

/// Endings that say by themselves that a host is meant, where a dot touches them.
const SURE: [&str; 7] = ["com", "net", "org", "info", "biz", "example", "xyz"];

/// Edits that close up hosts with a space on one side of their dot: `example .net`, and where a site is spoken of and nothing
/// follows, `example. net`.
pub(super) fn spaced(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let mut edits = Vec::new();
    for dot in memchr::memchr_iter(b'.', bytes) {
        let has_space = |at: usize| bytes.get(at) == Some(&b' ');
        let (before, behind) = (
            dot.checked_sub(1).is_some_and(has_space),
            has_space(dot + 1),
        );
        if before == behind {
            continue;
        }
        let (end, start) = (dot - usize::from(before), dot + 1 + usize::from(behind));
        let length = |bytes: &mut dyn Iterator<Item = &u8>| {
            bytes.take(32).take_while(|byte| is_name(byte)).count()
        };
        // Most dots end a sentence, and what follows begins as no ending does.
        let begins = |ending: &&str| bytes.get(start) == ending.as_bytes().first();
        if !SURE.iter().any(begins) {
            continue;
        }
        let rest = &text[start..];
        let ending = &rest[..length(&mut rest.as_bytes().iter())];
        if !SURE.contains(&ending) {
            continue;
        }
        let name = &text[end - length(&mut bytes[..end].iter().rev())..end];
        if !name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            continue;
        }
        let from = end - name.len();
        let is_apart = !rest[ending.len()..].starts_with('/')
            && !text[..from].ends_with(|letter: char| {
                letter.is_alphanumeric() || matches!(letter, '@' | '_' | '.')
            });
        // What goes on is a sentence: "See you there. Net income", "completo. com local".
        let follows =
            rest[ending.len()..].trim_start_matches(['.', '!', '?', ')', ',', ' ', '"', '*']);
        let is_last =
            follows.is_empty() || follows.starts_with(|letter: char| !letter.is_alphanumeric());
        let near = &text[text.floor_char_boundary(from.saturating_sub(24))..from];
        let near = near.rsplit('\n').next().unwrap_or(near);
        let is_meant = match behind {
            true => is_last && sentences::speaks_of_site(near),
            false => !rest[ending.len()..]
                .starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'),
        };
        if is_apart && is_meant && known::is_common_ending(&format!("{name}.{ending}")) {
            edits.push(Edit {
                start: end,
                end: start,
                to: ".".into(),
                step: StepKind::AtAndDot,
            });
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use crate::selectors::find_all;

    #[test]
    fn hosts_with_a_space_beside_their_dot_are_closed_up() {
        for (text, host) in [
            ("more at example .net", Some("example.net")),
            ("Xem example .net!", Some("example.net")),
            ("photos: example. com.", Some("example.com")),
            ("Vedi example. org", Some("example.org")),
            ("see www. example. com", Some("example.com")),
            ("www .example .com", Some("example.com")),
            ("atendimento no site. com local", None),
            ("see you there. net income 500", None),
            ("meet me. com", None),
            ("500 .net", None),
        ] {
            let finds = find_all(text, None);
            let found = finds
                .iter()
                .find(|find| find.selector.kind == sightline_model::Kind::Domain);
            assert_eq!(found.map(|find| &*find.selector.value), host, "{text}");
        }
    }
}
