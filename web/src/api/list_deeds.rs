//! What programs do with watchlists: make one, and change what its entries get by default and whom it tells of what.

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_alerts::rules::Rules;
use sightline_casework::watchlist::{self, Written};
use sightline_model::WatchlistId;
use sightline_watchlists::EntryDefaults;

use super::{
    Named, Operation, Sent,
    account_deeds::{DONE, Done},
    etag,
    watchlists::Row,
};
use crate::{Console, Error, access::Person};

/// What is said of a watchlist: the whole of it; what is left out is as it is where nobody says anything.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewList {
    /// What people call it.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What an entry gets where its own row says nothing.
    #[serde(default)]
    defaults: EntryDefaults,
    /// Whom it tells, of what, and when.
    #[serde(default)]
    rules: Rules,
}

impl From<NewList> for Written {
    fn from(new: NewList) -> Self {
        Self {
            name: new.name,
            defaults: new.defaults,
            rules: new.rules,
        }
    }
}

fn channels(console: &Console) -> Vec<&str> {
    console.channels().into_iter().collect()
}

pub(crate) fn create_described() -> Operation {
    Operation::giving::<Row>("Make a watchlist")
        .sent::<NewList>()
        .tagged()
}

pub(crate) async fn create(
    State(console): State<Console>,
    person: Person,
    Sent(new): Sent<NewList>,
) -> Result<Response, Error> {
    let (by, mint) = (console.by(&person), &console.parts.mint);
    let mut tx = console.write().await?;
    let made = watchlist::create(&mut tx, &new.into(), &channels(&console), &by, mint).await?;
    let tag = etag::of(&made)?;
    let row = Row::of(&mut tx, made, console.now()).await?;
    tx.commit().await?;
    Ok(etag::tagged(tag, Json(row)))
}

pub(crate) fn edit_described() -> Operation {
    Operation::giving::<Row>("Have a watchlist say something else from now on")
        .sent::<NewList>()
        .under_condition()
}

pub(crate) async fn edit(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    headers: HeaderMap,
    Sent(new): Sent<NewList>,
) -> Result<Response, Error> {
    let by = console.by(&person);
    let mut tx = console.write().await?;
    let before = watchlist::to_change(&mut tx, id).await?;
    etag::check(&headers, &before)?;
    let (channels, mint) = (channels(&console), &console.parts.mint);
    let (after, _) = watchlist::set(&mut tx, id, &new.into(), &channels, &by, mint).await?;
    let tag = etag::of(&after)?;
    let row = Row::of(&mut tx, after, console.now()).await?;
    tx.commit().await?;
    Ok(etag::tagged(tag, Json(row)))
}

pub(crate) fn delete_described() -> Operation {
    Operation::giving::<Done>(
        "Take a watchlist away that was made by mistake; one on which anything ever stood is kept (409)",
    )
}

pub(crate) async fn delete(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
) -> Result<Json<Done>, Error> {
    let mut tx = console.write().await?;
    watchlist::delete(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(DONE)
}
