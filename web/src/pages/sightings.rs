//! `/sightings`: where entries were seen, the latest found first, narrowed by the address.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_alerts::words;
use sightline_casework::Names;
use sightline_model::{
    Entry, EntryId, Reason, Sighting, SightingId, SourceId, WatchlistId, counted,
};
use sightline_store::{Filter, entries, sightings};

use super::{
    form::{Day, filter},
    query::Query,
};
use crate::{
    Console, Error,
    access::Person,
    address::Address,
    answer::{Frame, Page},
    api::Listed,
};

/// Sightings of one page.
const PAGE: u32 = 50;

/// Which, and where to go on.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(deserialize_with = "filter")]
    watchlist: Option<WatchlistId>,
    #[serde(deserialize_with = "filter")]
    source: Option<SourceId>,
    #[serde(deserialize_with = "filter")]
    reason: Option<Reason>,
    #[serde(deserialize_with = "filter")]
    since: Option<Day>,
    #[serde(deserialize_with = "filter")]
    after: Option<SightingId>,
}

impl Asked {
    fn address(&self, after: SightingId) -> String {
        Address::of("/sightings")
            .with_any("watchlist", self.watchlist)
            .with_any("source", self.source)
            .with_any("reason", self.reason)
            .with_any("since", self.since)
            .with("after", after)
            .written()
    }

    fn is_filtered(&self) -> bool {
        let narrowed = self.watchlist.is_some() || self.source.is_some();
        narrowed || self.reason.is_some() || self.since.is_some()
    }
}

#[derive(Template)]
#[template(path = "sightings.html")]
struct Sightings {
    frame: Frame,
    asked: Asked,
    names: Names,
    found: Vec<Sighting>,
    entries: HashMap<EntryId, Entry>,
    next: Option<String>,
}

impl Sightings {
    fn why(&self, sighting: &Sighting) -> String {
        self.frame.text(words::why(sighting))
    }
}

/// Shows them.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let filter = Filter {
        source: asked.source,
        watchlist: asked.watchlist,
        state: asked.reason.map(|reason| reason.as_str()),
        since: asked.since.map(Day::begins),
        after: asked.after,
        limit: PAGE + 1,
    };
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    let found = sightings::list(&mut tx, &filter).await?;
    let Listed { items: found, next } = Listed::page(found, PAGE, |last| asked.address(last.id));
    let mut ids: Vec<EntryId> = found.iter().map(|one| one.entry).collect();
    ids.sort_unstable();
    ids.dedup();
    let entries = entries::get(&mut tx, &ids).await?.into_iter();
    let entries = entries.map(|entry| (entry.id, entry)).collect();
    drop(tx);
    let many = counted(found.len(), "sighting", "sightings");
    console.log_read(&person, "sightings.read", many).await?;
    Ok(Page(Sightings {
        frame: Frame::new("Sightings", "/", &person, console.now()),
        asked,
        names,
        found,
        entries,
        next,
    })
    .into_response())
}
