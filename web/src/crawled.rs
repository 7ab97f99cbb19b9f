//! Sources as this process knows them: compiled, planned, and crawled here or not; and what people have done with them.

use std::sync::Arc;

use sightline_casework::{
    Refused,
    source::{self, own_selectors},
};
use sightline_model::{FurnitureState, Problem, Run, SourceId, Timestamp};
use sightline_pipeline::{
    furniture::{Word, declare, release},
    instance::Watched,
    plan::plan_now,
    source::{Source, SourceSettings},
    upcoming::{Upcoming, upcoming},
};
use sightline_store::sources::{self, SourceState};

use crate::{Console, Error, access::Person};

/// A source as it was registered last, by which it is planned: what this process crawls by, or else what the store has.
pub(crate) fn compiled(console: &Console, row: &sources::Source) -> Option<Source> {
    if let Some(watched) = console.parts.instance.watched(row.id) {
        return Some(watched.source.clone());
    }
    let definition = row.definition.definition.clone();
    let settings: SourceSettings = serde_json::from_value(definition).ok()?;
    Source::compile(&settings, &row.definition.name).ok()
}

/// When it is due next; nothing where it is not planned, or can't be crawled as things are.
pub(crate) fn next(console: &Console, row: &sources::Source, now: Timestamp) -> Option<Upcoming> {
    if row.state == SourceState::Paused || console.parts.instance.hindrance(row).is_some() {
        return None;
    }
    let source = compiled(console, row).filter(Source::is_enabled)?;
    upcoming(&source, now, 1).pop()
}

/// The source as this process crawls it.
pub(crate) async fn here(console: &Console, id: SourceId) -> Result<Arc<Watched>, Error> {
    if let Some(watched) = console.parts.instance.watched(id) {
        return Ok(watched);
    }
    let mut tx = console.read().await?;
    sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    Err(Error::Conflict(
        "This process does not crawl the source: its file is gone or wrong, or nobody answers for the crawl. \
         `sightline check` says more; then start the service anew."
            .to_owned(),
    ))
}

/// Has a source crawled now, if it is crawled here: a run that is under way goes on.
pub(crate) async fn run_now(
    console: &Console,
    person: &Person,
    id: SourceId,
) -> Result<Run, Error> {
    let watched = here(console, id).await?;
    let who = console.by(person).who;
    Ok(plan_now(&console.parts.instance, &watched, &who).await?)
}

/// What somebody says of a selector on a source.
pub(crate) struct Overruling<'a> {
    /// Its kind, in a word.
    pub kind: &'a str,
    /// Its value, in any spelling.
    pub value: &'a str,
    /// Declared or released.
    pub state: Option<FurnitureState>,
    /// Why.
    pub reason: &'a str,
}

/// Says that a selector is, or is not, the site's own.
pub(crate) async fn overrule(
    console: &Console,
    person: &Person,
    id: SourceId,
    said: &Overruling<'_>,
) -> Result<(), Error> {
    let mut tx = console.read().await?;
    let known = sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let mut problems: Vec<Problem> = Vec::new();
    let mut keep = |refused: Refused| {
        if let Refused::Wrong(problem) = refused {
            problems.push(problem);
        }
    };
    let selectors = own_selectors(&mut tx, &known, said.kind, said.value).await;
    drop(tx);
    let selectors = selectors.map_err(&mut keep);
    let why = source::reason(said.reason).map_err(&mut keep);
    let (Ok(selectors), Ok(why)) = (selectors, why) else {
        return Err(Error::Wrong(problems));
    };
    let word = Word {
        source: id,
        selectors,
        who: person.name.clone(),
        why,
    };
    let instance = &console.parts.instance;
    match said.state {
        Some(FurnitureState::Declared) => declare(instance, &word).await?,
        Some(FurnitureState::Released) => release(instance, &word).await?,
        _ => {
            return Err(Error::field(
                "state",
                "is missing",
                "say whether it is the site's own",
            ));
        }
    };
    Ok(())
}
