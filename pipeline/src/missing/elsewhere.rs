//! Whether a page of listings shows what is another's: a site that has no page of some number for a while sends its readers to the
//! first, or shows them that one.

use std::collections::{HashMap, HashSet};

use sightline_extractors::Reading;
use sightline_model::{ListingId, Page, PageId, PageLink, VisitKind, canonical_page};
use sightline_store::{Tx, listings, pages, visits};
use url::Url;

use crate::{PipelineError, process::Processed};

/// The ads of a page: the addresses that it links to, and the keys of the listings that stand on it.
type Ads = HashSet<String>;

/// What a page shows in the place of what it had, where that is another page's.
pub(super) async fn shown(
    tx: &mut Tx,
    page: &Page,
    reading: &Reading,
    processed: &Processed,
) -> Result<Option<&'static str>, PipelineError> {
    let now: Ads = links(&reading.links, VisitKind::Detail)
        .map(|url| url.as_str().to_owned())
        .chain(reading.listings.iter().map(|listing| listing.key.clone()))
        .collect();
    let Some(had) = ads(tx, std::slice::from_ref(page)).await?.pop() else {
        return Ok(None);
    };
    // What the page showed before and shows now is its own.
    if now.is_empty() || !is_another(&had, &now) {
        return Ok(None);
    }
    if let Some(other) = sent_to(tx, page, processed).await?
        && is_another(&had, &other)
    {
        return Ok(Some("the site answers with another page of listings"));
    }
    // Ads that the run did not know are news, wherever they stand.
    let visit = &processed.task.lease.visit;
    let linked: Vec<&Url> = links(&reading.links, VisitKind::Detail).collect();
    if visits::known(tx, visit.run, &linked).await?.len() < linked.len() {
        return Ok(None);
    }
    let keys: Vec<&str> = reading
        .listings
        .iter()
        .map(|listing| listing.key.as_str())
        .collect();
    let known = listings::by_keys(tx, page.source, &keys).await?;
    let known = known.iter().filter(|one| one.seen_run == Some(visit.run));
    if known.count() < keys.len() {
        return Ok(None);
    }
    let read = visits::lists(tx, visit.run).await?;
    let read: Vec<&Url> = read.iter().collect();
    let mut read = pages::get(tx, page.source, &read).await?;
    read.retain(|one| one.id != page.id);
    let others = ads(tx, &read).await?;
    let mut others = others.iter();
    let is_repeated = others.any(|others| now.is_subset(others) && is_another(&had, others));
    Ok(is_repeated.then_some("the page shows what another page of this run shows"))
}

/// True where less than half of what a page had is among what is shown.
fn is_another(had: &Ads, shown: &Ads) -> bool {
    had.intersection(shown).count() * 2 < had.len()
}

/// The ads of the page of listings that a page's visit was sent to, as far as it is known.
async fn sent_to(
    tx: &mut Tx,
    page: &Page,
    processed: &Processed,
) -> Result<Option<Ads>, PipelineError> {
    let Some(last) = processed.kept.last() else {
        return Ok(None);
    };
    let at = canonical_page(&last.url);
    if at == page.url {
        return Ok(None);
    }
    let there = pages::get(tx, page.source, &[&at]).await?;
    Ok(ads(tx, &there).await?.pop())
}

/// The ads that each of these pages had when it was last read, in no order; without those that had none.
async fn ads(tx: &mut Tx, pages: &[Page]) -> Result<Vec<Ads>, PipelineError> {
    let ids: Vec<PageId> = pages.iter().map(|page| page.id).collect();
    let standing = listings::on_pages(tx, &ids).await?;
    let on_them: Vec<_> = standing.iter().map(|(_, listing)| *listing).collect();
    let on_them = listings::get(tx, &on_them).await?.into_iter();
    let keys: HashMap<ListingId, String> = on_them.map(|one| (one.id, one.key)).collect();
    let mut all: HashMap<PageId, Ads> = HashMap::with_capacity(pages.len());
    for page in pages {
        let linked = links(&page.links, VisitKind::Detail).map(|url| url.as_str().to_owned());
        all.insert(page.id, linked.collect());
    }
    for (page, listing) in standing {
        if let (Some(ads), Some(key)) = (all.get_mut(&page), keys.get(&listing)) {
            ads.insert(key.clone());
        }
    }
    all.retain(|_, ads| !ads.is_empty());
    Ok(all.into_values().collect())
}

/// The addresses of links of a kind.
pub(super) fn links(links: &[PageLink], kind: VisitKind) -> impl Iterator<Item = &Url> {
    let links = links.iter().filter(move |link| link.kind == kind);
    links.map(|link| &link.url)
}
