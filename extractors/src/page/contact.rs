//! What a link's address tells that its text may not: numbers, addresses, names and sites to be written out.

use std::borrow::Cow;

use html5ever::local_name;
use scraper::node::Element;
use url::{Host, Url};

use super::text::attribute;
use crate::selectors;

/// How much of a link's address is written out, in bytes.
pub(super) const WRITTEN: usize = 500;

/// Schemes whose links carry a selector, and whether it is a number.
const SCHEMES: [(&str, Carries); 23] = [
    ("tel", Carries::Number),
    ("sms", Carries::Number),
    ("smsto", Carries::Number),
    ("mms", Carries::Number),
    ("callto", Carries::Number),
    ("facetime", Carries::Number),
    ("whatsapp", Carries::Number),
    ("viber", Carries::Number),
    ("imessage", Carries::Number),
    ("signal", Carries::Number),
    ("mailto", Carries::Address),
    ("skype", Carries::Name),
    ("tg", Carries::Name),
    ("kik", Carries::Name),
    ("line", Carries::Name),
    ("bitcoin", Carries::Address),
    ("ethereum", Carries::Address),
    ("litecoin", Carries::Address),
    ("bitcoincash", Carries::Address),
    ("dogecoin", Carries::Address),
    ("monero", Carries::Address),
    ("tron", Carries::Address),
    ("solana", Carries::Address),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Carries {
    Number,
    Address,
    Name,
}

/// What of the link `href`, whose visible text is `shown`, is to be written out behind it. None where it says nothing
/// that is not shown, or leads about the site itself, whose base is `base`.
pub(crate) fn written_out(href: &str, shown: &str, base: &Url) -> Option<String> {
    let href = href.trim();
    let (scheme, rest) = href.split_once(':').unwrap_or(("", href));
    if let Some((scheme, carries)) = SCHEMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(scheme))
    {
        let rest = plain(rest, *carries);
        let said = match carries {
            Carries::Number => holds_digits(shown, &rest),
            Carries::Address | Carries::Name => holds(shown, &rest),
        };
        let says = rest.chars().any(char::is_alphanumeric);
        return (says && !said).then(|| format!("{scheme}:{rest}"));
    }
    if let Some((_, ciphered)) = href.split_once("/cdn-cgi/l/email-protection#") {
        let address = decipher(ciphered)?;
        return (!holds(shown, &address)).then(|| format!("mailto:{address}"));
    }
    if let Some(written) = passed_on(href, shown, base) {
        return Some(written);
    }
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if !(is_web || href.starts_with("//")) || host_of(href) == base.host_str() {
        return None;
    }
    let url = base.join(href).ok()?;
    let leads_out = match selectors::is_platform(&url) {
        // A platform's buttons to share a page, and its own pages, are no one's.
        true => selectors::is_contact(&url),
        false => site_of(&url) != site_of(base),
    };
    let written = url.as_str();
    (leads_out && written.len() <= WRITTEN && !shows_url(shown, &url)).then(|| written.to_owned())
}

/// The address to which an element leads whoever presses it.
pub(crate) fn leads_to(element: &Element) -> Option<&str> {
    let name = match element.name.local {
        local_name!("a") | local_name!("area") => local_name!("href"),
        local_name!("form") => local_name!("action"),
        _ => return None,
    };
    // Where a form sends what is searched for is no one's site.
    let is_own = element.name.local != local_name!("form");
    attribute(element, &name).filter(|href| is_own || !href.starts_with("http"))
}

/// Where a link leads that passes by a page which sends its readers on: `/out?url=https%3A%2F%2Flotus.example%2F`.
fn passed_on(href: &str, shown: &str, base: &Url) -> Option<String> {
    let has_inner = |start: &str| href.contains(start);
    if !(has_inner("=http") || has_inner("?http")) || href.len() > 2 * WRITTEN {
        return None;
    }
    let url = base.join(href).ok()?;
    // Buttons to share a page tell its own address, or another's that is no contact.
    if selectors::is_platform(&url) {
        return None;
    }
    let inner = url.query_pairs().find_map(|(name, value)| {
        let written = [value, name]
            .into_iter()
            .find(|part| part.starts_with("http"))?;
        Url::parse(&written).ok()
    })?;
    let leads_out = match selectors::is_platform(&inner) {
        true => selectors::is_contact(&inner),
        false => site_of(&inner) != site_of(base) && inner.host_str() != url.host_str(),
    };
    let written = inner.as_str();
    (leads_out && written.len() <= WRITTEN && !shows_url(shown, &inner)).then(|| written.to_owned())
}

/// The address that an element carries in the cipher of a proxy that keeps addresses from harvesters; its text then only
/// says that there is one.
pub(crate) fn deciphered(element: &Element) -> Option<String> {
    let (_, ciphered) = element
        .attrs
        .iter()
        .find(|(name, _)| &*name.local == "data-cfemail")?;
    decipher(ciphered)
}

/// Bytes in hexadecimal digits, the first of which was added (exclusive or) to the others.
fn decipher(ciphered: &str) -> Option<String> {
    let digits = ciphered.trim();
    if digits.len() < 8
        || digits.len() > WRITTEN
        || !digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok())
        .collect();
    let (key, rest) = bytes.as_ref()?.split_first()?;
    let plain = rest.iter().map(|byte| byte ^ key).collect();
    let address = String::from_utf8(plain).ok()?;
    let is_one = address.contains('@')
        && !address.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    is_one.then_some(address)
}

/// What stands behind a scheme, readable: percent signs decoded, without parameters that carry no selector.
pub(super) fn plain(rest: &str, carries: Carries) -> String {
    let rest = match carries {
        Carries::Address => rest.split('?').next().unwrap_or_default(),
        _ => rest,
    };
    let decoded: Cow<'_, str> = percent_decode(rest);
    let mut plain: String = decoded
        .chars()
        .filter(|letter| {
            !letter.is_whitespace() && !letter.is_control() && !matches!(letter, '<' | '>')
        })
        .collect();
    let mut end = plain.len().min(WRITTEN);
    while !plain.is_char_boundary(end) {
        end -= 1;
    }
    plain.truncate(end);
    plain
}

pub(super) fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text
            .get(at + 1..at + 3)
            .filter(|pair| bytes[at] == b'%' && pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

/// True where the text already shows all digits of a link's number, in order.
fn holds_digits(shown: &str, written: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let number = digits(written);
    !number.is_empty() && digits(shown).contains(&number)
}

/// True where the text already shows the link's address, whatever the case.
pub(super) fn holds(shown: &str, written: &str) -> bool {
    !written.is_empty() && shown.to_lowercase().contains(&written.to_lowercase())
}

/// True where the text already shows the URL, with or without its scheme, `www.` and last slash.
fn shows_url(shown: &str, url: &Url) -> bool {
    if shown.is_empty() {
        return false;
    }
    let bare = url.as_str();
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    holds(shown, bare.trim_start_matches("www.").trim_end_matches('/'))
}

/// The host of an absolute URL as it is written, without parsing it: most links stay on their site.
fn host_of(href: &str) -> Option<&str> {
    let (_, rest) = href.split_once("//")?;
    let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// What is one site: the registrable domain, or the address.
fn site_of(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => Some(psl::domain_str(name).unwrap_or(name)),
        Host::Ipv4(_) | Host::Ipv6(_) => url.host_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_written_out_where_they_say_more() {
        let base = Url::parse("https://ads.example.com/1").unwrap();
        for (href, shown, written) in [
            (
                "tel:+1-202-555-0123",
                "Call me",
                Some("tel:+1-202-555-0123"),
            ),
            ("TEL:+12025550123", "+1 (202) 555-0123", None),
            (
                "tel:+442079460123",
                "020 7946 0123",
                Some("tel:+442079460123"),
            ),
            ("tel:%2B1%20202%20555%200123", "", Some("tel:+12025550123")),
            ("tel:", "Call", None),
            (
                "mailto:Lotus@example.com?subject=Hi",
                "write",
                Some("mailto:Lotus@example.com"),
            ),
            ("mailto:lotus@example.com", "Lotus@Example.com", None),
            (
                "https://wa.me/12025550123?text=Hi",
                "WhatsApp",
                Some("https://wa.me/12025550123?text=Hi"),
            ),
            (
                "https://www.instagram.com/blue.lotus/",
                "instagram.com/blue.lotus",
                None,
            ),
            (
                "https://www.instagram.com/blue.lotus/",
                "@blue.lotus",
                Some("https://www.instagram.com/blue.lotus/"),
            ),
            (
                "https://www.facebook.com/sharer/sharer.php?u=x",
                "Share",
                None,
            ),
            (
                "https://lotus.example.org/",
                "my site",
                Some("https://lotus.example.org/"),
            ),
            ("//lotus.example.org", "lotus.example.org", None),
            ("https://img.example.com/x", "more", None),
            ("/2", "next", None),
            ("javascript:void(0)", "x", None),
            ("skype:blue.lotus?call", "", Some("skype:blue.lotus?call")),
            ("", "", None),
            ("http://", "", None),
        ] {
            assert_eq!(
                written_out(href, shown, &base).as_deref(),
                written,
                "{href} · {shown}"
            );
        }
    }
}
