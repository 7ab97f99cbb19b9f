//! What an answer's status means for a visit.

use std::time::Duration;

use http::HeaderMap;
use sightline_model::{Outcome, Timestamp};

use super::VisitFailure;
use crate::{
    budget::{self, Refused},
    fetch::retry_after,
};

/// What a visit does with an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// 200: the body is what was asked for.
    Body,
    /// 304, after we had asked for it.
    Unchanged,
    /// Look elsewhere.
    Redirect,
    /// There is no body for us.
    Failed(VisitFailure),
}

/// Reads a status. `conditional`: the request had validators.
pub(super) fn meaning(
    status: u16,
    headers: &HeaderMap,
    conditional: bool,
    now: Timestamp,
) -> Meaning {
    let (outcome, detail) = match status {
        200 => return Meaning::Body,
        304 if conditional => return Meaning::Unchanged,
        301 | 302 | 303 | 307 | 308 => return Meaning::Redirect,
        304 => (
            Outcome::ProtocolError,
            "the server answered 304 though it was not asked whether anything had changed"
                .to_owned(),
        ),
        _ => (outcome(status), format!("the server answered {status}")),
    };
    Meaning::Failed(VisitFailure {
        outcome,
        detail,
        status: Some(status),
        retry_after: retry_after(headers, now).filter(|_| outcome == Outcome::RateLimited),
        alone: false,
    })
}

fn outcome(status: u16) -> Outcome {
    match status {
        404 | 410 => Outcome::Gone,
        401 => Outcome::LoginRequired,
        403 | 406 | 451 => Outcome::Forbidden,
        429 | 503 => Outcome::RateLimited,
        400..=499 => Outcome::ClientError,
        500..=599 => Outcome::ServerError,
        _ => Outcome::UnexpectedStatus,
    }
}

/// What a status tells the host's gate, of a page that had refused before or not.
pub(super) fn told(status: u16, retry_after: Option<Duration>, page: Refused) -> budget::Answer {
    match outcome(status) {
        Outcome::RateLimited => budget::Answer::RateLimited { retry_after, page },
        Outcome::ServerError => budget::Answer::Trouble,
        _ => budget::Answer::Ok,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn statuses() {
        for (status, expected) in [
            (204, Outcome::UnexpectedStatus),
            (206, Outcome::UnexpectedStatus),
            (300, Outcome::UnexpectedStatus),
            (304, Outcome::ProtocolError),
            (305, Outcome::UnexpectedStatus),
            (400, Outcome::ClientError),
            (401, Outcome::LoginRequired),
            (403, Outcome::Forbidden),
            (404, Outcome::Gone),
            (406, Outcome::Forbidden),
            (410, Outcome::Gone),
            (418, Outcome::ClientError),
            (429, Outcome::RateLimited),
            (451, Outcome::Forbidden),
            (500, Outcome::ServerError),
            (503, Outcome::RateLimited),
            (522, Outcome::ServerError),
            (999, Outcome::UnexpectedStatus),
        ] {
            let Meaning::Failed(failure) = meaning(status, &HeaderMap::new(), false, Timestamp(0))
            else {
                panic!("{status} is not a failure");
            };
            assert_eq!(failure.outcome, expected, "{status}");
            assert_eq!(failure.status, Some(status));
        }
        let empty = HeaderMap::new();
        assert_eq!(meaning(200, &empty, false, Timestamp(0)), Meaning::Body);
        assert_eq!(meaning(304, &empty, true, Timestamp(0)), Meaning::Unchanged);
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(
                meaning(status, &empty, false, Timestamp(0)),
                Meaning::Redirect
            );
        }
    }

    #[test]
    fn retry_after_counts_only_where_we_are_asked_to_wait() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("120"));
        for (status, expected) in [(429, Some(120)), (503, Some(120)), (404, None), (500, None)] {
            let Meaning::Failed(failure) = meaning(status, &headers, false, Timestamp(0)) else {
                panic!("{status} is not a failure");
            };
            assert_eq!(
                failure.retry_after,
                expected.map(Duration::from_secs),
                "{status}"
            );
        }
    }
}
