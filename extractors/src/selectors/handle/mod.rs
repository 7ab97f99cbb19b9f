//! Handles: names on platforms, as `platform/name` in lower case; `any/name` where the platform is unknown.
//!
//! A URL of a platform names it; so does a label before a name ("IG: lotus"), or a platform's word near an at sign.

mod at_signs;
mod before;
mod behind;
mod clauses;
mod everyday;
mod labels;
mod marked;
mod platforms;
mod said;
mod words;

use ::url::Url;
use sightline_model::{Confidence, Find, Kind, Selector};

use super::{Context, Refused, find_at, phone::number_in, url::parse};
use platforms::{PLATFORMS, Platform};

/// Names in the text.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    for link in context.links.iter().filter(|link| !link.is_email) {
        if let Some(value) = parse(&text[link.start..link.end]).and_then(|url| of_url(&url)) {
            finds.push(find_at(
                text,
                (link.start, link.end),
                Selector::new(Kind::Handle, value),
                Confidence::Normalised,
                vec!["link".into()],
            ));
        }
    }
    labels::find(text, context, finds);
}

/// The platform whose host a URL has.
pub(super) fn platform_of(url: &Url) -> Option<&'static Platform> {
    let host = url.host_str()?;
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let bare = bare
        .strip_prefix("m.")
        .filter(|rest| rest.contains('.'))
        .unwrap_or(bare);
    let of = |host: &str| {
        PLATFORMS
            .iter()
            .find(|platform| platform.hosts.contains(&host))
    };
    of(bare).or_else(|| of(host)).or_else(|| {
        // `es-la.facebook.com`: the same in another language, or on another machine.
        let (first, rest) = host.split_once('.')?;
        let is_own = [
            "about",
            "ads",
            "api",
            "apps",
            "blog",
            "business",
            "careers",
            "developers",
            "help",
            "music",
            "newsroom",
            "press",
            "shop",
            "status",
            "studio",
            "support",
        ]
        .contains(&first);
        of(rest).filter(|_| !is_own)
    })
}

/// True for a plain word that what a platform is called by may begin with.
pub(super) fn may_call(word: &str) -> bool {
    words::may_begin_with(word)
}

/// True for a sign that what a platform is called by may begin with.
pub(super) fn may_call_from(sign: u8) -> bool {
    words::may_begin_from(sign)
}

/// True for a word of which a letter stands three times in a row.
pub(super) fn is_stretched(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes
        .windows(3)
        .any(|part| part[0] == part[1] && part[1] == part[2])
}

/// True for a word that calls a platform.
pub(super) fn is_called(word: &str) -> bool {
    words::platform(word).is_some()
}

/// True for a platform's host, in small letters.
pub(super) fn is_host(name: &str) -> bool {
    let bare = name.strip_prefix("www.").unwrap_or(name);
    PLATFORMS
        .iter()
        .any(|platform| platform.hosts.contains(&bare))
}

/// The handle that a platform's URL leads to. Pages of the platform itself are no one's.
pub(super) fn of_url(url: &Url) -> Option<String> {
    if matches!(url.scheme(), "tg" | "skype") {
        return of_scheme(url);
    }
    let platform = platform_of(url)?;
    let segments: Vec<&str> = url
        .path_segments()?
        .filter(|part| !part.is_empty())
        .collect();
    if platform.name == "twitter" && segments == ["intent", "user"]
        || segments == ["intent", "follow"]
    {
        let (_, name) = url.query_pairs().find(|(key, _)| key == "screen_name")?;
        return Some(format!("twitter/{}", platform.name_of(&name)?));
    }
    platform
        .paths
        .iter()
        .find_map(|path| name_by(platform, path, &segments, url))
        .map(|name| format!("{}/{name}", platform.name))
}

/// The name that stands where a path of the table says.
fn name_by(platform: &Platform, path: &str, segments: &[&str], url: &Url) -> Option<String> {
    if let Some((page, key)) = path.split_once('?') {
        let key = key.trim_end_matches("=*");
        let first = segments.first()?;
        let value = url.query_pairs().find(|(known, _)| known == key)?.1;
        return first
            .eq_ignore_ascii_case(page)
            .then(|| platform.name_of(&value))
            .flatten();
    }
    let mut name = None;
    let mut given = segments.iter();
    for wanted in path.split('/') {
        let segment = given.next()?;
        match wanted.strip_suffix('*') {
            Some(sign) => name = Some(segment.strip_prefix(sign)?),
            None if wanted == "_" => {}
            None if segment.eq_ignore_ascii_case(wanted) => {}
            None => return None,
        }
    }
    let name = name?;
    let is_own = path == "*"
        && platform
            .reserved
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved));
    let is_number = platform.name == "telegram" && name.bytes().all(|byte| byte.is_ascii_digit());
    match is_own || is_number {
        true => None,
        false => platform.name_of(name),
    }
}

/// `tg://resolve?domain=name` and `skype:name?call`.
fn of_scheme(url: &Url) -> Option<String> {
    let (word, name) = match url.scheme() {
        "tg" => (
            "telegram",
            url.query_pairs()
                .find(|(key, _)| key == "domain")?
                .1
                .into_owned(),
        ),
        _ => ("skype", url.path().to_owned()),
    };
    Some(format!("{word}/{}", words::platform(word)?.name_of(&name)?))
}

/// The canonical form of a handle that a person wrote: `instagram/name`, `@name`, `instagram: @name`, or a URL.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    if let Some(value) = parse(written).and_then(|url| of_url(&url)) {
        return Ok(value);
    }
    let refused = |message: String| {
        let names: Vec<_> = PLATFORMS.iter().map(|platform| platform.name).collect();
        Refused::new(
            message,
            format!(
                "write platform/name, with any or one of {}",
                names.join(", ")
            ),
        )
    };
    if let Some((url, platform)) = led_to(written) {
        let message = match platform {
            Some(platform) => format!("'{written}' leads to no name on {}", platform.name),
            None => format!("'{written}' leads to no platform that is known here"),
        };
        return Err(Refused::new(
            message,
            format!("write the name itself, as platform/name; or watch {url} as a url"),
        ));
    }
    let (word, name) = parted(written);
    if word.eq_ignore_ascii_case("any") {
        return any_name(name)
            .map(|name| format!("any/{name}"))
            .ok_or_else(|| refused(format!("'{written}' is not a name on a platform")));
    }
    let platform = words::platform(word)
        .ok_or_else(|| refused(format!("'{word}' is not a platform that is known here")))?;
    platform
        .name_of(name)
        .map(|name| format!("{}/{name}", platform.name))
        .ok_or_else(|| {
            refused(format!(
                "'{name}' is not a name that {} allows",
                platform.name
            ))
        })
}

/// A platform's word and a name there, as a person wrote them: the word is `any` where they wrote none.
fn parted(written: &str) -> (&str, &str) {
    let (word, name) = match written.split_once(['/', ':']) {
        Some((word, name)) if !word.starts_with('@') => (word.trim(), name.trim()),
        Some(_) | None => ("any", written),
    };
    (word, name.trim_start_matches(['@', '$', '~']))
}

/// A name that a person wrote without its platform, on every platform that allows it: each is one value, and there are
/// as many as platforms, or a few more where a name may end in signs. None where a platform is written, or no name.
pub fn on_platforms(written: &str) -> Vec<Selector> {
    let (word, name) = parted(written.trim());
    let Some(bare) = any_name(name).filter(|_| word.eq_ignore_ascii_case("any")) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for platform in &PLATFORMS {
        // `lotus_` is another name than `lotus` where names may end so.
        for name in [name, &bare] {
            let value = platform
                .name_of(name)
                .map(|name| format!("{}/{name}", platform.name));
            values.extend(value.filter(|value| !values.contains(value)));
        }
    }
    let selector = |value| Selector::new(Kind::Handle, value);
    values.into_iter().map(selector).collect()
}

/// Where a link leads that a person wrote for a handle, and on which platform that is.
fn led_to(written: &str) -> Option<(Url, Option<&'static Platform>)> {
    let url = parse(written)?;
    let platform = platform_of(&url);
    // `rose.garden` is a name, though it could be a domain.
    (platform.is_some() || written.contains("://")).then_some((url, platform))
}

/// What the platform is called that a word means, and whether people are called by their telephone numbers there.
pub fn platform_named(word: &str) -> Option<(&'static str, bool)> {
    let platform = words::platform(word.trim())?;
    let has_numbers = matches!(platform.name, "whatsapp" | "signal" | "viber");
    Some((platform.name, has_numbers))
}

/// The telephone number that a person wrote as a handle, for that is the name on WhatsApp and its like: with its country code,
/// `whatsapp/12025550123`, `https://wa.me/12025550123`; or as it is dialled at home, `whatsapp/07700900123`.
pub fn number_of_handle(written: &str) -> Option<String> {
    let written = written.trim();
    let is_link = parse(written).is_some_and(|url| platform_of(&url).is_some());
    if is_link {
        return number_in(written).map(|digits| format!("+{digits}"));
    }
    let (word, number) = written.split_once(['/', ':'])?;
    let platform = words::platform(word.trim())?;
    if !matches!(platform.name, "whatsapp" | "signal" | "viber" | "telegram") {
        return None;
    }
    let number = number.trim().trim_start_matches(['@', '+']);
    let is_number = number
        .chars()
        .all(|sign| sign.is_ascii_digit() || matches!(sign, ' ' | '-' | '.' | '(' | ')'));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let number = match digits.strip_prefix("00") {
        Some(digits) => format!("+{digits}"),
        None if digits.starts_with('0') => digits.clone(),
        None => format!("+{digits}"),
    };
    (is_number && digits.len() >= 8).then_some(number)
}

/// A name of a form that most platforms allow.
fn any_name(written: &str) -> Option<String> {
    let name = written.trim_end_matches(['.', '-', '_']);
    let fits = (3..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    fits.then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_urls_name_someone_and_pages_no_one() {
        for (url, handle) in [
            (
                "https://www.instagram.com/Blue.Lotus/",
                Some("instagram/blue.lotus"),
            ),
            (
                "https://instagram.com/blue.lotus?igsh=x",
                Some("instagram/blue.lotus"),
            ),
            (
                "https://www.instagram.com/stories/blue.lotus/123",
                Some("instagram/blue.lotus"),
            ),
            ("https://www.instagram.com/p/Cabc123/", None),
            ("https://instagram.com/explore/tags/x", None),
            ("https://instagram.com/", None),
            ("https://t.me/blue_lotus", Some("telegram/blue_lotus")),
            ("https://t.me/s/blue_lotus/12", Some("telegram/blue_lotus")),
            ("https://t.me/joinchat/AAAA", None),
            ("https://t.me/+12025550123", None),
            (
                "tg://resolve?domain=Blue_Lotus",
                Some("telegram/blue_lotus"),
            ),
            (
                "https://www.snapchat.com/add/blue-lotus",
                Some("snapchat/blue-lotus"),
            ),
            (
                "https://x.com/BlueLotus/status/1",
                Some("twitter/bluelotus"),
            ),
            ("https://twitter.com/intent/tweet?text=x", None),
            (
                "https://twitter.com/intent/user?screen_name=BlueLotus",
                Some("twitter/bluelotus"),
            ),
            (
                "https://m.facebook.com/blue.lotus.9",
                Some("facebook/blue.lotus.9"),
            ),
            (
                "https://facebook.com/profile.php?id=100001",
                Some("facebook/100001"),
            ),
            (
                "https://www.facebook.com/people/Blue-Lotus/100001/",
                Some("facebook/100001"),
            ),
            ("https://www.facebook.com/sharer/sharer.php?u=x", None),
            ("https://m.me/blue.lotus", Some("facebook/blue.lotus")),
            (
                "https://www.tiktok.com/@blue.lotus/video/1",
                Some("tiktok/blue.lotus"),
            ),
            ("https://kik.me/bluelotus", Some("kik/bluelotus")),
            ("https://line.me/ti/p/~bluelotus", Some("line/bluelotus")),
            ("https://line.me/R/ti/p/@bluelotus", Some("line/bluelotus")),
            ("https://onlyfans.com/bluelotus", Some("onlyfans/bluelotus")),
            ("https://wa.me/12025550123", None),
            ("https://vk.com/id12345", Some("vk/id12345")),
            (
                "https://www.youtube.com/@BlueLotus",
                Some("youtube/bluelotus"),
            ),
            ("https://www.youtube.com/watch?v=abc", None),
            ("https://cash.app/$BlueLotus", Some("cashapp/bluelotus")),
            ("https://venmo.com/u/Blue-Lotus", Some("venmo/blue-lotus")),
            ("https://paypal.me/bluelotus/20", Some("paypal/bluelotus")),
            (
                "https://www.paypal.com/paypalme/bluelotus",
                Some("paypal/bluelotus"),
            ),
            (
                "https://discord.com/users/123456789",
                Some("discord/123456789"),
            ),
            ("https://example.com/bluelotus", None),
        ] {
            assert_eq!(
                of_url(&Url::parse(url).unwrap()).as_deref(),
                handle,
                "{url}"
            );
        }
    }

    #[test]
    fn written_handles_are_read_or_refused() {
        for (written, handle) in [
            ("instagram/Blue.Lotus", Some("instagram/blue.lotus")),
            ("IG: @blue.lotus", Some("instagram/blue.lotus")),
            ("@Blue_Lotus", Some("any/blue_lotus")),
            ("blue_lotus", Some("any/blue_lotus")),
            ("any/blue_lotus", Some("any/blue_lotus")),
            (
                "https://www.instagram.com/blue.lotus/",
                Some("instagram/blue.lotus"),
            ),
            ("t.me/blue_lotus", Some("telegram/blue_lotus")),
            ("cashapp/$BlueLotus", Some("cashapp/bluelotus")),
            ("https://instagram.com/p/Cabc123/", None),
            ("t.me/+invite", None),
            ("https://lotus.example/blue", None),
            ("whatsapp/+12025550123", None),
            ("myspace/blue", None),
            ("instagram/no spaces", None),
            ("telegram/x", None),
            ("@", None),
        ] {
            assert_eq!(canonical(written).ok().as_deref(), handle, "{written}");
        }
    }

    #[test]
    fn a_name_without_its_platform_is_one_on_each_that_allows_it() {
        for (written, among, not_among) in [
            ("@Blue_Lotus", "telegram/blue_lotus", "tiktok/blue-lotus"),
            ("any/blue_lotus", "instagram/blue_lotus", "any/blue_lotus"),
            (
                " blue.lotus ",
                "instagram/blue.lotus",
                "telegram/blue.lotus",
            ),
            ("@blue_lotus_", "telegram/blue_lotus_", "any/blue_lotus"),
            ("@blue_lotus_", "telegram/blue_lotus", "any/blue_lotus_"),
        ] {
            let found = on_platforms(written);
            let has = |value: &str| found.contains(&Selector::new(Kind::Handle, value));
            assert!(has(among) && !has(not_among), "{written}: {found:?}");
            assert!(found.len() <= 2 * PLATFORMS.len(), "{written}");
            for selector in &found {
                let again = canonical(&selector.value).ok();
                assert_eq!(again.as_ref(), Some(&selector.value), "{written}");
            }
        }
        for written in [
            "",
            "@",
            "telegram/blue_lotus",
            "new in town",
            "+12025550123",
        ] {
            assert_eq!(on_platforms(written), [], "{written}");
        }
    }

    #[test]
    fn a_link_that_leads_to_nobody_says_so() {
        for (written, words) in [
            (
                "https://instagram.com/p/Cabc123/",
                "leads to no name on instagram",
            ),
            ("t.me/+invite", "leads to no name on telegram"),
            (
                "https://lotus.example/blue",
                "leads to no platform that is known",
            ),
        ] {
            let refused = canonical(written).unwrap_err();
            assert!(refused.message.contains(words), "{}", refused.message);
            assert!(refused.remedy.contains("as a url"), "{}", refused.remedy);
        }
    }

    #[test]
    fn a_number_for_a_name_is_a_number() {
        for (written, number) in [
            ("whatsapp/12025550123", Some("+12025550123")),
            ("whatsapp/07700900123", Some("07700900123")),
            ("whatsapp/0044 7700 900123", Some("+447700900123")),
            ("WhatsApp: +1 (202) 555-0123", Some("+12025550123")),
            ("https://wa.me/12025550123", Some("+12025550123")),
            ("https://t.me/+12025550123", Some("+12025550123")),
            ("signal/+12025550123", Some("+12025550123")),
            ("whatsapp/blue_lotus", None),
            ("discord/123456789", None),
            ("https://t.me/blue_lotus", None),
        ] {
            assert_eq!(number_of_handle(written).as_deref(), number, "{written}");
        }
    }
}
