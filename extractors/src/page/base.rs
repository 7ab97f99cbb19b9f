//! URLs as a page means them: relative to its base, and canonical.

use ::url::Url;

use crate::selectors::canonical_url;

/// The canonical form of a link `written` on a page at `base`, for tests of templates. None where it is no http(s) URL.
pub(crate) fn canonical_page_url(base: &str, written: &str) -> Option<Url> {
    page_url(&Url::parse(base).ok()?, written)
}

/// The canonical http(s) URL that `written` means on a page whose base is `base`.
pub(crate) fn page_url(base: &Url, written: &str) -> Option<Url> {
    let url = base.join(written.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    Some(canonical_url(&url))
}
