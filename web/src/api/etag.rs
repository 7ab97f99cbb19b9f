//! `ETag` and `If-Match`: whoever changes something says which state of it they have seen.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{Error, sign_in::digest_of};

/// The tag of a thing as it stands.
pub(crate) fn of<T: Serialize>(thing: &T) -> Result<HeaderValue, Error> {
    let json = serde_json::to_vec(thing).map_err(Error::internal)?;
    let digest = digest_of(&json);
    HeaderValue::try_from(format!("\"{}\"", &digest[..32])).map_err(Error::internal)
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
    let is_it = |one: &str| one == "*" || one == tag;
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
        assert!(matches!(check(&[]), Err(Error::Unconditional)));
        // A weak tag says nothing of every byte.
        for said in ["\"a\"", "", &format!("W/{tag}")] {
            assert!(matches!(check(&[said]), Err(Error::Stale)), "{said}");
        }
    }
}
