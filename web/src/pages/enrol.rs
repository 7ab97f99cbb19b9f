//! `/enrol`: a person sets up their second factor.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_model::Stage;

use crate::{
    Console, Error,
    access::{Means, Person},
    answer::{Faults, Frame, Page, on_to},
    sign_in::{Caller, SecondFactor, enrol, second_factor},
};

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol {
    frame: Frame,
    picture: Picture,
    /// True where they are let in no further without it.
    is_needed: bool,
    faults: Faults,
}

/// A second factor for an app to read.
pub(super) struct Picture {
    /// The secret in groups of four, for whoever can't read the picture.
    pub secret: String,
    /// The picture: the path of an SVG, and its width.
    qr: (String, i32),
}

impl Picture {
    /// The picture of this one, whose secret this is.
    pub fn of(factor: &SecondFactor, secret: &str) -> Result<Self, Error> {
        let letters: Vec<char> = secret.chars().collect();
        let groups = letters
            .chunks(4)
            .map(|group| group.iter().collect::<String>());
        Ok(Self {
            secret: groups.collect::<Vec<_>>().join(" "),
            qr: factor.qr()?,
        })
    }

    /// The picture itself.
    pub fn svg(&self) -> QrCode<'_> {
        QrCode {
            path: &self.qr.0,
            width: self.qr.1,
        }
    }
}

#[derive(Template)]
#[template(
    source = r#"<svg class="qr" viewBox="0 0 {{ width }} {{ width }}" role="img" aria-label="QR code of the secret below"><rect width="{{ width }}" height="{{ width }}" class="qr-ground"/><path class="qr-ink" d="{{ path }}"/></svg>"#,
    ext = "html"
)]
pub(super) struct QrCode<'a> {
    path: &'a str,
    width: i32,
}

impl askama::filters::HtmlSafe for QrCode<'_> {}

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
            Ok((cookie, codes(&console, enrolled.codes)).into_response())
        }
        Err(Error::Wrong(problems)) => {
            let again = form(&console, &person, Faults(problems)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Shows recovery codes, this once.
pub(super) fn codes(console: &Console, codes: Vec<String>) -> Response {
    let frame = Frame::for_anybody("Keep these codes", console.now());
    Page(Done { frame, codes }).into_response()
}

async fn form(console: &Console, person: &Person, faults: Faults) -> Result<Response, Error> {
    let Some((factor, secret)) = second_factor(console, person).await? else {
        return Ok(on_to("/"));
    };
    Ok(Page(Enrol {
        frame: Frame::for_anybody("Set up your second factor", console.now()),
        picture: Picture::of(&factor, &secret)?,
        is_needed: matches!(person.means, Means::Session(_, Stage::Enrolling)),
        faults,
    })
    .into_response())
}
