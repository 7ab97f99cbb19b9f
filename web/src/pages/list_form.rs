//! `/watchlists/new` and `/watchlists/…/edit`: a list is made, and what it gives and whom it tells is changed.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sightline_casework::watchlist::{self, Written};
use sightline_model::{
    Category, Certainty, GroupBy, Pace, Problem, Reason, Severity, Tlp, Watchlist, WatchlistId,
};
use sightline_store::{audit::Deed, watchlists};

use super::{
    fields::{Fields, Moved},
    list_words::{shown, written},
};
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page, on_to},
    api::Named,
};

/// Changes that are shown.
const CHANGES: u32 = 50;

/// What each reason means, in the order in which they are offered.
const REASONS: [(Reason, &str); 5] = [
    (Reason::First, "it is seen for the first time"),
    (Reason::Reappeared, "it is back after the gap"),
    (Reason::NewSource, "it is seen on another site"),
    (
        Reason::NewListing,
        "every further listing on a site that showed it lately",
    ),
    (
        Reason::Historic,
        "it stood in the store already when its entry was added",
    ),
];

#[derive(Template)]
#[template(path = "list_form.html")]
struct Shown {
    frame: Frame,
    /// The list; nothing where it is a new one.
    list: Option<Watchlist>,
    fields: Fields,
    /// What it was when the form was shown.
    was: String,
    /// The channels that there are, and those that the list names besides.
    channels: Vec<String>,
    moved: Vec<Moved>,
    changes: Vec<Deed>,
    faults: Faults,
}

impl Shown {
    fn reasons(&self) -> &'static [(Reason, &'static str)] {
        &REASONS
    }

    /// Where the form goes.
    fn action(&self) -> String {
        match &self.list {
            Some(list) => format!("/watchlists/{}/edit", list.id),
            None => "/watchlists/new".to_owned(),
        }
    }

    /// From which severity on something does not wait, and what that is called.
    fn through(&self) -> [(&'static str, &'static str); 4] {
        [
            ("grave", "what is grave"),
            ("normal", "what is normal or grave"),
            ("low", "everything"),
            ("none", "nothing"),
        ]
    }

    /// Who changed it last.
    fn who(&self) -> &str {
        self.changes.first().map_or("", |deed| &deed.who)
    }
}

/// Shows the form for a new list.
pub(crate) async fn blank(State(console): State<Console>, person: Person) -> Response {
    let fields = shown(&Written::default());
    page(&console, &person, None, fields, Vec::new()).into_response()
}

/// Makes a list.
pub(crate) async fn create(
    State(console): State<Console>,
    person: Person,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let (fields, _) = Fields::typed(sent);
    let (written, problems) = written(&fields, &Written::default());
    let done = match judged(&console, &written, problems) {
        Ok(()) => {
            let mut tx = console.write().await?;
            let (by, mint) = (console.by(&person), &console.parts.mint);
            let made = watchlist::create(&mut tx, &written, &channels(&console), &by, mint).await;
            match made {
                Ok(list) => {
                    tx.commit().await?;
                    return Ok(on_to(&format!("/watchlists/{}", list.id)));
                }
                Err(refused) => Error::from(refused),
            }
        }
        Err(problems) => Error::Wrong(problems),
    };
    match done {
        Error::Wrong(problems) => {
            let mut page = page(&console, &person, None, fields, Vec::new());
            page.0.faults = Faults::at_fields(problems);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        error => Err(error),
    }
}

/// Shows the form of a list.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let list = watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let changes = watchlist::history(&mut tx, id, CHANGES).await?;
    let fields = shown(&Written::of(&list)?);
    Ok(page(&console, &person, Some(list), fields, changes).into_response())
}

/// Changes a list. Where somebody else did so since the form was shown, nothing is done: it is shown what they changed.
pub(crate) async fn save(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let (mut fields, was) = Fields::typed(sent);
    let mut tx = console.write().await?;
    let list = watchlist::to_change(&mut tx, id).await?;
    let before = Written::of(&list)?;
    let now = shown(&before);
    let moved = fields.follow(was.as_ref().unwrap_or(&now), &now);
    let (written, problems) = written(&fields, &before);
    let done = match judged(&console, &written, problems) {
        _ if !moved.is_empty() => Err(Vec::new()),
        Ok(()) => {
            let (by, mint) = (console.by(&person), &console.parts.mint);
            match watchlist::set(&mut tx, id, &written, &channels(&console), &by, mint).await {
                Ok(_) => Ok(()),
                Err(refused) => match Error::from(refused) {
                    Error::Wrong(problems) => Err(problems),
                    error => return Err(error),
                },
            }
        }
        Err(problems) => Err(problems),
    };
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(on_to(&format!("/watchlists/{id}")))
        }
        Err(problems) => {
            let changes = watchlist::history(&mut tx, id, CHANGES).await?;
            drop(tx);
            let status = match moved.is_empty() {
                true => StatusCode::UNPROCESSABLE_ENTITY,
                false => StatusCode::CONFLICT,
            };
            let mut page = page(&console, &person, Some(list), fields, changes);
            page.0.was = now.to_json();
            page.0.moved = moved;
            page.0.faults = Faults::at_fields(problems);
            Ok((status, page).into_response())
        }
    }
}

/// Takes a list away that was made by mistake.
pub(crate) async fn delete(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    watchlist::delete(&mut tx, id, &console.by(&person)).await?;
    tx.commit().await?;
    Ok(on_to("/watchlists"))
}

/// The channels that the configuration names, in order.
fn channels(console: &Console) -> Vec<&str> {
    console.channels().into_iter().collect()
}

/// Everything that is wrong: what does not read, and what makes no sense. What does not read is told of once.
fn judged(
    console: &Console,
    written: &Written,
    mut problems: Vec<Problem>,
) -> Result<(), Vec<Problem>> {
    let unread: Vec<String> = problems.iter().map(|one| one.key.clone()).collect();
    let senseless = written.check(&channels(console)).into_iter();
    problems.extend(senseless.filter(|one| !unread.contains(&one.key)));
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

fn page(
    console: &Console,
    person: &Person,
    list: Option<Watchlist>,
    fields: Fields,
    changes: Vec<Deed>,
) -> Page<Shown> {
    let known = channels(console).into_iter();
    let mut known: Vec<String> = known.map(str::to_owned).collect();
    let named = [
        fields.several("channels"),
        fields.several("escalate.channels"),
    ];
    for name in named.concat() {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    let title = match list {
        Some(_) => "Edit a watchlist",
        None => "New watchlist",
    };
    Page(Shown {
        frame: Frame::new(title, "/watchlists", person, console.now()),
        list,
        was: fields.to_json(),
        fields,
        channels: known,
        moved: Vec::new(),
        changes,
        faults: Faults::default(),
    })
}
