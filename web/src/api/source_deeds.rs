//! What programs do with sources: have one crawled, pause it, and say what is the site's own.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_casework::source;
use sightline_model::{Furniture, FurnitureState, Run, SourceId};
use sightline_store::furniture;

use super::{
    Listed, Named, Operation, Sent,
    sources::{Row, row},
};
use crate::{
    Console, Error,
    access::Person,
    crawled::{self, Overruling},
};

pub(crate) fn run_described() -> Operation {
    Operation::giving::<Run>("Have a source crawled now; a run that is under way goes on")
}

pub(crate) async fn run(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Json<Run>, Error> {
    Ok(Json(crawled::run_now(&console, &person, id).await?))
}

pub(crate) fn pause_described() -> Operation {
    Operation::giving::<Row>("Plan no further run of a source; what is under way goes on")
}

pub(crate) async fn pause(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Json<Row>, Error> {
    let mut tx = console.write().await?;
    source::pause(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(Row::of(&console, &row(&console, id).await?)))
}

pub(crate) fn resume_described() -> Operation {
    Operation::giving::<Row>("Plan runs of a source again")
}

pub(crate) async fn resume(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Json<Row>, Error> {
    let mut tx = console.write().await?;
    source::resume(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(Json(Row::of(&console, &row(&console, id).await?)))
}

/// What is said of a selector on a source.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FurnitureWord")]
pub(crate) struct Word {
    /// Its kind.
    kind: String,
    /// Its value, in any spelling.
    value: String,
    /// Whether it is the site's own.
    state: Overruled,
    /// Why; others read it.
    #[schemars(length(min = 1))]
    reason: String,
}

/// What a person may say of it.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum Overruled {
    /// It is the site's own: what shows it raises nothing.
    Declared,
    /// It is not.
    Released,
}

pub(crate) fn overrule_described() -> Operation {
    Operation::giving::<Listed<Furniture>>(
        "Say that a selector is, or is not, the site's own; gives the source's furniture as it is then",
    )
    .sent::<Word>()
}

pub(crate) async fn overrule(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Sent(word): Sent<Word>,
) -> Result<Json<Listed<Furniture>>, Error> {
    let said = Overruling {
        kind: &word.kind,
        value: &word.value,
        state: Some(match word.state {
            Overruled::Declared => FurnitureState::Declared,
            Overruled::Released => FurnitureState::Released,
        }),
        reason: &word.reason,
    };
    crawled::overrule(&console, &person, id, &said).await?;
    let mut tx = console.read().await?;
    Ok(Json(Listed::whole(
        furniture::list(&mut tx, Some(id)).await?,
    )))
}
