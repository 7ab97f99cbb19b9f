//! How often programs may ask: so many requests a minute for each token, and what is left of it in every answer.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sightline_model::{Timestamp, TokenId};

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;
/// Tokens that are remembered at most before those of past minutes are forgotten.
const MANY: usize = 1_024;

/// What every answer to a program has, as draft-ietf-httpapi-ratelimit-headers writes it: how often it may ask; and how
/// often still, and in how many seconds anew.
pub(crate) const HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("ratelimit"),
];

/// How often each token has asked in the present minute. In memory: each process counts for itself.
#[derive(Default)]
pub(crate) struct Rates(Mutex<HashMap<TokenId, Count>>);

#[derive(Clone, Copy)]
struct Count {
    minute: i64,
    requests: u32,
}

/// What a token has left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Left {
    limit: u32,
    remaining: u32,
    /// Seconds until it may ask as often again.
    pub reset: u64,
    /// True where this request is one too many.
    pub is_over: bool,
}

impl Rates {
    /// Counts a request of a token that may make `limit` a minute.
    pub fn take(&self, token: TokenId, limit: u32, now: Timestamp) -> Left {
        let minute = now.0.div_euclid(MINUTE);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MANY {
            counts.retain(|_, count| count.minute == minute);
        }
        let count = counts.entry(token).or_insert(Count {
            minute,
            requests: 0,
        });
        if count.minute != minute {
            *count = Count {
                minute,
                requests: 0,
            };
        }
        count.requests = count.requests.saturating_add(1);
        let millis = (minute + 1).saturating_mul(MINUTE).saturating_sub(now.0);
        Left {
            limit,
            remaining: limit.saturating_sub(count.requests),
            reset: u64::try_from(millis).unwrap_or_default().div_ceil(1_000),
            is_over: count.requests > limit,
        }
    }
}

impl Left {
    /// Says it in an answer.
    pub fn write(self, headers: &mut HeaderMap) {
        let policy = format!("\"token\";q={};w=60", self.limit);
        let left = format!("\"token\";r={};t={}", self.remaining, self.reset);
        for (name, value) in HEADERS.into_iter().zip([policy, left]) {
            // Digits and signs alone: a header can hold that.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_so_many_requests_a_minute() {
        let rates = Rates::default();
        let named = |nth: u8| -> TokenId {
            let text = format!("00000000-0000-7000-8000-00000000000{nth}");
            text.parse().unwrap()
        };
        let (one, other) = (named(1), named(2));
        let begun = Timestamp(1_795_428_000_000);
        let over = |token, seconds: i64| {
            let now = Timestamp(begun.0 + seconds * 1_000);
            rates.take(token, 2, now).is_over
        };
        assert!(!over(one, 0) && !over(one, 1) && over(one, 2));
        assert!(!over(other, 3), "another token has its own");
        assert!(
            over(one, 59) && !over(one, 60),
            "a minute later it may again"
        );
        let left = rates.take(other, 2, Timestamp(begun.0 + 90_500));
        assert_eq!((left.remaining, left.reset), (1, 30));
    }
}
