//! TEMP
use super::{Context, Refused};
use sightline_model::Find;
pub(crate) struct Link {
    pub start: usize,
    pub end: usize,
}
pub(super) fn links(_text: &str) -> Vec<Link> {
    Vec::new()
}
pub(super) fn find(_text: &str, _context: &Context, _finds: &mut Vec<Find>) {}
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    Ok(written.to_owned())
}
pub(super) fn canonical_domain(written: &str) -> Result<String, Refused> {
    Ok(written.to_owned())
}
pub(crate) fn canonical_url(url: &::url::Url) -> ::url::Url {
    url.clone()
}
pub(crate) fn is_platform(_url: &::url::Url) -> bool { false }
pub(crate) fn is_contact(_url: &::url::Url) -> bool { false }
