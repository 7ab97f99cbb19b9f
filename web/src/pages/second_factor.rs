//! `/account/second-factor`: new recovery codes, and another phone.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    enrol::{Picture, codes},
    form::secret,
};
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page, on_to},
    sign_in::{self, Caller, begin_move, finish_move, moving, renew_codes},
};

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactor {
    frame: Frame,
    /// The second factor that they are about to move to.
    next: Option<Picture>,
    faults: Faults,
}

/// Shows what can be done, or how to finish it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    page(&console, &person, Faults::default()).await
}

/// What shows that it is they.
#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    code: String,
}

impl Shown {
    fn read(&self) -> sign_in::Shown<'_> {
        sign_in::Shown {
            password: &self.password,
            code: &self.code,
        }
    }
}

/// Draws new recovery codes, and shows them this once.
pub(crate) async fn renew(
    State(console): State<Console>,
    person: Person,
    caller: Caller,
    Form(shown): Form<Shown>,
) -> Result<Response, Error> {
    match renew_codes(&console, &person, &shown.read(), &caller).await {
        Ok(drawn) => Ok(codes(&console, drawn)),
        Err(error) => again(&console, &person, error).await,
    }
}

/// Draws the secret for another phone.
pub(crate) async fn begin(
    State(console): State<Console>,
    person: Person,
    caller: Caller,
    Form(shown): Form<Shown>,
) -> Result<Response, Error> {
    match begin_move(&console, &person, &shown.read(), &caller).await {
        Ok(()) => Ok(on_to("/account/second-factor")),
        Err(error) => again(&console, &person, error).await,
    }
}

/// What the app on the other phone shows.
#[derive(Deserialize)]
pub(crate) struct Code {
    code: String,
}

/// Moves to it.
pub(crate) async fn finish(
    State(console): State<Console>,
    person: Person,
    caller: Caller,
    Form(Code { code }): Form<Code>,
) -> Result<Response, Error> {
    match finish_move(&console, &person, &code, &caller).await {
        Ok(moved) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&moved.session))];
            Ok((cookie, codes(&console, moved.codes)).into_response())
        }
        Err(error) => again(&console, &person, error).await,
    }
}

async fn again(console: &Console, person: &Person, error: Error) -> Result<Response, Error> {
    let Error::Wrong(problems) = error else {
        return Err(error);
    };
    let page = page(console, person, Faults(problems)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn page(console: &Console, person: &Person, faults: Faults) -> Result<Response, Error> {
    let next = moving(console, person).await?;
    let next = match next {
        Some((factor, secret)) => Some(Picture::of(&factor, &secret)?),
        None => None,
    };
    Ok(Page(SecondFactor {
        frame: Frame::new("Second factor", "/account", person, console.now()),
        next,
        faults,
    })
    .into_response())
}
