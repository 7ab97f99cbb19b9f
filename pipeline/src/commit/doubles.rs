//! Pages of one run that have the same key and say different things: the profile's key does not tell their listings apart.
//!
//! Kept under that key, each would be a wording of the one before, and other people's ads would stand in its history. So all but the
//! first are kept by their addresses, now and in later runs, and their visits say why.

use std::collections::{BTreeMap, HashMap, HashSet};

use sightline_extractors::ReadListing;
use sightline_model::{Listing, ListingId, ListingVersion, SourceId, VisitKind};
use sightline_store::{Tx, listings, visits};

use super::Item;
use crate::{PipelineError, process::Found};

/// What two texts have in common at the least, of all their words, where they are wordings of one ad.
const ALIKE: f64 = 0.5;

/// Marks the pages of the batch whose listings are to be kept by their addresses.
pub(super) async fn mark(tx: &mut Tx, items: &mut [Item<'_>]) -> Result<(), PipelineError> {
    let known = known(tx, items).await?;
    // The first of the batch with each key.
    let mut first = HashMap::<(SourceId, &str), &ReadListing>::new();
    for item in items.iter_mut() {
        let Some(read) = keyed(item) else { continue };
        let visit = &item.processed.task.lease.visit;
        let (source, run) = (visit.source, visit.run);
        if known.contains_key(&(source, read.url.as_str())) {
            item.shares_key = Some(told(read));
            continue;
        }
        let before = *first.entry((source, &read.key)).or_insert(read);
        if before.url != read.url && differ(before, &read.title, &read.text) {
            item.shares_key = Some(told(read));
            continue;
        }
        let Some((listing, version)) = known.get(&(source, read.key.as_str())) else {
            continue;
        };
        let is_other = listing.url != read.url && differ(read, &version.title, &version.text);
        // An ad that moved left its old address: no list leads there any more.
        if is_other
            && (listing.seen_run == Some(run)
                || !visits::met(tx, run, &[&listing.url]).await?.is_empty())
        {
            item.shares_key = Some(told(read));
        }
    }
    Ok(())
}

fn told(read: &ReadListing) -> String {
    let key: String = read.key.chars().take(60).collect();
    format!(
        "its key `{key}` is also that of another page, which says something else; it is kept by its address"
    )
}

/// The listing of an item's own page, where its key is not its address anyway.
fn keyed<'b>(item: &Item<'b>) -> Option<&'b ReadListing> {
    let Found::Page(page) = &item.processed.found else {
        return None;
    };
    let is_own = item.processed.task.lease.visit.kind == VisitKind::Detail;
    let read = page.reading.listings.first().filter(|_| is_own)?;
    (read.key != read.url.as_str()).then_some(read)
}

/// What is stored under the keys of the batch, and under the addresses of its listings, with what it says now.
async fn known<'b>(
    tx: &mut Tx,
    items: &[Item<'b>],
) -> Result<HashMap<(SourceId, &'b str), (Listing, ListingVersion)>, PipelineError> {
    let mut wanted = BTreeMap::<SourceId, HashSet<&'b str>>::new();
    for item in items {
        if let Some(read) = keyed(item) {
            let source = item.processed.task.lease.visit.source;
            let wanted = wanted.entry(source).or_default();
            wanted.extend([read.key.as_str(), read.url.as_str()]);
        }
    }
    let mut known = HashMap::new();
    for (source, keys) in wanted {
        let list: Vec<&str> = keys.iter().copied().collect();
        let found = listings::by_keys(tx, source, &list).await?;
        let present: Vec<(ListingId, i64)> = found
            .iter()
            .map(|listing| (listing.id, listing.version))
            .collect();
        let versions = listings::versions(tx, &present).await?.into_iter();
        let mut versions: HashMap<ListingId, ListingVersion> =
            versions.map(|version| (version.listing, version)).collect();
        for listing in found {
            let Some(&key) = keys.get(listing.key.as_str()) else {
                continue;
            };
            if let Some(version) = versions.remove(&listing.id) {
                known.insert((source, key), (listing, version));
            }
        }
    }
    Ok(known)
}

/// True where two pages hardly tell of one ad: their titles differ, or most of their words do.
pub(crate) fn differ(read: &ReadListing, title: &str, text: &str) -> bool {
    if !read.title.is_empty() && !title.is_empty() && read.title != title {
        return true;
    }
    let words = |text| -> HashSet<&str> { str::split_whitespace(text).collect() };
    let (one, other) = (words(&read.text), words(text));
    let all = one.union(&other).count();
    let common = one.intersection(&other).count();
    (common as f64) < ALIKE * all as f64
}
