//! Names before their labels: `rose_lane22 on instagram`, `rose_lane22 (IG)`, "add rosedemo on snap".

use super::{
    Context,
    behind::{Name, begins_clause, looks_chosen, word_at},
    everyday::{is_calling, is_no_name, is_placing, looks_inflected},
    words::Label,
};

/// How plainly a name before a label is told to be on its platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// `rose_lane on ig`, `rose_lane (ig)`.
    Plainly,
    /// "Add rosedemo on ig": a plain word.
    InWords,
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
    if has_name_behind || (told == Told::Beside) == is_plain {
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
        false => looks_chosen(token) && told != Told::InWords,
        true if told == Told::Plainly => false,
        true => {
            let before = bare[..start].trim_end_matches(' ');
            let word = &before[before
                .trim_end_matches(|letter: char| letter.is_alphabetic() || letter == '\'')
                .len()..];
            let is_quoted = before.len() == start && before.ends_with(is_quote) && token.len() > 6;
            let is_called = places && (is_calling(word) || is_looked_for(before) || is_quoted);
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

fn is_quote(letter: char) -> bool {
    matches!(
        letter,
        '"' | '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '\'' | '`'
    )
}

/// True behind words that ask to look for what follows: "look for", "such nach", "ищи меня по нику".
fn is_looked_for(before: &str) -> bool {
    const LOOKED: [&str; 24] = [
        "look for",
        "search for",
        "look up",
        "type in",
        "find me under",
        "hit up",
        "such nach",
        "suche nach",
        "sucht nach",
        "cherche après",
        "busca a",
        "buscar a",
        "procura por",
        "procure por",
        "busque por",
        "zoek naar",
        "szukaj mnie jako",
        "ищи меня как",
        "ищи по нику",
        "caută după",
        "cerca il",
        "put in",
        "go to",
        "tap in",
    ];
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(32))..];
    let near = near.to_lowercase();
    LOOKED.iter().any(|words| {
        near.strip_suffix(words)
            .is_some_and(|front| !front.ends_with(char::is_alphanumeric))
    })
}

/// True where a text goes on with words that place what stands before on the label `to` bytes away: ` on snap`, ` (ig)`.
pub(super) fn is_placed_on(behind: &str, to: usize) -> bool {
    let Some(gap) = behind
        .get(..to)
        .filter(|gap| gap.len() <= 24 && !gap.contains('\n'))
    else {
        return false;
    };
    let mut words = gap
        .split([' ', '(', '['])
        .filter(|word| !word.is_empty())
        .peekable();
    let has_bracket =
        gap.trim_start_matches(' ').starts_with(['(', '[']) && !gap.contains([')', ']']);
    has_bracket && words.peek().is_none() || words.peek().is_some() && words.all(is_placing)
}

/// A text without the words and signs at its end that stand between a name and its platform; true where there was a word.
fn without_placing(before: &str) -> (&str, bool) {
    let signs = [
        ' ', '(', '[', '-', '–', '—', '/', '|', ':', '•', '*', '←', '⬅', '👈', '<', '«',
        '\u{fe0f}', '~', '=',
    ];
    // `rose_lane @ telegram`, `rose_lane@telegram`.
    let bare = before.trim_end_matches(' ');
    if let Some(name) = bare.strip_suffix('@')
        && (bare.len() == before.len() || name.ends_with(' '))
    {
        return (name.trim_end_matches(' '), true);
    }
    let mut rest = before.trim_end_matches(signs);
    if before[rest.len()..].chars().count() > 4 {
        return ("", false);
    }
    let mut places = false;
    for _ in 0..3 {
        let word = &rest[rest.trim_end_matches(char::is_alphabetic).len()..];
        let bare = rest[..rest.len() - word.len()].trim_end_matches(' ');
        let is_placing =
            !word.is_empty() && bare.len() + word.len() < rest.len() && is_placing(word);
        if !is_placing {
            break;
        }
        places = true;
        rest = bare.trim_end_matches([' ', ',', '(', '[']);
    }
    // `"rose_lane" on Telegram`.
    if places {
        rest = rest.trim_end_matches(is_quote);
    }
    (rest, places)
}
