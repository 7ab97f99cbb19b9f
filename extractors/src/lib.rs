//! Pure: a capture in, a reading out.
//!
//! [`read`] takes a fetched page and a source's [`Profile`], and returns what the page says: listings with their
//! fields, text, selectors and images, and the links that lead on. [`find_all`] finds the selectors in any text;
//! [`canonical`] gives a selector that a person wrote the same canonical form, so that watchlists and observations
//! meet. [`inspect`] proves that some bytes are an image. Nothing here touches the network, the disk or the clock,
//! and nothing fails on bad input: a value comes back, and its problems beside it.

mod fields;
pub mod images;
pub mod page;
pub mod profile;
pub mod reading;
pub mod selectors;

pub use images::{BadImage, ImageInfo, ImageLimits, Proof, inspect, memory_for};
pub use page::kind::no_page;
pub use profile::{ListSeeks, Profile, ProfileSettings};
pub use reading::{Counted, RawPage, ReadListing, Reading, page_text, read};
pub use selectors::{
    FoldedText, Refused, Spans, canonical, canonical_host, find_all, fold_phrase, fold_text,
    has_known_ending, is_region, look, national_digits, number_of_handle, on_platforms,
    platform_named, undisguised,
};

/// Changes whenever pages have to be read anew: when the extractors find more, or otherwise, than before, or the matcher
/// recognises more in their text. Bundles of evidence rely on it: of one number, a page is read in one way, and what is stored
/// otherwise was changed.
pub const VERSION: u32 = 19;
