//! `/silences`: what is kept quiet, by whom, why and until when; making one, and ending it.

use std::collections::HashMap;

use askama::Template;
use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{
    Names, Refused,
    silence::{self, Covering, OFFERED, Row, Span},
};
use sightline_model::{Entry, EntryId, Severity, SilenceId, SourceId, WatchlistId, counted};

use super::form::optional;
use crate::{
    Console, Error,
    access::{Permission, Person},
    answer::{Faults, Frame, Page, on_to},
    api::Named,
};

/// What is to be kept quiet, as it was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    #[serde(deserialize_with = "optional")]
    watchlist: Option<WatchlistId>,
    #[serde(deserialize_with = "optional")]
    source: Option<SourceId>,
    case: String,
    #[serde(deserialize_with = "optional")]
    at_most: Option<Severity>,
    hours: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "silences.html")]
struct Silences {
    frame: Frame,
    silences: Vec<Row>,
    names: Names,
    entries: HashMap<EntryId, Entry>,
    typed: Typed,
    faults: Faults,
}

impl Silences {
    fn covers(&self, row: &Row) -> String {
        silence::in_words(&row.silence.covers, &self.names, &self.entries)
    }

    /// The entry that is covered by name, where it is there and may be looked at.
    fn entry(&self, row: &Row) -> Option<EntryId> {
        let entry = row.silence.covers.entry?;
        let is_shown = self.frame.may(Permission::ReadWatchlists);
        (is_shown && self.entries.contains_key(&entry)).then_some(entry)
    }

    fn may_silence(&self) -> bool {
        self.frame.may(Permission::SilenceAlerts)
    }

    fn is_to_come(&self, row: &Row) -> bool {
        row.silence.from > self.frame.now
    }
}

/// Shows them, past ones too.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    page(&console, &person, Typed::default(), Faults::default()).await
}

async fn page(
    console: &Console,
    person: &Person,
    typed: Typed,
    faults: Faults,
) -> Result<Response, Error> {
    let now = console.now();
    let mut tx = console.read().await?;
    let silences = silence::list(&mut tx, now).await?;
    let names = Names::read(&mut tx).await?;
    let covered = silences.iter().map(|row| &row.silence.covers);
    let entries = silence::entries(&mut tx, covered).await?;
    drop(tx);
    let many = counted(silences.len(), "silence", "silences");
    console.log_read(person, "silences.read", many).await?;
    let status = faults.status();
    let page = Page(Silences {
        frame: Frame::new("Silences", "/silences", person, now),
        silences,
        names,
        entries,
        typed,
        faults,
    });
    Ok((status, page).into_response())
}

/// Makes one.
pub(crate) async fn add(
    State(console): State<Console>,
    person: Person,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    match made(&console, &person, &typed).await {
        Ok(()) => Ok(on_to("/silences")),
        Err(Error::Wrong(problems)) => page(&console, &person, typed, Faults(problems)).await,
        Err(error) => Err(error),
    }
}

async fn made(console: &Console, person: &Person, typed: &Typed) -> Result<(), Error> {
    let case = Some(typed.case.trim()).filter(|case| !case.is_empty());
    let covering = Covering {
        watchlist: typed.watchlist,
        source: typed.source,
        case: case.map(str::to_owned),
        at_most: typed.at_most,
        ..Covering::default()
    };
    if covering == Covering::default() {
        return Err(Error::field(
            "watchlist",
            "nothing is named, and everything would be quiet",
            "name a list, a source, a case or how grave",
        ));
    }
    let by = console.by(person);
    let span = Span {
        from: None,
        until: by.at + silence::offered(&typed.hours)?,
        reason: &typed.reason,
    };
    let mut tx = console.write().await?;
    silence::add(&mut tx, &covering, &span, &by, &console.parts.mint).await?;
    Ok(tx.commit().await?)
}

/// Ends one now.
pub(crate) async fn end(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<SilenceId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    match silence::end(&mut tx, id, &console.by(&person)).await {
        Ok(()) => tx.commit().await?,
        // A form that was sent twice, or a colleague: it is over.
        Err(Refused::NoSilence(_)) => drop(tx),
        Err(refused) => return Err(refused.into()),
    }
    Ok(on_to("/silences"))
}
