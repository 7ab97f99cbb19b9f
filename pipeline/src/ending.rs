//! How a visit ends, or when it is tried again: one pure decision.

use std::time::Duration;

use sightline_model::{Mint, Next, Outcome, Timestamp};

/// Tries of one visit in one run. Three bridge a restart of the site; more would only press on a site in trouble.
pub(crate) const TRIES: u32 = 3;
/// The wait before the second try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// Waits on a host that says "not now" before the visit is given up for this run: at the doubling that politeness
/// prescribes, the sixth comes after about an hour.
const BACK_OFFS: u32 = 6;

/// What becomes of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It is over.
    Over,
    /// It is due again at this instant, having used up a try.
    Again(Timestamp),
    /// It is due again at this instant; the host asked for the wait, so no try is used up.
    Held(Timestamp),
}

/// What becomes of a visit that ended in `outcome` on its `attempts`th try (1 for the first), on a host that asks to
/// be left alone until `backoff_until` and has done so `backoffs` times in a row. An outcome that would be the same
/// before `retry_after` has passed is not tried again before.
pub fn ending(
    outcome: Outcome,
    attempts: u32,
    backoff_until: Option<Timestamp>,
    backoffs: u32,
    retry_after: Option<Duration>,
    now: Timestamp,
    mint: &Mint,
) -> Ending {
    match outcome.next() {
        Next::End => Ending::Over,
        Next::Retry if attempts >= TRIES => Ending::Over,
        Next::Retry => {
            let wait = FIRST_WAIT * 2u32.saturating_pow(attempts.saturating_sub(1));
            Ending::Again(now + mint.around(wait, 0.2).max(retry_after.unwrap_or_default()))
        }
        Next::BackOff if backoffs >= BACK_OFFS => Ending::Over,
        Next::BackOff => Ending::Held(backoff_until.unwrap_or(now + FIRST_WAIT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_its_ending() {
        let now = Timestamp(1_000_000);
        let held = now + Duration::from_secs(90);
        let mint = Mint::seeded(1);
        let decide = |outcome, attempts, backoffs| {
            ending(outcome, attempts, Some(held), backoffs, None, now, &mint)
        };

        for outcome in [
            Outcome::Fetched,
            Outcome::Gone,
            Outcome::Bomb,
            Outcome::RobotsDenied,
        ] {
            assert_eq!(decide(outcome, 1, 0), Ending::Over, "{outcome}");
        }
        let Ending::Again(first) = decide(Outcome::ServerError, 1, 0) else {
            panic!()
        };
        let Ending::Again(second) = decide(Outcome::TimedOut, 2, 0) else {
            panic!()
        };
        assert!(first >= now + Duration::from_secs(8) && first <= now + Duration::from_secs(12));
        assert!(second >= now + Duration::from_secs(16) && second <= now + Duration::from_secs(24));
        assert_eq!(decide(Outcome::ServerError, TRIES, 0), Ending::Over);
        let robots = Duration::from_secs(600);
        assert_eq!(
            ending(
                Outcome::RobotsUnreachable,
                1,
                None,
                0,
                Some(robots),
                now,
                &mint
            ),
            Ending::Again(now + robots)
        );
        assert_eq!(decide(Outcome::RateLimited, 9, 1), Ending::Held(held));
        assert_eq!(decide(Outcome::RateLimited, 9, BACK_OFFS), Ending::Over);
    }
}
