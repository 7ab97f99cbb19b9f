//! What is said between a label and a name: the at sign in words (`insta: arroba rose_lane`), and how the name is to be
//! read (`Telegram (no gaps): r o s e`).

use super::{
    behind::{ends_clause, looks_made_up},
    everyday::{is_filler, is_instruction, is_no_name, looks_inflected},
};
use crate::selectors::words::{self, Sign};

/// How far what is said may reach, in bytes.
const NEAR: usize = 80;
/// How many words it may have.
const WORDS: usize = 8;
/// The longest word for an at sign, in bytes.
const LONGEST: usize = 24;

/// The length of an at sign in words or brackets at the beginning of a text, with a name behind it. A word that is also
/// said for other things counts only between brackets, or behind the sign of a label (`is_signed`) and before what looks
/// made up: `IG: at rose_lane22`.
pub(super) fn at_sign_in_words(text: &str, is_signed: bool) -> Option<usize> {
    let first = text.chars().next()?;
    let close = match first {
        '(' => Some(')'),
        '[' => Some(']'),
        '{' => Some('}'),
        '<' => Some('>'),
        _ if first.is_alphabetic() => None,
        _ => return None,
    };
    let open = usize::from(close.is_some());
    let inner = text[open..].trim_start_matches(' ');
    let begin = text.len() - inner.len();
    let length = inner
        .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '@' | '-')))
        .unwrap_or(inner.len());
    if length == 0 || length > LONGEST {
        return None;
    }
    let word = &inner[..length];
    let mut end = begin + length;
    // "At sign".
    if word.eq_ignore_ascii_case("at")
        && let Some(rest) = text[end..].strip_prefix(" sign")
    {
        end = text.len() - rest.len();
    }
    let is_whole = end > begin + length || word.eq_ignore_ascii_case("at-sign");
    let sign = match word {
        "@" => Some(false),
        _ => words::sign(&words::fold(word))
            .filter(|(sign, _)| *sign == Sign::At)
            .map(|(_, is_weak)| is_weak || word.len() < 4),
    };
    let is_weak = sign.or(is_whole.then_some(false))? && !is_whole;
    if let Some(close) = close {
        let rest = text[end..].trim_start_matches(' ').strip_prefix(close)?;
        end = text.len() - rest.len();
    }
    // `Telegram: AT: rose_lane`.
    if is_signed && text[end..].starts_with(": ") {
        end += 1;
    }
    let rest = &text[end..];
    let gap = rest.len() - rest.trim_start_matches(' ').len();
    let name = &rest[gap..];
    let length = name
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')))
        .unwrap_or(name.len());
    let name = &name[..length];
    let is_plain_name = || {
        let lower = name.to_lowercase();
        name.len() >= 6
            && !words::is_common(&lower)
            && !is_no_name(&lower)
            && !looks_inflected(&lower)
            && ends_clause(&rest[gap + name.len()..])
    };
    let is_sure = !is_weak || is_signed && (looks_made_up(name) || is_plain_name());
    let fits = match close {
        Some(_) => gap < 3,
        None => (1..3).contains(&gap) && is_sure,
    };
    (fits && !name.is_empty()).then_some(end + gap)
}

/// The length of words behind a label that say how its name is to be read, up to the sign behind them: ` (no gaps)`,
/// `, letters together`. Zero where there are none.
pub(super) fn instructions(text: &str) -> usize {
    let near = &text[..text.floor_char_boundary(NEAR)];
    let line = near.split('\n').next().unwrap_or(near);
    let Some(end) = line.find([':', '：', '=']) else {
        return unsigned(line);
    };
    let said = &line[..end];
    let words = || {
        said.split(|letter: char| !(letter.is_alphanumeric() || letter == '\''))
            .filter(|word| !word.is_empty())
    };
    let mut count = 0;
    let mut instructs = false;
    for word in words() {
        let word = word.to_lowercase();
        count += 1;
        let is = is_instruction(&word);
        instructs |= is;
        if count > WORDS || !(is || is_filler(&word) || word.chars().count() <= 2) {
            return 0;
        }
    }
    match instructs {
        true => end,
        false => unsigned(line),
    }
}

/// The same without a sign behind them: ` without spaces rose`, ` (no gaps) rose`. One such word alone is said for other
/// things, so two are needed.
fn unsigned(line: &str) -> usize {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '\'';
    let (mut at, mut end, mut told, mut count) = (0, 0, 0, 0);
    while count < WORDS {
        let rest = line[at..].trim_start_matches([' ', ',', '(', '-', '/']);
        let start = line.len() - rest.len();
        let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        if length == 0 {
            break;
        }
        let word = rest[..length].to_lowercase();
        let is = is_instruction(&word);
        if !(is
            || matches!(&*word, "no" | "all" | "in" | "one" | "the" | "it")
            || is_preposition(&word))
        {
            break;
        }
        count += 1;
        told += u32::from(is || word == "no");
        at = start + length;
        if is {
            end = at;
        }
    }
    match told >= 2 {
        true => end,
        false => 0,
    }
}

/// True for the short words of what is told: "en un mot", "in einem Wort".
fn is_preposition(word: &str) -> bool {
    const SHORT: [&str; 16] = [
        "en", "un", "une", "una", "em", "in", "einem", "ein", "als", "een", "in", "w", "в", "по",
        "les", "los",
    ];
    SHORT.contains(&word)
}

#[cfg(test)]
mod tests {
    use crate::find_all;

    #[test]
    fn names_are_told_in_words() {
        for (text, handle) in [
            ("insta: arroba rose_lane", Some("instagram/rose_lane")),
            ("insta (chiocciola) roselane", Some("instagram/roselane")),
            ("инста: собака roselane", Some("instagram/roselane")),
            ("IG: at rose_lane22", Some("instagram/rose_lane22")),
            ("IG: at home", None),
            ("IG: at midnight only", None),
            (
                "Telegram (no gaps): r-o-s-e-_-l-a-n-e",
                Some("telegram/rose_lane"),
            ),
            (
                "Telegram, todo junto: r o s e l a n e",
                Some("telegram/roselane"),
            ),
            (
                "Телеграм (без пробелов): r.o.s.e.l.a.n.e.",
                Some("telegram/roselane"),
            ),
            (
                "My telegram without spaces r o s e l a n e",
                Some("telegram/roselane"),
            ),
            (
                "telegram, write it together: r  o  s  e  2  2",
                Some("telegram/rose22"),
            ),
            (
                "Mi Telegram sin espacios r o s e l a n e",
                Some("telegram/roselane"),
            ),
            ("Telegram, no spaces left: ask", None),
            ("my telegram without fear", None),
        ] {
            let finds = find_all(text, None);
            let found = finds.first().map(|find| &*find.selector.value);
            assert_eq!(found, handle, "{text}");
        }
    }
}
