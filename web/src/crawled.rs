//! Sources as this process knows them: compiled, planned, and crawled here or not.

use std::sync::Arc;

use sightline_model::{SourceId, Timestamp};
use sightline_pipeline::{
    instance::Watched,
    source::{Source, SourceSettings},
    upcoming::{Upcoming, upcoming},
};
use sightline_store::sources::{self, SourceState};

use crate::{Console, Error};

/// A source as it was registered last, by which it is planned: what this process crawls by, or else what the store has.
pub(crate) fn compiled(console: &Console, row: &sources::Source) -> Option<Source> {
    if let Some(watched) = console.parts.instance.watched(row.id) {
        return Some(watched.source.clone());
    }
    let definition = row.definition.definition.clone();
    let settings: SourceSettings = serde_json::from_value(definition).ok()?;
    Source::compile(&settings, &row.definition.name).ok()
}

/// When it is due next; nothing where it is not planned.
pub(crate) fn next(console: &Console, row: &sources::Source, now: Timestamp) -> Option<Upcoming> {
    if row.state == SourceState::Paused {
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
