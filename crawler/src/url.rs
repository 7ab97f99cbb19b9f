//! The canonical form of the URLs that are crawled: one page, one spelling, so that it is visited once.
//!
//! The form is RFC 3986 §6.2.2 with what the WHATWG URL standard does on parsing: scheme and host in lower case, the host in
//! ASCII, no default port, dot segments resolved, unreserved characters plain and other escapes in upper-case hexadecimal. On
//! top of that, what does not name the page goes: the fragment, tracking parameters, session identifiers, an empty query.
//!
//! Parameters stay in the order in which they stand. Sorting them would merge more spellings, but some sites read them in
//! order (`?from=3&to=5` as a path, repeated keys), and a page asked for by another name than it gave is a page not asked for.

use sightline_model::normal_escapes;
use url::Url;

/// The longest canonical URL, in bytes. What is longer is a trap more often than a page.
pub const LONGEST: usize = 2_048;

/// Parameters that tell who clicked, not what to show. A name that ends in `*` stands for all that begin so.
pub const TRACKING: &[&str] = &[
    "utm_*",
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "li_fat_id",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "__hstc",
    "__hssc",
    "__hsfp",
    "hsctatracking",
    "mkt_tok",
    "oly_anon_id",
    "oly_enc_id",
    "vero_id",
    "wickedid",
    "rb_clickid",
    "s_cid",
    "zanpid",
    "srsltid",
    "pk_*",
    "mtm_*",
    "matomo_*",
];

/// Parameters that name a visitor's session.
pub const SESSIONS: &[&str] = &[
    "phpsessid",
    "jsessionid",
    "aspsessionid*",
    "cfid",
    "cftoken",
    "oscsid",
    "zenid",
];

/// Parameters that name a session where their value looks like one: sixteen or more hexadecimal digits.
const PERHAPS_SESSIONS: &[&str] = &["sid", "s", "session", "sessionid", "session_id", "sess"];

/// Why an address is not a page that can be crawled.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UrlRefused {
    /// It does not parse.
    #[error("not a URL: {0}")]
    Unreadable(#[from] url::ParseError),
    /// `mailto:`, `javascript:`, `data:` and the like.
    #[error("the scheme '{0}' is not crawled; only http and https are")]
    Scheme(String),
    /// `https://name:password@…`: credentials are not ours to use.
    #[error("the URL carries a user name or a password; write it without")]
    Userinfo,
    /// Longer than [`LONGEST`].
    #[error("the URL has {length} bytes; {LONGEST} is the most")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
}

/// The canonical form of `href`, as it stands on the page `base`. Canonical URLs are their own canonical form.
pub fn canonical(base: &Url, href: &str) -> Result<Url, UrlRefused> {
    // Refused before parsing: a page may hold megabytes of `data:`.
    let scheme = href.trim_start().get(..5).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("data:") {
        return Err(UrlRefused::Scheme("data".to_owned()));
    }
    if href.len() > 4 * LONGEST {
        return Err(UrlRefused::TooLong { length: href.len() });
    }
    let mut url = base.join(href)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlRefused::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefused::Userinfo);
    }
    url.set_fragment(None);
    if let Some(host) = url.host_str().filter(|host| host.ends_with('.')) {
        let host = host.trim_end_matches('.').to_owned();
        url.set_host(Some(&host))?;
    }
    // A page has hundreds of links, and few of their paths hold anything to normalise.
    if url.path().contains(['%', ';']) {
        // Setting the path resolves the dot segments that a removed session may have uncovered.
        let path = without_path_sessions(&normal_escapes(url.path()));
        url.set_path(&path);
    }
    let query = url.query().and_then(meaningful_query);
    if query.as_deref() != url.query() {
        url.set_query(query.as_deref());
    }
    match url.as_str().len() {
        length if length > LONGEST => Err(UrlRefused::TooLong { length }),
        _ => Ok(url),
    }
}

/// Drops `;jsessionid=…` from the segments of a path.
fn without_path_sessions(path: &str) -> String {
    let keep = |piece: &&str| !is_any_of(piece.split('=').next().unwrap_or_default(), SESSIONS);
    path.split('/')
        .map(|segment| {
            let (name, parameters) = segment.split_once(';').unwrap_or((segment, ""));
            let kept = parameters
                .split(';')
                .filter(|piece| !piece.is_empty())
                .filter(keep);
            std::iter::once(name)
                .chain(kept)
                .collect::<Vec<_>>()
                .join(";")
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// The query without what does not name the page; none if nothing is left.
fn meaningful_query(query: &str) -> Option<String> {
    let kept: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| normal_escapes(pair).into_owned())
        .filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let session = is_any_of(name, PERHAPS_SESSIONS) && looks_like_a_session(value);
            !(session || is_any_of(name, TRACKING) || is_any_of(name, SESSIONS))
        })
        .collect();
    (!kept.is_empty()).then(|| kept.join("&"))
}

fn is_any_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => name.eq_ignore_ascii_case(known),
    })
}

fn looks_like_a_session(value: &str) -> bool {
    value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://ads.example/city/list?page=2").unwrap()
    }

    #[test]
    fn one_page_has_one_spelling() {
        for (href, expected) in [
            ("", "https://ads.example/city/list?page=2"),
            ("?page=3", "https://ads.example/city/list?page=3"),
            ("../post/7", "https://ads.example/post/7"),
            ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
            ("HTTP://ADS.Example:80/A", "http://ads.example/A"),
            ("https://ads.example:443", "https://ads.example/"),
            ("https://ads.example:8443/", "https://ads.example:8443/"),
            ("https://ads.example./x", "https://ads.example/x"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("/a/./b/../c", "https://ads.example/a/c"),
            ("/a/%2e%2E/c", "https://ads.example/c"),
            (
                "/%7Euser/%c3%a9/é%2f",
                "https://ads.example/~user/%C3%A9/%C3%A9%2F",
            ),
            ("/%78", "https://ads.example/x"),
            ("/100%", "https://ads.example/100%25"),
            ("/%%41b", "https://ads.example/%25Ab"),
            ("/x#top", "https://ads.example/x"),
            ("/x?", "https://ads.example/x"),
            ("/x?&&", "https://ads.example/x"),
            (
                "/x?utm_source=a&b=1&fbclid=2&a=0",
                "https://ads.example/x?b=1&a=0",
            ),
            ("/x?UTM_Medium=a", "https://ads.example/x"),
            ("/x?utmost=1", "https://ads.example/x?utmost=1"),
            ("/x?%75tm_id=1", "https://ads.example/x"),
            ("/x?PHPSESSID=abc&id=1", "https://ads.example/x?id=1"),
            ("/x;jsessionid=12AB?id=1", "https://ads.example/x?id=1"),
            ("/x;v=1;JSESSIONID=12AB/y", "https://ads.example/x;v=1/y"),
            ("/a/..;jsessionid=1/b", "https://ads.example/b"),
            ("/x?sid=12", "https://ads.example/x?sid=12"),
            ("/x?sid=0123456789abcdef0123", "https://ads.example/x"),
            (
                "/x?q=a+b%20c&r=%E2%9C%93",
                "https://ads.example/x?q=a+b%20c&r=%E2%9C%93",
            ),
            (" /x\n", "https://ads.example/x"),
            ("/a\\b", "https://ads.example/a/b"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
        ] {
            assert_eq!(
                canonical(&base(), href).map(String::from).as_deref(),
                Ok(expected),
                "{href}"
            );
        }
    }

    #[test]
    fn what_is_no_page_is_refused() {
        let scheme = |name: &str| UrlRefused::Scheme(name.to_owned());
        for (href, expected) in [
            ("mailto:lotus@example.com", scheme("mailto")),
            ("javascript:void(0)", scheme("javascript")),
            ("tel:+12025550123", scheme("tel")),
            ("DATA:text/html,x", scheme("data")),
            ("ftp://ads.example/", scheme("ftp")),
            ("https://me@ads.example/", UrlRefused::Userinfo),
            ("https://:secret@ads.example/", UrlRefused::Userinfo),
            (
                "https://",
                UrlRefused::Unreadable(url::ParseError::EmptyHost),
            ),
            ("//..", UrlRefused::Unreadable(url::ParseError::EmptyHost)),
        ] {
            assert_eq!(canonical(&base(), href), Err(expected), "{href}");
        }
        for length in [LONGEST, 100 * LONGEST] {
            let refused = canonical(&base(), &"x".repeat(length));
            assert!(
                matches!(refused, Err(UrlRefused::TooLong { .. })),
                "{length}"
            );
        }
    }

    proptest! {
        #[test]
        fn canonical_is_its_own_canonical_form(href in "\\PC{0,60}|[a%25./;?&=#:@-]{0,40}|/[a.%2eE;jsessionid=/]{0,40}") {
            if let Ok(url) = canonical(&base(), &href) {
                prop_assert_eq!(canonical(&base(), url.as_str()), Ok(url.clone()));
                prop_assert_eq!(canonical(&url, ""), Ok(url));
            }
        }
    }
}
