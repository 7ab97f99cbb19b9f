//! When a failed delivery is tried again, and when it is given up. Pure.

use std::time::Duration;

use sightline_model::{Mint, Timestamp};

use crate::channels::Verdict;

/// What is waited after each failed try: the schedule that Standard Webhooks 1.0.0 recommends. With the first try at
/// once, ten tries over some 75 hours.
const WAITS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

/// How far a wait is drawn from the schedule, either way, so that deliveries that failed together do not come back
/// together.
const JITTER: f64 = 0.2;

/// The longest wait that a receiver may ask for: a mistaken `Retry-After: 1000000000` must not lose the message.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3600);

/// When to try again after `tries` failed tries, the present one included; `asked` is what the receiver's
/// Retry-After asks for, honoured up to a day. None when that was the last.
pub fn next_try(
    tries: u32,
    now: Timestamp,
    asked: Option<Duration>,
    mint: &Mint,
) -> Option<Timestamp> {
    let failed_before = usize::try_from(tries.max(1) - 1).ok()?;
    let scheduled = mint.around(*WAITS.get(failed_before)?, JITTER);
    let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
    // Never earlier than asked, and spread out: a receiver that was overloaded told everyone the same instant.
    let asked = asked + mint.up_to(asked.mul_f64(JITTER));
    Some(now + scheduled.max(asked))
}

/// What becomes of a delivery after a try.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settled {
    /// The receiver has it; the note is for the record.
    Delivered {
        /// What the receiver said, in a few words.
        note: String,
    },
    /// Some of those that it was sent to have it; the others never will.
    Partly {
        /// Who not, and why.
        note: String,
    },
    /// It failed, and will be tried again.
    Again {
        /// Not before this instant.
        at: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// Put back as if it had not been taken out.
    PutBack {
        /// What kept it.
        why: String,
        /// True where the receiver wants nothing more on this channel: it waits until somebody has seen to that.
        disable_channel: bool,
    },
    /// Given up; can be replayed.
    Dead {
        /// What went wrong.
        why: String,
    },
}

/// Turns a channel's verdict on try number `tries` (1 for the first) into what becomes of the delivery.
pub fn settle(verdict: Verdict, tries: u32, now: Timestamp, mint: &Mint) -> Settled {
    match verdict {
        Verdict::Delivered { note } => Settled::Delivered { note },
        Verdict::Partly { note } => Settled::Partly { note },
        Verdict::Untried { why } => Settled::PutBack {
            why,
            disable_channel: false,
        },
        Verdict::Dead { why } => Settled::Dead { why },
        // Nothing is wrong with the message: it reaches people once the channel is on again.
        Verdict::Disable { why } => Settled::PutBack {
            why,
            disable_channel: true,
        },
        Verdict::Retry { why, after } => match next_try(tries, now, after, mint) {
            Some(at) => Settled::Again { at, why },
            None => Settled::Dead {
                why: format!("given up after {tries} tries; the last: {why}"),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_780_000_000_000);

    #[test]
    fn ten_tries_over_seventy_five_hours() {
        let total: Duration = WAITS.iter().sum();
        assert_eq!(WAITS.len() + 1, 10);
        assert_eq!(total.as_secs(), 75 * 3600 + 35 * 60 + 5);
    }

    #[test]
    fn each_wait_is_the_schedules_within_a_fifth() {
        for seed in 0..50 {
            let mint = Mint::seeded(seed);
            for (failed_before, wait) in WAITS.into_iter().enumerate() {
                let at = next_try(failed_before as u32 + 1, NOW, None, &mint).unwrap();
                let share = at.since(NOW).as_secs_f64() / wait.as_secs_f64();
                assert!((0.799..=1.201).contains(&share), "{share} of {wait:?}");
            }
        }
        assert_eq!(next_try(10, NOW, None, &Mint::seeded(1)), None);
        assert_eq!(next_try(u32::MAX, NOW, None, &Mint::seeded(1)), None);
    }

    #[test]
    fn what_the_receiver_asks_for_is_honoured_up_to_a_day() {
        for (tries, asked, least, most) in [
            (1, 60, 60, 72),
            (3, 60, 1_440, 2_160),
            (1, 1_000_000_000, 86_400, 103_680),
        ] {
            let asked = Some(Duration::from_secs(asked));
            let wait = next_try(tries, NOW, asked, &Mint::seeded(3))
                .unwrap()
                .since(NOW);
            assert!((least..=most).contains(&wait.as_secs()), "{wait:?}");
        }
    }

    #[test]
    fn a_verdict_settles_a_delivery() {
        let mint = Mint::seeded(1);
        let retry = || Verdict::Retry {
            why: "the server answered 500".into(),
            after: None,
        };
        assert!(matches!(
            settle(retry(), 1, NOW, &mint),
            Settled::Again { .. }
        ));
        let Settled::Dead { why } = settle(retry(), 10, NOW, &mint) else {
            panic!("the tenth failure is the last");
        };
        assert_eq!(
            why,
            "given up after 10 tries; the last: the server answered 500"
        );
        // Even the last try was none, where the channel is gone.
        for tries in [1, 10] {
            let gone = Verdict::Disable {
                why: "410 Gone".into(),
            };
            assert_eq!(
                settle(gone, tries, NOW, &mint),
                Settled::PutBack {
                    why: "410 Gone".into(),
                    disable_channel: true,
                }
            );
        }
    }

    proptest! {
        #[test]
        fn every_delivery_ends_within_its_tries_and_days(
            answers in proptest::collection::vec(
                prop_oneof![
                    8 => proptest::option::of(0_u64..1_000_000_000).prop_map(|after| Verdict::Retry {
                        why: "the receiver answered 503".into(),
                        after: after.map(Duration::from_secs),
                    }),
                    1 => Just(Verdict::Delivered { note: "204".into() }),
                    1 => Just(Verdict::Dead { why: "550".into() }),
                ],
                1..20,
            ),
            seed in any::<u64>(),
        ) {
            let mint = Mint::seeded(seed);
            let mut now = NOW;
            let mut tries = 0;
            for answer in answers.into_iter().cycle() {
                tries += 1;
                match settle(answer, tries, now, &mint) {
                    Settled::Again { at, .. } => now = at,
                    Settled::Delivered { .. } | Settled::Partly { .. } | Settled::PutBack { .. } | Settled::Dead { .. } => break,
                }
            }
            prop_assert!(tries <= 10, "{} tries", tries);
            // Nine waits of at most a day and a fifth.
            prop_assert!(now.since(NOW) <= Duration::from_secs(9 * 86_400 * 6 / 5 + 1));
        }

        #[test]
        fn a_next_try_is_always_later_and_within_a_day_and_a_half(
            tries in any::<u32>(), asked in proptest::option::of(any::<u64>()), seed in any::<u64>(),
        ) {
            let asked = asked.map(Duration::from_secs);
            if let Some(at) = next_try(tries, NOW, asked, &Mint::seeded(seed)) {
                prop_assert!(at > NOW && at.since(NOW) <= Duration::from_secs(36 * 3600));
            }
        }
    }
}
