//! What is found of what people type: the selectors that it may be, and the listings that say it.

use std::collections::{BTreeSet, HashMap, HashSet};

use sightline_model::{Kind, ListingId, Observation, Selector, Timestamp};
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

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'t> {
    /// What they typed.
    pub text: &'t str,
    /// True where they may read watchlists: else nothing that comes, and no order, tells what is on one.
    pub reads_watchlists: bool,
}

/// A selector that something may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The selector.
    pub selector: Selector,
    /// On how many listings, and when last; none where it was never seen as this very value.
    pub seen: Option<Seen>,
    /// True for a name without its platform that was seen on one.
    pub is_seen_on_platform: bool,
    /// How many entries look for it, or did; none for whoever may not read watchlists.
    pub entries: Option<usize>,
}

impl Candidate {
    /// True where it was ever seen, a name without its platform on any of them.
    pub fn is_seen(&self) -> bool {
        self.seen.is_some() || self.is_seen_on_platform
    }

    /// True where a listing showed it, or an entry looks for it.
    fn is_known(&self) -> bool {
        self.seen.is_some() || self.is_watched()
    }

    fn is_watched(&self) -> bool {
        self.entries.is_some_and(|entries| entries > 0)
    }
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
/// the regions of all sources. A name without its platform is looked up on every platform, too: those that know it are told, and
/// of the name alone it is not told that it was never seen.
///
/// # Errors
/// Where the store fails.
pub async fn candidates(tx: &mut Tx, asked: Asked<'_>) -> Result<Vec<Candidate>> {
    let text = asked.text;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let regions = regions(tx).await?;
    let read = spelling::selectors(text, regions.iter().map(String::as_str));
    let names = spelling::on_platforms(text, &read);
    let mut candidates = looked_up(tx, &read, asked).await?;
    let on_platforms = looked_up(tx, &names, asked).await?;
    let seen: HashSet<String> = candidates
        .iter()
        .chain(&on_platforms)
        .filter(|one| one.seen.is_some() && one.selector.kind == Kind::Handle)
        .filter(|one| spelling::name_alone(&one.selector).is_none())
        .filter_map(|one| Some(one.selector.kin()?.into_owned()))
        .collect();
    for one in &mut candidates {
        let name = spelling::name_alone(&one.selector);
        one.is_seen_on_platform = name.is_some_and(|name| seen.contains(name));
    }
    // What nobody saw or looks for so says nothing beside where the name was seen.
    candidates.retain(|one| one.is_known() || !one.is_seen_on_platform);
    candidates.extend(on_platforms.into_iter().filter(Candidate::is_known));
    candidates.sort_by_key(|one| (one.seen.is_none(), !one.is_watched()));
    Ok(candidates)
}

/// What is known by the name of a handle beside itself: the name without its platform, and on each platform that knows it, as
/// [`candidates`] has it of a name. Nothing for what is no handle.
///
/// # Errors
/// Where the store fails.
pub async fn by_name(
    tx: &mut Tx,
    handle: &Selector,
    reads_watchlists: bool,
) -> Result<Vec<Candidate>> {
    let name = handle.kin().filter(|_| handle.kind == Kind::Handle);
    let Some(name) = name else {
        return Ok(Vec::new());
    };
    let asked = Asked {
        text: &format!("any/{name}"),
        reads_watchlists,
    };
    let mut found = candidates(tx, asked).await?;
    found.retain(|one| {
        one.selector.kind == Kind::Handle
            && one.selector != *handle
            && (one.is_known() || one.is_seen_on_platform)
    });
    Ok(found)
}

/// What is known of each of these, in their order.
async fn looked_up(
    tx: &mut Tx,
    selectors: &[Selector],
    asked: Asked<'_>,
) -> Result<Vec<Candidate>> {
    let wanted = selectors.iter().collect();
    let known = seen::known_of(tx, &wanted).await?;
    let entries = match asked.reads_watchlists {
        true => Some(table::counts_of(tx, &wanted).await?),
        false => None,
    };
    let mut found = Vec::new();
    for selector in selectors {
        let seen = match known.get(selector) {
            Some(id) => Seen::of(&seen::observations(tx, *id, None, COUNTED + 1).await?),
            None => None,
        };
        found.push(Candidate {
            selector: selector.clone(),
            seen,
            is_seen_on_platform: false,
            entries: entries
                .as_ref()
                .map(|counts| counts.get(selector).copied().unwrap_or(0)),
        });
    }
    Ok(found)
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
