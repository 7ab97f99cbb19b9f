//! Listings and what was observed in them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::{
    CaptureId, Confidence, Digest, ImageId, ListingId, ObservationId, RunId, Selector, SelectorId,
    SourceId, Step, Timestamp, is_disguised,
};

/// One record of a source, with a stable key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Listing {
    /// Its identifier.
    pub id: ListingId,
    /// The source.
    pub source: SourceId,
    /// What tells it from the source's other listings; the same as long as it is the same ad.
    pub key: String,
    /// Where it stands.
    pub url: Url,
    /// The number of its present version; the first is 1.
    pub version: i64,
    /// Of its text and fields: another digest makes another version.
    #[serde(skip)]
    pub digest: Digest,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen, changed or not.
    pub last_seen: Timestamp,
    /// The run that saw it last; none where it was last seen before that was noted.
    #[serde(skip)]
    pub seen_run: Option<RunId>,
    /// When a complete run no longer had it, or its page answered 404 or 410. Empty again if it comes back.
    pub removed_at: Option<Timestamp>,
}

/// What a listing said from one change to the next.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct ListingVersion {
    /// The listing.
    pub listing: ListingId,
    /// 1 for the first.
    pub version: i64,
    /// The capture that it was read from.
    pub capture: CaptureId,
    /// Its title.
    pub title: String,
    /// Its body as the profile has it, in plain text.
    pub body: String,
    /// Its other fields, typed by their transforms.
    pub fields: BTreeMap<String, serde_json::Value>,
    /// Everything in it that a reader sees, in plain text: what spans refer to.
    pub text: String,
    /// When this version was first seen.
    pub seen_at: Timestamp,
    /// True where nobody changed the listing: its page said the same as for the version before, and another profile, or
    /// another Sightline, read it.
    pub reread: bool,
}

/// A selector, or an image, seen in a listing: one row for each pair.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Observation {
    /// Its identifier.
    pub id: ObservationId,
    /// The listing it was seen in.
    pub listing: ListingId,
    /// The listing's version that its span refers to.
    pub version: i64,
    /// The interned selector.
    #[serde(skip)]
    pub selector_id: SelectorId,
    /// What was seen.
    #[serde(flatten)]
    pub selector: Selector,
    /// The capture in which it was last read.
    pub capture: CaptureId,
    /// As it stood: the version's `text[start..end]`. For an image, its URL.
    pub raw: String,
    /// Where it begins in the version's text, in bytes of UTF-8. 0 for an image.
    pub start: i64,
    /// Where it ends, exclusive. 0 for an image.
    pub end: i64,
    /// How much reading it took.
    pub confidence: Confidence,
    /// The steps that led from raw to canonical.
    pub steps: Vec<Step>,
    /// When it was first seen in this listing.
    pub first_seen: Timestamp,
    /// When it was last seen in this listing. While `current`, this follows the listing; for an image it is when its bytes
    /// were last fetched.
    pub seen_at: Timestamp,
    /// True while the listing's present version has it; for an image, while it shows its address.
    pub current: bool,
}

impl Observation {
    /// True where somebody disguised it: one of its steps undid a disguise.
    pub fn is_disguised(&self) -> bool {
        is_disguised(&self.steps)
    }
}

/// One image by its bytes, wherever it was seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Image {
    /// Its identifier.
    pub id: ImageId,
    /// Of its bytes, content encodings undone.
    pub digest: Digest,
    /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`, by its own first bytes.
    pub media_type: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Its size in bytes.
    pub length: i64,
    /// The capture that holds the bytes.
    pub capture: CaptureId,
    /// When it was first seen.
    pub first_seen: Timestamp,
}
