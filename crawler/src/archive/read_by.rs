//! What an answer was read with, as its record says it: so that it can be read again in the same way, by the record's own word.

use std::fmt;

use sightline_model::VisitKind;

/// The field of a record that says it. WARC leaves fields of other names to whoever writes.
pub(super) const FIELD: &str = "Sightline-Reader";

/// What an answer was read with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadBy {
    /// As which kind of page.
    pub kind: VisitKind,
    /// The reader: a digest of the source's profile and of the extractors' version.
    pub reader: String,
}

impl fmt::Display for ReadBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.reader)
    }
}

impl ReadBy {
    /// What a record says; none where that is no reader of ours.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let (kind, reader) = written.split_once(' ')?;
        Some(Self {
            kind: kind.parse().ok()?,
            reader: reader.to_owned(),
        })
    }
}
