//! `/api/v1/watchlists/…/export`: a watchlist as a file, as the organisation keeps it or as others take it.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;
use sightline_model::{Entry, EntryId, EntryState, Kind, Tlp, Watchlist, WatchlistId};
use sightline_store::{
    entries::{changes, table},
    watchlists,
};
use sightline_watchlists::{export, import::Format};

use super::{
    Asked, Named, Operation,
    exports::{self, As, Which},
};
use crate::{Console, Error, access::Person};

/// Entries of a file that is made as a whole, at most: what is longer is read row by row.
const MOST: usize = 20_000;
/// Entries that are read at once.
const PAGE: u32 = 5_000;

/// What is given.
const TYPES: &[&str] = &[
    "text/csv",
    "application/json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/stix+json",
    "text/plain",
];

/// In what form, and how far it may go.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ListForm")]
pub(crate) struct Form {
    /// `csv` where nothing is said. `csv` and `json` hold what was ever on the list, drafts and withdrawn entries as well;
    /// `xlsx`, `stix`, `misp` and `plain` what stands on it and the format has a word for, of 20,000 entries at most.
    format: Option<ListAs>,
    /// The strictest marking (TLP 2.0) that is written; `amber_strict` where nothing is said.
    max_tlp: Option<Tlp>,
    /// Only entries of this kind.
    kind: Option<Kind>,
}

/// A form of a list.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum ListAs {
    Csv,
    Json,
    Xlsx,
    Stix,
    Misp,
    Plain,
}

pub(crate) fn described() -> Operation {
    Operation::giving_bytes(
        "A watchlist as a file, which an import reads back; what is marked more strictly than `max_tlp` is left out",
        TYPES,
    )
    .asking::<Form>()
}

pub(crate) async fn export(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Asked(form): Asked<Form>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let list = watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let which = Which {
        most: form.max_tlp.unwrap_or(Tlp::AmberStrict),
        kind: form.kind,
    };
    let (format, media_type, ending) = match form.format.unwrap_or(ListAs::Csv) {
        ListAs::Csv => return exports::entries(console, &person, id, As::Csv, which).await,
        ListAs::Json => return exports::entries(console, &person, id, As::Json, which).await,
        ListAs::Xlsx => (Format::Xlsx, TYPES[2], "xlsx"),
        ListAs::Stix => (Format::Stix, TYPES[3], "json"),
        ListAs::Misp => (Format::Misp, TYPES[1], "json"),
        ListAs::Plain => (Format::Plain, "text/plain; charset=utf-8", "txt"),
    };
    let bytes = whole(&console, &list, format, which).await?;
    let subject = id.to_string();
    console.log_read(&person, "export.entries", subject).await?;
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"entries.{ending}\""),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// A file that is made as a whole, the oldest entry first.
async fn whole(
    console: &Console,
    list: &Watchlist,
    format: Format,
    which: Which,
) -> Result<Vec<u8>, Error> {
    let now = console.now();
    // It takes memory, as an import does: one at a time.
    let _turn = console.imports.acquire().await.map_err(Error::internal)?;
    let mut tx = console.read().await?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut after: Option<EntryId> = None;
    loop {
        let page = table::whole(&mut tx, list.id, after, PAGE).await?;
        after = page.last().map(|last| last.id);
        let is_last = page.len() < PAGE as usize;
        let standing = page
            .into_iter()
            .filter(|one| one.state != EntryState::Withdrawn && which.holds(one))
            .filter(|one| export::holds(format, one, now));
        entries.extend(standing);
        if entries.len() > MOST {
            return Err(Error::field(
                "format",
                format!("makes files of {MOST} entries at most, and there are more"),
                "take it as csv, or by `sightline watchlist export`",
            ));
        }
        if is_last {
            break;
        }
    }
    entries.reverse();
    let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
    let changed = changes::last(&mut tx, &ids).await?;
    drop(tx);
    let list = list.clone();
    let written = tokio::task::spawn_blocking(move || {
        let written = export::Export {
            watchlist: &list,
            entries: &entries,
            changed: &changed,
            now,
        };
        let mut bytes = Vec::new();
        export::write(format, &written, &mut bytes).map(|()| bytes)
    });
    let written = written.await.map_err(Error::internal)?;
    written.map_err(|error| match error {
        export::ExportError::SeveralKinds { .. } => {
            Error::field("kind", error.to_string(), "name one")
        }
        other => Error::internal(other),
    })
}
