//! Figures that are told as words at the end of a name: "rose seven seven at example dot com".

use sightline_model::StepKind;

use super::super::Edit;
use crate::selectors::words::{self, Meaning};

/// The most number words in a name.
const MOST: usize = 6;

/// Edits that write out the number words at the end of a name, whose last word, `last`, begins at `start`. None where
/// the word is a number that no name stands before; the inner None where it is no number.
pub(super) fn number_before(text: &str, start: usize, last: &str) -> Option<Option<Vec<Edit>>> {
    let Some(value) = figure(last) else {
        return Some(None);
    };
    let mut edits = vec![edit(start, start + last.len(), value)];
    let mut from = start;
    let mut last_end = start + last.len();
    for _ in 0..MOST {
        let before = text[..from].strip_suffix(' ')?;
        let word = &before[before
            .trim_end_matches(|letter: char| {
                letter.is_alphanumeric() || matches!(letter, '_' | '.')
            })
            .len()..];
        from = before.len() - word.len();
        match figure(word) {
            Some(value) => {
                let unit = edits.last().and_then(|edit| edit.to.parse::<u16>().ok());
                // "Twenty two" is one figure.
                match (value, unit) {
                    (20..=90, Some(unit)) if value % 10 == 0 && (1..10).contains(&unit) => {
                        edits.pop();
                        let end = last_end;
                        edits.push(edit(from, end, value + unit));
                    }
                    _ => edits.push(edit(from, before.len() + 1, value)),
                }
                last_end = before.len() + 1;
            }
            None => {
                let is_name = word.len() > 2
                    && word.is_ascii()
                    && word.bytes().any(|byte| byte.is_ascii_alphabetic());
                if !is_name || super::everyday::is_local_word(word) {
                    return None;
                }
                edits.push(edit_of_gap(before.len()));
                edits.reverse();
                return Some(Some(edits));
            }
        }
    }
    None
}

fn edit(start: usize, end: usize, value: u16) -> Edit {
    Edit {
        start,
        end,
        to: value.to_string().into(),
        step: StepKind::SignWords,
    }
}

/// The space between the name and its figures.
fn edit_of_gap(at: usize) -> Edit {
    Edit {
        start: at,
        end: at + 1,
        to: "".into(),
        step: StepKind::Spaced,
    }
}

/// The figure of a word: 0 to 99.
fn figure(word: &str) -> Option<u16> {
    if word.len() < 2
        || !words::may_begin(word.as_bytes())
        || word.bytes().any(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    words::senses(&words::fold(word))?
        .iter()
        .find_map(|sense| match sense.meaning {
            Meaning::Number(value) if value < 100 && !sense.is_weak => Some(value),
            _ => None,
        })
}
