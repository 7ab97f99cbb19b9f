//! `/api/v1/deliveries` and `/api/v1/channels`: what waits to be sent, what could not be, and how channels fare.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_casework::channel::{self, Row};
use sightline_model::{Delivery, DeliveryId, DeliveryState};
use sightline_store::{deliveries, outbox};

use super::{After, Asked, Limit, Listed, Named, Operation};
use crate::{Console, Error, access::Person};

/// Which messages.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// In this state; those that were given up where nothing is said.
    state: Option<DeliveryState>,
    /// `next` of the page before.
    after: Option<After<DeliveryId>>,
    /// Messages at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Delivery>>("Messages in one state, the latest first")
        .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    _: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Delivery>>, Error> {
    let limit = which.limit.get()?;
    let state = which.state.unwrap_or(DeliveryState::Dead);
    let after = which.after.map(|After(id)| id);
    let mut tx = console.read().await?;
    let found = outbox::page(&mut tx, state, after, limit + 1).await?;
    let cursor = |last: &Delivery| last.id.to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Delivery>("One message, and what became of it")
}

pub(crate) async fn show(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<DeliveryId>,
) -> Result<Json<Delivery>, Error> {
    let mut tx = console.read().await?;
    let found = deliveries::get(&mut tx, id).await?;
    found.map(Json).ok_or(Error::NotFound)
}

pub(crate) fn channels_described() -> Operation {
    Operation::giving::<Listed<Row>>("The channels by name, and how each fares")
}

pub(crate) async fn channels(
    State(console): State<Console>,
    _: Person,
) -> Result<Json<Listed<Row>>, Error> {
    let parts = &console.parts;
    let mut tx = console.read().await?;
    let rows = channel::list(&mut tx, &parts.channels, &parts.unusable).await?;
    Ok(Json(Listed::whole(rows)))
}
