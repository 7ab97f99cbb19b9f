//! The replay: what people would have been told of an entry, had it been looked for all along. The same judgement and
//! decisions as those of a crawl, over what is stored. Pure.
//!
//! The store knows when a listing showed something first and last, and not whether it was away in between. So a listing
//! counts as seen all that time, and what came back under the same listing is not told: the counts are the least that
//! there would have been.

use std::{collections::BTreeMap, time::Duration};

use sightline_model::{Group, Mint, Reason, Severity, Sighting, Timestamp};

use crate::{
    decide::{About, Case, Decision, decide},
    flood::{DAY, Flood},
    group::OpenAlert,
    judge::{Listing, Memory, Recollection, judge},
    rules::Rules,
};

/// Every alert is taken to be closed so long after it was raised: while it is open, news joins it.
pub const CLOSED_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// What people would have been told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    /// The instants at which alerts would have been raised, in order.
    pub alerts: Vec<Timestamp>,
    /// Messages to each channel; none where the rules name no channel. Those of a digest are counted one by one.
    pub messages: u64,
    /// The sightings that would have been news, by their place in what was replayed, in order of time.
    pub news: Vec<usize>,
    /// How many sightings had which reason, those that the rules leave out included.
    pub reasons: BTreeMap<Reason, u64>,
}

/// Replays the sightings of one entry under these rules, and tells what comes of those first seen at or after `from`.
/// Each is one listing's, with when that showed the entry first and last; their reasons and the instants of their
/// judgements are set here, and they are brought into the order of time.
pub fn replay(
    sightings: &mut [Sighting],
    severity: Option<Severity>,
    rules: &Rules,
    from: Timestamp,
    mint: &Mint,
) -> Replayed {
    sightings.sort_by_key(|sighting| (sighting.first_seen, sighting.listing));
    let mut replayed = Replayed::default();
    let mut memory = Recollection::default();
    let mut unclosed = BTreeMap::<Group, OpenAlert>::new();
    let mut lately = Vec::new();
    for (place, sighting) in sightings.iter_mut().enumerate() {
        let now = sighting.first_seen;
        sighting.at = now;
        let certainty = sighting.explanation.certainty();
        sighting.reason = judge(
            memory
                .behind(certainty)
                .map(|seen| as_of(seen, now))
                .as_ref(),
            sighting.source,
            Listing::New,
            now,
            rules.gap(),
            // Of no matter to a listing that is new.
            &[],
        );
        let last = sighting.last_seen.max(now);
        memory.see(certainty, last, sighting.source, sighting.listing);
        if now < from {
            continue;
        }
        *replayed.reasons.entry(sighting.reason).or_default() += 1;
        // Of one entry: its case groups it with others, which are not replayed.
        let group = rules.group_by.group(sighting, None);
        let own = Group::Entry(sighting.entry);
        for group in [&group, &own] {
            if let Some(open) = unclosed.remove(group).and_then(|open| as_of_now(open, now)) {
                unclosed.insert(group.clone(), open);
            }
        }
        let (open, gathers) = (unclosed.get(&group), unclosed.get(&own));
        let case = Case {
            sighting,
            about: About {
                severity,
                case: None,
                selector: None,
            },
            rules,
            open,
            flood: Flood::of(rules, &lately, gathers, now),
            silences: &[],
            now,
        };
        let decision = decide(&case, mint);
        let before = match decision.ceiling() {
            Some(_) => gathers,
            None => open,
        };
        let Some(left) = decision.leaves(before) else {
            continue;
        };
        replayed.news.push(place);
        if let Decision::Opened { .. } = decision {
            replayed.alerts.push(now);
        }
        if let Some(at) = decision.begins_at(before, now) {
            lately.retain(|at| *at + DAY > now);
            lately.push(at);
        }
        replayed.messages += u64::from(!decision.deliveries().is_empty());
        unclosed.insert(left.alert.group.clone(), left);
    }
    replayed
}

/// What was remembered at an instant: a listing that was seen later still was there then.
fn as_of(memory: &Memory, now: Timestamp) -> Memory {
    let mut memory = memory.clone();
    memory.last_seen.at = memory.last_seen.at.min(now);
    memory
}

/// An alert as it stands at an instant: closed after a day, and its message gone out, if it was due.
fn as_of_now(open: OpenAlert, now: Timestamp) -> Option<OpenAlert> {
    (now < open.alert.opened_at + CLOSED_AFTER).then(|| {
        let waiting = open.waiting.filter(|waiting| now < waiting.due.at);
        let under_way = match waiting {
            Some(_) => open.under_way,
            None => Vec::new(),
        };
        OpenAlert {
            alert: open.alert,
            waiting,
            under_way,
            told_before: open.told_before,
        }
    })
}

#[cfg(test)]
mod tests {
    use sightline_model::{CaptureId, Confidence, Explanation, ListingId, SourceId};
    use uuid::Uuid;

    use super::*;

    const START: Timestamp = Timestamp(1_800_000_000_000);
    const HOUR: u64 = 3_600;
    const DAY: u64 = 24 * HOUR;

    fn days(days: u64) -> Timestamp {
        START + Duration::from_secs(days * DAY)
    }

    /// A listing on a source that showed the entry from one second to another.
    fn seen(nth: i64, source: u8, (first, last): (u64, u64)) -> Sighting {
        let after = |seconds| START + Duration::from_secs(seconds);
        Sighting {
            id: Uuid::from_u128(nth as u128).into(),
            entry: Uuid::from_u128(1).into(),
            watchlist: Uuid::from_u128(2).into(),
            observation: None,
            listing: ListingId(nth),
            source: SourceId::from(Uuid::from_u128(source.into())),
            url: "https://ads.example/1".parse().unwrap(),
            reason: Reason::Historic,
            at: START,
            first_seen: after(first),
            last_seen: after(last),
            current: true,
            withheld: false,
            explanation: Explanation {
                raw: "lotus".into(),
                before: String::new(),
                after: String::new(),
                steps: Vec::new(),
                confidence: Confidence::Exact,
                capture: CaptureId(1),
                span: None,
                previous: None,
                warning: None,
                also: Vec::new(),
            },
            since: None,
            fate: None,
        }
    }

    fn rules(channels: &[&str]) -> Rules {
        Rules {
            channels: channels.iter().map(ToString::to_string).collect(),
            ..Rules::default()
        }
    }

    struct Told {
        alerts: usize,
        messages: u64,
        reasons: Vec<(Reason, u64)>,
    }

    #[test]
    fn what_would_have_been_told() {
        use Reason::{First, NewListing, NewSource, Reappeared};
        let short = (0, HOUR);
        for (name, seen_there, from, told) in [
            (
                "one listing is one alert",
                vec![seen(1, 1, short)],
                0,
                Told {
                    alerts: 1,
                    messages: 1,
                    reasons: vec![(First, 1)],
                },
            ),
            (
                "a repost goes on; another site is news, told with what waits or after the interval",
                vec![
                    seen(1, 1, short),
                    seen(2, 1, (10, 20)),
                    seen(3, 2, (20, 30)),
                    seen(4, 3, (600, 700)),
                ],
                0,
                Told {
                    alerts: 1,
                    messages: 2,
                    reasons: vec![(NewListing, 1), (NewSource, 2), (First, 1)],
                },
            ),
            (
                "a day later the alert is closed, and news raises another",
                vec![seen(1, 1, short), seen(2, 2, (2 * DAY, 2 * DAY))],
                0,
                Told {
                    alerts: 2,
                    messages: 2,
                    reasons: vec![(NewSource, 1), (First, 1)],
                },
            ),
            (
                "quiet for longer than the gap",
                vec![seen(1, 1, short), seen(2, 1, (20 * DAY, 20 * DAY))],
                0,
                Told {
                    alerts: 2,
                    messages: 2,
                    reasons: vec![(Reappeared, 1), (First, 1)],
                },
            ),
            (
                "a listing that stands there all along keeps it from reappearing",
                vec![seen(1, 1, (0, 40 * DAY)), seen(2, 1, (20 * DAY, 21 * DAY))],
                0,
                Told {
                    alerts: 1,
                    messages: 1,
                    reasons: vec![(NewListing, 1), (First, 1)],
                },
            ),
            (
                "what came before is remembered and not counted",
                vec![seen(1, 1, short), seen(2, 2, (2 * DAY, 2 * DAY))],
                1,
                Told {
                    alerts: 1,
                    messages: 1,
                    reasons: vec![(NewSource, 1)],
                },
            ),
        ] {
            let mint = Mint::seeded(1);
            let mut there = seen_there.clone();
            there.reverse();
            let found = replay(&mut there, None, &rules(&["duty"]), days(from), &mint);
            assert_eq!(there.len(), seen_there.len());
            assert_eq!(
                found.reasons.into_iter().collect::<Vec<_>>(),
                told.reasons,
                "{name}"
            );
            assert_eq!(
                (found.alerts.len(), found.messages),
                (told.alerts, told.messages),
                "{name}"
            );
        }
    }

    #[test]
    fn rules_that_ask_for_every_listing_tell_of_each() {
        let there = [seen(1, 1, (0, HOUR)), seen(2, 1, (2 * DAY, 2 * DAY))];
        let mut asking = rules(&["duty"]);
        asking.reasons.insert(Reason::NewListing);
        for (rules, alerts) in [(rules(&["duty"]), 1), (asking, 2)] {
            let found = replay(&mut there.clone(), None, &rules, START, &Mint::seeded(1));
            assert_eq!(found.alerts.len(), alerts);
        }
    }

    #[test]
    fn without_a_channel_nobody_is_sent_anything() {
        let mut there = [seen(1, 1, (0, 1)), seen(2, 2, (60, 61))];
        let found = replay(&mut there, None, &rules(&[]), START, &Mint::seeded(1));
        assert_eq!((found.alerts.len(), found.messages), (1, 0));
        assert_eq!(found.news, [0, 1]);
    }
}
