//! A digest that failed, or whose carrier is withdrawn, is not the end of what it carried: what may be told is gathered anew, and
//! what comes after is counted from when people were told.

use std::time::Duration;

use serde_json::{Value, json};
use sightline_model::{Clock, Delivery, DeliveryState, Purpose, Timestamp, Wait};
use sightline_pipeline::{deliver::Sent, sweep::put_out};
use sightline_store::{
    Filter, alerts,
    deliveries::{self, DeliveryEnd},
};

use crate::{
    hunting::ads,
    silencing::{hush, pending},
    support::{HOUR, Machine, Place, Site},
    telling::{IRIS, ROSE, deliver, outbox, seen, sightings_of},
};

const BOTH: [(&str, &str); 2] = [("one", ROSE), ("two", IRIS)];

fn daily() -> Value {
    json!({"digest": {"every": "daily", "at": "08:00"}})
}

/// A digest of both that its receiver would not take: its carrier, and what it carries.
async fn failed(machine: &Machine, place: &Place) -> [Delivery; 2] {
    place.block_post(true);
    assert_eq!(deliver(machine).await.again, 1);
    place.block_post(false);
    let sent = outbox(machine).await;
    let [one, other] = sent.try_into().unwrap();
    match one.carrier {
        None => [one, other],
        Some(_) => [other, one],
    }
}

/// The alerts of each message in the post.
fn told(place: &Place) -> Vec<Vec<String>> {
    let of = |message: &Value| {
        let data = &message["payload"]["data"];
        let items = data["items"].as_array().cloned();
        let items = items.unwrap_or_else(|| vec![data.clone()]);
        let mut ids: Vec<_> = items
            .iter()
            .map(|item| item["alert"].as_str().unwrap().to_owned())
            .collect();
        ids.sort_unstable();
        ids
    };
    place.post().iter().map(of).collect()
}

fn alert(of: &Delivery) -> String {
    of.topic.alert().unwrap().to_string()
}

async fn until(machine: &Machine, at: &str) {
    let at = Timestamp::parse(at).unwrap();
    machine.clock.advance(at.since(machine.clock.now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_digest_that_failed_what_is_silenced_waits_and_the_rest_is_told() {
    for silenced in [0, 1] {
        let (site, place) = (Site::start().await, Place::new());
        let machine = seen(&place, &site, daily(), &BOTH).await;
        until(&machine, "2026-11-24T08:00:00Z").await;
        let parts = failed(&machine, &place).await;
        let (quiet, loud) = (&parts[silenced], &parts[1 - silenced]);
        let all = sightings_of(&machine).await;
        let mut tx = machine.read().await;
        let about = alerts::get(&mut tx, &[quiet.topic.alert().unwrap()]).await;
        drop(tx);
        let entry = about.unwrap().remove(0).entry;
        assert!(all.iter().any(|one| one.entry == entry));
        hush(&machine, Some(entry), 7 * 24 * HOUR).await;
        machine.clock.advance(HOUR);
        assert_eq!(deliver(&machine).await.delivered, 1, "{silenced}");
        assert_eq!(told(&place), [[alert(loud)]], "{silenced}");
        // It goes with the first digest after the silence, and is not blamed on the receiver.
        let held = pending(outbox(&machine).await).remove(0);
        let next = Timestamp::parse("2026-12-02T08:00:00Z").unwrap();
        assert_eq!(
            (held.id, held.next_at, held.waits),
            (quiet.id, next, Some(Wait::Digest))
        );
        assert_eq!(
            (held.carrier, held.attempts, held.last_error),
            (None, 0, None)
        );
        until(&machine, "2026-12-02T08:00:00Z").await;
        assert_eq!(deliver(&machine).await.delivered, 1);
        assert_eq!(told(&place), [[alert(loud)], [alert(quiet)]]);
        // Its receiver may have had the first after all, and drops what comes under the same identifier.
        let tried = parts[0].id.to_string();
        let ids: Vec<Value> = place.post().iter().map(|sent| sent["id"].clone()).collect();
        assert!(
            ids.iter().all(|id| id.is_string() && *id != tried),
            "{ids:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_withdrawn_message_carried_is_told_all_the_same() {
    for is_silence in [false, true] {
        let (site, place) = (Site::start().await, Place::new());
        let machine = match is_silence {
            false => seen(&place, &site, daily(), &BOTH).await,
            true => {
                let machine = seen(&place, &site, json!({}), &BOTH).await;
                hush(&machine, None, 20 * HOUR).await;
                machine.clock.advance(HOUR);
                assert_eq!(deliver(&machine).await, Sent::default());
                machine
            }
        };
        until(&machine, "2026-11-24T08:00:00Z").await;
        let [carrier, carried] = failed(&machine, &place).await;
        let mut tx = machine.write().await;
        let gone = [(carrier.id, "not sent: withdrawn".to_owned())];
        deliveries::withdraw(&mut tx, &gone).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(deliver(&machine).await.delivered, 1);
        assert_eq!(told(&place), [[alert(&carried)]], "{is_silence}");
        assert_eq!(pending(outbox(&machine).await), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_that_could_not_be_written_tells_all_when_it_is_sent_after_all() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = seen(&place, &site, daily(), &BOTH).await;
    until(&machine, "2026-11-24T08:00:00Z").await;
    let [one, other]: [Delivery; 2] = outbox(&machine).await.try_into().unwrap();
    let list = sightings_of(&machine).await[0].watchlist;
    let now = machine.clock.now();
    let dead = DeliveryEnd::Dead {
        error: "the template does not render".to_owned(),
    };
    let mut tx = machine.write().await;
    let carried = deliveries::carry(&mut tx, &one, list, now).await.unwrap();
    assert_eq!(carried[0].id, other.id);
    deliveries::finish(&mut tx, one.id, &dead, now)
        .await
        .unwrap();
    assert!(deliveries::replay(&mut tx, one.id, now).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(deliver(&machine).await.delivered, 1);
    assert_eq!(told(&place)[0].len(), 2, "{:?}", told(&place));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_with_a_digest_gets_what_a_silence_held_in_the_next_one() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = seen(&place, &site, daily(), &[("one", ROSE)]).await;
    // Until eight minutes past six, two days on; news comes under it.
    let length = Timestamp::parse("2026-11-25T06:08:00Z").unwrap();
    hush(&machine, None, length.since(machine.clock.now())).await;
    until(&machine, "2026-11-24T09:00:00Z").await;
    assert_eq!(deliver(&machine).await, Sent::default());
    ads(&site, &BOTH);
    machine.crawl().await;
    for (at, count) in [
        ("2026-11-25T06:09:00Z", 0),
        ("2026-11-25T07:59:00Z", 0),
        ("2026-11-25T08:00:00Z", 1),
        ("2026-11-26T08:00:00Z", 1),
    ] {
        until(&machine, at).await;
        put_out(&machine.instance).await.unwrap();
        deliver(&machine).await;
        assert_eq!(told(&place).len(), count, "{at}");
    }
    assert_eq!(told(&place)[0].len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reminders_and_escalations_are_counted_from_when_people_were_told() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"group_wait_seconds": 0, "repeat_seconds": 14_400});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    // The machine was off for half a day.
    machine.clock.advance(HOUR * 13);
    for (minutes, count) in [(0, 1), (1, 1), (200, 1), (60, 2)] {
        machine.clock.advance(Duration::from_secs(minutes * 60));
        put_out(&machine.instance).await.unwrap();
        deliver(&machine).await;
        assert_eq!(place.post().len(), count, "{minutes} minutes on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_told_only_when_those_who_were_to_be_told_had_their_time() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({
        "group_wait_seconds": 0,
        "escalate": {"after_seconds": 7_200, "channels": ["post"]},
    });
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    place.block_post(true);
    assert_eq!(deliver(&machine).await.again, 1);
    place.block_post(false);
    let end = hush(&machine, None, 72 * HOUR).await;
    machine.clock.advance(HOUR);
    assert_eq!(deliver(&machine).await, Sent::default());
    let mut tx = machine.read().await;
    let stored = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    assert_eq!(
        (stored[0].told_at, stored[0].notify_at),
        (Some(end), Some(end))
    );
    machine.clock.advance(71 * HOUR);
    for (hours, escalated) in [(0, 0), (1, 0), (1, 1)] {
        machine.clock.advance(hours * HOUR);
        put_out(&machine.instance).await.unwrap();
        deliver(&machine).await;
        let mut sent = outbox(&machine).await;
        sent.retain(|one| one.purpose == Purpose::Escalation);
        assert_eq!(sent.len(), escalated, "{hours} hours on");
    }
    let sent = outbox(&machine).await;
    assert!(sent.iter().all(|one| one.state == DeliveryState::Delivered));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_try_that_a_silence_holds_says_so_until_it_is_made() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"group_wait_seconds": 0});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    hush(&machine, None, HOUR).await;
    assert_eq!(deliver(&machine).await, Sent::default());
    let waits = async || {
        let one = pending(outbox(&machine).await).remove(0);
        (one.waits, one.attempts)
    };
    assert_eq!(waits().await, (Some(Wait::Silence), 0));
    machine.clock.advance(HOUR);
    place.block_post(true);
    assert_eq!(deliver(&machine).await.again, 1);
    assert_eq!(waits().await, (None, 1), "it waits for its receiver");
    hush(&machine, None, 24 * HOUR).await;
    machine.clock.advance(HOUR);
    assert_eq!(deliver(&machine).await, Sent::default());
    assert_eq!(waits().await, (Some(Wait::Silence), 1));
    place.block_post(false);
}
