//! Captures: HTTP exchanges kept as they came, and pages: what a URL looked like when last fetched.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{CaptureId, PageId, RunId, SourceId, Timestamp, VisitId, VisitKind};

/// The SHA-256 of some bytes, in lower-case hexadecimal: 64 characters.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Digest(pub String);

impl Digest {
    /// A SHA-256 as it was computed, written out.
    pub fn of_hash(hash: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let halves = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Self(
            halves
                .map(|half| char::from(DIGITS[usize::from(half)]))
                .collect(),
        )
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where in the archive an exchange is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The WARC file's name, relative to the archive's folder.
    pub file: String,
    /// Where the gzip member of its response (or revisit) record begins, in bytes.
    pub offset: i64,
    /// How long that member is, in bytes.
    pub length: i64,
    /// The record's WARC-Record-ID, as `urn:uuid:…`.
    pub record: String,
}

/// One HTTP exchange, kept as it came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Capture {
    /// Its identifier.
    pub id: CaptureId,
    /// The source it was fetched for.
    pub source: SourceId,
    /// The run it was fetched in.
    pub run: RunId,
    /// The visit it came from.
    pub visit: VisitId,
    /// The URL that was asked for, after redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// The Content-Type header.
    pub content_type: Option<String>,
    /// The body's length in bytes, as it came over the wire.
    pub length: i64,
    /// Of the body as it came over the wire. For a 304, that of the body it stands for.
    pub digest: Digest,
    /// The address that answered, with its port: `203.0.113.5:443`. Through a proxy, the proxy's.
    pub peer: Option<String>,
    /// When the request was sent.
    pub fetched_at: Timestamp,
    /// From the request to the last byte, in milliseconds.
    pub took_ms: i64,
    /// Where it is kept.
    pub evidence: Evidence,
    /// The earlier capture whose body this one repeats (304, or identical bytes).
    pub revisit_of: Option<CaptureId>,
}

/// What a server gave to ask "has it changed?" by.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Validators {
    /// The ETag header, verbatim.
    pub etag: Option<String>,
    /// The Last-Modified header, verbatim: some servers compare it as text.
    pub last_modified: Option<String>,
}

/// A link that a page had, remembered so that an unchanged page still leads on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PageLink {
    /// What lies behind it.
    pub kind: VisitKind,
    /// The canonical URL.
    pub url: Url,
}

/// What one URL of a source looked like when last fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// Its identifier.
    pub id: PageId,
    /// The source.
    pub source: SourceId,
    /// The canonical URL, as visited (before redirects).
    pub url: Url,
    /// What to ask "has it changed?" by.
    pub validators: Validators,
    /// Of the body as it came.
    pub digest: Digest,
    /// The capture that holds that body.
    pub capture: CaptureId,
    /// What it was read with: changes when the profile or the extractors do, and then the page is read anew.
    pub reader: String,
    /// Its links to pagination and details.
    pub links: Vec<PageLink>,
    /// When it was last fetched, changed or not.
    pub seen_at: Timestamp,
    /// Since when links or listings are missing on it that it had: it is not known yet whether what they led to is gone, or the page is
    /// broken. None where nothing is missing.
    pub lost_since: Option<Timestamp>,
    /// What it was fetched as; none where that was not kept yet when it was last read.
    pub kind: Option<VisitKind>,
}
