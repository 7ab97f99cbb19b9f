//! The test bench of people and programs: a page of a source, fetched as a crawl would or given by hand, read by the settings
//! of its file or by others that are not in force.

use sightline_model::{Problem, VisitKind};
use sightline_pipeline::{
    bench::{Came, Failed, Found, fetch, find},
    instance::Watched,
    source::Source,
};
use url::Url;

use crate::{
    Console, Error,
    access::Person,
    desk::{at_field, refused},
};

/// The most that is sent with a page, in bytes.
pub(crate) const LARGEST: usize = 8 * 1024 * 1024;

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

/// By what pages of a source are read: by what is in force, or by a file that is not.
pub(crate) fn source(
    console: &Console,
    watched: &Watched,
    draft: &str,
) -> Result<Result<Source, Vec<Problem>>, Error> {
    if draft.trim().is_empty() {
        return Ok(Ok(watched.source.clone()));
    }
    let (name, desk) = (&watched.source.name, &console.parts.desk);
    let file = desk.file(name).map_err(refused)?;
    let (source, _) = desk.judge(&console.parts.instance, name, &file, draft);
    Ok(source.map_err(|problems| at_field("draft", &problems)))
}

/// Fetches or takes the page, and reads it. Nothing of it is kept.
pub(crate) async fn attempt(
    console: &Console,
    person: &Person,
    watched: &Watched,
    trial: Trial<'_>,
) -> Result<Tried, Error> {
    let Trial {
        url,
        kind,
        page,
        source,
    } = trial;
    let came = if page.trim().is_empty() {
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
