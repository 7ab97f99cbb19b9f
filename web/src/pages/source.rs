//! `/sources/…`: one source, what is planned of it, how its runs went, how it is asked, and what is its own.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::source::{self, Row, rows};
use sightline_model::{Furniture, FurnitureState, Kind, Run, SourceId, Timestamp};
use sightline_pipeline::{
    source::Source,
    upcoming::{Outlook, outlook},
};
use sightline_store::{
    furniture,
    runs::{self, Begun},
    sources::{self, SourceState},
};

use super::{
    form::{filter, optional},
    query::Query,
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page, on_to},
    api::{At, Listed, Named},
    crawled::{self, Overruling, compiled},
    politeness::{self, Manners},
    spark::Spark,
};

/// Instants of the plan that are shown.
const PLANNED: usize = 10;
/// Runs of one page.
const PAGE: u32 = 25;

/// Where the runs go on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// When the last run of the page before began, and was planned.
    #[serde(default, deserialize_with = "filter")]
    before: Option<At<i64>>,
}

#[derive(Template)]
#[template(path = "source.html")]
struct Shown {
    frame: Frame,
    row: Row,
    /// As it is planned and crawled; nothing where what the store has does not read any more.
    source: Option<Source>,
    /// True where this process crawls it.
    is_here: bool,
    /// True where its file lies on this machine.
    has_file: bool,
    hindrance: Option<String>,
    plan: Outlook,
    runs: Vec<Run>,
    next: Option<String>,
    manners: Vec<Manners>,
    furniture: Vec<Furniture>,
    faults: Faults,
    said: Said,
}

impl Shown {
    fn may_edit(&self) -> bool {
        self.frame.may(Permission::EditSources)
    }

    fn is_paused(&self) -> bool {
        self.row.source.state == SourceState::Paused
    }

    /// True where it can be crawled and planned as its file stands.
    fn is_sound(&self) -> bool {
        self.hindrance.is_none()
    }

    /// True of what somebody said that a selector is.
    fn is_said(&self, word: &str) -> bool {
        self.said.state.is_some_and(|state| state.as_str() == word)
    }

    fn zone(&self) -> &str {
        let source = self.source.as_ref();
        source.map_or("", |source| &source.settings.schedule.zone)
    }

    fn spark(&self) -> Spark {
        Spark(self.row.yields())
    }

    /// The kinds of what may be a site's own.
    fn kinds(&self) -> Vec<Kind> {
        let kinds = Kind::ALL.iter().copied();
        kinds
            .filter(|kind| !matches!(kind, Kind::Phrase | Kind::Pattern))
            .collect()
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let before = asked
        .before
        .map(|At(began, planned)| (began, Timestamp(planned)));
    page(
        &console,
        &person,
        id,
        before,
        Faults::default(),
        Said::default(),
    )
    .await
}

async fn page(
    console: &Console,
    person: &Person,
    id: SourceId,
    before: Option<Begun>,
    faults: Faults,
    said: Said,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let found = sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let row = rows(&mut tx, vec![found], console.now()).await?.pop();
    let row = row.ok_or(Error::NotFound)?;
    let runs = runs::of_source(&mut tx, id, before, PAGE + 1).await?;
    let Listed { items: runs, next } = Listed::page(runs, PAGE, |last| {
        let last = At(last.begun(), last.planned_at.0);
        format!("/sources/{id}?before={last}")
    });
    let source = compiled(console, &row.source);
    let manners = politeness::of(&mut tx, &row, source.as_ref(), now).await?;
    let furniture = furniture::list(&mut tx, Some(id)).await?;
    drop(tx);
    let plan = source.as_ref().map(|source| outlook(source, now, PLANNED));
    Ok(Page(Shown {
        frame: Frame::new(&row.source.definition.name, "/sources", person, now),
        is_here: console.parts.instance.watched(id).is_some(),
        has_file: console.parts.desk.file(&row.source.definition.name).is_ok(),
        hindrance: console.parts.instance.hindrance(&row.source),
        row,
        source,
        plan: plan.unwrap_or_default(),
        runs,
        next,
        manners,
        furniture,
        faults,
        said,
    })
    .into_response())
}

/// Has it crawled now, if it is crawled here: a run that is under way goes on.
pub(crate) async fn run(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    let run = crawled::run_now(&console, &person, id).await?;
    Ok(on_to(&format!("/runs/{}", run.id)))
}

/// Plans no further run of it.
pub(crate) async fn pause(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    source::pause(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to(&format!("/sources/{id}")))
}

/// Plans it again.
pub(crate) async fn resume(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    source::resume(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to(&format!("/sources/{id}")))
}

/// What somebody says of a selector on the source.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    kind: String,
    value: String,
    /// `declared` or `released`.
    #[serde(deserialize_with = "optional")]
    state: Option<FurnitureState>,
    reason: String,
}

/// Says that a selector is, or is not, the site's own.
pub(crate) async fn overrule(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let word = Overruling {
        kind: &said.kind,
        value: &said.value,
        state: said.state,
        reason: &said.reason,
    };
    match crawled::overrule(&console, &person, id, &word).await {
        Err(Error::Wrong(problems)) => {
            let page = page(&console, &person, id, None, Faults(problems), said).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error),
        Ok(()) => Ok(on_to(&format!("/sources/{id}#furniture"))),
    }
}
