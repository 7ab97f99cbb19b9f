//! Deeds under a key of the program's own (`Idempotency-Key`): asked for twice, they are done once and answered alike.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use sightline_model::TokenId;
use sightline_store::answers::{self, Answer, Content};

use super::Door;
use crate::{Console, Error, sign_in::digest_of};

/// The header that has the key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that is given again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key.
const LONGEST: usize = 128;
/// For so long a key is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 3_600);
/// The largest answer that is kept to be given again, in bytes.
const LARGEST: usize = 256 * 1024;

/// The key of a request, where it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut keys = headers.get_all(KEY).iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let key = key.to_str().unwrap_or_default();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_key = (1..=LONGEST).contains(&key.len()) && key.bytes().all(is_letter);
    match is_key && keys.next().is_none() {
        true => Ok(Some(key.to_owned())),
        false => Err(Error::Unreadable(format!(
            "Idempotency-Key has from 1 to {LONGEST} letters, digits, - and _; a UUID is one."
        ))),
    }
}

/// Does what is asked for under a key, or answers as before.
pub(super) async fn once(
    door: &Door,
    (token, key): (TokenId, String),
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, door.largest).await else {
        return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let mut asked = format!("{} {}\n", parts.method, parts.uri).into_bytes();
    asked.extend_from_slice(&bytes);
    let asked = digest_of(&asked);
    let console = door.console.clone();
    let now = console.now();
    let mut tx = console.write().await?;
    let under = (token, key.as_str());
    let stands = answers::take(&mut tx, under, &asked, now - REMEMBERED, now).await?;
    tx.commit().await?;
    if let Some(answer) = stands {
        return again(answer, &asked);
    }
    let is_secret = door.is_secret;
    // It goes on where whoever asked has gone: what is done is then known under its key.
    let doing = tokio::spawn(async move {
        let response = next
            .run(Request::from_parts(parts, Body::from(bytes)))
            .await;
        settle(&console, (token, &key), is_secret, response).await
    });
    doing.await.map_err(Error::internal)?
}

fn again(answer: Answer, asked: &str) -> Result<Response, Error> {
    if answer.asked != asked {
        return Err(Error::field(
            "Idempotency-Key",
            "was sent with something else before",
            "send a key of its own for each deed",
        ));
    }
    let status = answer
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    let Some(status) = status else {
        return Err(Error::Conflict(
            "What was asked for under this key is under way, or how it ended is not known. Wait, then look at what it was \
             to do; to do it again, use another key."
                .to_owned(),
        ));
    };
    let Some(body) = answer.body else {
        return Err(Error::Conflict(
            "It was done under this key already. Its answer held a secret, or was too large to be kept, and is not given \
             twice."
                .to_owned(),
        ));
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if let Some(Ok(media_type)) = answer.media_type.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    if let Some(Ok(tag)) = answer.tag.map(HeaderValue::try_from) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Keeps what was answered. Where nothing was done, the key is free again.
async fn settle(
    console: &Console,
    under: (TokenId, &str),
    is_secret: bool,
    response: Response,
) -> Result<Response, Error> {
    let mut tx = console.write().await?;
    if !response.status().is_success() {
        answers::let_go(&mut tx, under).await?;
        tx.commit().await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes: Bytes = to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
    let media_type = parts.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let text = std::str::from_utf8(&bytes).ok();
    let text = text.filter(|text| !is_secret && text.len() <= LARGEST);
    let tag = parts.headers.get(header::ETAG);
    let tag = tag.and_then(|tag| tag.to_str().ok());
    let content = media_type.zip(text).map(|(media_type, body)| Content {
        media_type,
        body,
        tag,
    });
    answers::keep(&mut tx, under, parts.status.as_u16(), content).await?;
    tx.commit().await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_name_and_there_is_one() {
        let key = |said: &[&str]| {
            let mut headers = HeaderMap::new();
            for one in said {
                headers.append(KEY, one.parse().unwrap());
            }
            super::key(&headers).ok()
        };
        assert_eq!(key(&[]), Some(None));
        let named = Some(Some("a-B_1".to_owned()));
        assert_eq!(key(&["a-B_1"]), named);
        for wrong in [
            &[""][..],
            &["a b"],
            &["a", "a"],
            &["\"a\""],
            &[&"a".repeat(129)],
        ] {
            assert_eq!(key(wrong), None, "{wrong:?}");
        }
    }
}
