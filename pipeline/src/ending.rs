//! How a visit ends, or when it is tried again: one pure decision.

use std::time::Duration;

use sightline_crawler::{
    budget::limits::{self, LONGEST_HELD, REFUSALS, RETRIED_WITHIN},
    visit::VisitFailure,
};
use sightline_model::{HostState, Mint, Next, Timestamp, Visit};

/// Tries of one visit in one run. Three bridge a restart of the site; more would only press on a site in trouble.
pub(crate) const TRIES: u32 = 3;
/// Tries of one visit that ended with the process that made them. A page that takes the process with it does so each time;
/// one that was merely being read when a machine was killed will hardly be read at each of so many kills.
pub(crate) const LOST_TRIES: u32 = 5;
/// The wait before the second try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// Tries of a page that refuses alone, after the refusal that counted as its host's; between them it waits as its host would.
const TRIES_ALONE: u32 = 2;

/// What becomes of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It is over.
    Over,
    /// It is over, and so is all else that the run has left to ask of its host, which refuses for too long.
    GivenUp,
    /// It is due again at this instant, having used up a try.
    Again(Timestamp),
    /// It is due again at this instant; the host asked for the wait, so no try is used up.
    Held(Timestamp),
}

/// What becomes of a visit that ended in `failure`, with its host as it is now.
///
/// A page that its host refused is due again when the host may be asked, so it comes after all that were due before: one
/// page that refuses for ever keeps nobody waiting. A page that was not asked keeps its place. An outcome that would be the
/// same before `retry_after` has passed is not tried again before. A host that refuses is waited for within the limits of
/// politeness ([`budget::limits`](sightline_crawler::budget::limits)); then the run goes without it, and the next one asks again.
pub fn ending(
    visit: &Visit,
    failure: &VisitFailure,
    host: Option<&HostState>,
    now: Timestamp,
    mint: &Mint,
) -> Ending {
    let tries = visit.attempts;
    let least = failure.retry_after.unwrap_or_default();
    let held = host.and_then(|host| Some((host.backoff_until.filter(|&until| until > now)?, host)));
    match failure.outcome.next() {
        Next::End => Ending::Over,
        Next::BackOff if failure.alone => match tries < TRIES_ALONE {
            true => Ending::Again(now + mint.around(limits::FIRST_WAIT, 0.1).max(least)),
            false => Ending::Over,
        },
        Next::BackOff if let Some((until, host)) = held => match failure.status {
            _ if is_given_up(host, visit.run.made_at(), until) => Ending::GivenUp,
            Some(_) => Ending::Held(until),
            None => Ending::Held(visit.due_at),
        },
        // Another host refuses, to which this one redirects, and which is not held back for it.
        Next::Retry | Next::BackOff if tries < TRIES && least <= RETRIED_WITHIN => {
            let wait = FIRST_WAIT * 2u32.saturating_pow(tries.saturating_sub(1));
            Ending::Again(now + mint.around(wait, 0.2).max(least))
        }
        Next::Retry | Next::BackOff => Ending::Over,
    }
}

/// True where a host that wants to be left alone until then has refused too often, or would have kept the run of that instant
/// waiting for too long. What it kept earlier runs waiting is theirs.
fn is_given_up(host: &HostState, run: Timestamp, until: Timestamp) -> bool {
    let held = host.refused_since.map(|since| until.since(since.max(run)));
    host.backoffs >= REFUSALS || held.is_some_and(|held| held > LONGEST_HELD)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sightline_crawler::budget::{Answer, HostGate, Hosts, Politeness, Refused};
    use sightline_model::{Outcome, VisitId, VisitKind, VisitState};

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_428_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn visit(id: i64, attempts: u32) -> Visit {
        let mint = Mint::seeded(1);
        Visit {
            id: VisitId(id),
            run: mint.id(NOW),
            source: mint.id(NOW),
            kind: VisitKind::Detail,
            url: "https://ads.example/1".parse().unwrap(),
            host: "ads.example:443".to_owned(),
            depth: 1,
            attempts,
            due_at: NOW - SECOND,
            state: VisitState::Leased,
            outcome: None,
            detail: None,
            status: None,
            capture: None,
            listing: None,
            finished_at: None,
        }
    }

    fn failure(outcome: Outcome) -> VisitFailure {
        VisitFailure {
            outcome,
            detail: String::new(),
            status: Some(503),
            retry_after: None,
            alone: false,
        }
    }

    #[test]
    fn each_outcome_has_its_ending() {
        for outcome in [
            Outcome::Fetched,
            Outcome::Gone,
            Outcome::Bomb,
            Outcome::RobotsDenied,
        ] {
            let ended = ending(&visit(1, 1), &failure(outcome), None, NOW, &Mint::seeded(1));
            assert_eq!(ended, Ending::Over, "{outcome}");
        }
    }

    /// When a visit is due again, in seconds.
    #[derive(Debug)]
    enum Due {
        Again(std::ops::RangeInclusive<u64>),
        Held(u64),
        InItsPlace,
        GivenUp,
        Never,
    }

    #[test]
    fn tries_and_waits() {
        use Due::{Again, GivenUp, Held, InItsPlace, Never};
        use Outcome::{RateLimited, RobotsUnreachable, ServerError, TimedOut};
        let asked = failure;
        let unasked = |outcome| VisitFailure {
            status: None,
            retry_after: Some(SECOND * 90),
            ..failure(outcome)
        };
        let alone = |retry_after: Option<u64>| VisitFailure {
            alone: true,
            retry_after: retry_after.map(Duration::from_secs),
            ..failure(RateLimited)
        };
        let robots = |hours: u32| VisitFailure {
            status: None,
            retry_after: Some(SECOND * 3_600 * hours),
            ..failure(RobotsUnreachable)
        };
        // What failed, at which try, after how many refusals of the host in a row (none: it need not be left alone).
        let cases = [
            (asked(ServerError), 1, None, Again(8..=12)),
            (asked(TimedOut), 2, None, Again(16..=24)),
            (asked(ServerError), TRIES, None, Never),
            (robots(1), 1, None, Again(3_600..=3_600)),
            // That is the next run's.
            (robots(24), 1, None, Never),
            (asked(RateLimited), 9, Some(1), Held(90)),
            (asked(RateLimited), 9, Some(REFUSALS), GivenUp),
            (unasked(RateLimited), 9, Some(1), InItsPlace),
            (unasked(RateLimited), 9, Some(REFUSALS), GivenUp),
            (alone(None), 1, None, Again(54..=66)),
            (alone(Some(300)), 1, Some(1), Again(300..=300)),
            (alone(None), TRIES_ALONE, None, Never),
            // A host that it was redirected to.
            (asked(RateLimited), 1, None, Again(8..=12)),
            (unasked(RateLimited), 2, None, Again(90..=90)),
            (asked(RateLimited), TRIES, None, Never),
        ];
        for (failure, tries, backoffs, expected) in cases {
            let host = backoffs.map(|backoffs| HostState {
                backoff_until: Some(NOW + SECOND * 90),
                backoffs,
                ..HostState::default()
            });
            let visit = visit(1, tries);
            let ended = ending(&visit, &failure, host.as_ref(), NOW, &Mint::seeded(1));
            let fits = match (&expected, ended) {
                (Again(seconds), Ending::Again(at)) => seconds.contains(&at.since(NOW).as_secs()),
                (Held(seconds), Ending::Held(at)) => at.since(NOW) == SECOND * *seconds as u32,
                (InItsPlace, Ending::Held(at)) => at == visit.due_at,
                (GivenUp, Ending::GivenUp) | (Never, Ending::Over) => true,
                _ => false,
            };
            assert!(
                fits,
                "{failure:?} at try {tries}: {ended:?}, not {expected:?}"
            );
        }
    }

    #[test]
    fn a_host_is_waited_for_as_long_as_it_asked_for_at_most_and_not_twice() {
        const HOUR: u64 = 3_600;
        // How long the host has refused and answered nobody, for how long it is to be left alone, and whether that is too long.
        for (refused_for, wait, is_too_long) in [
            (0, 24 * HOUR, false),
            (24 * HOUR, 24 * HOUR, true),
            (20 * HOUR, 4 * HOUR, false),
            (20 * HOUR, 5 * HOUR, true),
        ] {
            let now = NOW + SECOND * u32::try_from(refused_for).unwrap();
            let until = now + SECOND * u32::try_from(wait).unwrap();
            let host = HostState {
                backoff_until: Some(until),
                backoffs: 2,
                // Before the run began, too.
                refused_since: Some(NOW - SECOND * 1_000),
                ..HostState::default()
            };
            let failure = failure(Outcome::RateLimited);
            let ended = ending(&visit(1, 1), &failure, Some(&host), now, &Mint::seeded(1));
            let expected = match is_too_long {
                true => Ending::GivenUp,
                false => Ending::Held(until),
            };
            assert_eq!(ended, expected, "{refused_for} {wait}");
        }
    }

    /// What came of a crawl of thirty pages, one at a time, on a site that answers as `refuses` has it.
    #[derive(Default, Debug)]
    struct Crawl {
        /// Requests for each page: how they were answered.
        asked: BTreeMap<i64, Vec<bool>>,
        /// How long it took.
        took: Duration,
    }

    impl Crawl {
        fn had(&self) -> usize {
            let last = |answers: &&Vec<bool>| answers.last() == Some(&true);
            self.asked.values().filter(last).count()
        }

        fn requests(&self) -> usize {
            self.asked.values().map(Vec::len).sum()
        }
    }

    /// Crawls by the clock of `now` alone: a visit is asked for when it is due and its host may be asked, as the leases
    /// have it.
    fn crawl(seed: u64, refuses: impl FnMut(i64, Timestamp) -> bool) -> Crawl {
        crawl_asked(seed, None, refuses)
    }

    /// The same, of a site that says for how long it wants to be left alone.
    fn crawl_asked(
        seed: u64,
        retry_after: Option<Duration>,
        mut refuses: impl FnMut(i64, Timestamp) -> bool,
    ) -> Crawl {
        let (mint, mut now, mut done) = (Mint::seeded(seed), NOW, Crawl::default());
        let host = HostState {
            host: "ads.example:443".to_owned(),
            ..HostState::default()
        };
        let gate = Hosts::new().gate(&host, "ads", &Politeness::default());
        let mut queue: Vec<Visit> = (0..30).map(|id| visit(id, 0)).collect();
        while !queue.is_empty() {
            queue.sort_by_key(|visit| (visit.due_at, visit.id));
            let mut visit = queue.remove(0);
            let free = gate.state().backoff_until.unwrap_or(now);
            now = now.max(visit.due_at).max(free) + SECOND * 2;
            visit.attempts += 1;
            let refused = refuses(visit.id.0, now);
            done.asked.entry(visit.id.0).or_default().push(!refused);
            done.took = now.since(NOW);
            let refused = refused.then_some(retry_after);
            match answered(&gate, &mut visit, refused, now, &mint) {
                Ending::Over => {}
                Ending::GivenUp => queue.clear(),
                Ending::Again(_) | Ending::Held(_) => queue.push(visit),
            }
        }
        done
    }

    /// Takes in an answer, which may be a refusal with a Retry-After; what becomes of the visit.
    fn answered(
        gate: &HostGate,
        visit: &mut Visit,
        refused: Option<Option<Duration>>,
        now: Timestamp,
        mint: &Mint,
    ) -> Ending {
        let Some(retry_after) = refused else {
            gate.answered(Answer::Ok, now, mint);
            return Ending::Over;
        };
        let page = match visit.outcome {
            Some(_) => Refused::Before,
            None => Refused::Never,
        };
        let answer = Answer::RateLimited { retry_after, page };
        let refusal = gate.answered(answer, now, mint).unwrap();
        let failure = VisitFailure {
            alone: refusal.alone,
            retry_after,
            ..failure(Outcome::RateLimited)
        };
        visit.outcome = Some(Outcome::RateLimited);
        let ending = ending(visit, &failure, Some(&gate.state()), now, mint);
        match ending {
            Ending::Over | Ending::GivenUp => {}
            Ending::Again(at) => visit.due_at = at,
            Ending::Held(at) => {
                visit.due_at = at;
                visit.attempts -= 1;
            }
        }
        ending
    }

    #[test]
    fn pages_that_always_refuse_keep_nobody_waiting() {
        for seed in 0..300 {
            // One page, or up to five, anywhere.
            let refusing: Vec<i64> = (0..=seed % 5)
                .map(|nth| (seed + nth * 7) as i64 % 30)
                .collect();
            let done = crawl(seed, |page, _| refusing.contains(&page));
            assert_eq!(done.had(), 30 - refusing.len(), "{seed}: {done:?}");
            for (page, answers) in &done.asked {
                let most = if refusing.contains(page) { 6 } else { 1 };
                assert!(answers.len() <= most, "{seed}, page {page}: {answers:?}");
            }
            let least = SECOND * 54 * refusing.len() as u32;
            let most = SECOND * 60 + SECOND * 66 * 6 * refusing.len() as u32;
            assert!((least..=most).contains(&done.took), "{seed}: {done:?}");
        }
    }

    #[test]
    fn a_host_that_refuses_everything_is_left_alone_longer_and_longer_and_then_given_up() {
        for (retry_after, requests) in [
            (None, REFUSALS),
            (Some(0), REFUSALS),
            (Some(1), REFUSALS),
            (Some(120), REFUSALS),
            (Some(3_600), REFUSALS),
            // A day, once.
            (Some(43_200), 2),
            (Some(86_400), 2),
            (Some(u64::from(u32::MAX)), 2),
        ] {
            for seed in 0..30 {
                let mut asked = Vec::new();
                let length = retry_after.map(Duration::from_secs);
                let done = crawl_asked(seed, length, |_, now| {
                    asked.push(now);
                    true
                });
                assert_eq!((done.had(), done.requests()), (0, requests as usize));
                let waits: Vec<u64> = asked
                    .windows(2)
                    .map(|two| two[1].since(two[0]).as_secs())
                    .collect();
                for (nth, wait) in waits.iter().enumerate() {
                    let doubling = if nth > 0 || retry_after.is_none() {
                        54 << nth
                    } else {
                        0
                    };
                    let least = retry_after.unwrap_or(0).min(86_400).max(doubling);
                    assert!(*wait >= least, "{retry_after:?} {seed}: {waits:?}");
                }
                let a_day = LONGEST_HELD + SECOND * 60;
                assert!(done.took <= a_day, "{retry_after:?} {seed}: {done:?}");
            }
        }
    }

    #[test]
    fn a_host_that_takes_ten_a_minute_gives_all_and_is_not_pressed() {
        for seed in 0..100 {
            let mut taken: Vec<Timestamp> = Vec::new();
            let done = crawl(seed, |_, now| {
                taken.retain(|at| now.since(*at) < SECOND * 60);
                let refused = taken.len() >= 10;
                if !refused {
                    taken.push(now);
                }
                refused
            });
            assert_eq!(done.had(), 30, "{seed}: {done:?}");
            assert!(done.requests() <= 34, "{seed}: {done:?}");
        }
    }

    #[test]
    fn a_host_that_is_down_for_a_while_gives_all_afterwards() {
        // The sixth wait, after half an hour, would be too long.
        for (seed, minutes) in (1..27).enumerate() {
            let up = NOW + SECOND * 10;
            let down = up + SECOND * 60 * minutes;
            let done = crawl(seed as u64, |_, now| now > up && now < down);
            assert_eq!(done.had(), 30, "{minutes} minutes: {done:?}");
            assert!(done.requests() <= 30 + 7, "{minutes} minutes: {done:?}");
        }
    }
}
