//! `/listings`: what sites list, the latest found first, narrowed by the address.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::Names;
use sightline_model::{ListingId, SourceId, counted};
use sightline_store::{
    Filter,
    listings::{self, PresentListing},
};

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

/// Listings of one page.
const PAGE: u32 = 50;

/// Which, and where to go on.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(deserialize_with = "filter")]
    source: Option<SourceId>,
    /// Seen on this day or later.
    #[serde(deserialize_with = "filter")]
    since: Option<Day>,
    /// Those alone that their sites have taken away.
    #[serde(deserialize_with = "filter")]
    removed: Option<bool>,
    #[serde(deserialize_with = "filter")]
    after: Option<ListingId>,
}

impl Asked {
    fn address(&self, after: ListingId) -> String {
        Address::of("/listings")
            .with_any("source", self.source)
            .with_any("since", self.since)
            .with_any("removed", self.is_removed().then_some(true))
            .with("after", after)
            .written()
    }

    fn is_removed(&self) -> bool {
        self.removed == Some(true)
    }

    fn is_filtered(&self) -> bool {
        self.source.is_some() || self.since.is_some() || self.is_removed()
    }
}

#[derive(Template)]
#[template(path = "listings.html")]
struct Listings {
    frame: Frame,
    asked: Asked,
    names: Names,
    found: Vec<PresentListing>,
    next: Option<String>,
}

/// Shows them.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let filter = Filter {
        source: asked.source,
        since: asked.since.map(Day::begins),
        state: asked.is_removed().then_some(listings::REMOVED),
        after: asked.after,
        limit: PAGE + 1,
        ..Filter::default()
    };
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    let found = listings::list(&mut tx, &filter).await?;
    drop(tx);
    let Listed { items: found, next } =
        Listed::page(found, PAGE, |last| asked.address(last.listing.id));
    let many = counted(found.len(), "listing", "listings");
    console.log_read(&person, "listings.read", many).await?;
    Ok(Page(Listings {
        frame: Frame::new("Listings", "/search", &person, console.now()),
        asked,
        names,
        found,
        next,
    })
    .into_response())
}
