//! What stands around digits: labels that make them a number, and signs that make them something else.

mod others;
mod tables;
mod touching;

use super::beside::is_of_label;
use crate::selectors::words::is_unspaced;
use others::{
    is_abbreviated, is_account, is_code, is_other_number, is_registered, is_stroked, is_taxed,
};
use tables::{
    AGES, BEHIND, FAREWELLS, FILLERS, LABELS, MEASURES, OTHERS, SPANS, UNSPACED_LABELS,
    UNSPACED_MEASURES, UNSPACED_OTHERS,
};
pub(super) use touching::is_beside_look_alikes;
pub(in crate::selectors) use touching::is_tag;
use touching::{extension, joined_left, joined_right};

/// What the surroundings of some digits say.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// "Call", "tel", "WhatsApp" before, or "ask for" behind.
    pub is_labelled: bool,
    /// Right behind `tel:`, `sms:` or the like.
    pub is_linked: bool,
    /// A currency or a measure behind.
    pub is_price: bool,
    /// Where an extension behind the number ends: ` ext. 503`.
    pub extension_end: Option<usize>,
    /// Something touches the digits' beginning that makes them a part of it: a letter, a decimal point.
    pub joined_left: bool,
    /// Something touches their end so.
    pub joined_right: bool,
    /// A word before the digits says that they are something else: "order no".
    pub is_named_otherwise: bool,
    /// The word has a figure of its own, which stands between: "order 12345".
    pub is_named_apart: bool,
}

/// How far the surroundings are read, in bytes, on the same line.
const REACH: usize = 48;
/// How many words before a number may hold its label.
const WORDS: usize = 5;
/// How many words that mean nothing here may stand between a label and a colon.
const COLON_WORDS: u32 = 2;

impl Around {
    /// Reads what stands before `start` and behind `end`.
    pub fn of(text: &str, start: usize, end: usize) -> Self {
        let (before, behind) = without_emphasis(line_before(text, start), line_behind(text, end));
        let (extension_end, rest) = match extension(behind) {
            Some(length) => (Some(end + length), &behind[length..]),
            None => (None, behind),
        };
        let lower = before.to_lowercase();
        let is_linked = text[..start].ends_with([':', '/'])
            && [
                "tel:",
                "sms:",
                "smsto:",
                "callto:",
                "whatsapp:",
                "facetime:",
                "mms:",
                "viber:",
                "imessage:",
            ]
            .iter()
            .any(|scheme| lower.trim_end_matches('/').ends_with(scheme));
        let label = label(&lower);
        let is_labelled = label == Some(Label::Number)
            || is_labelled_behind(rest)
            || rest.trim().is_empty() && is_labelled_below(text, end);
        Self {
            is_labelled,
            is_linked,
            is_price: is_price(rest),
            extension_end,
            // What is said behind does not part a code: `ORD-2025-2605 (ask for Kira)`.
            joined_left: joined_left(before, label == Some(Label::Number) || is_linked),
            joined_right: joined_right(rest, last_group(text, end), is_labelled || is_linked),
            is_named_apart: label == Some(Label::Other) && is_of_label(before),
            is_named_otherwise: label == Some(Label::Other)
                || label.is_none() && is_code(&lower, &text[start..end]),
        }
    }
}

/// How many digits stand right before `end`.
fn last_group(text: &str, end: usize) -> usize {
    let digits = text.as_bytes()[..end].iter().rev();
    digits.take_while(|byte| byte.is_ascii_digit()).count()
}

/// What stands around without the low lines by which messengers make a text bold, and other signs that are the same on both
/// sides: `__202 555 0123__`, `==202 555 0123==`.
fn without_emphasis<'t>(before: &'t str, behind: &'t str) -> (&'t str, &'t str) {
    let Some(sign) = ['_', '=', '&', '%', '\\', '@']
        .into_iter()
        .find(|sign| before.ends_with(*sign) && behind.starts_with(*sign))
    else {
        return (before, behind);
    };
    let (bare, rest) = (
        before.trim_end_matches(sign),
        behind.trim_start_matches(sign),
    );
    let lines = before.len() - bare.len();
    let is_word = |letter: char| letter.is_alphanumeric();
    match lines > 0
        && lines == behind.len() - rest.len()
        && !bare.ends_with(is_word)
        && !rest.starts_with(is_word)
    {
        true => (bare, rest),
        false => (before, behind),
    }
}

/// True for signs that people set before telephone numbers.
pub(super) fn is_telephone(letter: char) -> bool {
    matches!(letter, '☎' | '✆' | '☏' | '📞' | '📱' | '📲' | '🤙')
}

/// True for hearts, stars and other pictures, not for signs that figures are written with.
pub(super) fn is_picture(letter: char) -> bool {
    matches!(letter as u32, 0xa4 | 0x25a0..0x27c0 | 0x2b00..0x2c00 | 0x1f000..0x1fb00)
        && !is_telephone(letter)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Number,
    Other,
}

/// The label nearest before the digits, over words that mean nothing by themselves.
fn label(before: &str) -> Option<Label> {
    // What a sign of a telephone stands before is one; what was said before the sign has no say.
    let signs = match before.is_ascii() {
        true => "",
        false => before,
    };
    if let Some((at, sign)) = signs
        .char_indices()
        .rev()
        .find(|(_, letter)| !letter.is_ascii() && is_telephone(*letter))
    {
        let between = &before[at + sign.len_utf8()..];
        let count = between
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|word| !FILLERS.contains(word))
            .count();
        return match count <= COLON_WORDS as usize {
            true => Some(Label::Number),
            false => label(between),
        };
    }
    if is_stroked(before) {
        return Some(Label::Other);
    }
    // Nor has a sentence that ended with a figure.
    let bytes = before.as_bytes();
    let ends = |at: &usize| {
        bytes.get(at + 1) == Some(&b' ')
            && at
                .checked_sub(1)
                .is_some_and(|at| bytes[at].is_ascii_digit())
    };
    if let Some(at) = memchr::memrchr_iter(b'.', bytes).find(ends) {
        return label(&before[at + 2..]);
    }
    let bare = before.trim_end_matches([
        ' ', ':', '：', '-', '(', '[', '=', '.', '+', '*', '是', '为',
    ]);
    if bare.ends_with(is_unspaced) {
        let ends = |labels: &[&str]| labels.iter().any(|label| bare.ends_with(label));
        return match (ends(UNSPACED_OTHERS), ends(UNSPACED_LABELS)) {
            (true, _) => Some(Label::Other),
            (_, true) => Some(Label::Number),
            _ => None,
        };
    }
    // "Bookings only here: 202…": the colon says that what is before it is about what follows.
    let mut others = match before.trim_end().ends_with(':') {
        true => COLON_WORDS,
        false => 0,
    };
    let words = before
        .rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '\''))
        .filter(|word| !word.is_empty());
    // `1Z 999 AA1 01 2345`: behind a code, only what it is a code of has a say.
    let mut behind_code = false;
    for word in words.take(WORDS) {
        if behind_code && !OTHERS.contains(word) {
            let has_figure = word.bytes().any(|byte| byte.is_ascii_digit());
            match has_figure {
                true => continue,
                false => return None,
            }
        }
        if LABELS.contains(word) {
            // "Order number", "ref no": the word before it decides.
            let at = before.rfind(word).unwrap_or(0);
            let is_general = matches!(
                word,
                "number"
                    | "numero"
                    | "número"
                    | "nummer"
                    | "numéro"
                    | "numer"
                    | "номер"
                    | "numărul"
            );
            if is_general && label(&before[..at]) == Some(Label::Other) {
                return Some(Label::Other);
            }
            return Some(Label::Number);
        }
        if before.ends_with(word) && is_glued_label(word) {
            return Some(Label::Number);
        }
        // `d'annonce`, `帖子ID`.
        let bare = word.rsplit('\'').next().unwrap_or(word);
        let is_id = || {
            word.strip_suffix("id")
                .is_some_and(|front| front.ends_with(is_unspaced))
        };
        if OTHERS.contains(bare) || is_other_number(word) || is_id() {
            return Some(Label::Other);
        }
        if is_taxed(before, word) || is_account(before, word) || is_abbreviated(before, word) {
            return Some(Label::Other);
        }
        let is_digits = word.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits && !FILLERS.contains(word) {
            if word.bytes().any(|byte| byte.is_ascii_digit()) {
                behind_code = true;
                continue;
            }
            if others == 0 {
                return is_registered(before).then_some(Label::Other);
            }
            others -= 1;
        }
    }
    None
}

/// True for a word that says that the figures behind it are no telephone's.
pub(super) fn is_another(word: &str) -> bool {
    OTHERS.contains(word)
}

/// True for a word, or its short form, that has a number which is no telephone's: `art`, `order`.
pub(in crate::selectors) fn is_numbered(word: &str) -> bool {
    OTHERS.contains(word) || others::SHORT.contains(&word)
}

/// True for a word that labels a number, or may stand between a label and its number.
pub(in crate::selectors) fn is_label(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    LABELS.contains(word) || FILLERS.contains(word)
}

/// True for words one of which labels a number.
pub(in crate::selectors) fn speaks_of_number(words: &str) -> bool {
    let lower = words.to_lowercase();
    lower
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '\''))
        .any(|word| LABELS.contains(word))
        || UNSPACED_LABELS.iter().any(|label| lower.contains(label))
}

/// The letters that stand right behind a number.
pub(super) fn glued_word(behind: &str) -> &str {
    let length = behind.find(|letter: char| !letter.is_alphanumeric());
    let word = &behind[..length.unwrap_or(behind.len())];
    match word.chars().all(char::is_alphabetic) {
        true => word,
        false => "",
    }
}

/// True for what people say at the end, glued to a number: kisses, "now", "call".
pub(super) fn is_farewell(word: &str) -> bool {
    let lower = word.to_lowercase();
    FAREWELLS.contains(lower.as_str())
        || LABELS.contains(lower.as_str())
        || lower.len() > 1 && lower.bytes().all(|letter| matches!(letter, b'x' | b'o'))
}

/// Two words of a label without anything between: `callme`, `mycell`.
fn is_glued_label(word: &str) -> bool {
    word.len() <= 16
        && word.char_indices().skip(2).any(|(at, _)| {
            let (front, behind) = word.split_at(at);
            let is_label = |word: &str| LABELS.contains(word);
            let is_filler = |word: &str| FILLERS.contains(word);
            is_label(front) && (is_filler(behind) || is_label(behind))
                || is_filler(front) && is_label(behind)
        })
}

fn is_labelled_behind(behind: &str) -> bool {
    let lower = behind.to_lowercase();
    let rest = lower.trim_start_matches([' ', ',', '-', '–', ')', '.', ':']);
    // What is said aside: "(ask for Kira)".
    let aside = rest.strip_prefix(['(', '[']).unwrap_or(rest);
    let said = |rest: &str| BEHIND.iter().find(|words| rest.starts_with(**words));
    let Some((rest, words)) =
        said(rest)
            .map(|words| (rest, words))
            .or_else(|| match aside.len() < rest.len() {
                true => said(aside).map(|words| (aside, words)),
                false => None,
            })
    else {
        return false;
    };
    // "96-66-98. WhatsApp 0899…": it is the next one's.
    let next = &rest[words.len()..];
    let near = &next[..next.floor_char_boundary(24)];
    near.bytes().filter(u8::is_ascii_digit).count() < 5
}

/// True where the line ends with the figures, and the next begins with what is said of them aside: "(ask for Kira)".
fn is_labelled_below(text: &str, end: usize) -> bool {
    let near = &text[end..text.floor_char_boundary(text.len().min(end + REACH))];
    let below = near.split_once('\n').map(|(_, below)| below);
    below.is_some_and(|below| {
        let line = below.split('\n').next().unwrap_or(below);
        line.trim_start_matches(' ').starts_with('(') && is_labelled_behind(line)
    })
}

/// True where what is behind figures says that they are somebody's years, or another amount.
pub(super) fn is_measured(behind: &str) -> bool {
    let rest = behind.trim_start_matches([' ', '\u{a0}']);
    let end = rest.find(|letter: char| !letter.is_alphabetic());
    let word = rest[..end.unwrap_or(rest.len())].to_lowercase();
    AGES.contains(&word.as_str()) || is_price(behind)
}

/// True where what is behind figures says that they are so many hours, days, months.
pub(super) fn is_span(behind: &str) -> bool {
    let rest = behind.trim_start_matches([' ', '\u{a0}']);
    let end = rest.find(|letter: char| !letter.is_alphabetic());
    let word = &rest[..end.unwrap_or(rest.len())];
    !word.is_empty() && SPANS.contains(word.to_lowercase().as_str())
}

/// True where what is behind a number word says what there are so many of.
pub(super) fn is_counted(behind: &str) -> bool {
    const COUNTED: [&str; 8] = [
        "girl", "girls", "lady", "ladies", "drama", "rush", "min", "mins",
    ];
    let rest = behind.strip_prefix(' ').unwrap_or_default();
    let end = rest.find(|letter: char| !letter.is_alphabetic());
    let word = &rest[..end.unwrap_or(rest.len())];
    is_span(behind) || COUNTED.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_price(behind: &str) -> bool {
    let rest = behind.trim_start_matches([' ', '\u{a0}']);
    if rest.starts_with(['%', '°']) {
        return true;
    }
    // `07700 900123 £80`: a sign that stands before an amount is that amount's.
    if let Some(amount) = rest.strip_prefix(['$', '€', '£', '¥', '₹', '₽']) {
        return !amount.starts_with(|letter: char| letter.is_ascii_digit());
    }
    if rest.starts_with(is_unspaced) {
        return UNSPACED_MEASURES
            .iter()
            .any(|measure| rest.starts_with(measure));
    }
    let word_end = rest
        .find(|letter: char| !letter.is_alphanumeric())
        .unwrap_or(rest.len());
    let word = rest[..word_end].to_lowercase();
    MEASURES.contains(word.as_str())
}

fn line_before(text: &str, start: usize) -> &str {
    let mut from = start.saturating_sub(REACH);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = &text[from..start];
    // A tab stands between the cells of a table: a label may stand in the one before.
    let line = before.rsplit('\n').next().unwrap_or(before);
    let bare = line.trim_matches([' ', '(', '+', '[']);
    if bare.is_empty() || super::parts::begins_first(bare) {
        // Below a line that announces something stands what it announces: `Tel:`.
        let above = before[..before.len() - line.len()].trim_end();
        if above.ends_with([':', '：']) || above.ends_with(is_telephone) {
            return above.rsplit('\n').next().unwrap_or(above);
        }
        // "Call me" with nothing behind it on its line.
        let above = above.rsplit('\n').next().unwrap_or(above);
        let bare = above.trim_end_matches([')', '!', '.', '>', '*']);
        if !bare.is_empty()
            && !bare.bytes().any(|byte| byte.is_ascii_digit())
            && label(&bare.to_lowercase()) == Some(Label::Number)
        {
            return bare;
        }
    }
    line
}

/// What numbers are glued to in the names of files and users.
const UNNAMED: [&str; 22] = [
    "img", "image", "photo", "foto", "pic", "file", "video", "scan", "doc", "user", "member",
    "guest", "client", "room", "post", "agent", "anon", "page", "screen", "pxl", "clip", "track",
];

/// True for such a word, in small letters.
pub(super) fn is_unnamed(word: &str) -> bool {
    UNNAMED.contains(&word)
}

/// The longest name that stands right before a number, in letters.
const NAME: std::ops::RangeInclusive<usize> = 2..=9;

/// True behind a name without a space between: `Mia02025550123`. Codes have capitals or small letters alone.
pub(super) fn follows_name(before: &str) -> bool {
    let front = before.trim_end_matches(char::is_alphabetic);
    let name = &before[front.len()..];
    let mut letters = name.chars();
    let touches = front.chars().next_back();
    letters.next().is_some_and(char::is_uppercase)
        && (letters.clone().all(char::is_lowercase)
            || LABELS.contains(name.to_lowercase().as_str()))
        && NAME.contains(&name.chars().count())
        && !name.contains(is_unspaced)
        && !touches.is_some_and(|letter| {
            letter.is_alphanumeric()
                || matches!(letter, '@' | '_' | '/' | '.' | '-' | '#' | '&' | '=' | '$')
        })
        && !OTHERS.contains(name.to_lowercase().as_str())
        && !UNNAMED.contains(&name.to_lowercase().as_str())
        && !is_other_number(&name.to_lowercase())
}

/// True for a word as sentences have them: three letters or more, small but for the first, and more than a code in base 16.
pub(super) fn is_plain_word(word: &str) -> bool {
    let count = word.chars().count();
    (3..=12).contains(&count)
        && word.chars().skip(1).all(char::is_lowercase)
        && !word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.contains([
            'a', 'e', 'i', 'o', 'u', 'y', 'ä', 'é', 'ö', 'ü', 'á', 'í', 'ó', 'ú', 'å',
        ])
        && !word.contains(is_unspaced)
        && !MEASURES.contains(word.to_lowercase().as_str())
}

/// True for a word in letters of one size that may stand right behind a number with a name right before it.
pub(super) fn is_word_behind_named(word: &str) -> bool {
    word.len() > 1
        && (word.chars().all(char::is_lowercase) || word.chars().all(char::is_uppercase))
        && !MEASURES.contains(word.to_lowercase().as_str())
}

fn line_behind(text: &str, end: usize) -> &str {
    let mut to = (end + REACH).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let behind = &text[end..to];
    behind.split('\n').next().unwrap_or(behind)
}
