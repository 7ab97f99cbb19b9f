//! `/api/v1/watchlists/…/import`: a file of entries, looked at row by row or put on its list.

use axum::{Json, body::Bytes, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_casework::{
    entry::Through,
    import::{self, OfStanding, Report},
};
use sightline_model::{EntryState, Kind, SessionId, WatchlistId};
use sightline_store::watchlists;
use sightline_watchlists::import::{ColumnRule, Format, Options};

use super::{Asked, Named, Operation};
use crate::{
    Console, Error,
    access::Person,
    imports::{self, Said},
    preview::{log_standing, looked_back},
    uploads::Upload,
};

/// How the file is to be read, and whether it is only looked at.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct How {
    /// True to be told what would come of it; nothing is kept then.
    dry_run: bool,
    /// Its name, for what its content does not tell.
    name: String,
    /// Its format, where that is not to be recognised.
    format: Option<FileFormat>,
    /// The kind of rows that name none.
    kind: Option<Kind>,
    /// By whose rules national numbers are read: two letters of ISO 3166-1.
    region: String,
    /// The encoding of its text, where it is none of Unicode and is guessed wrongly: a name of the WHATWG standard, such as
    /// `gbk` or `windows-1251`.
    encoding: String,
    /// True to let entries that are on the list already take over what the file says of them: one that has expired or is a
    /// draft is looked for again, and what the file leaves out stays.
    update: bool,
    /// What is made of every row, whatever the file says: `draft` or `active`.
    state: Option<EntryState>,
    /// What columns mean, with semicolons between: `Telefon=value;Comment=-`.
    columns: String,
}

/// A format that lists are exchanged in.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum FileFormat {
    Csv,
    Xlsx,
    Stix,
    Misp,
    Plain,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::Xlsx => Self::Xlsx,
            FileFormat::Stix => Self::Stix,
            FileFormat::Misp => Self::Misp,
            FileFormat::Plain => Self::Plain,
        }
    }
}

/// What came, or would come, of a file.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Imported {
    /// True where it was only looked at.
    dry_run: bool,
    /// Row by row, and in numbers.
    report: Report,
    /// What its entries would have raised together in the last days, in words, where it was only looked at.
    would_have_raised: Option<String>,
    /// What its columns are called.
    columns: Vec<String>,
    /// The columns that were not understood, and are left out.
    ignored: Vec<String>,
    /// What else is to be known of how it was read.
    notes: Vec<String>,
    /// The refused rows as CSV, with the reasons, to be corrected and imported; empty where there is none.
    refused: String,
}

pub(crate) fn import_described() -> Operation {
    Operation::giving::<Imported>(
        "Put a file of entries on a watchlist, or be told what would come of that",
    )
    .asking::<How>()
    .sent_a_file()
}

pub(crate) async fn import(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Asked(how): Asked<How>,
    bytes: Bytes,
) -> Result<Json<Imported>, Error> {
    let mut tx = console.read().await?;
    let list = watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    if how.state == Some(EntryState::Withdrawn) {
        return Err(Error::field(
            "state",
            "nothing is put on a list to be withdrawn",
            "write draft or active",
        ));
    }
    let rules = how.columns.split(';').map(str::trim);
    let rules = rules.filter(|rule| !rule.is_empty());
    let rules: Result<Vec<ColumnRule>, String> = rules.map(str::parse).collect();
    let options = Options {
        format: how.format.map(Into::into),
        kind: how.kind,
        state: how.state,
        columns: rules.map_err(|why| Error::field("columns", why, "write Column=field"))?,
        ..Options::default()
    };
    let now = console.now();
    let file = Upload {
        id: console.parts.mint.id::<SessionId>(now).to_string(),
        account: person.account,
        name: how.name,
        bytes,
        at: now,
    };
    let _turn = console.imports.acquire().await.map_err(Error::internal)?;
    let said = Said {
        region: &how.region,
        encoding: &how.encoding,
    };
    let read = imports::read(&console, &list, &file, said, options).await?;
    let read = read.map_err(|error| {
        Error::field(
            imports::field(&error),
            error.to_string(),
            "say how it is to be read, or send another",
        )
    })?;
    let of_standing = match how.update {
        true => OfStanding::Updated,
        false => OfStanding::Left,
    };
    let mut would_have_raised = None;
    let report = match how.dry_run {
        true => {
            let mut tx = console.read().await?;
            let report = import::foresee(&mut tx, &read, &list, of_standing, now);
            let mut report = report.await?;
            drop(tx);
            would_have_raised = looked_back(&console, &list, &read, &mut report.rows).await?;
            report
        }
        false => {
            let (store, organisation) = (&console.parts.store, console.parts.organisation);
            let (through, by) = (Through::Sent(&file.name), console.by(&person));
            import::put(store, organisation, &read, &list, of_standing, through, &by).await?
        }
    };
    log_standing(&console, &person, &report).await?;
    let refused = match report.refused {
        0 => String::new(),
        _ => String::from_utf8_lossy(&read.refused(&report.rows)).into_owned(),
    };
    Ok(Json(Imported {
        dry_run: how.dry_run,
        report,
        would_have_raised,
        columns: read.columns,
        ignored: read.ignored,
        notes: read.notes,
        refused,
    }))
}
