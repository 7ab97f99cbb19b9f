//! Names before their labels: `rose_lane22 on instagram`, `rose_lane22 (IG)`, "add rosedemo on snap".

use super::{
    Context,
    everyday::{CALLING, PLACING, is_no_name, looks_inflected},
    labels::{Name, begins_clause, looks_chosen, word_at},
    words::Label,
};

/// How plainly a name before a label is told to be on its platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// `rose_lane on ig`, `rose_lane (ig)`.
    Plainly,
    /// `rose_lane - ig`.
    Beside,
}

/// The name before the labels from `first` to `last`.
pub(super) fn name(
    text: &str,
    first: &Label,
    last: &Label,
    context: &Context<'_>,
    told: Told,
) -> Option<Name> {
    let (bare, places) = without_placing(&text[..first.start]);
    let has_bracket = text[bare.len()..first.start].contains(['(', '[']);
    let has_name_behind = text[last.end..]
        .trim_start_matches([' ', ')', ']'])
        .starts_with([':', '=', '@', '：']);
    let is_plain = places || has_bracket;
    if has_name_behind || (told == Told::Plainly) != is_plain {
        return None;
    }
    let signs = first.word.platform.signs;
    let start = bare
        .char_indices()
        .rev()
        .take_while(|(_, letter)| {
            letter.is_ascii_alphanumeric() || *letter == '_' || signs.contains(*letter)
        })
        .last()
        .map(|(at, _)| at)?;
    let token = &bare[start..];
    let is_joined = bare[..start].ends_with(|letter: char| {
        letter.is_alphanumeric()
            || matches!(letter, '@' | '.' | '/' | '-' | ':') && !(letter == ':' || letter == '/')
    });
    if is_joined || context.is_taken(start, bare.len()) {
        return None;
    }
    let is_word = token.bytes().all(|byte| byte.is_ascii_alphabetic());
    let accepted = match is_word {
        false => looks_chosen(token),
        true => {
            let before = bare[..start].trim_end_matches(' ');
            let word = &before[before
                .trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '\'')
                .len()..];
            let is_called = places && CALLING.contains(&word.to_lowercase().as_str());
            let is_alone = is_plain
                && token.len() >= 7
                && !before.ends_with('.')
                && begins_clause(text, start);
            token.len() >= 5
                && (is_called || is_alone)
                && !is_no_name(token)
                && !looks_inflected(token)
                && (token.len() == word_at(&bare[start..], "").len())
        }
    };
    accepted.then_some(Name {
        start,
        end: bare.len(),
    })
}

/// A text without the words and signs at its end that stand between a name and its platform; true where there was a word.
fn without_placing(before: &str) -> (&str, bool) {
    let signs = [' ', '(', '[', '-', '–', '—', '/', '|', ':', '•', '*'];
    let mut rest = before.trim_end_matches(signs);
    if before.len() - rest.len() > 4 {
        return ("", false);
    }
    let mut places = false;
    for _ in 0..3 {
        let word = &rest[rest.trim_end_matches(char::is_alphabetic).len()..];
        let bare = rest[..rest.len() - word.len()].trim_end_matches(' ');
        let is_placing = !word.is_empty()
            && bare.len() + word.len() < rest.len()
            && PLACING.contains(&word.to_lowercase().as_str());
        if !is_placing {
            break;
        }
        places = true;
        rest = bare.trim_end_matches([' ', ',', '(', '[']);
    }
    (rest, places)
}
