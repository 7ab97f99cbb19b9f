//! Names in what is said next of a platform: in brackets behind it, in the next clause, or on the line below.

use super::{
    Context,
    behind::{Name, ends_clause, is_invited, is_ones_own, looks_chosen, word_at},
    everyday::{
        is_calling, is_everyday, is_filler, is_inviting, is_no_name, is_talking, is_telling,
        looks_inflected,
    },
    labels::{NEAR, labels},
    words::Label,
};
use crate::selectors::skim::Skim;

/// True where a label ends its line, and the name stands on the next: with an at sign, or alone there, made up and asked for.
pub(super) fn is_below(text: &str, label: &Label, at: usize) -> bool {
    let line = text[at + 1..].split('\n').next().unwrap_or_default();
    let line = line.trim_matches(' ');
    let is_name = || {
        looks_chosen(line)
            && word_at(line, label.word.platform.signs) == line
            && (is_ones_own(text, label) || !label.word.is_weak && is_invited(text, label.start))
    };
    text[label.end..at].trim_matches([' ', '.', '!']).is_empty()
        && !is_everyday(&text[label.start..label.end])
        && (line.starts_with('@') || is_name())
}

/// The name that stands alone in brackets behind what is said of a platform: "we can talk on Skype first (rosedemo)".
pub(super) fn in_brackets(text: &str, label: &Label, context: &Context<'_>) -> Option<Name> {
    /// The most words between.
    const WORDS: usize = 5;
    let rest = &text[label.end..text.floor_char_boundary(label.end + NEAR)];
    let open = rest.find('(')?;
    let said = &rest[..open];
    let is_said = said
        .chars()
        .all(|letter| letter.is_alphabetic() || matches!(letter, ' ' | '\'' | '’'));
    let start = label.end + open + 1;
    let token = word_at(&text[start..], label.word.platform.signs);
    let end = start + token.len();
    if !is_said
        || !said.ends_with(' ')
        || said.split(' ').filter(|word| !word.is_empty()).count() > WORDS
        || !text[end..].starts_with(')')
        || is_everyday(&text[label.start..label.end])
        || context.is_taken(start, end)
        || !labels(said, &Skim::nothing()).is_empty()
    {
        return None;
    }
    let is_word = token.bytes().all(|byte| byte.is_ascii_alphabetic());
    let accepted = match is_word {
        false => looks_chosen(token),
        true => {
            token.len() >= 8
                && token.bytes().all(|byte| byte.is_ascii_lowercase())
                && !is_no_name(token)
                && !looks_inflected(token)
                && talks(text, label.start)
        }
    };
    accepted.then_some(Name { start, end })
}

/// The name that the next clause asks to look up, or tells: "I prefer Telegram; find me by rose_demo", "insta? it's rose_demo".
pub(super) fn in_next_clause(text: &str, label: &Label, context: &Context<'_>) -> Option<Name> {
    /// The most words before it.
    const WORDS: usize = 6;
    let line = text[label.end..text.floor_char_boundary(label.end + NEAR)]
        .split('\n')
        .next()
        .unwrap_or_default();
    let rest = line.strip_prefix([',', ';', '?', '!', '.', '…'])?;
    if label.word.is_weak || !rest.starts_with(' ') {
        return None;
    }
    let mut at = label.end + line.len() - rest.len();
    let mut is_asked = false;
    for _ in 0..=WORDS {
        let rest = text[at..].trim_start_matches([' ', ',']);
        at = text.len() - rest.len();
        let length = rest
            .find(|letter: char| {
                !(letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '_' | '.' | '-'))
            })
            .unwrap_or(rest.len());
        let token = word_at(rest, label.word.platform.signs).trim_end_matches('.');
        if is_asked && looks_chosen(token) && ends_clause(&rest[token.len()..]) {
            let end = at + token.len();
            return (!context.is_taken(at, end)).then_some(Name { start: at, end });
        }
        let word = rest[..length].trim_end_matches(':').to_lowercase();
        let first = word.split(['\'', '’', '-']).next().unwrap_or_default();
        let asks = is_inviting(&word)
            || is_inviting(first)
            || is_calling(&word)
            || is_telling(&word)
            || word.starts_with("it'")
            || word.starts_with("it’");
        if word.is_empty() || !(asks || is_filler(&word) || word.chars().count() <= 3) {
            return None;
        }
        is_asked |= asks;
        at += length;
        if text[at..].starts_with(": ") {
            at += 1;
        }
    }
    None
}

/// True behind words by which people agree to talk somewhere: "we can talk on".
fn talks(text: &str, at: usize) -> bool {
    let near = text[text.floor_char_boundary(at.saturating_sub(NEAR))..at].to_lowercase();
    let line = near.rsplit(['\n', '.']).next().unwrap_or_default();
    line.split(|letter: char| !letter.is_alphabetic())
        .any(|word| is_talking(word) || is_inviting(word))
}

#[cfg(test)]
mod tests {
    use crate::find_all;

    #[test]
    fn names_stand_in_brackets_and_in_the_next_clause() {
        for (text, handle) in [
            (
                "we can talk on Skype first (lotusrosa)",
                Some("skype/lotusrosa"),
            ),
            (
                "hablamos por Telegram antes (lotus_rose22)",
                Some("telegram/lotus_rose22"),
            ),
            ("we can talk on Skype first (obviously)", None),
            (
                "I prefer Telegram; find me by lotus_rose22",
                Some("telegram/lotus_rose22"),
            ),
            ("insta? it's lotus_rose22", Some("instagram/lotus_rose22")),
            ("no insta, room number 22_b", None),
        ] {
            let finds = find_all(text, None);
            let found = finds.first().map(|find| &*find.selector.value);
            assert_eq!(found, handle, "{text}");
        }
    }
}
