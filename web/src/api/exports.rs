//! `/api/v1/exports`: everything of one sort as a file, CSV or JSON. It is read page by page as it is sent, so that a
//! million rows take no more memory than a page of them; and that it was taken is kept before its first byte.

use std::fmt::Display;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sightline_casework::{
    Names,
    alert::{self, Row},
    inert,
    quiet::Silenced,
    sighting,
};
use sightline_model::{
    AlertId, Entry, EntryId, Kind, ListingId, SightingId, Timestamp, Tlp, WatchlistId,
};
use sightline_store::{
    Filter, alerts, audit,
    entries::table,
    listings::{self, PresentListing},
    sightings,
};
use sightline_watchlists::export::{COLUMNS, safe_rows};

use super::{Asked, Operation};
use crate::{Console, Error, access::Person};

/// Rows that are read at once.
const PAGE: u32 = 500;
/// What is given.
const TYPES: &[&str] = &["text/csv", "application/json"];

/// In what form.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Form {
    /// A table for spreadsheets, in which no cell can be a formula; or an array.
    format: As,
}

/// A form of files.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum As {
    #[default]
    Csv,
    Json,
}

/// What is exported, page by page.
enum Source {
    /// The entries of a list.
    Entries(WatchlistId, Which, Option<EntryId>),
    Alerts(Option<AlertId>),
    Sightings(Option<SightingId>),
    Listings(Option<ListingId>),
    Audit(Option<i64>),
    /// Everything was read.
    Read,
}

/// A row: as an object, and in cells.
type Line = (Value, Vec<String>);

/// The heads of the columns of alerts.
const ALERTS: &[&str] = &[
    "id",
    "kind",
    "value",
    "case",
    "tlp",
    "watchlist",
    "sources",
    "certainty",
    "state",
    "severity",
    "reasons",
    "entries",
    "sightings",
    "opened_at",
    "updated_at",
    "told_at",
    "acknowledged_by",
    "acknowledged_at",
    "closed_as",
    "closed_at",
    "assigned",
];
const SIGHTINGS: &[&str] = &[
    "id",
    "entry",
    "kind",
    "value",
    "case",
    "tlp",
    "severity",
    "watchlist",
    "watchlist_name",
    "listing",
    "source",
    "source_name",
    "url",
    "reason",
    "certainty",
    "verdict",
    "at",
    "first_seen",
    "last_seen",
    "current",
    "raw",
    "confidence",
];
const LISTINGS: &[&str] = &[
    "id",
    "source",
    "key",
    "url",
    "version",
    "first_seen",
    "last_seen",
    "removed_at",
    "title",
    "text",
];
const AUDIT: &[&str] = &["id", "at", "who", "what", "subject", "detail"];

impl Source {
    fn columns(&self) -> &'static [&'static str] {
        match self {
            Self::Entries(..) => &COLUMNS,
            Self::Alerts(_) => ALERTS,
            Self::Sightings(_) => SIGHTINGS,
            Self::Listings(_) => LISTINGS,
            Self::Audit(_) | Self::Read => AUDIT,
        }
    }

    /// The next rows, and what comes after them.
    async fn page(self, console: &Console) -> Result<(Vec<Line>, Self), Error> {
        let mut tx = console.read().await?;
        Ok(match self {
            Self::Entries(list, which, after) => {
                let found = table::whole(&mut tx, list, after, PAGE).await?;
                let lines = found.iter().filter(|one| which.holds(one));
                let lines = lines.map(|one| line(one, entry(one, console.now())));
                let next = next(&found, |last| Self::Entries(list, which, Some(last.id)));
                (lines.collect::<Result<_, _>>()?, next)
            }
            Self::Alerts(after) => {
                let found = alerts::list(&mut tx, &filter(after)).await?;
                let next = next(&found, |last| Self::Alerts(Some(last.id)));
                let names = Names::read(&mut tx).await?;
                let quietness = Silenced::read(&mut tx, console.now()).await?;
                let rows = alert::rows(&mut tx, found, &quietness, &names).await?;
                let lines = rows.iter().map(|one| line(one, alert(one)));
                (lines.collect::<Result<_, _>>()?, next)
            }
            Self::Sightings(after) => {
                let found = sightings::list(&mut tx, &filter(after)).await?;
                let next = next(&found, |last| Self::Sightings(Some(last.id)));
                let names = Names::read(&mut tx).await?;
                let found = sighting::rows(&mut tx, found, &names).await?;
                let lines = found.iter().map(|one| line(one, sighting(one)));
                (lines.collect::<Result<_, _>>()?, next)
            }
            Self::Listings(after) => {
                let found = listings::list(&mut tx, &filter(after)).await?;
                let lines = found.iter().map(|one| line(one, listing(one)));
                let next = next(&found, |last| Self::Listings(Some(last.listing.id)));
                (lines.collect::<Result<_, _>>()?, next)
            }
            Self::Audit(after) => {
                let found = audit::list(&mut tx, &filter(after)).await?;
                let lines = found.iter().map(|one| line(one, deed(one)));
                let next = next(&found, |last| Self::Audit(Some(last.id)));
                (lines.collect::<Result<_, _>>()?, next)
            }
            Self::Read => (Vec::new(), Self::Read),
        })
    }
}

fn filter<Id>(after: Option<Id>) -> Filter<Id> {
    Filter {
        after,
        limit: PAGE,
        ..Filter::default()
    }
}

fn next<T>(found: &[T], go_on: impl FnOnce(&T) -> Source) -> Source {
    let last = found.last().filter(|_| found.len() == PAGE as usize);
    last.map_or(Source::Read, go_on)
}

fn line<T: Serialize>(row: &T, cells: Vec<String>) -> Result<Line, Error> {
    let value = serde_json::to_value(row).map_err(Error::internal)?;
    Ok((value, cells))
}

fn some(value: &Option<impl Display>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn all<T: Display>(values: &[T]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// What a page said, for a cell: whoever lists the file on a terminal, or reads a line of it, is not misled.
fn crawled(text: &str) -> String {
    inert::part(text)
}

fn entry(one: &Entry, now: Timestamp) -> Vec<String> {
    sightline_watchlists::export::row(one, now).into()
}

fn alert(one: &Row) -> Vec<String> {
    vec![
        one.id.to_string(),
        some(&one.kind),
        some(&one.value),
        some(&one.case_reference),
        some(&one.tlp),
        one.watchlist.clone(),
        one.sources.join(", "),
        some(&one.certainty),
        one.state.to_string(),
        one.severity.to_string(),
        all(&one.reasons),
        all(&one.entries),
        all(&one.sightings),
        one.opened_at.to_string(),
        one.updated_at.to_string(),
        some(&one.told_at),
        some(&one.acknowledged_by),
        some(&one.acknowledged_at),
        some(&one.closed_as),
        some(&one.closed_at),
        some(&one.assigned),
    ]
}

fn sighting(shown: &sighting::Row) -> Vec<String> {
    let one = &shown.sighting;
    vec![
        one.id.to_string(),
        one.entry.to_string(),
        some(&shown.kind),
        some(&shown.value),
        some(&shown.case_reference),
        some(&shown.tlp),
        shown.severity.to_string(),
        one.watchlist.to_string(),
        shown.watchlist_name.clone(),
        one.listing.to_string(),
        one.source.to_string(),
        shown.source_name.clone(),
        one.url.to_string(),
        one.reason.to_string(),
        shown.certainty.to_string(),
        some(&shown.verdict),
        one.at.to_string(),
        one.first_seen.to_string(),
        one.last_seen.to_string(),
        one.current.to_string(),
        crawled(&one.explanation.raw),
        one.explanation.confidence.to_string(),
    ]
}

fn listing(one: &PresentListing) -> Vec<String> {
    let (listing, present) = (&one.listing, &one.present);
    vec![
        listing.id.to_string(),
        listing.source.to_string(),
        crawled(&listing.key),
        listing.url.to_string(),
        listing.version.to_string(),
        listing.first_seen.to_string(),
        listing.last_seen.to_string(),
        some(&listing.removed_at),
        crawled(&present.title),
        crawled(&present.text),
    ]
}

fn deed(one: &audit::Logged) -> Vec<String> {
    let deed = &one.deed;
    vec![
        one.id.to_string(),
        deed.at.to_string(),
        deed.who.clone(),
        deed.what.clone(),
        deed.subject.clone(),
        deed.detail.clone(),
    ]
}

/// Where an export has come to.
struct Progress {
    console: Console,
    format: As,
    source: Source,
    /// Whether a row of a JSON array stands before the next.
    has_rows: bool,
}

impl Progress {
    fn write(&mut self, lines: Vec<Line>) -> Result<Bytes, Error> {
        match self.format {
            As::Csv => {
                let rows = lines.into_iter().map(|(_, cells)| cells);
                safe_rows(rows).map(Bytes::from).map_err(Error::internal)
            }
            As::Json => {
                let mut text = String::new();
                for (value, _) in lines {
                    text.push_str(if self.has_rows { ",\n" } else { "\n" });
                    text.push_str(&value.to_string());
                    self.has_rows = true;
                }
                Ok(text.into())
            }
        }
    }
}

/// Begins to send a file, once it is kept that it was taken.
async fn begin(
    console: Console,
    person: &Person,
    (name, subject): (&str, String),
    Form { format }: Form,
    source: Source,
) -> Result<Response, Error> {
    let what = format!("export.{name}");
    console.log_read(person, &what, subject).await?;
    let (media_type, ending) = match format {
        As::Csv => ("text/csv; charset=utf-8", "csv"),
        As::Json => ("application/json", "json"),
    };
    let columns = source.columns().iter().map(|&name| name.to_owned());
    let first = match format {
        As::Csv => Bytes::from(safe_rows([columns.collect::<Vec<_>>()]).map_err(Error::internal)?),
        As::Json => Bytes::from_static(b"["),
    };
    let progress = Progress {
        console,
        format,
        source,
        has_rows: false,
    };
    let rest = stream::try_unfold(Some(progress), move |progress| async move {
        let Some(mut progress) = progress else {
            return Ok(None);
        };
        if matches!(progress.source, Source::Read) {
            let last = match format {
                As::Csv => Bytes::new(),
                As::Json => Bytes::from_static(b"\n]\n"),
            };
            return Ok(Some((last, None)));
        }
        // What fails on the way cuts the answer off, so that nobody takes a part for the whole.
        let failed = |_: Error| std::io::Error::other("the export failed on the way");
        let page = progress.source.page(&progress.console).await;
        let (lines, source) = page.map_err(failed)?;
        progress.source = source;
        let bytes = progress.write(lines).map_err(failed)?;
        Ok::<_, std::io::Error>(Some((bytes, Some(progress))))
    });
    let first = stream::once(async move { Ok::<_, std::io::Error>(first) });
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.{ending}\""),
        ),
    ];
    Ok((headers, body).into_response())
}

/// Which entries.
#[derive(Clone, Copy)]
pub(super) struct Which {
    /// Those that are marked no more strictly than this.
    pub most: Tlp,
    /// Those of this kind alone.
    pub kind: Option<Kind>,
}

impl Which {
    /// True for one of them.
    pub fn holds(&self, entry: &Entry) -> bool {
        entry.tlp <= self.most && self.kind.is_none_or(|kind| entry.selector.kind == kind)
    }
}

/// The entries that were ever on a list, row by row.
pub(super) async fn entries(
    console: Console,
    person: &Person,
    list: WatchlistId,
    format: As,
    which: Which,
) -> Result<Response, Error> {
    let source = Source::Entries(list, which, None);
    let of = ("entries", list.to_string());
    begin(console, person, of, Form { format }, source).await
}

pub(crate) fn alerts_described() -> Operation {
    Operation::giving_bytes("All alerts, the latest raised first", TYPES).asking::<Form>()
}

pub(crate) async fn alerts(
    State(console): State<Console>,
    person: Person,
    Asked(form): Asked<Form>,
) -> Result<Response, Error> {
    let of = ("alerts", "all".to_owned());
    begin(console, &person, of, form, Source::Alerts(None)).await
}

pub(crate) fn sightings_described() -> Operation {
    Operation::giving_bytes("All sightings, the latest found first", TYPES).asking::<Form>()
}

pub(crate) async fn sightings(
    State(console): State<Console>,
    person: Person,
    Asked(form): Asked<Form>,
) -> Result<Response, Error> {
    let of = ("sightings", "all".to_owned());
    begin(console, &person, of, form, Source::Sightings(None)).await
}

pub(crate) fn listings_described() -> Operation {
    Operation::giving_bytes(
        "All listings with what they say now, the latest found first",
        TYPES,
    )
    .asking::<Form>()
}

pub(crate) async fn listings(
    State(console): State<Console>,
    person: Person,
    Asked(form): Asked<Form>,
) -> Result<Response, Error> {
    let of = ("listings", "all".to_owned());
    begin(console, &person, of, form, Source::Listings(None)).await
}

pub(crate) fn audit_described() -> Operation {
    Operation::giving_bytes("The whole audit log, the latest first", TYPES).asking::<Form>()
}

pub(crate) async fn audit(
    State(console): State<Console>,
    person: Person,
    Asked(form): Asked<Form>,
) -> Result<Response, Error> {
    let of = ("audit", "all".to_owned());
    begin(console, &person, of, form, Source::Audit(None)).await
}
