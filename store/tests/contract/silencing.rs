//! Silences: over what, from when to when, and what each has kept quiet.

use sightline_model::*;
use sightline_store::{alerts, deliveries, silences, verdicts, waits};

use crate::{
    support::{Place, START, at},
    world::*,
};

/// Over the alerts of a watchlist.
pub fn of_watchlist(id: WatchlistId) -> Covers {
    Covers {
        watchlist: Some(id),
        ..Covers::default()
    }
}

/// Over the alerts of an entry.
pub fn of_entry(id: EntryId) -> Covers {
    Covers {
        entry: Some(id),
        ..Covers::default()
    }
}

pub fn silence(covers: Covers, mint: &Mint) -> silences::Silence {
    silences::Silence {
        id: mint.id(START),
        covers,
        created_at: START,
        from: START,
        until: START + std::time::Duration::from_secs(60),
        author: "R. Analyst".to_owned(),
        reason: "a known false lead".to_owned(),
    }
}

pub async fn silences_hold_for_a_while(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let all = silence(Covers::default(), &mint);
    let one = silence(of_entry(world.entry.id), &mint);
    let later = silences::Silence {
        from: at(30),
        covers: Covers {
            source: Some(world.source),
            kind: Some(Kind::Phone),
            value: Some("+12025550123".to_owned()),
            case_reference: Some("12/26".to_owned()),
            severity_at_most: Some(Severity::Normal),
            sighted: Some(Reason::NewSource),
            ..of_watchlist(world.watchlist.id)
        },
        ..silence(Covers::default(), &mint)
    };
    for silence in [&all, &one, &later] {
        silences::add(&mut tx, silence).await.unwrap();
    }
    let holding = silences::in_force(&mut tx, at(59)).await.unwrap();
    assert_eq!(holding.len(), 4);
    for silence in [&all, &one, &later] {
        assert!(holding.contains(silence), "{silence:?}");
    }
    let early = silences::in_force(&mut tx, at(29)).await.unwrap();
    assert_eq!(early.len(), 3);
    assert!(!early.contains(&later), "it has not begun");
    for (now, would_have_ended) in [(at(10), Some(at(60))), (at(11), None)] {
        let ended = silences::end(&mut tx, all.id, now).await.unwrap();
        assert_eq!(ended, would_have_ended, "ended {now}");
    }
    assert_eq!(silences::in_force(&mut tx, at(59)).await.unwrap().len(), 3);
    assert_eq!(silences::in_force(&mut tx, at(60)).await.unwrap(), []);
    assert_eq!(silences::list(&mut tx, 99).await.unwrap().len(), 4);
}

pub async fn what_silences_kept_quiet_is_owed_once_they_are_over(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let quiet = silence(Covers::default(), &mint);
    silences::add(&mut tx, &quiet).await.unwrap();
    let pair = (quiet.id, world.alert.id);
    silences::note(&mut tx, &[pair], at(5)).await.unwrap();
    let of_ours = |owed: Vec<(SilenceId, AlertId)>| owed.contains(&pair);
    for (now, is_owed) in [(at(59), false), (at(60), true)] {
        let owed = silences::owed(&mut tx, now, 99).await.unwrap();
        assert_eq!(of_ours(owed), is_owed, "{now}");
    }
    silences::settle(&mut tx, &[pair], at(60)).await.unwrap();
    assert!(!of_ours(silences::owed(&mut tx, at(60), 99).await.unwrap()));
    // Kept quiet once more: owed once more.
    silences::note(&mut tx, &[pair], at(61)).await.unwrap();
    assert!(of_ours(silences::owed(&mut tx, at(61), 99).await.unwrap()));
    let unsettled = silences::unsettled(&mut tx, &[world.alert.id, mint.id(START)]).await;
    assert!(unsettled.unwrap().contains(&world.alert.id));
}

pub async fn what_silences_keep_quiet_is_counted(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let one = silence(Covers::default(), &mint);
    silences::add(&mut tx, &one).await.unwrap();
    let other = alert(&world.entry, &mint);
    alerts::insert(&mut tx, std::slice::from_ref(&other))
        .await
        .unwrap();
    let (id, known) = (one.id, world.alert.id);
    let quiet = [(id, known), (id, other.id), (id, known)];
    silences::note(&mut tx, &quiet, at(5)).await.unwrap();
    silences::note(&mut tx, &[(id, other.id)], at(8))
        .await
        .unwrap();
    let mut kept = silences::kept_by(&mut tx, &[id]).await.unwrap();
    kept.sort_by_key(|kept| kept.last_at);
    let counted = |alert, sightings, last_at| silences::Kept {
        silence: id,
        alert,
        sightings,
        first_at: at(5),
        last_at,
    };
    assert_eq!(
        kept,
        [counted(known, 2, at(5)), counted(other.id, 2, at(8))]
    );
    let of_known = silences::kept_of(&mut tx, known).await.unwrap();
    let by: Vec<SilenceId> = of_known.iter().map(|kept| kept.silence).collect();
    assert_eq!(by.len(), 2);
    assert!(by.contains(&id) && by.contains(&world.silence));
    let none = silences::note(&mut tx, &[(mint.id(START), known)], at(9)).await;
    assert!(none.is_err(), "there is no such silence");
}

pub async fn what_alerts_gather_is_read_as_silences_know_it(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let nobody = mint.id(START);
    let of_alert = Gathered {
        alert: world.alert.id,
        batch: Some(1),
        entry: world.entry.id,
        source: world.source,
        selector: world.entry.selector.clone(),
        case_reference: world.entry.case_reference.clone(),
        stands: true,
    };
    let found = silences::gathered(&mut tx, &[world.alert.id, nobody])
        .await
        .unwrap();
    assert_eq!(found[&world.alert.id], std::slice::from_ref(&of_alert));
    assert_eq!(found.get(&nobody), None);
    let said = verdicts::Said {
        entry: world.sighting.entry,
        listing: world.sighting.listing,
        verdict: Some(Verdict::Rejected),
        at: at(5),
        who: "R. Analyst".to_owned(),
        why: "a taxi rank".to_owned(),
    };
    verdicts::say(&mut tx, &[said]).await.unwrap();
    let found = silences::gathered(&mut tx, &[world.alert.id])
        .await
        .unwrap();
    let rejected = Gathered {
        stands: false,
        ..of_alert
    };
    assert_eq!(found[&world.alert.id], [rejected]);
}

pub async fn what_ends_early_is_reminded_of_from_then_on(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let world = World::fill(&mut tx, &mint).await;
    let (ends, lasts) = (mint.id(START), mint.id(START));
    // Of two alerts everything is due at one instant; a silence that ends early holds what is of the first.
    let other = Alert {
        id: mint.id(START),
        group: Group::Source(world.source),
        ..world.alert.clone()
    };
    alerts::insert(&mut tx, std::slice::from_ref(&other))
        .await
        .unwrap();
    let both = [&world.alert, &other].map(|alert| Alert {
        notify_at: Some(at(60)),
        escalated_at: Some(at(60)),
        ..alert.clone()
    });
    alerts::update(&mut tx, &both).await.unwrap();
    let waits = |alert: &Alert, batch, waits| Delivery {
        topic: Topic::Alert(alert.id),
        batch,
        waits: Some(waits),
        next_at: at(60),
        attempts: 0,
        ..world.delivery.clone()
    };
    let rows = [
        (waits(&both[0], 20, Wait::Silence), Some(ends), at(30)),
        (waits(&both[0], 21, Wait::Digest), Some(ends), at(40)),
        (waits(&both[0], 22, Wait::Silence), Some(lasts), at(60)),
        (waits(&both[1], 23, Wait::Silence), Some(lasts), at(60)),
        (waits(&both[1], 24, Wait::Digest), None, at(60)),
    ]
    .map(|(row, by, due)| {
        let id = mint.id(START);
        (Delivery { id, ..row }, by, due)
    });
    for (row, by, _) in &rows {
        deliveries::insert(&mut tx, std::slice::from_ref(row))
            .await
            .unwrap();
        let held: Vec<_> = by.iter().map(|by| (row.id, *by)).collect();
        waits::held(&mut tx, &held).await.unwrap();
    }
    let lists = waits::digests_held(&mut tx, ends).await.unwrap();
    assert_eq!(lists, [world.watchlist.id]);
    let next = [(world.watchlist.id, at(40))];
    waits::release_silenced(&mut tx, ends, &next, at(30))
        .await
        .unwrap();
    for (row, by, due) in &rows {
        let stored = deliveries::get(&mut tx, row.id).await.unwrap().unwrap();
        assert_eq!(stored.next_at, *due, "{by:?} {:?}", row.waits);
    }
    for (alert, counted) in both.iter().zip([at(30), at(60)]) {
        let stored = alerts::get(&mut tx, &[alert.id]).await.unwrap().remove(0);
        assert_eq!(
            (stored.notify_at, stored.escalated_at),
            (Some(counted), Some(counted))
        );
        assert_eq!(stored.told_at, alert.told_at);
    }
}
