//! `/api/v1/sources/{id}/test`: the test bench. A page of a source, fetched as a crawl would or sent along, and what is found
//! on it.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::outcome::explain_tried;
use sightline_extractors::ReadListing;
use sightline_model::{Outcome, PageLink, Problem, SourceId, VisitKind};
use sightline_pipeline::bench::{Failed, Mark};
use url::Url;

use super::{Named, Operation, Sent};
use crate::{
    Console, Error,
    access::Person,
    trial::{self, Benched, LARGEST, Seen, Trial, Tried},
};

/// What sort of page it is.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum Sort {
    /// A page of listings.
    List,
    /// The page of one listing.
    Detail,
}

/// A page to be tried.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PageToTry")]
pub(crate) struct Asked {
    /// Its address. It is fetched within the source's scope, by robots.txt, at its host's pace.
    url: String,
    /// What sort of page it is.
    kind: Sort,
    /// Its HTML. Then nothing is fetched, and `url` says where it came from.
    #[serde(default)]
    page: String,
    /// The whole file of the source as it would be (TOML), to read the page by; that of the source where it is left out. Where
    /// the source is not crawled, as by a file that is wrong, it is needed, and the page is fetched by it as well.
    #[serde(default)]
    draft: String,
}

/// What came of a page that was tried. Nothing of it is kept.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TriedPage")]
pub(crate) enum Answer {
    /// It was read.
    Found(Box<Read>),
    /// It could not be had.
    Failed(NotHad),
}

/// A page that could not be had.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PageNotHad")]
pub(crate) struct NotHad {
    /// Why.
    outcome: Outcome,
    /// The same in words.
    meaning: &'static str,
    /// What to do about it; empty where nothing is to be done.
    remedy: &'static str,
    /// The HTTP status, where there was an answer.
    status: Option<u16>,
    /// The particulars.
    detail: String,
}

impl From<Failed> for NotHad {
    fn from(failed: Failed) -> Self {
        let (meaning, remedy) = explain_tried(failed.outcome);
        Self {
            outcome: failed.outcome,
            meaning,
            remedy,
            status: failed.status,
            detail: failed.detail,
        }
    }
}

/// A page, and what was found on it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReadPage")]
pub(crate) struct Read {
    /// Where it came from, after redirects.
    url: Url,
    /// The HTTP status; null where it was sent along.
    status: Option<u16>,
    /// Its bytes.
    length: usize,
    /// True where it asks to log in instead of showing what was looked for.
    login_page: bool,
    /// What came instead of a page, such as a PDF document; null where a page came.
    no_page: Option<String>,
    /// Links to details and to further pages of listings.
    links: Vec<PageLink>,
    /// The listings on it, with their fields and the selectors in them.
    listings: Vec<ReadListing>,
    /// What was looked for and not found or not understood. Keys are paths in the source's file.
    problems: Vec<Problem>,
    /// What a reader sees of it, up to 50,000 characters.
    text: String,
    /// The parts of that text that were read as something, in order.
    marks: Vec<Mark>,
}

impl From<Seen> for Read {
    fn from(seen: Seen) -> Self {
        let reading = seen.found.reading;
        Self {
            url: seen.url,
            status: seen.status,
            length: seen.length,
            login_page: reading.login_page,
            no_page: reading.no_page,
            links: reading.links,
            listings: reading.listings,
            problems: reading.problems,
            text: seen.found.text,
            marks: seen.found.marks,
        }
    }
}

pub(crate) fn attempt_described() -> Operation {
    Operation::giving::<Answer>("Try a page of a source: what is found on it; nothing is kept")
        .sent::<Asked>()
        .up_to(LARGEST)
}

pub(crate) async fn attempt(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SourceId>,
    Sent(asked): Sent<Asked>,
) -> Result<Json<Answer>, Error> {
    let benched = Benched::of(&console, id).await?;
    let source = benched.source(&console, &asked.draft);
    let (source, url) = match (source, trial::address(&asked.url)) {
        (Ok(source), Ok(url)) => (source, url),
        (source, url) => {
            let problems = source.err().unwrap_or_default().into_iter();
            return Err(Error::Wrong(problems.chain(url.err()).collect()));
        }
    };
    let trial = Trial {
        url: &url,
        kind: match asked.kind {
            Sort::List => VisitKind::List,
            Sort::Detail => VisitKind::Detail,
        },
        page: &asked.page,
        source,
    };
    Ok(Json(
        match trial::attempt(&console, &person, &benched, trial).await? {
            Tried::Found(seen) => Answer::Found(Box::new((*seen).into())),
            Tried::Failed(failed) => Answer::Failed(failed.into()),
        },
    ))
}
