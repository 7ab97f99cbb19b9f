//! What becomes of the visits of workers that stop or die.

use sightline_model::*;
use sightline_store::leases;

use crate::{
    leasing::{add, lease, paths, wish},
    support::{Place, at},
    world::running,
};

pub async fn a_dead_workers_lease_is_taken_over(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    add(
        &mut tx,
        &run,
        &["https://a.example/1", "https://a.example/2"],
    )
    .await;
    let taken = lease(&mut tx, &wish("dead"), at(0)).await;
    assert_eq!(taken.len(), 1, "the second is due a millisecond later");
    assert_eq!(taken[0].visit.attempts, 1);
    assert_eq!(lease(&mut tx, &wish("heir"), at(59)).await, []);
    let heirs = lease(&mut tx, &wish("heir"), at(60)).await;
    assert_eq!(paths(&heirs), ["a.example/1", "a.example/2"]);
    assert_eq!(heirs[0].visit.attempts, 2, "the try of the dead counts");
    let ids: Vec<VisitId> = heirs.iter().map(|lease| lease.visit.id).collect();
    assert_eq!(leases::still_held(&mut tx, "dead", &ids).await.unwrap(), []);
    assert_eq!(
        leases::still_held(&mut tx, "heir", &ids).await.unwrap(),
        ids
    );
}

pub async fn a_released_lease_costs_no_try(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    add(&mut tx, &run, &["https://a.example/1"]).await;
    lease(&mut tx, &wish("stopping"), at(1)).await;
    leases::release(&mut tx, "stopping").await.unwrap();
    let again = lease(&mut tx, &wish("next"), at(1)).await;
    assert_eq!(again[0].visit.attempts, 1);
}

pub async fn a_visit_that_a_worker_died_of_costs_a_try(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let run = running(&mut tx, "ads", &mint).await;
    let links = ["https://a.example/1", "https://a.example/2"];
    let ids = add(&mut tx, &run, &links).await;
    lease(&mut tx, &wish("dead"), at(1)).await;
    let suspect = ids[0].unwrap();
    leases::lose(&mut tx, "another", &[suspect], at(1))
        .await
        .unwrap();
    leases::lose(&mut tx, "dead", &[suspect], at(1))
        .await
        .unwrap();
    leases::release(&mut tx, "dead").await.unwrap();
    let again = lease(&mut tx, &wish("heir"), at(1)).await;
    let tries: Vec<_> = again
        .iter()
        .map(|lease| (lease.visit.id, lease.visit.attempts))
        .collect();
    assert_eq!(tries, [(ids[1].unwrap(), 1), (suspect, 2)], "it comes last");
}
