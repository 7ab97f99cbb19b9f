//! Reading a page: from bytes to listings, links and problems.

use std::collections::BTreeMap;

use serde_json::Value;
use sightline_model::{Digest, Find, PageLink, Problem, Timestamp, VisitKind};
use url::Url;

use crate::Profile;

/// A fetched page: what came, and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct RawPage<'p> {
    /// Where it came from, after redirects.
    pub url: &'p Url,
    /// What the visit hoped to find. A page is read as [`VisitKind::List`] or [`VisitKind::Detail`]; an image has
    /// nothing to read.
    pub kind: VisitKind,
    /// The Content-Type header.
    pub content_type: Option<&'p str>,
    /// The body, content encodings undone.
    pub body: &'p [u8],
    /// When it was fetched: what relative dates refer to.
    pub fetched_at: Timestamp,
}

/// What a page says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reading {
    /// The listings on it, in the order of the page, each key once.
    pub listings: Vec<ReadListing>,
    /// Links to details and to further pages of listings: canonical, each once, 5,000 at most.
    pub links: Vec<PageLink>,
    /// What was looked for and not found or not understood. Keys are paths in the profile.
    pub problems: Vec<Problem>,
    /// True where the page asks to log in instead of showing what was looked for.
    pub login_page: bool,
}

/// A listing as a page shows it.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadListing {
    /// What tells it from the source's other listings.
    pub key: String,
    /// Where it stands: canonical.
    pub url: Url,
    /// Its title, in one line.
    pub title: String,
    /// Its body, in plain text.
    pub body: String,
    /// Its other fields, typed by their transforms. A field that is not there, or cannot be read, is left out.
    pub fields: BTreeMap<String, Value>,
    /// Everything in it that a reader sees, in plain text: what the finds' spans refer to. Selectors that only a
    /// link's address shows stand behind the link's text, in angle brackets.
    pub text: String,
    /// The selectors in `text`.
    pub finds: Vec<Find>,
    /// Its images, each once, absolute, in the order of the page.
    pub images: Vec<Url>,
    /// Of title, body, fields and text: another one makes another version. Relative dates are not part of it.
    pub digest: Digest,
}

/// Reads a page by a profile. Never fails: what is wrong is told in `problems`.
pub fn read(page: &RawPage<'_>, profile: &Profile) -> Reading {
    let _ = (
        page,
        profile,
        &profile.list,
        &profile.detail,
        &profile.login,
        profile.region,
    );
    Reading::default()
}
