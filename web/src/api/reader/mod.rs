//! The reference of the API: the document for programs, and the same as a page for people. Neither tells of anything that
//! is stored, so nobody has to sign in for them.
//!
//! The page is read out of the document, so it cannot say anything else.

mod operation;
mod schema;

use std::sync::{LazyLock, OnceLock};

use askama::Template;
use axum::{extract::State, http::HeaderMap, response::Response};
use operation::Operation;
use schema::{Piece, Schemas, Told};

use super::openapi;
use crate::{Console, Error, answer::Frame, packed::Packed};

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

/// The page, which is the same for everybody.
pub(crate) async fn show(
    State(console): State<Console>,
    asked: HeaderMap,
) -> Result<Response, Error> {
    static PAGE: OnceLock<Packed> = OnceLock::new();
    let page = match PAGE.get() {
        Some(page) => page,
        None => {
            let written = written(Frame::for_anybody("The API", console.now()))?;
            PAGE.get_or_init(|| Packed::of(written.into_bytes()))
        }
    };
    Ok(page.give("text/html; charset=utf-8", &asked))
}

fn written(frame: Frame) -> Result<String, Error> {
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
    let reader = Reader {
        frame,
        sections,
        types: schemas.all(),
    };
    Ok(reader.render()?)
}

/// The document.
pub(crate) async fn document(asked: HeaderMap) -> Response {
    static DOCUMENT: LazyLock<Packed> =
        LazyLock::new(|| Packed::of(openapi::document().to_string().into_bytes()));
    DOCUMENT.give("application/json", &asked)
}
