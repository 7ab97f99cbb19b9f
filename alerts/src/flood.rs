//! The ceiling of an entry: what it brings about beyond so many messages in a day is gathered in one. Pure.

use std::time::Duration;

use sightline_model::Timestamp;

use crate::{group::OpenAlert, rules::Rules};

/// The stretch that a ceiling is of.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An entry that has brought about as many messages in a day as its watchlist's rules allow.
#[derive(Clone, Copy, Debug)]
pub struct Flood<'a> {
    /// How many that are.
    pub ceiling: u32,
    /// When there will be fewer again.
    pub until: Timestamp,
    /// The entry's own alert that is not closed, if there is one: it gathers what comes until then, however the rules group.
    pub open: Option<&'a OpenAlert>,
}

impl<'a> Flood<'a> {
    /// Whether an entry is at its ceiling: `lately` are the instants at which it brought about messages, in order but for those
    /// that are still to come, which do not count yet; and `open` is its own alert.
    pub fn of(
        rules: &Rules,
        lately: &[Timestamp],
        open: Option<&'a OpenAlert>,
        now: Timestamp,
    ) -> Option<Self> {
        let ceiling = rules.ceiling_per_day?;
        let counted = lately.iter().filter(|at| **at <= now && **at + DAY > now);
        let counted: Vec<Timestamp> = counted.copied().collect();
        let place = counted.len().checked_sub(ceiling.max(1) as usize)?;
        Some(Self {
            ceiling,
            until: counted[place] + DAY,
            open,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use sightline_model::{
        Alert, AlertId, Delivery, DeliveryState, EntryId, Fate, Group, GroupBy, ListingId, Mint,
        Reason, Sighting, Wait,
    };

    use super::*;
    use crate::{
        decide::{
            About,
            tests::{id, rules, sighting},
        },
        desk::Desk,
        words,
    };

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn an_entry_is_at_its_ceiling_until_the_first_of_so_many_messages_is_a_day_old() {
        let ago = |hours: i64| Timestamp(NOW.0 - 3_600_000 * hours);
        let hours = |hours: u32| NOW + Duration::from_secs(3_600) * hours;
        for (ceiling, lately, until) in [
            (None, vec![1; 1_000], None),
            (Some(3), vec![], None),
            (Some(3), vec![5, 4], None),
            (Some(3), vec![5, 4, 1], Some(hours(19))),
            (Some(3), vec![24, 4, 1], None),
            // One that gathers, and is to be told in two hours.
            (Some(3), vec![5, 4, -2], None),
            (Some(3), vec![5, 4, 1, -2], Some(hours(19))),
            // More than the ceiling, where that was higher once, or what was beyond it has been told of.
            (Some(3), vec![20, 5, 4, 1], Some(hours(19))),
            (Some(1), vec![5, 4, 1], Some(hours(23))),
        ] {
            let rules = Rules {
                ceiling_per_day: ceiling,
                ..Rules::default()
            };
            let lately: Vec<Timestamp> = lately.into_iter().map(ago).collect();
            let flood = Flood::of(&rules, &lately, None, NOW);
            assert_eq!(
                flood.map(|flood| flood.until),
                until,
                "{ceiling:?} {lately:?}"
            );
        }
    }

    #[test]
    fn what_is_beyond_a_ceiling_is_gathered_however_the_rules_group() {
        for group_by in GroupBy::ALL {
            let rules = Rules {
                group_by: *group_by,
                group_wait_seconds: 0,
                group_interval_seconds: 0,
                ceiling_per_day: Some(3),
                ..rules(&["duty"])
            };
            let mint = Mint::seeded(1);
            let mut lately = HashMap::<EntryId, Vec<Timestamp>>::new();
            let mut alerts = BTreeMap::<AlertId, Alert>::new();
            let mut outbox = Vec::<Delivery>::new();
            let mut fates = Vec::new();
            // Each on a source and in a listing of its own, a minute apart; what is due by then was sent.
            for nth in 0..10_u32 {
                let now = NOW + Duration::from_secs(60) * nth;
                for delivery in outbox.iter_mut().filter(|delivery| delivery.next_at <= now) {
                    delivery.state = DeliveryState::Delivered;
                }
                let sighting = Sighting {
                    source: id(100 + u128::from(nth)),
                    listing: ListingId(nth.into()),
                    ..sighting(u128::from(nth), Reason::NewSource, now)
                };
                let open = alerts.values().cloned();
                let open = open.map(|alert| OpenAlert::new(alert, &outbox));
                let open: Vec<OpenAlert> = open.collect();
                let mut desk = Desk::new(open, &[], now, &mint).knowing(lately.clone());
                let (_, fate) = desk.decide(&sighting, About::default(), &rules);
                fates.push(fate);
                let changes = desk.changes();
                for (entry, _, at) in changes.begun {
                    lately.entry(entry).or_default().push(at);
                }
                for alert in changes.raised.into_iter().chain(changes.updated) {
                    alerts.insert(alert.id, alert);
                }
                outbox.extend(changes.deliveries);
            }
            let (told, gathered) = fates.split_at(3);
            let are_told = told.iter().all(|fate| matches!(fate, Fate::Told { .. }));
            assert!(are_told, "{group_by}: {told:?}");
            let same = gathered.iter().all(|fate| *fate == gathered[0]);
            assert!(same, "{group_by}: {gathered:?}");
            let Fate::Gathered {
                alert,
                batch,
                due,
                waits,
                ceiling,
            } = gathered[0]
            else {
                panic!("{group_by}: {:?}", gathered[0]);
            };
            assert_eq!((due, waits, ceiling), (NOW + DAY, Some(Wait::Ceiling), 3));
            assert_eq!(
                alerts[&alert].group,
                Group::Entry(sighting(1, Reason::First, NOW).entry)
            );
            let message = outbox
                .iter()
                .filter(|one| one.topic.alert() == Some(alert) && one.batch == batch);
            assert_eq!(message.count(), 1);
            assert_eq!(outbox.len(), 4, "three, and one for the rest");
            let said = words::fate(
                &gathered[0],
                &outbox,
                7,
                words::Terms {
                    rules: &rules,
                    stopped: &BTreeMap::new(),
                    when: &|at| at.to_string(),
                },
            );
            let expected = format!(
                "not sent singly: the entry's ceiling of 3 messages a day was reached; gathered in alert {alert} with 7 sightings; "
            );
            assert!(said.starts_with(&expected), "{said}");
        }
    }
}
