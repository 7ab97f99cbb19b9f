//! The API of what is kept: legal holds placed, listed and lifted, and the receipts of what was purged and erased.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use sightline_model::{Role, Severity};
use sightline_store::{
    audit,
    erasures::{self, Erasure},
    purges::{self, Class},
};

use crate::support::{Answer, Asker, Place, START};

const HOLDS: &str = "/api/v1/holds";
const MINUTE: Duration = Duration::from_secs(60);

#[track_caller]
fn ok(answer: Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

/// Goes through a list, one of it a page, and gives what each item has under `key`.
async fn each(place: &Place, who: &Asker, path: &str, key: &str) -> Vec<Value> {
    let mark = if path.contains('?') { '&' } else { '?' };
    let mut next = format!("{path}{mark}limit=1");
    let mut found = Vec::new();
    loop {
        let page = ok(place.get(who, &next).await);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 1, "{page}");
        found.extend(items.iter().map(|item| item[key].clone()));
        match page["next"].as_str() {
            Some(after) => next = format!("{path}{mark}limit=1&after={after}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn a_program_places_holds_lists_them_and_lifts_them() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let held = [
        json!({"case": "24-117"}),
        json!({"entry": alert.entry}),
        json!({"alert": alert.id}),
    ];
    let mut ids = Vec::new();
    for of in &held {
        let new = json!({"of": of, "reason": " letter 1/27 "});
        let placed = ok(place.call(&program, HOLDS, new).await);
        assert_eq!(&placed["of"], of);
        assert_eq!(placed["reason"], "letter 1/27");
        assert_eq!(placed["lifted"], Value::Null);
        ids.insert(0, placed["id"].clone());
        place.advance(MINUTE);
    }
    // The latest first, on the console as well; analysts see them, and neither place nor lift them.
    let analyst = place.program(Role::Analyst).await;
    for who in [&program, &analyst] {
        assert_eq!(each(&place, who, HOLDS, "id").await, ids);
    }
    let browser = place.somebody(Role::Investigator).await;
    let page = place.get(&browser, "/holds").await.body;
    assert_eq!(page.matches("letter 1/27").count(), 3, "{page}");

    let lift = |id: &Value| format!("{HOLDS}/{}/lift", id.as_str().unwrap());
    let why = json!({"reason": "judgment is final"});
    for (who, reason, status) in [
        (&analyst, "x", StatusCode::FORBIDDEN),
        (&program, " ", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let reason = json!({"reason": reason});
        let refused = place.call(who, &lift(&ids[0]), reason).await;
        assert_eq!(refused.status, status);
    }
    let lifted = ok(place.call(&program, &lift(&ids[0]), why.clone()).await);
    assert_eq!(lifted["id"], ids[0]);
    let again = place.call(&program, &lift(&ids[0]), why).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it stands no more");
    let all = ok(place.get(&program, HOLDS).await);
    assert_eq!(all["items"][0]["lifted"]["at"], lifted["lifted_at"]);
    assert_eq!(all["items"][0]["lifted"]["why"], "judgment is final");
    let standing = format!("{HOLDS}?standing=true");
    assert_eq!(each(&place, &program, &standing, "id").await, ids[1..]);

    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Default::default()).await.unwrap();
    let told = |what: &str| {
        let told = log.iter().filter(|one| one.deed.what == what);
        told.map(|one| json!(one.deed.subject)).collect::<Vec<_>>()
    };
    assert_eq!(told("hold.place"), ids);
    assert_eq!(told("hold.lift"), ids[..1]);
}

#[tokio::test]
async fn what_is_not_there_is_not_held() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    // An alert is no entry, nor the other way round.
    for (of, reason, wrong) in [
        (json!({"case": "24-117"}), "", "reason"),
        (json!({"case": " "}), "x", "of"),
        (json!({"case": "24-171"}), "x", "of"),
        (json!({"entry": alert.id}), "x", "of"),
        (json!({"alert": alert.entry}), "x", "of"),
    ] {
        let new = json!({"of": of, "reason": reason});
        let refused = place.call(&program, HOLDS, new).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{of}");
        let problem = refused.json();
        assert_eq!(problem["fields"][0]["key"], wrong, "{problem}");
    }
    for of in [
        json!({"alert": "nonsense"}),
        json!({"listing": 1}),
        json!({"entry": alert.entry, "alert": alert.id}),
        json!({}),
    ] {
        let new = json!({"of": of, "reason": "x"});
        let refused = place.call(&program, HOLDS, new).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{of}");
    }
    assert_eq!(ok(place.get(&program, HOLDS).await)["items"], json!([]));
    // Unless it is said that its entries are to come.
    let ahead = json!({"of": {"case": "24-171"}, "reason": "x", "ahead": true});
    ok(place.call(&program, HOLDS, ahead).await);
}

#[tokio::test]
async fn a_hold_that_is_asked_for_twice_is_placed_once() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let new = r#"{"of": {"case": "24-117"}, "reason": "letter 1/27"}"#;
        let mut request = program.request(Method::POST, HOLDS, Body::from(new), "application/json");
        let headers = request.headers_mut();
        headers.insert("idempotency-key", "one".parse().unwrap());
        ids.push(ok(place.send(request).await)["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(each(&place, &program, HOLDS, "id").await, ids[..1]);
}

#[tokio::test]
async fn what_was_purged_and_erased_is_told() {
    let place = Place::open().await;
    let mut tx = place.write().await;
    let later = START + MINUTE;
    for (class, at) in [(Class::Alerts, START), (Class::Captures, later)] {
        let begun = purges::begin(&mut tx, class, START, at, &place.mint).await;
        purges::finish(&mut tx, &begun.unwrap(), START)
            .await
            .unwrap();
    }
    for (why, at) in [("request 14/27", START), ("request 15/27", later)] {
        let erasure = Erasure {
            id: place.mint.id(at),
            at,
            who: "R. Analyst".to_owned(),
            why: why.to_owned(),
            what: "listing".to_owned(),
            digest: "dd".to_owned(),
            listings: 1,
            captures: 1,
            sightings: 0,
            alerts: 0,
            allowed_at: None,
        };
        erasures::note(&mut tx, &erasure, &[]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let program = place.program(Role::Analyst).await;
    let purged = each(&place, &program, "/api/v1/purges", "class").await;
    assert_eq!(purged, ["captures", "alerts"]);
    let erased = each(&place, &program, "/api/v1/erasures", "why").await;
    assert_eq!(erased, ["request 15/27", "request 14/27"]);
}
