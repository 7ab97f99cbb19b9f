//! Whether a page of listings shows what is another's: a site that has no page of some number for a while sends its readers to the
//! first, or shows them that one.

use std::collections::{HashMap, HashSet};

use sightline_extractors::Reading;
use sightline_model::{
    ListingId, Page, PageId, PageLink, RunId, SourceId, VisitKind, canonical_page,
};
use sightline_store::{Tx, listings, pages, visits};
use url::Url;

use crate::{PipelineError, process::Processed};

/// The ads of a page: the addresses that it links to, and the keys of the listings that stand on it.
type Ads = HashSet<String>;

/// With so many pages of listings at most a page is compared that is not suspicious.
const MOST: usize = 300;

/// That a page shows what another does.
pub(super) struct Repeat {
    why: &'static str,
    /// What it shows.
    now: Ads,
    /// The pages that show it, too; never empty.
    others: Vec<(Page, Ads)>,
}

impl Repeat {
    /// Why the page does not count, where it shows another's ads in the place of its own. Two addresses of one list always do so,
    /// whichever is read first.
    pub async fn instead_of(
        &self,
        tx: &mut Tx,
        page: &Page,
    ) -> Result<Option<&'static str>, PipelineError> {
        let mut others = self.others.iter();
        let is_twin = |other: &Page| {
            page.twin.as_ref() == Some(&other.url) || other.twin.as_ref() == Some(&page.url)
        };
        if self.others.iter().any(|(other, _)| is_twin(other)) {
            return Ok(None);
        }
        let Some(had) = ads_of(tx, page).await? else {
            return Ok(None);
        };
        // What the page showed before and shows now is its own.
        let is_anothers =
            is_another(&had, &self.now) && others.any(|(_, ads)| is_another(&had, ads));
        Ok(is_anothers.then_some(self.why))
    }

    /// Which page it is another address of: the one that it was of before, where it is that still.
    pub fn twin(&self, page: Option<&Page>) -> Option<Url> {
        let before = page.and_then(|page| page.twin.as_ref());
        let others = self.others.iter().map(|(other, _)| other);
        let same = others.clone().find(|other| Some(&other.url) == before);
        let twin = same.or_else(|| others.min_by_key(|other| other.id));
        twin.map(|other| other.url.clone())
    }
}

/// The page that a page was another address of, where the run has not read that one yet: then it may show the same still.
pub(super) async fn twin_to_come(
    tx: &mut Tx,
    run: RunId,
    page: Option<&Page>,
) -> Result<Option<Url>, PipelineError> {
    let Some(twin) = page.and_then(|page| page.twin.as_ref()) else {
        return Ok(None);
    };
    let met = visits::met(tx, run, &[twin]).await?;
    let is_over = met.get(twin).is_some_and(|met| met.is_over);
    Ok((!is_over).then(|| twin.clone()))
}

/// Whether what was read of a page is what another page of listings shows.
pub(super) async fn repeat(
    tx: &mut Tx,
    page: Option<&Page>,
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
    // Mostly a page is another address of the one that it was of before.
    let before = page.and_then(|page| page.twin.as_ref());
    let before = before.filter(|twin| read.contains(twin));
    let mut others = match before {
        Some(twin) => showing(tx, visit.source, &[twin], &now).await?,
        None => Vec::new(),
    };
    let is_suspicious = match page {
        Some(page) => ads_of(tx, page)
            .await?
            .is_some_and(|had| is_another(&had, &now)),
        None => false,
    };
    if others.is_empty() && (is_suspicious || read.len() <= MOST) {
        others = showing(tx, visit.source, &read, &now).await?;
    }
    Ok((!others.is_empty()).then_some(Repeat {
        why: "the page shows what another page of this run shows",
        now,
        others,
    }))
}

/// Those of these pages that show all of these ads, and not many more: a small part of a list is none of its pages.
async fn showing(
    tx: &mut Tx,
    source: SourceId,
    urls: &[&Url],
    now: &Ads,
) -> Result<Vec<(Page, Ads)>, PipelineError> {
    let pages = pages::get(tx, source, urls).await?;
    let mut pages = ads(tx, pages).await?;
    pages.retain(|(_, ads)| now.is_subset(ads) && ads.len() < now.len() * 2);
    Ok(pages)
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

/// The ads that a page had when it was last read, where it had any.
async fn ads_of(tx: &mut Tx, page: &Page) -> Result<Option<Ads>, PipelineError> {
    let found = ads(tx, vec![page.clone()]).await?.pop();
    Ok(found.map(|(_, ads)| ads))
}

/// The addresses of links of a kind.
pub(super) fn links(links: &[PageLink], kind: VisitKind) -> impl Iterator<Item = &Url> {
    let links = links.iter().filter(move |link| link.kind == kind);
    links.map(|link| &link.url)
}
