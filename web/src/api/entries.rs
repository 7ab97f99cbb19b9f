//! `/api/v1/entries`: one entry, its history, where it was seen, and the alerts that hold it.

use std::cmp::Reverse;

use axum::{Json, extract::State, response::Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::{Names, Refused, alert, quiet::Silenced, sighting};
use sightline_model::{
    Alert, AlertId, Entry, EntryChange, EntryId, EntryStanding, Sighting, SightingId, Timestamp,
};
use sightline_store::{
    alerts,
    entries::{self, changes},
    seen,
};
use sightline_watchlists::warnings::Effect;

use super::{
    After, Asked, At, Limit, Listed, Named, Operation,
    company::{Companion, OnSource},
    etag,
};
use crate::{Console, Error, access::Person, pages::entry::charted_from};

/// A warning list that names an entry.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamingWarningList")]
pub(crate) struct Naming {
    /// The list.
    list: String,
    /// True where its sightings raise no alert on that account.
    quiet: bool,
}

/// The warning lists that name what an entry looks for.
pub(super) fn naming(console: &Console, entry: &Entry) -> Vec<Naming> {
    let named = console.parts.warnings.naming(&entry.selector);
    named
        .map(|list| Naming {
            list: list.name.to_owned(),
            quiet: list.effect == Effect::Quiet && entry.despite_warning.is_none(),
        })
        .collect()
}

/// An entry in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EntryInFull")]
pub(crate) struct Full {
    /// The entry.
    #[serde(flatten)]
    entry: Entry,
    /// Where it stands now.
    standing: EntryStanding,
    /// What was done to it, the first first.
    changes: Vec<EntryChange>,
    /// The warning lists that name it.
    warnings: Vec<Naming>,
    /// Where it was seen, by its latest 500 sightings, the most listings first.
    sources: Vec<OnSource>,
    /// What stands in the same listings.
    company: Vec<Companion>,
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Full>("One entry, with its history, its sources and its company").tagged()
}

pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let stored = entries::get(&mut tx, &[id]).await?.pop();
    let entry = stored.ok_or(Refused::NoEntry(id))?;
    let changes = changes::of_entry(&mut tx, id).await?;
    let latest = seen::of_entry(&mut tx, id, super::company::LATEST).await?;
    let company = Companion::of(&mut tx, &latest.listings, &entry.selector).await?;
    drop(tx);
    console
        .log_read(&person, "entry.read", id.to_string())
        .await?;
    let full = Full {
        standing: entry.standing(console.now()),
        warnings: naming(&console, &entry),
        sources: latest.sources.into_iter().map(Into::into).collect(),
        entry,
        changes,
        company,
    };
    etag::shown(&full.entry, &full)
}

/// Where to go on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// `next` of the page before.
    after: Option<After<At<SightingId>>>,
    /// Sightings at most.
    limit: Limit,
}

pub(crate) fn sightings_described() -> Operation {
    Operation::giving::<Listed<sighting::Row>>("Where an entry was seen, the latest first")
        .asking::<Which>()
}

pub(crate) async fn sightings(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<sighting::Row>>, Error> {
    let limit = which.limit.get()?;
    let mut tx = console.read().await?;
    let stored = entries::get(&mut tx, &[id]).await?.pop();
    stored.ok_or(Refused::NoEntry(id))?;
    let after = which.after.map(|After(At(at, id))| (at, id));
    let found = seen::sightings(&mut tx, id, after, limit + 1).await?;
    let cursor = |last: &Sighting| At(last.at, last.id).to_string();
    let Listed { items, next } = Listed::page(found, limit, cursor);
    let names = Names::read(&mut tx).await?;
    let items = sighting::rows(&mut tx, items, &names).await?;
    drop(tx);
    console
        .log_read(&person, "entry.read", id.to_string())
        .await?;
    Ok(Json(Listed { items, next }))
}

/// Where to go on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Holding {
    /// `next` of the page before.
    after: Option<After<AlertId>>,
    /// Alerts at most.
    limit: Limit,
}

pub(crate) fn alerts_described() -> Operation {
    Operation::giving::<Listed<alert::Row>>(
        "The alerts that hold an entry and that nobody has closed, the latest first",
    )
    .asking::<Holding>()
}

pub(crate) async fn alerts(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
    Asked(which): Asked<Holding>,
) -> Result<Json<Listed<alert::Row>>, Error> {
    let limit = which.limit.get()?;
    let mut tx = console.read().await?;
    let stored = entries::get(&mut tx, &[id]).await?.pop();
    stored.ok_or(Refused::NoEntry(id))?;
    let mut found = alerts::unclosed_of(&mut tx, &[id]).await?;
    if let Some(After(last)) = which.after {
        found.retain(|alert| alert.id < last);
    }
    found.sort_by_key(|alert| Reverse(alert.id));
    let cursor = |last: &Alert| last.id.to_string();
    let quietness = Silenced::read(&mut tx, console.now()).await?;
    let found = Listed::page(found, limit, cursor);
    let told = super::alerts::told(&console, &person, tx, &quietness, found);
    Ok(Json(told.await?))
}

/// A day on which an entry was seen.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DayOfSightings")]
pub(crate) struct Day {
    /// When it begins (UTC).
    day: Timestamp,
    /// Sightings that were judged on it.
    sightings: i64,
}

pub(crate) fn days_described() -> Operation {
    Operation::giving::<Listed<Day>>(
        "Sightings of an entry by day, of the last 90 days, the first first; days without any are left out",
    )
}

pub(crate) async fn days(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<EntryId>,
) -> Result<Json<Listed<Day>>, Error> {
    let mut tx = console.read().await?;
    let stored = entries::get(&mut tx, &[id]).await?.pop();
    stored.ok_or(Refused::NoEntry(id))?;
    let days = seen::by_day(&mut tx, id, charted_from(console.now())).await?;
    drop(tx);
    console
        .log_read(&person, "entry.read", id.to_string())
        .await?;
    let days = days.into_iter();
    let days = days.map(|(day, sightings)| Day { day, sightings });
    Ok(Json(Listed::whole(days.collect())))
}
