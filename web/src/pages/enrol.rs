//! `/enrol`: a person sets up their second factor.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page, on_to},
    sign_in::{Caller, enrol, second_factor},
};

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol {
    frame: Frame,
    /// The secret in groups of four, for whoever can't read the picture.
    secret: String,
    /// The picture: the path of an SVG, and its width.
    picture: (String, i32),
    faults: Faults,
}

#[derive(Template)]
#[template(path = "enrolled.html")]
struct Done {
    frame: Frame,
    codes: Vec<String>,
}

/// Shows the secret, as a picture and in letters.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
) -> Result<Response, Error> {
    form(&console, &person, Faults::default()).await
}

/// What their app shows.
#[derive(Deserialize)]
pub(crate) struct Shown {
    code: String,
}

/// Finishes it, and shows the recovery codes this once.
pub(crate) async fn finish(
    State(console): State<Console>,
    person: Person,
    caller: Caller,
    Form(shown): Form<Shown>,
) -> Result<Response, Error> {
    match enrol(&console, &person, &shown.code, &caller).await {
        Ok(enrolled) => {
            let cookie = [(header::SET_COOKIE, console.cookies.give(&enrolled.session))];
            let page = Page(Done {
                frame: Frame::for_anybody("Keep these codes", console.now()),
                codes: enrolled.codes,
            });
            Ok((cookie, page).into_response())
        }
        Err(Error::Wrong(problems)) => {
            let again = form(&console, &person, Faults(problems)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(error) => Err(error),
    }
}

async fn form(console: &Console, person: &Person, faults: Faults) -> Result<Response, Error> {
    let Some((factor, secret)) = second_factor(console, person).await? else {
        return Ok(on_to("/"));
    };
    let letters: Vec<char> = secret.chars().collect();
    let groups = letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>());
    Ok(Page(Enrol {
        frame: Frame::for_anybody("Set up your second factor", console.now()),
        secret: groups.collect::<Vec<_>>().join(" "),
        picture: factor.qr()?,
        faults,
    })
    .into_response())
}
