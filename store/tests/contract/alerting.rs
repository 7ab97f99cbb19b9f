//! Alerts, silences and the outbox: told once, and never lost.

use std::{collections::BTreeMap, time::Duration};

use sightline_model::*;
use sightline_store::{
    Filter, Tx, alerts,
    deliveries::{self, DeliveryEnd, Wish},
    endpoints, readdressing, waits,
};

use crate::{
    support::{Place, START, at},
    world::*,
};

pub async fn an_alert_lives_and_closes(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let id = world.alert.id;
    assert_eq!(
        alerts::unclosed_of(&mut tx, &[world.entry.id])
            .await
            .unwrap(),
        std::slice::from_ref(&world.alert)
    );
    let grown = Alert {
        batch: 2,
        notify_at: None,
        reasons: vec![Reason::First, Reason::NewSource],
        updated_at: at(5),
        ..world.alert.clone()
    };
    alerts::update(&mut tx, std::slice::from_ref(&grown))
        .await
        .unwrap();
    assert_eq!(alerts::get(&mut tx, &[id]).await.unwrap(), [grown]);
    assert!(
        alerts::acknowledge(&mut tx, id, "R. Analyst", at(6))
            .await
            .unwrap()
    );
    assert!(
        !alerts::acknowledge(&mut tx, id, "Another", at(7))
            .await
            .unwrap()
    );
    assert!(
        alerts::close(&mut tx, id, Closed::Confirmed, at(8))
            .await
            .unwrap()
    );
    assert!(
        !alerts::close(&mut tx, id, Closed::Rejected, at(9))
            .await
            .unwrap()
    );
    let closed = alerts::list(
        &mut tx,
        &Filter {
            state: Some("closed"),
            ..Filter::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(
        closed[0].acknowledged,
        Some(("R. Analyst".to_owned(), at(6)))
    );
    assert_eq!(closed[0].closed, Some((Closed::Confirmed, at(8))));
    assert_eq!(closed[0].updated_at, at(8));
    assert_eq!(
        alerts::unclosed_of(&mut tx, &[world.entry.id])
            .await
            .unwrap(),
        []
    );
}

pub async fn batches_tell_their_own_sightings(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let (alert, first) = (world.alert.id, world.sighting.id);
    let ids = async |tx: &mut Tx, batch| {
        let sightings = alerts::sightings_of(tx, alert, batch).await.unwrap();
        sightings
            .iter()
            .map(|sighting| sighting.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut tx, Some(1)).await, [first]);
    // It is told again, in a later message; without a batch it stays where it was.
    alerts::attach(&mut tx, &[(alert, first, Some(2)), (alert, first, Some(3))])
        .await
        .unwrap();
    alerts::attach(&mut tx, &[(alert, first, None)])
        .await
        .unwrap();
    assert_eq!(ids(&mut tx, Some(1)).await, []);
    assert_eq!(ids(&mut tx, Some(3)).await, [first]);
    assert_eq!(ids(&mut tx, None).await, [first]);
}

/// An outbox with so many messages for each channel, due a second apart.
async fn outbox(tx: &mut Tx, mint: &Mint, channels: &[(&str, i64)]) -> Vec<Delivery> {
    let world = World::fill(tx, mint).await;
    deliveries::finish(tx, world.delivery.id, &DeliveryEnd::Delivered, START)
        .await
        .unwrap();
    let mut outbox = Vec::new();
    for (channel, count) in channels {
        for nth in 1..=*count {
            outbox.push(Delivery {
                batch: nth,
                ..delivery(&world.alert, channel, at(nth), mint)
            });
        }
    }
    assert_eq!(
        deliveries::insert(tx, &outbox).await.unwrap(),
        outbox.len() as u64
    );
    outbox
}

pub fn wish(worker: &str) -> Wish<'_> {
    Wish {
        worker,
        channels: &[("bad", 2), ("desk", 2), ("gone", 2), ("good", 2)],
        lease_for: Duration::from_secs(60),
        at_most: 5,
    }
}

pub async fn the_outbox_is_fair(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let sent = outbox(&mut tx, &mint, &[("bad", 50), ("good", 3), ("gone", 3)]).await;
    assert_eq!(
        deliveries::insert(&mut tx, &sent).await.unwrap(),
        0,
        "one for each alert, batch and channel"
    );
    endpoints::disable(&mut tx, "gone", "410 Gone", at(1))
        .await
        .unwrap();
    let taken = deliveries::lease_due(&mut tx, &wish("one"), at(100))
        .await
        .unwrap();
    let mut by_channel = BTreeMap::<&str, Vec<i64>>::new();
    for delivery in &taken {
        by_channel
            .entry(&delivery.channel)
            .or_default()
            .push(delivery.batch);
        assert_eq!(delivery.attempts, 1);
    }
    assert_eq!(
        by_channel,
        BTreeMap::from([("bad", vec![1, 2]), ("good", vec![1, 2])])
    );
    let other = deliveries::lease_due(&mut tx, &wish("two"), at(100))
        .await
        .unwrap();
    assert!(
        other.iter().all(|delivery| delivery.batch > 2),
        "no message is sent by two"
    );
    // A dead sender loses nothing.
    let heir = deliveries::lease_due(&mut tx, &wish("heir"), at(160))
        .await
        .unwrap();
    assert_eq!(
        heir.iter()
            .filter(|delivery| delivery.attempts == 2)
            .count(),
        4
    );
    assert!(endpoints::enable(&mut tx, "gone").await.unwrap());
    assert!(!endpoints::enable(&mut tx, "gone").await.unwrap());
    let enabled = deliveries::lease_due(&mut tx, &wish("two"), at(160))
        .await
        .unwrap();
    assert_eq!(
        enabled
            .iter()
            .filter(|delivery| delivery.channel == "gone")
            .count(),
        2
    );
    let mut waiting = deliveries::count_in(&mut tx, DeliveryState::Pending)
        .await
        .unwrap();
    waiting.sort_unstable();
    assert_eq!(
        waiting,
        [("bad", 50), ("gone", 3), ("good", 3)].map(|(channel, count)| (channel.to_owned(), count))
    );
    // Enabled, it has not yet taken anything: what went wrong stays known until it does.
    let failures = async |tx: &mut Tx| {
        let gone = endpoints::get(tx, "gone").await.unwrap().unwrap();
        (gone.failures, gone.last_error)
    };
    endpoints::record_failure(&mut tx, "gone", "410", at(160))
        .await
        .unwrap();
    let before = failures(&mut tx).await;
    endpoints::disable(&mut tx, "gone", "410", at(160))
        .await
        .unwrap();
    assert!(endpoints::enable(&mut tx, "gone").await.unwrap());
    assert_eq!(failures(&mut tx).await, before);
    assert_eq!(before.1.as_deref(), Some("410"));
    endpoints::record_success(&mut tx, "gone", None, at(161))
        .await
        .unwrap();
    assert_eq!(failures(&mut tx).await.0, 0);
    deliveries::release(&mut tx, "heir").await.unwrap();
    let few = Wish {
        at_most: 1,
        ..wish("next")
    };
    assert_eq!(
        deliveries::lease_due(&mut tx, &few, at(160)).await.unwrap()[0].attempts,
        2
    );
    let parcels = Wish {
        channels: &[("bad", 7), ("good", 0)],
        at_most: 50,
        ..wish("parcels")
    };
    let taken = deliveries::lease_due(&mut tx, &parcels, at(300)).await;
    assert_eq!(
        taken.unwrap().len(),
        7,
        "each channel has a share of its own"
    );
}

pub async fn a_delivery_ends_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let outbox = outbox(&mut tx, &mint, &[("desk", 2)]).await;
    let [first, second] = [outbox[0].id, outbox[1].id];
    assert_eq!(
        deliveries::next_due(&mut tx).await.unwrap(),
        None.or(Some(at(1)))
    );
    assert_eq!(
        deliveries::seal(&mut tx, first, "as first rendered")
            .await
            .unwrap(),
        "as first rendered"
    );
    assert_eq!(
        deliveries::seal(&mut tx, first, "rendered anew")
            .await
            .unwrap(),
        "as first rendered"
    );
    deliveries::lease_due(&mut tx, &wish("one"), at(5))
        .await
        .unwrap();
    assert_eq!(
        deliveries::next_due(&mut tx).await.unwrap(),
        Some(at(65)),
        "when the lease expires"
    );
    // What was taken out and not tried is there as before, and is taken as before.
    let error = "no time".to_owned();
    let put_back = DeliveryEnd::PutBack { error };
    let finished = deliveries::finish(&mut tx, first, &put_back, at(6)).await;
    finished.unwrap();
    let waits = deliveries::get(&mut tx, first).await.unwrap().unwrap();
    assert_eq!((waits.attempts, waits.next_at), (0, at(1)));
    assert_eq!(waits.last_error.as_deref(), Some("no time"));
    let taken = deliveries::lease_due(&mut tx, &wish("one"), at(7)).await;
    assert_eq!(taken.unwrap()[0].attempts, 1);
    let retry = DeliveryEnd::Retry {
        at: at(300),
        error: "503".to_owned(),
    };
    deliveries::finish(&mut tx, first, &retry, at(6))
        .await
        .unwrap();
    for progress in [Some("some have it"), None, Some("more have it")] {
        deliveries::keep_progress(&mut tx, first, progress)
            .await
            .unwrap();
        let kept = deliveries::get(&mut tx, first).await.unwrap().unwrap();
        assert_eq!(kept.progress.as_deref(), progress);
    }
    let other = deliveries::get(&mut tx, second).await.unwrap().unwrap();
    assert_eq!(other.progress, None);
    let dead = DeliveryEnd::Dead {
        error: "410 Gone".to_owned(),
    };
    deliveries::finish(&mut tx, second, &dead, at(6))
        .await
        .unwrap();
    assert_eq!(deliveries::next_due(&mut tx).await.unwrap(), Some(at(300)));
    deliveries::finish(&mut tx, first, &DeliveryEnd::Delivered, at(301))
        .await
        .unwrap();
    deliveries::finish(&mut tx, first, &dead, at(302))
        .await
        .unwrap();
    let stored = deliveries::get(&mut tx, first).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.delivered_at),
        (DeliveryState::Delivered, Some(at(301)))
    );
    assert_eq!(
        (stored.message.as_deref(), stored.last_error),
        (Some("as first rendered"), None)
    );
    assert_eq!(deliveries::next_due(&mut tx).await.unwrap(), None);

    assert!(
        !deliveries::replay(&mut tx, first, at(400)).await.unwrap(),
        "it was delivered"
    );
    assert!(deliveries::replay(&mut tx, second, at(400)).await.unwrap());
    let again = deliveries::lease_due(&mut tx, &wish("one"), at(400))
        .await
        .unwrap();
    assert_eq!(
        (
            again[0].id,
            again[0].attempts,
            again[0].last_error.as_deref()
        ),
        (second, 1, Some("410 Gone"))
    );
    let pending = Filter {
        state: Some("pending"),
        watchlist: Some(mint.id(START)),
        ..Filter::default()
    };
    assert_eq!(deliveries::list(&mut tx, &pending).await.unwrap(), []);

    endpoints::record_failure(&mut tx, "duty", "503", at(6))
        .await
        .unwrap();
    endpoints::record_failure(&mut tx, "duty", "504", at(7))
        .await
        .unwrap();
    let failing = endpoints::get(&mut tx, "duty").await.unwrap().unwrap();
    assert_eq!(
        (failing.failures, failing.last_error.as_deref()),
        (2, Some("504"))
    );
    endpoints::record_success(&mut tx, "duty", None, at(8))
        .await
        .unwrap();
    let well = endpoints::all(&mut tx).await.unwrap().pop().unwrap();
    assert_eq!(
        (well.failures, well.last_success, well.last_failure),
        (0, Some(at(8)), Some(at(7)))
    );

    // Whom it did not reach is kept with the message, and with the channel until one reaches all.
    let note = "accepted for 1 of 2";
    let partly = DeliveryEnd::Partly {
        note: note.to_owned(),
    };
    deliveries::finish(&mut tx, second, &partly, at(401))
        .await
        .unwrap();
    let stored = deliveries::get(&mut tx, second).await.unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.last_error.as_deref()),
        (DeliveryState::Delivered, Some(note))
    );
    for said in [Some(note), None] {
        endpoints::record_success(&mut tx, "duty", said, at(402))
            .await
            .unwrap();
        let stored = endpoints::get(&mut tx, "duty").await.unwrap().unwrap();
        assert_eq!((stored.failures, stored.partly.as_deref()), (0, said));
    }
}

pub async fn waits_are_released(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let outbox = outbox(&mut tx, &mint, &[("desk", 3)]).await;
    // The first was tried and waits for its second try: that wait is the receiver's, not the group's.
    deliveries::lease_due(&mut tx, &wish("one"), at(1))
        .await
        .unwrap();
    let retry = DeliveryEnd::Retry {
        at: at(300),
        error: "503".to_owned(),
    };
    deliveries::finish(&mut tx, outbox[0].id, &retry, at(1))
        .await
        .unwrap();
    assert_eq!(
        waits::release(&mut tx, &[outbox[0].topic.alert().unwrap()], at(1))
            .await
            .unwrap(),
        2
    );
    let taken = deliveries::lease_due(&mut tx, &wish("one"), at(1))
        .await
        .unwrap();
    assert_eq!(taken.len(), 2);
    let all = deliveries::of_alerts(&mut tx, &[outbox[0].topic.alert().unwrap()])
        .await
        .unwrap();
    assert_eq!(all.len(), 5, "the world's own two are among them");
}

pub async fn what_was_withdrawn_goes_out_after_all(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let (alert, list) = (world.alert.id, world.watchlist.id);
    let concerned = readdressing::concerned(&mut tx, list, None, 9)
        .await
        .unwrap();
    assert_eq!(concerned, std::slice::from_ref(&world.alert));
    let seen = readdressing::sightings_in(&mut tx, &[alert]).await.unwrap();
    let expected = alerts::sightings_of(&mut tx, alert, None).await.unwrap();
    assert!(!expected.is_empty());
    let expected: Vec<_> = expected.into_iter().map(|one| (alert, one)).collect();
    assert_eq!(seen, expected);

    // Closed, it is looked at as long as a message of it waits.
    alerts::close(&mut tx, alert, Closed::Stale, at(1))
        .await
        .unwrap();
    let concerned = readdressing::concerned(&mut tx, list, None, 9)
        .await
        .unwrap();
    assert_eq!(concerned.len(), 1);
    let concerned = readdressing::concerned(&mut tx, list, Some(alert), 9).await;
    assert_eq!(concerned.unwrap(), []);
    let waiting = deliveries::of_alerts(&mut tx, &[alert]).await.unwrap();
    let gone: Vec<_> = waiting
        .iter()
        .map(|one| (one.id, "gone".to_owned()))
        .collect();
    deliveries::withdraw(&mut tx, &gone).await.unwrap();
    let concerned = readdressing::concerned(&mut tx, list, None, 9)
        .await
        .unwrap();
    assert_eq!(concerned, []);

    // Tried in vain while it was withdrawn, it stays so; taken all the same, it is delivered.
    let id = world.delivery.id;
    let retry = DeliveryEnd::Retry {
        at: at(300),
        error: "503".to_owned(),
    };
    deliveries::finish(&mut tx, id, &retry, at(2))
        .await
        .unwrap();
    let left = deliveries::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(left.state, DeliveryState::Withdrawn);
    deliveries::keep_progress(&mut tx, id, Some("of the message before"))
        .await
        .unwrap();
    readdressing::restore(&mut tx, id, at(60), Some(Wait::Digest))
        .await
        .unwrap();
    let back = deliveries::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((back.state, back.attempts), (DeliveryState::Pending, 0));
    assert_eq!((back.next_at, back.waits), (at(60), Some(Wait::Digest)));
    let anew = (back.last_error, back.message, back.progress);
    assert_eq!(anew, (None, None, None));
    deliveries::withdraw(&mut tx, &gone).await.unwrap();
    let taken = DeliveryEnd::Delivered;
    deliveries::finish(&mut tx, id, &taken, at(3))
        .await
        .unwrap();
    let left = deliveries::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(left.state, DeliveryState::Delivered);
}
