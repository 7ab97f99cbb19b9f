//! Patience with whoever guesses: after some failures each further one costs a wait that doubles. Pure.

use std::time::Duration;

use sightline_model::Timestamp;
use sightline_store::attempts::Failures;

/// The first wait.
const FIRST: Duration = Duration::from_secs(30);
/// The longest: somebody who guesses for another must not keep them out for long.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Failures are forgotten when there was none for so long.
pub(super) const MEMORY: Duration = Duration::from_secs(24 * 3_600);

/// Failures of an account that cost nothing.
pub(super) const OF_ACCOUNT: u32 = 5;
/// Failures from an address that cost nothing: an office may share one.
pub(super) const OF_ADDRESS: u32 = 20;

/// How long somebody has still to wait; nothing where they may try.
pub(super) fn wait(failures: Failures, free: u32, now: Timestamp) -> Option<Duration> {
    let beyond = failures.count.checked_sub(free)?;
    let wait = FIRST
        .saturating_mul(2_u32.saturating_pow(beyond))
        .min(LONGEST);
    let until = failures.last_at + wait;
    (until > now).then(|| until.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_beyond_those_that_are_free_doubles_the_wait() {
        for (count, after_seconds, left) in [
            (0, 0, None),
            (4, 0, None),
            (5, 0, Some(30)),
            (5, 29, Some(1)),
            (5, 30, None),
            (6, 0, Some(60)),
            (9, 0, Some(480)),
            (10, 0, Some(900)),
            (4_000_000, 0, Some(900)),
        ] {
            let failures = Failures {
                count,
                last_at: Timestamp(0),
            };
            let now = Timestamp(after_seconds * 1_000);
            let left = left.map(Duration::from_secs);
            assert_eq!(wait(failures, OF_ACCOUNT, now), left, "{count} failures");
        }
    }
}
