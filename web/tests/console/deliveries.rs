//! Channels and messages, as an operator sees them.

use std::slice::from_ref;

use axum::http::{StatusCode, header};
use sightline_model::*;
use sightline_store::{Filter, audit, deliveries, endpoints};

use crate::support::{Place, START};

/// A message of an alert that was given up.
async fn given_up(place: &Place, channel: &str) -> DeliveryId {
    let alert = place.alert(Severity::Grave).await;
    let delivery = Delivery {
        id: place.mint.id(START),
        topic: Topic::Alert(alert.id),
        batch: 1,
        channel: channel.to_owned(),
        purpose: Purpose::News,
        waits: None,
        carrier: None,
        state: DeliveryState::Pending,
        attempts: 0,
        next_at: START,
        last_error: None,
        message: None,
        progress: None,
        created_at: START,
        delivered_at: None,
    };
    let mut tx = place.write().await;
    deliveries::insert(&mut tx, from_ref(&delivery))
        .await
        .unwrap();
    let end = deliveries::DeliveryEnd::Dead {
        error: "550 <b>no</b> such \u{202e}user".to_owned(),
    };
    deliveries::finish(&mut tx, delivery.id, &end, START)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    delivery.id
}

#[tokio::test]
async fn a_dead_message_is_seen_and_sent_again() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = given_up(&place, "desk").await;
    let page = place.get(&operator, "/deliveries").await;
    assert!(page.body.contains("550 &#60;b&#62;no"), "{}", page.body);
    assert!(!page.body.contains('\u{202e}'));
    assert!(!page.body.contains("/alerts/"), "an operator has no alerts");
    let to = format!("/deliveries/{id}/replay");
    let answer = place.post(&operator, &to, &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/deliveries?state=pending");
    let page = place.get(&operator, "/deliveries?state=pending").await;
    assert!(page.body.contains("desk: to be sent"), "{}", page.body);
    let page = place.get(&operator, "/deliveries").await;
    assert!(page.body.contains("No message was given up"));
    assert_eq!(
        place.post(&operator, &to, &[]).await.status,
        StatusCode::CONFLICT
    );
    let mut tx = place.write().await;
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(deeds[0].deed.what, "delivery.replay");
    assert_eq!(deeds.len(), 1);
}

#[tokio::test]
async fn all_that_was_given_up_is_sent_again_but_by_a_channel_that_sends_nothing() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    for channel in ["desk", "desk", "gone"] {
        given_up(&place, channel).await;
    }
    let page = place.get(&operator, "/deliveries").await;
    for part in ["Send all again", "Send again what was given up (2)"] {
        assert!(page.body.contains(part), "{}", page.body);
    }
    let answer = place.post(&operator, "/channels/gone/replay", &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/deliveries");
    let answer = place.post(&operator, "/deliveries/replay", &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/deliveries?state=pending");
    let mut tx = place.write().await;
    let waiting = deliveries::count_in(&mut tx, DeliveryState::Pending)
        .await
        .unwrap();
    assert_eq!(waiting, [("desk".to_owned(), 2)]);
    let dead = deliveries::dead(&mut tx).await.unwrap();
    assert_eq!((dead[0].0.as_str(), dead[0].1), ("gone", 1));
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let deeds: Vec<_> = deeds.iter().map(|one| &one.deed).collect();
    assert_eq!(deeds.len(), 1);
    assert_eq!(
        (deeds[0].subject.as_str(), deeds[0].detail.as_str()),
        ("desk", "2 messages")
    );
    // What waits for a channel that was switched off since says that it will not be sent.
    endpoints::disable(&mut tx, "desk", "410", START)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = place.get(&operator, "/deliveries?state=pending").await;
    for part in ["desk: will not be sent", "channel enable desk"] {
        assert!(page.body.contains(part), "{}", page.body);
    }
}

#[tokio::test]
async fn a_channel_that_is_switched_off_is_used_again() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = given_up(&place, "desk").await;
    let mut tx = place.write().await;
    endpoints::disable(&mut tx, "desk", "410 <gone>", START)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = place.get(&operator, "/deliveries").await;
    assert!(page.body.contains("disabled</span>"), "{}", page.body);
    assert!(page.body.contains("410 &#60;gone"));
    // It would not be sent.
    let to = format!("/deliveries/{id}/replay");
    let answer = place.post(&operator, &to, &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    for part in [
        "switched off",
        "Use the channel again",
        "<a class=\"button\" href=\"/deliveries\">",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert!(page.body.contains("Use it again"), "{}", page.body);
    let answer = place.post(&operator, "/channels/desk/enable", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = place.post(&operator, "/channels/desk/enable", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(
        place.post(&operator, &to, &[]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_test_goes_the_way_that_all_messages_take() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let answer = place.post(&operator, "/channels/desk/test", &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(answer.body.contains("took the test"));
    let mut tx = place.write().await;
    let fares = endpoints::get(&mut tx, "desk").await.unwrap().unwrap();
    assert!(fares.last_success.is_some());
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(deeds[0].deed.what, "channel.test");
    drop(tx);
    let page = place.get(&operator, "/deliveries").await;
    assert!(page.body.contains("unusable here") && page.body.contains("its secret is missing"));
    let answer = place.post(&operator, "/channels/lost/test", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let answer = place.post(&operator, "/channels/none/test", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn messages_go_on_page_by_page() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    for _ in 0..51 {
        given_up(&place, "desk").await;
    }
    let page = place.get(&operator, "/deliveries?state=dead").await;
    assert_eq!(page.body.matches("Send it again").count(), 50);
    let next = page.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let page = place.get(&operator, &next).await;
    assert_eq!(page.body.matches("Send it again").count(), 1, "{next}");
}
