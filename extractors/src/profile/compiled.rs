//! A compiled profile: selectors, patterns and zones ready to be used, over and over, from any thread.

use chrono_tz::Tz;
use regex::Regex;
use rlibphonenumber::Region;
use scraper::Selector;
use sightline_model::Problem;
use url::Url;

use super::{ProfileSettings, Transform, compile};

/// A source's profile, ready to read pages with. Made by [`Profile::compile`].
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) list: List,
    pub(crate) detail: Record,
    pub(crate) login: Option<Selector>,
    pub(crate) region: Option<Region>,
    reader: String,
}

impl Profile {
    /// Checks and compiles what a person wrote. `region` is the source's: two letters of ISO 3166-1, by which
    /// national telephone numbers are read. All problems come back at once; their keys are paths such as
    /// `detail.fields.price.css`, relative to the profile.
    pub fn compile(settings: &ProfileSettings, region: Option<&str>) -> Result<Self, Vec<Problem>> {
        compile::profile(settings, region)
    }

    /// A short, stable digest of the profile and of the extractors' version. A page that was read with another one
    /// is read anew, though it has not changed.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The number of the last page of listings that is read, of one that `url` counts beyond.
    pub fn last_page_before(&self, url: &Url) -> Option<u32> {
        let pager = self.list.pager.as_ref()?;
        (pager.number_of(url)? > pager.last).then_some(pager.last)
    }

    /// True for a page of listings that is reached by counting, not the first: where a site has none of this number, its pages end
    /// before it.
    pub fn counts_to(&self, url: &Url) -> bool {
        let pager = self.list.pager.as_ref();
        pager.is_some_and(|pager| {
            pager
                .number_of(url)
                .is_some_and(|number| number > pager.first)
        })
    }

    /// The place of such a page among those that are counted, the first being 1.
    pub fn place_of(&self, url: &Url) -> Option<u32> {
        let pager = self.list.pager.as_ref()?;
        pager
            .number_of(url)?
            .checked_sub(pager.first)?
            .checked_add(1)
    }

    /// The page of listings that is so many behind this one, among those that are counted and read.
    pub fn page_after(&self, url: &Url, ahead: u32) -> Option<Url> {
        let pager = self.list.pager.as_ref()?;
        let number = pager.number_of(url)?.checked_add(ahead)?;
        (number <= pager.last)
            .then(|| pager.page(url, &number.to_string()))
            .flatten()
    }

    /// What is taken from pages of listings.
    pub fn list_seeks(&self) -> ListSeeks {
        let list = &self.list;
        ListSeeks {
            ads: !list.links.is_empty(),
            pages: !list.next.is_empty() || list.pager.is_some(),
            listings: list.record.is_some(),
        }
    }

    pub(super) fn new(
        list: List,
        detail: Record,
        login: Option<Selector>,
        region: Option<Region>,
        reader: String,
    ) -> Self {
        Self {
            list,
            detail,
            login,
            region,
            reader,
        }
    }
}

/// Which of the things that a page of listings may show a profile asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListSeeks {
    /// Links to listings' own pages.
    pub ads: bool,
    /// Links to further pages of listings.
    pub pages: bool,
    /// Listings that are read right from it.
    pub listings: bool,
}

/// What to take from pages of listings.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub links: Vec<Selector>,
    pub next: Vec<Selector>,
    pub pager: Option<Pager>,
    pub record: Option<Record>,
}

/// Further pages by number.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    /// The URL, with `{page}` for the number.
    pub template: String,
    pub first: u32,
    pub last: u32,
}

/// How one listing is read.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The key path of its settings, for problems.
    pub path: String,
    pub root: Root,
    pub ignore: Vec<Selector>,
    pub title: Option<Field>,
    pub body: Option<Field>,
    pub fields: Vec<Field>,
    pub key: Key,
    pub link: Option<Selector>,
    pub images: Images,
}

/// The element that holds a listing.
#[derive(Clone, Debug)]
pub(crate) enum Root {
    /// The page's body.
    Body,
    /// What a selector finds; as written, for messages.
    Css(Selector, String),
}

/// What tells a listing from others.
#[derive(Clone, Debug)]
pub(crate) enum Key {
    /// Its canonical URL.
    Url,
    /// A part of its URL.
    Pattern(Regex),
    /// A field's value, by the field's name.
    Field(String),
}

/// Where a field's text is, and what it is made into.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name; for title and body, that word.
    pub name: String,
    /// The key path of its settings, for problems.
    pub path: String,
    pub css: Vec<Selector>,
    pub attr: Option<String>,
    pub json: Vec<String>,
    pub meta: Option<String>,
    pub regex: Option<Regex>,
    pub transform: Transform,
    pub formats: Vec<String>,
    pub zone: Tz,
    pub currency: Option<String>,
}

/// Where a listing's images are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Images {
    pub css: Vec<Selector>,
    pub attr: Option<String>,
    pub json: Vec<String>,
    pub meta: Option<String>,
}
