//! Platforms' words that are written with other signs: a star or a figure for a letter (`Sn*pchat`, `5napch@t`), pictures
//! between the letters (`Tele🔥gram`, `S❤N❤A❤P`), letters of another script (`Iпstаgrаm`).

use std::ops::Range;

use super::{
    everyday::{is_ideographic, is_ornament},
    words::{self, Label},
};
use crate::selectors::{fold::look_alikes::latin, run_around, skim::Skim};

/// How long a word with its signs is, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;
/// The fewest letters of a word in which letters are replaced, and how many may be hidden.
const LETTERS: usize = 6;
const HIDDEN: usize = 2;

/// Signs and figures that stand in a word for a letter, or for any.
const MARKING: &[u8] = b"*|@$!#%013457";

/// The places where a platform's word is written with other signs.
pub(super) fn find(text: &str, skim: &Skim) -> Vec<Label> {
    let mut labels = replaced(text, skim);
    if !text.is_ascii() {
        labels.extend(pictured(text));
    }
    labels
}

/// Words with signs or figures for letters.
fn replaced(text: &str, skim: &Skim) -> Vec<Label> {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphabetic() || MARKING.contains(byte);
    let mut labels = Vec::new();
    let mut at = 0;
    for &sign in &skim.joints {
        if sign <= at || !MARKING.contains(&bytes[sign]) {
            continue;
        }
        let Range { start, end } = run_around(bytes, at..bytes.len(), sign, is_part);
        at = end;
        if LENGTHS.contains(&(end - start))
            && let Some(word) = words::whole_words()
                .filter(|(word, _)| word.len() >= LETTERS)
                .find(|(word, _)| is_written(&bytes[start..end], word.as_bytes()))
        {
            labels.push(Label {
                word: *word.1,
                start,
                end,
            });
        }
    }
    labels
}

/// True where a word is written so: with signs for some letters, or with stars between.
fn is_written(written: &[u8], word: &[u8]) -> bool {
    let is_hiding = |byte: u8| matches!(byte, b'*' | b'#' | b'%');
    let is_like = |written: u8, letter: u8| {
        written.to_ascii_lowercase() == letter
            || match written {
                b'0' => letter == b'o',
                b'1' | b'!' | b'|' => matches!(letter, b'i' | b'l'),
                b'3' => letter == b'e',
                b'4' | b'@' => letter == b'a',
                b'5' | b'$' => letter == b's',
                b'7' => letter == b't',
                _ => false,
            }
    };
    if written.len() == word.len() {
        let hidden = written.iter().filter(|byte| is_hiding(**byte)).count();
        let mut pairs = written.iter().zip(word);
        return hidden <= HIDDEN
            && pairs.all(|(written, letter)| is_hiding(*written) || is_like(*written, *letter));
    }
    let bare = || written.iter().filter(|byte| !is_hiding(**byte));
    bare().count() == word.len()
        && bare()
            .zip(word)
            .all(|(written, letter)| is_like(*written, *letter))
}

/// Words with pictures between their letters, or with letters of another script.
fn pictured(text: &str) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let is_cyrillic = |letter: char| ('а'..='я').contains(&letter);
    let mut before = None;
    for (at, letter) in text.char_indices() {
        let last = before.replace(letter);
        // Most letters are ASCII.
        if letter.is_ascii() || labels.last().is_some_and(|label| at < label.end) {
            continue;
        }
        let Some(last) = last else {
            continue;
        };
        if is_ornament(letter) && last.is_alphabetic() {
            labels.extend(match is_ideographic(last) {
                true => among_ideographs(text, at),
                false => among(text, at, |letter| {
                    letter.is_ascii_alphanumeric() || is_ornament(letter)
                }),
            });
        } else if is_cyrillic(letter) && last.is_ascii_alphabetic() {
            labels.extend(among(text, at, |letter| {
                letter.is_ascii_alphanumeric() || is_cyrillic(letter)
            }));
        }
    }
    labels
}

/// The word of such letters around a place.
fn among(text: &str, at: usize, is_part: impl Fn(char) -> bool + Copy) -> Option<Label> {
    let from = text.floor_char_boundary(at.saturating_sub(*LENGTHS.end()));
    let to = text.ceil_char_boundary(text.len().min(at + LENGTHS.end()));
    let start = from + text[from..at].trim_end_matches(is_part).len();
    let length = text[at..to].find(|letter| !is_part(letter));
    let raw = &text[start..length.map_or(to, |length| at + length)];
    let raw = raw.trim_matches(|letter: char| is_ornament(letter));
    let start = start + text[start..].find(raw)?;
    let plain: String = raw
        .chars()
        .filter(|letter| !is_ornament(*letter))
        .filter_map(|letter| match letter {
            'п' => Some('n'),
            'и' => Some('u'),
            'г' => Some('r'),
            letter if letter.is_ascii() => Some(letter.to_ascii_lowercase()),
            letter => latin(letter)?.chars().next(),
        })
        .collect();
    let word = words::whole(&plain)?;
    (raw.len() > plain.len()).then(|| Label {
        word,
        start,
        end: start + raw.len(),
    })
}

/// A word of a script without spaces around the picture at a place: one or two letters on either side.
fn among_ideographs(text: &str, at: usize) -> Option<Label> {
    let behind = text[at..].trim_start_matches(is_ornament);
    let rest = text.len() - behind.len();
    let starts = text[..at]
        .char_indices()
        .rev()
        .take(2)
        .map(|(start, _)| start);
    let starts: Vec<usize> = starts.collect();
    let ends = behind.char_indices().take(2);
    let ends: Vec<usize> = ends
        .map(|(end, letter)| rest + end + letter.len_utf8())
        .collect();
    starts.iter().rev().find_map(|start| {
        ends.iter().rev().find_map(|end| {
            let plain = format!("{}{}", &text[*start..at], &text[rest..*end]);
            let is_whole = plain.chars().all(is_ideographic);
            let word = words::wide(&plain).filter(|_| is_whole)?;
            Some(Label {
                word,
                start: *start,
                end: *end,
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::skim_of;

    #[test]
    fn words_are_known_however_they_are_marked() {
        for (text, written) in [
            ("Sn*pchat: rose", Some("Sn*pchat")),
            ("0nly*Fans: rose", Some("0nly*Fans")),
            ("te|egram: rose", Some("te|egram")),
            ("5napch@t: rose", Some("5napch@t")),
            ("Tele🔥gram: rose", Some("Tele🔥gram")),
            ("🔥S❤N❤A❤P rose", Some("S❤N❤A❤P")),
            ("Iпstаgrаm: rose", Some("Iпstаgrаm")),
            ("电❤报：rose", Some("电❤报")),
            ("我❤你：rose", None),
            ("sh*t and f*ck", None),
            ("I ❤ it, we❤you", None),
        ] {
            let labels = find(text, &skim_of(text));
            let found = labels.first().map(|label| &text[label.start..label.end]);
            assert_eq!(found, written, "{text}");
        }
    }
}
