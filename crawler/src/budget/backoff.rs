//! What a host's "please wait" comes to: Retry-After, or a wait that doubles. Pure.

use std::time::Duration;

use sightline_model::{Mint, Timestamp};

/// How a host answered a request, as far as politeness is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It did not ask us to wait.
    Ok,
    /// 429, or 503.
    RateLimited {
        /// The Retry-After header (RFC 9110 §10.2.3), where there was one that could be read.
        retry_after: Option<Duration>,
    },
}

const FIRST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// After a wait has passed and the host has been content for this long, the next wait is short again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(30 * 60);
const JITTER: f64 = 0.1;

/// How long a host asked us to stay away, and how often lately without saying for how long.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Backoff {
    pub until: Option<Timestamp>,
    pub count: u32,
}

impl Backoff {
    /// Takes an answer in; returns until when the host is to be left alone, if this answer asks for that.
    pub fn answered(&mut self, answer: Answer, now: Timestamp, mint: &Mint) -> Option<Timestamp> {
        let Answer::RateLimited { retry_after } = answer else {
            return None;
        };
        let until = match retry_after {
            // Spread upwards only: what the host asked for is the least.
            Some(length) => {
                let length = length.min(LONGEST);
                now + (length + mint.up_to(length.mul_f64(JITTER))).min(LONGEST)
            }
            // Requests that were under way together are refused together: that is one refusal.
            None if self.until.is_some_and(|until| until > now) => return self.until,
            None => {
                if self.until.is_none_or(|until| until + FORGIVEN_AFTER <= now) {
                    self.count = 0;
                }
                // 2^11 minutes is more than a day, so the shift can stop there.
                let length = FIRST * (1 << self.count.min(11));
                self.count = self.count.saturating_add(1);
                now + mint.around(length, JITTER).min(LONGEST)
            }
        };
        self.until = self.until.max(Some(until));
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn refused(backoff: &mut Backoff, now: Timestamp) -> Duration {
        let answer = Answer::RateLimited { retry_after: None };
        let until = backoff.answered(answer, now, &Mint::seeded(1)).unwrap();
        until.since(now)
    }

    #[test]
    fn waits_double_up_to_a_day() {
        let mut backoff = Backoff::default();
        let mut now = Timestamp(0);
        for turn in 0..40 {
            let wait = refused(&mut backoff, now);
            let expected = MINUTE * (1 << turn.min(11));
            let (least, most) = (expected.mul_f64(0.9), expected.mul_f64(1.1));
            assert!(
                wait >= least.min(LONGEST.mul_f64(0.9)) && wait <= most.min(LONGEST),
                "{turn}: {wait:?}"
            );
            now = now + wait + Duration::from_secs(1);
        }
    }

    #[test]
    fn half_an_hour_of_peace_is_forgiveness() {
        for (peace, expected) in [(29, 4), (30, 1)] {
            let mut backoff = Backoff::default();
            let first = Timestamp(0) + refused(&mut backoff, Timestamp(0));
            let second = first + refused(&mut backoff, first);
            let wait = refused(&mut backoff, second + MINUTE * peace);
            let minutes = wait.as_secs_f64() / 60.0;
            assert!(
                (minutes / f64::from(expected) - 1.0).abs() <= 0.1,
                "{peace}: {minutes}"
            );
        }
    }

    #[test]
    fn refusals_of_requests_sent_together_count_once() {
        let mut backoff = Backoff::default();
        refused(&mut backoff, Timestamp(0));
        refused(&mut backoff, Timestamp(5));
        assert_eq!(backoff.count, 1);
    }

    #[test]
    fn retry_after_is_the_least_and_a_day_the_most() {
        for (asked, least, most) in [(0, 0, 0), (120, 120, 132), (1_000_000_000, 86_400, 86_400)] {
            let mut backoff = Backoff::default();
            let answer = Answer::RateLimited {
                retry_after: Some(Duration::from_secs(asked)),
            };
            let until = backoff.answered(answer, Timestamp(0), &Mint::seeded(3));
            let wait = until.unwrap().since(Timestamp(0)).as_secs();
            assert!((least..=most).contains(&wait), "{asked}: {wait}");
            assert_eq!(backoff.count, 0);
        }
    }

    #[test]
    fn a_shorter_request_does_not_shorten_a_longer_wait() {
        let mut backoff = Backoff::default();
        let ask = |seconds| Answer::RateLimited {
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let long = backoff.answered(ask(600), Timestamp(0), &Mint::seeded(1));
        let short = backoff.answered(ask(5), Timestamp(10), &Mint::seeded(1));
        assert_eq!(long, short);
        assert_eq!(
            backoff.answered(Answer::Ok, Timestamp(20), &Mint::seeded(1)),
            None
        );
    }
}
