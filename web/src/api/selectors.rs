//! `/api/v1/selectors`: what something may be in any spelling, and everything that was seen of it.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::search;
use sightline_extractors::canonical;
use sightline_model::{EntryId, Kind, Observation, ObservationId, Selector, Timestamp};
use sightline_store::{
    entries::table,
    seen::{self, Latest},
};

use super::{
    After, Asked, Limit, Listed, Operation,
    company::{Companion, LATEST, OnSource},
};
use crate::{
    Console, Error,
    access::{Permission, Person},
};

/// What is looked up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sought {
    /// A number, an address, a handle, a link or a wallet, in any spelling.
    #[schemars(length(min = 1, max = 500))]
    q: String,
}

/// A selector that it may be.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Candidate {
    /// The selector.
    #[serde(flatten)]
    selector: Selector,
    /// True where it was ever seen; a handle `any/name` on any platform.
    seen: bool,
    /// How many entries look for it, or did; null for a token that may not read watchlists.
    entries: Option<usize>,
}

/// The longest that is looked up, in bytes.
const LONGEST: usize = 500;

pub(crate) fn lookup_described() -> Operation {
    Operation::giving::<Listed<Candidate>>(
        "What a text may be, in canonical form; what was seen before first",
    )
    .asking::<Sought>()
}

pub(crate) async fn lookup(
    State(console): State<Console>,
    person: Person,
    Asked(sought): Asked<Sought>,
) -> Result<Json<Listed<Candidate>>, Error> {
    let text = sought.q.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(Error::field(
            "q",
            "is empty or too long",
            format!("write up to {LONGEST} bytes"),
        ));
    }
    let mut tx = console.read().await?;
    let asked = search::Asked {
        text,
        reads_watchlists: person.may(Permission::ReadWatchlists),
    };
    let found = search::candidates(&mut tx, asked).await?;
    drop(tx);
    console.log_sought(&person, "search", text).await?;
    let items = found.into_iter().map(|one| Candidate {
        seen: one.is_seen(),
        selector: one.selector,
        entries: one.entries,
    });
    Ok(Json(Listed::whole(items.collect())))
}

/// Which selector.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Its kind.
    kind: Kind,
    /// Its value, in any spelling.
    #[schemars(length(min = 1))]
    value: String,
    /// `next` of the page before.
    after: Option<After<ObservationId>>,
    /// Observations at most.
    #[serde(default)]
    limit: Limit,
}

/// The same without pages.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// Its kind.
    kind: Kind,
    /// Its value, in any spelling.
    #[schemars(length(min = 1))]
    value: String,
}

/// An entry's value may be less than a whole selector: trailing digits are found as they are.
fn read(kind: Kind, value: &str) -> Result<Selector, Error> {
    let selector =
        canonical(kind, value, None).unwrap_or_else(|_| Selector::new(kind, value.trim()));
    match selector.value.is_empty() {
        true => Err(Error::field("value", "is empty", "write the selector")),
        false => Ok(selector),
    }
}

/// Where a selector was seen and with what, as far as its latest 500 observations tell.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SelectorInFull")]
pub(crate) struct Full {
    /// The selector in canonical form.
    #[serde(flatten)]
    selector: Selector,
    /// When it was first seen; null where it never was.
    first_seen: Option<Timestamp>,
    /// When it was last seen.
    last_seen: Option<Timestamp>,
    /// By source, the most listings first.
    sources: Vec<OnSource>,
    /// What stands in the same listings.
    company: Vec<Companion>,
    /// The entries of this very selector; empty for a token that may not read watchlists.
    entries: Vec<EntryId>,
}

pub(crate) fn about_described() -> Operation {
    Operation::giving::<Full>("Where a selector was seen, and with what").asking::<About>()
}

pub(crate) async fn about(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<About>,
) -> Result<Json<Full>, Error> {
    let selector = read(which.kind, &which.value)?;
    let mut tx = console.read().await?;
    let latest = match seen::known(&mut tx, &selector).await? {
        Some(id) => seen::of_selector(&mut tx, id, LATEST).await?,
        None => Latest::default(),
    };
    let company = Companion::of(&mut tx, &latest.listings, &selector).await?;
    let entries = match person.may(Permission::ReadWatchlists) {
        true => table::of_selector(&mut tx, &selector).await?,
        false => Vec::new(),
    };
    drop(tx);
    console
        .log_sought(&person, "selector.read", &selector.to_string())
        .await?;
    let (first_seen, last_seen) = latest.span().unzip();
    Ok(Json(Full {
        selector,
        first_seen,
        last_seen,
        sources: latest.sources.into_iter().map(Into::into).collect(),
        company,
        entries: entries.into_iter().map(|entry| entry.id).collect(),
    }))
}

pub(crate) fn observations_described() -> Operation {
    Operation::giving::<Listed<Observation>>("Observations of a selector, the latest found first")
        .asking::<Which>()
}

pub(crate) async fn observations(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Observation>>, Error> {
    let limit = which.limit.get()?;
    let selector = read(which.kind, &which.value)?;
    let mut tx = console.read().await?;
    let found = match seen::known(&mut tx, &selector).await? {
        Some(id) => {
            let after = which.after.map(|After(id)| id);
            seen::observations(&mut tx, id, after, limit + 1).await?
        }
        None => Vec::new(),
    };
    drop(tx);
    console
        .log_sought(&person, "selector.read", &selector.to_string())
        .await?;
    let cursor = |last: &Observation| last.id.to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}
