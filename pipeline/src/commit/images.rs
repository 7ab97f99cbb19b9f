//! Images: which ones listings show, which are still to be fetched, and what those that came are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sightline_model::{
    CaptureId, Confidence, Digest, Explanation, Image, ImageId, Listing, ListingId, NewVisit,
    Observation, ObservationId, Selector, Step, VisitKind,
};
use sightline_store::{
    Tx,
    images::{self, ListingImage},
    listings, observations, selectors,
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
    let due = due(tx, instance, seen).await?;
    let come = come(tx, items).await?;
    let shown = match come.is_empty() {
        true => Vec::new(),
        false => observe(tx, instance, sight, &come).await?,
    };
    Ok(Images { due, shown })
}

/// The visits to images that changed listings show and whose bytes are not known.
async fn due(
    tx: &mut Tx,
    instance: &Instance,
    seen: &[Seen<'_>],
) -> Result<Vec<NewVisit>, PipelineError> {
    let changed: HashMap<ListingId, &Seen<'_>> = seen
        .iter()
        .filter(|seen| seen.changed)
        .map(|seen| (seen.listing.id, seen))
        .collect();
    let shown: Vec<(ListingId, Vec<Url>)> = changed
        .iter()
        // A listing that never had images needs no statement.
        .filter(|(_, seen)| seen.before.is_some() || !seen.read.images.is_empty())
        .map(|(&id, seen)| (id, seen.read.images.clone()))
        .collect();
    images::set_of_listings(tx, &shown).await?;
    let ids: Vec<ListingId> = shown.iter().map(|(id, _)| *id).collect();
    let missing = images::of_listings(tx, &ids).await?;
    Ok(missing
        .into_iter()
        .filter(|image| image.image.is_none())
        .filter_map(|image| visit_to(instance, changed.get(&image.listing)?, image))
        .collect())
}

fn visit_to(instance: &Instance, seen: &Seen<'_>, image: ListingImage) -> Option<NewVisit> {
    let watched = instance.watched(seen.listing.source)?;
    watched
        .source
        .scope
        .admits(&image.url, 1, VisitKind::Image)
        .ok()?;
    Some(NewVisit {
        run: seen.run,
        source: seen.listing.source,
        kind: VisitKind::Image,
        url: image.url,
        depth: 1,
        due_at: seen.listing.last_seen,
        listing: Some(image.listing),
    })
}

/// An image that came, and whose bytes are stored.
struct Come {
    id: ImageId,
    digest: Digest,
    capture: CaptureId,
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
                urls.push(url);
            }
            (Found::Unchanged, Some(capture), Some(page)) => {
                again.push((url, &page.digest, capture))
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
    for ((row, url), id) in rows.into_iter().zip(urls).zip(ids) {
        come.insert(
            url.clone(),
            Come {
                id,
                digest: row.digest,
                capture: row.capture,
            },
        );
    }
    let digests: Vec<&Digest> = again.iter().map(|(_, digest, _)| *digest).collect();
    let known: HashMap<Digest, ImageId> = images::by_digests(tx, &digests)
        .await?
        .into_iter()
        .map(|image| (image.digest, image.id))
        .collect();
    for (url, digest, capture) in again {
        if let Some(&id) = known.get(digest) {
            come.insert(
                url.clone(),
                Come {
                    id,
                    digest: digest.clone(),
                    capture,
                },
            );
        }
    }
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
    let mut known: BTreeMap<(ListingId, Selector), ObservationId> =
        observations::of_listings(tx, &ids)
            .await?
            .into_iter()
            .map(|one| ((one.listing, one.selector), one.id))
            .collect();
    let wanted: Vec<Selector> = come
        .values()
        .map(|one| image_selector(&one.digest))
        .collect();
    let interned: HashMap<&Selector, _> = wanted
        .iter()
        .zip(selectors::intern(tx, &wanted).await?)
        .collect();

    let mut new = Vec::new();
    let mut shown = Vec::new();
    let mut fresh = tx.reserve::<ObservationId>(places.len()).await?.into_iter();
    for place in &places {
        let (Some(one), Some(listing)) = (come.get(&place.url), of.get(&place.listing)) else {
            continue;
        };
        let selector = image_selector(&one.digest);
        let key = (listing.id, selector.clone());
        let id = match (known.get(&key), fresh.next(), interned.get(&selector)) {
            (Some(&id), ..) => id,
            (None, Some(id), Some(&selector_id)) => {
                new.push(Observation {
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
                    seen_at: listing.last_seen,
                    current: true,
                });
                known.insert(key, id);
                id
            }
            _ => continue,
        };
        let subject = Subject {
            images: std::slice::from_ref(&selector),
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
                    previous: None,
                },
                at: listing.last_seen,
                current: true,
                run: None,
            });
        }
    }
    observations::insert(tx, &new).await?;
    Ok(shown)
}
