//! Silences: what they cover waits, whatever it is and however long it has waited; and what they kept quiet is told when they
//! are over.

use std::time::Duration;

use serde_json::json;
use sightline_model::{
    AlertDeed, AlertState, Clock, Covers, Delivery, DeliveryState, EntryId, Mint, Timestamp, Wait,
};
use sightline_pipeline::{deliver::Sent, sweep::put_out};
use sightline_store::{Filter, alert_life, alerts, silences};

use crate::{
    chasing::expire,
    hunting::ads,
    support::{HOUR, Machine, Place, Site},
    telling::{IRIS, ROSE, deliver, outbox, reject, seen, seen_under, sightings_of},
};

/// Over one entry, or all, for so long from now on.
pub async fn hush(machine: &Machine, entry: Option<EntryId>, length: Duration) -> Timestamp {
    let covers = Covers {
        entry,
        ..Covers::default()
    };
    hush_over(machine, covers, length).await
}

async fn hush_over(machine: &Machine, covers: Covers, length: Duration) -> Timestamp {
    let now = machine.clock.now();
    let silence = silences::Silence {
        id: Mint::seeded(now.0.unsigned_abs()).id(now),
        covers,
        created_at: now,
        from: now,
        until: now + length,
        author: "R. Roe".to_owned(),
        reason: "an arrest is planned".to_owned(),
    };
    let mut tx = machine.write().await;
    silences::add(&mut tx, &silence).await.unwrap();
    tx.commit().await.unwrap();
    silence.until
}

async fn states(machine: &Machine) -> Vec<AlertState> {
    let mut tx = machine.read().await;
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let all = alerts::list_of(&mut tx, &filter, None).await.unwrap();
    all.into_iter().map(|alert| alert.state).collect()
}

/// What became of each alert.
async fn deeds(machine: &Machine) -> Vec<Vec<AlertDeed>> {
    let mut tx = machine.read().await;
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let mut deeds = Vec::new();
    for alert in alerts::list_of(&mut tx, &filter, None).await.unwrap() {
        let changes = alert_life::of_alert(&mut tx, alert.id).await.unwrap();
        deeds.push(changes.into_iter().map(|change| change.deed).collect());
    }
    deeds
}

pub fn pending(outbox: Vec<Delivery>) -> Vec<Delivery> {
    let pending = |one: &Delivery| one.state == DeliveryState::Pending;
    outbox.into_iter().filter(pending).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_already_waits_for_the_end_of_a_silence() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"group_wait_seconds": 3_600});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    let until = hush(&machine, None, 24 * HOUR).await;
    machine.clock.advance(2 * HOUR);
    assert_eq!(deliver(&machine).await, Sent::default());
    let held = outbox(&machine).await.remove(0);
    assert_eq!(
        (held.next_at, held.waits, held.attempts),
        (until, Some(Wait::Silence), 0)
    );
    machine.clock.advance(22 * HOUR);
    assert_eq!(deliver(&machine).await.delivered, 1);
    assert_eq!(place.post().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_leaves_out_what_a_silence_covers() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"digest": {"every": "daily", "at": "08:00"}});
    // More alerts than are taken at once, so that some are only carried.
    let machine = seen(&place, &site, rules, &[("one", ROSE), ("two", IRIS)]).await;
    let all = sightings_of(&machine).await;
    let rose = all.iter().find(|one| one.explanation.raw == ROSE).unwrap();
    let until = hush(&machine, Some(rose.entry), 48 * HOUR).await;
    machine.clock.advance(24 * HOUR);
    assert_eq!(deliver(&machine).await.delivered, 1);
    assert_eq!(place.post()[0]["payload"]["data"]["alerts"], 1);
    let held = pending(outbox(&machine).await);
    assert_eq!(held.len(), 1);
    // With the first digest after it.
    let next = Timestamp::parse("2026-11-26T08:00:00Z").unwrap();
    assert!(until < next);
    assert_eq!((held[0].next_at, held[0].carrier), (next, None));
    machine.clock.advance(next.since(machine.clock.now()));
    assert_eq!(deliver(&machine).await.delivered, 1);
    assert_eq!(place.post().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_silence_kept_quiet_is_told_once_when_it_is_over() {
    let (site, place) = (Site::start().await, Place::new());
    let shown = [("one", ROSE), ("two", IRIS)];
    let machine = seen_under(&place, &site, json!({}), &shown, 24 * HOUR).await;
    assert_eq!(states(&machine).await, [AlertState::Silenced; 2]);
    let all = sightings_of(&machine).await;
    put_out(&machine.instance).await.unwrap();
    assert_eq!(outbox(&machine).await, [], "it lasts");

    // Another one covers one of the two for a day more.
    machine.clock.advance(23 * HOUR);
    let iris = all.iter().find(|one| one.explanation.raw == IRIS).unwrap();
    hush(&machine, Some(iris.entry), 25 * HOUR).await;
    for (hours, told) in [(2, 1), (1, 1), (24, 2), (24, 2)] {
        machine.clock.advance(hours * HOUR);
        put_out(&machine.instance).await.unwrap();
        machine.clock.advance(Duration::from_secs(60));
        deliver(&machine).await;
        assert_eq!(place.post().len(), told, "{hours} hours on");
    }
    for told in place.post() {
        assert_eq!(told["payload"]["data"]["new_sightings"], 1, "{told}");
    }
    assert_eq!(states(&machine).await, [AlertState::Open; 2]);
    assert_eq!(deeds(&machine).await, [[AlertDeed::Unsilenced]; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_expired_under_a_silence_is_told_when_it_is_over() {
    for group_by in ["entry", "source"] {
        let (site, place) = (Site::start().await, Place::new());
        let rules = json!({"group_by": group_by});
        let machine = seen_under(&place, &site, rules, &[("one", ROSE)], 24 * HOUR).await;
        let entry = sightings_of(&machine).await[0].entry;
        expire(&machine, entry, machine.clock.now() + 12 * HOUR).await;
        machine.clock.advance(25 * HOUR);
        put_out(&machine.instance).await.unwrap();
        machine.clock.advance(HOUR);
        deliver(&machine).await;
        assert_eq!(place.post().len(), 1, "{group_by}");
        assert_eq!(states(&machine).await, [AlertState::Open], "{group_by}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_rejected_under_a_silence_is_not_told_and_still_shown() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = seen_under(&place, &site, json!({}), &[("one", ROSE)], 24 * HOUR).await;
    let all = sightings_of(&machine).await;
    reject(&machine, &all[0]).await;
    machine.clock.advance(24 * HOUR);
    put_out(&machine.instance).await.unwrap();
    let mut sent = outbox(&machine).await;
    sent.retain(|one| one.topic.alert().is_some());
    assert_eq!(sent, []);
    assert_eq!(states(&machine).await, [AlertState::Open]);
    assert_eq!(deeds(&machine).await, [[AlertDeed::Unsilenced]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_silence_held_comes_as_one_message_when_it_is_over() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"group_wait_seconds": 0, "repeat_seconds": 3_600});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    deliver(&machine).await;
    assert_eq!(place.post().len(), 1);
    // Over the source, which is where the alert of the one entry was seen; the other is news under it.
    let source = sightings_of(&machine).await[0].source;
    let by_source = Covers {
        source: Some(source),
        ..Covers::default()
    };
    let until = hush_over(&machine, by_source, 24 * HOUR).await;
    ads(&site, &[("one", ROSE), ("two", IRIS)]);
    machine.crawl().await;
    for _ in 0..5 {
        machine.clock.advance(4 * HOUR);
        put_out(&machine.instance).await.unwrap();
        deliver(&machine).await;
    }
    assert_eq!(place.post().len(), 1, "nobody is told while it lasts");
    let held = pending(outbox(&machine).await);
    assert_eq!(
        held.len(),
        1,
        "a reminder is held, and not one for each hour"
    );
    assert_eq!(
        (held[0].next_at, held[0].waits),
        (until, Some(Wait::Silence))
    );

    // It stands in the silence's record, beside the news, and stays there.
    let mut tx = machine.read().await;
    let silence = silences::list(&mut tx, 1).await.unwrap().remove(0).id;
    let held_by = silences::held_by(&mut tx, &[silence]).await.unwrap();
    assert_eq!(held_by.get(&silence), Some(&1));
    drop(tx);

    // The delivery looks first, before anything was decided anew on what is owed.
    machine.clock.advance(until.since(machine.clock.now()));
    deliver(&machine).await;
    put_out(&machine.instance).await.unwrap();
    deliver(&machine).await;
    let told = place.post();
    assert_eq!(told.len(), 2, "{told:?}");
    let digest = &told[1]["payload"];
    assert_eq!(
        (&digest["type"], &digest["data"]["alerts"]),
        (&json!("digest"), &json!(2))
    );
    assert_eq!(digest["data"]["after_silence"], true);
    let items = digest["data"]["items"].as_array().unwrap();
    let mut said: Vec<_> = items
        .iter()
        .map(|item| item["type"].as_str().unwrap())
        .collect();
    said.sort_unstable();
    assert_eq!(said, ["alert.opened", "alert.reminder"]);
    assert_eq!(states(&machine).await, [AlertState::Open; 2]);
    assert_eq!(pending(outbox(&machine).await), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_of_which_a_silence_covers_a_part_is_reminded_and_says_so() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"group_by": "source", "group_wait_seconds": 0, "repeat_seconds": 3_600});
    let machine = seen(&place, &site, rules, &[("one", ROSE), ("two", IRIS)]).await;
    deliver(&machine).await;
    let before = place.post().len();
    let all = sightings_of(&machine).await;
    for (covered, told, says) in [(1, 1, true), (2, 1, false)] {
        hush(&machine, Some(all[covered - 1].entry), 48 * HOUR).await;
        machine.clock.advance(2 * HOUR);
        put_out(&machine.instance).await.unwrap();
        deliver(&machine).await;
        let post = place.post();
        assert_eq!(post.len(), before + told, "{covered} of the two");
        let why = post[before]["payload"]["data"]["why"].to_string();
        assert!(
            !says || why.contains("some of what it gathers is silenced until"),
            "{why}"
        );
    }
}
