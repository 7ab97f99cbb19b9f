//! Gaps: what stands between two pieces, and whether it may stand within one number.

use std::ops::Range;

use super::{
    super::{
        amounts::{NEGATIONS, tells_of_amounts},
        around::{is_another, is_telephone},
        parts,
    },
    emoticons, told,
};
use crate::selectors::{
    fold::MONEY,
    words::{self, is_unspaced},
};

/// What stands between two pieces. Ordered: the farther apart, the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Gap {
    /// Nothing: they are one word.
    Glued,
    /// What numbers are written with.
    Plain,
    /// Signs that numbers are not written with.
    Odd,
    /// The end of a line.
    Line,
    /// Words: how many.
    Words(u8),
    /// Too much for one number.
    Break,
}

/// The most that stands between two pieces of a number, in bytes.
pub(super) const BETWEEN: usize = 48;
/// The longest remark in brackets between them, in characters.
const ASIDE: usize = 12;
/// The most words that stand between them.
const WORDS: u8 = 4;
/// The most signs that stand between them without a word.
const SIGNS: usize = 12;

/// What a gap is.
pub(super) fn gap(between: &str) -> Gap {
    if between.len() > BETWEEN {
        return Gap::Break;
    }
    // So most are that are no words.
    if matches!(between, "" | " " | "-" | "." | "/") {
        return Gap::Plain;
    }
    let mut kind = Gap::Plain;
    let mut words = 0;
    let mut signs = 0;
    let mut lines = 0;
    let mut in_word = false;
    // `202 (ok?) 555`: what is said aside has no say.
    if let Some((front, behind)) = without_aside(between) {
        return match gap(&format!("{front} {behind}")) {
            Gap::Glued | Gap::Plain | Gap::Odd => Gap::Words(1),
            Gap::Words(words) => Gap::Words(words.saturating_add(1)),
            other => other,
        };
    }
    if let Some(bare) = emoticons::without(between) {
        return gap(&bare).max(Gap::Odd);
    }
    // `2024181.jpg and photo3`: what is before is a part of a file's name.
    if begins_with_ending(between) {
        return Gap::Break;
    }
    // `200, 24h, 7`: an amount of its own stands between.
    if has_measured(between) {
        return Gap::Break;
    }
    for letter in between.chars() {
        let is_letter = match letter.is_ascii() {
            true => letter.is_ascii_alphanumeric(),
            false => letter.is_alphanumeric(),
        };
        if is_letter && !in_word {
            words += 1;
        }
        in_word = is_letter || in_word && matches!(letter, '\'' | '’');
        match letter {
            _ if is_letter => {}
            ' ' => {}
            '\n' => lines += 1,
            // Money, and what begins another number.
            _ if !letter.is_ascii() && is_telephone(letter) => return Gap::Break,
            // `0491€570%006`: a sign that touches figures on both sides parts them.
            _ if MONEY.contains(&letter) || letter == '%' => {
                if between.chars().nth(1).is_some() {
                    return Gap::Break;
                }
                signs += 1;
                kind = Gap::Odd;
            }
            '+' | '@' => return Gap::Break,
            // `5°5` is decorated; `180 °C` is measured.
            '°' if between.chars().count() > 1 => return Gap::Break,
            letter if is_plain(letter) => signs += usize::from(letter != ' '),
            _ => {
                signs += 1;
                kind = Gap::Odd;
            }
        }
    }
    // "555 and the last four are 0123": words that only tell how it goes on part no more than one does, within a sentence.
    if words > 1 {
        let others = told::other_words(between, usize::from(WORDS) + 1) as u8;
        if words > WORDS || others == 0 && !between.contains(['.', ':', '?', '!', '\n']) {
            words = others.max(1);
        }
    }
    match () {
        () if words > WORDS => Gap::Break,
        () if lines > 2 || signs > SIGNS => Gap::Break,
        () if words > 0 && lines > 1 => Gap::Break,
        () if words > 0 => match ends_sentence(between)
            && !(told::is_all_told(between) || told::is_tag_question(between) || parts::is_told(between))
            || tells_of_amounts(between) && !told::is_telling(between)
            || names_another(between)
            // `0171 392**** click to show`.
            || ["***", "###", "•••"].iter().any(|mask| between.starts_with(mask))
        {
            true => Gap::Break,
            false => Gap::Words(words),
        },
        () if lines > 0 => Gap::Line,
        // What a sentence's end stands between seldom is one number, so it is wider than what stands within.
        () if kind == Gap::Plain && (between.starts_with(". ") || between.chars().count() > 4) => {
            Gap::Odd
        }
        () => kind,
    }
}

/// True where a figure with its measure stands between: `24h`, `90min`. The `4` of "last 4" and the `2nd` are none.
fn has_measured(between: &str) -> bool {
    const MEASURED: [&str; 8] = ["h", "hs", "hrs", "min", "mins", "am", "pm", "kg"];
    let has_figure = between.bytes().any(|byte| byte.is_ascii_digit());
    let mut words = between.split(|letter: char| !letter.is_alphanumeric());
    has_figure
        && words.any(|word| {
            let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
            unit.len() < word.len()
                && MEASURED
                    .iter()
                    .any(|known| unit.eq_ignore_ascii_case(known))
        })
}

/// True where the ending of a file's name touches what is before.
fn begins_with_ending(between: &str) -> bool {
    const ENDINGS: [&str; 19] = [
        "jpg", "jpeg", "png", "gif", "webp", "heic", "bmp", "tiff", "mp4", "mov", "avi", "mkv",
        "webm", "mp3", "pdf", "doc", "docx", "zip", "txt",
    ];
    let Some(rest) = between.strip_prefix('.') else {
        return false;
    };
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric());
    let ending = &rest[..end.unwrap_or(rest.len())];
    ENDINGS
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Where somebody is reached.
const CHANNELS: [&str; 9] = [
    "telegram",
    "whatsapp",
    "viber",
    "signal",
    "wechat",
    "instagram",
    "snapchat",
    "skype",
    "email",
];

/// True for a word by which another figure is called: "F26-00365, ticket 72760297".
fn names_another(between: &str) -> bool {
    let words = between.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| word.len() > 3).any(|word| {
        let lower = word.to_lowercase();
        is_another(&lower) && told::other_words(&lower, 1) > 0
    })
}

/// True where it is named where else somebody is reached: "10-22, Telegram 24/7".
pub(super) fn names_channel(between: &str) -> bool {
    let mut before = String::new();
    between
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .any(|word| {
            // "No whatsapp": what is denied is no other way.
            let is_denied = NEGATIONS.contains(&&*before);
            before.clone_from(&word);
            CHANNELS.contains(&&*word) && !is_denied
        })
}

/// What stands before and behind a remark in brackets, which has no figure in it and says of no amount.
fn without_aside(between: &str) -> Option<(&str, &str)> {
    let start = between.find(['(', '['])?;
    let length = between[start..].find([')', ']'])?;
    let aside = &between[start + 1..start + length];
    let front = &between[..start];
    let is_short = aside.chars().count() <= ASIDE && !aside.is_empty();
    let is_bare = !aside
        .contains(|letter: char| letter.is_numeric() || letter == '\n' || MONEY.contains(&letter));
    // Figures are said to be of something there: `555 (home)`, `3 (big)`.
    let says = aside.contains(|letter: char| !letter.is_alphanumeric() && letter != ' ')
        || words::senses(&words::fold(aside)).is_none() && !tells_of_amounts(aside);
    (is_short && is_bare && says && !front.contains('\n'))
        .then(|| (front, &between[start + length + 1..]))
}

/// True where a sentence ends between: what follows is about something else. In scripts without spaces any word does,
/// since sentences there are full of numerals.
fn ends_sentence(between: &str) -> bool {
    if between.is_ascii() {
        let bytes = between.as_bytes();
        let is_stop = |at: usize| {
            matches!(bytes[at], b'.' | b';')
                && bytes
                    .get(at + 1)
                    .is_some_and(|next| char::from(*next).is_whitespace())
                && (at == 0 || bytes[at - 1] != b'.')
        };
        return (0..bytes.len()).any(|at| matches!(bytes[at], b'!' | b'?') || is_stop(at));
    }
    between.contains(['!', '?', '。', '！', '？'])
        || between.contains('，') && !is_connecting(between)
        || between.contains(is_unspaced) && !is_connecting(between)
        || between.match_indices(['.', ';']).any(|(at, _)| {
            let rest = &between[at + 1..];
            rest.starts_with(char::is_whitespace) && !between[..at].ends_with('.')
        })
}

/// True for a word of a script without spaces that says that a number goes on.
fn is_connecting(between: &str) -> bool {
    const CONNECTED: usize = 24;
    const CONNECTING: [&str; 56] = [
        "然后",
        "然後",
        "加上",
        "加",
        "接着",
        "接著",
        "后",
        "後",
        "面",
        "前",
        "再",
        "和",
        "最",
        "末",
        "尾",
        "号",
        "號",
        "码",
        "碼",
        "数",
        "位",
        "是",
        "为",
        "為",
        "三",
        "四",
        "开头",
        "開頭",
        "结尾",
        "結尾",
        "中间",
        "中間",
        "区",
        "區",
        "字",
        "그리고",
        "다음",
        "แล้ว",
        "ก็",
        "และ",
        "ต่อด้วย",
        "ต่อ",
        "ตามด้วย",
        "ขึ้นต้นด้วย",
        "ขึ้นต้น",
        "ลงท้ายด้วย",
        "ลงท้าย",
        "ท้าย",
        "ตัว",
        "หลัก",
        "เบอร์",
        "สี่",
        "สาม",
        "คือ",
        "それから",
        "下4桁",
    ];
    let is_between =
        |letter: char| !letter.is_alphanumeric() && !matches!(letter as u32, 0xe30..0xe50);
    let mut rest = between.trim_matches(is_between);
    if rest.chars().count() > CONNECTED {
        return false;
    }
    while !rest.is_empty() {
        let Some(word) = CONNECTING
            .iter()
            .filter(|word| rest.starts_with(**word))
            .max_by_key(|word| word.len())
        else {
            return false;
        };
        rest = rest[word.len()..].trim_start_matches(is_between);
    }
    true
}

/// Signs that stand between the digits of ordinary numbers, and between words that say them.
fn is_plain(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '.' | '/' | '(' | ')' | ',' | '\'' | '’' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '、' | '،' | '\u{30fb}'
        )
}

/// True for a short figure with a word behind it that says what it counts.
pub(super) fn is_amount(text: &str, token: Range<usize>, digits: usize) -> bool {
    // `10月21日`, `30분`: what is counted touches its figure.
    let touches = text[token.end..].chars().next();
    if digits == token.len() && touches.is_some_and(is_counter) {
        return digits <= 4;
    }
    let Some(rest) = text[token.end..].strip_prefix(' ') else {
        // A date: 12/17/2022.
        let behind = &text.as_bytes()[token.end..];
        return digits <= 2
            && matches!(behind, [b'/', day, ..] if day.is_ascii_digit())
            && behind.iter().filter(|byte| **byte == b'/').take(2).count() == 2;
    };
    let length = rest
        .find(|letter: char| !letter.is_alphanumeric())
        .unwrap_or(rest.len());
    // "555 in the middle, 0123" are no inches.
    let near = &rest[..rest.floor_char_boundary(BETWEEN)];
    let next = near.find(|letter: char| letter.is_ascii_digit());
    digits <= 3
        && digits == token.len()
        && tells_of_amounts(&rest[..length])
        && !(&rest[..length] == "in" && told::is_telling(&near[..next.unwrap_or(near.len())]))
}

/// True for what is counted or measured, in scripts without spaces.
fn is_counter(letter: char) -> bool {
    matches!(
        letter,
        '年' | '月'
            | '日'
            | '岁'
            | '歳'
            | '歲'
            | '时'
            | '時'
            | '点'
            | '點'
            | '分'
            | '元'
            | '块'
            | '塊'
            | '円'
            | '圆'
            | '万'
            | '斤'
            | '楼'
            | '樓'
            | '室'
            | '년'
            | '월'
            | '일'
            | '시'
            | '분'
            | '원'
            | '만'
            | '세'
            | '살'
    )
}
