//! `ETag`, `If-Match` and `If-None-Match`: whoever changes something says which state of it they have seen, and whoever has an
//! answer is not sent it again.
//!
//! What is shown of a thing is more than what people change of it: an entry is shown with its company, a list with its counts. A
//! strong tag is to change with every byte that is shown (RFC 9110, 8.8.1), and news of a crawl is to stand in no editor's way.
//! So the tag of what is read has two parts: the thing as it is stored, and the whole answer. 304 goes by both, and `If-Match` by
//! the first.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{Error, sign_in::digest_of};

/// Between the parts of a tag.
const APART: char = '.';

/// The tag of a thing as it stands.
pub(crate) fn of<T: Serialize>(thing: &T) -> Result<HeaderValue, Error> {
    let json = serde_json::to_vec(thing).map_err(Error::internal)?;
    HeaderValue::try_from(format!("\"{}\"", part(&json))).map_err(Error::internal)
}

fn part(json: &[u8]) -> String {
    digest_of(json)[..32].to_owned()
}

/// What is shown of a thing, with the tag of both.
pub(crate) fn shown<T: Serialize, S: Serialize>(thing: &T, shown: &S) -> Result<Response, Error> {
    let thing = part(&serde_json::to_vec(thing).map_err(Error::internal)?);
    let body = serde_json::to_vec(shown).map_err(Error::internal)?;
    let tag = format!("\"{thing}{APART}{}\"", part(&body));
    let tag = HeaderValue::try_from(tag).map_err(Error::internal)?;
    let json = HeaderValue::from_static("application/json");
    Ok(tagged(tag, ([(header::CONTENT_TYPE, json)], body)))
}

/// An answer about a thing that has this tag.
pub(crate) fn tagged(tag: HeaderValue, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// Refuses to change a thing that is not as whoever asks has seen it, or where they do not say how they have.
pub(crate) fn check<T: Serialize>(headers: &HeaderMap, thing: &T) -> Result<(), Error> {
    let mut said = headers.get_all(header::IF_MATCH).iter().peekable();
    if said.peek().is_none() {
        return Err(Error::Unconditional);
    }
    let tag = of(thing)?;
    let tag = tag.to_str().unwrap_or_default();
    let is_it = |one: &str| match one.split_once(APART) {
        Some((thing, _)) => format!("{thing}\"") == tag,
        None => one == "*" || one == tag,
    };
    let mut said = said.filter_map(|value| value.to_str().ok());
    match said.any(|value| value.split(',').map(str::trim).any(is_it)) {
        true => Ok(()),
        false => Err(Error::Stale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_seen_it_as_it_is_changes_it() {
        let check = |said: &[&str]| {
            let mut headers = HeaderMap::new();
            for one in said {
                headers.append(header::IF_MATCH, one.parse().unwrap());
            }
            super::check(&headers, &"thing")
        };
        let tag = of(&"thing").unwrap().to_str().unwrap().to_owned();
        assert_ne!(of(&"other").unwrap(), tag);
        for said in [
            &[tag.as_str()][..],
            &["*"],
            &["\"a\", ", &tag],
            &["\"a\"", &tag],
        ] {
            assert!(check(said).is_ok(), "{said:?}");
        }
        assert!(check(&[&format!("\"a\",{tag}")]).is_ok());
        let read = shown(&"thing", &("thing", 1)).unwrap();
        let read = read.headers()[header::ETAG].to_str().unwrap().to_owned();
        let later = shown(&"thing", &("thing", 2)).unwrap();
        assert_ne!(later.headers()[header::ETAG], *read);
        // What was shown beside it is nothing that anybody changes.
        assert!(check(&[&read]).is_ok(), "{read}");
        let other = shown(&"other", &("thing", 1)).unwrap();
        let other = other.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert!(matches!(check(&[&other]), Err(Error::Stale)));
        assert!(matches!(check(&[&format!("W/{read}")]), Err(Error::Stale)));
        assert!(matches!(check(&[]), Err(Error::Unconditional)));
        // A weak tag says nothing of every byte.
        for said in ["\"a\"", "", &format!("W/{tag}")] {
            assert!(matches!(check(&[said]), Err(Error::Stale)), "{said}");
        }
    }
}
