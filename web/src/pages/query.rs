//! What the address of a page says, read with failures that say which part of it can't be.

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::Query as Read;
use serde::de::DeserializeOwned;
use sightline_casework::inert;
use url::form_urlencoded;

use crate::Error;

/// Characters that are shown of what can't be read.
const SHOWN: usize = 80;

/// What the address says behind its path.
pub(crate) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let read = Read::<T>::from_request_parts(parts, state).await;
        let query = parts.uri.query().unwrap_or_default();
        read.map(|Read(asked)| Self(asked))
            .map_err(|wrong| told(query, &wrong.body_text()))
    }
}

/// The part that can't be read, by what the reader of the whole says: it names the part before the cause.
fn told(query: &str, wrong: &str) -> Error {
    let mut parts = form_urlencoded::parse(query.as_bytes());
    match parts.find(|(part, _)| wrong.contains(&format!(": {part}: "))) {
        Some((part, value)) => unread(&part, &value),
        None => Error::Unreadable(
            "The address is not whole. Go to the page itself, and try again from there.".to_owned(),
        ),
    }
}

/// That a part of an address says what it can't.
pub(crate) fn unread(part: &str, value: &str) -> Error {
    Error::Unreadable(format!(
        "“{}” is nothing that “{part}” can be in the address. Leave that part out, or choose anew on the page itself.",
        inert::cut(value, SHOWN)
    ))
}
