//! What becomes of a message that waits: of what was rejected meanwhile it does not tell, and quiet hours hold it, however
//! late it is.

use std::time::Duration;

use serde_json::{Value, json};
use sightline_model::{
    AlertState, Clock, Delivery, DeliveryState, Mint, Reason, Sighting, Timestamp, Verdict, Wait,
    Watchlist,
};
use sightline_pipeline::{
    deliver::{Sent, deliver_due},
    sweep::put_out,
};
use sightline_store::{Filter, alerts, deliveries, entries, sightings, verdicts, watchlists};
use tokio_util::sync::CancellationToken;

use crate::{
    hunting::{ads, machine, wanted},
    silencing::hush,
    support::{HOUR, Machine, Place, START, Site, looked},
};

pub const ROSE: &str = "rose@mail.example.org";
pub const IRIS: &str = "iris@mail.example.org";

/// A machine that watches for both, tells `post` by these rules, and has seen these ads.
pub async fn seen(place: &Place, site: &Site, rules: Value, shown: &[(&str, &str)]) -> Machine {
    let machine = watching(place, site, rules).await;
    ads(site, shown);
    machine.crawl().await;
    machine
}

/// The same, where a silence over everything began before, for so long.
pub async fn seen_under(
    place: &Place,
    site: &Site,
    rules: Value,
    shown: &[(&str, &str)],
    silence: Duration,
) -> Machine {
    let machine = watching(place, site, rules).await;
    hush(&machine, None, silence).await;
    ads(site, shown);
    machine.crawl().await;
    machine
}

async fn watching(place: &Place, site: &Site, mut rules: Value) -> Machine {
    let machine = machine(place, site).await;
    let mint = &Mint::seeded(5);
    rules["channels"] = json!(["post"]);
    let list = Watchlist {
        id: mint.id(START),
        name: "missing".to_owned(),
        defaults: json!({}),
        rules,
        created_at: START,
    };
    let mut tx = machine.write().await;
    watchlists::create(&mut tx, &list).await.unwrap();
    let both = [ROSE, IRIS].map(|email| wanted(&list, "email", email, mint));
    entries::add(&mut tx, &both).await.unwrap();
    entries::mark_all_hunted(&mut tx, START).await.unwrap();
    tx.commit().await.unwrap();
    machine
}

pub async fn sightings_of(machine: &Machine) -> Vec<Sighting> {
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    let mut all = sightings::list(&mut tx, &filter).await.unwrap();
    all.sort_by_key(|one| one.listing);
    all
}

pub async fn reject(machine: &Machine, sighting: &Sighting) {
    let mut tx = machine.write().await;
    let said = verdicts::Said {
        entry: sighting.entry,
        listing: sighting.listing,
        verdict: Some(Verdict::Rejected),
        at: machine.clock.now(),
        who: "R. Analyst".to_owned(),
        why: "a taxi rank".to_owned(),
    };
    verdicts::say(&mut tx, &[said]).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn deliver(machine: &Machine) -> Sent {
    let stop = CancellationToken::new();
    deliver_due(&machine.instance, &stop).await.unwrap()
}

pub async fn outbox(machine: &Machine) -> Vec<Delivery> {
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let mut tx = machine.read().await;
    deliveries::list(&mut tx, &filter).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_rejected_meanwhile_is_not_told() {
    for digest in [json!(null), json!({"every": "daily", "at": "08:00"})] {
        let (site, place) = (Site::start().await, Place::new());
        let shown = [("one", ROSE), ("two", ROSE), ("three", IRIS)];
        let rules = json!({"digest": digest, "group_wait_seconds": 3_600});
        let machine = seen(&place, &site, rules, &shown).await;
        let all = sightings_of(&machine).await;
        assert_eq!(all.len(), 3);
        let iris = all.iter().find(|one| one.explanation.raw == IRIS).unwrap();
        let rose = all.iter().find(|one| one.explanation.raw == ROSE).unwrap();
        reject(&machine, rose).await;
        reject(&machine, iris).await;
        machine.clock.advance(24 * HOUR);
        assert_eq!(deliver(&machine).await.delivered, 1);

        let told = place.post();
        assert_eq!(told.len(), 1, "{told:?}");
        let data = &told[0]["payload"]["data"];
        assert_eq!(data["new_sightings"], 1, "{data}");
        if data["items"].is_array() {
            assert_eq!(data["alerts"], 1, "{data}");
        } else {
            assert_eq!(data["all_sightings"], 1, "{data}");
        }
        let withdrawn: Vec<_> = outbox(&machine)
            .await
            .into_iter()
            .filter(|one| one.state == DeliveryState::Withdrawn)
            .collect();
        assert_eq!(withdrawn.len(), 1);
        assert_eq!(
            withdrawn[0].last_error.as_deref(),
            Some("not sent: all that it would have told of was rejected before it was due")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_has_not_changed_is_no_news_of_what_is_looked_for_no_more() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = seen(&place, &site, json!({}), &[("one", ROSE), ("two", IRIS)]).await;
    let all = sightings_of(&machine).await;
    let rose = all.iter().find(|one| one.explanation.raw == ROSE).unwrap();
    let mut tx = machine.write().await;
    entries::withdraw(&mut tx, &[rose.entry]).await.unwrap();
    tx.commit().await.unwrap();

    // Back after more than the gap: the one that is still looked for is news, the other is nothing.
    machine.clock.advance(20 * 24 * HOUR);
    looked(&machine, START + 10 * 24 * HOUR).await;
    assert!(machine.crawl().await.counts.unchanged > 0);
    let news: Vec<_> = sightings_of(&machine)
        .await
        .into_iter()
        .filter(|one| one.reason == Reason::Reappeared)
        .map(|one| one.explanation.raw)
        .collect();
    assert_eq!(news, [IRIS]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ad_that_stood_there_while_nobody_looked_is_not_back() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"stale_days": 30, "group_wait_seconds": 0});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    deliver_due(&machine.instance, &CancellationToken::new())
        .await
        .unwrap();
    // Sightline was off for longer than the gap, and than it takes an alert to go stale; the ad was not.
    machine.clock.advance(40 * 24 * HOUR);
    put_out(&machine.instance).await.unwrap();
    let mut tx = machine.read().await;
    let raised = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    assert_eq!(raised[0].state, AlertState::Open);
    machine.crawl().await;
    let all = sightings_of(&machine).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].reason, Reason::First);
    let mut told = outbox(&machine).await;
    told.retain(|one| one.topic.alert().is_some());
    assert_eq!(told.len(), 1, "nobody is told: {told:?}");
}

/// Which of its ads a run comes upon first is chance: what is told of each is when the entry was seen before the run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_was_last_seen_before_the_run_in_whatever_order_it_visits() {
    let (site, place) = (Site::start().await, Place::new());
    let machine = seen(&place, &site, json!({}), &[("two", ROSE)]).await;
    let before = sightings_of(&machine).await.remove(0).at;
    machine.clock.advance(HOUR);
    ads(&site, &[("one", ROSE), ("two", ROSE), ("three", ROSE)]);
    machine.crawl().await;
    let all = sightings_of(&machine).await.into_iter();
    let new = all.filter(|one| one.reason == Reason::NewListing);
    let seen: Vec<_> = new
        .map(|one| one.explanation.previous.unwrap().at)
        .collect();
    assert_eq!(seen, [before; 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quiet_hours_hold_what_was_due_before_them() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"quiet_hours": {"from": "22:00", "to": "07:00"}});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    // Due at eleven in the morning; nothing is sent before half past ten in the evening.
    let evening = Timestamp::parse("2026-11-23T22:30:00Z").unwrap();
    machine.clock.advance(evening.since(machine.clock.now()));
    assert_eq!(deliver(&machine).await, Sent::default());
    let morning = Timestamp::parse("2026-11-24T07:00:00Z").unwrap();
    let held = outbox(&machine).await.remove(0);
    assert_eq!(
        (held.next_at, held.waits, held.attempts),
        (morning, Some(Wait::QuietHours), 0)
    );

    // Tried in the morning in vain, and tried again when the next night has begun: that waits as well.
    place.block_post(true);
    machine.clock.advance(morning.since(evening));
    assert_eq!(deliver(&machine).await.again, 1);
    machine.clock.advance(Duration::from_secs(16 * 3_600));
    assert_eq!(deliver(&machine).await, Sent::default());
    let held = outbox(&machine).await.remove(0);
    assert_eq!(
        (held.next_at, held.attempts),
        (morning + 24 * HOUR, 1),
        "a try that was put off is none"
    );
    place.block_post(false);
    machine.clock.advance(8 * HOUR);
    assert_eq!(deliver(&machine).await.delivered, 1);
    assert_eq!(place.post().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_grave_is_sent_in_quiet_hours_however_late() {
    let (site, place) = (Site::start().await, Place::new());
    let rules = json!({"severity": "grave", "quiet_hours": {"from": "22:00", "to": "07:00"}});
    let machine = seen(&place, &site, rules, &[("one", ROSE)]).await;
    let evening = Timestamp::parse("2026-11-23T22:30:00Z").unwrap();
    machine.clock.advance(evening.since(machine.clock.now()));
    assert_eq!(deliver(&machine).await.delivered, 1);
}
