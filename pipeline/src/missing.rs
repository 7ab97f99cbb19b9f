//! What a page of listings had and shows no longer: whether it is gone, or the site answers badly, is believed only after a while.

use std::{collections::HashSet, time::Duration};

use sightline_model::{Outcome, Page, PageId, PageLink, Run, Timestamp, VisitKind};
use sightline_store::{Tx, listings, pages, runs, visits};
use url::Url;

use crate::{
    PipelineError,
    instance::Instance,
    process::{Found, Processed},
    source::Source,
};

/// So long a page of listings lacks what it had until that is believed to be gone: a site that is under repair, or was
/// rebuilt, is mended or looked at by then.
const BELIEVED: Duration = Duration::from_secs(14 * 86_400);

/// The same at the end of a list, which is elsewhere every few days: until the next day's run, whatever minute it begins at.
const END_BELIEVED: Duration = Duration::from_secs(20 * 3_600);

/// Of so many counted pages one may be missing at the end; of fewer, too.
const END: u32 = 10;

/// So many counted pages at least are looked at behind one that is missing.
const BEHIND: u32 = 100;

/// How much a page of listings shows, or showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Shown {
    /// Links to ads.
    ads: usize,
    /// Links to further pages.
    pages: usize,
    /// Listings that stand on it.
    listings: usize,
}

impl Shown {
    fn of(links: &[PageLink], listings: usize) -> Self {
        let count = |kind| links.iter().filter(|link| link.kind == kind).count();
        Self {
            ads: count(VisitKind::Detail),
            pages: count(VisitKind::List),
            listings,
        }
    }

    fn any_ad(self) -> bool {
        self.ads + self.listings > 0
    }

    /// The same without what the profile asks for no longer: that somebody left out.
    fn sought(self, source: &Source) -> Self {
        let sought = source.profile.list_seeks();
        let only = |is_sought, count| if is_sought { count } else { 0 };
        Self {
            ads: only(sought.ads, self.ads),
            pages: only(sought.pages, self.pages),
            listings: only(sought.listings, self.listings),
        }
    }
}

/// What is lacking of what a page had, and how long that has to last at most. Of a page that is counted, links to further pages follow
/// from the ads on it.
fn lacking(had: Shown, now: Shown, is_counted: bool) -> Option<(&'static str, Duration)> {
    if had.ads > 0 && now.ads == 0 {
        return Some(("the links to ads that this page had are gone", BELIEVED));
    }
    if had.listings > 0 && now.listings == 0 {
        return Some(("the listings that this page had are gone", BELIEVED));
    }
    if is_counted || had.pages == 0 || now.pages > 0 {
        return None;
    }
    if !now.any_ad() {
        return Some(("the links that this page had are gone", BELIEVED));
    }
    // A last page is mostly not as full as one that others follow; now and then it is.
    let is_full = had.ads > 0 && now.ads >= had.ads;
    is_full.then_some((
        "the page is as full as it was, but the links to further pages are gone",
        END_BELIEVED,
    ))
}

/// Ends the visit of a page of listings as `no_listing` where the page lacks what it had and that is not believed yet: such a page
/// must not make listings count as gone.
pub(crate) async fn settle(
    instance: &Instance,
    source: &Source,
    processed: &mut Processed,
) -> Result<(), PipelineError> {
    let visit = &processed.task.lease.visit;
    let (VisitKind::List, Some(page)) = (visit.kind, &processed.task.lease.page) else {
        return Ok(());
    };
    let reading = match &processed.found {
        Found::Page(read) => Some(&read.reading),
        // The site has no page of this number.
        Found::Nothing if processed.outcome == Outcome::Fetched => None,
        Found::Nothing | Found::Unchanged | Found::Image(_) => return Ok(()),
    };
    let mut tx = instance.read().await?;
    let shown = Shown::of(
        reading.map_or(&[], |reading| &reading.links),
        reading.map_or(0, |reading| reading.listings.len()),
    );
    let mut had = Shown::of(&page.links, 0).sought(source);
    if shown.listings == 0 && source.profile.list_seeks().listings {
        had.listings = listings::on_pages(&mut tx, &[page.id]).await?.len();
    }
    let is_counted = source.profile.counts_to(&visit.url);
    let Some((why, at_most)) = lacking(had, shown, is_counted) else {
        return Ok(());
    };
    let wait = match is_counted {
        true => wait_for_counted(&mut tx, source, page, processed.at).await?,
        false => BELIEVED,
    };
    drop(tx);
    if is_over(page, wait.min(at_most), processed.at) {
        return Ok(());
    }
    let is_sent_on = reading.is_some_and(|reading| reading.sends_on.is_some());
    processed.outcome = Outcome::NoListing;
    // Where the page sends its reader on, that says more.
    if !is_sent_on || processed.detail.is_none() {
        processed.detail = Some(why.to_owned());
    }
    Ok(())
}

/// True where a page has lacked what it had for long enough.
fn is_over(page: &Page, wait: Duration, now: Timestamp) -> bool {
    wait.is_zero()
        || page
            .lost_since
            .is_some_and(|since| now.since(since) >= wait)
}

/// For how long a counted page that had ads must have none to be believed.
async fn wait_for_counted(
    tx: &mut Tx,
    source: &Source,
    page: &Page,
    now: Timestamp,
) -> Result<Duration, PipelineError> {
    let Some(place) = source.profile.place_of(&page.url) else {
        return Ok(BELIEVED);
    };
    let behind: Vec<Url> = (1..=BEHIND.max(place / (END - 2)))
        .filter_map(|ahead| source.profile.page_after(&page.url, ahead))
        .collect();
    let mut urls: Vec<&Url> = behind.iter().collect();
    urls.push(&page.url);
    let known = pages::get(tx, page.source, &urls).await?;
    let ids: Vec<PageId> = known.iter().map(|page| page.id).collect();
    let standing = listings::on_pages(tx, &ids).await?;
    let past = Past {
        with_listings: standing.into_iter().map(|(page, _)| page).collect(),
        seen: match runs::last_complete(tx, page.source).await? {
            Some(run) => {
                let had = visits::answered(tx, run.id, &urls).await?;
                Some((run, had))
            }
            None => None,
        },
    };
    if !past.had_ads(page) {
        return Ok(Duration::ZERO);
    }
    let behind = known
        .iter()
        .filter(|one| one.id != page.id && past.had_ads(one) && !is_over(one, END_BELIEVED, now));
    let behind = u32::try_from(behind.count()).unwrap_or(u32::MAX);
    Ok(match is_end(place, behind) {
        true => END_BELIEVED,
        false => BELIEVED,
    })
}

/// True where no more than the end is missing: of all pages a tenth, one at least. `place` is that of the first one missing, counted
/// from 1, and so many are `behind` it.
fn is_end(place: u32, behind: u32) -> bool {
    let all = place.saturating_add(behind);
    behind < (all / END).max(1)
}

/// How counted pages were when somebody last saw where they end.
struct Past {
    /// Pages that listings stand on.
    with_listings: HashSet<PageId>,
    /// The last run that saw everything, and which of the pages answered it.
    seen: Option<(Run, HashSet<Url>)>,
}

impl Past {
    /// True for a page that had ads of its own, and was not behind the end as last seen.
    fn had_ads(&self, page: &Page) -> bool {
        let had = Shown::of(&page.links, 0).any_ad() || self.with_listings.contains(&page.id);
        had && self.seen.as_ref().is_none_or(|(run, seen)| {
            seen.contains(&page.url) || run.started_at.is_none_or(|start| page.seen_at >= start)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_thing_that_a_page_shows_is_judged_by_itself() {
        let shown = |ads, pages, listings| Shown {
            ads,
            pages,
            listings,
        };
        for (had, now, is_counted, lacks) in [
            (shown(10, 1, 0), shown(9, 1, 0), false, None),
            (shown(10, 1, 0), shown(3, 0, 0), false, None),
            (shown(0, 1, 0), shown(0, 1, 0), false, None),
            (shown(0, 0, 0), shown(0, 0, 0), false, None),
            (shown(10, 1, 0), shown(0, 0, 0), false, Some("links to ads")),
            (shown(10, 1, 0), shown(0, 1, 0), false, Some("links to ads")),
            (shown(2, 1, 9), shown(0, 1, 9), false, Some("links to ads")),
            (shown(2, 1, 9), shown(2, 1, 0), false, Some("the listings")),
            (shown(0, 0, 9), shown(0, 0, 0), false, Some("the listings")),
            (
                shown(0, 7, 0),
                shown(0, 0, 0),
                false,
                Some("the links that"),
            ),
            (shown(9, 1, 0), shown(9, 0, 0), false, Some("as full as")),
            (shown(9, 2, 0), shown(8, 0, 0), false, None),
            (shown(9, 2, 0), shown(8, 1, 0), false, None),
            (shown(9, 2, 0), shown(8, 0, 0), true, None),
            (shown(9, 1, 0), shown(9, 0, 0), true, None),
            (shown(0, 1, 0), shown(0, 0, 0), true, None),
            (shown(9, 1, 0), shown(0, 0, 0), true, Some("links to ads")),
        ] {
            let told = lacking(had, now, is_counted);
            let told = told.map(|(why, _)| why);
            let is_meant = match (told, lacks) {
                (Some(told), Some(lacks)) => told.contains(lacks),
                (told, lacks) => told.is_none() && lacks.is_none(),
            };
            assert!(is_meant, "{had:?} {now:?}: {told:?}");
        }
    }

    #[test]
    fn the_end_is_a_tenth_of_the_pages_and_one_at_least() {
        for (pages, most) in [(2, 1), (5, 1), (19, 1), (20, 2), (100, 10), (2_000, 200)] {
            for missing in 1..pages {
                let place = pages - missing + 1;
                let expected = missing <= most;
                assert_eq!(is_end(place, missing - 1), expected, "{missing} of {pages}");
            }
        }
    }
}
