//! What touches the digits of a number, or goes on behind them.

use super::tables::{FILLERS, LABELS, OTHERS};
use crate::selectors::words::is_unspaced;

/// True where something touches the beginning of the digits that numbers do not touch.
pub(super) fn joined_left(before: &str, speaks_for_itself: bool) -> bool {
    let mut left = before.chars().rev();
    match left.next() {
        None => false,
        Some(letter) if is_unspaced(letter) => false,
        Some(letter) if letter.is_alphanumeric() => {
            let front = before.trim_end_matches(char::is_alphanumeric);
            !speaks_for_itself || is_figures(&before[front.len()..])
        }
        Some('#' | '@') if is_tag(before) => false,
        Some('_' | '@' | '=' | '&' | '%' | '#' | '\\') => !speaks_for_itself,
        // `1,234`, `10:30`, `v2.0`, `a/12`, `x-12`: the sign belongs to what is before it.
        // But a list without spaces: `2025550123,2025550124`.
        Some(',')
            if before[..before.len() - 1]
                .bytes()
                .rev()
                .take_while(u8::is_ascii_digit)
                .count()
                >= 7 =>
        {
            false
        }
        Some(',' | ':' | '.' | '/' | '-' | '\'' | '’') => {
            left.next().is_some_and(|letter| letter.is_ascii_digit())
                || before.ends_with(['/', '-'])
                    && !speaks_for_itself
                    && before
                        .chars()
                        .rev()
                        .nth(1)
                        .is_some_and(char::is_alphanumeric)
        }
        Some(_) => false,
    }
}

/// True for a sign of tags that is no number's of something else: at the beginning, behind another tag, behind a sign that
/// ends what was said, or behind words that announce a number.
pub(in crate::selectors) fn is_tag(before: &str) -> bool {
    let Some(front) = before.strip_suffix(['#', '@']) else {
        return false;
    };
    let front = front.trim_end_matches(' ');
    let word = front
        .rsplit(|letter: char| letter.is_whitespace())
        .next()
        .unwrap_or_default();
    if word.starts_with('#') && word.len() > 1 {
        return true;
    }
    let ends_sentence = word.ends_with(['.', '!', '?']);
    let word = word.trim_end_matches(['.', ':', '!', '?']).to_lowercase();
    match word.chars().next_back() {
        None => true,
        // "Floor 5. #202…": abbreviations are shorter.
        Some(_)
            if ends_sentence
                && (word.len() > 4 || word.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            !OTHERS.contains(word.as_str())
        }
        Some(last) if last.is_alphanumeric() => {
            let bare = word.trim_start_matches(|letter: char| !letter.is_alphanumeric());
            LABELS.contains(bare) || FILLERS.contains(bare)
        }
        Some(last) => !matches!(last, '#' | '@' | '/' | '=' | '&'),
    }
}

/// True where something touches the end of the digits that numbers do not touch. `last` is how many digits their last group has.
pub(super) fn joined_right(behind: &str, last: usize, speaks_for_itself: bool) -> bool {
    let mut right = behind.chars();
    match right.next() {
        None => false,
        Some('x' | 'X') => true,
        Some(letter) if is_unspaced(letter) => false,
        Some(letter) if letter.is_alphanumeric() => {
            !speaks_for_itself || letter.is_ascii_digit() || is_figures(behind)
        }
        Some('_' | '@' | '=' | '\\') => true,
        // A list without spaces has a whole number behind; thousands, a fraction and a time have a few digits.
        Some(',' | ':' | '.' | '\'' | '’') => {
            let digits = right
                .as_str()
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            // `01134960766,340 yuan`: thousands stand behind three digits, and a price behind a number.
            let is_next = behind.starts_with(',') && last > 3 && digits >= 3;
            (1..7).contains(&digits) && !is_next
        }
        Some(_) => false,
    }
}

/// True where letters that look like figures touch a number, `O406 696993`, or stand with figures one space apart from it:
/// `0899 99 984 6O`.
pub(in crate::selectors::phone) fn is_beside_look_alikes(before: &str, behind: &str) -> bool {
    /// The longest such group.
    const LONGEST: usize = 4;
    let is_look_alike = |letter: char| letter.is_ascii_digit() || "oOlIsSBzZоОзЗ".contains(letter);
    let is_group = |group: &str, touches: bool| {
        let letters = group
            .chars()
            .filter(|letter| !letter.is_ascii_digit())
            .count();
        let figures = group.chars().count() - letters;
        (1..=LONGEST).contains(&(letters + figures))
            && letters > 0
            && (touches || figures > 0)
            && group.chars().all(is_look_alike)
    };
    let bare = before.strip_suffix(' ').unwrap_or(before);
    let front = &bare[bare.trim_end_matches(char::is_alphanumeric).len()..];
    let rest = behind.strip_prefix(' ').unwrap_or(behind);
    let back = &rest[..rest
        .find(|letter: char| !letter.is_alphanumeric())
        .unwrap_or(rest.len())];
    is_group(front, bare.len() == before.len()) || is_group(back, rest.len() == behind.len())
}

/// True for letters that stand for more of a number's figures: `o3` behind `0899 99988`.
fn is_figures(behind: &str) -> bool {
    let length = behind.find(|letter: char| !letter.is_alphanumeric());
    let word = &behind[..length.unwrap_or(behind.len())];
    let is_figure = |letter: char| {
        letter.is_ascii_digit()
            || matches!(
                letter,
                'o' | 'O'
                    | 'l'
                    | 'I'
                    | 'о'
                    | 'О'
                    | 'з'
                    | 'З'
                    | 'ч'
                    | 'Ч'
                    | 'б'
                    | 'θ'
                    | 'Θ'
                    | 'ø'
                    | 'Ø'
                    | 'ο'
                    | 'Ο'
                    | 'Ι'
                    | 'і'
                    | 'І'
            )
    };
    word.chars().all(is_figure)
        && (word.bytes().any(|byte| byte.is_ascii_digit()) || !word.is_ascii())
}

/// The length of an extension behind a number: ` ext. 503`, ` x 123`, `#12`.
pub(super) fn extension(behind: &str) -> Option<usize> {
    let rest = behind.trim_start_matches([' ', ',', ';']);
    let lower = rest.to_ascii_lowercase();
    let word = ["extension", "extn", "ext", "xtn", "x"]
        .iter()
        .find(|word| lower.starts_with(*word))?;
    let after = rest[word.len()..].trim_start_matches(['.', ':', ' ', '#', '=']);
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let end = behind.len() - after.len() + digits;
    let is_ended = !behind[end..].starts_with(|letter: char| letter.is_alphanumeric())
        && !behind[end..]
            .trim_start_matches([' ', '-'])
            .starts_with(|letter: char| letter.is_ascii_digit());
    ((1..=7).contains(&digits) && is_ended).then_some(end)
}
