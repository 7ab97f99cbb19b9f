//! Whether a page of listings shows what is another's: a site that has no page of some number for a while sends its readers to the
//! first, or shows them that one.

use std::collections::HashSet;

use sightline_extractors::Reading;
use sightline_model::{Page, PageId, VisitKind, canonical_page};
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
    let had = ads(tx, std::slice::from_ref(page)).await?;
    let Some((_, had)) = had.into_iter().next() else {
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
    let read = visits::lists(tx, visit.run).await?;
    let read: Vec<&Url> = read.iter().collect();
    let mut read = pages::get(tx, page.source, &read).await?;
    read.retain(|one| one.id != page.id);
    let others = ads(tx, &read).await?;
    let mut others = others.iter().map(|(_, others)| others);
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
    Ok(ads(tx, &there).await?.pop().map(|(_, ads)| ads))
}

/// The ads that these pages had when each was last read; without those that had none.
async fn ads(tx: &mut Tx, pages: &[Page]) -> Result<Vec<(PageId, Ads)>, PipelineError> {
    let ids: Vec<PageId> = pages.iter().map(|page| page.id).collect();
    let standing = listings::on_pages(tx, &ids).await?;
    let on_them: Vec<_> = standing.iter().map(|(_, listing)| *listing).collect();
    let on_them = listings::get(tx, &on_them).await?;
    let mut all = Vec::with_capacity(pages.len());
    for page in pages {
        let linked = links(&page.links, VisitKind::Detail).map(|url| url.as_str().to_owned());
        let stand = standing.iter().filter(|(on, _)| *on == page.id);
        let keys = stand.filter_map(|(_, id)| on_them.iter().find(|listing| listing.id == *id));
        let ads: Ads = linked
            .chain(keys.map(|listing| listing.key.clone()))
            .collect();
        if !ads.is_empty() {
            all.push((page.id, ads));
        }
    }
    Ok(all)
}

/// The addresses of links of a kind.
pub(super) fn links(
    links: &[sightline_model::PageLink],
    kind: VisitKind,
) -> impl Iterator<Item = &Url> {
    let links = links.iter().filter(move |link| link.kind == kind);
    links.map(|link| &link.url)
}
