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
/// Houses of mail that everybody has heard of, and what their hosts end with.
const MAIL: [(&str, &[&str]); 54] = [
    ("gmail", &["com"]),
    ("googlemail", &["com"]),
    (
        "yahoo",
        &[
            "co.uk", "co.in", "co.jp", "co.id", "co.nz", "co.th", "co.za", "co.kr", "com.br",
            "com.mx", "com.ar", "com.au", "com.vn", "com.ph", "com.sg", "com.hk", "com.tw",
            "com.tr", "com.my", "com.co", "com.pe", "com.ve", "com", "fr", "de", "es", "it", "nl",
            "se", "be", "in", "ca", "ie", "no", "dk", "fi", "gr", "pl", "pt", "ro", "at", "ch",
            "cz", "hu",
        ],
    ),
    ("ymail", &["com"]),
    ("rocketmail", &["com"]),
    (
        "hotmail",
        &[
            "co.uk", "co.th", "co.jp", "co.nz", "co.il", "co.za", "co.id", "com.br", "com.mx",
            "com.ar", "com.tr", "com.au", "com.vn", "com.hk", "com.tw", "com", "fr", "de", "es",
            "it", "nl", "se", "be", "in", "ca", "no", "dk", "fi", "ch", "gr", "hu", "cz", "pt",
            "ro", "at", "ie", "my", "sg", "ru",
        ],
    ),
    (
        "outlook",
        &[
            "co.uk", "co.th", "co.id", "co.nz", "co.il", "com.br", "com.mx", "com.ar", "com.au",
            "com.tr", "com.vn", "com.gr", "com", "fr", "de", "es", "it", "nl", "se", "be", "in",
            "ca", "at", "dk", "pt", "ie", "jp", "gr", "cz", "hu", "sg", "my", "ph", "sa", "cl",
            "kr", "sk", "lv", "pl",
        ],
    ),
    (
        "live",
        &[
            "co.uk", "co.za", "com.br", "com.mx", "com.ar", "com.au", "com.pt", "com.my", "com.sg",
            "com", "fr", "de", "es", "it", "nl", "se", "be", "in", "ca", "no", "dk", "at", "cl",
            "cn", "jp", "ie", "ru",
        ],
    ),
    ("msn", &["com"]),
    ("icloud", &["com"]),
    ("me", &["com"]),
    ("mac", &["com"]),
    ("aol", &["co.uk", "com", "de", "fr", "it", "es", "nl", "se"]),
    (
        "gmx",
        &[
            "co.uk", "de", "net", "com", "at", "ch", "fr", "es", "it", "us", "li", "info", "org",
        ],
    ),
    ("yandex", &["com.tr", "ru", "com", "ua", "by", "kz"]),
    ("protonmail", &["com", "ch"]),
    ("proton", &["me"]),
    ("pm", &["me"]),
    ("mail", &["ru"]),
    ("bk", &["ru"]),
    ("rambler", &["ru"]),
    ("qq", &["com"]),
    ("163", &["com"]),
    ("126", &["com"]),
    ("naver", &["com"]),
    ("hanmail", &["net"]),
    ("web", &["de"]),
    ("t-online", &["de"]),
    ("freenet", &["de"]),
    ("posteo", &["de", "net", "at"]),
    ("arcor", &["de"]),
    ("tutanota", &["com", "de"]),
    ("tuta", &["io", "com"]),
    ("libero", &["it"]),
    ("virgilio", &["it"]),
    ("tiscali", &["it"]),
    ("alice", &["it"]),
    ("tin", &["it"]),
    ("laposte", &["net"]),
    ("wanadoo", &["fr"]),
    ("telefonica", &["net"]),
    ("bol", &["com.br"]),
    ("uol", &["com.br"]),
    ("sapo", &["pt"]),
    ("telenet", &["be"]),
    ("skynet", &["be"]),
    ("ziggo", &["nl"]),
    ("seznam", &["cz"]),
    ("wp", &["pl"]),
    ("o2", &["pl"]),
    ("onet", &["pl"]),
    ("interia", &["pl"]),
    ("abv", &["bg"]),
    ("ukr", &["net"]),
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

/// The endings that the hosts of a well-known house of mail have, the long ones first; none where it isn't known.
pub(super) fn mail_endings(house: &str) -> &'static [&'static str] {
    let mut houses = MAIL.iter();
    let known = houses.find(|(name, _)| house.eq_ignore_ascii_case(name));
    known.map_or(&[], |(_, endings)| endings)
}

/// True for the domain of a well-known host of mail.
pub(super) fn is_mail_host(name: &str) -> bool {
    name.split_once('.').is_some_and(|(house, ending)| {
        let mut endings = mail_endings(house).iter();
        endings.any(|known| ending.eq_ignore_ascii_case(known))
    })
}
