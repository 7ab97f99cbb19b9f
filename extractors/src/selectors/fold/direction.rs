//! Signs of direction: what stands behind U+202E is shown from its end.

use sightline_model::StepKind;

use super::{Folded, is_invisible, styles};

/// The sign behind which text is shown from its end.
pub(super) const OVERRIDE: char = '\u{202e}';

/// True of a text of which a part is shown from its end, as far as its signs tell.
pub(in crate::selectors) fn is_turned(text: &str) -> bool {
    text.contains(OVERRIDE)
}

/// Which way what stands behind U+202E is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::selectors) enum Reading {
    /// From its end, as it is shown.
    AsShown,
    /// As it stands, the sign counting for nothing.
    AsItStands,
}

/// The most that is turned round at once, in bytes.
const REVERSED: usize = 400;

/// Writes what the sign at the beginning of `rest` turns round, from its end; gives how much of `rest` that is.
pub(super) fn turn(
    folded: &mut Folded<'_>,
    rest: &str,
    at: usize,
    scripts: &styles::Scripts,
) -> usize {
    let length = reversed_length(rest);
    let span = (at, at + length);
    let start = folded.text.len();
    for letter in rest[..length].chars().rev() {
        if !is_invisible(letter) {
            match styles::fold(letter, scripts) {
                Some((to, step)) => folded.write(&to, span, Some(step)),
                None => folded.push(letter, span),
            }
        }
    }
    let end = folded.text.len();
    folded.mark(start, end, StepKind::Reversed);
    length
}

/// The length of what U+202E at the beginning of `text` turns round: to its end sign, to the end of the line, or to another
/// sign of direction, behind which text runs forward again (UAX #9; <https://www.unicode.org/reports/tr9/>).
fn reversed_length(text: &str) -> usize {
    const ENDS: [char; 11] = [
        '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{2066}', '\u{2067}', '\u{2068}',
        '\u{2069}', '\u{2029}', '\n', '\r',
    ];
    let end = text.floor_char_boundary(text.len().min(REVERSED));
    match text[..end].find(ENDS) {
        Some(at) if text[at..].starts_with('\u{202c}') => at + '\u{202c}'.len_utf8(),
        Some(at) => at,
        None => end,
    }
}
