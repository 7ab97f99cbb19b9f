//! `/api/v1/sources` and `/api/v1/runs`: how sources fare, what is planned of them, and how each visit ended.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::{
    outcome::explain,
    source::{self, Faring, rows},
};
use sightline_model::{Furniture, Outcome, Run, RunId, RunState, SourceId, Timestamp, Visit};
use sightline_store::{
    Filter, furniture, paces, runs,
    sources::{self, SourceState},
};

use super::{After, Asked, Limit, Listed, Named, Operation};
use crate::{
    Console, Error,
    access::Person,
    crawled::{compiled, next},
    desk::{Plan, Planned, planned},
    pages::run::ends_of,
    politeness::{self, Manners},
};

/// A source, and how it fares.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Source")]
pub(crate) struct Row {
    /// Its identifier.
    id: SourceId,
    /// What people call it.
    name: String,
    /// By whose rules its national numbers are read.
    region: Option<String>,
    /// Whether runs are planned for it.
    state: SourceState,
    /// How it fares.
    faring: Faring,
    /// What to do about that; empty where nothing is to be done.
    remedy: &'static str,
    /// Until when the run that is under way is held up by its site, at the least; null where it is not.
    held_until: Option<Timestamp>,
    /// When it is due next; null where it is not planned.
    next_at: Option<Timestamp>,
    /// The run that is under way, or waits.
    under_way: Option<Run>,
    /// The last run that ended and was not skipped.
    last: Option<Run>,
    /// Of a hundred pages of that run, how many had not changed.
    unchanged_percent: Option<i64>,
    /// Listings that were new or changed, run by run, the earliest first.
    yields: Vec<i64>,
    /// True where this process crawls it.
    crawled_here: bool,
    /// Why it does not, where that is known.
    hindrance: Option<String>,
    /// When it was first registered.
    created_at: Timestamp,
}

impl Row {
    pub(super) fn of(console: &Console, row: &source::Row) -> Self {
        let (instance, stored) = (&console.parts.instance, &row.source);
        Self {
            id: stored.id,
            name: stored.definition.name.clone(),
            region: stored.definition.region.clone(),
            state: stored.state,
            faring: row.faring,
            remedy: row.faring.remedy(),
            held_until: row.held,
            next_at: next(console, stored, console.now()).map(|next| next.at),
            under_way: row.under_way().cloned(),
            last: row.last().cloned(),
            unchanged_percent: row.unchanged(),
            yields: row.yields(),
            crawled_here: instance.watched(stored.id).is_some(),
            hindrance: instance.hindrance(stored),
            created_at: stored.created_at,
        }
    }
}

/// Which sources.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// `next` of the page before.
    after: Option<After<String>>,
    /// Sources at most.
    limit: Limit,
}

pub(crate) fn list_described() -> Operation {
    Operation::giving::<Listed<Row>>("The sources by name, and how each fares").asking::<Which>()
}

pub(crate) async fn list(
    State(console): State<Console>,
    _: Person,
    Asked(which): Asked<Which>,
) -> Result<Json<Listed<Row>>, Error> {
    let limit = which.limit.get()?;
    let mut tx = console.read().await?;
    let after = which.after.as_ref().map(|After(name)| name.as_str());
    let found = sources::page(&mut tx, after, limit + 1).await?;
    let cursor = |last: &sources::Source| last.definition.name.clone();
    let Listed { items, next } = Listed::page(found, limit, cursor);
    let rows = rows(&mut tx, items, console.now()).await?;
    Ok(Json(Listed {
        items: rows.iter().map(|row| Row::of(&console, row)).collect(),
        next,
    }))
}

/// A source that is not crawled, for its file is wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BrokenSource")]
pub(crate) struct Broken {
    /// Its name, as far as it can be told.
    name: String,
    /// What is wrong, in a sentence.
    why: String,
}

pub(crate) fn broken_described() -> Operation {
    Operation::giving::<Listed<Broken>>(
        "The sources that are not crawled, for their files are wrong; of one that never was, nothing else is known",
    )
}

pub(crate) async fn broken(State(console): State<Console>, _: Person) -> Json<Listed<Broken>> {
    let found = console.parts.instance.broken().into_iter();
    let found = found.map(|one| Broken {
        name: one.name,
        why: one.why,
    });
    Json(Listed::whole(found.collect()))
}

/// A source in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceInFull")]
pub(crate) struct Full {
    /// The source.
    #[serde(flatten)]
    row: Row,
    /// What its file says.
    definition: serde_json::Value,
    /// Its next instants, where it has a schedule.
    plan: Vec<Planned>,
    /// Where the clock of its zone touches none of these: the first later one that it skips or shows twice, within 13 months,
    /// and what comes of it.
    ahead: Option<String>,
}

pub(super) async fn row(console: &Console, id: SourceId) -> Result<source::Row, Error> {
    let mut tx = console.read().await?;
    let found = sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let row = rows(&mut tx, vec![found], console.now()).await?.pop();
    row.ok_or(Error::NotFound)
}

pub(crate) fn show_described() -> Operation {
    Operation::giving::<Full>("One source, its definition, and its next ten instants")
}

pub(crate) async fn show(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<SourceId>,
) -> Result<Json<Full>, Error> {
    let row = row(&console, id).await?;
    let source = compiled(&console, &row.source);
    let plan = source.map(|source| planned(&console, &source));
    let Plan { next, ahead } = plan.unwrap_or_default();
    Ok(Json(Full {
        row: Row::of(&console, &row),
        plan: next,
        ahead,
        definition: row.source.definition.definition,
    }))
}

pub(crate) fn politeness_described() -> Operation {
    Operation::giving::<Listed<Manners>>(
        "How the hosts of a source are asked, against what they may be asked",
    )
}

pub(crate) async fn politeness(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<SourceId>,
) -> Result<Json<Listed<Manners>>, Error> {
    let row = row(&console, id).await?;
    let source = compiled(&console, &row.source);
    let mut tx = console.read().await?;
    let manners = politeness::of(&mut tx, &row, source.as_ref(), console.now()).await?;
    Ok(Json(Listed::whole(manners)))
}

pub(crate) fn furniture_described() -> Operation {
    Operation::giving::<Listed<Furniture>>(
        "What a source shows because it is the site's own, or may be",
    )
}

pub(crate) async fn furniture(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<SourceId>,
) -> Result<Json<Listed<Furniture>>, Error> {
    let mut tx = console.read().await?;
    sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(Listed::whole(
        furniture::list(&mut tx, Some(id)).await?,
    )))
}

/// Which runs.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Runs {
    /// Of this source.
    source: Option<SourceId>,
    /// In this state.
    state: Option<RunState>,
    /// Planned at or after this instant.
    since: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<After<RunId>>,
    /// Runs at most.
    limit: Limit,
}

pub(crate) fn runs_described() -> Operation {
    Operation::giving::<Listed<Run>>("Runs, the latest first").asking::<Runs>()
}

pub(crate) async fn runs(
    State(console): State<Console>,
    _: Person,
    Asked(which): Asked<Runs>,
) -> Result<Json<Listed<Run>>, Error> {
    let limit = which.limit.get()?;
    let filter = Filter {
        since: which.since,
        source: which.source,
        watchlist: None,
        state: which.state.map(RunState::as_str),
        after: which.after.map(|After(id)| id),
        limit: limit + 1,
    };
    let mut tx = console.read().await?;
    let found = runs::list(&mut tx, &filter).await?;
    let cursor = |last: &Run| last.id.to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}

/// A run in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RunInFull")]
pub(crate) struct RunInFull {
    /// The run.
    #[serde(flatten)]
    run: Run,
    /// How its visits ended so far, the most frequent first.
    ends: Vec<End>,
}

/// How often visits of a run ended so.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VisitsThatEnded")]
struct End {
    /// How.
    outcome: Outcome,
    /// How often.
    visits: i64,
    /// What to do about that; empty where nothing is to be done.
    remedy: &'static str,
}

pub(crate) fn run_described() -> Operation {
    Operation::giving::<RunInFull>("One run, what it has done so far, and how its visits ended")
}

pub(crate) async fn run(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<RunId>,
) -> Result<Json<RunInFull>, Error> {
    let mut tx = console.read().await?;
    let found = runs::get(&mut tx, &[id]).await?.pop();
    let run = found.ok_or(Error::NotFound)?;
    let ends = ends_of(&mut tx, id).await?.into_iter();
    let ends = ends.map(|(outcome, visits)| End {
        outcome,
        visits,
        remedy: explain(outcome).1,
    });
    Ok(Json(RunInFull {
        run,
        ends: ends.collect(),
    }))
}

/// Which visits.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Visits {
    /// That ended so.
    outcome: Option<Outcome>,
    /// `next` of the page before.
    after: Option<After<String>>,
    /// Visits at most.
    limit: Limit,
}

pub(crate) fn visits_described() -> Operation {
    Operation::giving::<Listed<Visit>>("The visits of a run, in the order of their URLs")
        .asking::<Visits>()
}

pub(crate) async fn visits(
    State(console): State<Console>,
    _: Person,
    Named(id): Named<RunId>,
    Asked(which): Asked<Visits>,
) -> Result<Json<Listed<Visit>>, Error> {
    let limit = which.limit.get()?;
    let mut tx = console.read().await?;
    let run = runs::get(&mut tx, &[id]).await?.pop();
    run.ok_or(Error::NotFound)?;
    let after = which.after.as_ref().map(|After(url)| url.as_str());
    let found = paces::visits_of(&mut tx, id, which.outcome, after, limit + 1).await?;
    let cursor = |last: &Visit| last.url.to_string();
    Ok(Json(Listed::page(found, limit, cursor)))
}
