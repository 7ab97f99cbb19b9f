//! `/sources/…/test`: the test bench. A page of the source, fetched as a crawl would or pasted, and what is found on it.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::outcome::explain;
use sightline_config::Place;
use sightline_extractors::Profile;
use sightline_model::{PageLink, Problem, SourceId, VisitKind};
use sightline_pipeline::{
    bench::{Came, Failed, Found, fetch, find},
    instance::Watched,
};
use url::Url;

use super::source_edit::refused;
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page},
    api::Named,
    crawled::here,
};

/// The most that a pasted page may have, as a form sends it.
pub(crate) const LARGEST: usize = 8 * 1024 * 1024;
/// Links that are shown of each kind, and listings.
const FEW: usize = 100;

/// What was asked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    url: String,
    /// `list` or `detail`.
    kind: String,
    /// A page that was pasted; empty where it is to be fetched.
    page: String,
    /// Other settings to read it with than those of the source's file; empty for these.
    #[serde(alias = "text")]
    draft: String,
    /// The digest of the file that those were written over.
    was: String,
}

/// What came of it.
enum Tried {
    Nothing,
    Failed(Failed),
    Found(Box<Seen>),
}

/// A page, and what was found on it.
struct Seen {
    url: Url,
    status: Option<u16>,
    length: usize,
    found: Found,
}

/// A piece of the page's text, and as what it was read.
struct Piece<'p> {
    text: &'p str,
    what: Option<&'p str>,
}

impl Seen {
    fn links(&self, kind: &VisitKind) -> Vec<&PageLink> {
        let links = self.found.reading.links.iter();
        links.filter(|link| link.kind == *kind).collect()
    }

    /// The text, cut where something was read.
    fn pieces(&self) -> Vec<Piece<'_>> {
        let text = &self.found.text;
        let mut pieces = Vec::with_capacity(self.found.marks.len() * 2 + 1);
        let mut at = 0;
        for mark in &self.found.marks {
            pieces.push(Piece {
                text: &text[at..mark.start],
                what: None,
            });
            pieces.push(Piece {
                text: &text[mark.start..mark.end],
                what: Some(&mark.what),
            });
            at = mark.end;
        }
        pieces.push(Piece {
            text: &text[at..],
            what: None,
        });
        pieces
    }
}

#[derive(Template)]
#[template(path = "bench.html")]
struct Bench {
    frame: Frame,
    source: SourceId,
    name: String,
    typed: Typed,
    faults: Faults,
    tried: Tried,
}

impl Bench {
    fn meaning(&self, failed: &Failed) -> (&'static str, &'static str) {
        explain(failed.outcome)
    }

    fn value(&self, value: &serde_json::Value) -> String {
        match value.as_str() {
            Some(text) => self.frame.text(text),
            None => self.frame.text(value.to_string()),
        }
    }
}

/// Shows the form.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    let watched = here(&console, id).await?;
    let start = watched.source.start.first();
    let typed = Typed {
        url: start.map_or_else(String::new, ToString::to_string),
        kind: "list".to_owned(),
        ..Typed::default()
    };
    let name = watched.source.name.clone();
    Ok(Page(Bench {
        frame: Frame::new("Test bench", "/sources", &person, console.now()),
        source: id,
        name,
        typed,
        faults: Faults::default(),
        tried: Tried::Nothing,
    })
    .into_response())
}

/// Fetches or reads the page, and shows what is found on it.
pub(crate) async fn attempt(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Error> {
    let watched = here(&console, id).await?;
    let mut faults = Vec::new();
    let profile = match typed.draft.trim() {
        "" => Some(watched.source.profile.clone()),
        _ => drafted(&console, &watched, &typed.draft, &mut faults)?,
    };
    // Who comes from the editor has yet to say which page.
    let comes_from_editor = typed.url.is_empty() && !typed.draft.is_empty();
    if comes_from_editor {
        let start = watched.source.start.first();
        typed.url = start.map_or_else(String::new, ToString::to_string);
        typed.kind = "list".to_owned();
    }
    let url = Url::parse(typed.url.trim()).ok();
    let url = url.filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
    let kind = match typed.kind.as_str() {
        "list" => Some(VisitKind::List),
        "detail" => Some(VisitKind::Detail),
        _ => None,
    };
    if url.is_none() {
        faults.push(Problem::new(
            "url",
            "this is no address of a page",
            "write it whole, with https:// before it; of a pasted page, where it came from",
        ));
    }
    if kind.is_none() {
        faults.push(Problem::new(
            "kind",
            "is missing",
            "say what sort of page it is",
        ));
    }
    let (tried, status) = match (url, kind, profile) {
        (Some(_), Some(_), Some(_)) if comes_from_editor => (Tried::Nothing, StatusCode::OK),
        (Some(url), Some(kind), Some(profile)) => (
            attempt_at(
                &console,
                &person,
                (&watched, profile),
                (&url, kind),
                &typed.page,
            )
            .await?,
            StatusCode::OK,
        ),
        _ => (Tried::Nothing, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let page = Page(Bench {
        frame: Frame::new("Test bench", "/sources", &person, console.now()),
        source: id,
        name: watched.source.name.clone(),
        typed,
        faults: Faults(faults),
        tried,
    });
    Ok((status, page).into_response())
}

/// How pages are read by settings that are not in force; nothing where they are wrong, which is told.
fn drafted(
    console: &Console,
    watched: &Watched,
    draft: &str,
    faults: &mut Vec<Problem>,
) -> Result<Option<Profile>, Error> {
    let (name, desk) = (&watched.source.name, &console.parts.desk);
    let file = desk.file(name).map_err(refused)?;
    let (source, _) = desk.judge(&console.parts.instance, name, &file, draft);
    match source {
        Ok(source) => Ok(Some(source.profile)),
        Err(problems) => {
            faults.extend(problems.into_iter().map(|one| {
                let line = match one.place {
                    Place::Line { line, .. } => format!("line {line}: "),
                    _ => String::new(),
                };
                Problem::new("draft", format!("{line}{}", one.message), one.remedy)
            }));
            Ok(None)
        }
    }
}

async fn attempt_at(
    console: &Console,
    person: &Person,
    (watched, profile): (&Watched, Profile),
    (url, kind): (&Url, VisitKind),
    pasted: &str,
) -> Result<Tried, Error> {
    let came = if pasted.trim().is_empty() {
        // That a site was asked for something is kept, whoever asked it.
        let mut tx = console.write().await?;
        let name = watched.source.name.clone();
        console
            .by(person)
            .log(&mut tx, "source.test", name, url.as_str())
            .await?;
        tx.commit().await?;
        fetch(&console.parts.instance, watched, url, kind).await?
    } else {
        Ok(Came {
            url: url.clone(),
            status: None,
            content_type: Some("text/html; charset=utf-8".to_owned()),
            body: pasted.as_bytes().to_vec(),
            at: console.now(),
        })
    };
    let came = match came {
        Ok(came) => came,
        Err(failed) => return Ok(Tried::Failed(failed)),
    };
    let (url, status, length) = (came.url.clone(), came.status, came.body.len());
    let found = find(came, kind, profile).await;
    let found = found.ok_or_else(|| Error::internal("the page could not be read"))?;
    Ok(Tried::Found(Box::new(Seen {
        url,
        status,
        length,
        found,
    })))
}
