//! What people type into a search box: any spelling of anything, or the beginning of one.

use std::{collections::HashSet, iter};

use sightline_extractors::{
    self as extractors, canonical, canonical_host, find_all, fold_phrase, national_digits,
    number_of_handle, undisguised,
};
use sightline_model::{Kind, Selector, WebPage, kin};
use sightline_store::entries::table::Sought;

/// The fewest digits that are looked for within numbers.
const LEAST_PART: usize = 4;

/// The longest that is read for what stands in it, in bytes. What is longer was pasted by mistake.
const MOST_READ: usize = 500;

/// The most that is told of what stands in a text, over all regions.
const MOST_WITHIN: usize = 100;

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

/// What `text` may be, in canonical form: the same text can be a number of several countries, a handle and a domain. Behind
/// what it is as a whole comes what stands in it, read as texts are: a number in disguise, with words around it. National
/// telephone numbers are read by `regions`.
pub fn selectors<'r>(text: &str, regions: impl IntoIterator<Item = &'r str>) -> Vec<Selector> {
    let mut found: Vec<Selector> = Vec::new();
    let mut guessed: Vec<Selector> = Vec::new();
    let plain = undisguised(text);
    let number = number_of_handle(text);
    let readings = [Some(text), plain.as_deref(), number.as_deref()];
    for text in readings.into_iter().flatten() {
        for kind in SEEN {
            // Canonical values have no spaces: they are found as they are shown, too.
            if let Ok(selector) = canonical(kind, text, None) {
                // Nearly every word could be a name.
                match name_alone(&selector) {
                    Some(_) => guessed.push(selector),
                    None => found.push(selector),
                }
            }
        }
    }
    let stretch = stretch(text);
    let mut within: Vec<Selector> = Vec::new();
    let mut read = |region| {
        within.extend(
            find_all(stretch, region)
                .into_iter()
                .map(|find| find.selector),
        )
    };
    for region in regions {
        let number = number.as_deref().unwrap_or(text);
        found.extend(canonical(Kind::Phone, number, Some(region)));
        read(Some(region));
    }
    // Where nothing tells the country, a number is its digits.
    read(None);
    each_once(&mut within);
    within.truncate(MOST_WITHIN);
    found.append(&mut within);
    found.append(&mut guessed);
    found.extend(national_digits(text).map(|digits| Selector::new(Kind::Phone, digits)));
    each_once(&mut found);
    found
}

fn each_once(selectors: &mut Vec<Selector>) {
    let mut known = HashSet::new();
    selectors.retain(|selector| known.insert(selector.clone()));
}

/// As much of a text as is read for what stands in it.
fn stretch(text: &str) -> &str {
    let end = text.floor_char_boundary(MOST_READ);
    &text[..end]
}

/// The name in a handle whose platform nobody named.
pub fn name_alone(selector: &Selector) -> Option<&str> {
    let is_handle = selector.kind == Kind::Handle;
    selector.value.strip_prefix("any/").filter(|_| is_handle)
}

/// The names that `text`, or what was `read` of it, gives without a platform, on every platform that allows them. Where they are
/// known is for the store to say.
pub fn on_platforms(text: &str, read: &[Selector]) -> Vec<Selector> {
    let written = read
        .iter()
        .filter(|selector| selector.kind == Kind::Handle)
        .map(|selector| selector.value.as_str());
    let mut names: Vec<Selector> = Vec::new();
    for selector in iter::once(text)
        .chain(written)
        .flat_map(extractors::on_platforms)
    {
        if !read.contains(&selector) && !names.contains(&selector) {
            names.push(selector);
        }
    }
    names
}

/// What the values of entries are searched for by that somebody means by `text`: what it is in any spelling, how they begin as
/// they are shown, and what they have in them, a word of a phrase, a name without its platform, a part of a number. National
/// telephone numbers are read by `regions`. None where nothing is written.
pub fn sought<'r>(text: &str, regions: impl IntoIterator<Item = &'r str>) -> Option<Sought> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let mut sought = Sought::default();
    for Selector { kind, value } in selectors(text, regions) {
        match kind {
            Kind::Phone => {
                let part = kin::national_digits(&value);
                if part.len() >= kin::LEAST_DIGITS {
                    sought.parts.push((kind, part.to_owned()));
                }
            }
            Kind::Handle => {
                let name = value.split_once('/').map_or("", |(_, name)| name);
                sought.parts.push((kind, format!("/{name}")));
            }
            Kind::Url => {
                let addresses = WebPage::of(&value).addresses();
                sought
                    .beginnings
                    .extend(addresses.map(|address| (kind, address)));
            }
            _ => {}
        }
        sought.beginnings.push((kind, value));
    }
    if let Ok(host) = canonical_host(text) {
        sought.beginnings.push((Kind::Domain, host));
    }
    let lower = text.to_lowercase();
    for kind in Kind::ALL {
        match kind {
            Kind::Phone => {
                sought
                    .beginnings
                    .extend(digits(text).map(|digits| (kind, digits)));
                sought
                    .parts
                    .extend(part_of_number(text).map(|part| (kind, part)));
            }
            Kind::Phrase => {
                let folded = fold_phrase(text);
                if !folded.is_empty() {
                    sought.parts.push((kind, folded));
                }
            }
            _ => {
                let begun = if kind == Kind::Pattern { text } else { &lower };
                sought.beginnings.push((kind, begun.to_owned()));
                sought.parts.push((kind, lower.clone()));
            }
        }
    }
    Some(sought)
}

/// The beginning of an international number: `+44 (0)20 79`, without the zero that is dialled at home alone.
fn digits(text: &str) -> Option<String> {
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    let digits: String = rest
        .replace("(0)", "")
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (!digits.is_empty()).then(|| format!("+{digits}"))
}

/// A part of a number, without what is dialled before it at home: none where there are letters, or too few digits.
fn part_of_number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= LEAST_PART && !text.contains(char::is_alphabetic);
    let part = digits.trim_start_matches('0');
    (is_number && !part.is_empty()).then(|| part.to_owned())
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
    fn what_is_disguised_is_looked_for_as_it_is_meant() {
        let found = selectors("BLUELOTUS (at) gmail (dot) com", []);
        assert!(
            found.contains(&Selector::new(Kind::Email, "bluelotus@gmail.com")),
            "{found:?}"
        );
        let found = selectors("whatsapp/07700900123", ["GB"]);
        assert!(
            found.contains(&Selector::new(Kind::Phone, "+447700900123")),
            "{found:?}"
        );
    }

    #[test]
    fn what_stands_in_a_text_is_found_as_in_an_ad_and_before_a_guess() {
        let number = Selector::new(Kind::Phone, "+12025550147");
        for text in [
            "2O2 555 zero one four seven",
            "(2O2) 555-OI47",
            "two oh two 555 0147",
            "2O2-five55-0l47",
            "call 2O2-five55-0l47",
            "call 2O2-five55-0l47 or lotus (at) example (dot) com",
        ] {
            let found = selectors(text, ["GB", "US"]);
            let at = found.iter().position(|one| *one == number);
            let guess = found.iter().position(|one| name_alone(one).is_some());
            assert!(at.is_some(), "{text}: {found:?}");
            assert!(guess.is_none() || at < guess, "{text}: {found:?}");
            let sought = sought(text, ["US"]).unwrap();
            assert!(sought.finds(&number), "{text}: {sought:?}");
        }
        // Without any region, it is its digits.
        let found = selectors("call two oh two five five five oh one four seven", []);
        let digits = Selector::new(Kind::Phone, "2025550147");
        assert_eq!(found, [digits]);
        // Whatever is said twice comes once, and what is endless has an end.
        let found = selectors("ig: lotus, ig: lotus", ["US", "GB"]);
        assert_eq!(found, [Selector::new(Kind::Handle, "instagram/lotus")]);
        let far = format!("{} 2O2-five55-0l47", "a ".repeat(MOST_READ / 2));
        assert!(!selectors(&far, ["US"]).contains(&number));
        let many: String = (0..200).map(|one| format!("é{one}@a.co ")).collect();
        assert!(selectors(&many, ["US", "GB", "FR"]).len() <= MOST_WITHIN);
        // Words are no selectors.
        assert_eq!(selectors("new in town", ["US", "GB"]), []);
    }

    #[test]
    fn an_entry_is_found_however_it_is_written() {
        for (text, regions, kind, value) in [
            ("+44 (0)20 79", &[][..], Kind::Phone, "+442079460123"),
            ("0044 20 79", &[], Kind::Phone, "+442079460123"),
            ("020 7946 0123", &[], Kind::Phone, "+442079460123"),
            ("020 7946 0123", &["GB"], Kind::Phone, "+442079460123"),
            ("020 7946", &[], Kind::Phone, "+442079460123"),
            ("(020) 7946-0123", &["DE"], Kind::Phone, "+442079460123"),
            ("7946 0123", &[], Kind::Phone, "+442079460123"),
            ("+44 20 7946 0123", &[], Kind::Phone, "2079460123"),
            ("06 39 98 12 34", &["GB", "FR"], Kind::Phone, "+33639981234"),
            ("wa.me/447700900123", &[], Kind::Phone, "+447700900123"),
            ("jade.lotus88", &[], Kind::Handle, "instagram/jade.lotus88"),
            ("@Jade.Lotus88", &[], Kind::Handle, "any/jade.lotus88"),
            ("@jade.lotus88", &[], Kind::Handle, "telegram/jade.lotus88"),
            (
                "https://t.me/jade_lotus",
                &[],
                Kind::Handle,
                "telegram/jade_lotus",
            ),
            ("Telegram/Lot", &[], Kind::Handle, "telegram/lotus"),
            ("lotus88", &[], Kind::Handle, "instagram/jade.lotus88"),
            ("Lotus@", &[], Kind::Email, "lotus@example.com"),
            ("example.com", &[], Kind::Email, "lotus@example.com"),
            (
                "lotus (at) example (dot) com",
                &[],
                Kind::Email,
                "lotus@example.com",
            ),
            (
                "http://www.Ads.example/u/",
                &[],
                Kind::Url,
                "https://ads.example/u",
            ),
            ("u/lotus", &[], Kind::Url, "https://ads.example/u/Lotus"),
            (
                "https://lotus.ads.example/x",
                &[],
                Kind::Domain,
                "lotus.ads.example",
            ),
            ("passport", &[], Kind::Phrase, "we keep your passport"),
            ("KEEP  your", &[], Kind::Phrase, "we keep your passport"),
            ("keep", &[], Kind::Phrase, "\"we keep\" near:3 \"passport\""),
            ("护照", &[], Kind::Phrase, "扣留护照"),
            (r"room\s+", &[], Kind::Pattern, r"Room\s+\d{3}"),
        ] {
            let sought = sought(text, regions.iter().copied()).unwrap();
            assert!(
                sought.finds(&Selector::new(kind, value)),
                "{text}: {sought:?}"
            );
        }
        for (text, kind, value) in [
            ("020 7946 0124", Kind::Phone, "+442079460123"),
            ("jade.lotus89", Kind::Handle, "instagram/jade.lotus88"),
            ("passports", Kind::Phrase, "we keep your passport"),
            ("123", Kind::Phone, "+442079460123"),
        ] {
            let sought = sought(text, ["GB"]).unwrap();
            assert!(
                !sought.finds(&Selector::new(kind, value)),
                "{text}: {sought:?}"
            );
        }
        assert_eq!(sought("  ", ["GB"]), None);
    }
}
