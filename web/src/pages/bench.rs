//! `/sources/…/test`: the test bench. A page of the source, fetched as a crawl would or pasted, and what is found on it.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{field::in_words, outcome::explain_tried};
use sightline_model::{PageLink, Problem, SourceId, VisitKind};
use sightline_pipeline::bench::Failed;

use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page},
    api::Named,
    crawled::here,
    trial::{self, Benched, Seen, Trial, Tried},
};

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

/// A piece of the page's text, and as what it was read.
struct Piece<'p> {
    text: &'p str,
    what: Option<&'p str>,
}

#[derive(Template)]
#[template(path = "bench.html")]
struct Bench {
    frame: Frame,
    source: SourceId,
    name: String,
    typed: Typed,
    faults: Faults,
    tried: Option<Tried>,
}

impl Bench {
    fn links<'s>(&self, seen: &'s Seen, kind: &VisitKind) -> Vec<&'s PageLink> {
        let links = seen.found.reading.links.iter();
        links.filter(|link| link.kind == *kind).collect()
    }

    /// The text, cut where something was read.
    fn pieces<'s>(&self, seen: &'s Seen) -> Vec<Piece<'s>> {
        let text = &seen.found.text;
        let mut pieces = Vec::with_capacity(seen.found.marks.len() * 2 + 1);
        let mut at = 0;
        for mark in &seen.found.marks {
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

    fn meaning(&self, failed: &Failed) -> (&'static str, &'static str) {
        explain_tried(failed.outcome)
    }

    fn value(&self, value: &serde_json::Value) -> String {
        self.frame.text(in_words(value))
    }
}

/// Shows the form.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
) -> Result<Response, Error> {
    // Whose file is wrong is tried from its editor, which sends what is to be tried.
    here(&console, id).await?;
    let benched = Benched::of(&console, id).await?;
    let typed = Typed {
        url: benched.start(None),
        kind: "list".to_owned(),
        ..Typed::default()
    };
    Ok(Page(Bench {
        frame: Frame::new("Test bench", "/sources", &person, console.now()),
        source: id,
        name: benched.name,
        typed,
        faults: Faults::default(),
        tried: None,
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
    let benched = Benched::of(&console, id).await?;
    let source = benched.source(&console, &typed.draft);
    // Who comes from the editor has yet to say which page.
    let comes_from_editor = typed.url.is_empty() && !typed.draft.is_empty();
    if comes_from_editor {
        typed.url = benched.start(source.as_ref().ok());
        typed.kind = "list".to_owned();
    }
    let kind = match typed.kind.as_str() {
        "list" => Ok(VisitKind::List),
        "detail" => Ok(VisitKind::Detail),
        _ => Err(Problem::new(
            "kind",
            "is missing",
            "say what sort of page it is",
        )),
    };
    let (tried, faults) = match (source, trial::address(&typed.url), kind) {
        (source, ..) if comes_from_editor => (None, source.err().unwrap_or_default()),
        (Ok(source), Ok(url), Ok(kind)) => {
            let trial = Trial {
                url: &url,
                kind,
                page: &typed.page,
                source,
            };
            match trial::attempt(&console, &person, &benched, trial).await {
                Ok(tried) => (Some(tried), Vec::new()),
                Err(Error::Wrong(problems)) => (None, problems),
                Err(error) => return Err(error),
            }
        }
        (source, url, kind) => {
            let draft = source.err().unwrap_or_default().into_iter();
            (None, draft.chain(url.err()).chain(kind.err()).collect())
        }
    };
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = Page(Bench {
        frame: Frame::new("Test bench", "/sources", &person, console.now()),
        source: id,
        name: benched.name,
        typed,
        faults: Faults(faults),
        tried,
    });
    Ok((status, page).into_response())
}
