//! `/listings`: what sites list, the latest found first, narrowed by the address.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::Names;
use sightline_model::{ListingId, SourceId, counted};
use sightline_store::{
    Filter,
    listings::{self, PresentListing},
};
use url::form_urlencoded::Serializer;

use super::form::{Day, filter, optional};
use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page},
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
    #[serde(deserialize_with = "optional")]
    after: Option<ListingId>,
}

impl Asked {
    fn address(&self, after: ListingId) -> String {
        let mut query = Serializer::new(String::new());
        if let Some(source) = self.source {
            query.append_pair("source", &source.to_string());
        }
        if let Some(since) = self.since {
            query.append_pair("since", &since.to_string());
        }
        if self.is_removed() {
            query.append_pair("removed", "true");
        }
        query.append_pair("after", &after.to_string());
        format!("/listings?{}", query.finish())
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
    let mut found = listings::list(&mut tx, &filter).await?;
    drop(tx);
    let has_more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let many = counted(found.len(), "listing", "listings");
    console.log_read(&person, "listings.read", many).await?;
    let next = found.last().filter(|_| has_more);
    Ok(Page(Listings {
        frame: Frame::new("Listings", "/search", &person, console.now()),
        next: next.map(|last| asked.address(last.listing.id)),
        asked,
        names,
        found,
    })
    .into_response())
}
