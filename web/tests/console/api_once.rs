//! The API under `Idempotency-Key`: what is asked for twice is done once.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;
use sightline_model::{Role, Severity};

use crate::support::{Answer, Asker, Place};

async fn send(place: &Place, who: &Asker, (path, key): (&str, &str), body: &str) -> Answer {
    let body = Body::from(body.to_owned());
    let mut request = who.request(Method::POST, path, body, "application/json");
    let headers = request.headers_mut();
    headers.insert("idempotency-key", key.parse().unwrap());
    place.send(request).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.contains_key("idempotency-replayed")
}

#[tokio::test]
async fn what_is_asked_for_twice_is_done_once_and_answered_alike() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let at = format!("/api/v1/alerts/{}", alert.id);
    let comment = format!("{at}/comments");
    let said = r#"{"text": "Rang the desk."}"#;
    let first = send(&place, &program, (&comment, "one"), said).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    assert!(!is_replayed(&first));
    let again = send(&place, &program, (&comment, "one"), said).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    assert!(is_replayed(&again));
    assert_eq!(again.headers["content-type"], "application/json");
    let changes = async || {
        place.get(&program, &at).await.json()["changes"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(changes().await, 1);
    // The same key for something else is a mistake of the program's.
    for (path, body) in [
        (comment.clone(), r#"{"text": "Else."}"#),
        (format!("{at}/acknowledge"), said),
    ] {
        let other = send(&place, &program, (&path, "one"), body).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(other.json()["fields"][0]["key"], "Idempotency-Key");
    }
    // Another token has keys of its own, and a day later it is forgotten.
    let other = place.program(Role::Investigator).await;
    assert!(!is_replayed(
        &send(&place, &other, (&comment, "one"), said).await
    ));
    assert_eq!(changes().await, 2);
    place.advance(std::time::Duration::from_secs(23 * 3_600));
    assert!(is_replayed(
        &send(&place, &program, (&comment, "one"), said).await
    ));
}

#[tokio::test]
async fn what_was_not_done_may_be_asked_for_again() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let at = format!("/api/v1/alerts/{}/comments", alert.id);
    for _ in 0..2 {
        let refused = send(&place, &program, (&at, "one"), r#"{"text": ""}"#).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["fields"][0]["key"], "text");
    }
    let done = send(&place, &program, (&at, "one"), r#"{"text": "x"}"#).await;
    assert_eq!(done.status, StatusCode::OK);
    for key in ["a b", &"x".repeat(129)] {
        let wrong = send(&place, &program, (&at, key), "{}").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{key}");
    }
    let large = json!({"text": "x".repeat(300_000)}).to_string();
    let large = send(&place, &program, (&at, "large"), &large).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_given_again_has_the_tag_of_what_was_changed() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let at = format!("/api/v1/watchlists/{}/entries", alert.watchlist);
    let entry = r#"{"kind": "email", "value": "rose@example.com", "purpose": "to find a missing person",
        "legal_basis": "consent of the family", "owner": "R. Analyst", "category": "victim", "review_at": "2027-05-23"}"#;
    let first = send(&place, &program, (&at, "one"), entry).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let again = send(&place, &program, (&at, "one"), entry).await;
    assert!(is_replayed(&again));
    assert_eq!(again.headers["etag"], first.headers["etag"]);
}

#[tokio::test]
async fn two_at_once_are_one_and_a_conflict() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let at = format!("/api/v1/alerts/{}/comments", alert.id);
    let said = r#"{"text": "at once"}"#;
    let answers = tokio::join!(
        send(&place, &program, (&at, "one"), said),
        send(&place, &program, (&at, "one"), said),
        send(&place, &program, (&at, "one"), said),
    );
    for answer in [&answers.0, &answers.1, &answers.2] {
        let is_told = [StatusCode::OK, StatusCode::CONFLICT].contains(&answer.status);
        assert!(is_told, "{}: {}", answer.status, answer.body);
    }
    let answers = [&answers.0, &answers.1, &answers.2];
    let done = answers.iter().filter(|one| one.status == StatusCode::OK);
    let done = done.filter(|one| !is_replayed(one)).count();
    assert_eq!(done, 1, "the others are told what came of it, or to wait");
    let full = place.get(&program, &at.replace("/comments", "")).await;
    assert_eq!(full.json()["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_secret_is_told_once() {
    let place = Place::open().await;
    let program = place.program(Role::Analyst).await;
    let at = "/api/v1/me/tokens";
    let wanted = r#"{"name": "child", "days": 1, "scopes": ["alerts.read"]}"#;
    let first = send(&place, &program, (at, "one"), wanted).await;
    assert_eq!(first.status, StatusCode::OK);
    let secret = first.json()["secret"].as_str().unwrap().to_owned();
    let again = send(&place, &program, (at, "one"), wanted).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(!again.body.contains(&secret));
    let theirs = place.get(&program, at).await.json();
    assert_eq!(theirs["items"].as_array().unwrap().len(), 2, "one was made");
}
