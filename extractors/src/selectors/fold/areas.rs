//! Numbers whose area is told behind them: `555-0123, area code 202`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use sightline_model::StepKind;

use super::Edit;

/// Words by which an area's code is told, in several languages; their beginnings may be capitals.
const CALLED: [&str; 15] = [
    "rea code",
    "rea is",
    "rea:",
    "refijo",
    "lada",
    "orwahl",
    "ndicatif",
    "refisso",
    "ierunkow",
    "код города",
    "код ",
    "区号",
    "區號",
    "etnummer",
    "refix",
];
/// How many digits the rest of the number has, and the code.
const REST: std::ops::RangeInclusive<usize> = 6..=8;
const CODE: std::ops::RangeInclusive<usize> = 2..=5;
/// How far apart they stand, in bytes.
const REACH: usize = 24;

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(CALLED)
        .expect("the words are constants, and few: a test builds this")
});

/// Such numbers, with the code before the rest.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    FINDER
        .find_iter(text)
        .filter_map(|word| {
            let rest = rest_before(&text[..word.start()])?;
            let code = code_behind(text, word.end())?;
            Some(Edit {
                start: rest.0,
                end: code.1,
                to: format!("{} {}", &text[code.0..code.1], &text[rest.0..rest.1]).into(),
                step: StepKind::Fillers,
            })
        })
        .collect()
}

/// The last digits before a place, where they are what an area's code stands before.
fn rest_before(before: &str) -> Option<(usize, usize)> {
    let near = before.floor_char_boundary(before.len().saturating_sub(REACH));
    let end = near + before[near..].rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let is_between =
        |between: &str| !between.contains('\n') && between.split_whitespace().count() <= 4;
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '.' | ' ');
    let front = before[..end].trim_end_matches(is_part);
    let lead = before[front.len()..end].find(|letter: char| letter.is_ascii_digit())?;
    let start = front.len() + lead;
    let digits = before[start..end]
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    let touches =
        front.ends_with(|letter: char| letter.is_alphanumeric() || "$€£+#/:,".contains(letter));
    let is_own = !touches || lead > 0;
    (REST.contains(&digits)
        && is_own
        && !before[start..].starts_with('0')
        && is_between(&before[end..]))
    .then_some((start, end))
}

/// The code behind a place.
fn code_behind(text: &str, at: usize) -> Option<(usize, usize)> {
    let window = text.floor_char_boundary(text.len().min(at + 2 * REACH));
    let line = text[at..window].split('\n').next()?;
    let near = &line[..line.floor_char_boundary(REACH / 2)];
    let start = near.find(|letter: char| letter.is_ascii_digit())?;
    let is_told = near[..start]
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| word.chars().count() <= 5);
    let length = line[start..].bytes().take_while(u8::is_ascii_digit).count();
    let goes_on = line[start + length..]
        .trim_start_matches([' ', '-', '.', ')'])
        .starts_with(|letter: char| letter.is_ascii_digit());
    (CODE.contains(&length) && is_told && !goes_on).then_some((at + start, at + start + length))
}
