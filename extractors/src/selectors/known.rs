//! Endings of domains: which there are, which are common, and which are also words.

use std::borrow::Cow;

/// Endings that nobody can register, for examples and for tests (RFC 2606). They are read like others, so that
/// exercises and documentation behave like the real thing.
const RESERVED: [&str; 2] = ["example", "test"];

/// Endings under which most sites are.
const COMMON: [&str; 44] = [
    "com", "net", "org", "info", "biz", "example", "co.uk", "org.uk", "uk", "de", "fr", "es", "it",
    "nl", "pt", "ru", "pl", "ro", "cz", "com.br", "br", "com.mx", "mx", "com.au", "au", "ca", "eu",
    "ch", "at", "se", "ua", "vn", "cn", "com.cn", "jp", "kr", "io", "xyz", "online", "site",
    "club", "xxx", "onion", "app",
];
/// How long these are, by their first letters: a bit for each length in bytes.
const COMMON_LENGTHS: [u16; 26] = {
    let mut lengths = [0; 26];
    let mut index = 0;
    while index < COMMON.len() {
        let ending = COMMON[index].as_bytes();
        lengths[(ending[0] - b'a') as usize] |= 1 << ending.len();
        index += 1;
    }
    lengths
};
/// Hosts by which platforms shorten their addresses, under endings that are words.
const SHORT: [&str; 5] = ["t.me", "wa.me", "fb.me", "m.me", "ig.me"];
/// Endings that are everyday words of some language too.
const EVERYDAY: [&str; 38] = [
    "in", "is", "it", "at", "me", "my", "no", "so", "to", "us", "be", "as", "am", "do", "by", "de",
    "la", "es", "al", "se", "si", "tu", "eu", "au", "im", "ist", "il", "ne", "pm", "tv", "here",
    "now", "one", "live", "best", "today", "men", "date",
];
/// Hosts of mail that everybody has heard of.
const MAIL: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.fr",
    "ymail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "hotmail.fr",
    "outlook.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "mail.ru",
    "yandex.ru",
    "protonmail.com",
    "proton.me",
    "qq.com",
    "163.com",
];

/// True for a name with an ending under which domains are registered.
pub(super) fn is_domain(name: &str) -> bool {
    let Some((front, ending)) = name.rsplit_once('.') else {
        return false;
    };
    if front.is_empty() || !may_end(ending) {
        return false;
    }
    let name = small(name);
    let labels_fit = name.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains(['_', '+', '@'])
    });
    labels_fit && (is_reserved(ending) || is_registrable(&name))
}

/// True for a host in ASCII with an ending under which domains are registered, or one that is kept for examples. Browsers open
/// others too, and texts may name them, but most often they are slips.
pub fn has_known_ending(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let ending = host.rsplit_once('.').map_or(host, |(_, ending)| ending);
    is_reserved(ending) || psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// False for what no domain ends with: a single letter, a figure. The rest is looked up.
fn may_end(ending: &str) -> bool {
    match ending.is_ascii() {
        true if ending.len() > 3 && ending.get(..4) == Some("xn--") => true,
        true => ending.len() > 1 && ending.bytes().all(|byte| byte.is_ascii_alphabetic()),
        false => true,
    }
}

/// The name in small letters; most are written so.
fn small(name: &str) -> Cow<'_, str> {
    match name
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        true => Cow::Borrowed(name),
        false => Cow::Owned(name.to_lowercase()),
    }
}

/// True for an ending that only examples have.
pub(super) fn is_reserved(ending: &str) -> bool {
    RESERVED
        .iter()
        .any(|reserved| ending.eq_ignore_ascii_case(reserved))
}

/// True for a name in small letters whose ending is on the list of public suffixes, with something before it.
fn is_registrable(name: &str) -> bool {
    // A plain name is what the parser of hosts would make of it; looking at the ending first costs little.
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && !name.contains("xn--");
    if is_plain {
        return is_under_suffix(name);
    }
    ::url::Host::parse(name).is_ok_and(|ascii| is_under_suffix(&ascii.to_string()))
}

fn is_under_suffix(ascii: &str) -> bool {
    psl::suffix(ascii.as_bytes()).is_some_and(|suffix| suffix.is_known())
        && psl::domain_str(ascii).is_some()
}

/// True for a domain with one of the endings that most have.
pub(super) fn is_common_ending(name: &str) -> bool {
    let name = small(name);
    let is_common = COMMON.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|front| front.ends_with('.'))
    });
    (is_common || SHORT.contains(&&*name)) && is_domain(&name)
}

/// False where what stands behind a dot is no ending that most domains have: the last parts of the common ones are
/// common themselves.
pub(super) fn may_be_common(behind: &str) -> bool {
    let dot = behind.bytes().rposition(|byte| byte == b'.');
    let ending = dot.map_or(behind, |dot| &behind[dot + 1..]);
    // Most words have a length that no ending with their first letter has.
    let lengths = ending.bytes().next().map_or(0, |first| {
        let first = first.to_ascii_lowercase().wrapping_sub(b'a');
        COMMON_LENGTHS.get(usize::from(first)).copied().unwrap_or(0)
    });
    if ending.len() >= 16 || lengths >> ending.len() & 1 == 0 {
        return false;
    }
    COMMON
        .iter()
        .any(|common| ending.eq_ignore_ascii_case(common))
}

/// True for a domain whose ending is a word of its own: "this dot in", "call me".
pub(super) fn is_everyday_ending(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or(name);
    EVERYDAY
        .iter()
        .any(|everyday| ending.eq_ignore_ascii_case(everyday))
}

/// True for a host by which platforms or messengers shorten their addresses.
pub(super) fn is_platform_host(name: &str) -> bool {
    let name = small(name);
    SHORT.contains(&&*name) || super::handle::is_host(&name)
}

/// True for the domain of a well-known host of mail.
pub(super) fn is_mail_host(name: &str) -> bool {
    MAIL.iter().any(|host| name.eq_ignore_ascii_case(host))
}
