//! Where a redirect leads, if it may.

use http::{HeaderMap, header};
use sightline_model::Outcome;
use url::Url;

use super::VisitFailure;

/// Longer addresses lead nowhere good.
const LONGEST: usize = 2_048;

/// The target of a redirect from `from`: its Location, without fragment.
///
/// From https to http only within the same host: sites do get that wrong, and a start URL may be http as well; but
/// nobody else is to take over from a host that proved its name.
pub(super) fn target(from: &Url, status: u16, headers: &HeaderMap) -> Result<Url, VisitFailure> {
    let bad = |detail: &str| VisitFailure {
        outcome: Outcome::BadRedirect,
        detail: detail.to_owned(),
        status: Some(status),
        retry_after: None,
        alone: false,
    };
    let location = headers
        .get(header::LOCATION)
        .ok_or_else(|| bad("the redirect names no target"))?;
    // Some servers send UTF-8 here; the URL parser escapes it.
    let location = String::from_utf8_lossy(location.as_bytes());
    if location.trim().is_empty() {
        return Err(bad("the redirect names no target"));
    }
    let mut target = from
        .join(location.trim())
        .map_err(|_| bad("the redirect's target is not a URL"))?;
    target.set_fragment(None);
    if target.as_str().len() > LONGEST {
        return Err(bad("the redirect's target is longer than 2,048 bytes"));
    }
    if !matches!(target.scheme(), "http" | "https") {
        return Err(bad(
            "the redirect leads to a scheme that is neither http nor https",
        ));
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err(bad("the redirect's target carries a user name or password"));
    }
    if from.scheme() == "https" && target.scheme() == "http" && from.host() != target.host() {
        return Err(bad("the redirect leads from https to another host's http"));
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_it_says_it_leads_to_a_sound_url_or_nowhere(location: Vec<u8>) {
            let from: Url = "https://ads.example/list".parse().unwrap();
            if let Ok(value) = HeaderValue::from_bytes(&location) {
                let headers = HeaderMap::from_iter([(header::LOCATION, value)]);
                if let Ok(url) = target(&from, 302, &headers) {
                    prop_assert!(matches!(url.scheme(), "http" | "https"));
                    prop_assert!(url.as_str().len() <= LONGEST && url.fragment().is_none());
                }
            }
        }
    }

    #[test]
    fn targets() {
        let from: Url = "https://ads.example/list?page=2#top".parse().unwrap();
        let long = format!("/{}", "x".repeat(LONGEST));
        for (location, expected) in [
            ("/next", Some("https://ads.example/next")),
            ("next", Some("https://ads.example/next")),
            ("?page=3", Some("https://ads.example/list?page=3")),
            ("//img.example/a", Some("https://img.example/a")),
            (
                "https://other.example/#part",
                Some("https://other.example/"),
            ),
            ("  /next  ", Some("https://ads.example/next")),
            ("/caf\u{e9}", Some("https://ads.example/caf%C3%A9")),
            ("http://ads.example/", Some("http://ads.example/")),
            ("http://other.example/", None),
            ("", None),
            (" ", None),
            ("https://", None),
            ("https://me:secret@ads.example/", None),
            ("https://me@ads.example/", None),
            ("file:///etc/passwd", None),
            ("data:text/html,hello", None),
            ("gopher://ads.example/", None),
            ("javascript:alert(1)", None),
            ("mailto:a@ads.example", None),
            (&long, None),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_bytes(location.as_bytes()).unwrap();
            headers.insert(header::LOCATION, value);
            match (target(&from, 302, &headers), expected) {
                (Ok(url), Some(expected)) => assert_eq!(url.as_str(), expected),
                (Err(failure), None) => {
                    assert_eq!(failure.outcome, Outcome::BadRedirect, "{location}");
                    assert_eq!(failure.status, Some(302));
                }
                (found, _) => panic!("{location}: {found:?}"),
            }
        }
        assert!(target(&from, 302, &HeaderMap::new()).is_err());
    }
}
