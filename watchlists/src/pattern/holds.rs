//! What every match of a pattern must hold: the texts that are looked for before it is tried, and whether it asks for
//! anything that tells one text from another.

use regex_syntax::hir::{Class, Hir, HirKind};

use sightline_extractors::fold_text;

/// The most signs of a class of which each is one that few texts hold, such as pictures.
const MOST_SIGNS: usize = 64;

/// True where every match holds something by which a text is told from any other: a letter or a digit, or one of a few signs
/// that are neither spaces nor marks of punctuation, such as a picture that stands for a word.
pub(super) fn tells(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0);
            text.is_ok_and(|text| {
                text.chars()
                    .any(|sign| sign.is_alphanumeric() || is_own(sign))
            })
        }
        HirKind::Class(Class::Unicode(class)) => {
            let signs = || class.iter().flat_map(|range| range.start()..=range.end());
            let are_few = signs().nth(MOST_SIGNS).is_none();
            signs().next().is_some()
                && signs().all(|sign| sign.is_alphanumeric() || are_few && is_own(sign))
        }
        HirKind::Class(Class::Bytes(class)) => class
            .iter()
            .all(|range| (range.start()..=range.end()).all(|byte| byte.is_ascii_alphanumeric())),
        HirKind::Capture(capture) => tells(&capture.sub),
        HirKind::Repetition(repetition) => repetition.min > 0 && tells(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().any(tells),
        HirKind::Alternation(parts) => parts.iter().all(tells),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// True for a sign that is neither of ASCII nor a space, nor one that texts of any sort hold.
fn is_own(sign: char) -> bool {
    // General punctuation, and that of Chinese and Japanese.
    let is_common =
        matches!(sign, '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{a1}'..='\u{bf}');
    !sign.is_ascii() && !sign.is_whitespace() && !sign.is_control() && !is_common
}

/// Folded texts of which every match holds at least one.
pub(super) fn needles(hir: &Hir) -> Option<Vec<String>> {
    if let Some(text) = fixed(hir) {
        return Some(vec![text]);
    }
    match hir.kind() {
        HirKind::Capture(capture) => needles(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needles(&repetition.sub),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(needles).collect();
            all.map(|parts| parts.concat())
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<String>> = None;
            let mut run = String::new();
            for part in parts {
                if let Some(text) = fixed(part) {
                    run.push_str(&text);
                    continue;
                }
                better(&mut best, vec![std::mem::take(&mut run)]);
                if let Some(inside) = needles(part) {
                    better(&mut best, inside);
                }
            }
            better(&mut best, vec![run]);
            best
        }
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_) => None,
    }
}

/// Keeps the one whose shortest is longest.
fn better(best: &mut Option<Vec<String>>, other: Vec<String>) {
    let shortest = |needles: &[String]| needles.iter().map(String::len).min().unwrap_or(0);
    if shortest(&other) > best.as_deref().map_or(0, shortest) {
        *best = Some(other);
    }
}

/// The one folded text that this fits, if there is one: letters, whatever their case.
fn fixed(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(fold_text(text).text)
        }
        HirKind::Class(Class::Unicode(class)) => {
            // Both cases of a letter and its look-alikes: K, k and the sign for kelvin.
            let mut letters = class
                .iter()
                .flat_map(|range| range.start()..=range.end())
                .take(5);
            let first = fold_text(&letters.next()?.to_string()).text;
            let are_same = letters
                .by_ref()
                .all(|letter| fold_text(&letter.to_string()).text == first);
            (are_same && class.iter().map(|range| range.len()).sum::<usize>() <= 4).then_some(first)
        }
        HirKind::Capture(capture) => fixed(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(fixed).collect(),
        HirKind::Empty
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => None,
    }
}
