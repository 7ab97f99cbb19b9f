//! `/listings/…`: one listing: what it says, what it said before and what changed, and what was observed in it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_alerts::words;
use sightline_casework::{Names, field::in_words, inert};
use sightline_model::{
    EntryId, Listing, ListingId, ListingVersion, Observation, Selector, Sighting, Timestamp,
};
use sightline_store::{
    entries,
    listings::{self, Away},
    observations, sightings,
};
use sightline_watchlists::explain;

use super::{
    compare::{self, Change, Piece},
    evidence::{Here, Pictures},
    form::optional,
    query::Query,
};
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Frame, Page},
    api::Named,
    picture::MOST_PIXELS,
    picture::View,
};

/// The most of a text that is shown, in bytes.
const LONGEST: usize = 200_000;

/// Which version, and whether with what changed in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    #[serde(deserialize_with = "optional")]
    version: Option<i64>,
    changes: Option<String>,
}

/// A stretch of the text: plain, or one that was observed as something.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Stretch {
    text: String,
    /// Where it leads, and what it was read as.
    observed: Option<(String, String)>,
}

/// A version in the list of them.
struct Stage {
    number: i64,
    seen_at: Timestamp,
    reread: bool,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "listing.html")]
struct Shown {
    frame: Frame,
    listing: Listing,
    /// When it was gone and came back.
    away: Vec<Away>,
    version: ListingVersion,
    stages: Vec<Stage>,
    stretches: Vec<Stretch>,
    is_cut: bool,
    /// What changed in this version, where somebody asks and there is one before it.
    changes: Option<Vec<Piece>>,
    fields: BTreeMap<String, String>,
    observations: Vec<Observation>,
    sightings: Vec<(Sighting, Option<Selector>)>,
    pictures: Pictures,
    source: String,
}

impl Shown {
    fn how(&self, observation: &Observation) -> String {
        explain::steps(&observation.steps)
    }

    fn why(&self, sighting: &Sighting) -> String {
        words::why(sighting)
    }

    fn has_earlier(&self) -> bool {
        self.stages
            .iter()
            .any(|stage| stage.number < self.version.version)
    }

    fn may_see_entries(&self) -> bool {
        self.frame.may(Permission::ReadWatchlists)
    }
}

/// Shows it, and keeps that it was shown.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<ListingId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    page(&console, &person, id, asked, View::Veiled).await
}

/// Shows it with its images, for this once: an address that is passed on shows them veiled.
pub(crate) async fn unveil(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<ListingId>,
) -> Result<Response, Error> {
    page(&console, &person, id, Asked::default(), View::Clear).await
}

async fn page(
    console: &Console,
    person: &Person,
    id: ListingId,
    asked: Asked,
    view: View,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let found = listings::get(&mut tx, &[id]).await?.pop();
    let listing = found.ok_or(Error::NotFound)?;
    let history = listings::history(&mut tx, id).await?;
    let wanted = asked.version.unwrap_or(listing.version);
    let at = history.iter().position(|one| one.version == wanted);
    let at = at.ok_or(Error::NotFound)?;
    let away = listings::away(&mut tx, &[id]).await?;
    let mut observations = observations::of_listings(&mut tx, &[id]).await?;
    observations.sort_by_key(|one| (!one.current, one.start, one.id));
    let names = Names::read(&mut tx).await?;
    let seen = sightings::of_listings(&mut tx, &[id]).await?;
    let ids: Vec<EntryId> = seen.iter().map(|one| one.entry).collect();
    let stored = entries::get(&mut tx, &ids).await?;
    let seen = seen.into_iter().map(|one| {
        let entry = stored.iter().find(|entry| entry.id == one.entry);
        let selector = entry.map(|entry| entry.selector.clone());
        (one, selector)
    });
    let sightings = seen.collect();
    let here = Here {
        path: format!("/listings/{id}"),
        asked: String::new(),
    };
    let pictures = Pictures::of(&mut tx, &[id], here, view).await?;
    drop(tx);
    console
        .log_read(person, "listing.read", id.to_string())
        .await?;
    let stages = history.iter().map(|one| Stage {
        number: one.version,
        seen_at: one.seen_at,
        reread: one.reread,
        is_here: one.version == wanted,
    });
    let stages = stages.collect();
    let before = at.checked_sub(1).and_then(|before| history.get(before));
    let changes = match (asked.changes, before) {
        (Some(_), Some(before)) => Some(compare::words(&before.text, &history[at].text)),
        _ => None,
    };
    let version = history[at].clone();
    let frame = Frame::new("Listing", "/search", person, console.now());
    let shown = cut(&version.text);
    Ok(Page(Shown {
        stretches: stretches(shown, version.version, &observations, &frame),
        is_cut: shown.len() < version.text.len(),
        fields: version.fields.iter().map(field).collect(),
        source: names.source(listing.source),
        frame,
        listing,
        away,
        version,
        stages,
        changes,
        observations,
        sightings,
        pictures,
    })
    .into_response())
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn field((name, value): (&String, &serde_json::Value)) -> (String, String) {
    (name.clone(), in_words(value))
}

/// The text of a version in stretches. Of observations that lie over each other the first is marked; one that does not
/// stand where it says is not.
fn stretches(
    text: &str,
    version: i64,
    observations: &[Observation],
    frame: &Frame,
) -> Vec<Stretch> {
    let plain = |text: &str| Stretch {
        text: inert::part(text),
        observed: None,
    };
    let mut marks: Vec<(usize, usize, &Observation)> = observations
        .iter()
        .filter(|one| one.version == version)
        .filter_map(|one| {
            let start = usize::try_from(one.start).ok()?;
            let end = usize::try_from(one.end).ok()?;
            (start < end && text.get(start..end).is_some()).then_some((start, end, one))
        })
        .collect();
    marks.sort_by_key(|(start, end, one)| (*start, *end, one.id));
    let mut stretches = Vec::new();
    let mut at = 0;
    for (start, end, one) in marks {
        if start < at {
            continue;
        }
        if at < start {
            stretches.push(plain(&text[at..start]));
        }
        stretches.push(Stretch {
            text: inert::part(&text[start..end]),
            observed: Some((
                frame.selector(&one.selector),
                frame.text(one.selector.to_string()),
            )),
        });
        at = end;
    }
    if at < text.len() {
        stretches.push(plain(&text[at..]));
    }
    stretches
}
