//! `/sources/…/edit`: the file of a source, judged as it is written, saved whole, and everything that it said before.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_model::SourceId;
use sightline_pipeline::{
    desk::{NotSaved, Wish},
    files::SourceFile,
};
use sightline_store::{
    source_texts::{self, Kept},
    sources,
};

use super::{
    compare::{self, Line},
    form::optional,
    query::Query,
};
use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page, on_to},
    api::Named,
    desk::{Verdict, at_hand, refused},
};

/// Versions that are shown.
const VERSIONS: u32 = 20;

/// A version to begin with, in place of what the file says.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default, deserialize_with = "optional")]
    version: Option<i64>,
}

/// What was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    #[serde(alias = "draft")]
    text: String,
    why: String,
    /// The digest of the file that it was typed over.
    was: String,
}

/// A version, and what it changed.
struct Version {
    kept: Kept,
    changed: Vec<Line>,
    is_now: bool,
}

#[derive(Template)]
#[template(path = "source_edit.html")]
struct Editor {
    frame: Frame,
    source: SourceId,
    name: String,
    file: String,
    typed: Typed,
    verdict: Verdict,
    /// What stands in the file by now, against what was typed: it was changed meanwhile.
    moved: Option<Vec<Line>>,
    versions: Vec<Version>,
    next: bool,
}

/// What a text comes to, alone: for a page that shows it as its reader types.
#[derive(Template)]
#[template(path = "source_checked.html")]
struct Checked {
    frame: Frame,
    verdict: Verdict,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let (name, file) = at_hand(&console, id).await?;
    let mut typed = Typed {
        text: file.text.clone(),
        was: file.digest().0,
        ..Typed::default()
    };
    if let Some(version) = asked.version {
        let mut tx = console.read().await?;
        let kept = source_texts::get(&mut tx, id, version).await?;
        let kept = kept.ok_or(Error::NotFound)?;
        typed.text = kept.text.text;
        typed.why = format!(
            "back to what it said on {}",
            kept.text.at.to_utc().format("%Y-%m-%d %H:%M UTC")
        );
    }
    let page = editor(&console, &person, id, (name, file), typed).await?;
    Ok(page.into_response())
}

/// Says what a text comes to, and saves nothing: in the page again, or, where a script of ours asks, alone.
pub(crate) async fn check(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (name, file) = at_hand(&console, id).await?;
    if headers.contains_key("hx-request") {
        let verdict = Verdict::of(&console, (&name, &file), &typed.text);
        let frame = Frame::new("Checked", "/sources", &person, console.now());
        return Ok(Page(Checked { frame, verdict }).into_response());
    }
    let page = editor(&console, &person, id, (name, file), typed).await?;
    Ok(page.into_response())
}

/// Saves it. Where it is wrong, or the file was changed meanwhile, the file stays as it is, and so does what was typed.
pub(crate) async fn save(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Error> {
    let wish = Wish {
        source: id,
        was: &typed.was,
        text: &typed.text,
        why: &typed.why,
        who: &person.name,
    };
    let (desk, instance) = (&console.parts.desk, &console.parts.instance);
    let (status, moved) = match desk.save(instance, &wish).await {
        Ok(_) => return Ok(on_to(&format!("/sources/{id}/edit#versions-title"))),
        Err(NotSaved::Wrong(_)) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Err(NotSaved::Changed(now)) => {
            typed.was = now.digest().0;
            let moved = compare::lines(&now.text, &typed.text.replace("\r\n", "\n"));
            (StatusCode::CONFLICT, Some(moved))
        }
        Err(NotSaved::Gone) => {
            let mut tx = console.read().await?;
            sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
            return Err(refused(NotSaved::Gone));
        }
        Err(error) => return Err(refused(error)),
    };
    let (name, file) = at_hand(&console, id).await?;
    let mut page = editor(&console, &person, id, (name, file), typed).await?;
    page.0.moved = moved;
    Ok((status, page).into_response())
}

async fn editor(
    console: &Console,
    person: &Person,
    id: SourceId,
    (name, file): (String, SourceFile),
    typed: Typed,
) -> Result<Page<Editor>, Error> {
    let mut tx = console.read().await?;
    let kept = source_texts::of_source(&mut tx, id, None, VERSIONS + 1).await?;
    drop(tx);
    let next = kept.len() > VERSIONS as usize;
    let older = kept.iter().skip(1).map(|older| older.text.text.as_str());
    let older: Vec<Option<&str>> = older.map(Some).chain([None]).collect();
    let versions = kept.iter().zip(older).take(VERSIONS as usize);
    // Of several that say the same, the latest is in the file.
    let now = kept.iter().find(|one| one.text.text == file.text);
    let now = now.map(|one| one.id);
    let versions = versions.map(|(kept, older)| Version {
        changed: older.map_or_else(Vec::new, |older| compare::lines(older, &kept.text.text)),
        is_now: Some(kept.id) == now,
        kept: kept.clone(),
    });
    Ok(Page(Editor {
        frame: Frame::new("Edit a source", "/sources", person, console.now()),
        source: id,
        versions: versions.collect(),
        next,
        verdict: Verdict::of(console, (&name, &file), &typed.text),
        name,
        file: file.file_name(),
        typed,
        moved: None,
    }))
}
