//! Words by which the figures of a number are told: "and the last four are 0123". What they count is no digit.

use std::sync::LazyLock;

use crate::selectors::{
    lists::Lists,
    words::{self, Sieve, Trace},
};

static WORDS: LazyLock<Lists> = LazyLock::new(|| Lists::of(include_str!("told.txt")));

/// The lists of words that stand around figures that are told.
const TELLING: [&str; 5] = ["last", "figures", "telling", "strong", "order"];

/// A sieve in front of all of them.
static TOLD: LazyLock<Sieve> = LazyLock::new(|| {
    let words = TELLING
        .iter()
        .flat_map(|list| WORDS.all(list).iter().copied());
    Sieve::of(words)
});

/// How many figures somebody tells at once.
const COUNTS: std::ops::RangeInclusive<u16> = 2..=6;
/// The longest word that is looked up, in bytes.
const LONGEST: usize = 24;

/// True where the figure or number word at `start..end` says how many figures follow: "last 4:", "les quatre derniers".
pub(super) fn counts_figures(text: &str, start: usize, end: usize) -> bool {
    let (before, behind) = (&text[..start], &text[end..]);
    if words::is_unspaced(behind.chars().next().unwrap_or(' ')) {
        return WORDS
            .all("counter")
            .iter()
            .any(|word| behind.starts_with(word));
    }
    let word_before = words::fold(last_word(before));
    let first = first_word(behind);
    let next = words::fold(first);
    if WORDS.has("last", &word_before) {
        return true;
    }
    // "The first three 202": so many follow.
    if WORDS.has("order", &word_before) || WORDS.has("order", &next) {
        let count = words::senses(&words::fold(&text[start..end]))
            .and_then(|senses| senses.first()?.meaning.number());
        let count = count.or_else(|| text[start..end].parse().ok());
        let near = &behind[..behind.floor_char_boundary(24)];
        let figures = near.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let digits = figures.bytes().take_while(u8::is_ascii_digit).count();
        return count == Some(digits);
    }
    // "Zero one two three last": a digit of those before it.
    let follows_number = || {
        let senses = words::senses(&word_before).unwrap_or_default();
        before
            .trim_end()
            .ends_with(|letter: char| letter.is_ascii_digit())
            || senses.iter().any(|sense| !sense.is_weak)
    };
    if first.is_empty() || follows_number() {
        return false;
    }
    // "4 derniers", "4 last digits", "four digits".
    WORDS.has("last", &next) || WORDS.has("figures", &next)
}

/// True for a value that may count figures.
pub(super) fn may_count(value: u16) -> bool {
    COUNTS.contains(&value)
}

/// True for words that tell which figures follow, and no others: " and the last ", " ends in ".
pub(super) fn is_telling(between: &str) -> bool {
    let mut words = between.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| !word.is_empty() && word.len() <= LONGEST && is_strong(&words::fold(word)))
        && other_words(between, 1) == 0
}

/// True for words that speak of nothing but the parts of a number, though a sentence ends among them: ". Number is ".
pub(super) fn is_all_told(between: &str) -> bool {
    let mut words = between.split(|letter: char| !letter.is_alphanumeric());
    let names = |word: &str| {
        word.len() > 3
            && ["thing", "last", "strong", "figures"]
                .iter()
                .any(|list| WORDS.has(list, word))
    };
    words.any(|word| word.len() <= LONGEST && names(&words::fold(word)))
        && other_words(between, 1) == 0
}

/// True for what is asked or called between the figures of one number, and nothing else: "ok?", "got it?", "va bene?".
pub(super) fn is_tag_question(between: &str) -> bool {
    let mut words = between
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty());
    !between.contains(['.', ';', '\n'])
        && between.matches(['!', '?']).count() == 1
        && words.all(|word| WORDS.has("asked", &words::fold(word)))
}

/// True for a short word that is no figure: between one that says that figures begin or end a number, and a figure
/// ("termina en 0123"); and before a word that it denies ("no games").
pub(super) fn is_preposition(text: &str, start: usize, end: usize) -> bool {
    const LONGEST: usize = 2;
    const DENYING: [&str; 3] = ["no", "ni", "nu"];
    let denies = || {
        let next = first_word(&text[end..]);
        DENYING
            .iter()
            .any(|word| text[start..end].eq_ignore_ascii_case(word))
            && next.len() > 2
            && words::senses(&words::fold(next)).is_none()
    };
    // "202 to begin": no two.
    let begins = || {
        text[start..end].eq_ignore_ascii_case("to")
            && is_strong(&words::fold(first_word(&text[end..])))
    };
    // "202 go on with 555": no ten of Turkish.
    let goes_on = || {
        text[start..end].eq_ignore_ascii_case("on")
            && words::fold(last_word(&text[..start])).starts_with("go")
    };
    // "Ends oh one one one": a nought, as it is said.
    let is_nought = text[start..end].eq_ignore_ascii_case("oh");
    end - start <= LONGEST
        && !is_nought
        && text[end..].starts_with(' ')
        && (goes_on() || is_strong(&words::fold(last_word(&text[..start]))) || denies() || begins())
}

fn is_strong(word: &str) -> bool {
    WORDS.has("last", word) || WORDS.has("strong", word)
}

/// How many words stand between figures beside those by which figures are told; no more than `most` are counted.
pub(super) fn other_words(between: &str, most: usize) -> usize {
    let words = between.split(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty() && word.len() <= LONGEST)
        .filter(|word| {
            let folded = words::fold(word);
            let may_be_told = TOLD.may_hold(Trace::of(folded.as_bytes()));
            let is_told = may_be_told && TELLING.iter().any(|list| WORDS.has(list, &folded));
            !is_told && words::senses(&folded).is_none()
        })
        .take(most)
        .count()
}

fn first_word(text: &str) -> &str {
    let Some(rest) = text.strip_prefix([' ', '-', ')']) else {
        return "";
    };
    let rest = rest.trim_start_matches(' ');
    let end = rest.find(|letter: char| !letter.is_alphabetic());
    &rest[..end
        .unwrap_or(rest.len())
        .min(rest.floor_char_boundary(LONGEST))]
}

fn last_word(text: &str) -> &str {
    let Some(rest) = text.strip_suffix([' ', '-', '(']) else {
        return "";
    };
    let rest = rest.trim_end_matches(' ');
    let rest = &rest[rest.ceil_char_boundary(rest.len().saturating_sub(LONGEST))..];
    let start = rest.trim_end_matches(char::is_alphabetic).len();
    &rest[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_figures_is_told_by_the_words_beside_it() {
        for (text, figure, counts) in [
            ("last 4: 0123", "4", true),
            ("les 4 derniers 0123", "4", true),
            ("the last four are 0123", "four", true),
            ("последние четыре 0123", "четыре", true),
            ("후 4位 0123", "4", true),
            ("call 4 me", "4", false),
            ("first 4 hours", "4", false),
        ] {
            let start = text.find(figure).unwrap();
            assert_eq!(
                counts_figures(text, start, start + figure.len()),
                counts,
                "{text}"
            );
        }
    }

    #[test]
    fn words_that_tell_figures_are_not_counted() {
        assert_eq!(other_words(" and the last four are ", 9), 0);
        assert_eq!(other_words(" y los últimos cuatro son ", 9), 0);
        assert_eq!(other_words(" beds and a garden of ", 9), 2);
    }
}
