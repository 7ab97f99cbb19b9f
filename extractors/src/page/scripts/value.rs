//! Values of constant expressions, and what may be done to them.

use scraper::node::Element;

use super::Place;

/// The longest text that is put together, in bytes, and the most items of a list.
pub(super) const LONGEST: usize = 1_000;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'e> {
    Text(String),
    Number(i64),
    List(Vec<Value<'e>>),
    /// Values by their names.
    Named(Vec<(String, Value<'e>)>),
    /// An element of the page.
    Element(Place),
    /// The data of the element whose event it is.
    Data(&'e Element),
    /// What belongs to the browser: `window`, `document`, `location`, `String`.
    Browser,
}

impl Value<'_> {
    /// As it is written where text is wanted.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The two together.
    pub fn and(self, other: Self) -> Option<Self> {
        if let (Self::Number(one), Self::Number(other)) = (&self, &other) {
            return one.checked_add(*other).map(Self::Number);
        }
        let mut text = self.text()?;
        text.push_str(&other.text()?);
        (text.len() <= LONGEST).then_some(Self::Text(text))
    }

    /// The items of a list; a value by itself is one.
    pub fn items(&self) -> std::slice::Iter<'_, Self> {
        match self {
            Self::List(items) => items.iter(),
            _ => std::slice::from_ref(self).iter(),
        }
    }

    pub fn joined(&self, sign: &str) -> Option<String> {
        let parts: Option<Vec<String>> = self.items().map(Value::text).collect();
        Some(parts?.join(sign)).filter(|text| text.len() <= LONGEST)
    }
}

/// Characters by their numbers.
pub(super) fn of_codes<'e, 'v: 'e>(codes: impl Iterator<Item = &'e Value<'v>>) -> Option<String> {
    codes
        .map(|code| match code {
            Value::Number(code) => u32::try_from(*code).ok().and_then(char::from_u32),
            Value::Text(code) => code.trim().parse().ok().and_then(char::from_u32),
            _ => None,
        })
        .collect()
}

/// What `atob` makes of a text.
pub(super) fn of_base64(text: &str) -> Option<String> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            byte if byte.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A text each of whose letters is another: what a callback that counts characters' numbers does to it. None for one that
/// is not known.
pub(super) fn shifted(text: &str, callback: &str) -> Option<String> {
    let turn = |letter: char| -> char {
        let base = match letter {
            'a'..='z' => b'a',
            'A'..='Z' => b'A',
            _ => return letter,
        };
        char::from(base + (letter as u8 - base + 13) % 26)
    };
    if !callback.contains("fromCharCode") {
        return None;
    }
    if callback.contains("13") && (callback.contains("26") || callback.contains("122")) {
        return Some(text.chars().map(turn).collect());
    }
    let (sign, by) = step(callback)?;
    text.chars()
        .map(|letter| moved(letter as u32, sign, by))
        .collect()
}

/// What a callback adds to each character's number: `String.fromCharCode(c.charCodeAt(0) - 1)`.
fn step(callback: &str) -> Option<(u8, u32)> {
    let at = callback.rfind(['-', '+', '^'])?;
    let digits = callback[at + 1..].trim_start();
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    Some((callback.as_bytes()[at], digits[..length].parse().ok()?))
}

fn moved(code: u32, sign: u8, by: u32) -> Option<char> {
    let code = match sign {
        b'-' => code.checked_sub(by)?,
        b'+' => code.checked_add(by)?,
        _ => code ^ by,
    };
    char::from_u32(code)
}

/// A text without what a pattern finds, or with something else in its place: a literal one, or signs in brackets.
pub(super) fn replaced(text: &str, pattern: &Pattern<'_>, to: &str) -> Option<String> {
    let out = match pattern {
        Pattern::Text(from) => text.replacen(from.as_str(), to, 1),
        Pattern::Of { source, is_all } => {
            let is_one = |letter: char| one_of(source, letter);
            let is_known = source.chars().all(char::is_alphanumeric)
                || source.starts_with('[') && source.ends_with(']')
                || source.starts_with('\\') && source.len() == 2
                || source.chars().count() == 1;
            match (is_known, source.chars().all(char::is_alphanumeric)) {
                (false, _) => return None,
                (_, true) if *is_all => text.replace(source, to),
                (_, true) => text.replacen(source, to, 1),
                (_, false) if *is_all => text.replace(is_one, to),
                (_, false) => text.replacen(is_one, to, 1),
            }
        }
    };
    (out.len() <= LONGEST).then_some(out)
}

/// What is looked for in a text.
pub(super) enum Pattern<'s> {
    Text(String),
    /// A regular expression.
    Of {
        source: &'s str,
        is_all: bool,
    },
}

/// True for a letter that a simple expression means: `[-_ ]`, `\D`, `#`.
fn one_of(source: &str, letter: char) -> bool {
    let inner = source
        .strip_prefix('[')
        .and_then(|source| source.strip_suffix(']'))
        .unwrap_or(source);
    let (inner, is_other) = match inner
        .strip_prefix('^')
        .filter(|_| inner.len() < source.len())
    {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let mut letters = inner.chars().peekable();
    let mut is_in = false;
    while let Some(one) = letters.next() {
        let escaped = match one {
            '\\' => letters.next(),
            _ => None,
        };
        is_in |= match escaped {
            Some('d') => letter.is_ascii_digit(),
            Some('D') => !letter.is_ascii_digit(),
            Some('s') => letter.is_whitespace(),
            Some('w') => letter.is_ascii_alphanumeric() || letter == '_',
            Some('W') => !(letter.is_ascii_alphanumeric() || letter == '_'),
            Some(sign) => sign == letter,
            None if letters.peek() == Some(&'-') => {
                let mut ahead = letters.clone();
                ahead.next();
                match ahead.next() {
                    Some(last) => {
                        letters = ahead;
                        (one..=last).contains(&letter)
                    }
                    None => one == letter,
                }
            }
            None => one == letter,
        };
    }
    is_in != is_other
}
