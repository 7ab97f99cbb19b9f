//! Pages of listings: the links that lead on, and listings that are read right from them.

use std::collections::HashSet;

use html5ever::local_name;
use scraper::{ElementRef, Selector};
use sightline_model::{PageLink, Problem, VisitKind, canonical_page};
use url::Url;

use super::{Counted, Reading, Sheet, record};
use crate::{
    page::{base::page_url, text::attribute},
    profile::{List, Pager, Record, Root},
};

/// The most links that one page gives.
const LINKS: usize = 5_000;
/// The most listings that are read from one list page.
const RECORDS: usize = 1_000;

/// Reads a page of listings.
pub(super) fn read(sheet: &Sheet<'_>, list: &List, reading: &mut Reading) {
    let mut links = Links::new(sheet);
    links.follow(&list.links, VisitKind::Detail);
    if links.found.is_empty() && !list.links.is_empty() {
        reading.problems.push(Problem::new(
            "list.links",
            "no link on the page matches",
            "look whether the site was rebuilt, unless this is the page behind the last one",
        ));
    }
    if let Some(record) = &list.record {
        records(sheet, record, reading);
    }
    let has_listings = !links.found.is_empty() || !reading.listings.is_empty();
    links.follow(&list.next, VisitKind::List);
    if let Some(pager) = list.pager.as_ref().filter(|_| has_listings)
        && let Some(counted) = counted(pager, sheet.page.url, sheet.base)
    {
        links.add(VisitKind::List, counted.next.clone());
        reading.counted = Some(counted);
    }
    if links.is_full {
        reading.problems.push(Problem::new(
            "list",
            format!("the page has more than {LINKS} links that match"),
            "the rest is left out; name the links more narrowly",
        ));
    }
    reading.links = links.found;
}

/// Listings that are read right from the page, each key once.
fn records(sheet: &Sheet<'_>, record: &Record, reading: &mut Reading) {
    let roots: Vec<_> = match &record.root {
        Root::Body => super::body(sheet.html).into_iter().collect(),
        Root::Css(selector, _) => sheet.html.select(selector).take(RECORDS).collect(),
    };
    if roots.is_empty() {
        reading.problems.push(Problem::new(
            "list.record.root",
            "no element on the page matches",
            "look whether the site was rebuilt, unless this is the page behind the last one",
        ));
    }
    let mut keys = HashSet::new();
    let mut repeated = 0;
    for root in roots {
        let scope = record::Scope { root, beyond: None };
        if let Some(listing) = record::read(sheet, record, scope, &mut reading.problems) {
            match keys.insert(listing.key.clone()) {
                true => reading.listings.push(listing),
                false => repeated += 1,
            }
        }
    }
    if repeated > 0 {
        reading.problems.push(Problem::new(
            "list.record.key",
            format!("{repeated} of the listings have a key that one before them has"),
            "give `link` or `key` something that differs from listing to listing",
        ));
    }
}

/// The links of a page, each once, in the order in which they were found.
struct Links<'s> {
    sheet: &'s Sheet<'s>,
    own: Url,
    seen: HashSet<Url>,
    found: Vec<PageLink>,
    is_full: bool,
}

impl<'s> Links<'s> {
    fn new(sheet: &'s Sheet<'s>) -> Self {
        Self {
            sheet,
            own: canonical_page(sheet.page.url),
            seen: HashSet::new(),
            found: Vec::new(),
            is_full: false,
        }
    }

    fn follow(&mut self, selectors: &[Selector], kind: VisitKind) {
        for selector in selectors {
            for element in self.sheet.html.select(selector) {
                if self.is_full {
                    return;
                }
                if let Some(url) = href(element).and_then(|href| page_url(self.sheet.base, href)) {
                    self.add(kind, url);
                }
            }
        }
    }

    fn add(&mut self, kind: VisitKind, url: Url) {
        // A page leads to itself from every pagination.
        if url == self.own || self.seen.contains(&url) {
            return;
        }
        if self.found.len() >= LINKS {
            self.is_full = true;
            return;
        }
        self.seen.insert(url.clone());
        self.found.push(PageLink { kind, url });
    }
}

/// Where an element leads: its own `href`, else that of the first link inside it.
pub(super) fn href(element: ElementRef<'_>) -> Option<&str> {
    attribute(element.value(), &local_name!("href")).or_else(|| {
        element
            .descendent_elements()
            .filter(|inner| inner.value().name.local == local_name!("a"))
            .find_map(|inner| attribute(inner.value(), &local_name!("href")))
    })
}

/// The pages before and after `own`, by the template. A page that is not of the template's form is the first. The page behind the
/// last that may be read is named, too, so that whoever follows it knows that more may be there.
fn counted(pager: &Pager, own: &Url, base: &Url) -> Option<Counted> {
    let nth = |number: u32| pager.page(base, &number.to_string());
    let number = pager.number(own, base).unwrap_or(pager.first);
    let next = number.checked_add(1)?;
    if number < pager.first || number > pager.last {
        return None;
    }
    let before = (number > pager.first).then(|| nth(number - 1));
    Some(Counted {
        before: before.flatten(),
        next: nth(next)?,
    })
}

impl Pager {
    /// The number of a page, by its address.
    pub fn number_of(&self, url: &Url) -> Option<u32> {
        self.number(url, url)
    }

    /// The page of this number.
    pub fn page(&self, base: &Url, number: &str) -> Option<Url> {
        page_url(base, &self.template.replace("{page}", number))
    }

    fn number(&self, own: &Url, base: &Url) -> Option<u32> {
        // A number that no page has marks where the number stands once the URL is whole.
        const MARK: &str = "4242424242";
        let marked = self.page(base, MARK)?;
        let (front, back) = marked.as_str().split_once(MARK)?;
        let own = canonical_page(own);
        let rest = own.as_str().strip_prefix(front)?;
        rest.strip_suffix(back)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_on() {
        for (template, own, next) in [
            (
                "?page={page}",
                "https://ads.example/l/?page=3",
                Some("https://ads.example/l/?page=4"),
            ),
            (
                "?page={page}",
                "https://ads.example/l/",
                Some("https://ads.example/l/?page=2"),
            ),
            (
                "/l/{page}.html",
                "https://ads.example/l/9.html",
                Some("https://ads.example/l/10.html"),
            ),
            // It may be read no more, and who follows it says so.
            (
                "/l/{page}.html",
                "https://ads.example/l/10.html",
                Some("https://ads.example/l/11.html"),
            ),
            ("/l/{page}.html", "https://ads.example/l/11.html", None),
            (
                "?page={page}",
                "https://ads.example/l/?page=-3",
                Some("https://ads.example/l/?page=2"),
            ),
            ("?page={page}", "https://ads.example/l/?page=0", None),
        ] {
            let pager = Pager {
                template: template.to_owned(),
                first: 1,
                last: 10,
            };
            let own = Url::parse(own).unwrap();
            assert_eq!(
                counted(&pager, &own, &own)
                    .as_ref()
                    .map(|counted| counted.next.as_str()),
                next,
                "{template} {own}"
            );
        }
    }
}
