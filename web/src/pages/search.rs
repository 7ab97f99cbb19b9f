//! `/search`: any spelling of a selector, and words that listings say.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::spelling;
use sightline_model::Selector;
use sightline_store::{Tx, entries::table, seen, sources};

use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page},
};

/// The longest that is searched for, in bytes.
const LONGEST: usize = 500;

/// What is searched for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
}

impl Asked {
    fn text(&self) -> &str {
        let text = self.q.trim();
        match text.char_indices().find(|(at, _)| *at >= LONGEST) {
            Some((end, _)) => &text[..end],
            None => text,
        }
    }
}

/// A selector that it may be.
struct Candidate {
    selector: Selector,
    is_seen: bool,
    entries: usize,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    asked: Asked,
    candidates: Vec<Candidate>,
}

/// Shows what was found, and keeps what was searched for.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let candidates = candidates(&mut tx, asked.text()).await?;
    drop(tx);
    if !asked.text().is_empty() {
        console
            .log_read(&person, "search", asked.text().to_owned())
            .await?;
    }
    Ok(Page(Search {
        frame: Frame::new("Search", "/search", &person, console.now()),
        asked,
        candidates,
    })
    .into_response())
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
    // What is known first; the rest only where nothing is: a word is not a handle because it could be one.
    candidates.sort_by_key(|one| (!one.is_seen, one.entries == 0));
    Ok(candidates)
}
