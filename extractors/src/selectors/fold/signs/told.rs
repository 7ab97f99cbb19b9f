//! What a text tells its readers to do with what it shows: to read a sign as a dot, to put an address together. The words
//! are in told.txt.

use std::{ops::Range, sync::LazyLock};

use sightline_model::StepKind;

use super::{
    super::Edit,
    everyday,
    sites::{Form, Site},
};
use crate::selectors::{known, lists::Lists, run_around, words::Sign};

static WORDS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("told.txt")));

/// How far from what is shown readers are told, in bytes, on the same line.
const NEAR: usize = 60;
/// How many at signs that stand apart are looked at in one text, and how many stars.
const SIGNS: usize = 64;
/// How far from its sign an address that is told in parts is looked for, in bytes.
const FAR: usize = 160;
/// How many words stand between an at sign and the parts of its address.
const BETWEEN: usize = 8;

/// True where a line, in small letters, speaks of letters.
pub(super) fn speaks_of_letters(near: &str) -> bool {
    WORDS.is_in("letter", near)
}

/// Dots of hosts that another sign stands for, and the line says so: `example*com, * is a dot`.
pub(super) fn dots(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits: Vec<Edit> = Vec::new();
    let mut done = 0;
    let signs = memchr::memchr3_iter(b'*', b'#', b'~', bytes)
        .chain(memchr::memchr3_iter(b'^', b'=', b'+', bytes));
    for at in signs.take(SIGNS) {
        let touches = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        if at < done || at == 0 || !touches(bytes.get(at - 1)) || !touches(bytes.get(at + 1)) {
            continue;
        }
        let sign = char::from(bytes[at]);
        let is_part =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == sign;
        let start = text[..at].trim_end_matches(is_part).len();
        let length = text[at..].find(|letter| !is_part(letter));
        let whole = &text[start..length.map_or(text.len(), |length| at + length)];
        let whole = whole.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        done = start + whole.len();
        let host = whole.replace(sign, ".");
        if !known::is_common_ending(&host) || !says_dot(text, start, done) {
            continue;
        }
        edits.extend(whole.match_indices(sign).map(|(offset, _)| Edit {
            start: start + offset,
            end: start + offset + 1,
            to: ".".into(),
            step: StepKind::AtAndDot,
        }));
    }
    edits
}

/// True where the line speaks of dots.
fn says_dot(text: &str, start: usize, end: usize) -> bool {
    let near = line(text, start, end).to_lowercase();
    near.split(|letter: char| !letter.is_alphanumeric())
        .any(|word| WORDS.has("dot", word))
        || WORDS.is_in("dot_part", &near)
}

/// Addresses that are told in parts, with the sign apart: `rose22, then the at sign, then example.com`.
pub(super) fn parts(text: &str, sites: &[Site]) -> Vec<Edit> {
    let bytes = text.as_bytes();
    // The sign may touch the host: "rose22 and then @example.com".
    let apart = memchr::memchr_iter(b'@', bytes).filter(|at| {
        let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        !is_word(at.checked_sub(1).and_then(|at| bytes.get(at)))
    });
    let named = sites
        .iter()
        .filter(|site| site.sign == Sign::At)
        .filter(|site| {
            // "At" alone is said for other things; "at sign" and "the at" are not.
            let is_named = || {
                let before = text[..site.start].trim_end();
                text[site.start..site.end].trim().len() > 2 || before.ends_with(" the")
            };
            matches!(site.form, Form::Certain | Form::Word)
                || site.form == Form::Everyday && is_named()
        })
        .map(|site| (site.start, site.end));
    let signs = apart
        .map(|at| (at, at + 1))
        .take(SIGNS)
        .chain(named.take(SIGNS));
    let mut edits: Vec<Edit> = signs.filter_map(|sign| part(text, sign)).collect();
    edits.extend(named_parts(text));
    edits.sort_by_key(|edit| edit.start);
    edits.dedup_by(|later, earlier| later.start < earlier.end);
    edits
}

/// Addresses without any sign, both of whose parts are named: "name is rose22, provider is example.com".
fn named_parts(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let bytes = text.as_bytes();
    for dot in memchr::memchr_iter(b'.', bytes).take(SIGNS) {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        if edits.last().is_some_and(|edit: &Edit| dot < edit.end)
            || !bytes.get(dot + 1).is_some_and(u8::is_ascii_alphabetic)
            || !dot
                .checked_sub(1)
                .is_some_and(|at| bytes[at].is_ascii_alphanumeric())
        {
            continue;
        }
        let Range { start, end } = run_around(bytes, 0..bytes.len(), dot, is_part);
        let host = text[start..end].trim_end_matches('.');
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_start = text.ceil_char_boundary(line_start.max(start.saturating_sub(FAR)));
        let mut before = words(&text[line_start..start]);
        if !pop_told(&mut before, "provider") || !known::is_common_ending(host) {
            continue;
        }
        let Some((at, local)) = before.next_back().filter(|(_, word)| is_local(word)) else {
            continue;
        };
        let from = line_start + at;
        // "Rose22 at the host example.com": who is there needs no name.
        let is_at = text[from..start]
            .split_whitespace()
            .skip(1)
            .any(|word| WORDS.has("at", word));
        let is_named = is_at || made_up(local) || pop_told(&mut before, "owner");
        if is_named && everyday::speaks_of_mail(&text[..from]) {
            edits.push(Edit {
                start: from,
                end: start + host.len(),
                to: format!("{local}@{host}").into(),
                step: StepKind::AtAndDot,
            });
        }
    }
    edits
}

/// Takes off the last words that tell of parts; true where one of them is of the list.
fn pop_told<'t>(words: &mut impl Words<'t>, list: &str) -> bool {
    let mut is_named = false;
    for _ in 0..BETWEEN {
        let mut others = words.clone();
        match others.next_back() {
            Some((_, word)) if WORDS.has(list, word) => is_named = true,
            Some((_, word)) if WORDS.has("part", word) || WORDS.has("at", word) => {}
            _ => break,
        }
        *words = others;
    }
    is_named
}

/// The address around the sign at `start..end`, with nothing but words that tell so between.
fn part(text: &str, (start, end): (usize, usize)) -> Option<Edit> {
    let window = text.floor_char_boundary(start.saturating_sub(FAR))
        ..text.ceil_char_boundary(text.len().min(end + FAR));
    let line_end = text[end..window.end]
        .find('\n')
        .map_or(window.end, |at| end + at);
    let (mut told, mut names) = (0, None);
    let mut host = None;
    let mut behind = words(&text[end..line_end]).take(2 * BETWEEN);
    while let Some((at, word)) = behind.next() {
        if known::is_common_ending(word) && !word.contains('@') {
            host = Some((end + at, end + at + word.len(), word.to_owned()));
            break;
        }
        if let Some((length, spoken)) = spoken_host(word, behind.clone()) {
            host = Some((end + at, end + length, spoken));
            break;
        }
        match WORDS.has("part", word) {
            true => told += 1,
            // "The part before the @ is rose22, the part behind it is example.com".
            false if names.is_none() && told > 0 && is_local(word) => {
                names = Some((end + at, word))
            }
            false => break,
        }
    }
    let line_start = text[window.start..start]
        .rfind('\n')
        .map_or(window.start, |at| window.start + at + 1);
    let mut before = words(&text[line_start..start]);
    let Some((host_at, host_end, host)) = host else {
        return host_before(text, (start, end), line_start, before, names);
    };
    let mut skipped = 0;
    let (from, local) = match names {
        Some(name) => name,
        None => loop {
            let (at, word) = before.next_back()?;
            match WORDS.has("part", word) {
                true if skipped < BETWEEN => skipped += 1,
                true => return None,
                false => break (line_start + at, word),
            }
        },
    };
    // Nothing is told where the sign only stands apart: that is read elsewhere.
    let spoken = || everyday::speaks_of_mail(&text[..from.min(start)]);
    // `rose22 + @ + example.com`.
    let is_sum = || text[from..start].contains('+') && text[end..host_at].contains('+');
    let is_framed =
        || from < start && is_framed(&text[from + local.len()..start], &text[end..host_at]);
    let is_told = (told + skipped > 0 || is_sum() || is_framed()) && is_local(local) && spoken();
    is_told.then(|| Edit {
        start: from,
        end: host_end,
        to: format!("{local}@{host}").into(),
        step: StepKind::AtAndDot,
    })
}

/// A host whose dots are said, and where it ends: "example dot com". `first` is its first word, `behind` what follows it.
fn spoken_host<'t>(
    first: &str,
    mut behind: impl Iterator<Item = (usize, &'t str)>,
) -> Option<(usize, String)> {
    /// How many names a host has at most.
    const NAMES: usize = 4;
    let (mut host, mut found) = (first.to_owned(), None);

    for _ in 1..NAMES {
        let Some((_, dot)) = behind.next() else { break };
        let Some((at, name)) = behind.next() else {
            break;
        };
        if !WORDS.has("dot", dot) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
        host = format!("{host}.{name}");
        if known::is_common_ending(&host) {
            found = Some((at + name.len(), host.clone()));
        }
    }
    found
}

/// The address whose host is told before its sign: "rose22 is the name, example.com comes after the @". `behind` is a name
/// that is told behind it.
fn host_before<'t>(
    text: &'t str,
    (start, end): (usize, usize),
    line_start: usize,
    mut before: impl Words<'t>,
    behind: Option<(usize, &'t str)>,
) -> Option<Edit> {
    let told = skip_told(&mut before);
    let (host_at, host) = before.next_back()?;
    if told == 0 || !known::is_common_ending(host) || host.contains('@') {
        return None;
    }
    skip_told(&mut before);
    let own = before.next_back().map(|(at, word)| (line_start + at, word));
    let (from, local) = match (own, behind) {
        (Some((_, word)), Some(behind)) if !made_up(word) => behind,
        (Some(own), _) => own,
        (None, behind) => behind?,
    };
    let host_at = line_start + host_at;
    let (first, last) = (from.min(host_at), (from + local.len()).max(end).max(start));
    (is_local(local) && everyday::speaks_of_mail(&text[..first])).then(|| Edit {
        start: first,
        end: last,
        to: format!("{local}@{host} ").trim_end().to_owned().into(),
        step: StepKind::AtAndDot,
    })
}

/// Passes over the last words that tell of parts; how many there were.
fn skip_told<'t>(before: &mut impl Words<'t>) -> usize {
    let mut skipped = 0;
    let mut others = before.clone();
    while let Some((_, word)) = others.next_back()
        && WORDS.has("part", word)
        && skipped <= BETWEEN
    {
        *before = others.clone();
        skipped += 1;
    }
    skipped
}

/// True for a name with a figure or a low line in it, which nobody says.
fn made_up(word: &str) -> bool {
    word.bytes()
        .any(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// True where signs, and nothing that is said, stand on both sides of a sign: `rose22 ... @ ... example.com`.
fn is_framed(before: &str, behind: &str) -> bool {
    let has_signs = |between: &str| {
        between.contains(|letter: char| !letter.is_whitespace())
            && !between.contains(|letter: char| letter.is_alphanumeric() || letter == '@')
    };
    has_signs(before) && has_signs(behind)
}

fn is_local(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    word.len() > 2 && word.bytes().all(fits)
}

/// Words of a line with their places, from either end: mostly a few at one end are looked at.
trait Words<'t>: DoubleEndedIterator<Item = (usize, &'t str)> + Clone {}

impl<'t, I: DoubleEndedIterator<Item = (usize, &'t str)> + Clone> Words<'t> for I {}

/// The words of a line, without the signs around them.
fn words(line: &str) -> impl Words<'_> {
    let is_sign = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    line.split([' ', ','])
        .map(move |word| {
            let at = word.as_ptr() as usize - line.as_ptr() as usize;
            let bare = word.trim_start_matches(is_sign);
            (at + word.len() - bare.len(), bare.trim_end_matches(is_sign))
        })
        .filter(|(_, word)| !word.is_empty())
}

/// What stands around a place, on its line.
pub(super) fn line(text: &str, start: usize, end: usize) -> String {
    let from = text.floor_char_boundary(start.saturating_sub(NEAR));
    let to = text.ceil_char_boundary(text.len().min(end + NEAR));
    let before = text[from..start].rsplit('\n').next().unwrap_or_default();
    let behind = text[end..to].split('\n').next().unwrap_or_default();
    format!("{before} {behind}")
}

#[cfg(test)]
mod tests {
    use crate::selectors::find_all;

    #[test]
    fn what_readers_are_told_is_done() {
        for (text, values) in [
            (
                "write to rose22, then the at sign, then desk dot example dot org",
                &["rose22@desk.example.org"][..],
            ),
            (
                "my site: rose*example*com (* is a dot)",
                &["example.com", "https://rose.example.com/"],
            ),
            (
                "besuch example*com - Stern durch Punkt ersetzen",
                &["example.com", "https://example.com/"],
            ),
            ("rose*example*com", &[]),
            (
                "email: the part before the @ is rose_22, the part behind it is example.com",
                &["rose_22@example.com"],
            ),
            (
                "mail me: rose_22, then the at sign, then example.com",
                &["rose_22@example.com"],
            ),
            (
                "email: rose_22 and then @example.com",
                &["rose_22@example.com"],
            ),
            (
                "my e-mail: name is rose_22, provider is example.com",
                &["rose_22@example.com"],
            ),
            (
                "correo: nombre rose_22, luego arroba, luego example.com",
                &["rose_22@example.com"],
            ),
            (
                "email: name rose_22 + the @ + host example.com",
                &["rose_22@example.com"],
            ),
            ("email: rose at the host example.com", &["rose@example.com"]),
            (
                "correo: rosa en el servidor example.com",
                &["rosa@example.com"],
            ),
            (
                "e-mail: mailbox rose, provider example.com",
                &["rose@example.com"],
            ),
            ("my mail: rose ... @ ... example.com", &["rose@example.com"]),
            ("mail: rose -- @ -- example.com", &["rose@example.com"]),
            (
                "reach us under rose22 and after the at example.com",
                &["rose22@example.com"],
            ),
            (
                "for e-mail support of the domain example.com",
                &["example.com", "https://example.com/"],
            ),
        ] {
            let finds = find_all(text, Some("US"));
            let mut found: Vec<_> = finds.iter().map(|find| &*find.selector.value).collect();
            found.sort_unstable();
            assert_eq!(found, values, "{text}");
        }
    }
}
