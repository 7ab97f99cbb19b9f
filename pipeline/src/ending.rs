//! How a visit ends, or when it is tried again: one pure decision.

use std::time::Duration;

use sightline_crawler::visit::VisitFailure;
use sightline_model::{HostState, Mint, Next, Timestamp, Visit};

/// Tries of one visit in one run. Three bridge a restart of the site; more would only press on a site in trouble.
pub(crate) const TRIES: u32 = 3;
/// Tries of one visit that ended with the process that made them. A page that takes the process with it does so each time;
/// one that was merely being read when a machine was killed will hardly be read at each of so many kills.
pub(crate) const LOST_TRIES: u32 = 5;
/// The wait before the second try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// Tries of a page that refuses alone, after the refusal that counted as its host's.
const TRIES_ALONE: u32 = 2;
/// The wait between them: what its host would be given.
const WAIT_ALONE: Duration = Duration::from_secs(60);
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

/// What becomes of a visit that ended in `failure`, with its host as it is now.
///
/// A page that its host refused is due again when the host may be asked, so it comes after all that were due before: one
/// page that refuses for ever keeps nobody waiting. A page that was not asked keeps its place. An outcome that would be the
/// same before `retry_after` has passed is not tried again before.
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
            true => Ending::Again(now + mint.around(WAIT_ALONE, 0.1).max(least)),
            false => Ending::Over,
        },
        Next::BackOff if let Some((until, host)) = held => match failure.status {
            _ if host.backoffs >= BACK_OFFS => Ending::Over,
            Some(_) => Ending::Held(until),
            None => Ending::Held(visit.due_at),
        },
        // Another host refuses, to which this one redirects, and which is not held back for it.
        Next::Retry | Next::BackOff if tries < TRIES => {
            let wait = FIRST_WAIT * 2u32.saturating_pow(tries.saturating_sub(1));
            Ending::Again(now + mint.around(wait, 0.2).max(least))
        }
        Next::Retry | Next::BackOff => Ending::Over,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sightline_crawler::budget::{Answer, HostGate, Hosts, Politeness, Refused};
    use sightline_model::{Outcome, VisitId, VisitKind, VisitState};

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
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
            due_at: Timestamp(500),
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
        Never,
    }

    #[test]
    fn tries_and_waits() {
        use Due::{Again, Held, InItsPlace, Never};
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
        let robots = VisitFailure {
            status: None,
            retry_after: Some(SECOND * 600),
            ..failure(RobotsUnreachable)
        };
        // What failed, at which try, after how many refusals of the host in a row (none: it need not be left alone).
        let cases = [
            (asked(ServerError), 1, None, Again(8..=12)),
            (asked(TimedOut), 2, None, Again(16..=24)),
            (asked(ServerError), TRIES, None, Never),
            (robots, 1, None, Again(600..=600)),
            (asked(RateLimited), 9, Some(1), Held(90)),
            (asked(RateLimited), 9, Some(BACK_OFFS), Never),
            (unasked(RateLimited), 9, Some(1), InItsPlace),
            (unasked(RateLimited), 9, Some(BACK_OFFS), Never),
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
                (Never, Ending::Over) => true,
                _ => false,
            };
            assert!(
                fits,
                "{failure:?} at try {tries}: {ended:?}, not {expected:?}"
            );
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
    fn crawl(seed: u64, mut refuses: impl FnMut(i64, Timestamp) -> bool) -> Crawl {
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
            if let Some(again) = answered(&gate, visit, refused, now, &mint) {
                queue.push(again);
            }
        }
        done
    }

    /// Takes in an answer; the visit as it is due again, if it is.
    fn answered(
        gate: &HostGate,
        mut visit: Visit,
        refused: bool,
        now: Timestamp,
        mint: &Mint,
    ) -> Option<Visit> {
        if !refused {
            gate.answered(Answer::Ok, now, mint);
            return None;
        }
        let page = match visit.outcome {
            Some(_) => Refused::Before,
            None => Refused::Never,
        };
        let answer = Answer::RateLimited {
            retry_after: None,
            page,
        };
        let refusal = gate.answered(answer, now, mint).unwrap();
        let failure = VisitFailure {
            alone: refusal.alone,
            ..failure(Outcome::RateLimited)
        };
        visit.outcome = Some(Outcome::RateLimited);
        match ending(&visit, &failure, Some(&gate.state()), now, mint) {
            Ending::Over => return None,
            Ending::Again(at) => visit.due_at = at,
            Ending::Held(at) => {
                visit.due_at = at;
                visit.attempts -= 1;
            }
        }
        Some(visit)
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
    fn a_host_that_refuses_everything_is_left_alone_longer_and_longer() {
        for seed in 0..100 {
            let mut asked = Vec::new();
            let done = crawl(seed, |_, now| {
                asked.push(now);
                true
            });
            assert_eq!(done.had(), 0);
            let waits: Vec<u64> = asked
                .windows(2)
                .map(|two| two[1].since(two[0]).as_secs())
                .collect();
            for (nth, wait) in waits.iter().enumerate().take(9) {
                assert!(*wait >= 54 << nth, "{seed}: {waits:?}");
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
