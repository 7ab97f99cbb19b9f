//! The addresses of pages that are crawled: the canonical form of what stands in a source's settings or on a page, or why it is
//! none. What is canonical is said in [`canonical_page`], by which links are read, too.

use sightline_model::canonical_page;
use url::Url;

/// The longest canonical URL, in bytes. What is longer is a trap more often than a page.
pub const LONGEST: usize = 2_048;

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
    let url = base.join(href)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlRefused::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefused::Userinfo);
    }
    if url
        .host_str()
        .is_some_and(|host| host.trim_end_matches('.').is_empty())
    {
        return Err(url::ParseError::EmptyHost.into());
    }
    let url = canonical_page(&url);
    match url.as_str().len() {
        length if length > LONGEST => Err(UrlRefused::TooLong { length }),
        _ => Ok(url),
    }
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
            (
                "/x?sid=0123456789abcdef0123",
                "https://ads.example/x?sid=0123456789abcdef0123",
            ),
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
