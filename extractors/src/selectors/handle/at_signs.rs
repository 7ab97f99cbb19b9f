//! Names behind at signs: on the platform that is told, else on the one whose word is near, else on any.

use sightline_model::{Confidence, Find, Kind, Selector};

use super::{
    Context, any_name,
    behind::{ends_clause, word_at},
    everyday::{
        is_calling, is_everyday, is_filler, is_ideographic, is_inviting, is_joint, is_only,
        is_place, is_placing, is_repeated,
    },
    find_at,
    labels::{NAMES, NEAR},
    of_url, parse,
    words::Label,
};

/// The name behind an at sign.
struct Name<'t> {
    /// Where its at sign stands.
    at: usize,
    end: usize,
    token: &'t str,
}

/// The names behind at signs in a text.
fn names<'t>(text: &'t str, context: &'t Context<'_>) -> impl Iterator<Item = Name<'t>> {
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(move |at| {
        let start = at + 1;
        let before = text[..at].chars().next_back();
        // An address, or a name that goes on before the sign.
        let is_joined = before.is_some_and(|letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | '@' | '/' | '+')
        });
        if is_joined && !is_repeated(&text[..at]) {
            return None;
        }
        let token = word_at(&text[start..], ".-").trim_end_matches(['.', '-']);
        let end = start + token.len();
        let behind = text[end..].chars().next();
        let goes_on = behind.is_some_and(|letter| {
            letter == '@' || letter.is_alphanumeric() && !is_ideographic(letter)
        });
        let is_none = goes_on
            || token.len() < 3
            || is_place(token)
            || context.is_taken(start, end) && !context.is_doubtful(start, end);
        (!is_none).then_some(Name { at, end, token })
    })
}

/// Names that are told to be on a platform behind them: `@rose on snap`, `@rose (IG)`. Their labels are used.
pub(super) fn told(
    text: &str,
    context: &Context<'_>,
    labels: &[Label],
    is_used: &mut [bool],
    finds: &mut Vec<Find>,
) {
    if labels.is_empty() {
        return;
    }
    for name in names(text, context).take(NAMES) {
        let first = labels.partition_point(|label| label.start < name.end);
        let Some(label) = labels.get(first) else {
            return;
        };
        let before = first.checked_sub(1).filter(|before| !is_used[*before]);
        let is_labels = before.is_some_and(|before| is_right_behind(text, &labels[before], &name));
        if is_labels || !is_told(text, &name, label) {
            continue;
        }
        let mut last = first;
        while labels
            .get(last + 1)
            .is_some_and(|next| is_joint(&text[labels[last].end..next.start]))
        {
            last += 1;
        }
        for (label, is_used) in labels[first..=last].iter().zip(&mut is_used[first..=last]) {
            if let Some(value) = label.word.platform.name_of(name.token) {
                *is_used = true;
                finds.push(found(text, &name, label.word.platform.name, &value, "near"));
            }
        }
    }
}

/// True where nothing but signs stands between a label and the name: `snap: @rose`, `(snap) @rose`. So it is on that platform,
/// whatever stands in brackets behind it.
fn is_right_behind(text: &str, label: &Label, name: &Name<'_>) -> bool {
    text.get(label.end..name.at).is_some_and(|gap| {
        gap.chars()
            .all(|sign| matches!(sign, ' ' | ':' | '：' | '=' | ')' | ']'))
    })
}

/// True where only words that place a name stand between it and the label: `@rose on my`, `@rose (`.
fn is_told(text: &str, name: &Name<'_>, label: &Label) -> bool {
    let gap = &text[name.end..label.start];
    // `@rose @ telegram`.
    let gap = match gap.trim_matches(' ') {
        "@" if gap.ends_with(' ') => " on ",
        _ => gap,
    };
    if gap.len() > NEAR || gap.contains(['\n', '@']) {
        return false;
    }
    let written = &text[label.start..label.end];
    let mut words = 0;
    for word in gap
        .split([' ', '(', '[', ',', '-', '–', ')', ']'])
        .filter(|word| !word.is_empty())
    {
        if !is_placing(word) {
            return false;
        }
        words += 1;
    }
    // A name behind the label is the label's: `@rose, ig: @lily`.
    let has_own = text[label.end..]
        .trim_start_matches(' ')
        .starts_with([':', '=', '：']);
    let has_bracket = gap.contains(['(', '[']);
    let places = words > 0 || has_bracket;
    places && (!has_own || has_bracket) && !(is_everyday(written) && words == 0)
}

/// `@name`: on the platform whose word is near, else on any.
pub(super) fn find(
    text: &str,
    context: &Context<'_>,
    labels: &[Label],
    is_used: &[bool],
    known: &[(usize, usize)],
    finds: &mut Vec<Find>,
) {
    let most = finds.len() + NAMES;
    for name in names(text, context) {
        if finds.len() >= most {
            return;
        }
        let next = known.partition_point(|(_, to)| *to <= name.at + 1);
        if known.get(next).is_some_and(|(from, _)| *from < name.end) {
            continue;
        }
        let placed = near(text, &name, labels, is_used).and_then(|label| {
            let platform = label.word.platform;
            Some((platform.name, platform.name_of(name.token)?, "near"))
        });
        if placed.is_none() && is_linked(text, &name, context) {
            continue;
        }
        let Some((platform, value, step)) =
            placed.or_else(|| any_name(name.token).map(|value| ("any", value, "at_sign")))
        else {
            continue;
        };
        finds.push(found(text, &name, platform, &value, step));
    }
}

/// True where a link to the same name stands right behind, which says whose platform it is: `@rose <https://t.me/rose>`.
fn is_linked(text: &str, name: &Name<'_>, context: &Context<'_>) -> bool {
    let behind = text[name.end..].trim_start_matches([' ', '<', '(', '[', ':', '-']);
    let start = text.len() - behind.len();
    let first = context.links.partition_point(|link| link.end <= start);
    let link = context
        .links
        .get(first)
        .filter(|link| link.start == start && !link.is_email);
    let led_to = link.and_then(|link| of_url(&parse(&text[link.start..link.end])?));
    led_to.is_some_and(|led_to| {
        let own = led_to.split_once('/').map(|(_, own)| own);
        own.is_some_and(|own| own.eq_ignore_ascii_case(name.token))
    })
}

/// The label that a name is near to: the one before it, or one behind it that has no name of its own.
fn near<'l>(
    text: &str,
    name: &Name<'_>,
    labels: &'l [Label],
    is_used: &[bool],
) -> Option<&'l Label> {
    let first = labels.partition_point(|label| label.end <= name.at);
    let before = first.checked_sub(1).and_then(|index| {
        let label = &labels[index];
        let gap = &text[label.end..name.at];
        let is_near = gap.len() <= NEAR && !gap.contains(['\n', '@']) && !is_used[index];
        // An abbreviation counts only where nothing else is said between.
        let is_close = || {
            gap.split(|letter: char| !letter.is_alphabetic())
                .all(|word| word.is_empty() || is_filler(word))
        };
        let is_meant =
            !is_everyday(&text[label.start..label.end]) && (!label.word.is_weak || is_close());
        let ends =
            gap.contains(". ") || gap.contains("! ") || gap.contains("? ") || gap.contains(';');
        (is_near && is_meant && (!ends || is_close() || is_looked_up(gap))).then_some(label)
    });
    before.or_else(|| {
        let label = labels.get(first).filter(|_| !is_used[first])?;
        let gap = text.get(name.end..label.start)?;
        let is_near = gap.len() <= NEAR && !gap.contains(['\n', '@']);
        let behind = &text[label.end..];
        let has_own = behind
            .trim_start_matches([' ', ')'])
            .starts_with([':', '=', '@', '：']);
        let is_bare = gap.trim_matches([' ', '-', '–', '/', '|', ':']).is_empty()
            && (ends_clause(behind) || is_only_told(behind));
        let written = &text[label.start..label.end];
        let is_meant = !is_everyday(written) && (!label.word.is_weak || is_bare);
        (is_near && is_meant && !has_own).then_some(label)
    })
}

/// True where the sentence behind a platform's does nothing but ask to look up the name: "Telegram is best. Search @rose". What
/// is gone has no name.
fn is_looked_up(gap: &str) -> bool {
    const GONE: [&str; 12] = [
        "banned",
        "closed",
        "deleted",
        "blocked",
        "hacked",
        "gone",
        "down",
        "dead",
        "lost",
        "not",
        "no",
        "suspended",
    ];
    let Some(end) = gap.rfind(['.', '!', '?', ';']) else {
        return false;
    };
    let split = |part: &str| -> Vec<String> {
        part.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '\'' | '-')))
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let asks = |word: &str| {
        is_calling(word) || is_inviting(word) || is_inviting(word.split('-').next().unwrap_or(word))
    };
    split(&gap[end..]).iter().any(|word| asks(word))
        && split(&gap[end..])
            .iter()
            .all(|word| asks(word) || is_filler(word) || word == "up" || word == "for")
        && !split(&gap[..end])
            .iter()
            .any(|word| GONE.contains(&&**word))
}

/// True where nothing is said but that nothing else is meant: `@rose - snap only`.
fn is_only_told(behind: &str) -> bool {
    let rest = behind.trim_start_matches(' ');
    let length = rest.find(|letter: char| !letter.is_alphabetic());
    let (word, next) = rest.split_at(length.unwrap_or(rest.len()));
    let begins_sentence = next.trim_start_matches(' ').starts_with(char::is_uppercase);
    is_only(word) && (ends_clause(next) || begins_sentence)
}

fn found(text: &str, name: &Name<'_>, platform: &str, value: &str, step: &'static str) -> Find {
    let start = name.at + 1;
    find_at(
        text,
        (start, start + value.len()),
        Selector::new(Kind::Handle, format!("{platform}/{value}")),
        Confidence::Inferred,
        vec![step.into()],
    )
}
