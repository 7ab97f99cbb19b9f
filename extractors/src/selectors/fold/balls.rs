//! Balls and rings: noughts among the figures of a number, `5⚪3 555 ⚪114`, and dots of a host, `example⚫com`.

use std::ops::Range;

use sightline_model::StepKind;

use super::Edit;
use crate::selectors::known;

/// The fewest figures and balls of a number, and the most.
const FIGURES: Range<usize> = 7..16;
/// How far a number reaches around a ball, in characters.
const REACH: usize = 24;

/// The digit that a picture looks like.
fn digit(letter: char) -> Option<&'static str> {
    Some(match letter {
        '⚪' | '⚫' | '⭕' | '◯' | '○' | '●' | '◎' | '◉' | '⦿' | '⚬' | '⊙' | '⊚' | '☉' | '🔴'
        | '🟠' | '🟡' | '🟢' | '🔵' | '🟣' | '🟤' | '🔘' | '⚽' | '🏀' | '⚾' | '🥎' | '🎾'
        | '🏐' | '🌕' | '🌑' | '🌝' | '🍩' | '🥯' | '🍊' | '🍎' | '🥚' | '💿' | '📀' | '🪙'
        | '🌐' | '🌍' | '🌎' | '🌏' | '🅾' | '🅞' | '⓿' | '∅' | '⊘' | 'º' | '°' | '⊕' | '⊗' | '⌀'
        | '⊖' | '⊝' | '⊛' | 'ʘ' | '⦰' | '⦸' | '⌾' | '🍪' | '🥠' | '👌' | '💍' | '🔮' | '🧿' => {
            "0"
        }
        '🎱' => "8",
        '☝' | '👆' | '🥇' => "1",
        '✌' | '🥈' => "2",
        '🥉' => "3",
        '🖐' | '✋' => "5",
        _ => return None,
    })
}

fn is_between(letter: char) -> bool {
    matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/')
}

fn is_skipped(letter: char) -> bool {
    matches!(letter, '\u{fe0f}' | '\u{fe0e}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Balls written as what they look like; true for those that may as well part what stands between them.
pub(super) fn edits(text: &str) -> Vec<(Edit, bool)> {
    let mut edits = Vec::new();
    if text.is_ascii() {
        return edits;
    }
    let is_part = |letter: char| {
        letter.is_ascii_digit()
            || is_between(letter)
            || is_skipped(letter)
            || digit(letter).is_some()
    };
    let mut done = 0;
    for (at, letter) in text
        .char_indices()
        .filter(|(_, letter)| !letter.is_ascii() && digit(*letter).is_some())
    {
        if at < done {
            continue;
        }
        let before = text[done..at]
            .chars()
            .rev()
            .take(REACH)
            .take_while(|letter| is_part(*letter));
        let start = at - before.map(char::len_utf8).sum::<usize>();
        let behind = text[at..]
            .chars()
            .take(REACH)
            .take_while(|letter| is_part(*letter));
        let end = at + behind.map(char::len_utf8).sum::<usize>();
        done = end;
        // `0°8♡99 9°9`: among other signs between figures this is one more.
        // `13° 24.617` is a place on a map.
        let (front, rest) = (&text[..at], &text[at + letter.len_utf8()..]);
        let is_of_degrees = front.ends_with(|letter: char| letter.is_ascii_digit())
            && rest.starts_with([' ', '\u{a0}']);
        let is_other = is_of_degrees || is_garland(&text[..start], &text[end..]);
        if !(is_small_ring(letter) && is_other) {
            number(text, whole(text, start..end), &mut edits);
        }
    }
    edits
}

/// True for a ring that is as often a sign between figures, or of degrees.
fn is_small_ring(letter: char) -> bool {
    matches!(letter, 'º' | '°')
}

/// True where another sign stands between a run and the figures before it or behind.
fn is_garland(before: &str, behind: &str) -> bool {
    let parts = |sign: Option<char>, figure: Option<char>| {
        sign.is_some_and(|sign| !sign.is_alphanumeric() && !sign.is_whitespace())
            && figure.is_some_and(|figure| figure.is_ascii_digit())
    };
    let mut front = before.chars().rev();
    let mut rest = behind.chars();
    parts(front.next(), front.next()) || parts(rest.next(), rest.next())
}

/// The run without what stands apart at its ends: decoration, and the sentence's signs.
fn whole(text: &str, run: Range<usize>) -> Range<usize> {
    let mut part = text[run.clone()].trim_matches(is_between);
    loop {
        let mut first = part
            .char_indices()
            .filter(|(_, letter)| !is_skipped(*letter));
        let mut last = part.chars().rev().filter(|letter| !is_skipped(*letter));
        let bare = match (first.next(), first.next(), last.next(), last.next()) {
            (Some((_, ball)), Some((at, next)), ..)
                if digit(ball).is_some() && is_between(next) =>
            {
                &part[at..]
            }
            (_, _, Some(ball), Some(next)) if digit(ball).is_some() && is_between(next) => {
                part.trim_end_matches(is_skipped).trim_end_matches(ball)
            }
            _ => {
                let start = part.as_ptr() as usize - text.as_ptr() as usize;
                return start..start + part.len();
            }
        };
        part = bare.trim_matches(is_between);
    }
}

fn number(text: &str, run: Range<usize>, edits: &mut Vec<(Edit, bool)>) {
    let part = &text[run.clone()];
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let balls = part
        .chars()
        .filter(|letter| digit(*letter).is_some())
        .count();
    if !FIGURES.contains(&(digits + balls)) || digits < 4 || balls == 0 {
        return;
    }
    // `202⚪555⚪0123`: nothing else stands between, and none of the groups is one digit.
    let mut groups = part
        .split(|letter: char| digit(letter).is_some())
        .map(|group| group.trim_matches(is_skipped));
    let parts_alone = !part.contains(is_between) && groups.all(|group| group.len() != 1);
    let inner = part.trim_matches(|letter| digit(letter).is_some() || is_skipped(letter));
    let rings_it = !inner.contains(|letter| digit(letter).is_some());
    for (at, letter) in part.char_indices() {
        if let Some(to) = digit(letter) {
            let behind = &part[at + letter.len_utf8()..];
            let skipped = behind.len() - behind.trim_start_matches(is_skipped).len();
            let start = run.start + at;
            let edit = Edit {
                start,
                end: start + letter.len_utf8() + skipped,
                to: to.into(),
                step: StepKind::Keycaps,
            };
            edits.push((edit, parts_alone || rings_it));
        }
    }
}

/// True for a round sign.
pub(super) fn is_ball(letter: char) -> bool {
    matches!(
        letter,
        '⚫' | '⚪'
            | '🔴'
            | '🔵'
            | '🟢'
            | '🟡'
            | '🟠'
            | '🟣'
            | '🟤'
            | '🔘'
            | '●'
            | '○'
            | '◉'
            | '◦'
            | '⏺'
            | '▪'
            | '◾'
            | '⬛'
            | '🔹'
            | '🔸'
            | '⚬'
            | '◯'
            | '◎'
            | '☉'
            | '❍'
            | '🖤'
    )
}

/// True where a host goes on behind a round sign, to an ending that most domains have.
pub(super) fn is_within_host(behind: &str) -> bool {
    const HOST: usize = 64;
    let is_sign = |letter: char| is_ball(letter) || matches!(letter, '\u{fe0f}' | '.');
    let near = &behind[..behind.floor_char_boundary(HOST)];
    let length = near
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-' || is_sign(letter)))
        .unwrap_or(near.len());
    let host = near[..length].trim_end_matches(is_sign);
    let ending = host.rsplit(is_sign).next().unwrap_or_default();
    known::may_be_common(ending)
}
