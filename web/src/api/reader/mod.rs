//! The reference of the API: the document for programs, and the same as a page for people. Neither tells of anything that
//! is stored, so nobody has to sign in for them.
//!
//! The page is read out of the document, so it cannot say anything else.

mod operation;
mod schema;

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use operation::Operation;
use schema::{Piece, Schemas, Told};

use super::openapi;
use crate::{
    Console,
    answer::{Frame, Page},
};

/// The operations whose paths begin with the same word.
struct Section {
    tag: String,
    operations: Vec<Operation>,
}

#[derive(Template)]
#[template(path = "api.html")]
struct Reader {
    frame: Frame,
    sections: Vec<Section>,
    /// Every type that has a name, and that name.
    types: Vec<(String, Told)>,
}

/// The page.
pub(crate) async fn show(State(console): State<Console>) -> Response {
    let document = openapi::document();
    let schemas = Schemas::of(&document);
    let mut sections: Vec<Section> = Vec::new();
    for operation in Operation::all(&document, &schemas) {
        match sections.iter_mut().find(|one| one.tag == operation.tag) {
            Some(section) => section.operations.push(operation),
            None => sections.push(Section {
                tag: operation.tag.clone(),
                operations: vec![operation],
            }),
        }
    }
    Page(Reader {
        frame: Frame::for_anybody("The API", console.now()),
        sections,
        types: schemas.all(),
    })
    .into_response()
}

/// The document.
pub(crate) async fn document() -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    (media_type, openapi::document().to_string()).into_response()
}
