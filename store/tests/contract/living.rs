//! The life of an alert in people's hands, and in nobody's.

use std::time::Duration;

use sightline_model::*;
use sightline_store::{Filter, Tx, alert_life, alerts, sightings};

use crate::{
    support::{Place, at},
    world::*,
};

pub async fn an_alert_is_given_and_talked_about(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let id = world.alert.id;
    let before = alert_life::of_alert(&mut tx, id).await.unwrap();
    for (to, moment) in [(Some("Night desk"), 3), (None, 4), (Some("R. Analyst"), 5)] {
        let alert = alert_life::hold(&mut tx, &[id], &[])
            .await
            .unwrap()
            .pop()
            .unwrap();
        assert!(
            alert_life::assign(&mut tx, id, to, at(moment))
                .await
                .unwrap()
        );
        let change = AlertChange::assigned(&alert, to, "Supervisor", at(moment));
        alert_life::append(&mut tx, &[change]).await.unwrap();
    }
    let of = async |tx: &mut Tx, who: &str| {
        let found = alerts::list_of(tx, &Filter::default(), Some(who)).await;
        found.unwrap().len()
    };
    assert_eq!(of(&mut tx, "R. Analyst").await, 1);
    assert_eq!(of(&mut tx, "Night desk").await, 0);
    // What a sighting brings leaves it with whoever has it.
    let alert = alerts::get(&mut tx, &[id]).await.unwrap().remove(0);
    let grown = Alert {
        assigned: None,
        ..alert.clone()
    };
    alerts::update(&mut tx, &[grown]).await.unwrap();
    assert_eq!(of(&mut tx, "R. Analyst").await, 1);

    assert!(
        alerts::close(&mut tx, id, Closed::Stale, at(6))
            .await
            .unwrap()
    );
    let why = Some("the lead was never found out");
    let closed = AlertChange::closed(&alert, Closed::Stale, why, "R. Analyst", at(6));
    alert_life::append(&mut tx, std::slice::from_ref(&closed))
        .await
        .unwrap();
    assert!(
        !alert_life::assign(&mut tx, id, Some("Another"), at(7))
            .await
            .unwrap(),
        "it is closed"
    );
    assert!(alert_life::touch(&mut tx, id, at(8)).await.unwrap());
    let after = alerts::get(&mut tx, &[id]).await.unwrap().remove(0);
    assert_eq!(
        (after.updated_at, after.assigned.as_deref()),
        (at(8), Some("R. Analyst"))
    );
    let changes = alert_life::of_alert(&mut tx, id).await.unwrap();
    assert_eq!(changes.len(), before.len() + 4);
    assert_eq!(changes.last(), Some(&closed));
    let told: Vec<_> = changes[before.len()..]
        .iter()
        .map(|change| (change.deed, change.fields.last().unwrap().after.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (AlertDeed::Assigned, Some("Night desk")),
            (AlertDeed::Assigned, None),
            (AlertDeed::Assigned, Some("R. Analyst")),
            (AlertDeed::Closed, Some("stale")),
        ]
    );
}

pub async fn quiet_alerts_are_found(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let (id, list) = (world.alert.id, world.watchlist.id);
    let seen = Sighting {
        last_seen: at(50),
        ..world.sighting.clone()
    };
    sightings::update(&mut tx, &[seen]).await.unwrap();
    let lonely = alert(&world.entry, &mint);
    alerts::insert(&mut tx, std::slice::from_ref(&lonely))
        .await
        .unwrap();
    let quiet = async |tx: &mut Tx, since, after| {
        let found = alert_life::quiet_since(tx, list, since, after, 9).await;
        found.unwrap()
    };
    assert_eq!(quiet(&mut tx, at(-1), None).await, []);
    assert_eq!(quiet(&mut tx, at(49), None).await, [lonely.id]);
    let mut both = [id, lonely.id];
    both.sort_unstable();
    assert_eq!(quiet(&mut tx, at(50), None).await, both);
    assert_eq!(quiet(&mut tx, at(50), Some(both[0])).await, [both[1]]);
    let last = alert_life::last_seen(&mut tx, &[id, lonely.id]).await;
    assert_eq!(last.unwrap(), [(id, (at(50), world.source))].into());

    // Somebody says something on one, and closes the other.
    alert_life::touch(&mut tx, id, at(90)).await.unwrap();
    alerts::close(&mut tx, lonely.id, Closed::Rejected, at(51))
        .await
        .unwrap();
    let later = at(50) + Duration::from_secs(39);
    assert_eq!(quiet(&mut tx, later, None).await, []);
    assert_eq!(quiet(&mut tx, at(90), None).await, [id]);
    let elsewhere = alert_life::quiet_since(&mut tx, mint.id(at(0)), at(99), None, 9).await;
    assert_eq!(elsewhere.unwrap(), []);
}
