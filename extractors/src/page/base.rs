//! URLs as a page means them: relative to its base, and canonical.

use ::url::Url;
use sightline_model::{canonical_address, canonical_page};

/// The canonical form of a link `written` on a page at `base`, for tests of templates. None where it is no http(s) URL.
pub(crate) fn canonical_page_url(base: &str, written: &str) -> Option<Url> {
    page_url(&Url::parse(base).ok()?, written)
}

/// The canonical http(s) URL of the page that `written` means on a page whose base is `base`: without the session it names.
pub(crate) fn page_url(base: &Url, written: &str) -> Option<Url> {
    whole(base, written).map(|url| canonical_page(&url))
}

/// The canonical http(s) URL that `written` means, of an image or in a field: what looks like a session there may be a signature
/// without which nothing is had.
pub(crate) fn address(base: &Url, written: &str) -> Option<Url> {
    whole(base, written).map(|url| canonical_address(&url))
}

fn whole(base: &Url, written: &str) -> Option<Url> {
    let mut url = base.join(written.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // Such a link is not followed. What it gives away is nobody's here to keep.
    if !url.username().is_empty() || url.password().is_some() {
        url.set_username(MASK).ok()?;
        url.set_password(Some(MASK)).ok()?;
    }
    Some(url)
}

/// Stands for a name or a password in a link.
const MASK: &str = "***";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_link_gives_away_is_not_kept() {
        for (written, meant) in [
            (
                "https://me:sesame@ads.example/1",
                "https://***:***@ads.example/1",
            ),
            ("https://me@ads.example/1", "https://***:***@ads.example/1"),
            ("/1", "https://ads.example/1"),
        ] {
            let url = canonical_page_url("https://ads.example/", written);
            assert_eq!(url.as_ref().map(Url::as_str), Some(meant), "{written}");
        }
    }
}
