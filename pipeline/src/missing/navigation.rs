//! Whether a page of listings still leads to further pages, beside how it led to them before.

use std::collections::{HashMap, HashSet};

use sightline_model::{Page, PageLink, RunId, Visit, VisitKind};
use sightline_store::{
    Tx, pages,
    visits::{self, Met},
};
use url::Url;

use super::elsewhere::links;
use crate::PipelineError;

/// How a page leads to further pages.
pub(super) struct Navigation {
    /// Links to pages that the run has not read yet.
    pub on: usize,
    /// Links that it had to pages to which nothing else of the run leads.
    pub lost: usize,
    /// How many pages stood behind these as they were last read, themselves with them; further than to the next it is not looked.
    pub behind: usize,
}

impl Navigation {
    /// Of a page that shows these links now.
    pub async fn of(
        tx: &mut Tx,
        visit: &Visit,
        page: &Page,
        shown: &[PageLink],
    ) -> Result<Self, PipelineError> {
        let (shown, had) = (further(shown, page), further(&page.links, page));
        let all: HashSet<&Url> = shown.union(&had).copied().collect();
        let all: Vec<&Url> = all.into_iter().collect();
        let met = visits::met(tx, visit.run, &all).await?;
        let is_over = |url: &Url| met.get(url).is_some_and(|met| met.is_over);
        let on = shown.iter().filter(|url| !is_over(url)).count();
        let lost: Vec<&Url> = had
            .iter()
            .copied()
            .filter(|url| !met.contains_key(*url))
            .collect();
        // Where pages lead to all the others, or to some on each side, one more or fewer is what happens to lists every day.
        let stands = shown.iter().any(|url| is_aside(visit, &met, url));
        if on > 0 || stands && lost.len() * 2 < had.len() {
            return Ok(Self {
                on,
                lost: 0,
                behind: 0,
            });
        }
        Ok(Self {
            on,
            lost: lost.len(),
            behind: behind(tx, visit.run, page, &lost).await?,
        })
    }
}

/// True of a page that the run has read and that is no way back: it is as many links from where the run began.
fn is_aside(visit: &Visit, met: &HashMap<Url, Met>, url: &Url) -> bool {
    met.get(url)
        .is_some_and(|met| met.is_over && met.depth >= visit.depth)
}

/// The other pages of listings that these links of a page lead to.
fn further<'l>(of: &'l [PageLink], page: &Page) -> HashSet<&'l Url> {
    let further = links(of, VisitKind::List).filter(|url| **url != page.url);
    further.collect()
}

/// How many pages stood behind these, themselves with them, to which nothing else of the run leads.
async fn behind(
    tx: &mut Tx,
    run: RunId,
    page: &Page,
    lost: &[&Url],
) -> Result<usize, PipelineError> {
    let mut behind: HashSet<Url> = lost.iter().map(|url| (*url).clone()).collect();
    for next in pages::get(tx, page.source, lost).await? {
        let further: Vec<&Url> = further(&next.links, page).into_iter().collect();
        let known = visits::known(tx, run, &further).await?;
        let unknown = further.into_iter().filter(|url| !known.contains(*url));
        behind.extend(unknown.cloned());
    }
    Ok(behind.len())
}
