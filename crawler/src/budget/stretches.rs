//! Stretches of time that are reserved at a host for this process: what it sends there, it sends in one of them, so that
//! several processes ask a host no more often than one would. Pure, but for the book that they are reserved in.

use std::{future::Future, time::Duration};

use sightline_model::{Stretch, Timestamp, Turns};

/// Where stretches are reserved, by every process that may ask the same hosts.
pub trait Book: Sync {
    /// Reserves the next free stretch for these `turns` at `host`; none where nobody else asks hosts, so that no book is kept.
    fn reserve(
        &self,
        _host: &str,
        _turns: Turns,
        _now: Timestamp,
    ) -> impl Future<Output = Option<Stretch>> + Send {
        async { None }
    }
}

/// No book: for one process alone.
impl Book for () {}

/// How far ahead to reserve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ahead {
    /// For one request, at a host that a visit merely passes: the host is another's.
    One,
    /// For several at a host that is being crawled, which saves asking the book each time.
    Several,
}

/// For so long at least is reserved ahead at a host that is being crawled; and for so many requests, up to so long.
const LEAST: Duration = Duration::from_secs(1);
const REQUESTS: u32 = 4;
const MOST: Duration = Duration::from_secs(8);
/// A host is being crawled from so many requests on. Whoever tries a page or two leaves the host to others at once.
const CRAWLED: u32 = 8;
/// What a request may be late by, on a busy machine, without missing its stretch: a quarter of the pause, within these.
const LATE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// By this part of the pause, timers may be late in what is reserved for exactly one request. It does not add up: whoever comes
/// next has a stretch of their own.
const BLURRED: u32 = 16;

/// What to reserve at a host with this pause and jitter, to which so many requests were sent.
pub(super) fn length(pause: Duration, jitter: Duration, ahead: Ahead, sent: u32) -> Duration {
    let late = (pause / 4).clamp(LATE.0, LATE.1);
    let one = pause + jitter + late;
    match ahead {
        Ahead::Several if sent >= CRAWLED => one.max(LEAST).max((one * REQUESTS).min(MOST)),
        _ => one,
    }
}

/// What is reserved, in order, each apart from the next.
#[derive(Default, Debug)]
pub(super) struct Stretches(Vec<Stretch>);

impl Stretches {
    pub fn add(&mut self, stretch: Stretch) {
        if stretch.from >= stretch.until {
            return;
        }
        self.0.push(stretch);
        self.0.sort_unstable_by_key(|one| one.from);
        self.0.dedup_by(|next, one| {
            let touches = next.from <= one.until;
            if touches {
                one.until = one.until.max(next.until);
            }
            touches
        });
    }

    /// The first instant from `now` on at which a request may be sent, so that its pause ends within what is reserved. What
    /// can't be used any more is forgotten.
    pub fn first(&mut self, now: Timestamp, pause: Duration) -> Option<Timestamp> {
        let blurred = pause / BLURRED;
        self.0
            .retain(|one| one.from.max(now) + pause <= one.until + blurred);
        self.0.first().map(|one| one.from.max(now))
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_request_is_sent_where_its_pause_is_reserved() {
        // What is reserved, now, and when a request with a pause of two seconds may be sent.
        type Case<'c> = (&'c str, &'c [(i64, i64)], i64, Option<i64>);
        let cases: [Case; 11] = [
            ("nothing", &[], 0, None),
            ("at once", &[(0, 4_000)], 0, Some(0)),
            ("to the last moment", &[(0, 4_000)], 2_000, Some(2_000)),
            ("a little late", &[(0, 4_000)], 2_125, Some(2_125)),
            ("not behind it", &[(0, 4_000)], 2_126, None),
            ("later", &[(5_000, 7_000)], 1_000, Some(5_000)),
            ("too short", &[(5_000, 6_874)], 1_000, None),
            ("empty", &[(0, 0)], 0, None),
            (
                "two that touch",
                &[(2_000, 4_000), (0, 2_000)],
                1_500,
                Some(1_500),
            ),
            (
                "another's in between",
                &[(0, 2_000), (3_000, 5_000)],
                1_500,
                Some(3_000),
            ),
            ("told twice", &[(0, 4_000), (0, 4_000)], 2_126, None),
        ];
        for (name, reserved, now, expected) in cases {
            let mut stretches = Stretches::default();
            for &(from, until) in reserved {
                stretches.add(Stretch {
                    from: Timestamp(from),
                    until: Timestamp(until),
                });
            }
            let first = stretches.first(Timestamp(now), 2 * SECOND);
            assert_eq!(first, expected.map(Timestamp), "{name}");
        }
    }

    #[test]
    fn one_request_is_reserved_for_until_a_host_is_crawled() {
        for (pause, ahead, sent, expected) in [
            (2_000, Ahead::One, 99, 2_500),
            (2_000, Ahead::Several, 7, 2_500),
            (2_000, Ahead::Several, 8, 8_000),
            (10_000, Ahead::Several, 8, 10_500),
            (250, Ahead::Several, 8, 1_250),
            (40, Ahead::One, 8, 60),
            (40, Ahead::Several, 8, 1_000),
        ] {
            let length = length(Duration::from_millis(pause), Duration::ZERO, ahead, sent);
            assert_eq!(
                length,
                Duration::from_millis(expected),
                "{pause} {ahead:?} {sent}"
            );
        }
    }
}
