//! What programs send, read with failures that say what is wrong with it.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::shape;
use crate::Error;

/// The query of an address.
pub(crate) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        let Query(asked) = read.map_err(|wrong| Error::Unreadable(wrong.body_text()))?;
        match parts.uri.query().is_some_and(|query| query.contains("%00")) {
            true => Err(nul()),
            false => Ok(Self(asked)),
        }
    }
}

/// What the path names. What is no name of anything names nothing.
pub(crate) struct Named<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Named<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        let Path(named) = read.map_err(|_| Error::NotFound)?;
        Ok(Self(named))
    }
}

/// A JSON document, of the shape that the document of the API says.
pub(crate) struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + JsonSchema> FromRequest<S> for Sent<T> {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        use axum::{extract::rejection::JsonRejection::*, response::IntoResponse};
        match Json::<Value>::from_request(request, state).await {
            Ok(Json(sent)) if has_nul(&sent) => Err(nul().into_response()),
            Ok(Json(sent)) => {
                shape::lists_are_meant::<T>(&sent).map_err(IntoResponse::into_response)?;
                serde_path_to_error::deserialize(sent)
                    .map(Self)
                    .map_err(|wrong| misread(&wrong).into_response())
            }
            Err(wrong @ (JsonDataError(_) | JsonSyntaxError(_))) => {
                Err(Error::Unreadable(wrong.body_text()).into_response())
            }
            // Too large, or of another media type: the status says it.
            Err(other) => Err(other.status().into_response()),
        }
    }
}

/// What is wrong, and where.
fn misread(wrong: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let what = wrong.inner();
    Error::Unreadable(match wrong.path().to_string().as_str() {
        "." => format!("{what}."),
        place => format!("{place}: {what}."),
    })
}

/// PostgreSQL keeps no text with a NUL in it, and nobody has one to say.
fn nul() -> Error {
    Error::Unreadable("A text must not contain the character U+0000.".to_owned())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
