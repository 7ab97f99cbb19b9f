//! Look-up by what is exactly equal: from a value, or from what selectors that may be the same share, to the entries that
//! may look for it.

use std::hash::{DefaultHasher, Hash, Hasher};

use sightline_model::{Kind, Way, WebPage};

use super::{Watched, reach};

/// What entries are listed under.
#[derive(Clone, Copy, Hash)]
pub(super) enum Key<'v> {
    /// Their kind and canonical value.
    Value(Kind, &'v str),
    /// Their kind and what they share with others: see `Selector::kin`.
    Kin(Kind, &'v str),
    /// A page under any of its addresses.
    Page(WebPage<'v>),
    /// A web address below which all are looked for.
    Prefix(&'v str),
}

/// Hashes of keys with the places of their entries, sorted: 16 bytes for each, and built by one sort.
#[derive(Debug)]
pub(super) struct Index {
    rows: Vec<(u64, u32)>,
}

impl Index {
    /// An index of the entries by their places in the slice: each by its value, and by what it reaches beyond.
    pub fn of(entries: &[Watched]) -> Self {
        let mut rows = Vec::with_capacity(entries.len() * 2);
        for (place, entry) in (0..).zip(entries) {
            let selector = &entry.selector;
            rows.push((hash(Key::Value(selector.kind, &selector.value)), place));
            match entry.way {
                Way::Trailing
                | Way::AnyCountry
                | Way::Mailbox
                | Way::Platform
                | Way::AnyPlatform => {
                    if let Some(kin) = selector.kin() {
                        rows.push((hash(Key::Kin(selector.kind, &kin)), place));
                    }
                }
                Way::Page => rows.push((hash(Key::Page(WebPage::of(&selector.value))), place)),
                Way::Prefix => {
                    rows.push((hash(Key::Page(WebPage::of(&selector.value))), place));
                    rows.push((hash(Key::Prefix(reach::prefix(&selector.value))), place));
                }
                Way::Exact | Way::Subdomains | Way::Host => {}
            }
        }
        rows.sort_unstable();
        rows.shrink_to_fit();
        Self { rows }
    }

    /// The places of entries that may be listed under this key. Different keys can share a hash, so the caller
    /// compares.
    pub fn places(&self, key: Key<'_>) -> impl Iterator<Item = u32> {
        let wanted = hash(key);
        let first = self.rows.partition_point(|&(hash, _)| hash < wanted);
        self.rows[first..]
            .iter()
            .take_while(move |&&(hash, _)| hash == wanted)
            .map(|&(_, place)| place)
    }
}

fn hash(key: Key<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
