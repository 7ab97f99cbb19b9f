//! `/welcome/…`: somebody who was invited makes their account.

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use sightline_model::Role;
use sightline_store::invitations;

use super::form::secret;
use crate::{
    Console, Error,
    answer::{Faults, Frame, Page, on_to},
    sign_in::{Caller, NewAccount, accept as accept_invitation, digest},
};

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    frame: Frame,
    secret: String,
    role: Role,
    name: String,
    faults: Faults,
}

/// What they choose.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    name: String,
    #[serde(deserialize_with = "secret")]
    password: SecretString,
}

/// Shows the form, where the invitation holds.
pub(crate) async fn show(
    State(console): State<Console>,
    Path(secret): Path<String>,
) -> Result<Response, Error> {
    form(&console, secret, String::new(), Faults::default()).await
}

/// Makes the account.
pub(crate) async fn accept(
    State(console): State<Console>,
    Path(secret): Path<String>,
    caller: Caller,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    let new = NewAccount {
        name: &chosen.name,
        password: &chosen.password,
    };
    match accept_invitation(&console, &secret, &new, &caller).await {
        Ok(session) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&session))];
            let to = match console.parts.settings.second_factor {
                true => "/enrol",
                false => "/",
            };
            Ok((cookie, on_to(to)).into_response())
        }
        Err(Error::Wrong(problems)) => {
            let again = form(&console, secret, chosen.name, Faults(problems)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(error) => Err(error),
    }
}

async fn form(
    console: &Console,
    secret: String,
    name: String,
    faults: Faults,
) -> Result<Response, Error> {
    let mut tx = console.read().await?;
    let now = console.now();
    let invitation = invitations::by_digest(&mut tx, &digest(&secret), now).await?;
    let invitation = invitation.ok_or(Error::NotFound)?;
    Ok(Page(Welcome {
        frame: Frame::for_anybody("Make your account", now),
        secret,
        role: invitation.role,
        name,
        faults,
    })
    .into_response())
}
