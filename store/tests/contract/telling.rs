//! Groups, what is overdue, and digests: whom to tell, when, and by which message.

use std::collections::BTreeSet;

use sightline_model::*;
use sightline_store::{
    alerts,
    deliveries::{self, DeliveryEnd, Wish},
    entries::{self, told},
    sightings, silences,
    verdicts::{self, Said},
    waits::{self, PutOff},
};

use crate::{
    alerting::wish,
    support::{Place, START, at},
    world::*,
};

pub async fn an_alert_is_found_by_its_group_and_by_what_it_holds(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let list = world.watchlist.id;
    let case = Group::Case("12/26".to_owned());
    let grouped = Alert {
        group: case.clone(),
        ..alert(&world.entry, &mint)
    };
    let other = entry(&world.watchlist, "+12025550147", &mint);
    entries::add(&mut tx, std::slice::from_ref(&other))
        .await
        .unwrap();
    alerts::insert(&mut tx, std::slice::from_ref(&grouped))
        .await
        .unwrap();
    alerts::hold_groups_of(&mut tx, &[list]).await.unwrap();
    let wanted = [
        (list, case.clone()),
        (list, Group::Case("13/26".to_owned())),
        (list, Group::Listing(world.listing.id)),
    ];
    let found = alerts::unclosed_in(&mut tx, &wanted).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&grouped));
    // By an entry that did not raise it, once it holds a sighting of it.
    let found = alerts::unclosed_of(&mut tx, &[other.id]).await.unwrap();
    assert_eq!(found, []);
    let seen = Sighting {
        fate: Some(Fate::Grouped {
            alert: grouped.id,
            batch: 2,
            due: at(60),
            waits: Some(Wait::Digest),
        }),
        ..sighting(&other, &world.listing, &mint)
    };
    sightings::insert(&mut tx, std::slice::from_ref(&seen))
        .await
        .unwrap();
    assert_eq!(
        sightings::get(&mut tx, &[seen.id]).await.unwrap(),
        std::slice::from_ref(&seen)
    );
    alerts::attach(&mut tx, &[(grouped.id, seen.id, Some(2))])
        .await
        .unwrap();
    let found = alerts::unclosed_of(&mut tx, &[other.id]).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&grouped));
    assert_eq!(
        alerts::told_in(&mut tx, &[grouped.id]).await.unwrap(),
        [alerts::ToldIn {
            alert: grouped.id,
            batch: 2,
            entry: other.id,
            reason: seen.reason,
            sightings: 1,
            rejected: 0,
            entry_state: EntryState::Active,
        }]
    );
    let said = crate::judging::said_of(&seen, Some(Verdict::Rejected));
    verdicts::say(&mut tx, &[said]).await.unwrap();
    let told = alerts::told_in(&mut tx, &[grouped.id]).await.unwrap();
    assert_eq!((told[0].sightings, told[0].rejected), (0, 1));
    assert!(
        alerts::close(&mut tx, grouped.id, Closed::Rejected, at(8))
            .await
            .unwrap()
    );
    assert_eq!(alerts::unclosed_in(&mut tx, &wanted).await.unwrap(), []);
}

pub async fn alerts_are_overdue_by_what_each_message_counts_from(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let made = |told: i64, notified: i64, escalated: Option<i64>| Alert {
        told_at: Some(at(told)),
        notify_at: Some(at(notified)),
        escalated_at: escalated.map(at),
        ..alert(&world.entry, &mint)
    };
    let fresh = made(90, 95, None);
    let told_long_ago = made(10, 20, Some(90));
    let escalated_long_ago = made(10, 95, Some(20));
    let taken = made(10, 20, Some(20));
    let untold = Alert {
        told_at: None,
        notify_at: None,
        ..alert(&world.entry, &mint)
    };
    let rows = [&fresh, &told_long_ago, &escalated_long_ago, &taken, &untold];
    let rows: Vec<Alert> = rows.into_iter().cloned().collect();
    alerts::close(&mut tx, world.alert.id, Closed::Rejected, START)
        .await
        .unwrap();
    alerts::insert(&mut tx, &rows).await.unwrap();
    assert!(
        alerts::acknowledge(&mut tx, taken.id, "R. Analyst", at(30))
            .await
            .unwrap()
    );
    // A ceiling holds something of the one, and something of the other waits for a digest.
    let waiting = [(&fresh, Wait::Ceiling), (&escalated_long_ago, Wait::Digest)];
    let waiting = waiting.map(|(alert, wait)| Delivery {
        waits: Some(wait),
        ..delivery(alert, "good", at(95), &mint)
    });
    deliveries::insert(&mut tx, &waiting).await.unwrap();
    let list = world.watchlist.id;
    let at_50 = Some(at(50));
    let none = alerts::Overdue::default();
    for (overdue, expected) in [
        (none, vec![]),
        (
            alerts::Overdue {
                told: at_50,
                ..none
            },
            vec![told_long_ago.id],
        ),
        (
            alerts::Overdue {
                unescalated: Some(at(92)),
                ..none
            },
            vec![fresh.id, untold.id],
        ),
        (
            alerts::Overdue {
                escalated: at_50,
                ..none
            },
            vec![escalated_long_ago.id],
        ),
        (
            alerts::Overdue {
                taken: at_50,
                ..none
            },
            vec![taken.id],
        ),
        (
            alerts::Overdue {
                told: at_50,
                unescalated: at_50,
                escalated: at_50,
                taken: at_50,
                held: None,
            },
            vec![untold.id, told_long_ago.id, escalated_long_ago.id, taken.id],
        ),
        (
            alerts::Overdue {
                held: at_50,
                ..none
            },
            vec![fresh.id],
        ),
        (
            alerts::Overdue {
                held: Some(at(96)),
                ..none
            },
            vec![],
        ),
    ] {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let some = alerts::overdue(&mut tx, list, &overdue, after, 2).await;
            let some = some.unwrap();
            let Some(last) = some.last() else { break };
            after = Some(last.id);
            seen.extend(some.into_iter().map(|alert| alert.id));
        }
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(seen, expected, "{overdue:?}");
    }
    let elsewhere = alerts::Overdue {
        told: at_50,
        ..none
    };
    let elsewhere = alerts::overdue(&mut tx, mint.id(START), &elsewhere, None, 9).await;
    assert_eq!(elsewhere.unwrap(), []);
}

pub async fn a_digest_carries_what_waits_for_it(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    deliveries::finish(&mut tx, world.delivery.id, &DeliveryEnd::Delivered, START)
        .await
        .unwrap();
    let waits = |channel: &str, batch, due, waits| Delivery {
        batch,
        waits,
        ..delivery(&world.alert, channel, at(due), &mint)
    };
    let digest = Some(Wait::Digest);
    let [first, second, third, late, own, elsewhere] = [
        waits("good", 1, 10, digest),
        waits("good", 2, 9, digest),
        waits("good", 3, 10, digest),
        waits("good", 4, 70, digest),
        waits("good", 5, 10, Some(Wait::QuietHours)),
        waits("desk", 6, 10, digest),
    ];
    let rows = [&first, &second, &third, &late, &own, &elsewhere].map(Clone::clone);
    deliveries::insert(&mut tx, &rows).await.unwrap();
    let list = world.watchlist.id;
    let wrong_list = deliveries::carry(&mut tx, &first, mint.id(START), at(60)).await;
    assert_eq!(wrong_list.unwrap(), []);
    let carried = deliveries::carry(&mut tx, &first, list, at(60)).await;
    let ids = |some: &[Delivery]| some.iter().map(|one| one.id).collect::<BTreeSet<_>>();
    let both = BTreeSet::from([second.id, third.id]);
    assert_eq!(ids(&carried.unwrap()), both);
    deliveries::seal(&mut tx, first.id, "{}").await.unwrap();
    let carried = deliveries::carried_by(&mut tx, first.id).await.unwrap();
    assert_eq!(ids(&carried), both);
    // They are nobody's to send but the carrier's.
    let taken = deliveries::lease_due(
        &mut tx,
        &Wish {
            channels: &[("good", 9), ("desk", 9)],
            at_most: 9,
            ..wish("one")
        },
        at(60),
    )
    .await
    .unwrap();
    let free = BTreeSet::from([first.id, own.id, elsewhere.id]);
    assert_eq!(ids(&taken), free);
    // One of them holds no longer; the others fare as the carrier does.
    deliveries::withdraw(&mut tx, &[(third.id, "not sent: closed".to_owned())])
        .await
        .unwrap();
    let dead = DeliveryEnd::Dead {
        error: "550".to_owned(),
    };
    for (end, state) in [
        (Some(dead), DeliveryState::Dead),
        (None, DeliveryState::Pending),
        (Some(DeliveryEnd::Delivered), DeliveryState::Delivered),
    ] {
        match end {
            Some(end) => deliveries::finish(&mut tx, first.id, &end, at(61))
                .await
                .unwrap(),
            None => assert!(
                deliveries::replay(&mut tx, second.id, at(61))
                    .await
                    .unwrap()
            ),
        }
        for id in [first.id, second.id] {
            let stored = deliveries::get(&mut tx, id).await.unwrap().unwrap();
            assert_eq!(stored.state, state);
        }
        let withdrawn = deliveries::get(&mut tx, third.id).await.unwrap().unwrap();
        assert_eq!(
            (withdrawn.state, withdrawn.last_error.as_deref()),
            (DeliveryState::Withdrawn, Some("not sent: closed"))
        );
    }
}

pub async fn what_waits_is_hastened_or_let_go_by_what_it_waits_for(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let rows = [Wait::Digest, Wait::QuietHours, Wait::Group, Wait::Interval].map(|wait| Delivery {
        waits: Some(wait),
        batch: 10 + wait as i64,
        ..delivery(&world.alert, "good", at(100), &mint)
    });
    deliveries::insert(&mut tx, &rows).await.unwrap();
    for (since, gathering) in [
        (at(0), vec![world.alert.id]),
        (at(i64::MAX / 2_000), vec![]),
    ] {
        let found = alerts::gathering(&mut tx, world.source, since).await;
        assert_eq!(found.unwrap(), gathering);
    }
    let released = waits::release(&mut tx, &[world.alert.id], at(10)).await;
    assert_eq!(
        released.unwrap(),
        1,
        "the end of a crawl is no digest, and two messages keep their distance"
    );
    let [digest, quiet, ..] = &rows;
    waits::hasten(
        &mut tx,
        world.alert.id,
        digest.batch,
        at(20),
        Some(Wait::Group),
    )
    .await
    .unwrap();
    waits::hasten(
        &mut tx,
        world.alert.id,
        quiet.batch,
        at(200),
        Some(Wait::Group),
    )
    .await
    .unwrap();
    for (id, next_at, waits) in [
        (digest.id, at(20), Wait::Group),
        (quiet.id, at(100), Wait::QuietHours),
    ] {
        let stored = deliveries::get(&mut tx, id).await.unwrap().unwrap();
        assert_eq!((stored.next_at, stored.waits), (next_at, Some(waits)));
    }
}

pub async fn what_is_put_off_leaves_its_digest_and_goes_when_it_may(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let row = |batch, waits, carrier| Delivery {
        batch,
        waits,
        carrier,
        ..delivery(&world.alert, "good", at(10), &mint)
    };
    let digest = row(20, Some(Wait::Digest), None);
    let carried = row(21, Some(Wait::Digest), Some(digest.id));
    let (night, quiet) = (row(22, None, None), row(23, None, None));
    let was_silent = row(24, Some(Wait::Silence), None);
    let rows = [&digest, &carried, &night, &quiet, &was_silent].map(Clone::clone);
    deliveries::insert(&mut tx, &rows).await.unwrap();
    let silence: SilenceId = mint.id(START);
    let off = [
        (&carried, at(60), Wait::Silence),
        (&night, at(60), Wait::QuietHours),
        (&quiet, at(60), Wait::Silence),
        (&was_silent, at(70), Wait::QuietHours),
    ]
    .map(|(delivery, until, waits)| PutOff {
        delivery: delivery.id,
        until,
        waits,
        held_by: (waits == Wait::Silence).then_some(silence),
    });
    waits::put_off(&mut tx, &off).await.unwrap();
    // Both that it holds stand in its record, and what is put out under it.
    let counted = silences::held_by(&mut tx, &[silence]).await.unwrap();
    assert_eq!(counted[&silence], 2);
    waits::held(&mut tx, &[(night.id, silence)]).await.unwrap();
    let counted = silences::held_by(&mut tx, &[silence]).await.unwrap();
    assert_eq!(counted[&silence], 3);
    let left = deliveries::get(&mut tx, carried.id).await.unwrap().unwrap();
    assert_eq!((left.carrier, left.waits), (None, Some(Wait::Digest)));
    let held = deliveries::get(&mut tx, was_silent.id).await.unwrap();
    let held = held.map(|held| (held.next_at, held.waits));
    assert_eq!(
        held,
        Some((at(70), Some(Wait::Silence))),
        "it is told with what a silence held"
    );

    let digests = [(world.watchlist.id, at(30))];
    waits::release_silenced(&mut tx, silence, &digests, at(30))
        .await
        .unwrap();
    for (id, next_at) in [(carried.id, at(30)), (night.id, at(60)), (quiet.id, at(30))] {
        let stored = deliveries::get(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(stored.next_at, next_at);
    }
    waits::let_through(&mut tx, &[world.alert.id], at(40))
        .await
        .unwrap();
    let night = deliveries::get(&mut tx, night.id).await.unwrap().unwrap();
    assert_eq!((night.next_at, night.waits), (at(40), None));
}

pub async fn what_is_put_off_was_not_tried_and_takes_along_what_it_carries(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let row = |batch, waits, carrier| Delivery {
        batch,
        waits,
        carrier,
        attempts: 1,
        ..delivery(&world.alert, "good", at(10), &mint)
    };
    let late = row(20, None, None);
    let digest = row(21, Some(Wait::Digest), None);
    let carried = Delivery {
        attempts: 0,
        ..row(22, Some(Wait::Digest), Some(digest.id))
    };
    let rows = [late.clone(), digest.clone(), carried.clone()];
    deliveries::insert(&mut tx, &rows).await.unwrap();
    let until = |delivery: &Delivery, until, waits| PutOff {
        delivery: delivery.id,
        until,
        waits,
        held_by: None,
    };
    let off = [
        until(&late, at(50), Wait::QuietHours),
        until(&digest, at(60), Wait::Silence),
    ];
    waits::put_off(&mut tx, &off).await.unwrap();
    for (id, next_at, waits) in [
        (late.id, at(50), Wait::QuietHours),
        (digest.id, at(60), Wait::Digest),
        (carried.id, at(60), Wait::Digest),
    ] {
        let stored = deliveries::get(&mut tx, id).await.unwrap().unwrap();
        assert_eq!(
            (stored.next_at, stored.waits, stored.attempts),
            (next_at, Some(waits), 0)
        );
    }
}

pub async fn what_an_entry_brings_about_is_remembered_for_a_day(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let World {
        entry, sighting, ..
    } = World::fill(&mut tx, &mint).await;
    let hour = |hours: u32| START + std::time::Duration::from_secs(3_600) * hours;
    // A repeat of the same at the same instant is one.
    for at in [0, 0, 1, 23] {
        let begun = [(entry.id, sighting.id, hour(at))];
        told::note(&mut tx, &begun, hour(at)).await.unwrap();
    }
    for (now, expected) in [
        (23, vec![hour(0), hour(1), hour(23)]),
        (24, vec![hour(1), hour(23)]),
        (47, vec![]),
    ] {
        let mut lately = told::lately(&mut tx, &[entry.id], hour(now)).await.unwrap();
        let found = lately.remove(&entry.id).unwrap_or_default();
        assert_eq!(found, expected, "after {now} hours");
    }
    // What turned out to be none of the entry has brought about nothing; and what somebody takes back, has again.
    for (verdict, expected) in [(Some(Verdict::Rejected), 0), (None, 3)] {
        let said = Said {
            entry: entry.id,
            listing: sighting.listing,
            verdict,
            at: hour(2),
            who: "A. Analyst".to_owned(),
            why: String::new(),
        };
        verdicts::say(&mut tx, &[said]).await.unwrap();
        let lately = told::lately(&mut tx, &[entry.id], hour(23)).await.unwrap();
        let found = lately.get(&entry.id).map_or(0, Vec::len);
        assert_eq!(found, expected, "{verdict:?}");
    }
}
