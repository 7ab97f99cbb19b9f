//! A source's cookies: what its hosts set comes back to them, and to nobody else (RFC 6265).

use cookie_store::{CookieDomain, CookieStore, RawCookie};
use http::{HeaderMap, header};
use url::Url;

/// The most cookies that are kept for one domain.
const PER_DOMAIN: usize = 50;
/// The most bytes of one Set-Cookie line.
const LONGEST: usize = 4 * 1024;
/// The most bytes of the Cookie header that we send; servers refuse much more.
const LONGEST_HEADER: usize = 8 * 1024;

/// The cookies of one source, for as long as a run lasts.
#[derive(Debug, Default)]
pub struct Cookies(CookieStore);

impl Cookies {
    /// Takes in the Set-Cookie lines of an answer of `url`. Lines that are too long, for another site, or for a public
    /// suffix such as `co.uk` are left out.
    pub fn take(&mut self, url: &Url, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            if let Ok(line) = line.to_str()
                && line.len() <= LONGEST
                && let Ok(cookie) = RawCookie::parse(line)
            {
                self.insert(url, &cookie);
            }
        }
    }

    fn insert(&mut self, url: &Url, cookie: &RawCookie<'_>) {
        if cookie
            .domain()
            .is_some_and(|domain| is_public_suffix(domain, url))
        {
            return;
        }
        let domain = cookie
            .domain()
            .or(url.host_str())
            .unwrap_or_default()
            .trim_start_matches('.')
            .to_ascii_lowercase();
        let path = cookie.path().unwrap_or("/");
        let is_new = !self.0.contains(&domain, path, cookie.name());
        if is_new && self.count(&domain) >= PER_DOMAIN {
            return;
        }
        // An error is a cookie that does not belong to the URL, or has expired: left out, as browsers do.
        let _ = self.0.insert_raw(cookie, url);
    }

    fn count(&self, domain: &str) -> usize {
        self.0
            .iter_unexpired()
            .filter(|cookie| match &cookie.domain {
                CookieDomain::HostOnly(host) | CookieDomain::Suffix(host) => host == domain,
                _ => false,
            })
            .count()
    }

    /// The Cookie header for a request of `url`; none where no cookie belongs to it.
    pub fn header(&self, url: &Url) -> Option<String> {
        let mut line = String::new();
        for (name, value) in self.0.get_request_values(url) {
            if line.len() + name.len() + value.len() + 3 > LONGEST_HEADER {
                break;
            }
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(name);
            line.push('=');
            line.push_str(value);
        }
        (!line.is_empty()).then_some(line)
    }
}

/// A cookie for a whole suffix would be seen by every site under it. The suffix itself may be a site (`github.io`), so
/// its own host may set it.
fn is_public_suffix(domain: &str, url: &Url) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    psl::suffix_str(&domain) == Some(domain.as_str()) && url.host_str() != Some(domain.as_str())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_set_can_be_sent(lines: Vec<Vec<u8>>, name in "[a-z]{1,3}", value in "\\PC{0,20}") {
            let url: Url = "https://ads.example/".parse().unwrap();
            let mut headers = HeaderMap::new();
            let mixed = format!("{name}={value}; Path=/").into_bytes();
            for line in lines.iter().chain([&mixed]) {
                if let Ok(line) = HeaderValue::from_bytes(line) {
                    headers.append(header::SET_COOKIE, line);
                }
            }
            let mut cookies = Cookies::default();
            cookies.take(&url, &headers);
            if let Some(line) = cookies.header(&url) {
                prop_assert!(line.len() <= LONGEST_HEADER && HeaderValue::from_str(&line).is_ok());
            }
        }
    }

    fn answered(lines: &[&str]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (header::SET_COOKIE, HeaderValue::from_str(line).unwrap()))
            .collect()
    }

    fn kept(from: &str, lines: &[&str], to: &str) -> Option<String> {
        let mut cookies = Cookies::default();
        cookies.take(&from.parse().unwrap(), &answered(lines));
        cookies.header(&to.parse().unwrap())
    }

    #[test]
    fn cookies_go_where_they_belong() {
        let home = "https://ads.example.co.uk/list/";
        for (line, to, expected) in [
            ("a=1", "https://ads.example.co.uk/list/2", Some("a=1")),
            (
                "a=1; Path=/",
                "https://ads.example.co.uk/other",
                Some("a=1"),
            ),
            ("a=1", "https://example.co.uk/list/", None),
            (
                "a=1; Domain=example.co.uk; Path=/",
                "https://img.example.co.uk/",
                Some("a=1"),
            ),
            ("a=1; Domain=co.uk; Path=/", "https://other.co.uk/", None),
            ("a=1; Domain=co.uk; Path=/", home, None),
            ("a=1; Domain=uk; Path=/", home, None),
            (
                "a=1; Domain=other.example; Path=/",
                "https://other.example/",
                None,
            ),
            ("a=1; Secure; Path=/", "http://ads.example.co.uk/", None),
            ("a=1; Max-Age=0", home, None),
            ("=", home, None),
        ] {
            assert_eq!(
                kept(home, &[line], to).as_deref(),
                expected,
                "{line} to {to}"
            );
        }
    }

    #[test]
    fn there_is_an_end_to_them() {
        let long = format!("a={}", "x".repeat(LONGEST));
        assert_eq!(
            kept("https://ads.example/", &[&long], "https://ads.example/"),
            None
        );

        let many: Vec<String> = (0..200).map(|number| format!("c{number}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let header = kept("https://ads.example/", &many, "https://ads.example/").unwrap();
        assert_eq!(header.split("; ").count(), PER_DOMAIN);

        let wide: Vec<String> = (0..40)
            .map(|number| format!("c{number}={}", "x".repeat(4_000)))
            .collect();
        let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
        let header = kept("https://ads.example/", &wide, "https://ads.example/").unwrap();
        assert!(header.len() <= LONGEST_HEADER);
    }

    #[test]
    fn a_cookie_can_be_changed_when_the_jar_is_full() {
        let mut cookies = Cookies::default();
        let url: Url = "https://ads.example/".parse().unwrap();
        for number in 0..PER_DOMAIN {
            cookies.take(&url, &answered(&[&format!("c{number}=1")]));
        }
        cookies.take(&url, &answered(&["c0=2", "new=1"]));
        let header = cookies.header(&url).unwrap();
        assert!(
            header.contains("c0=2") && !header.contains("new"),
            "{header}"
        );
    }
}
