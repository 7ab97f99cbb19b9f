//! `/api/v1/sightings`: what was seen of entries, and what people found it to be.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::words;
use sightline_model::{Sighting, SightingId, counted};
use sightline_store::{
    Filter, sightings,
    verdicts::{self, Said},
};

use super::{After, Asked, Limit, Listed, Named, Operation};
use crate::{Console, Error, access::Person};

/// Where to go on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// `next` of the page before.
    after: Option<After<SightingId>>,
    /// Sightings at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Sighting>>(
        "Sightings, the latest found first, without those that are a site's own",
    )
    .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    person: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Sighting>>, Error> {
    let limit = which.limit.get()?;
    let filter = Filter {
        after: which.after.map(|After(id)| id),
        limit: limit + 1,
        ..Filter::default()
    };
    let mut tx = console.read().await?;
    let found = sightings::list(&mut tx, &filter).await?;
    drop(tx);
    let page = Listed::page(found, limit, |last: &Sighting| last.id.to_string());
    let many = counted(page.items.len(), "sighting", "sightings");
    console.log_read(&person, "sightings.read", many).await?;
    Ok(Json(page))
}

/// A sighting in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SightingInFull")]
pub(crate) struct Full {
    /// The sighting.
    #[serde(flatten)]
    sighting: Sighting,
    /// Why it is news, in a sentence.
    why: String,
    /// What people found its entry to be in its listing, the last word last.
    verdicts: Vec<Said>,
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Full>("One sighting, and everything that people said of it")
}

pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SightingId>,
) -> Result<Json<Full>, Error> {
    let mut tx = console.read().await?;
    let stored = sightings::get(&mut tx, &[id]).await?.pop();
    let sighting = stored.ok_or(Error::NotFound)?;
    let pair = (sighting.entry, sighting.listing);
    let verdicts = verdicts::history(&mut tx, &[pair]).await?;
    drop(tx);
    console
        .log_read(&person, "sighting.read", id.to_string())
        .await?;
    Ok(Json(Full {
        why: words::why(&sighting),
        sighting,
        verdicts,
    }))
}
