//! Web addresses whose beginning was broken so that no one can follow them by chance: `hxxps://`, `ht tps://`,
//! `[https]://`, `https[:]//`, `https__//`.

use sightline_model::StepKind;

use super::super::Edit;
use crate::selectors::known;

/// The most signs between a scheme and its strokes.
const BETWEEN: usize = 6;
/// How far before the strokes a scheme begins, in bytes.
const REACH: usize = 24;

/// Edits that write out the schemes of a text.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits: Vec<Edit> = Vec::new();
    for at in memchr::memchr2_iter(b'/', b'\\', bytes) {
        let done = edits.last().map_or(0, |edit| edit.end);
        if at < done {
            continue;
        }
        // Of two strokes, one may be lost: `https:/rose.example`.
        let lost = || {
            let is_near = at > 0 && matches!(bytes[at - 1], b':' | b';');
            (is_near && begins_host(&text[at + 1..])).then_some(at + 1)
        };
        let Some(end) = strokes(bytes, at).or_else(lost) else {
            continue;
        };
        let Some((start, to)) = scheme(text, done, at) else {
            continue;
        };
        let path = match bytes[at] {
            b'\\' => turned(text, end),
            _ => Vec::new(),
        };
        if &text[start..end] != to {
            edits.push(Edit {
                start,
                end,
                to: to.into(),
                step: StepKind::Defanged,
            });
        }
        edits.extend(path);
    }
    edits
}

/// The longest address whose strokes are turned, in bytes.
const ADDRESS: usize = 2_048;

/// True for a host with a common ending.
fn begins_host(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let length = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    known::is_common_ending(text[..length].trim_end_matches('.'))
}

/// The strokes of an address that lean to the other side, behind its scheme: `rose.example\rates`.
fn turned(text: &str, start: usize) -> Vec<Edit> {
    let rest = &text[start..text.floor_char_boundary(text.len().min(start + ADDRESS))];
    let length = rest.find(|letter: char| letter.is_whitespace() || !letter.is_ascii());
    let address = &rest[..length.unwrap_or(rest.len())];
    let edit = |(at, _): (usize, &str)| Edit {
        start: start + at,
        end: start + at + 1,
        to: "/".into(),
        step: StepKind::Defanged,
    };
    address.match_indices('\\').map(edit).collect()
}

/// Where two strokes end that begin at `at`, with the brackets and spaces that go with them: `//`, `/ /`, `[/][/]`.
fn strokes(bytes: &[u8], at: usize) -> Option<usize> {
    let is_sign = |byte: &u8| matches!(byte, b' ' | b'[' | b']' | b'(' | b')' | b'{' | b'}');
    let gap = bytes[at + 1..]
        .iter()
        .take(3)
        .take_while(|byte| is_sign(byte));
    let second = at + 1 + gap.count();
    if bytes.get(second) != Some(&bytes[at]) {
        return None;
    }
    let gap = bytes[second + 1..].iter().take(2);
    let gap = gap.take_while(|byte| matches!(byte, b' ' | b']' | b')' | b'}'));
    Some(second + 1 + gap.count())
}

/// Where the scheme before the strokes at `at` begins, and what it is.
fn scheme(text: &str, from: usize, at: usize) -> Option<(usize, &'static str)> {
    let bytes = text.as_bytes();
    let signs = bytes[from..at]
        .iter()
        .rev()
        .take(BETWEEN + 1)
        .take_while(|byte| !byte.is_ascii_alphanumeric() && **byte != b'\n' && byte.is_ascii())
        .count();
    let word_end = at - signs;
    if signs > BETWEEN {
        return None;
    }
    // Letters from the end, with what was set between them.
    let (mut letters, mut start) = ([0u8; 6], word_end);
    let mut count = 0;
    for place in (from.max(word_end.saturating_sub(REACH))..word_end).rev() {
        match bytes[place] {
            byte if byte.is_ascii_alphabetic() || matches!(byte, b'*' | b'+' | b'#' | b'_') => {
                if count == letters.len() {
                    break;
                }
                letters[count] = byte.to_ascii_lowercase();
                count += 1;
                start = place;
            }
            b' ' | b'.' | b'-' | b'[' | b']' | b'(' | b')' | b'{' | b'}' => {}
            _ => break,
        }
        if let Some(to) = known(&letters[..count]) {
            // `https` ends with what `http` does not; a longer word is none.
            let opens = bytes[from..start].iter().rev().take(1);
            let opens = opens
                .take_while(|byte| matches!(byte, b'[' | b'(' | b'{'))
                .count();
            let closes = text[word_end..at].contains([']', ')', '}']);
            let start = start - if closes { opens } else { 0 };
            let is_word = !text[..start].ends_with(|letter: char| letter.is_ascii_alphanumeric());
            if is_word {
                return Some((start, to));
            }
        }
    }
    None
}

/// The scheme whose letters these are from its end, where an x or a sign may stand for each t.
fn known(reversed: &[u8]) -> Option<&'static str> {
    // As people mistype them, from their ends.
    const MISTYPED: [&[u8]; 8] = [
        b"sptt", b"spth", b"sppth", b"spptth", b"sptthh", b"sptht", b"sstth", b"stpth",
    ];
    if MISTYPED.contains(&reversed) {
        return Some("https://");
    }
    [("sptth", "https://"), ("ptth", "http://")]
        .into_iter()
        .find(|(scheme, _)| {
            reversed.len() == scheme.len()
                && reversed.iter().zip(scheme.bytes()).all(|(is, was)| {
                    *is == was
                        || was == b't' && matches!(is, b'x' | b'*' | b'_' | b'+' | b'#' | b'y')
                })
        })
        .map(|(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_written_out() {
        for (text, to) in [
            ("hxxps://rose.example", Some("https://")),
            ("h**p[:]//rose.example", Some("http://")),
            ("see ht tps://rose.example", Some("https://")),
            ("[https]://rose.example", Some("https://")),
            ("https__//rose.example", Some("https://")),
            ("https : / / rose.example", Some("https://")),
            (r"http:\\rose.example", Some("http://")),
            ("ttps://rose.example", Some("https://")),
            ("htpps://rose.example", Some("https://")),
            ("https:/rose.example", Some("https://")),
            ("https;//rose.example", Some("https://")),
            ("see maps:/rose.example", None),
            ("HXXP://rose.example", Some("http://")),
            ("https://rose.example", None),
            ("http://rose.example", None),
            ("and/or // x", None),
            ("ftp://rose.example", None),
        ] {
            let edits = edits(text);
            assert_eq!(edits.first().map(|edit| &*edit.to), to, "{text}");
        }
    }
}
