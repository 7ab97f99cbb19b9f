//! What is found of what people type: the selectors that it may be, and the listings that say it.

use std::collections::{BTreeSet, HashMap, HashSet};

use sightline_model::{ListingId, Observation, Selector, Timestamp};
use sightline_store::{
    Result, Tx,
    entries::table::{self, Sought},
    listings::{self, PresentListing},
    search::{self, Wanted},
    seen, sources,
};

use crate::{
    Names,
    snippet::{self, Part},
    spelling,
};

/// Observations by which it is told how often something was seen.
const COUNTED: u32 = 100;

/// Where something was seen, by its latest observations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    listings: usize,
    /// When last.
    pub last: Option<Timestamp>,
}

impl Seen {
    fn of(found: &[Observation]) -> Option<Self> {
        let listings: HashSet<ListingId> = found.iter().map(|one| one.listing).collect();
        let last = found.iter().map(|one| one.seen_at).max();
        (!found.is_empty()).then_some(Self {
            listings: listings.len(),
            last,
        })
    }

    /// On how many listings, as far as they are counted.
    pub fn count(&self) -> usize {
        self.listings.min(COUNTED as usize)
    }

    /// True where there are more.
    pub fn is_cut(&self) -> bool {
        self.listings > COUNTED as usize
    }
}

/// A selector that something may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The selector.
    pub selector: Selector,
    /// On how many listings, and when last; none where it was never seen.
    pub seen: Option<Seen>,
    /// How many entries look for it, or did.
    pub entries: usize,
}

/// The regions of all sources, each once.
async fn regions(tx: &mut Tx) -> Result<BTreeSet<String>> {
    let sources = sources::all(tx).await?.into_iter();
    Ok(sources
        .filter_map(|source| source.definition.region)
        .collect())
}

/// What the entries of a watchlist are searched for by that somebody means by `text`, as [`spelling::sought`] has it; national
/// numbers are read by the regions of all sources. None where nothing is written.
///
/// # Errors
/// Where the store fails.
pub async fn sought(tx: &mut Tx, text: &str) -> Result<Option<Sought>> {
    let regions = match text.trim().is_empty() {
        true => BTreeSet::new(),
        false => regions(tx).await?,
    };
    Ok(spelling::sought(text, regions.iter().map(String::as_str)))
}

/// What a text may be, what is known first: a word is not a handle because it could be one. National numbers are read by
/// the regions of all sources.
///
/// # Errors
/// Where the store fails.
pub async fn candidates(tx: &mut Tx, text: &str) -> Result<Vec<Candidate>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let regions = regions(tx).await?;
    let mut candidates = Vec::new();
    for selector in spelling::selectors(text, regions.iter().map(String::as_str)) {
        let seen = match seen::known(tx, &selector).await? {
            Some(known) => Seen::of(&seen::observations(tx, known, None, COUNTED + 1).await?),
            None => None,
        };
        let candidate = Candidate {
            seen,
            entries: table::of_selector(tx, &selector).await?.len(),
            selector,
        };
        candidates.push(candidate);
    }
    candidates.sort_by_key(|one| (one.seen.is_none(), one.entries == 0));
    Ok(candidates)
}

/// A listing that says what was searched for.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// The listing with what it says.
    pub found: PresentListing,
    /// The name of its source.
    pub source: String,
    /// What it says around that.
    pub parts: Vec<Part>,
}

/// A page of the listings that say it, and where to go on, where there may be more.
///
/// # Errors
/// Where the store fails.
pub async fn hits(
    tx: &mut Tx,
    wanted: &Wanted,
    names: &Names,
) -> Result<(Vec<Hit>, Option<ListingId>)> {
    let found = search::page(tx, wanted).await?;
    let mut present: HashMap<ListingId, PresentListing> = listings::present(tx, &found.listings)
        .await?
        .into_iter()
        .map(|one| (one.listing.id, one))
        .collect();
    let in_order = found.listings.iter().filter_map(|id| present.remove(id));
    let hits = in_order.map(|one| Hit {
        source: names.source(one.listing.source),
        parts: snippet::of(&one.present.text, &wanted.query),
        found: one,
    });
    Ok((hits.collect(), found.next))
}
