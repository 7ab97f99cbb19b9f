//! What the figure is that stands right beside a number: an age, a price, hours, a postcode. It is of its own then, and the
//! number is not cut out of a longer row.

use super::{
    amounts::{is_of_amount, names_figure},
    around::{is_another, is_picture, speaks_of_number},
};
use crate::selectors::fold::MONEY;

/// A figure beside a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Beside {
    /// Told by how it is written: a price, an age behind a word, hours, a postcode, or in brackets.
    Own,
    /// Short, and no part of a row. It may be anything.
    Short,
}

/// Signs that may stand between the figure and the number, beside white space.
const SIGNS: [char; 12] = [',', '.', ';', ':', '|', '-', '–', '—', '•', '·', '/', '!'];
/// Brackets that open and close.
const OPENING: [char; 2] = ['(', '['];
const CLOSING: [char; 2] = [')', ']'];
/// The longest figure that is beside a number by chance: a postcode.
pub(super) const SHORT: usize = 5;
/// How far the figure and what is written around it reach, in bytes.
const REACH: usize = 24;
/// The ages of those who are offered, and who offer.
const AGES: std::ops::RangeInclusive<u32> = 18..=69;
/// Hours that are all.
const ALWAYS: [&str; 4] = ["24/7", "24/24", "7/7", "24-7"];

/// What the figure is that ends before a number, apart from it by white space.
pub(super) fn before(text: &str) -> Option<Beside> {
    let front = text.trim_end_matches(|letter: char| {
        letter.is_whitespace()
            || SIGNS.contains(&letter)
            || OPENING.contains(&letter)
            || is_picture(letter)
    });
    if !text[front.len()..].contains(|letter: char| letter.is_whitespace() || letter == '|') {
        return None;
    }
    let near = &front[front.ceil_char_boundary(front.len().saturating_sub(REACH))..];
    if let Some(open) = near.strip_suffix(CLOSING) {
        let (_, inner) = open.rsplit_once(OPENING)?;
        return is_aside(inner).then_some(Beside::Own);
    }
    // `80 € 07400 …`
    if let Some(bare) = near.strip_suffix(MONEY) {
        return bare.trim_end().ends_with(is_digit).then_some(Beside::Own);
    }
    let mut last: Vec<&str> = near.rsplit(' ').take(3).collect();
    last.reverse();
    if last.last().is_some_and(|token| is_size(token)) || is_told_apart(&last) {
        return Some(Beside::Own);
    }
    let run = near.trim_end_matches(|letter| is_digit(letter) || is_within(letter));
    let figure = near[run.len()..].trim_start_matches(is_within);
    if figure.is_empty() {
        return (is_postcode(near) || ends_in_measure(near)).then_some(Beside::Own);
    }
    let left = near[..near.len() - figure.len()].trim_end_matches([' ', '\u{a0}']);
    if left.ends_with(MONEY) || is_hours(figure) || is_measures(figure) {
        return Some(Beside::Own);
    }
    if is_postcode(near) {
        return Some(Beside::Own);
    }
    if !is_short(figure) || near[..near.len() - figure.len()].ends_with(char::is_alphanumeric) {
        return None;
    }
    // A row of figures, or a day: `12 07 2026`.
    let said = left.trim_end_matches(|letter| letter == ' ' || is_within(letter));
    // A country's code is the number's own.
    let is_code = left.ends_with('+') || said.trim_end_matches(CLOSING).ends_with("plus");
    if said.ends_with(is_digit) || is_code {
        return None;
    }
    let word = said
        .rsplit(|letter: char| !letter.is_alphanumeric())
        .next()?;
    // A cell of its own is as good as a word.
    let is_cell = left.is_empty() || left.ends_with(['\n', '\t', '|']);
    let is_word = is_cell || !word.is_empty() && word.chars().all(char::is_alphabetic);
    let is_age = || figure.parse().is_ok_and(|age| AGES.contains(&age));
    if is_word && names_figure(word) {
        return Some(Beside::Own);
    }
    match is_word && is_age() && !is_another(&word.to_lowercase()) && !speaks_of_number(word) {
        true => Some(Beside::Own),
        false => Some(Beside::Short),
    }
}

/// What the figure is that begins behind a number, apart from it by white space.
pub(super) fn behind(text: &str) -> Option<Beside> {
    let rest = text.trim_start_matches(|letter: char| {
        letter.is_whitespace()
            || SIGNS.contains(&letter)
            || CLOSING.contains(&letter)
            || is_picture(letter)
    });
    if !text[..text.len() - rest.len()]
        .contains(|letter: char| letter.is_whitespace() || letter == '|')
    {
        return None;
    }
    let near = &rest[..rest.floor_char_boundary(rest.len().min(REACH))];
    if let Some(open) = near.strip_prefix(OPENING) {
        let (inner, _) = open.split_once(CLOSING)?;
        return is_aside(inner).then_some(Beside::Own);
    }
    if near.starts_with(MONEY) {
        return Some(Beside::Own);
    }
    let token = near.split(|letter: char| letter.is_whitespace() || matches!(letter, '|' | ';'));
    if token
        .clone()
        .next()
        .is_some_and(|token| is_size(token.trim_end_matches([',', '.', '!', ')'])))
    {
        return Some(Beside::Own);
    }
    let first: Vec<&str> = near.split(' ').take(3).collect();
    // "89 A little notice": a letter that a sentence goes on behind is no size.
    let goes_on = first.len() == 3 && first[1].len() == 1 && first[1] != "m";
    let is_pair = !goes_on && is_told_apart(&first[..first.len().min(2)]);
    let is_span = first.len() == 3 && is_told_apart(&first) && !is_told_apart(&first[1..]);
    if is_pair || is_span {
        return Some(Beside::Own);
    }
    let run = near.trim_start_matches(|letter| is_digit(letter) || is_within(letter));
    let figure = near[..near.len() - run.len()].trim_end_matches(is_within);
    let right = near[figure.len()..].trim_start_matches([' ', '\u{a0}']);
    if right.starts_with(MONEY) || is_hours(figure) || is_measures(figure) {
        return Some(Beside::Own);
    }
    let touches = near[figure.len()..].starts_with(char::is_alphanumeric);
    let next = right.trim_start_matches(|letter| is_within(letter) || letter == ' ');
    // `100 1h`: what it costs, and for how long.
    let is_before_size = figure.len() > 1 && right.split(' ').next().is_some_and(is_size);
    let is_row = next.starts_with(is_digit) && !is_before_size;
    let is_one = is_short(figure) && !touches && !is_row;
    // "10115 Berlin"
    let is_of_town = figure.len() == SHORT && right.starts_with(char::is_uppercase);
    is_one.then(
        || match is_of_town || is_before_size || is_of_amount(&near[figure.len()..]) {
            true => Beside::Own,
            false => Beside::Short,
        },
    )
}

/// True for what stands between two things rather than within one: `, `, `. `, ` - `, ` | `.
pub(super) fn parts(between: &str) -> bool {
    let sign = between.trim_matches(' ');
    let is_apart = between.ends_with(' ');
    is_apart && matches!(sign, "," | "." | "|" | ";" | ":")
        || is_apart && between.starts_with(' ') && matches!(sign, "-" | "–" | "—")
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

/// True for what stands within an amount, or between two.
fn is_within(letter: char) -> bool {
    matches!(letter, ',' | '.' | '/' | '-' | '–' | ':')
}

fn is_short(figure: &str) -> bool {
    (1..=SHORT).contains(&figure.len()) && !figure.starts_with('0') && figure.chars().all(is_digit)
}

/// True for what is said in brackets beside a number: `22`, `22 yo`, `£80`, `24/7`, `10:00-16:00 uur`. An area's code is longer.
fn is_aside(inner: &str) -> bool {
    let (first, rest) = inner.split_once(' ').unwrap_or((inner, ""));
    if is_hours(first) && !rest.contains(is_digit) {
        return true;
    }
    // `10 bis 22 Uhr`
    let mut figures = inner
        .split(|letter: char| !is_digit(letter))
        .filter(|figure| !figure.is_empty())
        .peekable();
    let is_hour =
        |figure: &str| figure.len() <= 2 && figure.parse().is_ok_and(|hour: u8| hour <= 24);
    let are_hours =
        inner.contains(' ') && inner.contains(char::is_alphabetic) && figures.peek().is_some();
    if are_hours && figures.all(is_hour) {
        return true;
    }
    // "Bordeaux (33000)"
    if inner.len() == SHORT && inner.chars().all(is_digit) && !inner.starts_with('0') {
        return true;
    }
    // `24 ore su 24`, `camera 143`
    let is_figure =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.chars().all(is_digit);
    if is_figure(first, 4) && is_of_amount(&inner[first.len()..])
        || names_figure(first) && is_figure(rest, SHORT)
    {
        return true;
    }
    let digits = inner.chars().filter(|letter| is_digit(*letter)).count();
    let is_money = inner.contains(MONEY);
    (1..=2).contains(&digits) && !inner.starts_with(['0', '+']) || is_money && digits <= SHORT
}

/// True for hours: `24/7`, `10-22`, `9:30-18:45`.
fn is_hours(figure: &str) -> bool {
    let is_hour = |part: &str| {
        let (hour, minute) = part.split_once(':').unwrap_or((part, "00"));
        let is_in = |part: &str, most: u32| {
            part.len() <= 2 && part.parse::<u32>().is_ok_and(|value| value <= most)
        };
        is_in(hour, 24) && minute.len() == 2 && is_in(minute, 59)
    };
    ALWAYS.contains(&figure)
        || figure
            .split_once(['-', '–'])
            .is_some_and(|(from, to)| is_hour(from) && is_hour(to))
}

/// True for a height or a size, written without a space: `1m62`, `1,62m`, `5'4"`, `95D`, `24yo`, `90min`.
fn is_size(token: &str) -> bool {
    const UNITS: [&str; 18] = [
        "m", "cm", "kg", "yo", "yrs", "y", "h", "hr", "hrs", "min", "mins", "am", "pm", "lb",
        "lbs", "ans", "€", "£",
    ];
    let figures = token.bytes().take_while(u8::is_ascii_digit).count();
    let (figure, rest) = token.split_at(figures);
    let are_two = |rest: &str| rest.len() == 2 && rest.chars().all(is_digit);
    match figure.len() {
        0 => false,
        1 if figure == "1" && rest.strip_prefix(['m', 'M']).is_some_and(are_two) => true,
        1 if figure == "1"
            && rest
                .strip_prefix([',', '.'])
                .and_then(|rest| rest.strip_suffix(['m', 'M']))
                .is_some_and(are_two) =>
        {
            true
        }
        1 if matches!(figure, "4" | "5" | "6") && rest.starts_with(['\'', '’', '′']) => true,
        2 | 3 if matches!(rest.as_bytes(), [b'A'..=b'H'] | [b'D', b'D']) => true,
        1..=3 => UNITS.iter().any(|unit| rest.eq_ignore_ascii_case(unit)),
        _ => false,
    }
}

/// True for words that are of one figure or two alone: `1,65 m`, `34 DD`, `9 to 9`.
fn is_told_apart(words: &[&str]) -> bool {
    const TO: [&str; 11] = [
        "to", "till", "til", "bis", "a", "à", "alle", "al", "tot", "do", "às",
    ];
    let is_hour = |word: &str| word.len() <= 2 && word.parse().is_ok_and(|hour: u8| hour <= 24);
    let bare = |word: &str| word.trim_end_matches([',', '.', ';', '|', '\n']).to_owned();
    match words {
        [from, to, until] => {
            is_hour(from) && TO.contains(&to.to_lowercase().as_str()) && is_hour(&bare(until))
                || is_told_apart(&words[1..])
        }
        [figure, unit] => {
            let unit = bare(unit);
            let is_height =
                figure.len() == 4 && figure.starts_with('1') && is_size(&format!("{figure}m"));
            is_height && unit == "m"
                || figure.len() == 2
                    && figure.chars().all(is_digit)
                    && (1..=2).contains(&unit.len())
                    && unit.bytes().all(|letter| matches!(letter, b'A'..=b'H'))
        }
        _ => false,
    }
}

/// True where a figure ends with its word: `88 cm`, `24 años`.
fn ends_in_measure(near: &str) -> bool {
    let Some((front, word)) = near.rsplit_once(' ') else {
        return false;
    };
    let figure = front.rsplit(|letter: char| !is_digit(letter)).next();
    figure.is_some_and(|figure| is_short(figure) && figure.len() < SHORT)
        && is_of_amount(&near[near.len() - word.len() - 1..])
}

/// True for a body's measures, in centimetres or inches, of which the waist's is the least: `90-60-90`, `36/24/36`.
fn is_measures(figure: &str) -> bool {
    const INCHES: std::ops::RangeInclusive<u32> = 20..=48;
    const CENTIMETRES: std::ops::RangeInclusive<u32> = 50..=150;
    let parts = || figure.split(['-', '–', '/']);
    let are_in = |range: std::ops::RangeInclusive<u32>| {
        parts().all(|part| {
            !part.starts_with('0') && part.parse().is_ok_and(|value| range.contains(&value))
        })
    };
    let values: Vec<u32> = parts().filter_map(|part| part.parse().ok()).collect();
    matches!(values[..], [bust, waist, hips] if waist < bust && waist < hips)
        && (are_in(INCHES) || are_in(CENTIMETRES))
}

/// True behind the first half of a British postcode, or both: `LS1`, `SW1A`, `LS1 4AB`.
fn is_postcode(near: &str) -> bool {
    let token = near.rsplit(|letter: char| !letter.is_alphanumeric()).next();
    let is_half = |token: &str| {
        let letters = token.bytes().take_while(u8::is_ascii_uppercase).count();
        let rest = &token.as_bytes()[letters..];
        (1..=2).contains(&letters)
            && matches!(rest, [b'1'..=b'9'] | [b'1'..=b'9', b'0'..=b'9' | b'A'..=b'Z'])
    };
    token.is_some_and(|token| {
        let second = matches!(token.as_bytes(), [digit, rest @ ..]
            if digit.is_ascii_digit() && rest.len() == 2 && rest.iter().all(u8::is_ascii_uppercase));
        let front = near[..near.len() - token.len()].strip_suffix(' ');
        let first = || front.and_then(|front| front.rsplit(|letter: char| !letter.is_alphanumeric()).next());
        is_half(token) || second && first().is_some_and(is_half)
    })
}

/// True where the first or the last that stands apart by white space is hours that are all, or the beginning of them, or a body's
/// measures: `030 23125123 24/7`, `90-60-90 030`.
pub(super) fn holds_hours(text: &str, (start, end): (usize, usize)) -> bool {
    let raw = &text[start..end];
    let (first, rest) = raw.split_once(char::is_whitespace).unwrap_or((raw, ""));
    let begins =
        ALWAYS.contains(&first.trim_matches(|letter| !is_digit(letter))) && !rest.is_empty();
    // What goes on behind the end is a part of it: `24/7` of which the number has but the 24.
    let last = raw.rfind(char::is_whitespace).map(|space| {
        text[start + space..]
            .trim_start()
            .trim_start_matches(OPENING)
    });
    let ends = last.is_some_and(|last| {
        ALWAYS.iter().any(|hours| {
            last.strip_prefix(hours).is_some_and(|behind| {
                !behind.starts_with(|letter| is_digit(letter) || letter == '/')
            })
        })
    });
    let begins_with_measures = || {
        is_measures(first.trim_end_matches([',', '.']))
            && (rest.is_empty() || rest.starts_with(['0', '(', '-', '|']))
    };
    // Of the number's own figures: what is behind may be the rest of a long text.
    let ends_with_measures = || {
        !rest.is_empty()
            && raw
                .split(char::is_whitespace)
                .next_back()
                .is_some_and(is_measures)
    };
    begins || ends || begins_with_measures() || ends_with_measures()
}

/// True where the last that stands behind a comma is an amount, which has its word behind it: `… 8571, 6. Stock`, `sieben, 8. Etage`.
pub(super) fn ends_in_amount(text: &str, (start, end): (usize, usize)) -> bool {
    /// The longest such figure.
    const LONGEST: usize = 2;
    let last = text[start..end]
        .rfind(", ")
        .map(|comma| &text[start + comma + 2..end]);
    last.is_some_and(|last| last.len() <= LONGEST && last.chars().all(is_digit))
        && is_of_amount(&text[end..])
}

/// True where what ends before a number is the figure that a word names, with the name of a town behind it, and nothing but the
/// word stands before that: `Ad 12345 07400 913582`, `Postcode B69 5QU. 07400 …`, `PLZ 10785 Berlin: 030 …`.
pub(super) fn is_of_label(text: &str) -> bool {
    /// A reference of letters and figures.
    const LONGEST: usize = 12;
    /// How far back the label stands, in bytes.
    const NEAR: usize = 96;
    /// The most words of a town's name.
    const TOWN: usize = 3;
    let front = text.trim_end_matches(|letter: char| {
        letter.is_whitespace() || SIGNS.contains(&letter) || OPENING.contains(&letter)
    });
    if !text[front.len()..].contains(char::is_whitespace) {
        return false;
    }
    let has_figure = |token: &str| token.bytes().any(|byte| byte.is_ascii_digit());
    // A line may be as long as the text.
    let near = &front[front.ceil_char_boundary(front.len().saturating_sub(NEAR))..];
    let line = near.rsplit('\n').next().unwrap_or_default();
    let mut tokens = line
        .rsplit(|letter: char| !letter.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .peekable();
    let mut words = 0;
    // `UPC` and "Rechnungsnr." name what is behind them, and are no town.
    let is_of_town = |token: &&str| {
        let mut letters = token.chars();
        !has_figure(token)
            && letters.next().is_some_and(char::is_uppercase)
            && letters.any(char::is_lowercase)
            && !token.ends_with("nr")
            && !is_another(&token.to_lowercase())
    };
    while words <= TOWN && tokens.next_if(is_of_town).is_some() {
        words += 1;
    }
    let is_figure = |token: &&str| token.len() <= LONGEST && has_figure(token);
    let Some(last) = tokens.next_if(is_figure) else {
        return false;
    };
    // The first half of a British postcode.
    if last.contains(char::is_alphabetic) {
        tokens.next_if(is_figure);
    }
    words <= TOWN && tokens.next().is_some_and(|token| !has_figure(token))
}

#[cfg(test)]
mod tests;
