//! `/reset/…`: somebody who forgot their password chooses another.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::form::secret;
use crate::{
    Console, Error,
    answer::{Faults, Frame, Page, on_to},
    sign_in::{Caller, pending, reset},
};

#[derive(Template)]
#[template(path = "reset.html")]
struct Reset {
    frame: Frame,
    secret: String,
    name: String,
    /// True where they set up another second factor next.
    factor: bool,
    faults: Faults,
}

/// What they choose.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(deserialize_with = "secret")]
    password: SecretString,
    tokens: Option<String>,
}

/// Shows the form, where the link holds.
pub(crate) async fn show(
    State(console): State<Console>,
    Path(secret): Path<String>,
) -> Result<Response, Error> {
    form(&console, secret, Faults::default()).await
}

/// Sets the password.
pub(crate) async fn choose(
    State(console): State<Console>,
    Path(secret): Path<String>,
    caller: Caller,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    let new = (&chosen.password, chosen.tokens.is_some());
    match reset(&console, &secret, new, &caller).await {
        Ok(Some(session)) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&session))];
            Ok((cookie, on_to("/enrol")).into_response())
        }
        Ok(None) => Ok(on_to("/sign-in")),
        Err(Error::Wrong(problems)) => {
            let again = form(&console, secret, Faults(problems)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(error) => Err(error),
    }
}

async fn form(console: &Console, secret: String, faults: Faults) -> Result<Response, Error> {
    let (link, account) = pending(console, &secret).await?.ok_or(Error::NotFound)?;
    Ok(Page(Reset {
        frame: Frame::for_anybody("Choose a new password", console.now()),
        secret,
        name: account.name,
        factor: link.factor,
        faults,
    })
    .into_response())
}
