//! The test bench of people and programs: a page of a source, fetched as a crawl would or given by hand, read by the settings
//! of its file or by others that are not in force.

use std::sync::Arc;

use sightline_model::{Problem, SourceId, VisitKind};
use sightline_pipeline::{
    bench::{Came, Failed, Found, fetch, find},
    instance::Watched,
    source::Source,
};
use sightline_store::sources;
use url::Url;

use crate::{Console, Error, access::Person, desk::at_field};

/// The most that is sent with a page, in bytes.
pub(crate) const LARGEST: usize = 8 * 1024 * 1024;

/// A source at the bench.
pub(crate) struct Benched {
    id: SourceId,
    /// Its name.
    pub name: String,
    /// As this process crawls it, where it does.
    watched: Option<Arc<Watched>>,
}

/// A page, and as what it is tried.
pub(crate) struct Trial<'t> {
    /// Its address; of one that is given by hand, where it came from.
    pub url: &'t Url,
    /// What sort of page it is.
    pub kind: VisitKind,
    /// The page; empty where it is to be fetched.
    pub page: &'t str,
    /// By what it is read.
    pub source: Source,
}

/// What came of it.
pub(crate) enum Tried {
    /// It could not be had.
    Failed(Failed),
    /// It was read.
    Found(Box<Seen>),
}

/// A page, and what was found on it.
pub(crate) struct Seen {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The HTTP status; nothing where it was given by hand.
    pub status: Option<u16>,
    /// Its bytes.
    pub length: usize,
    /// What was found.
    pub found: Found,
}

/// The address of a page, where it is one.
pub(crate) fn address(text: &str) -> Result<Url, Problem> {
    let url = Url::parse(text.trim()).ok();
    let url = url.filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
    url.ok_or_else(|| {
        Problem::new(
            "url",
            "this is no address of a page",
            "write it whole, with https:// before it; of a pasted page, where it came from",
        )
    })
}

impl Benched {
    /// The source of this identifier, whether this process crawls it or not.
    pub(crate) async fn of(console: &Console, id: SourceId) -> Result<Self, Error> {
        let watched = console.parts.instance.watched(id);
        let name = match &watched {
            Some(watched) => watched.source.name.clone(),
            None => {
                let mut tx = console.read().await?;
                let row = sources::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
                row.definition.name
            }
        };
        Ok(Self { id, name, watched })
    }

    /// The address with which it begins, by a draft that was read, or else by what is in force; empty where neither says one.
    pub(crate) fn start(&self, draft: Option<&Source>) -> String {
        let source = draft.or(self.watched.as_ref().map(|watched| &watched.source));
        let start = source.and_then(|source| source.start.first());
        start.map_or_else(String::new, ToString::to_string)
    }

    /// By what its pages are read: by what is in force, or by a file that is not.
    pub(crate) fn source(&self, console: &Console, draft: &str) -> Result<Source, Vec<Problem>> {
        if draft.trim().is_empty() {
            let in_force = self.watched.as_ref().map(|watched| watched.source.clone());
            return in_force.ok_or_else(|| {
                vec![Problem::new(
                    "draft",
                    "is missing, and this process does not crawl the source by its file",
                    "write the whole file as it would be, or put it right in its editor",
                )]
            });
        }
        let desk = &console.parts.desk;
        let file = desk.file(&self.name).map_err(|error| {
            vec![Problem::new(
                "draft",
                format!("there is nothing to try it in place of: {error}"),
                "put a file of this name into the folder of sources first",
            )]
        })?;
        let (source, _) = desk.judge(&console.parts.instance, &self.name, &file, draft);
        source.map_err(|problems| at_field("draft", &problems))
    }

    /// As what its pages are fetched: as this process crawls it; where it does not, as the draft says by which they are read.
    fn fetched_as(&self, console: &Console, source: &Source) -> Result<Arc<Watched>, Error> {
        if let Some(watched) = &self.watched {
            return Ok(Arc::clone(watched));
        }
        let parts = &console.parts;
        let opened = parts.desk.open(&parts.instance, self.id, source);
        let opened = opened.map_err(|problem| {
            Error::Wrong(vec![Problem {
                key: "draft".to_owned(),
                ..problem
            }])
        });
        opened.map(Arc::new)
    }
}

/// Fetches or takes the page, and reads it. Nothing of it is kept.
///
/// # Errors
/// Where it can't be fetched by the draft (field `draft`), or the store fails. That the page can't be had is no error.
pub(crate) async fn attempt(
    console: &Console,
    person: &Person,
    benched: &Benched,
    trial: Trial<'_>,
) -> Result<Tried, Error> {
    let Trial {
        url,
        kind,
        page,
        source,
    } = trial;
    let came = if page.trim().is_empty() {
        let watched = benched.fetched_as(console, &source)?;
        // That a site was asked for something is kept, whoever asked it.
        let mut tx = console.write().await?;
        let name = benched.name.clone();
        console
            .by(person)
            .log(&mut tx, "source.test", name, url.as_str())
            .await?;
        tx.commit().await?;
        fetch(&console.parts.instance, &watched, url, kind).await?
    } else {
        Ok(Came {
            url: url.clone(),
            status: None,
            content_type: Some("text/html; charset=utf-8".to_owned()),
            body: page.as_bytes().to_vec(),
            at: console.now(),
        })
    };
    let came = match came {
        Ok(came) => came,
        Err(failed) => return Ok(Tried::Failed(failed)),
    };
    let (url, status, length) = (came.url.clone(), came.status, came.body.len());
    let _turn = console.trials.acquire().await.map_err(Error::internal)?;
    let found = find(came, kind, source).await;
    let found = found.ok_or_else(|| Error::internal("the page could not be read"))?;
    Ok(Tried::Found(Box::new(Seen {
        url,
        status,
        length,
        found,
    })))
}
