//! Whether a page of listings shows what is another's: a site that has no page of some number for a while sends its readers to the
//! first, or shows them that one.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use sightline_extractors::Reading;
use sightline_model::{ListingId, Page, PageId, PageLink, VisitKind, canonical_page};
use sightline_store::{Tx, listings, pages, visits};
use url::Url;

use crate::{PipelineError, process::Processed};

/// The ads of a page: the addresses that it links to, and the keys of the listings that stand on it.
type Ads = HashSet<String>;

/// So long a page that was another address of a list counts as that: which of two is read first may change from run to run.
const TWIN: Duration = Duration::from_secs(14 * 86_400);

/// That a page shows what another does.
pub(super) struct Repeat {
    why: &'static str,
    /// What it shows.
    now: Ads,
    /// The pages that show it, too.
    others: Vec<(Page, Ads)>,
}

impl Repeat {
    /// Why the page does not count, where it shows another's ads in the place of its own. Two addresses of one list always do so.
    pub async fn instead_of(
        &self,
        tx: &mut Tx,
        page: &Page,
    ) -> Result<Option<&'static str>, PipelineError> {
        if is_twin(page) {
            return Ok(None);
        }
        let Some((_, had)) = ads(tx, vec![page.clone()]).await?.pop() else {
            return Ok(None);
        };
        // What the page showed before and shows now is its own.
        let mut others = self.others.iter();
        let is_anothers = is_another(&had, &self.now)
            && others.any(|(other, ads)| !is_twin(other) && is_another(&had, ads));
        Ok(is_anothers.then_some(self.why))
    }
}

/// True of a page that was another address of a list as it was last read, or not long before.
fn is_twin(page: &Page) -> bool {
    page.twin_at.is_some_and(|at| page.seen_at.since(at) < TWIN)
}

/// Whether what was read of a page is what another page of listings shows.
pub(super) async fn repeat(
    tx: &mut Tx,
    reading: &Reading,
    processed: &Processed,
) -> Result<Option<Repeat>, PipelineError> {
    let visit = &processed.task.lease.visit;
    let now: Ads = links(&reading.links, VisitKind::Detail)
        .map(|url| url.as_str().to_owned())
        .chain(reading.listings.iter().map(|listing| listing.key.clone()))
        .collect();
    if now.is_empty() {
        return Ok(None);
    }
    let others = sent_to(tx, processed).await?;
    if !others.is_empty() {
        return Ok(Some(Repeat {
            why: "the site answers with another page of listings",
            now,
            others,
        }));
    }
    // Ads that the run did not know are news, wherever they stand.
    let linked: Vec<&Url> = links(&reading.links, VisitKind::Detail).collect();
    if visits::known(tx, visit.run, &linked).await?.len() < linked.len() {
        return Ok(None);
    }
    let keys: Vec<&str> = reading
        .listings
        .iter()
        .map(|listing| listing.key.as_str())
        .collect();
    let known = listings::by_keys(tx, visit.source, &keys).await?;
    let known = known.iter().filter(|one| one.seen_run == Some(visit.run));
    if known.count() < keys.len() {
        return Ok(None);
    }
    let read = visits::lists(tx, visit.run).await?;
    let read: Vec<&Url> = read.iter().filter(|url| **url != visit.url).collect();
    let read = pages::get(tx, visit.source, &read).await?;
    let mut others = ads(tx, read).await?;
    others.retain(|(_, ads)| now.is_subset(ads));
    Ok((!others.is_empty()).then_some(Repeat {
        why: "the page shows what another page of this run shows",
        now,
        others,
    }))
}

/// True where less than half of what a page had is among what is shown.
fn is_another(had: &Ads, shown: &Ads) -> bool {
    had.intersection(shown).count() * 2 < had.len()
}

/// The page of listings that a visit was sent to, as far as it is known, with its ads.
async fn sent_to(tx: &mut Tx, processed: &Processed) -> Result<Vec<(Page, Ads)>, PipelineError> {
    let visit = &processed.task.lease.visit;
    let Some(last) = processed.kept.last() else {
        return Ok(Vec::new());
    };
    let at = canonical_page(&last.url);
    if at == visit.url {
        return Ok(Vec::new());
    }
    let there = pages::get(tx, visit.source, &[&at]).await?;
    ads(tx, there).await
}

/// These pages, each with the ads that it had when it was last read; without those that had none.
async fn ads(tx: &mut Tx, pages: Vec<Page>) -> Result<Vec<(Page, Ads)>, PipelineError> {
    let ids: Vec<PageId> = pages.iter().map(|page| page.id).collect();
    let standing = listings::on_pages(tx, &ids).await?;
    let on_them: Vec<_> = standing.iter().map(|(_, listing)| *listing).collect();
    let on_them = listings::get(tx, &on_them).await?.into_iter();
    let keys: HashMap<ListingId, String> = on_them.map(|one| (one.id, one.key)).collect();
    let mut stand: HashMap<PageId, Vec<&String>> = HashMap::new();
    for (page, listing) in &standing {
        let of_page = stand.entry(*page).or_default();
        of_page.extend(keys.get(listing));
    }
    let each = pages.into_iter().map(|page| {
        let linked = links(&page.links, VisitKind::Detail).map(|url| url.as_str().to_owned());
        let standing = stand.remove(&page.id).into_iter().flatten().cloned();
        let ads: Ads = linked.chain(standing).collect();
        (page, ads)
    });
    Ok(each.filter(|(_, ads)| !ads.is_empty()).collect())
}

/// The addresses of links of a kind.
pub(super) fn links(links: &[PageLink], kind: VisitKind) -> impl Iterator<Item = &Url> {
    let links = links.iter().filter(move |link| link.kind == kind);
    links.map(|link| &link.url)
}
