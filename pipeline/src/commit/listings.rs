//! Listings: what pages said, against what was known: new, changed, the same again, or gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_model::{
    CaptureId, Digest, Listing, ListingId, ListingVersion, PageId, SourceId, Timestamp, VisitKind,
};
use sightline_store::{Tx, captures, listings};

use super::{
    Before, Committed, Item, Seen,
    pages::{is_lost, seen_at},
};
use crate::{
    PipelineError,
    process::{Found, reader_changed},
};

/// Stores the listings that were read, moves those of unchanged pages along, and marks those whose page is gone.
/// Returns what was read, as it now stands: the last reading of each listing.
pub(super) async fn store<'b>(
    tx: &mut Tx,
    items: &[Item<'b>],
    done: &mut Committed,
) -> Result<Vec<Seen<'b>>, PipelineError> {
    let known = known(tx, items).await?;
    let seen = merge(tx, items, known, done).await?;

    let (mut new, mut old, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for seen in &seen {
        match seen.before {
            None => new.push(seen.listing.clone()),
            Some(_) => old.push(seen.listing.clone()),
        }
        if seen
            .before
            .is_none_or(|before| before.version != seen.listing.version)
        {
            versions.push(version(seen));
        }
    }
    let back: Vec<(ListingId, Timestamp)> = seen
        .iter()
        .filter(|seen| seen.before.is_some_and(|before| before.is_gone))
        .map(|seen| (seen.listing.id, seen.listing.last_seen))
        .collect();
    listings::come_back(tx, &back).await?;
    mark_rereadings(tx, &seen, &mut versions).await?;
    listings::insert(tx, &new).await?;
    listings::update(tx, &old).await?;
    listings::add_versions(tx, &versions).await?;
    listings::set_on_pages(tx, &standing(items, &seen)).await?;
    touch(tx, items).await?;
    remove(tx, items, done).await?;
    Ok(seen)
}

pub(super) type Key<'b> = (SourceId, &'b str);

/// The listings of an item's page, each with its place there, without those that were erased.
pub(super) fn read_of<'b>(item: &Item<'b>) -> impl Iterator<Item = (Key<'b>, usize)> + use<'b> {
    let erased = item.erased.clone();
    let source = item.processed.task.lease.visit.source;
    let by_address = item.shares_key.is_some();
    let listings = match &item.processed.found {
        Found::Page(page) => page.reading.listings.as_slice(),
        _ => &[],
    };
    listings
        .iter()
        .enumerate()
        .filter(move |(index, _)| !erased.contains(index))
        .map(move |(index, listing)| {
            let key = match by_address {
                true => listing.url.as_str(),
                false => listing.key.as_str(),
            };
            ((source, key), index)
        })
}

async fn known<'b>(
    tx: &mut Tx,
    items: &[Item<'b>],
) -> Result<HashMap<(SourceId, String), Listing>, PipelineError> {
    let mut wanted = BTreeMap::<SourceId, BTreeSet<&str>>::new();
    for ((source, key), _) in items.iter().flat_map(read_of) {
        wanted.entry(source).or_default().insert(key);
    }
    let mut known = HashMap::new();
    for (source, keys) in wanted {
        let keys: Vec<&str> = keys.into_iter().collect();
        let found = listings::by_keys(tx, source, &keys).await?;
        known.extend(
            found
                .into_iter()
                .map(|listing| ((source, listing.key.clone()), listing)),
        );
    }
    Ok(known)
}

async fn merge<'b>(
    tx: &mut Tx,
    items: &[Item<'b>],
    mut known: HashMap<(SourceId, String), Listing>,
    done: &mut Committed,
) -> Result<Vec<Seen<'b>>, PipelineError> {
    let keys: BTreeSet<Key<'b>> = items.iter().flat_map(read_of).map(|(key, _)| key).collect();
    let new = keys.len() - known.len().min(keys.len());
    let mut ids = tx.reserve::<ListingId>(new).await?.into_iter();
    let mut seen: BTreeMap<Key<'b>, Seen<'b>> = BTreeMap::new();
    for item in items {
        let (Found::Page(page), Some(capture)) = (&item.processed.found, item.capture) else {
            continue;
        };
        let visit = &item.processed.task.lease.visit;
        for (key, index) in read_of(item) {
            let read = &page.reading.listings[index];
            let at = seen_at(item);
            let earlier = seen.remove(&key);
            let mut other_reader = earlier.as_ref().is_some_and(|one| one.other_reader);
            let (mut listing, before, mut changed) = match earlier {
                Some(earlier) => (earlier.listing, earlier.before, earlier.changed),
                None => match known.remove(&(key.0, key.1.to_owned())) {
                    Some(listing) => {
                        let before = Before {
                            last_seen: listing.last_seen,
                            version: listing.version,
                            is_gone: listing.removed_at.is_some(),
                        };
                        (listing, Some(before), false)
                    }
                    None => {
                        let Some(id) = ids.next() else { continue };
                        done.counts(visit.run).listings_new += 1;
                        (
                            Listing {
                                id,
                                source: key.0,
                                key: key.1.to_owned(),
                                url: read.url.clone(),
                                version: 1,
                                digest: read.digest.clone(),
                                first_seen: at,
                                last_seen: at,
                                seen_run: None,
                                removed_at: None,
                            },
                            None,
                            true,
                        )
                    }
                },
            };
            if listing.digest != read.digest {
                listing.digest = read.digest.clone();
                changed = true;
                // Read twice in one batch: the version that nobody has seen yet is simply this one.
                if let Some(before) = before.filter(|before| before.version == listing.version) {
                    listing.version = before.version + 1;
                    done.counts(visit.run).listings_changed += 1;
                }
            }
            let is_other = reader_changed(&item.processed.task.lease, &page.reader);
            changed |= is_other;
            other_reader |= is_other;
            listing.url = read.url.clone();
            listing.last_seen = listing.last_seen.max(at);
            listing.seen_run = Some(visit.run);
            listing.removed_at = None;
            let matches = item.matches.get(index).map_or(&[][..], Vec::as_slice);
            seen.insert(
                key,
                Seen {
                    listing,
                    before,
                    read,
                    matches,
                    capture,
                    run: visit.run,
                    changed,
                    other_reader,
                },
            );
        }
    }
    Ok(seen.into_values().collect())
}

/// Marks the versions that came of another reading alone: something else read the page than before, and it said the same, or
/// was the same to the last byte.
async fn mark_rereadings(
    tx: &mut Tx,
    seen: &[Seen<'_>],
    versions: &mut [ListingVersion],
) -> Result<(), PipelineError> {
    let read_otherwise = seen.iter().filter(|seen| seen.other_reader);
    let numbers: HashMap<ListingId, i64> = read_otherwise
        .filter_map(|seen| Some((seen.listing.id, seen.before?.version)))
        .collect();
    let wanted: Vec<(ListingId, i64)> = versions
        .iter()
        .filter_map(|version| Some((version.listing, *numbers.get(&version.listing)?)))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let before: HashMap<ListingId, ListingVersion> = listings::versions(tx, &wanted)
        .await?
        .into_iter()
        .map(|version| (version.listing, version))
        .collect();
    let of_both = versions.iter().chain(before.values());
    let ids: BTreeSet<CaptureId> = of_both.map(|version| version.capture).collect();
    let ids: Vec<CaptureId> = ids.into_iter().collect();
    let bodies: HashMap<CaptureId, Digest> = captures::get(tx, &ids)
        .await?
        .into_iter()
        .map(|capture| (capture.id, capture.digest))
        .collect();
    for version in versions {
        if let Some(before) = before.get(&version.listing) {
            let body = bodies.get(&version.capture);
            let is_same_page = body.is_some() && body == bodies.get(&before.capture);
            version.reread = is_same_page || version.text == before.text;
        }
    }
    Ok(())
}

fn version(seen: &Seen<'_>) -> ListingVersion {
    ListingVersion {
        listing: seen.listing.id,
        version: seen.listing.version,
        capture: seen.capture,
        title: seen.read.title.clone(),
        body: seen.read.body.clone(),
        fields: seen.read.fields.clone(),
        text: seen.read.text.clone(),
        seen_at: seen.listing.last_seen,
        reread: false,
    }
}

/// Which listings stand on each page that was read; on a list that is gone, none. On one that lacks those that it had, they stand
/// until it is clear what that means. What becomes of listings whose own page is gone is up to [`remove`].
fn standing(items: &[Item<'_>], seen: &[Seen<'_>]) -> Vec<(PageId, BTreeSet<ListingId>)> {
    let ids: HashMap<Key<'_>, ListingId> = seen
        .iter()
        .map(|seen| {
            let listing = &seen.listing;
            ((listing.source, listing.key.as_str()), listing.id)
        })
        .collect();
    let mut standing = BTreeMap::new();
    for item in items {
        let Some(page) = item.page else { continue };
        let visit = &item.processed.task.lease.visit;
        let is_gone = visit.kind == VisitKind::List && item.processed.outcome.is_gone();
        let is_read = matches!(item.processed.found, Found::Page(_));
        let on_it = read_of(item).filter_map(|(key, _)| ids.get(&key).copied());
        let on_it: BTreeSet<ListingId> = on_it.collect();
        let is_unclear = is_lost(item) && on_it.is_empty();
        if (is_gone || is_read) && !is_unclear {
            standing.insert(page, on_it);
        }
    }
    standing.into_iter().collect()
}

/// Listings of pages that had not changed were seen again.
async fn touch(tx: &mut Tx, items: &[Item<'_>]) -> Result<(), PipelineError> {
    let mut pages = BTreeMap::new();
    for item in items {
        if let (Found::Unchanged, Some(page)) = (&item.processed.found, item.page) {
            pages.insert(page, (item.processed.task.lease.visit.run, seen_at(item)));
        }
    }
    let seen: Vec<_> = pages
        .into_iter()
        .map(|(page, (run, at))| (page, run, at))
        .collect();
    listings::touch(tx, &seen).await?;
    Ok(())
}

/// A listing whose own page answers that it is gone is gone, whatever becomes of the run, unless another page has it.
async fn remove(
    tx: &mut Tx,
    items: &[Item<'_>],
    done: &mut Committed,
) -> Result<(), PipelineError> {
    for item in items {
        let visit = &item.processed.task.lease.visit;
        if visit.kind != VisitKind::Detail || !item.processed.outcome.is_gone() {
            continue;
        }
        let Some(page) = item.page else { continue };
        let removed = listings::mark_page_removed(tx, &[page], item.processed.at).await?;
        done.counts(visit.run).listings_removed += i64::try_from(removed.len()).unwrap_or(i64::MAX);
    }
    Ok(())
}
