//! URLs and domains: linkify's rules for where they begin and end in a text, the URL standard for what they are.

use std::ops::Range;

use ::url::{Host, Url};
use linkify::{LinkFinder, LinkKind};
use sightline_model::{Confidence, Find, Kind, Selector, Step, canonical_address, normal_escapes};

use super::{
    Context, Refused, files, find_at, glued, handle, known, run_around,
    sentences::{bare, before_prose, is_label, is_prose, is_read_aloud},
    words,
};

/// An e-mail address or a URL, as it stands in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub start: usize,
    pub end: usize,
    pub is_email: bool,
}

/// All e-mail addresses and URLs in a text, with and without a scheme.
pub(super) fn links(text: &str) -> Vec<Link> {
    if memchr::memchr3(b'.', b'@', b':', text.as_bytes()).is_none() {
        return Vec::new();
    }
    // Signs that no address is written with part words as white space does; the places stay the same.
    let bared = bare(text);
    let text = bared.as_deref().unwrap_or(text);
    // One after the other: together, `blue.lotus+ads@example.com` would be taken for the domain that it begins with.
    let emails = match memchr::memchr(b'@', text.as_bytes()) {
        Some(_) => found(text, LinkKind::Email),
        None => Vec::new(),
    };
    let mut links = found(text, LinkKind::Url);
    links.retain(|link| {
        let behind = emails.partition_point(|email| email.end <= link.start);
        let is_apart = emails
            .get(behind)
            .is_none_or(|email| email.start >= link.end);
        let raw = &text[link.start..link.end];
        // A URL with a scheme may hold an address; what has none is a part of it.
        (is_apart || raw.contains("://"))
            && !is_read_aloud(raw)
            && !is_label(raw)
            && parse(raw).is_some()
            && !is_prose(text, link)
            && !files::is_file(text, link)
    });
    if !text.is_ascii() {
        unknown_to_linkify(text, &mut links);
    }
    let urls = links.len();
    for email in emails {
        let behind = links[..urls].partition_point(|link| link.end <= email.start);
        if links[..urls]
            .get(behind)
            .is_none_or(|link| link.start >= email.end)
        {
            links.push(email);
        }
    }
    links.sort_unstable_by_key(|link| link.start);
    links
}

/// Domains whose ending is not ASCII and that no scheme stands before: `розы.рф`. Linkify leaves them out.
fn unknown_to_linkify(text: &str, links: &mut Vec<Link>) {
    let bytes = text.as_bytes();
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '.');
    let known = links.len();
    for dot in memchr::memchr_iter(b'.', bytes) {
        // Most full stops have a space behind them, or ASCII.
        if bytes.get(dot + 1).is_none_or(u8::is_ascii) {
            continue;
        }
        let front = text[..dot].trim_end_matches(is_part);
        let rest = &text[dot + 1..];
        let behind = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (start, end) = (front.len(), dot + 1 + behind);
        let name = text[start..end].trim_end_matches('.');
        let is_apart = links[..known]
            .iter()
            .all(|link| link.end <= start || link.start >= end)
            && links[known..].last().is_none_or(|link| link.end <= start);
        if is_apart
            && !front.ends_with('@')
            && name.len() < 128
            && known::is_domain(name)
            && parse(name).is_some()
        {
            links.push(Link {
                start,
                end: start + name.len(),
                is_email: false,
            });
        }
    }
    links.sort_unstable_by_key(|link| link.start);
}

/// The parts of a text between white space that may hold a URL or a domain, which has none within: with a `://`, or with a
/// dot that goes on. Most dots end a sentence.
fn parts_with_urls(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut parts: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr2_iter(b':', b'.', bytes) {
        let from = parts.last().map_or(0, |part| part.end);
        let goes_on = bytes.get(at + 1).is_some_and(|next| match bytes[at] {
            b':' => *next == b'/',
            _ => !next.is_ascii_whitespace(),
        });
        if at >= from && goes_on {
            let is_part = |byte: &u8| !matches!(byte, b' ' | b'\n');
            parts.push(run_around(bytes, from..bytes.len(), at, is_part));
        }
    }
    parts
}

fn found(text: &str, kind: LinkKind) -> Vec<Link> {
    let is_email = kind == LinkKind::Email;
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[kind]);
    let parts = match is_email {
        true => std::iter::once(0..text.len()).collect(),
        false => parts_with_urls(text),
    };
    parts
        .into_iter()
        .flat_map(|part| {
            // Linkify reads nothing of less than four bytes; what it finds in the next part's first is none of this one's.
            let end = text.ceil_char_boundary(text.len().min(part.end + 4));
            let links = finder.links(&text[part.start..end]);
            let spans = links.map(|link| part.start + link.start()..part.start + link.end());
            let own = spans.filter(|span| span.start < part.end);
            own.collect::<Vec<_>>()
        })
        // `my_rose.example` begins with what is left out here; `_rose.example_` does not.
        .filter(|link| {
            is_email || {
                let before = &text[..link.start];
                let bare = before.trim_end_matches('_');
                bare.len() == before.len()
                    || !bare.ends_with(|letter: char| letter.is_alphanumeric())
            }
        })
        .flat_map(|link| {
            let raw = &text[link.clone()];
            // `example.com's` is about the site.
            let bare = raw.trim_end_matches("'s").trim_end_matches("’s");
            // `[url]https://example.com/a[/url]`.
            let bare = bare.find("[/").map_or(bare, |at| &bare[..at]);
            let bare = before_prose(bare);
            let bare = bare.trim_end_matches(['_', '*', '~']);
            let whole = vec![(0, bare.len())];
            let parts = match is_email {
                true => glued::address(bare).map_or(whole, |part| vec![part]),
                false => glued::parts(bare).unwrap_or(whole),
            };
            parts.into_iter().map(move |(start, end)| Link {
                start: link.start + start,
                end: link.start + end,
                is_email,
            })
        })
        .collect()
}

/// URLs, and the domains that they are under. Platforms' own domains belong to no one.
pub(super) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    for link in context.links.iter().filter(|link| !link.is_email) {
        let raw = &text[link.start..link.end];
        let Some(url) = parse(raw).filter(is_web).filter(|_| !is_counted(raw)) else {
            continue;
        };
        let canonical = canonical_address(&url);
        let steps = steps(raw, &url, &canonical);
        let confidence = match steps.is_empty() {
            true => Confidence::Exact,
            false => Confidence::Normalised,
        };
        let span = (link.start, link.end);
        let value = canonical.as_str();
        finds.push(find_at(
            text,
            span,
            Selector::new(Kind::Url, value),
            confidence,
            steps,
        ));
        if let Some(domain) = registrable(&url).filter(|_| !is_platform(&url)) {
            let selector = Selector::new(Kind::Domain, domain);
            let (confidence, steps) = match domain == raw {
                true => (Confidence::Exact, Vec::new()),
                false => (Confidence::Normalised, vec!["registrable".into()]),
            };
            finds.push(find_at(text, span, selector, confidence, steps));
        }
    }
}

/// True for words of a number with dots between, which no host is: `zero.zero / trzy.sześć`.
fn is_counted(raw: &str) -> bool {
    let host = raw.split([' ', '/']).next().unwrap_or_default();
    host.split('.')
        .all(|label| words::senses(&words::fold(label)).is_some())
}

/// The canonical URL of what a person wrote.
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    let refused = || {
        Refused::new(
            format!("'{written}' is not a web address"),
            "write it as a browser shows it, e.g. https://lotus.example.com/oakland",
        )
    };
    let whole = match written.contains("://") {
        true => written.to_owned(),
        // Without a scheme, an at sign means an address of another kind.
        false if written.contains('@') => return Err(refused()),
        false => format!("https://{written}"),
    };
    let url = Url::parse(&whole).map_err(|_| refused())?;
    let has_dot = url.host_str().is_some_and(|host| host.contains(['.', ':']));
    if !is_web(&url)
        || !(has_dot || written.contains("://"))
        || written.contains(char::is_whitespace)
    {
        return Err(refused());
    }
    Ok(canonical_address(&url).into())
}

/// The registrable domain of what a person wrote: a domain, a host or a URL.
pub(super) fn canonical_domain(written: &str) -> Result<String, Refused> {
    let url = url_of_host(written)?;
    registrable(&url).map(str::to_owned).ok_or_else(|| {
        no_domain(
            written,
            "is an address, or an ending under which domains are sold",
        )
    })
}

/// The host in what a person wrote, which need not be registrable: `girls.lotus.example.com`. In lower case and ASCII.
pub fn canonical_host(written: &str) -> Result<String, Refused> {
    let url = url_of_host(written.trim())?;
    let is_under_domain = registrable(&url).is_some();
    match url.host() {
        Some(Host::Domain(name)) if is_under_domain => Ok(name.trim_end_matches('.').to_owned()),
        _ => Err(no_domain(
            written,
            "is an address, or an ending under which domains are sold",
        )),
    }
}

fn no_domain(written: &str, why: &str) -> Refused {
    Refused::new(
        format!("'{written}' {why}"),
        "write a domain that someone can own, e.g. lotus.example.com or example.co.uk",
    )
}

fn url_of_host(written: &str) -> Result<Url, Refused> {
    let host = written.rsplit_once('@').map_or(written, |(_, host)| host);
    let refused = |why| no_domain(written, why);
    let whole = match host.contains("://") {
        true => host.to_owned(),
        false => format!("https://{host}"),
    };
    let url = Url::parse(&whole).map_err(|_| refused("is not a domain"))?;
    if host.contains(char::is_whitespace) || !url.host_str().is_some_and(|host| host.contains('.'))
    {
        return Err(refused("is not a domain"));
    }
    Ok(url)
}

/// Reads a URL as it stands in a text; without a scheme, only where its ending is one that domains have.
pub(super) fn parse(raw: &str) -> Option<Url> {
    if raw.contains("://") {
        return Url::parse(raw).ok();
    }
    let host_end = raw.find(['/', '?', '#', ':']).unwrap_or(raw.len());
    let host = &raw[..host_end];
    let (front, ending) = host.trim_end_matches('.').rsplit_once('.')?;
    // `the end.So we` is two sentences, not a domain in Somalia.
    let starts_sentence =
        ending.starts_with(char::is_uppercase) && !front.ends_with(char::is_uppercase);
    if starts_sentence && !is_tossed(front, ending) {
        return None;
    }
    let url = Url::parse(&format!("https://{raw}")).ok()?;
    let Host::Domain(name) = url.host()? else {
        return None;
    };
    let suffix = psl::suffix(name.as_bytes())?;
    let is_ending = suffix.is_known() || known::is_reserved(ending);
    (is_ending && psl::domain_str(name).is_some()).then_some(url)
}

/// True for a name with capitals here and there before an ending that is no word: `ExAmPle.COM`.
fn is_tossed(front: &str, ending: &str) -> bool {
    let label = front.rsplit('.').next().unwrap_or(front).as_bytes();
    let rises = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let is_sure = ["com", "net", "org", "info", "biz", "example"];
    label.windows(2).any(rises) && is_sure.iter().any(|sure| ending.eq_ignore_ascii_case(sure))
}

/// True where the URL is on a platform that people have names on.
pub(crate) fn is_platform(url: &Url) -> bool {
    handle::platform_of(url).is_some()
}

/// True where the URL leads to someone on a platform: a name, or a number.
pub(crate) fn is_contact(url: &Url) -> bool {
    handle::of_url(url).is_some() || super::phone::number_in(url.as_str()).is_some()
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | "ftp") && url.has_host()
}

fn registrable(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => psl::domain_str(name.trim_end_matches('.'))
            .filter(|domain| domain.split('.').all(|label| !label.is_empty())),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// What was done to `raw` to make it canonical.
fn steps(raw: &str, url: &Url, canonical: &Url) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let whole = match raw.contains("://") {
        true => raw.to_owned(),
        false => {
            steps.push("scheme".into());
            format!("https://{raw}")
        }
    };
    let is_respelt = url.as_str().trim_end_matches('/') != whole.trim_end_matches('/');
    if url.fragment().is_some() {
        steps.push("fragment".into());
    }
    let unescaped = url.query().map(normal_escapes);
    if is_respelt || url.path() != canonical.path() || unescaped.as_deref() != url.query() {
        steps.push("spelling".into());
    }
    if unescaped.as_deref() != canonical.query() {
        steps.push("tracking".into());
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selectors::find_all;

    fn found(text: &str, kind: Kind) -> Vec<String> {
        find_all(text, None)
            .into_iter()
            .filter(|find| find.selector.kind == kind)
            .map(|find| find.selector.value)
            .collect()
    }

    #[test]
    fn urls_are_found_and_made_canonical() {
        for (text, urls) in [
            (
                "see https://Lotus.Example.com:443/A?b=c#top.",
                vec!["https://lotus.example.com/A?b=c"],
            ),
            (
                "(lotus.example.com/oakland)",
                vec!["https://lotus.example.com/oakland"],
            ),
            (
                "http://example.org/?utm_source=x&id=7&fbclid=y",
                vec!["http://example.org/?id=7"],
            ),
            (
                "https://example.org/x?utm_source=x",
                vec!["https://example.org/x"],
            ),
            (
                "https://www.example.org/a?ref=ad0",
                vec!["https://www.example.org/a?ref=ad0"],
            ),
            (
                "www.bücher.example.com",
                vec!["https://www.xn--bcher-kva.example.com/"],
            ),
            (
                "https://example.org/%7eads/%78%2fy?q=%61%c3%a9&utm%5Fid=1",
                vec!["https://example.org/~ads/x%2Fy?q=a%C3%A9"],
            ),
            ("write to lotus@example.com", vec![]),
            ("example.com's page", vec!["https://example.com/"]),
            ("at the end.So we went on", vec![]),
            ("node.js, file.txt, 1.2.3 and e.g. this", vec![]),
            ("no link here", vec![]),
        ] {
            assert_eq!(found(text, Kind::Url), urls, "{text}");
        }
    }

    #[test]
    fn domains_are_registrable() {
        assert_eq!(
            found("https://a.b.example.co.uk/x", Kind::Domain),
            ["example.co.uk"]
        );
        assert_eq!(found("http://192.0.2.1/x", Kind::Domain), [""; 0]);
        assert_eq!(
            found("https://www.instagram.com/blue.lotus", Kind::Domain),
            [""; 0]
        );
        for (written, domain) in [
            ("WWW.Example.co.uk", Some("example.co.uk")),
            ("https://a.example.com/x?y", Some("example.com")),
            ("someone@example.com", Some("example.com")),
            ("co.uk", None),
            ("..example", None),
            ("192.0.2.1", None),
            ("word", None),
            ("two words.com", None),
        ] {
            assert_eq!(
                canonical_domain(written).ok().as_deref(),
                domain,
                "{written}"
            );
        }
    }

    #[test]
    fn written_urls_are_read_or_refused() {
        for (written, url) in [
            ("Example.com", Some("https://example.com/")),
            ("http://example.com/a#b", Some("http://example.com/a")),
            ("example.com:8080/x", Some("https://example.com:8080/x")),
            ("mailto:a@example.com", None),
            ("word", None),
            ("two words.com", None),
        ] {
            assert_eq!(canonical(written).ok().as_deref(), url, "{written}");
        }
    }
}
