//! What is large: the memory that reading it needs beside what came, for which there has to be room first.

use sightline_extractors::{ImageLimits, memory_for};
use sightline_model::VisitKind;

/// Bytes of memory for a byte of a page: its text, its tree and what is found in it.
const OF_PAGE: u64 = 6;
/// Beyond this the tree has all the nodes that it may have.
const OF_TREE: u64 = 48 << 20;

/// The bytes that reading a body of a kind needs. On a thread that may be kept busy.
pub(crate) fn needs(body: &[u8], kind: VisitKind) -> u64 {
    let length = body.len() as u64;
    match kind {
        VisitKind::List | VisitKind::Detail => (length * OF_PAGE).min(length + OF_TREE),
        VisitKind::Image => memory_for(body, &ImageLimits::default()),
    }
}
