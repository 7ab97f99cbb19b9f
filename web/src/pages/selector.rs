//! `/selectors`: everything that was seen of one selector, in whatever spelling it is asked for.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{
    Names,
    search::{self, Candidate},
    spelling,
};
use sightline_extractors::canonical;
use sightline_model::{
    Entry, EntryId, Kind, ListingId, ListingVersion, Observation, ObservationId, Selector, counted,
};
use sightline_store::{
    Tx,
    entries::{self, table},
    listings,
    seen::{self, Companion, Latest},
    sightings,
};
use sightline_watchlists::explain;

use super::{
    entry::{COMPANY, LATEST},
    form::{filter, optional},
    query::Query,
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Frame, Page},
    api::Listed,
};

/// Observations of one page.
const PAGE: u32 = 25;

/// Which selector, and where its observations go on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(deserialize_with = "optional")]
    kind: Option<Kind>,
    value: String,
    #[serde(deserialize_with = "filter")]
    after: Option<ObservationId>,
}

/// An observation, with the words around it.
struct Seen {
    observation: Observation,
    title: String,
    before: String,
    after: String,
    source: String,
}

#[derive(Template)]
#[template(path = "selector.html")]
struct Shown {
    frame: Frame,
    selector: Selector,
    /// The entries that look for it, or matched what was seen of it.
    entries: Vec<Entry>,
    /// What is known by the name of a handle beside itself.
    candidates: Vec<Candidate>,
    latest: Latest,
    company: Vec<Companion>,
    seen: Vec<Seen>,
    names: Names,
    next: Option<String>,
}

impl Shown {
    fn is_cut(&self) -> bool {
        self.latest.listings.len() >= LATEST as usize
    }

    /// True for a name without its platform that was seen on one.
    fn is_seen_on_platform(&self) -> bool {
        spelling::name_alone(&self.selector).is_some()
            && self.candidates.iter().any(Candidate::is_seen)
    }

    /// `seen on 12 listings`
    fn seen_on(&self) -> String {
        match self.latest.listings.len() {
            0 if self.is_seen_on_platform() => "seen with a platform alone".to_owned(),
            0 => "never seen".to_owned(),
            many => format!(
                "seen on {}{}",
                counted(many, "listing", "listings"),
                if self.is_cut() { " or more" } else { "" }
            ),
        }
    }

    fn may_add(&self) -> bool {
        self.frame.may(Permission::EditWatchlists)
    }

    /// The form that adds it to a list.
    fn filled(&self, list: impl std::fmt::Display) -> String {
        Address::of(format!("/watchlists/{list}/add"))
            .with("kind", self.selector.kind)
            .with("value", &self.selector.value)
            .written()
    }

    fn how(&self, observation: &Observation) -> String {
        explain::steps(&observation.steps)
    }
}

/// Shows it, and keeps that it was shown.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let kind = asked.kind.ok_or(Error::NotFound)?;
    // An entry's value may be less than a whole selector: trailing digits are found as they are.
    let selector = canonical(kind, &asked.value, None)
        .unwrap_or_else(|_| Selector::new(kind, asked.value.trim()));
    if selector.value.is_empty() {
        return Err(Error::NotFound);
    }
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    let reads_watchlists = person.may(Permission::ReadWatchlists);
    let mut shown = Shown {
        frame: Frame::new("Selector", "/search", &person, console.now()),
        entries: table::of_selector(&mut tx, &selector).await?,
        candidates: search::by_name(&mut tx, &selector, reads_watchlists).await?,
        latest: Latest::default(),
        company: Vec::new(),
        seen: Vec::new(),
        next: None,
        names,
        selector,
    };
    if let Some(id) = seen::known(&mut tx, &shown.selector).await? {
        shown.latest = seen::of_selector(&mut tx, id, LATEST).await?;
        let listings = &shown.latest.listings;
        shown.company = seen::company(&mut tx, listings, &shown.selector, COMPANY).await?;
        let found = seen::observations(&mut tx, id, asked.after, PAGE + 1).await?;
        let Listed { items: found, next } = Listed::page(found, PAGE, |last| {
            let address = shown.frame.selector(&shown.selector);
            format!("{address}&after={}#seen-title", last.id)
        });
        shown.next = next;
        let more = matched(&mut tx, &found, &shown.entries).await?;
        shown.entries.extend(more);
        shown.seen = with_words(&mut tx, found, &shown.names).await?;
    }
    drop(tx);
    console
        .log_sought(&person, "selector.read", &shown.selector.to_string())
        .await?;
    Ok(Page(shown).into_response())
}

/// The entries that these observations matched beside those that are known: those that reach further than their own value.
async fn matched(tx: &mut Tx, found: &[Observation], known: &[Entry]) -> Result<Vec<Entry>, Error> {
    let listings: Vec<ListingId> = found.iter().map(|one| one.listing).collect();
    let mut more: Vec<EntryId> = sightings::of_listings(tx, &listings)
        .await?
        .into_iter()
        .filter(|sighting| {
            let by = sighting.observation;
            by.is_some_and(|by| found.iter().any(|one| one.id == by))
                && known.iter().all(|entry| entry.id != sighting.entry)
        })
        .map(|sighting| sighting.entry)
        .collect();
    more.sort_unstable();
    more.dedup();
    Ok(entries::get(tx, &more).await?)
}

async fn with_words(
    tx: &mut Tx,
    found: Vec<Observation>,
    names: &Names,
) -> Result<Vec<Seen>, Error> {
    let wanted: Vec<(ListingId, i64)> =
        found.iter().map(|one| (one.listing, one.version)).collect();
    let said: HashMap<(ListingId, i64), ListingVersion> = listings::versions(tx, &wanted)
        .await?
        .into_iter()
        .map(|version| ((version.listing, version.version), version))
        .collect();
    let ids: Vec<ListingId> = wanted.iter().map(|(listing, _)| *listing).collect();
    let sources: HashMap<ListingId, String> = listings::get(tx, &ids)
        .await?
        .into_iter()
        .map(|listing| (listing.id, names.source(listing.source)))
        .collect();
    let seen = found.into_iter().map(|observation| {
        let version = said.get(&(observation.listing, observation.version));
        let place = |at: i64| usize::try_from(at).unwrap_or(0);
        // An image stands nowhere in the text.
        let around = version.filter(|_| observation.end > 0).map(|version| {
            explain::excerpt(
                &version.text,
                place(observation.start),
                place(observation.end),
            )
        });
        Seen {
            title: version.map_or_else(String::new, |version| version.title.clone()),
            before: around.map_or_else(String::new, |around| around.before.to_owned()),
            after: around.map_or_else(String::new, |around| around.after.to_owned()),
            source: sources
                .get(&observation.listing)
                .cloned()
                .unwrap_or_default(),
            observation,
        }
    });
    Ok(seen.collect())
}
