//! What a host's "please wait" comes to: Retry-After, or a wait that doubles. Pure.
//!
//! A page may refuse for ever on a host that is well. So who refuses is told apart: the first refusal of a page counts as
//! its host's, and the host is left alone. Answers after the wait show that the host is content; a page that then refuses
//! again does so alone, and its host is not held back for it. The last page of a run has no others beside it: it is believed
//! to refuse alone once it has had two waits, on a host that was content not long ago.
//!
//! Every refusal of a host counts, whether it says how long to wait or not: a Retry-After of a second, said again each second,
//! is no leave to ask for ever. The limits stand in [`limits`](super::limits).

use std::time::Duration;

use sightline_model::{Mint, Timestamp};

use super::limits::{FIRST_WAIT, FORGIVEN_AFTER, JITTER, LONGEST_WAIT};

/// How a host answered a request, as far as politeness is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It did not ask us to wait.
    Ok,
    /// It is in trouble, and did not ask us to wait: another 5xx.
    Trouble,
    /// 429, or 503.
    RateLimited {
        /// The Retry-After header (RFC 9110 §10.2.3), where there was one that could be read.
        retry_after: Option<Duration>,
        /// Whether the page had refused before.
        page: Refused,
    },
}

/// Whether a page had refused before in its run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It had not, as far as is known.
    Never,
    /// It had.
    Before,
}

/// What a refusal comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Until when the host is to be left alone; none where it need not be.
    pub until: Option<Timestamp>,
    /// True where the page refuses alone: it refused before, and its host answers others.
    pub alone: bool,
}

/// How long a host asked us to stay away, and how often lately.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Backoff {
    pub until: Option<Timestamp>,
    /// Refusals in a row; those of requests that were under way together are one.
    pub count: u32,
    /// Since when it refuses and has answered nobody.
    pub since: Option<Timestamp>,
    /// True once a page was answered after the last wait.
    pub content: bool,
    /// When a page was last answered so.
    pub content_at: Option<Timestamp>,
}

impl Backoff {
    /// Takes an answer in; returns what it comes to, if it is a refusal.
    pub fn answered(&mut self, answer: Answer, now: Timestamp, mint: &Mint) -> Option<Refusal> {
        match answer {
            Answer::Trouble => None,
            Answer::Ok => {
                self.answers(now);
                None
            }
            Answer::RateLimited { retry_after, page } => {
                let alone = page == Refused::Before && (self.content || self.was_content(now));
                let until = match (alone, retry_after) {
                    (true, None) => None,
                    // Who says how long is believed, whoever it is; but what one page says is no refusal of its host.
                    (true, Some(asked)) => self.hold(now + at_least(asked, mint)),
                    (false, _) => self.refuses(retry_after, now, mint),
                };
                self.content = alone;
                Some(Refusal { until, alone })
            }
        }
    }

    /// What was sent before the wait, and answered during it, shows nothing.
    fn answers(&mut self, now: Timestamp) {
        if self.until.is_some_and(|until| until > now) {
            return;
        }
        self.content_at = Some(now);
        self.since = None;
        if !self.content {
            self.content = true;
            // The wait was long enough, so the next one need not be longer.
            self.count = self.count.saturating_sub(1);
        }
    }

    /// True where two waits in a row changed nothing, on a host that was well not long before.
    fn was_content(&self, now: Timestamp) -> bool {
        let lately = |at: Timestamp| now.since(at) <= FORGIVEN_AFTER;
        self.count >= 2 && self.content_at.is_some_and(lately)
    }

    fn refuses(
        &mut self,
        retry_after: Option<Duration>,
        now: Timestamp,
        mint: &Mint,
    ) -> Option<Timestamp> {
        // Requests that were under way together are refused together: that is one refusal, and the longest wait holds.
        if self.until.is_some_and(|until| until > now) {
            return match retry_after {
                Some(asked) => self.hold(now + at_least(asked, mint)),
                None => self.until,
            };
        }
        if self.until.is_none_or(|until| until + FORGIVEN_AFTER <= now) {
            self.count = 0;
        }
        // 2^11 minutes is more than a day, so the shift can stop there.
        let doubling = mint.around(FIRST_WAIT * (1 << self.count.min(11)), JITTER);
        let length = match retry_after {
            // Believed once. Who refuses again after the wait that it asked for did not know how long it takes.
            Some(asked) if self.count == 0 => at_least(asked, mint),
            Some(asked) => at_least(asked, mint).max(doubling),
            None => doubling,
        };
        self.count = self.count.saturating_add(1);
        self.since.get_or_insert(now);
        self.hold(now + length.min(LONGEST_WAIT))
    }

    /// The longer of two waits counts.
    fn hold(&mut self, until: Timestamp) -> Option<Timestamp> {
        self.until = self.until.max(Some(until));
        self.until
    }
}

/// What a host asked for, spread upwards only: it is the least.
fn at_least(asked: Duration, mint: &Mint) -> Duration {
    let asked = asked.min(LONGEST_WAIT);
    (asked + mint.up_to(asked.mul_f64(JITTER))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn refused(backoff: &mut Backoff, now: Timestamp) -> Duration {
        let refusal = backoff.answered(refusal(None, Refused::Never), now, &Mint::seeded(1));
        refusal.unwrap().until.unwrap().since(now)
    }

    fn refusal(retry_after: Option<u64>, page: Refused) -> Answer {
        Answer::RateLimited {
            retry_after: retry_after.map(Duration::from_secs),
            page,
        }
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
                wait >= least.min(LONGEST_WAIT.mul_f64(0.9)) && wait <= most.min(LONGEST_WAIT),
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
            let answer = refusal(Some(asked), Refused::Never);
            let refusal = backoff.answered(answer, Timestamp(0), &Mint::seeded(3));
            let until = refusal.unwrap().until.unwrap();
            let wait = until.since(Timestamp(0)).as_secs();
            assert!((least..=most).contains(&wait), "{asked}: {wait}");
            assert_eq!(backoff.count, 1, "every refusal counts");
        }
    }

    #[test]
    fn a_shorter_request_does_not_shorten_a_longer_wait() {
        let mut backoff = Backoff::default();
        let ask = |seconds| refusal(Some(seconds), Refused::Never);
        let long = backoff.answered(ask(600), Timestamp(0), &Mint::seeded(1));
        let short = backoff.answered(ask(5), Timestamp(10), &Mint::seeded(1));
        assert_eq!(long, short);
        assert_eq!(
            backoff.answered(Answer::Ok, Timestamp(20), &Mint::seeded(1)),
            None
        );
    }

    #[test]
    fn who_refuses_after_each_wait_that_it_asked_for_is_left_alone_longer() {
        let (mut backoff, mut now, mut waits) = (Backoff::default(), Timestamp(0), Vec::new());
        for _ in 0..8 {
            let answer = refusal(Some(2), Refused::Never);
            let told = backoff.answered(answer, now, &Mint::seeded(1)).unwrap();
            let wait = told.until.unwrap().since(now);
            waits.push(wait.as_secs());
            now = now + wait;
        }
        assert!(waits[0] <= 3, "{waits:?}");
        for (nth, wait) in waits.iter().enumerate().skip(1) {
            assert!((54 << nth..=66 << nth).contains(wait), "{waits:?}");
        }
        assert_eq!((backoff.count, backoff.since), (8, Some(Timestamp(0))));
        backoff.answered(Answer::Ok, now, &Mint::seeded(1));
        assert_eq!((backoff.count, backoff.since), (7, None));
        // What one page says does not count as its host's word.
        let alone = refusal(Some(2), Refused::Before);
        assert!(
            backoff
                .answered(alone, now, &Mint::seeded(1))
                .unwrap()
                .alone
        );
        assert_eq!((backoff.count, backoff.since), (7, None));
    }

    #[test]
    fn a_page_that_refuses_alone_does_not_hold_its_host_back() {
        use Refused::{Before, Never};
        enum Step {
            Answers(Answer),
            /// Minutes pass.
            Pass(u64),
        }
        use Step::{Answers, Pass};
        let refused = |page| Answers(refusal(None, page));
        let ok = || Answers(Answer::Ok);
        // What the last answer comes to: the minutes until the host may be asked again, and whether the page refuses alone.
        let cases: [(&str, Vec<Step>, Option<u64>, bool); 11] = [
            (
                "the first refusal is its host's",
                vec![ok(), refused(Never)],
                Some(1),
                false,
            ),
            (
                "again, after others were answered",
                vec![refused(Never), Pass(2), ok(), refused(Before)],
                None,
                true,
            ),
            (
                "and again, with nobody answered in between",
                vec![
                    refused(Never),
                    Pass(2),
                    ok(),
                    refused(Before),
                    refused(Before),
                ],
                None,
                true,
            ),
            (
                "again, with nobody answered since",
                vec![refused(Never), Pass(2), refused(Before)],
                Some(2),
                false,
            ),
            (
                "what was answered during the wait shows nothing",
                vec![refused(Never), ok(), Pass(2), refused(Before)],
                Some(2),
                false,
            ),
            (
                "nor does other trouble",
                vec![
                    refused(Never),
                    Pass(2),
                    Answers(Answer::Trouble),
                    refused(Before),
                ],
                Some(2),
                false,
            ),
            (
                "again and again, on a host that was content",
                vec![
                    ok(),
                    refused(Never),
                    Pass(2),
                    refused(Before),
                    Pass(3),
                    refused(Before),
                ],
                None,
                true,
            ),
            (
                "on one that was content long ago",
                vec![
                    ok(),
                    Pass(31),
                    refused(Never),
                    Pass(2),
                    refused(Before),
                    Pass(3),
                    refused(Before),
                ],
                Some(4),
                false,
            ),
            (
                "another page refuses, too, and was not asked before",
                vec![refused(Never), Pass(2), ok(), refused(Never)],
                Some(1),
                false,
            ),
            (
                "then the first one is not alone",
                vec![
                    refused(Never),
                    Pass(2),
                    ok(),
                    refused(Never),
                    Pass(2),
                    refused(Before),
                ],
                Some(2),
                false,
            ),
            (
                "a page that says how long is believed, alone as well",
                vec![
                    refused(Never),
                    Pass(2),
                    ok(),
                    Answers(refusal(Some(600), Before)),
                ],
                Some(10),
                true,
            ),
        ];
        for (name, steps, minutes, alone) in cases {
            let (mut backoff, mut now, mut last) = (Backoff::default(), Timestamp(0), None);
            for step in steps {
                match step {
                    Pass(minutes) => now = now + MINUTE * u32::try_from(minutes).unwrap(),
                    Answers(answer) => last = backoff.answered(answer, now, &Mint::seeded(1)),
                }
            }
            let last = last.unwrap_or_else(|| panic!("{name}: no refusal"));
            assert_eq!(last.alone, alone, "{name}");
            let wait = last
                .until
                .map(|until| until.since(now).as_secs_f64() / 60.0);
            let fits = match (wait, minutes) {
                (Some(wait), Some(minutes)) => (wait / minutes as f64 - 1.0).abs() <= 0.11,
                (wait, minutes) => wait.is_none() && minutes.is_none(),
            };
            assert!(fits, "{name}: {wait:?} minutes");
        }
    }
}
