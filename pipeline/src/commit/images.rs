//! Images: which ones listings show, which are still to be fetched, and what those that came are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_model::{
    CaptureId, Confidence, Digest, Explanation, Image, ImageId, Listing, ListingId, NewVisit,
    Observation, ObservationId, PageId, RunId, Selector, SourceId, Step, Timestamp, VisitKind,
};
use sightline_store::{
    Tx,
    images::{self, ListingImage},
    listings, observations, pages, selectors,
};
use sightline_watchlists::matcher::Subject;
use url::Url;

use super::{Item, Seen, Sight, sightings::Shown};
use crate::{
    PipelineError,
    instance::Instance,
    process::{Found, image_selector},
};

/// What follows from the images of a commit.
pub(super) struct Images {
    /// Visits to those that are still to be fetched.
    pub due: Vec<NewVisit>,
    /// Entries that images showed.
    pub shown: Vec<Shown>,
}

/// Stores which images the listings that were read show, and what the images that came are.
pub(super) async fn store(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    items: &[Item<'_>],
    seen: &[Seen<'_>],
) -> Result<Images, PipelineError> {
    let missing = missing(tx, items, seen).await?;
    let mut come = come(tx, items).await?;
    let known = known(tx, &missing).await?;
    let due = missing
        .into_iter()
        .filter(|(place, _)| !known.contains_key(&place.url))
        .filter_map(|(place, seen)| visit_to(instance, seen, place))
        .collect();
    come.extend(known);
    let shown = match come.is_empty() {
        true => Vec::new(),
        false => observe(tx, instance, sight, &come).await?,
    };
    Ok(Images { due, shown })
}

/// In which run a listing was seen, and when.
#[derive(Clone, Copy)]
struct SeenIn {
    run: RunId,
    source: SourceId,
    at: Timestamp,
}

/// The images of the listings of this batch whose bytes are not known: of those that changed, and of those that were seen
/// again, for an image that could not be fetched is asked for once more in every run.
async fn missing(
    tx: &mut Tx,
    items: &[Item<'_>],
    seen: &[Seen<'_>],
) -> Result<Vec<(ListingImage, SeenIn)>, PipelineError> {
    let shown: Vec<(ListingId, Vec<Url>)> = seen
        .iter()
        // A listing that never had images needs no statement.
        .filter(|seen| seen.changed && (seen.before.is_some() || !seen.read.images.is_empty()))
        .map(|seen| (seen.listing.id, seen.read.images.clone()))
        .collect();
    images::set_of_listings(tx, &shown).await?;

    let of_pages: BTreeMap<PageId, SeenIn> = items
        .iter()
        .filter(|item| matches!(item.processed.found, Found::Unchanged | Found::Page(_)))
        .filter_map(|item| {
            let visit = &item.processed.task.lease.visit;
            let at = item.processed.at;
            Some((
                item.page?,
                SeenIn {
                    run: visit.run,
                    source: visit.source,
                    at,
                },
            ))
        })
        .collect();
    let pages: Vec<PageId> = of_pages.keys().copied().collect();
    let mut missing = images::missing_on_pages(tx, &pages).await?;
    // A listing on two of the pages is asked about once; they come by listing and place.
    missing.dedup_by(|(_, one), (_, other)| one == other);
    Ok(missing
        .into_iter()
        .filter_map(|(page, image)| Some((image, *of_pages.get(&page)?)))
        .collect())
}

/// Those of the missing images that were fetched for another listing already.
async fn known(
    tx: &mut Tx,
    missing: &[(ListingImage, SeenIn)],
) -> Result<BTreeMap<Url, Come>, PipelineError> {
    let mut wanted = BTreeMap::<SourceId, BTreeSet<&Url>>::new();
    for (place, seen) in missing {
        wanted.entry(seen.source).or_default().insert(&place.url);
    }
    let mut fetched = Vec::new();
    for (source, urls) in wanted {
        let urls: Vec<&Url> = urls.into_iter().collect();
        fetched.extend(pages::get(tx, source, &urls).await?);
    }
    let digests: Vec<&Digest> = fetched.iter().map(|page| &page.digest).collect();
    let images: HashMap<Digest, ImageId> = images::by_digests(tx, &digests)
        .await?
        .into_iter()
        .map(|image| (image.digest, image.id))
        .collect();
    Ok(fetched
        .into_iter()
        .filter_map(|page| {
            let id = *images.get(&page.digest)?;
            Some((
                page.url,
                Come {
                    id,
                    digest: page.digest,
                    capture: page.capture,
                    at: page.seen_at,
                },
            ))
        })
        .collect())
}

fn visit_to(instance: &Instance, seen: SeenIn, image: ListingImage) -> Option<NewVisit> {
    let watched = instance.watched(seen.source)?;
    watched
        .source
        .scope
        .admits(&image.url, 1, VisitKind::Image)
        .ok()?;
    Some(NewVisit {
        run: seen.run,
        source: seen.source,
        kind: VisitKind::Image,
        url: image.url,
        depth: 1,
        due_at: seen.at,
        listing: Some(image.listing),
    })
}

/// An image that came, and whose bytes are stored.
struct Come {
    id: ImageId,
    digest: Digest,
    capture: CaptureId,
    /// When its bytes came, or its address last said that they are the same.
    at: Timestamp,
}

/// The images that came in this batch, by the URL that was visited.
async fn come(tx: &mut Tx, items: &[Item<'_>]) -> Result<BTreeMap<Url, Come>, PipelineError> {
    let of_images = items
        .iter()
        .filter(|item| item.processed.task.lease.visit.kind == VisitKind::Image);
    let (mut rows, mut urls, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for item in of_images {
        let url = &item.processed.task.lease.visit.url;
        match (
            &item.processed.found,
            item.capture,
            &item.processed.task.lease.page,
        ) {
            (Found::Image(image), Some(capture), _) => {
                rows.push(Image {
                    id: ImageId(0),
                    digest: image.digest.clone(),
                    media_type: image.info.media_type.to_owned(),
                    width: image.info.width,
                    height: image.info.height,
                    length: image.length,
                    capture,
                    first_seen: super::pages::seen_at(item),
                });
                urls.push((url, super::pages::seen_at(item)));
            }
            (Found::Unchanged, Some(capture), Some(page)) => {
                again.push((url, page, capture, super::pages::seen_at(item)))
            }
            _ => {}
        }
    }
    for (row, id) in rows
        .iter_mut()
        .zip(tx.reserve::<ImageId>(urls.len()).await?)
    {
        row.id = id;
    }
    let ids = images::insert(tx, &rows).await?;
    let mut come: BTreeMap<Url, Come> = BTreeMap::new();
    for ((row, (url, at)), id) in rows.into_iter().zip(urls).zip(ids) {
        come.insert(
            url.clone(),
            Come {
                id,
                digest: row.digest,
                capture: row.capture,
                at,
            },
        );
    }
    let digests: Vec<&Digest> = again.iter().map(|(_, page, ..)| &page.digest).collect();
    let known: HashMap<Digest, ImageId> = images::by_digests(tx, &digests)
        .await?
        .into_iter()
        .map(|image| (image.digest, image.id))
        .collect();
    let mut purged = Vec::new();
    for (url, page, capture, at) in again {
        let Some(&id) = known.get(&page.digest) else {
            purged.push(page.id);
            continue;
        };
        come.insert(
            url.clone(),
            Come {
                id,
                digest: page.digest.clone(),
                capture,
                at,
            },
        );
    }
    // What its bytes are is known no longer: the next run asks for them whole.
    pages::forget(tx, &purged).await?;
    Ok(come)
}

/// Observes the images that came in every listing that shows them, and returns the entries that they match.
async fn observe(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    come: &BTreeMap<Url, Come>,
) -> Result<Vec<Shown>, PipelineError> {
    let urls: Vec<&Url> = come.keys().collect();
    let places = images::missing(tx, &urls).await?;
    let links: Vec<_> = places
        .iter()
        .filter_map(|place| Some((place.listing, place.url.clone(), come.get(&place.url)?.id)))
        .collect();
    images::link(tx, &links).await?;

    let ids: BTreeSet<ListingId> = places.iter().map(|place| place.listing).collect();
    let ids: Vec<ListingId> = ids.into_iter().collect();
    let of: HashMap<ListingId, Listing> = listings::get(tx, &ids)
        .await?
        .into_iter()
        .map(|listing| (listing.id, listing))
        .collect();
    let mut known: BTreeMap<(ListingId, Selector), Observation> =
        observations::of_listings(tx, &ids)
            .await?
            .into_iter()
            .map(|one| ((one.listing, one.selector.clone()), one))
            .collect();
    let wanted: Vec<Selector> = come
        .values()
        .map(|one| image_selector(&one.digest))
        .collect();
    let interned: HashMap<&Selector, _> = wanted
        .iter()
        .zip(selectors::intern(tx, &wanted).await?)
        .collect();

    let (mut new, mut again) = (Vec::new(), Vec::new());
    let mut shown = Vec::new();
    let mut fresh = tx.reserve::<ObservationId>(places.len()).await?.into_iter();
    for place in &places {
        let (Some(one), Some(listing)) = (come.get(&place.url), of.get(&place.listing)) else {
            continue;
        };
        let selector = image_selector(&one.digest);
        let key = (listing.id, selector.clone());
        let id = match (known.get_mut(&key), fresh.next(), interned.get(&selector)) {
            (Some(observation), ..) => {
                if !observation.current {
                    // The listing shows it again.
                    observation.current = true;
                    observation.capture = one.capture;
                    observation.version = listing.version;
                    observation.raw = place.url.to_string();
                    observation.seen_at = one.at;
                    again.push(observation.clone());
                }
                observation.id
            }
            (None, Some(id), Some(&selector_id)) => {
                let observation = Observation {
                    id,
                    listing: listing.id,
                    version: listing.version,
                    selector_id,
                    selector: selector.clone(),
                    capture: one.capture,
                    raw: place.url.to_string(),
                    start: 0,
                    end: 0,
                    confidence: Confidence::Exact,
                    steps: vec![Step::from("image")],
                    first_seen: listing.last_seen,
                    seen_at: one.at,
                    current: true,
                };
                new.push(observation.clone());
                known.insert(key, observation);
                id
            }
            _ => continue,
        };
        let subject = Subject {
            images: std::slice::from_ref(&selector),
            furniture: sight.furniture(listing.source),
            ..Subject::default()
        };
        for found in sight.matcher.matches(&subject, instance.clock.now()) {
            shown.push(Shown {
                entry: found.entry,
                watchlist: found.watchlist,
                listing: listing.id,
                source: listing.source,
                url: listing.url.clone(),
                observation: Some(id),
                explanation: Explanation {
                    raw: place.url.to_string(),
                    before: String::new(),
                    after: String::new(),
                    steps: found.steps,
                    confidence: found.confidence,
                    capture: one.capture,
                    span: None,
                    previous: None,
                    warning: found.warning,
                    also: Vec::new(),
                },
                at: listing.last_seen,
                current: true,
                run: None,
            });
        }
    }
    observations::insert(tx, &new).await?;
    observations::update(tx, &again).await?;
    Ok(shown)
}
