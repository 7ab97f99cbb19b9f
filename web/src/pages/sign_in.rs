//! `/sign-in` and `/sign-out`.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use sightline_store::sessions;

use super::{
    form::{ours, secret},
    query::Query,
};
use crate::{
    Console, Error,
    access::Person,
    answer::{Frame, Page, on_to},
    sign_in::{Caller, Credentials, sign_in as begin},
};

/// As many attempts that failed are no slip of the hand.
const MANY: u32 = 5;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    organisation: String,
    next: String,
    name: String,
    was_refused: bool,
    /// True where a form was sent when the session was over.
    is_lost: bool,
}

/// Where to go on, and that a form was lost.
#[derive(Deserialize)]
pub(crate) struct Next {
    next: Option<String>,
    lost: Option<String>,
}

/// Shows the form.
pub(crate) async fn show(State(console): State<Console>, Query(query): Query<Next>) -> Response {
    Page(SignIn {
        is_lost: query.lost.is_some(),
        ..form(&console, query.next.as_deref())
    })
    .into_response()
}

/// What they sign in with.
#[derive(Deserialize)]
pub(crate) struct Said {
    name: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    #[serde(default)]
    code: String,
    next: Option<String>,
}

/// Signs somebody in.
pub(crate) async fn sign_in(
    State(console): State<Console>,
    caller: Caller,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let credentials = Credentials {
        name: said.name.trim(),
        password: &said.password,
        code: &said.code,
    };
    let next = said.next.as_deref();
    Ok(match begin(&console, &credentials, &caller).await? {
        Some(signed_in) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&signed_in.session))];
            // Many that failed are told of before anything else.
            let to = match signed_in.failures < MANY {
                true => ours(next),
                false => "/account",
            };
            (cookie, on_to(to)).into_response()
        }
        None => {
            let again = Page(SignIn {
                name: said.name.clone(),
                was_refused: true,
                ..form(&console, next)
            });
            (StatusCode::UNPROCESSABLE_ENTITY, again).into_response()
        }
    })
}

/// Ends the session.
pub(crate) async fn sign_out(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    if let Some(session) = person.session() {
        let mut tx = console.write().await?;
        sessions::end(&mut tx, session).await?;
        let by = console.by(&person);
        by.log(&mut tx, "session.end", session.to_string(), "")
            .await?;
        tx.commit().await?;
    }
    let cookie = [(header::SET_COOKIE, console.cookies.take())];
    Ok((cookie, on_to("/")).into_response())
}

fn form(console: &Console, next: Option<&str>) -> SignIn {
    SignIn {
        frame: Frame::for_anybody("Sign in", console.now()),
        organisation: console.parts.organisation_name.clone(),
        next: ours(next).to_owned(),
        name: String::new(),
        was_refused: false,
        is_lost: false,
    }
}
