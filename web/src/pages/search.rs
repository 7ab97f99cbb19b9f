//! `/search`: any spelling of a selector, and words that listings say.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{
    Names,
    snippet::{self, Part},
    spelling,
};
use sightline_model::{ListingId, Selector, SourceId, Timestamp};
use sightline_store::{
    Tx,
    entries::table,
    listings::{self, PresentListing},
    search::{self, Wanted},
    seen, sources,
};
use url::form_urlencoded::Serializer;

use super::form::optional;
use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page},
};

/// The longest that is searched for, in bytes.
const LONGEST: usize = 500;
/// Listings of one page.
const PAGE: u32 = 20;

/// What is searched for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    #[serde(deserialize_with = "optional")]
    source: Option<SourceId>,
    from: String,
    to: String,
    #[serde(deserialize_with = "optional")]
    after: Option<ListingId>,
}

impl Asked {
    fn text(&self) -> &str {
        let text = self.q.trim();
        match text.char_indices().find(|(at, _)| *at >= LONGEST) {
            Some((end, _)) => &text[..end],
            None => text,
        }
    }

    fn address(&self, after: ListingId) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("q", self.text());
        if let Some(source) = self.source {
            query.append_pair("source", &source.to_string());
        }
        for (name, day) in [("from", &self.from), ("to", &self.to)] {
            if midnight(day).is_some() {
                query.append_pair(name, day);
            }
        }
        query.append_pair("after", &after.to_string());
        format!("/search?{}", query.finish())
    }
}

/// When a day begins (UTC); none where it is none.
fn midnight(day: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}T00:00:00Z", day.trim())).ok()
}

/// A selector that it may be.
struct Candidate {
    selector: Selector,
    is_seen: bool,
    entries: usize,
}

/// A listing that says it.
struct Hit {
    found: PresentListing,
    source: String,
    parts: Vec<Part>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    asked: Asked,
    candidates: Vec<Candidate>,
    /// Where nothing in it is a word, there is nothing to search for.
    has_words: bool,
    hits: Vec<Hit>,
    next: Option<String>,
    names: Names,
}

/// Shows what was found, and keeps what was searched for.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let query = search::Query::read(asked.text());
    let is_wide = query.as_ref().is_some_and(search::Query::has_beginnings);
    let _turn = match is_wide {
        true => Some(
            console
                .beginnings
                .acquire()
                .await
                .map_err(Error::internal)?,
        ),
        false => None,
    };
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    // They stand on the first page alone.
    let candidates = match asked.after {
        None => candidates(&mut tx, asked.text()).await?,
        Some(_) => Vec::new(),
    };
    let has_words = query.is_some();
    let (hits, next) = match query {
        Some(query) => hits(&mut tx, &asked, query, &names).await?,
        None => (Vec::new(), None),
    };
    drop(tx);
    if !asked.text().is_empty() {
        console
            .log_read(&person, "search", asked.text().to_owned())
            .await?;
    }
    Ok(Page(Search {
        frame: Frame::new("Search", "/search", &person, console.now()),
        next: next.map(|after| asked.address(after)),
        asked,
        candidates,
        has_words,
        hits,
        names,
    })
    .into_response())
}

async fn hits(
    tx: &mut Tx,
    asked: &Asked,
    query: search::Query,
    names: &Names,
) -> Result<(Vec<Hit>, Option<ListingId>), Error> {
    let wanted = Wanted {
        query,
        source: asked.source,
        since: midnight(&asked.from),
        // The last day is one of them.
        until: midnight(&asked.to).map(|day| day + std::time::Duration::from_secs(86_400)),
        after: asked.after,
        limit: PAGE,
    };
    let found = search::page(tx, &wanted).await?;
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

async fn candidates(tx: &mut Tx, text: &str) -> Result<Vec<Candidate>, Error> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut regions: Vec<String> = sources::all(tx)
        .await?
        .into_iter()
        .filter_map(|source| source.definition.region)
        .collect();
    regions.sort_unstable();
    regions.dedup();
    let mut candidates = Vec::new();
    for selector in spelling::selectors(text, regions.iter().map(String::as_str)) {
        let candidate = Candidate {
            is_seen: seen::known(tx, &selector).await?.is_some(),
            entries: table::of_selector(tx, &selector).await?.len(),
            selector,
        };
        candidates.push(candidate);
    }
    // What is known first: a word is not a handle because it could be one.
    candidates.sort_by_key(|one| (!one.is_seen, one.entries == 0));
    Ok(candidates)
}
