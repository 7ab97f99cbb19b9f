//! How long something was away, counted by those who looked: where nobody looked, nothing was found to be gone. Pure.

use std::time::Duration;

use sightline_model::Timestamp;

/// How long something was away that was seen at `since` and not again until `now`, when others looked for it at `looks`, in order.
/// The time from one look to the next counts, but `at_most` so much: Sightline's own absence is nobody else's. So without a
/// look in between it is never more than that.
pub fn absence(
    since: Timestamp,
    looks: &[Timestamp],
    now: Timestamp,
    at_most: Duration,
) -> Duration {
    let between = looks.iter().filter(|at| **at > since && **at < now);
    let mut counted = Duration::ZERO;
    let mut last = since;
    for at in between.chain([&now]) {
        counted += at.since(last).min(at_most);
        last = *at;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_795_428_000_000);

    fn day(number: u64) -> Timestamp {
        START + Duration::from_secs(number * 86_400)
    }

    #[test]
    fn only_what_was_looked_at_counts() {
        for (looks, now, days) in [
            // Looked at each day, or each week.
            ((1..20).collect(), 20, 20),
            (vec![7, 14], 20, 20),
            // Sightline was off, or its source blocked, the whole time.
            (vec![], 20, 14),
            (vec![], 400, 14),
            (vec![], 3, 3),
            // Off before the first look, after the last, or between two.
            (vec![30], 31, 15),
            (vec![1], 30, 15),
            (vec![1, 2, 30, 31], 32, 1 + 1 + 14 + 1 + 1),
            // Once a month: the one look that missed it is enough.
            (vec![30], 60, 28),
            // Not what was looked at before, or is looked at now.
            (vec![0, 20], 20, 14),
        ] {
            let looks: Vec<Timestamp> = looks.into_iter().map(day).collect();
            let counted = absence(START, &looks, day(now), Duration::from_secs(14 * 86_400));
            assert_eq!(
                counted.as_secs() / 86_400,
                days,
                "{looks:?} until day {now}"
            );
        }
    }
}
