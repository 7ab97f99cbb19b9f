//! `/watchlists/…/import`: a file of entries: uploaded, looked at row by row, and only then put on its list.

use askama::Template;
use axum::{
    extract::{Multipart, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::Form;
use serde::Deserialize;
use sightline_casework::{
    entry::Through,
    import::{self, OfStanding, Read, Report, Row},
};
use sightline_model::{EntryState, Kind, SessionId, Watchlist, WatchlistId};
use sightline_store::watchlists;
use sightline_watchlists::import::{ColumnRule, Field, Format, Options};

use super::{form::optional, query::Query};
use crate::{
    Console, Error,
    access::Person,
    address::Address,
    answer::{Faults, Frame, Page, on_to},
    api::Named,
    imports::{self, Said},
    preview::{log_standing, looked_back},
    uploads::Upload,
    when::When,
};

/// Rows that are shown; of a longer file those alone that need a look.
const SHOWN: usize = 500;

/// The encodings that are offered, of those that may be named: what spreadsheets wrote before Unicode.
const ENCODINGS: [&str; 14] = [
    "big5",
    "euc-jp",
    "euc-kr",
    "gbk",
    "iso-8859-2",
    "koi8-r",
    "shift_jis",
    "utf-16le",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1256",
];

/// Which file, and how it is to be read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    file: String,
    #[serde(deserialize_with = "optional")]
    format: Option<Format>,
    #[serde(deserialize_with = "optional")]
    kind: Option<Kind>,
    region: String,
    /// The encoding of the text; empty as it looks like.
    encoding: String,
    /// `draft` or `active`: what is made of every row, whatever the file says.
    state: String,
    /// `yes` where what is on the list already takes over what the file says.
    update: String,
    /// What columns mean: `Telefon=value`, `Comment=-`.
    map: Vec<String>,
}

impl Asked {
    fn address(&self, list: WatchlistId, part: &str) -> String {
        let address = Address::of(format!("/watchlists/{list}/import{part}"))
            .with("file", &self.file)
            .with_any("format", self.format)
            .with_any("kind", self.kind)
            .with("region", self.region.trim())
            .with("encoding", self.encoding.trim())
            .with("state", &self.state)
            .with("update", &self.update);
        let rules = self.map.iter();
        rules
            .fold(address, |address, rule| address.with("map", rule))
            .written()
    }

    fn options(&self) -> Options<'static> {
        Options {
            format: self.format,
            kind: self.kind,
            state: match self.state.as_str() {
                "draft" => Some(EntryState::Draft),
                "active" => Some(EntryState::Active),
                _ => None,
            },
            columns: self.rules(),
            ..Options::default()
        }
    }

    fn of_standing(&self) -> OfStanding {
        match self.updates() {
            true => OfStanding::Updated,
            false => OfStanding::Left,
        }
    }

    fn updates(&self) -> bool {
        !self.update.is_empty()
    }

    /// What can't be read as a rule says nothing.
    fn rules(&self) -> Vec<ColumnRule> {
        let rules = self.map.iter().filter(|rule| !rule.is_empty());
        rules.filter_map(|rule| rule.parse().ok()).collect()
    }

    /// True where this column was said to mean this.
    fn has_rule(&self, column: &str, field: &str) -> bool {
        self.map
            .iter()
            .any(|rule| *rule == format!("{column}={field}"))
    }
}

#[derive(Template)]
#[template(path = "import.html")]
struct Import {
    frame: Frame,
    list: Watchlist,
    asked: Asked,
    file_name: String,
    read: Read,
    report: Option<Report>,
    /// What it would have raised, where it was only looked at.
    would: Option<String>,
    /// True where it was put on the list, and not only looked at.
    is_done: bool,
    faults: Faults,
}

impl Import {
    fn rows(&self) -> impl Iterator<Item = &Row> {
        let rows = self.report.as_ref().map_or(&[][..], |report| &report.rows);
        let is_short = rows.len() <= SHOWN;
        rows.iter()
            .filter(move |row| is_short || row.needs_a_look())
            .take(SHOWN)
    }

    fn is_cut(&self) -> bool {
        self.report
            .as_ref()
            .is_some_and(|report| report.rows.len() > SHOWN)
    }

    /// What came of a row, or would come of it.
    fn outcome(&self, row: &Row) -> &'static str {
        match row.came_of_it.word() {
            "added" if !self.is_done => "to be added",
            "draft" if !self.is_done => "to be a draft",
            "updated" if !self.is_done => "to be updated",
            "ended" if !self.is_done => "to be ended",
            word => word,
        }
    }

    /// What there is to say of a row.
    fn in_words(&self, row: &Row) -> String {
        let when = |at| When::new(at, self.frame.now).words();
        row.came_of_it.in_words(&when).join(" · ")
    }

    fn download(&self) -> String {
        self.asked.address(self.list.id, "/refused")
    }

    fn field_names(&self) -> impl Iterator<Item = &'static str> {
        Field::ALL.into_iter().map(Field::name)
    }
}

/// Shows the form, or what would come of a file.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    if asked.file.is_empty() {
        let page = form(&console, &person, list, asked, Faults::default());
        return Ok(page.into_response());
    }
    came_of(&console, &person, list, asked, Put::Foreseen).await
}

/// Whether a file's entries are put on the list, or it is only said what would come of that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    Foreseen,
    Done,
}

/// Shows what came, or would come, of a file.
async fn came_of(
    console: &Console,
    person: &Person,
    list: Watchlist,
    mut asked: Asked,
    put: Put,
) -> Result<Response, Error> {
    let _turn = console.imports.acquire().await.map_err(Error::internal)?;
    let File { name, read } = match file(console, person, &list, &mut asked).await? {
        Ok(file) => file,
        Err(faults) => return Ok(wrong(console, person, list, asked, faults)),
    };
    let of_standing = asked.of_standing();
    let mut would = None;
    let report = match put {
        Put::Foreseen => {
            let mut tx = console.read().await?;
            let report = import::foresee(&mut tx, &read, &list, of_standing, console.now());
            let mut report = report.await?;
            drop(tx);
            would = looked_back(console, &list, &read, &mut report.rows).await?;
            report
        }
        Put::Done => {
            let (store, organisation) = (&console.parts.store, console.parts.organisation);
            let by = console.by(person);
            let through = Through::Upload(&name);
            import::put(store, organisation, &read, &list, of_standing, through, &by).await?
        }
    };
    log_standing(console, person, &report).await?;
    let page = Import {
        file_name: name,
        read,
        report: Some(report),
        would,
        is_done: put == Put::Done,
        ..form(console, person, list, asked, Faults::default()).0
    };
    Ok(Page(page).into_response())
}

/// Takes a file, and goes on to what would come of it.
pub(crate) async fn upload(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    mut parts: Multipart,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    let mut asked = Asked::default();
    let mut file = None;
    let unreadable =
        |_| Error::Unreadable("The form did not arrive whole; send it again.".to_owned());
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        match part.name().unwrap_or_default().to_owned().as_str() {
            "file" => {
                let name = part.file_name().unwrap_or_default().to_owned();
                // Too much of it is too much: the limit of the route says so.
                let bytes = part.bytes().await.map_err(|error| match error.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => too_large(),
                    _ => unreadable(error),
                })?;
                file = Some((name, bytes));
            }
            "kind" => asked.kind = part.text().await.map_err(unreadable)?.parse().ok(),
            "format" => asked.format = part.text().await.map_err(unreadable)?.parse().ok(),
            "region" => asked.region = part.text().await.map_err(unreadable)?,
            "encoding" => asked.encoding = part.text().await.map_err(unreadable)?,
            "state" => asked.state = part.text().await.map_err(unreadable)?,
            "update" => asked.update = part.text().await.map_err(unreadable)?,
            _ => {}
        }
    }
    let Some((name, bytes)) = file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let faults = fault("there is no file, or nothing in it", "choose a file");
        return Ok(wrong(&console, &person, list, asked, faults));
    };
    let now = console.now();
    let id = console.parts.mint.id::<SessionId>(now).to_string();
    asked.file.clone_from(&id);
    console.uploads.hold(Upload {
        id,
        account: person.account,
        name,
        bytes,
        at: now,
    });
    Ok(on_to(&asked.address(list.id, "")))
}

/// Puts what is in the file on the list.
pub(crate) async fn confirm(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Form(asked): Form<Asked>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    // The refused rows can still be had: the file is let go when the next one comes, or with the hour.
    came_of(&console, &person, list, asked, Put::Done).await
}

/// Gives the refused rows as CSV, to be corrected and imported.
pub(crate) async fn refused(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Query(mut asked): Query<Asked>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    let _turn = console.imports.acquire().await.map_err(Error::internal)?;
    let file = file(&console, &person, &list, &mut asked).await?;
    let File { read, .. } = file.map_err(|faults| Error::Wrong(faults.0))?;
    // Some are refused by what stands already: for their patterns there is no room.
    let mut tx = console.read().await?;
    let of_standing = asked.of_standing();
    let report = import::foresee(&mut tx, &read, &list, of_standing, console.now()).await?;
    drop(tx);
    console
        .log_read(&person, "watchlist.refused", id.to_string())
        .await?;
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        // The name is ours: what was uploaded under which name is for nobody's disk.
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"refused.csv\"",
        ),
    ];
    Ok((head, read.refused(&report.rows)).into_response())
}

async fn named(console: &Console, id: WatchlistId) -> Result<Watchlist, Error> {
    let mut tx = console.read().await?;
    watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)
}

/// A file that was uploaded, as read.
struct File {
    name: String,
    read: Read,
}

/// The file that is asked for, read beside all else that this process does; or what is wrong with it as a whole.
async fn file(
    console: &Console,
    person: &Person,
    list: &Watchlist,
    asked: &mut Asked,
) -> Result<Result<File, Faults>, Error> {
    let uploads = &console.uploads;
    let Some(upload) = uploads.of(person.account, &asked.file, console.now()) else {
        asked.file.clear();
        return Ok(Err(fault(
            "is no longer held: it was uploaded more than an hour ago, or another came after it",
            "choose it again",
        )));
    };
    let options = asked.options();
    let said = Said {
        region: &asked.region,
        encoding: &asked.encoding,
    };
    let read = imports::read(console, list, &upload, said, options).await?;
    Ok(read
        .map(|read| File {
            name: upload.name.clone(),
            read,
        })
        .map_err(|error| {
            fault_of(
                imports::field(&error),
                &error.to_string(),
                "say below how it is to be read, or choose another",
            )
        }))
}

fn fault(message: &str, remedy: &str) -> Faults {
    fault_of("file", message, remedy)
}

fn fault_of(field: &str, message: &str, remedy: &str) -> Faults {
    Faults(vec![sightline_model::Problem::new(field, message, remedy)])
}

fn too_large() -> Error {
    let most = crate::uploads::LARGEST / (1024 * 1024);
    Error::field(
        "file",
        format!("it has more than {most} MiB"),
        "split it, or import it by command",
    )
}

fn form(
    console: &Console,
    person: &Person,
    list: Watchlist,
    asked: Asked,
    faults: Faults,
) -> Page<Import> {
    Page(Import {
        frame: Frame::new("Import", "/watchlists", person, console.now()),
        list,
        asked,
        file_name: String::new(),
        read: Read::default(),
        report: None,
        would: None,
        is_done: false,
        faults,
    })
}

fn wrong(
    console: &Console,
    person: &Person,
    list: Watchlist,
    asked: Asked,
    faults: Faults,
) -> Response {
    let page = form(console, person, list, asked, faults);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
