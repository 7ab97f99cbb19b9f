//! Pages of listings that say again what the page before them said: many sites show their last page for every number above it.

use std::collections::{BTreeSet, HashSet};

use sightline_model::{ListingId, Page, PageLink, VisitKind};
use sightline_store::{Tx, listings, pages};
use url::Url;

use super::{Item, listings::read_of};
use crate::{PipelineError, process::Found};

/// Marks the counted pages of the batch that hold nothing but what the page before them held when it was last read: there the
/// counting ends.
pub(super) async fn mark(tx: &mut Tx, items: &mut [Item<'_>]) -> Result<(), PipelineError> {
    for item in items {
        let Found::Page(page) = &item.processed.found else {
            continue;
        };
        let Some(before) = page
            .reading
            .counted
            .as_ref()
            .and_then(|one| one.before.as_ref())
        else {
            continue;
        };
        let source = item.processed.task.lease.visit.source;
        let Some(before) = pages::get(tx, source, &[before]).await?.pop() else {
            continue;
        };
        item.repeats = repeats(tx, item, &before).await?;
    }
    Ok(())
}

async fn repeats(tx: &mut Tx, item: &Item<'_>, before: &Page) -> Result<bool, PipelineError> {
    let Found::Page(page) = &item.processed.found else {
        return Ok(false);
    };
    let kept = item.processed.kept.last();
    if kept.is_some_and(|kept| kept.digest == before.digest) {
        return Ok(true);
    }
    let led_to = details(&before.links);
    let links = details(&page.reading.links);
    let keys: BTreeSet<&str> = read_of(item).map(|((_, key), _)| key).collect();
    if links.is_empty() && keys.is_empty() || !links.is_subset(&led_to) {
        return Ok(false);
    }
    if keys.is_empty() {
        return Ok(true);
    }
    let keys: Vec<&str> = keys.into_iter().collect();
    let known = listings::by_keys(tx, before.source, &keys).await?;
    let stood = listings::on_pages(tx, &[before.id]).await?.into_iter();
    let stood: HashSet<ListingId> = stood.map(|(_, listing)| listing).collect();
    Ok(known.len() == keys.len() && known.iter().all(|listing| stood.contains(&listing.id)))
}

fn details(links: &[PageLink]) -> HashSet<&Url> {
    let details = links.iter().filter(|link| link.kind == VisitKind::Detail);
    details.map(|link| &link.url).collect()
}

impl Item<'_> {
    /// True of a link to the page behind one that only repeats the page before it.
    pub(super) fn counts_on_for_nothing(&self, link: &PageLink) -> bool {
        match &self.processed.found {
            Found::Page(page) if self.repeats => {
                let counted = page.reading.counted.as_ref();
                counted.is_some_and(|counted| counted.next == link.url)
            }
            _ => false,
        }
    }
}
