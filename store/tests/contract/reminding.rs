//! What messages of an alert say beside its news: that it waits for somebody, and what it is worth.

use sightline_model::*;
use sightline_store::{alerts, certainties::Certainties, deliveries, sightings, waits};

use crate::{
    support::{Place, at},
    world::*,
};

pub async fn a_reminder_takes_along_what_a_ceiling_holds(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let row = |batch, waits, next_at| Delivery {
        waits: Some(waits),
        batch,
        ..delivery(&world.alert, "good", next_at, &mint)
    };
    let rows = [
        row(20, Wait::Ceiling, at(100)),
        row(21, Wait::Ceiling, at(10)),
    ];
    deliveries::insert(&mut tx, &rows).await.unwrap();
    let due = (at(50), Some(Wait::QuietHours));
    for one in &rows {
        waits::take_along(&mut tx, world.alert.id, one.batch, Purpose::Reminder, due)
            .await
            .unwrap();
    }
    for (row, purpose, next_at, waits) in [
        (&rows[0], Purpose::Reminder, at(50), Wait::QuietHours),
        (&rows[1], Purpose::News, at(10), Wait::Ceiling),
    ] {
        let stored = deliveries::get(&mut tx, row.id).await.unwrap().unwrap();
        assert_eq!(
            (stored.purpose, stored.next_at, stored.waits),
            (purpose, next_at, Some(waits))
        );
    }
}

pub async fn an_alert_comes_to_the_best_of_what_stands_in_it(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let alert = alert(&world.entry, &mint);
    alerts::close(&mut tx, world.alert.id, Closed::Rejected, at(0))
        .await
        .unwrap();
    alerts::insert(&mut tx, std::slice::from_ref(&alert))
        .await
        .unwrap();
    let more = listing(fresh(&mut tx).await, &world.run, "another");
    sightline_store::listings::insert(&mut tx, std::slice::from_ref(&more))
        .await
        .unwrap();
    let mut possible = sighting(&world.entry, &more, &mint);
    possible.explanation.confidence = Confidence::Inferred;
    sightings::insert(&mut tx, std::slice::from_ref(&possible))
        .await
        .unwrap();
    let held = [(alert.id, possible.id, Some(7))];
    alerts::attach(&mut tx, &held).await.unwrap();
    let worth = Certainties::of(&mut tx, &[alert.id]).await.unwrap();
    assert_eq!(worth.of_alert(alert.id), Some(Certainty::Possible));
    let held = [(alert.id, world.sighting.id, Some(8))];
    alerts::attach(&mut tx, &held).await.unwrap();
    let worth = Certainties::of(&mut tx, &[alert.id]).await.unwrap();
    for (batch, expected) in [
        (7, Certainty::Possible),
        (8, Certainty::Certain),
        // One that tells of none: of all.
        (9, Certainty::Certain),
    ] {
        assert_eq!(worth.of_batch(alert.id, batch), Some(expected), "{batch}");
    }
    assert_eq!(worth.of_alert(alert.id), Some(Certainty::Certain));
}
