//! The reference of the API: the document for programs, and the same as a page for people. Neither tells of anything that
//! is stored, so nobody has to sign in for them.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::openapi;
use crate::{
    Console,
    answer::{Frame, Page},
    routes::{Needs, table},
};

/// An operation as the page shows it.
struct Shown {
    method: String,
    path: &'static str,
    summary: &'static str,
    permission: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "api.html")]
struct Reader {
    frame: Frame,
    operations: Vec<Shown>,
}

/// The page.
pub(crate) async fn show(State(console): State<Console>) -> Response {
    let shown = table().into_iter().filter_map(|route| {
        Some(Shown {
            summary: route.operation?.summary,
            method: route.method.to_string(),
            path: route.path,
            permission: match route.needs {
                Needs::May(permission) => Some(permission.as_str()),
                _ => None,
            },
        })
    });
    Page(Reader {
        frame: Frame::for_anybody("The API", console.now()),
        operations: shown.collect(),
    })
    .into_response()
}

/// The document.
pub(crate) async fn document() -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    (media_type, openapi::document().to_string()).into_response()
}
