//! Numbers in groups behind the address of a link that dials them: `wa.me/44 7700 900123`.

use sightline_model::StepKind;

use super::super::Edit;

/// Behind these a number follows, country code first; and the last sign of each.
const BEFORE: [(&str, u8); 3] = [("wa.me/", b'/'), ("?phone=", b'='), ("&phone=", b'=')];
/// How many digits a number has with its country's code.
const DIGITS: std::ops::RangeInclusive<usize> = 10..=15;
/// Behind so many, the next group is another thing: `wa.me/44 7700 900123 24h`.
const ENOUGH: usize = 11;
/// The most digits of the country's code, and of the area that may touch it.
const FIRST: usize = 6;

/// Edits that close up the groups of numbers in links.
pub(super) fn groups(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    // The last sign of each is rare in texts.
    for (before, last) in BEFORE {
        let ends = memchr::memchr_iter(last, text.as_bytes()).map(|at| at + 1);
        for start in ends.filter(|end| text[..*end].ends_with(before)) {
            edits.extend(closed_up(text, start).unwrap_or_default());
        }
    }
    edits.sort_by_key(|edit: &Edit| edit.start);
    edits
}

/// The edits for a number that begins at `start`; None where it stands in one piece, or is too short or too long.
fn closed_up(text: &str, start: usize) -> Option<Vec<Edit>> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    let mut at = start;
    let mut digits = 0;
    loop {
        let group = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
        let group = group.count();
        digits += group;
        at += group;
        let goes_on = matches!(bytes.get(at), Some(b' ' | b'-' | b'.'))
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if group == 0 || !goes_on || digits >= ENOUGH || edits.is_empty() && digits > FIRST {
            break;
        }
        edits.push(Edit {
            start: at,
            end: at + 1,
            to: "".into(),
            step: StepKind::Spaced,
        });
        at += 1;
    }
    (DIGITS.contains(&digits) && !edits.is_empty()).then_some(edits)
}
