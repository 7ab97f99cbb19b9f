//! What is over, and what is not: an alert is chased until somebody has it, though its entry has expired since, and no more
//! once what was looked for was withdrawn.

use serde_json::json;
use sightline_model::{Clock, Delivery, DeliveryState, EntryId, Purpose, Timestamp};
use sightline_pipeline::sweep::put_out;
use sightline_store::entries;

use crate::{
    support::{HOUR, Machine, Place, Site},
    telling::{IRIS, ROSE, deliver, outbox, seen, sightings_of},
};

/// Reminders and escalations that were put out so far, and how many of them were withdrawn.
async fn chased(machine: &Machine) -> (usize, usize) {
    let mut sent = outbox(machine).await;
    sent.retain(|one| matches!(one.purpose, Purpose::Reminder | Purpose::Escalation));
    let withdrawn = sent
        .iter()
        .filter(|one| one.state == DeliveryState::Withdrawn);
    (sent.len(), withdrawn.count())
}

async fn hours(machine: &Machine, hours: u32) {
    for _ in 0..hours {
        machine.clock.advance(HOUR);
        put_out(&machine.instance).await.unwrap();
        deliver(machine).await;
    }
}

pub async fn expire(machine: &Machine, id: EntryId, at: Timestamp) {
    let mut tx = machine.write().await;
    let mut entry = entries::get(&mut tx, &[id]).await.unwrap().remove(0);
    entry.expires_at = Some(at);
    entries::edit(&mut tx, &[entry], at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn withdraw(machine: &Machine, ids: &[EntryId]) {
    let mut tx = machine.write().await;
    entries::withdraw(&mut tx, ids).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_expired_is_chased_and_what_was_withdrawn_is_not_however_the_rules_group() {
    for group_by in ["entry", "source", "listing"] {
        let (site, place) = (Site::start().await, Place::new());
        let rules = json!({
            "group_by": group_by, "group_wait_seconds": 0, "repeat_seconds": 3_600,
            "escalate": {"after_seconds": 7_200, "channels": ["post"]},
        });
        let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
        deliver(&machine).await;
        let entry = sightings_of(&machine).await[0].entry;
        expire(&machine, entry, machine.clock.now() + HOUR).await;
        hours(&machine, 3).await;
        assert_eq!(
            chased(&machine).await,
            (4, 0),
            "{group_by}: three reminders, one escalation"
        );
        withdraw(&machine, &[entry]).await;
        hours(&machine, 3).await;
        assert_eq!(chased(&machine).await, (4, 0), "{group_by}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_chased_as_long_as_one_of_its_entries_is_not_withdrawn() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"group_by": "source", "group_wait_seconds": 0, "repeat_seconds": 3_600});
    let machine = seen(&place, &site, rules, &[("one", ROSE), ("two", IRIS)]).await;
    deliver(&machine).await;
    let all = sightings_of(&machine).await;
    for (withdrawn, told) in [(all[0].entry, 1), (all[1].entry, 1)] {
        withdraw(&machine, &[withdrawn]).await;
        hours(&machine, 1).await;
        assert_eq!(chased(&machine).await, (told, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_that_waits_is_not_sent_of_what_was_withdrawn_meanwhile() {
    let (site, place) = (Site::start().await, Place::new());
    let quiet = json!({"from": "18:00", "to": "08:00"});
    let rules = json!({"group_wait_seconds": 0, "repeat_seconds": 28_800, "quiet_hours": quiet});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    deliver(&machine).await;
    hours(&machine, 9).await;
    assert_eq!(chased(&machine).await, (1, 0), "until the morning");
    withdraw(&machine, &[sightings_of(&machine).await[0].entry]).await;
    hours(&machine, 24).await;
    assert_eq!(chased(&machine).await, (1, 1));
    let sent = outbox(&machine).await;
    let moot = sent
        .iter()
        .find(|one| one.state == DeliveryState::Withdrawn)
        .unwrap();
    let why = moot.last_error.as_deref().unwrap();
    assert!(
        why.starts_with("not sent: what it would have asked about was withdrawn"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_could_not_be_asked_is_not_asked_once_nobody_is_needed() {
    let site = Site::start().await;
    let boss = json!({"kind": "file", "path": "boss.jsonl"});
    let place = Place::with_channels([("boss".to_owned(), boss)].into());
    let rules = json!({
        "group_wait_seconds": 0, "escalate": {"after_seconds": 3_600, "channels": ["boss"]},
    });
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    deliver(&machine).await;
    // Nothing can be written where a folder is.
    let file = place.path("boss.jsonl");
    std::fs::create_dir(&file).unwrap();
    hours(&machine, 2).await;
    let escalation = |sent: Vec<Delivery>| {
        let mut sent = sent.into_iter();
        sent.find(|one| one.purpose == Purpose::Escalation).unwrap()
    };
    let tried = escalation(outbox(&machine).await);
    assert_eq!(tried.state, DeliveryState::Pending);
    assert!(tried.attempts > 0 && tried.message.is_some());

    withdraw(&machine, &[sightings_of(&machine).await[0].entry]).await;
    std::fs::remove_dir(&file).unwrap();
    hours(&machine, 48).await;
    assert_eq!(
        escalation(outbox(&machine).await).state,
        DeliveryState::Withdrawn
    );
    assert!(!file.exists(), "boss was asked");
}
