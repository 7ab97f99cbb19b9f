//! Exact look-up: from a kind and a canonical value to the entries that look for it.

use std::hash::{DefaultHasher, Hash, Hasher};

use sightline_model::Kind;

use super::Watched;

/// Hashes of kind and value with the places of their entries, sorted: 16 bytes for each entry, and built by one sort.
#[derive(Debug)]
pub(super) struct Index {
    rows: Vec<(u64, u32)>,
}

impl Index {
    /// An index of the entries by their places in the slice. A handle on a platform is listed as `any/name`, too, so
    /// that a name found without its platform leads to it.
    pub fn of(entries: &[Watched]) -> Self {
        let mut rows = Vec::with_capacity(entries.len());
        for (place, entry) in (0..).zip(entries) {
            let value = entry.selector.value.as_str();
            rows.push((hash(entry.selector.kind, &[value]), place));
            if entry.selector.kind == Kind::Handle
                && let Some(name) = on_a_platform(value)
            {
                rows.push((hash(Kind::Handle, &["any/", name]), place));
            }
        }
        rows.sort_unstable();
        Self { rows }
    }

    /// The places of entries that may look for this value, given in parts. Different values can share a hash, so the
    /// caller compares.
    pub fn places(&self, kind: Kind, value: &[&str]) -> impl Iterator<Item = u32> {
        let wanted = hash(kind, value);
        let first = self.rows.partition_point(|&(hash, _)| hash < wanted);
        self.rows[first..]
            .iter()
            .take_while(move |&&(hash, _)| hash == wanted)
            .map(|&(_, place)| place)
    }
}

/// The name in `platform/name`; none in `any/name`.
pub(super) fn on_a_platform(handle: &str) -> Option<&str> {
    let (platform, name) = handle.split_once('/')?;
    (platform != "any").then_some(name)
}

fn hash(kind: Kind, value: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind as u8).hash(&mut hasher);
    for part in value {
        hasher.write(part.as_bytes());
    }
    hasher.finish()
}
