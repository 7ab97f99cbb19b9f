//! `/sources`: how every source fares.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::source::{Row, rows};
use sightline_pipeline::{instance::Broken, upcoming::Upcoming};
use sightline_store::{
    Tx,
    sources::{self, SourceState},
};

use super::query::Query;
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Frame, Page},
    api::Listed,
    crawled::next,
    spark::Spark,
};

/// Sources of one page.
const PAGE: u32 = 50;

/// Where to go on.
#[derive(Deserialize)]
pub(crate) struct Asked {
    after: Option<String>,
}

/// A source in the table.
struct Line {
    row: Row,
    next: Option<Upcoming>,
    is_here: bool,
    /// Why this process does not crawl it, if that is known.
    hindrance: Option<String>,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct Sources {
    frame: Frame,
    /// Sources whose files are wrong; some may never have been crawled, and so have no line.
    broken: Vec<Broken>,
    /// Sources that were never crawled, since their files say so.
    disabled: Vec<String>,
    lines: Vec<Line>,
    next: Option<String>,
}

impl Sources {
    fn may_edit(&self) -> bool {
        self.frame.may(Permission::EditSources)
    }
}

impl Line {
    fn spark(&self) -> Spark {
        Spark(self.row.yields())
    }

    /// True where this process can crawl it as its file stands.
    fn can_be_run(&self) -> bool {
        self.is_here && self.hindrance.is_none()
    }

    fn has_region(&self) -> bool {
        self.row.source.definition.region.is_some()
    }

    fn is_paused(&self) -> bool {
        self.row.source.state == SourceState::Paused
    }
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let found = sources::page(&mut tx, asked.after.as_deref(), PAGE + 1).await?;
    let Listed {
        items: found,
        next: after,
    } = Listed::page(found, PAGE, |last| {
        let address = Address::of("/sources");
        address.with("after", &last.definition.name).written()
    });
    let rows = rows(&mut tx, found, now).await?;
    let disabled = match asked.after {
        None => never_crawled(&console, &mut tx).await?,
        Some(_) => Vec::new(),
    };
    drop(tx);
    let lines = rows.into_iter().map(|row| Line {
        next: next(&console, &row.source, now),
        is_here: console.parts.instance.watched(row.source.id).is_some(),
        hindrance: console.parts.instance.hindrance(&row.source),
        row,
    });
    Ok(Page(Sources {
        frame: Frame::new("Sources", "/sources", &person, now),
        broken: console.parts.instance.broken(),
        disabled,
        lines: lines.collect(),
        next: after,
    })
    .into_response())
}

/// The disabled sources of which the store knows nothing. Where the folder can't be read, that is told where files are.
async fn never_crawled(console: &Console, tx: &mut Tx) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for name in console.parts.desk.files.disabled().unwrap_or_default() {
        if sources::by_name(tx, &name).await?.is_none() {
            names.push(name);
        }
    }
    Ok(names)
}
