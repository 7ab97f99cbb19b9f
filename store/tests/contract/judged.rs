//! What sightings keep of their judgements, whatever their listings say later.

use std::slice::from_ref;

use sightline_model::*;
use sightline_store::{alerts::Judged, *};

use crate::{
    support::{Place, at},
    world::*,
};

/// Stores a sighting as it was judged at first.
pub async fn first(tx: &mut Tx, sighting: &Sighting) {
    let first = Sighting {
        at: at(-60),
        ..sighting.clone()
    };
    sightings::insert(tx, from_ref(&first)).await.unwrap();
}

/// The same, as it was judged since; meanwhile its listing was gone.
pub async fn again(tx: &mut Tx, sighting: &Sighting) {
    let there = listings::get(tx, &[sighting.listing]).await.unwrap();
    let gone = Listing {
        removed_at: Some(at(-50)),
        ..there[0].clone()
    };
    listings::update(tx, &[gone]).await.unwrap();
    let back = [(sighting.listing, at(-40))];
    listings::come_back(tx, &back).await.unwrap();
    listings::update(tx, &there).await.unwrap();
    sightings::update(tx, from_ref(sighting)).await.unwrap();
}

/// The words of a sighting's explanation, in place of those that it has.
fn in_words(sighting: &Sighting, raw: &str, capture: i64) -> Explanation {
    Explanation {
        raw: raw.to_owned(),
        capture: CaptureId(capture),
        ..sighting.explanation.clone()
    }
}

fn fate(alert: AlertId, batch: i64) -> Option<Fate> {
    Some(Fate::Told {
        alert,
        batch,
        due: at(0),
        waits: None,
    })
}

/// Judges a sighting anew, and so as to leave words of its first judgement, of a later reading, and of a second judgement.
pub async fn judge_anew(tx: &mut Tx, sighting: &Sighting, alert: AlertId) -> [Sighting; 2] {
    let read = Sighting {
        fate: fate(alert, 1),
        ..with_words_since(sighting)
    };
    sightings::update(tx, from_ref(&read)).await.unwrap();
    let anew = Sighting {
        reason: Reason::Reappeared,
        at: at(900),
        last_seen: at(900),
        explanation: in_words(sighting, "a new judgement's", 8),
        since: None,
        ..read.clone()
    };
    [read, anew]
}

/// A sighting whose listing says something else since.
pub fn with_words_since(sighting: &Sighting) -> Sighting {
    Sighting {
        since: Some(Since {
            at: at(960),
            url: url("https://ads.example/42"),
            explanation: in_words(sighting, "a later wording", 7),
        }),
        ..sighting.clone()
    }
}

pub async fn what_an_alert_rests_on_stays_as_it_was_judged(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let first = world.alert.id;
    let [read, anew] = judge_anew(&mut tx, &world.sighting, first).await;
    let judged = alerts::judged(&mut tx, first, None).await.unwrap();
    let sighting = read.clone();
    assert_eq!(
        judged,
        [Judged {
            sighting,
            anew: None
        }]
    );
    let held = sightings::before(&mut tx, &[read.id]).await.unwrap();
    assert_eq!(held.len(), 1, "what it says since is no judgement");

    // Told of anew in another alert: this one rests on what was judged for it.
    let second = alert(&world.entry, &mint);
    alerts::insert(&mut tx, from_ref(&second)).await.unwrap();
    let anew = Sighting {
        fate: fate(second.id, 1),
        ..anew
    };
    sightings::update(&mut tx, from_ref(&anew)).await.unwrap();
    let attached = [(second.id, anew.id, Some(1))];
    alerts::attach(&mut tx, &attached).await.unwrap();
    let judged = alerts::judged(&mut tx, second.id, None).await.unwrap();
    let sighting = anew.clone();
    assert_eq!(
        judged,
        [Judged {
            sighting,
            anew: None
        }]
    );
    let judged = alerts::judged(&mut tx, first, None)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(judged.anew, Some(second.id));
    let before = &judged.sighting;
    assert_eq!(
        (before.reason, before.at, &before.explanation, &before.fate),
        (read.reason, read.at, &read.explanation, &read.fate)
    );
    let since = before.since.as_ref().unwrap();
    assert_eq!((since.at, &since.explanation), (anew.at, &anew.explanation));

    // Told of anew in the same alert: it rests on both.
    let again = Sighting {
        at: at(1_800),
        fate: fate(second.id, 2),
        ..anew.clone()
    };
    sightings::update(&mut tx, from_ref(&again)).await.unwrap();
    let judged = alerts::judged(&mut tx, second.id, None).await.unwrap();
    let times: Vec<Timestamp> = judged.iter().map(|one| one.sighting.at).collect();
    assert_eq!(times, [at(900), at(1_800)]);
}

pub async fn what_a_judgement_was_read_from_is_not_purged(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let mut read_from = Vec::new();
    for _ in 0..3 {
        let id: CaptureId = fresh(&mut tx).await;
        let mut page = capture(id, &world.run, world.visit, "https://ads.example/42");
        page.evidence.record = format!("urn:uuid:{id}");
        captures::insert(&mut tx, &[page]).await.unwrap();
        read_from.push(id);
    }
    // The first judgement rests on one of them, the second on another, and nothing on the third.
    let judged = |at, capture: CaptureId| Sighting {
        at,
        explanation: in_words(&world.sighting, "call", capture.0),
        ..world.sighting.clone()
    };
    for (seconds, capture) in [(100, read_from[0]), (900, read_from[1])] {
        let sighting = judged(at(seconds), capture);
        sightings::update(&mut tx, &[sighting]).await.unwrap();
    }
    let class = purges::Class::Captures;
    let due = purges::due(&mut tx, class, at(1_000), "", 99)
        .await
        .unwrap();
    let is_due = |id: &CaptureId| due.contains(&id.to_string());
    let due: Vec<bool> = read_from.iter().map(is_due).collect();
    assert_eq!(due, [false, false, true]);
}
