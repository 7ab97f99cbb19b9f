//! Places where a sign may stand in another form: as a word, in brackets, or with white space around it.

use crate::selectors::words::{self, Sign};

/// A sign in another form, with the brackets and spaces that go with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub start: usize,
    pub end: usize,
    pub sign: Sign,
    pub form: Form,
}

/// How plainly a sign is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// `(at)`, `[.]`, `roseATexample`: nobody writes it for anything else.
    Certain,
    /// `arroba`, `dot`: a word that is seldom said for anything else.
    Word,
    /// `at`, `point`: a word that is mostly said for something else.
    Everyday,
    /// The sign itself, with white space around it.
    Apart,
}

/// Sign words that are mostly said for other things.
const EVERYDAY: [&str; 14] = [
    "at", "point", "punt", "punct", "piste", "barra", "plus", "dash", "slash", "minus", "pont",
    "tire", "piu", "slash",
];
/// Signs that are set around a sign word, beside brackets.
const AROUND: [char; 21] = [
    '=', '(', '[', '{', '<', ')', ']', '}', '>', '*', '_', '-', '~', '|', '/', '\\', '"', '\'',
    '«', '»', '.',
];

/// All sites of a text, in order.
pub(super) fn sites(text: &str) -> Vec<Site> {
    let mut sites = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_alphabetic() || byte >= 128 {
            let end = word_end(text, at);
            word(text, at, end, &mut sites);
            at = end.max(at + 1);
        } else {
            if matches!(byte, b'@' | b'.') {
                sign(text, at, &mut sites);
            }
            at += 1;
        }
    }
    sites
}

fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let ascii = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let end = start + ascii;
    if bytes.get(end).is_none_or(u8::is_ascii) {
        return end;
    }
    text[start..]
        .find(|letter: char| !letter.is_alphabetic() && !matches!(letter, '\u{300}'..='\u{36f}'))
        .map_or(text.len(), |length| start + length)
        // A sign or an emoji is passed as a whole.
        .max(start + text[start..].chars().next().map_or(1, char::len_utf8))
}

fn word(text: &str, start: usize, end: usize, sites: &mut Vec<Site>) {
    let written = &text[start..end];
    if written.len() > 3 && written.is_ascii() && has_capitals_inside(written) {
        glued(written, start, sites);
        return;
    }
    let is_plain = written.is_ascii();
    if is_plain && !(written.len() == 1 || words::may_begin(written.as_bytes())) {
        return;
    }
    // A full stop of another script is a dot where it stands inside a Latin word: `example。com`.
    let touches_latin = || {
        let bytes = text.as_bytes();
        let before = start.checked_sub(1).and_then(|at| bytes.get(at));
        [before, bytes.get(end)]
            .iter()
            .all(|byte| byte.is_some_and(u8::is_ascii_alphanumeric))
    };
    if !written.starts_with(char::is_alphabetic) && !touches_latin() {
        return;
    }
    let folded = words::fold(written);
    let sign = match &*folded {
        // Only in brackets.
        "a" | "ä" => Some((Sign::At, true)),
        other => words::sign(other),
    };
    let Some((sign, is_weak)) = sign.filter(|(sign, _)| *sign != Sign::Space) else {
        return;
    };
    let (from, opens) = reach_back(text, start);
    let (to, closes) = reach_on(text, end);
    let form = match (opens, closes) {
        (true, true) => Form::Certain,
        _ if is_weak => return,
        _ if EVERYDAY.contains(&&*folded) => Form::Everyday,
        _ => Form::Word,
    };
    sites.push(Site {
        start: from,
        end: to,
        sign,
        form,
    });
}

/// A sign itself, where brackets or white space are around it.
fn sign(text: &str, at: usize, sites: &mut Vec<Site>) {
    let (from, opens) = reach_back(text, at);
    let (to, closes) = reach_on(text, at + 1);
    let form = match (opens, closes) {
        (true, true) => Form::Certain,
        _ if from < at || to > at + 1 => Form::Apart,
        _ => return,
    };
    let sign = match text.as_bytes()[at] {
        b'@' => Sign::At,
        _ => Sign::Dot,
    };
    // `(.` and `.)` are a sentence's.
    let is_bare = |part: &str| part.bytes().all(|byte| byte == b' ');
    if form == Form::Certain || is_bare(&text[from..at]) && is_bare(&text[at + 1..to]) {
        sites.push(Site {
            start: from,
            end: to,
            sign,
            form,
        });
    }
}

/// The most signs on one side of a site that go with it: a row of dots is a row of dots.
const SIGNS: usize = 3;

/// Where the spaces and signs before a site begin; true where a bracket is among them.
fn reach_back(text: &str, start: usize) -> (usize, bool) {
    let before = text[..start].trim_end_matches(' ');
    let signs = before
        .chars()
        .rev()
        .take(SIGNS + 1)
        .take_while(|letter| AROUND.contains(letter))
        .count();
    if signs == 0 || signs > SIGNS {
        return (before.len(), false);
    }
    // The signs are ASCII, or two bytes long.
    let bare = before
        .char_indices()
        .rev()
        .nth(signs - 1)
        .map_or(before, |(at, _)| &before[..at]);
    let opens = before.ends_with(['(', '[', '{', '<', '*', '|', '«', '~', '_', '=']);
    (bare.trim_end_matches(' ').len(), opens)
}

/// Where the spaces and signs behind a site end; true where a bracket is among them.
fn reach_on(text: &str, end: usize) -> (usize, bool) {
    let behind = text[end..].trim_start_matches(' ');
    // What stands apart behind a sign is the next word's: `at _rose`.
    let is_apart = text[end..].starts_with(' ');
    let belongs = |letter: &char| {
        AROUND.contains(letter)
            && !(is_apart && matches!(letter, '_' | '-' | '.' | '/' | '\\' | '"' | '\''))
    };
    let signs = behind.chars().take(SIGNS + 1).take_while(belongs).count();
    if signs == 0 || signs > SIGNS {
        return (text.len() - behind.len(), false);
    }
    let closes = behind.starts_with([')', ']', '}', '>', '*', '|', '»', '~', '_', '=']);
    let bare = behind
        .char_indices()
        .nth(signs)
        .map_or("", |(at, _)| &behind[at..]);
    (text.len() - bare.trim_start_matches(' ').len(), closes)
}

fn has_capitals_inside(word: &str) -> bool {
    word.as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// `roseATexampleDOTcom`.
fn glued(word: &str, start: usize, sites: &mut Vec<Site>) {
    let bytes = word.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_uppercase())
            .count();
        let sign = match &bytes[at..at + length] {
            b"AT" => Some(Sign::At),
            b"DOT" => Some(Sign::Dot),
            _ => None,
        };
        if let Some(sign) = sign.filter(|_| at > 0 && at + length < bytes.len()) {
            sites.push(Site {
                start: start + at,
                end: start + at + length,
                sign,
                form: Form::Certain,
            });
        }
        at += length.max(1);
    }
}
