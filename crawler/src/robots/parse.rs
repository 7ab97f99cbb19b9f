//! From bytes to groups: lines, keys and values as Google's open parser (github.com/google/robotstxt) reads them.

use std::{borrow::Cow, time::Duration};

use super::{Group, Pattern, Robots, Rule};

/// Longer lines are cut here, as Google does: eight times the longest URL that browsers had.
const LONGEST_LINE: usize = 2083 * 8 - 1;

pub(super) fn parse(bytes: &[u8]) -> Robots {
    let mut robots = Robots::default();
    // Agent lines that follow each other open one group; the next agent line after a rule opens another.
    let mut rules_seen = true;
    for (number, line) in lines(without_bom(bytes)) {
        let Some((key, value)) = key_and_value(line) else {
            continue;
        };
        match Key::of(key) {
            Key::UserAgent => {
                if rules_seen {
                    robots.groups.push(Group::default());
                    rules_seen = false;
                }
                if let Some(group) = robots.groups.last_mut() {
                    add_agent(group, value);
                }
            }
            Key::Rule { allow } => {
                // Rules before any agent line are for nobody, and do not end the group to come.
                if let Some(group) = robots.groups.last_mut() {
                    group.rules.push(rule(number, allow, value));
                    rules_seen = true;
                }
            }
            Key::CrawlDelay => {
                if let Some(group) = robots.groups.last_mut() {
                    group.crawl_delay = group.crawl_delay.max(seconds(value));
                }
            }
            Key::Sitemap => robots
                .sitemaps
                .push(String::from_utf8_lossy(value).into_owned()),
            Key::Unknown => {}
        }
    }
    robots
}

enum Key {
    UserAgent,
    Rule { allow: bool },
    CrawlDelay,
    Sitemap,
    Unknown,
}

impl Key {
    /// By how the key begins, whatever the case, with the slips that Google accepts.
    fn of(key: &[u8]) -> Self {
        let is = |words: &[&str]| {
            words.iter().any(|word| {
                key.get(..word.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
            })
        };
        if is(&["user-agent", "useragent", "user agent"]) {
            Self::UserAgent
        } else if is(&["allow"]) {
            Self::Rule { allow: true }
        } else if is(&[
            "disallow",
            "dissallow",
            "dissalow",
            "disalow",
            "diasllow",
            "disallaw",
        ]) {
            Self::Rule { allow: false }
        } else if is(&["crawl-delay", "crawldelay", "crawl delay"]) {
            Self::CrawlDelay
        } else if is(&["sitemap", "site-map"]) {
            Self::Sitemap
        } else {
            Self::Unknown
        }
    }
}

/// A byte order mark, or the beginning of one, is passed over.
fn without_bom(bytes: &[u8]) -> &[u8] {
    let mark = [0xEF, 0xBB, 0xBF];
    let length = bytes
        .iter()
        .zip(mark)
        .take_while(|&(&byte, mark)| byte == mark)
        .count();
    &bytes[length..]
}

/// Numbered lines, ended by LF, CR or both.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = bytes;
    let mut number = 0;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end.min(LONGEST_LINE)];
        let ending = if rest[end..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        rest = rest.get(end + ending..).unwrap_or_default();
        number += 1;
        Some((number, line))
    })
}

/// `key: value # comment`. Some forget the colon: white space stands for it where that leaves exactly two words.
fn key_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.split(|&byte| byte == b'#').next()?.trim_ascii();
    let (key, value) = if let Some(colon) = memchr::memchr(b':', line) {
        (&line[..colon], &line[colon + 1..])
    } else {
        let space = line.iter().position(u8::is_ascii_whitespace)?;
        let (key, value) = (&line[..space], line[space..].trim_ascii());
        if value.iter().any(u8::is_ascii_whitespace) {
            return None;
        }
        (key, value)
    };
    let key = key.trim_ascii();
    (!key.is_empty()).then(|| (key, value.trim_ascii()))
}

fn add_agent(group: &mut Group, value: &[u8]) {
    // A star and then more words is still a star.
    if value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace) {
        group.everyone = true;
        return;
    }
    // The product token ends where its letters do: `FooBot/1.2` is FooBot.
    let token: String = value
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
        .map(|&byte| char::from(byte))
        .collect();
    if !token.is_empty() {
        group.agents.push(token);
    }
}

fn rule(number: u32, allow: bool, value: &[u8]) -> Rule {
    let text = escaped(value);
    let other = if allow {
        index_page(&text)
    } else {
        Some(decoded(&text)).filter(|other| *other != text)
    };
    Rule {
        number,
        allow,
        other: other.map(|text| Pattern::new(&text)),
        pattern: Pattern::new(&text),
    }
}

/// Bytes beyond ASCII as `%XX`, and the digits of escapes in upper case.
fn escaped(value: &[u8]) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                text.push('%');
                text.push(char::from(high.to_ascii_uppercase()));
                text.push(char::from(low.to_ascii_uppercase()));
                rest = after;
            }
            (0x80.., _) => text.push_str(&format!("%{byte:02X}")),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

/// Google: who allows `/dir/index.html` means `/dir/` as well.
fn index_page(text: &str) -> Option<String> {
    let slash = text.rfind('/')?;
    text[slash..]
        .starts_with("/index.htm")
        .then(|| format!("{}$", &text[..=slash]))
}

/// A disallow line as RFC 9309 §2.2.2 compares it, and as our own URLs are written: needless escapes undone, needful ones
/// made. Google compares the line as it stands, so a site may have meant either; where they differ we keep away from both.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let byte = rest
            .strip_prefix('%')
            .and_then(|digits| digits.get(..2))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (piece, length): (Cow<'_, str>, usize) = match byte.map(char::from) {
            Some(plain) if plain.is_ascii_alphanumeric() || "-._~".contains(plain) => {
                (plain.to_string().into(), 3)
            }
            Some(_) => (rest[..3].into(), 3),
            None if " \"<>`{}".contains(first) => (format!("%{:02X}", u32::from(first)).into(), 1),
            None => (first.to_string().into(), first.len_utf8()),
        };
        out.push_str(&piece);
        rest = &rest[length..];
    }
    out
}

/// Decimal seconds. Nothing where it is no number, or a negative one.
fn seconds(value: &[u8]) -> Option<Duration> {
    let number: f64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    // Not a number is no more a delay than a negative one.
    (number >= 0.0).then(|| Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX))
}
