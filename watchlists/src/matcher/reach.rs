//! How far entries reach beyond their own values: for each way of matching, what it takes for the same identifier.

use std::iter;

use sightline_model::{Find, Step, StepKind, Way, kin::same_last_digits, web_page::bare};

use super::Watched;

/// Parts of a web address that are looked up, from its host on.
const MOST_PARTS: usize = 64;

/// The step from a find to an entry that shares its kin, where the entry's way takes them for possibly the same.
pub(super) fn by_kin(entry: &Watched, find: &Find) -> Option<Step> {
    let (wanted, found) = (&entry.selector, &find.selector);
    if wanted.kind != found.kind || wanted.kin() != found.kin() {
        return None;
    }
    match entry.way {
        Way::Trailing if is_country_guessed(find) => trailing(&wanted.value, &found.value),
        Way::AnyCountry => trailing(&wanted.value, &found.value),
        Way::Mailbox => {
            let (_, provider) = found.value.rsplit_once('@')?;
            Some(Step::about(StepKind::Mailbox, provider))
        }
        Way::Platform => {
            is_without_platform(&wanted.value, &found.value).then(|| StepKind::AnyPlatform.into())
        }
        Way::AnyPlatform if is_without_platform(&wanted.value, &found.value) => {
            Some(StepKind::AnyPlatform.into())
        }
        Way::AnyPlatform => {
            let (platform, _) = found.value.split_once('/')?;
            Some(Step::about(StepKind::OtherPlatform, platform))
        }
        Way::Trailing | Way::Exact | Way::Page | Way::Prefix | Way::Subdomains | Way::Host => None,
    }
}

fn trailing(wanted: &str, found: &str) -> Option<Step> {
    same_last_digits(wanted, found).map(|digits| Step::about(StepKind::TrailingDigits, digits))
}

/// True where nothing that stood there tells the number's country for certain: none was known, a country that the text names
/// was taken, a plus sign was supplied, or the digits are in no range of the country that they were read by.
fn is_country_guessed(find: &Find) -> bool {
    find.steps.iter().filter_map(Step::kind).any(|step| {
        matches!(
            step,
            StepKind::NoCountry
                | StepKind::RegionFromText
                | StepKind::PlusLeftOut
                | StepKind::Possible
        )
    })
}

fn is_without_platform(one: &str, other: &str) -> bool {
    one.starts_with("any/") || other.starts_with("any/")
}

/// A web address as a prefix of others: without what makes no other page of it, its scheme and a leading `www.`, and
/// without last slashes.
pub(super) fn prefix(url: &str) -> &str {
    bare(url).trim_end_matches('/')
}

/// Every prefix of a web address that ends where a part of it does, the shortest first: its host, then its folders.
pub(super) fn prefixes(url: &str) -> impl Iterator<Item = &str> {
    let rest = bare(url);
    let ends = rest
        .match_indices(['/', '?', '#', '&'])
        .map(|(at, _)| at)
        .chain(iter::once(rest.len()));
    let mut before = 0;
    ends.filter_map(move |end| {
        let part = rest[..end].trim_end_matches('/');
        let is_new = part.len() > before;
        before = before.max(part.len());
        is_new.then_some(part)
    })
    .take(MOST_PARTS)
}

/// The host of an e-mail address or a URL, and every domain above it. A host has at most 127 labels.
pub(crate) fn domains(host: Option<&str>) -> impl Iterator<Item = &str> {
    iter::successors(host, |host| host.split_once('.').map(|(_, above)| above)).take(127)
}

/// The host of an e-mail address.
pub(crate) fn mail_host(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_where_parts_do() {
        for (url, expected) in [
            ("https://ads.example/", vec!["ads.example"]),
            (
                "http://www.ads.example/a//b/?x=1&y=2",
                vec![
                    "ads.example",
                    "ads.example/a",
                    "ads.example/a//b",
                    "ads.example/a//b/?x=1",
                    "ads.example/a//b/?x=1&y=2",
                ],
            ),
        ] {
            assert_eq!(prefixes(url).collect::<Vec<_>>(), expected);
        }
    }
}
