//! Pages: what is remembered of each URL for the next time.

use sightline_model::{Outcome, Page, PageId, PageLink, Timestamp, Validators, VisitKind};
use sightline_store::{Tx, pages};

use super::{Item, Sight, repeated_by};
use crate::{
    PipelineError,
    instance::Instance,
    process::{Found, reader},
};

/// Remembers the pages that came with a new body, and forgets those that are gone.
pub(super) async fn store(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    items: &mut [Item<'_>],
) -> Result<(), PipelineError> {
    let new = items
        .iter()
        .filter(|item| item.page.is_none() && remembered(item).is_some())
        .count();
    let mut ids = tx.reserve::<PageId>(new).await?.into_iter();
    let mut rows = Vec::new();
    let mut places = Vec::new();
    let (mut gone, mut lost, mut as_known) = (Vec::new(), Vec::new(), Vec::new());
    for (place, item) in items.iter_mut().enumerate() {
        let visit = &item.processed.task.lease.visit;
        if item.processed.outcome.is_gone() {
            gone.extend(item.page);
        }
        if is_lost(item) {
            lost.extend(item.page.map(|page| (page, seen_at(item))));
            continue;
        }
        let known = item.processed.task.lease.page.as_ref();
        if let (Found::Unchanged, Some(page)) = (&item.processed.found, known) {
            as_known.extend(page.kind.is_none().then_some((page.id, visit.kind)));
        }
        let Some((validators, links)) = remembered(item) else {
            continue;
        };
        let (Some(capture), Some(kept)) = (item.capture, item.processed.kept.last()) else {
            continue;
        };
        let Some(watched) = instance.watched(visit.source) else {
            continue;
        };
        let Some(id) = item.page.or_else(|| ids.next()) else {
            continue;
        };
        rows.push(Page {
            id,
            source: visit.source,
            url: visit.url.clone(),
            validators: validators.clone(),
            digest: kept.digest.clone(),
            // Who repeats this page later names the capture that holds its body, not one that merely repeats it, too.
            capture: repeated_by(item).unwrap_or(capture),
            reader: reader(&watched, visit.kind).to_owned(),
            // What was erased is not named again because others still lead there.
            links: links
                .iter()
                .filter(|link| !sight.has_erased_at(visit.source, &link.url))
                .filter(|link| !item.counts_on_for_nothing(link))
                .cloned()
                .collect(),
            seen_at: seen_at(item),
            lost_since: None,
            kind: Some(visit.kind),
        });
        places.push(place);
    }
    let standing = pages::upsert(tx, &rows).await?;
    for (place, id) in places.into_iter().zip(standing) {
        items[place].page = Some(id);
    }
    pages::fetched_as(tx, &as_known).await?;
    pages::lose(tx, &lost).await?;
    Ok(pages::forget(tx, &gone).await?)
}

/// True for a page of listings that lacks what it had: what is known of it must stay until it is clear what that means.
pub(super) fn is_lost(item: &Item<'_>) -> bool {
    item.processed.task.lease.visit.kind == VisitKind::List
        && item.processed.outcome == Outcome::NoListing
}

/// When the item's page was seen: when its request was sent.
pub(super) fn seen_at(item: &Item<'_>) -> Timestamp {
    item.processed
        .kept
        .last()
        .map_or(item.processed.at, |kept| kept.fetched_at)
}

fn remembered<'i>(item: &'i Item<'_>) -> Option<(&'i Validators, &'i [PageLink])> {
    match &item.processed.found {
        Found::Page(page) => Some((&page.validators, &page.reading.links)),
        Found::Image(image) => Some((&image.validators, &[])),
        Found::Unchanged | Found::Nothing => None,
    }
}
