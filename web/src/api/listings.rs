//! `/api/v1/listings`: what sites list, what each listing said before, and what was observed in it.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::{Names, search::hits, sighting};
use sightline_model::{
    CaptureId, Listing, ListingId, ListingVersion, Observation, SourceId, Timestamp, counted,
};
use sightline_store::{
    Filter,
    listings::{self, PresentListing},
    observations,
    search::{Query, Wanted},
    sightings,
};

use super::{After, Asked, Limit, Listed, Named, Operation, evidence::ShownImage};
use crate::{
    Console, Error,
    access::{Permission, Person},
};

/// Which listings.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "WhichListings")]
pub(crate) struct Which {
    /// On this source.
    source: Option<SourceId>,
    /// Seen at or after this instant.
    since: Option<Timestamp>,
    /// True for those alone that their sites have taken away.
    removed: bool,
    /// `next` of the page before.
    after: Option<After<ListingId>>,
    /// Listings at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<PresentListing>>(
        "Listings with what they say now, the latest found first",
    )
    .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<PresentListing>>, Error> {
    let limit = which.limit.get()?;
    let filter = Filter {
        source: which.source,
        since: which.since,
        state: which.removed.then_some(listings::REMOVED),
        after: which.after.map(|After(id)| id),
        limit: limit + 1,
        ..Filter::default()
    };
    let mut tx = console.read().await?;
    let found = listings::list(&mut tx, &filter).await?;
    drop(tx);
    let cursor = |last: &PresentListing| last.listing.id.to_string();
    let page = Listed::page(found, limit, cursor);
    let many = counted(page.items.len(), "listing", "listings");
    console.log_read(&person, "listings.read", many).await?;
    Ok(Json(page))
}

/// What is searched for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sought {
    /// Words; `"new in town"` for words in this order, `pass*` for a beginning, `-hotel` for what is not to be said.
    #[schemars(length(min = 1, max = 500))]
    q: String,
    /// On this source.
    source: Option<SourceId>,
    /// First seen at or after this instant.
    since: Option<Timestamp>,
    /// First seen before this instant.
    until: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<After<ListingId>>,
    /// Listings at most.
    #[serde(default)]
    limit: Limit,
}

/// A listing that says what was searched for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Found {
    /// The listing.
    #[serde(flatten)]
    listing: Listing,
    /// Its title.
    title: String,
    /// What it says around what was searched for, in parts.
    said: Vec<Part>,
}

/// A part of a text.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SnippetPart")]
pub(crate) struct Part {
    /// The text; what could deceive a reader's eye is written out.
    text: String,
    /// True where it is what was searched for.
    mark: bool,
}

/// The longest that is searched for, in bytes.
const LONGEST: usize = 500;

pub(crate) fn search_described() -> Operation {
    Operation::giving::<Listed<Found>>(
        "The listings that say these words now, the latest found first; a page may be empty and have a next",
    )
    .asking::<Sought>()
}

pub(crate) async fn search(
    State(console): State<Console>,
    person: Person,
    Asked(sought): Asked<Sought>,
) -> Result<Json<Listed<Found>>, Error> {
    let limit = sought.limit.get()?;
    if sought.q.len() > LONGEST {
        return Err(Error::field(
            "q",
            "is too long",
            format!("{LONGEST} bytes are the most"),
        ));
    }
    let query = Query::read(&sought.q)
        .map_err(|unread| Error::field("q", unread.message, unread.remedy))?;
    let _turn = match query.has_beginnings() {
        true => Some(
            console
                .beginnings
                .acquire()
                .await
                .map_err(Error::internal)?,
        ),
        false => None,
    };
    let wanted = Wanted {
        query,
        source: sought.source,
        since: sought.since,
        until: sought.until,
        after: sought.after.map(|After(id)| id),
        limit,
    };
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    let (hits, next) = hits(&mut tx, &wanted, &names).await?;
    drop(tx);
    console.log_sought(&person, "search", &sought.q).await?;
    let items = hits.into_iter().map(|hit| Found {
        listing: hit.found.listing,
        title: hit.found.present.title,
        said: hit.parts.into_iter().map(Part::of).collect(),
    });
    Ok(Json(Listed {
        items: items.collect(),
        next: next.map(|id| id.to_string()),
    }))
}

impl Part {
    fn of(part: sightline_casework::snippet::Part) -> Self {
        Self {
            text: part.text,
            mark: part.is_mark,
        }
    }
}

/// A version in the list of them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListingStage")]
pub(crate) struct Stage {
    /// 1 for the first.
    version: i64,
    /// The capture that it was read from.
    capture: CaptureId,
    /// When it was first seen.
    seen_at: Timestamp,
    /// True where nobody changed the listing: something else read it, as another profile or another version of the extractors.
    reread: bool,
}

/// When a listing was gone, and seen again.
#[derive(Serialize, JsonSchema)]
struct Gone {
    /// When it was found to be gone.
    gone_at: Timestamp,
    /// When it was seen again.
    back_at: Timestamp,
}

/// A listing in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListingInFull")]
pub(crate) struct Full {
    /// The listing.
    #[serde(flatten)]
    listing: Listing,
    /// What it says now.
    present: ListingVersion,
    /// Its versions, the first first.
    versions: Vec<Stage>,
    /// When it was gone and came back, the first time first. Where it is gone now, `removed_at` says since when.
    away: Vec<Gone>,
    /// What was observed in it, present observations first.
    observations: Vec<Observation>,
    /// The images that it shows, in their order.
    images: Vec<ShownImage>,
    /// What was sighted in it; empty for a token that may not read alerts.
    sightings: Vec<sighting::Row>,
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Full>("One listing: what it says, and what was observed and sighted in it")
        .of::<ListingId>("id")
}

pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<ListingId>,
) -> Result<Json<Full>, Error> {
    let mut tx = console.read().await?;
    let found = listings::present(&mut tx, &[id]).await?.pop();
    let PresentListing { listing, present } = found.ok_or(Error::NotFound)?;
    let history = listings::history(&mut tx, id).await?;
    let away = listings::away(&mut tx, &[id]).await?;
    let mut observations = observations::of_listings(&mut tx, &[id]).await?;
    observations.sort_by_key(|one| (!one.current, one.start, one.id));
    let images = ShownImage::of(&mut tx, &[id], &person).await?;
    let sightings = match person.may(Permission::ReadAlerts) {
        true => {
            let found = sightings::of_listings(&mut tx, &[id]).await?;
            let names = Names::read(&mut tx).await?;
            sighting::rows(&mut tx, found, &names).await?
        }
        false => Vec::new(),
    };
    drop(tx);
    console
        .log_read(&person, "listing.read", id.to_string())
        .await?;
    let versions = history.into_iter().map(|one| Stage {
        version: one.version,
        capture: one.capture,
        seen_at: one.seen_at,
        reread: one.reread,
    });
    let away = away.into_iter().map(|one| Gone {
        gone_at: one.gone_at,
        back_at: one.back_at,
    });
    Ok(Json(Full {
        versions: versions.collect(),
        away: away.collect(),
        listing,
        present,
        observations,
        images,
        sightings,
    }))
}

pub(crate) fn version_described() -> Operation {
    Operation::giving::<ListingVersion>("What a listing said in one of its versions")
        .of::<ListingId>("id")
        .of::<i64>("version")
}

pub(crate) async fn version(
    State(console): State<Console>,
    person: Person,
    Named((id, version)): Named<(ListingId, i64)>,
) -> Result<Json<ListingVersion>, Error> {
    let mut tx = console.read().await?;
    let found = listings::version(&mut tx, id, version).await?;
    drop(tx);
    let found = found.ok_or(Error::NotFound)?;
    console
        .log_read(&person, "listing.read", id.to_string())
        .await?;
    Ok(Json(found))
}
