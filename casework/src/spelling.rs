//! What people type into a search box: any spelling of anything, or the beginning of one.

use sightline_extractors::{canonical, national_digits};
use sightline_model::{Kind, Selector};

/// The kinds that are looked up by their value. Phrases and patterns are looked for in texts, and never seen.
const SEEN: [Kind; 7] = [
    Kind::Phone,
    Kind::Email,
    Kind::Handle,
    Kind::Url,
    Kind::Domain,
    Kind::Wallet,
    Kind::Image,
];

/// What `text` may be, in canonical form: the same text can be a number of several countries, a handle and a domain.
/// National telephone numbers are read by `regions`.
pub fn selectors<'r>(text: &str, regions: impl IntoIterator<Item = &'r str>) -> Vec<Selector> {
    let mut found: Vec<Selector> = Vec::new();
    let mut add = |selector: Selector| {
        if !found.contains(&selector) {
            found.push(selector);
        }
    };
    for kind in SEEN {
        // Canonical values have no spaces: they are found as they are shown, too.
        if let Ok(selector) = canonical(kind, text, None) {
            add(selector);
        }
    }
    for region in regions {
        if let Ok(selector) = canonical(Kind::Phone, text, Some(region)) {
            add(selector);
        }
    }
    // Where nothing tells the country, a number is its digits.
    found.extend(national_digits(text).map(|digits| Selector::new(Kind::Phone, digits)));
    found
}

/// How the canonical value of an entry may begin that somebody looks for by `text`, by kind: by what it is in any
/// spelling, or by its beginning as it is shown.
pub fn beginnings(text: &str) -> Vec<(Kind, String)> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for kind in Kind::ALL {
        if let Ok(selector) = canonical(kind, text, None) {
            found.push((kind, selector.value));
        }
        match kind {
            Kind::Phone => {
                found.extend(digits(text).map(|digits| (kind, digits)));
                found.extend(national_digits(text).map(|digits| (kind, digits)));
            }
            Kind::Pattern => found.push((kind, text.to_owned())),
            _ => found.push((kind, lower.clone())),
        }
    }
    found
}

/// The beginning of an international number: `+44 (20) 79`.
fn digits(text: &str) -> Option<String> {
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_spelling_is_what_it_may_be() {
        let of = |text, regions: &[&'static str]| {
            let found = selectors(text, regions.iter().copied());
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        for (text, regions, expected) in [
            ("+1 (202) 555-0123", &[][..], "phone +12025550123"),
            ("(202) 555-0123", &["US"][..], "phone +12025550123"),
            ("(020) 7946-0123", &["GB"], "phone 2079460123"),
            ("Lotus@Example.COM", &[], "email lotus@example.com"),
            (
                "https://Ads.Example/a?utm_source=x",
                &[],
                "url https://ads.example/a",
            ),
        ] {
            assert!(
                of(text, regions).contains(&expected.to_owned()),
                "{text}: {:?}",
                of(text, regions)
            );
        }
        assert_eq!(of("", &["US"]), Vec::<String>::new());
        assert_eq!(of("  \u{202e} ", &["US"]), Vec::<String>::new());
    }

    #[test]
    fn a_beginning_is_one_as_it_is_shown() {
        let begins = |text, kind, value: &str| {
            let found = beginnings(text);
            assert!(found.contains(&(kind, value.to_owned())), "{found:?}");
        };
        begins("+44 (20) 79", Kind::Phone, "+442079");
        begins("0044 20 79", Kind::Phone, "+442079");
        begins("Telegram/Lot", Kind::Handle, "telegram/lot");
        begins("Lotus@", Kind::Email, "lotus@");
        assert!(beginnings("  ").is_empty());
    }
}
