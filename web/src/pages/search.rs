//! `/search`: any spelling of a selector, and words that listings say.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{
    Names,
    search::{self, Candidate, Hit, hits},
};
use sightline_model::{ListingId, SourceId};
use sightline_store::search::{Query as Words, Unread, Wanted};

use super::{
    form::{Day, filter},
    query::Query,
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
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
    #[serde(deserialize_with = "filter")]
    source: Option<SourceId>,
    #[serde(deserialize_with = "filter")]
    from: Option<Day>,
    #[serde(deserialize_with = "filter")]
    to: Option<Day>,
    #[serde(deserialize_with = "filter")]
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

    fn wanted(&self, query: Words) -> Wanted {
        Wanted {
            query,
            source: self.source,
            since: self.from.map(Day::begins),
            // The last day is one of them.
            until: self.to.map(Day::ends),
            after: self.after,
            limit: PAGE,
        }
    }

    fn address(&self, after: ListingId) -> String {
        Address::of("/search")
            .with("q", self.text())
            .with_any("source", self.source)
            .with_any("from", self.from)
            .with_any("to", self.to)
            .with("after", after)
            .written()
    }
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    frame: Frame,
    asked: Asked,
    candidates: Vec<Candidate>,
    /// Why it can't be looked for as it is written.
    unread: Option<Unread>,
    hits: Vec<Hit>,
    next: Option<String>,
    names: Names,
}

impl Search {
    /// True where it is a selector that was seen.
    fn is_seen(&self) -> bool {
        self.candidates.iter().any(Candidate::is_seen)
    }
}

/// Shows what was found, and keeps what was searched for.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let query = Words::read(asked.text());
    let is_wide = query.as_ref().is_ok_and(Words::has_beginnings);
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
        None => {
            let asked = search::Asked {
                text: asked.text(),
                reads_watchlists: person.may(Permission::ReadWatchlists),
            };
            search::candidates(&mut tx, asked).await?
        }
        Some(_) => Vec::new(),
    };
    let (hits, next, unread) = match query {
        Ok(query) => {
            let (hits, next) = hits(&mut tx, &asked.wanted(query), &names).await?;
            (hits, next, None)
        }
        Err(unread) => (Vec::new(), None, Some(unread)),
    };
    drop(tx);
    if !asked.text().is_empty() {
        console.log_sought(&person, "search", asked.text()).await?;
    }
    Ok(Page(Search {
        frame: Frame::new("Search", "/search", &person, console.now()),
        next: next.map(|after| asked.address(after)),
        asked,
        candidates,
        unread,
        hits,
        names,
    })
    .into_response())
}
