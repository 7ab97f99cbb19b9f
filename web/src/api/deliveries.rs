//! `/api/v1/deliveries` and `/api/v1/channels`: what waits to be sent, what could not be, and how channels fare.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::channels::Verdict;
use sightline_casework::{
    channel::{self, Replayed, Row},
    outbox::Message,
};
use sightline_model::{Delivery, DeliveryId, DeliveryState};
use sightline_store::{deliveries, outbox};

use super::{After, Asked, Limit, Listed, Named, Operation};
use crate::{Console, Error, access::Person, pages};

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
    Operation::giving::<Listed<Message>>("Messages in one state, the latest first")
        .asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    _: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Message>>, Error> {
    let limit = which.limit.get()?;
    let state = which.state.unwrap_or(DeliveryState::Dead);
    let after = which.after.map(|After(id)| id);
    let mut tx = console.read().await?;
    let found = outbox::page(&mut tx, state, after, limit + 1).await?;
    let stopped = console.stopped(&mut tx).await?;
    let configured = console.channels();
    let found = found.into_iter();
    let found = found
        .map(|one| Message::of(one, &configured, &stopped))
        .collect();
    let cursor = |last: &Message| last.delivery.id.to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Message>("One message, and what became of it")
}

pub(crate) async fn show(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<DeliveryId>,
) -> Result<Json<Message>, Error> {
    let mut tx = console.read().await?;
    let found = deliveries::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let stopped = console.stopped(&mut tx).await?;
    Ok(Json(Message::of(found, &console.channels(), &stopped)))
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

pub(crate) fn replay_described() -> Operation {
    Operation::giving::<Delivery>(
        "Put a message that was given up back into the outbox, to be sent now",
    )
}

pub(crate) async fn replay(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<DeliveryId>,
) -> Result<Json<Delivery>, Error> {
    let mut tx = console.write().await?;
    channel::replay(&mut tx, id, &console.by(&person)).await?;
    let found = deliveries::get(&mut tx, id).await?;
    let found = found.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(Json(found))
}

pub(crate) fn replay_all_described() -> Operation {
    Operation::giving::<Listed<Replayed>>(
        "Put every message that was given up back into the outbox, to be sent now; and how many, by channel",
    )
}

pub(crate) async fn replay_all(
    State(console): State<Console>,
    person: Person,
) -> Result<Json<Listed<Replayed>>, Error> {
    put_back(&console, &person, None).await
}

pub(crate) fn replay_channel_described() -> Operation {
    Operation::giving::<Listed<Replayed>>(
        "Put every message that this channel gave up back into the outbox, to be sent now; and how many",
    )
    .of::<String>("name")
}

pub(crate) async fn replay_channel(
    State(console): State<Console>,
    person: Person,
    Named(name): Named<String>,
) -> Result<Json<Listed<Replayed>>, Error> {
    put_back(&console, &person, Some(&name)).await
}

async fn put_back(
    console: &Console,
    person: &Person,
    only: Option<&str>,
) -> Result<Json<Listed<Replayed>>, Error> {
    let mut tx = console.write().await?;
    let by = console.by(person);
    let replayed = channel::replay_all(&mut tx, only, &console.channels(), &by).await?;
    tx.commit().await?;
    Ok(Json(Listed::whole(replayed)))
}

/// What came of a test message.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Tried {
    /// The channel.
    channel: String,
    /// True where the receiver took it.
    taken: bool,
    /// What was answered.
    said: String,
}

pub(crate) fn test_described() -> Operation {
    Operation::giving::<Tried>("Send a message that says it is a test").of::<String>("name")
}

pub(crate) async fn test(
    State(console): State<Console>,
    person: Person,
    Named(name): Named<String>,
) -> Result<Json<Tried>, Error> {
    let verdict = pages::deliveries::tried(&console, &person, &name).await?;
    Ok(Json(Tried {
        channel: name,
        taken: matches!(verdict, Verdict::Delivered { .. }),
        said: verdict.said().to_owned(),
    }))
}

pub(crate) fn enable_described() -> Operation {
    Operation::giving::<Row>("Use a channel again that was switched off").of::<String>("name")
}

pub(crate) async fn enable(
    State(console): State<Console>,
    person: Person,
    Named(name): Named<String>,
) -> Result<Json<Row>, Error> {
    let parts = &console.parts;
    let mut tx = console.write().await?;
    let rows = channel::list(&mut tx, &parts.channels, &parts.unusable).await?;
    if !rows.iter().any(|row| row.channel == name) {
        return Err(Error::NotFound);
    }
    channel::enable(&mut tx, &name, &console.by(&person)).await?;
    let rows = channel::list(&mut tx, &parts.channels, &parts.unusable).await?;
    tx.commit().await?;
    let row = rows.into_iter().find(|row| row.channel == name);
    row.map(Json).ok_or(Error::NotFound)
}
