//! Endings of domains: which there are, which are common, and which are also words.

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
    let name = name.to_lowercase();
    let Some((front, ending)) = name.rsplit_once('.') else {
        return false;
    };
    let labels_fit = name.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains(['_', '+', '@'])
    });
    labels_fit && !front.is_empty() && (is_reserved(ending) || is_registrable(&name))
}

/// True for an ending that only examples have.
pub(super) fn is_reserved(ending: &str) -> bool {
    RESERVED
        .iter()
        .any(|reserved| ending.eq_ignore_ascii_case(reserved))
}

fn is_registrable(name: &str) -> bool {
    let Ok(ascii) = ::url::Host::parse(name) else {
        return false;
    };
    let ascii = ascii.to_string();
    psl::suffix(ascii.as_bytes()).is_some_and(|suffix| suffix.is_known())
        && psl::domain_str(&ascii).is_some()
}

/// True for a domain with one of the endings that most have.
pub(super) fn is_common_ending(name: &str) -> bool {
    let name = name.to_lowercase();
    is_domain(&name)
        && COMMON.iter().any(|ending| {
            name.strip_suffix(ending)
                .is_some_and(|front| front.ends_with('.'))
        })
}

/// True for a domain whose ending is a word of its own: "this dot in", "call me".
pub(super) fn is_everyday_ending(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    EVERYDAY.contains(&ending.as_str())
}

/// True for the domain of a well-known host of mail.
pub(super) fn is_mail_host(name: &str) -> bool {
    MAIL.contains(&name.to_lowercase().as_str())
}
