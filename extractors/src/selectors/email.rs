//! E-mail addresses: linkify's rules for where they stand, RFC 5321 and IDNA for what they are.

use ::url::Host;
use email_address::EmailAddress;
use sightline_model::{Confidence, Find, Kind, Selector, Step};

use super::{Context, Refused, find_at};

/// Addresses in the text.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    for link in context.links.iter().filter(|link| link.is_email) {
        let start = link.start + clutter(&text[link.start..link.end]);
        let raw = &text[start..link.end];
        let Some((value, mut steps)) = read(raw) else {
            continue;
        };
        let before = &text.as_bytes()[..start];
        if before.len() >= 7 && before[before.len() - 7..].eq_ignore_ascii_case(b"mailto:") {
            steps.push("link".into());
        }
        let confidence = match value == raw {
            true => Confidence::Exact,
            false => Confidence::Normalised,
        };
        finds.push(find_at(
            text,
            (start, link.end),
            Selector::new(Kind::Email, value),
            confidence,
            steps,
        ));
    }
}

/// The canonical form of an address that a person wrote.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    let bare = match written.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            written[7..].split('?').next().unwrap_or_default()
        }
        _ => written,
    };
    read(bare.trim()).map(|(value, _)| value).ok_or_else(|| {
        Refused::new(
            format!("'{written}' is not an e-mail address"),
            "write one whole address, e.g. lotus@example.com",
        )
    })
}

/// How many bytes at the beginning are allowed in an address but mean something else in a text: quotes, `e-mail=`.
fn clutter(raw: &str) -> usize {
    let local_end = raw.find('@').unwrap_or(raw.len());
    let local = &raw[..local_end];
    let start = local
        .rfind([
            '=', '/', '|', '?', '!', '*', '#', '$', '%', '&', '~', '^', '`', '{', '}',
        ])
        .map_or(0, |at| at + 1);
    let rest = &local[start..];
    start
        + (rest.len()
            - rest
                .trim_start_matches(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .len())
}

/// Lower case, the domain in ASCII; and what was done for it.
fn read(raw: &str) -> Option<(String, Vec<Step>)> {
    let (local, domain) = raw.rsplit_once('@')?;
    let Ok(Host::Domain(ascii)) = Host::parse(domain.trim_end_matches('.')) else {
        return None;
    };
    let (_, ending) = ascii.rsplit_once('.')?;
    if ending.len() < 2 || ending.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut steps: Vec<Step> = Vec::new();
    if !domain.is_ascii() {
        steps.push("idn".into());
    }
    let value = format!("{}@{ascii}", local.to_lowercase());
    if raw.chars().any(char::is_uppercase) {
        steps.push("lower_case".into());
    }
    EmailAddress::is_valid(&value).then_some((value, steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    #[test]
    fn addresses_are_found() {
        for (text, emails) in [
            ("mail lotus@example.com.", vec!["lotus@example.com"]),
            (
                "<Blue.Lotus+Ads@Example.CO.UK>",
                vec!["blue.lotus+ads@example.co.uk"],
            ),
            (
                "email:a_b@example.org,c@example.net",
                vec!["a_b@example.org", "c@example.net"],
            ),
            (
                "mailto:lotus@example.com?subject=x",
                vec!["lotus@example.com"],
            ),
            ("'lotus@example.com'", vec!["lotus@example.com"]),
            ("to=lotus@example.com", vec!["lotus@example.com"]),
            ("lotus@bücher.example", vec!["lotus@xn--bcher-kva.example"]),
            ("foo@bar and @name and a@b", vec![]),
            ("x@1.2", vec![]),
            ("a..b@example.com", vec!["b@example.com"]),
        ] {
            let finds = find_all(text, None);
            let values: Vec<_> = finds
                .iter()
                .filter(|find| find.selector.kind == Kind::Email)
                .map(|find| find.selector.value.as_str())
                .collect();
            assert_eq!(values, emails, "{text}");
        }
    }

    #[test]
    fn written_addresses_are_read_or_refused() {
        for (written, email) in [
            ("Lotus@Example.com", Some("lotus@example.com")),
            ("mailto:lotus@example.com", Some("lotus@example.com")),
            ("lotus@", None),
            ("lotus", None),
            ("two words@example.com", None),
            ("lotus@[192.0.2.1]", None),
        ] {
            assert_eq!(canonical(written).ok().as_deref(), email, "{written}");
        }
    }
}
