//! The API: lists in pages, deeds, problems, and the document that says so.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::json;
use sightline_model::{Role, Severity};
use sightline_store::{alerts, audit};
use sightline_web::{
    openapi,
    routes::{Face, table},
};

use crate::support::{Asker, Place, START};

#[tokio::test]
async fn lists_come_in_pages() {
    let place = Place::open().await;
    for severity in [Severity::Low, Severity::Grave, Severity::Normal] {
        place.alert(severity).await;
    }
    let program = place.program(Role::Investigator).await;
    let mut path = "/api/v1/alerts?limit=2".to_owned();
    let mut severities = Vec::new();
    loop {
        let page = place.get(&program, &path).await.json();
        severities.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["severity"].clone()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/alerts?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(severities, ["grave", "normal", "low"]);
}

#[tokio::test]
async fn nobody_was_told_before_they_were() {
    let place = Place::open().await;
    let minute = Duration::from_secs(60);
    let mut alert = place.alert(Severity::Grave).await;
    // A message waits, and another for those who are told after that.
    alert.told_at = Some(START + minute);
    alert.escalated_at = Some(START + minute * 2);
    let mut tx = place.write().await;
    alerts::update(&mut tx, &[alert.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    let program = place.program(Role::Investigator).await;
    for (told_at, escalated_at) in [
        (None, None),
        (alert.told_at, None),
        (alert.told_at, alert.escalated_at),
    ] {
        let expected = (json!(told_at), json!(escalated_at));
        let listed = place.get(&program, "/api/v1/alerts").await.json();
        let one = place
            .get(&program, &format!("/api/v1/alerts/{}", alert.id))
            .await
            .json();
        for row in [&listed["items"][0], &one] {
            let told = (row["told_at"].clone(), row["escalated_at"].clone());
            assert_eq!(told, expected, "{row}");
        }
        place.advance(minute);
    }
}

#[tokio::test]
async fn programs_take_several_alerts_and_are_told_of_each() {
    let place = Place::open().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(place.alert(Severity::Normal).await.id.to_string());
    }
    let program = place.program(Role::Investigator).await;
    let one = format!("/api/v1/alerts/{}/acknowledge", ids[1]);
    let taken = place.call(&program, &one, json!({})).await;
    assert_eq!(taken.status, StatusCode::OK);
    let nothing = "00000000-0000-7000-8000-000000000000";
    let at = "/api/v1/alerts/acknowledge";
    let asked = json!({"alerts": [ids[2], nothing, ids[1], ids[2], ids[0]]});
    let answer = place.call(&program, at, asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let outcome = |id: &str, outcome: &str| json!({"id": id, "outcome": outcome});
    let expected = json!({"items": [
        outcome(&ids[2], "acknowledged"),
        outcome(nothing, "not_found"),
        outcome(&ids[1], "already"),
        outcome(&ids[0], "acknowledged"),
    ], "next": null});
    assert_eq!(answer.json(), expected);
    let list = "/api/v1/alerts?state=acknowledged";
    let listed = place.get(&program, list).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 3, "{listed}");
    // Each is a line of its own in the log.
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Default::default()).await.unwrap();
    drop(tx);
    for id in &ids {
        let lines = log.iter().map(|line| &line.deed);
        let lines = lines.filter(|deed| deed.what == "alert.acknowledge" && deed.subject == *id);
        assert_eq!(lines.count(), 1, "{id}");
    }
    for asked in [json!([]), json!(vec![nothing; 201])] {
        let refused = place.call(&program, at, json!({"alerts": asked})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["fields"][0]["key"], "alerts");
    }
    let auditor = place.program(Role::Auditor).await;
    let refused = place.call(&auditor, at, json!({"alerts": ids})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn programs_do_what_people_do() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let at = format!("/api/v1/alerts/{}", alert.id);
    for (deed, body, done) in [
        ("acknowledge", json!({}), "acknowledged"),
        ("hand-back", json!({"why": "not mine"}), "handed_back"),
        ("acknowledge", json!({}), "acknowledged"),
        ("assign", json!({"to": "Night desk"}), "assigned"),
        ("comments", json!({"text": "Rang the desk."}), "commented"),
        (
            "close",
            json!({"as": "rejected", "why": "a slip"}),
            "closed",
        ),
        ("reopen", json!({"why": "a slip"}), "reopened"),
        ("close", json!({"as": "rejected"}), "closed"),
        (
            "close",
            json!({"as": "confirmed", "why": "it is her", "sightings": true, "anew": true}),
            "closed",
        ),
    ] {
        let answer = place.call(&program, &format!("{at}/{deed}"), body).await;
        assert_eq!(answer.status, StatusCode::OK, "{deed}: {}", answer.body);
        assert_eq!(answer.json()["deed"], done);
    }
    let full = place.get(&program, &at).await.json();
    assert_eq!(full["closed_as"], "confirmed");
    assert_eq!(full["why"], "back after 41 days, on the same site");
    assert_eq!(full["seen"][0]["verdict"]["verdict"], "confirmed");
    assert_eq!(full["changes"].as_array().unwrap().len(), 9);
    assert_eq!(full["unchased"], serde_json::Value::Null);
    let silence = json!({"covers": {"entry": alert.entry}, "until": "2026-12-24T00:00:00Z", "reason": "arrest planned"});
    let made = place
        .call(&program, "/api/v1/silences", silence)
        .await
        .json();
    // The one alert is closed by now, so there is nothing that it keeps quiet.
    assert_eq!(
        (&made["covers_now"], &made["covers_more"]),
        (&json!(0), &json!(false))
    );
    let end = format!("/api/v1/silences/{}/end", made["id"].as_str().unwrap());
    assert_eq!(
        place.call(&program, &end, json!({})).await.status,
        StatusCode::OK
    );
    assert_eq!(
        place.call(&program, &end, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let listed = place.get(&program, "/api/v1/silences").await.json();
    assert_eq!(listed["items"][0]["in_force"], false);
}

#[tokio::test]
async fn what_is_not_done_is_a_problem() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let at = format!("/api/v1/alerts/{}", alert.id);
    let none = "/api/v1/alerts/00000000-0000-7000-8000-000000000000";
    place
        .call(&program, &format!("{at}/acknowledge"), json!({}))
        .await;
    let nobody = Asker::nobody();
    for (who, method, path, body, status, word) in [
        (&nobody, Method::GET, "/api/v1/alerts", "", 401, "no-token"),
        (&program, Method::GET, none, "", 404, "not-found"),
        (
            &program,
            Method::GET,
            "/api/v1/alerts/nonsense",
            "",
            404,
            "not-found",
        ),
        (
            &program,
            Method::GET,
            "/api/v1/nowhere",
            "",
            404,
            "not-found",
        ),
        (
            &program,
            Method::GET,
            "/api/v1/alerts?state=strange",
            "",
            400,
            "bad-request",
        ),
        (
            &program,
            Method::GET,
            "/api/v1/alerts?stat=open",
            "",
            400,
            "bad-request",
        ),
        (
            &program,
            Method::GET,
            "/api/v1/alerts?after=x",
            "",
            400,
            "bad-request",
        ),
        (
            &program,
            Method::GET,
            "/api/v1/alerts?limit=0",
            "",
            422,
            "wrong",
        ),
        (
            &program,
            Method::PUT,
            "/api/v1/alerts",
            "",
            405,
            "wrong-method",
        ),
        (
            &program,
            Method::POST,
            &format!("{at}/acknowledge"),
            "{}",
            409,
            "conflict",
        ),
        (
            &program,
            Method::POST,
            &format!("{at}/comments"),
            "{\"text\":\"\"}",
            422,
            "wrong",
        ),
        (
            &program,
            Method::POST,
            &format!("{at}/comments"),
            "{\"txt\":\"x\"}",
            400,
            "bad-request",
        ),
        (
            &program,
            Method::POST,
            &format!("{at}/close"),
            "{\"as\":\"furniture\"}",
            422,
            "wrong",
        ),
    ] {
        let request = who.request(
            method,
            path,
            Body::from(body.to_owned()),
            "application/json",
        );
        let answer = place.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert_eq!(
            answer.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(
            problem["type"],
            format!("/api/v1/problems#{word}"),
            "{path}"
        );
        assert_eq!(problem["status"], status);
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{path}");
    }
    let text = program.request(
        Method::POST,
        &format!("{at}/comments"),
        Body::from("x"),
        "text/plain",
    );
    assert_eq!(
        place.send(text).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let large = json!({"text": "x".repeat(300_000)});
    let large = place.call(&program, &format!("{at}/comments"), large).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_list_is_no_object_whatever_the_order_of_its_fields() {
    let place = Place::open().await;
    let program = place.program(Role::Administrator).await;
    let document = openapi::document();
    let mut tried = 0;
    for (path, deeds) in document["paths"].as_object().unwrap() {
        let content = &deeds["post"]["requestBody"]["content"];
        if !content["application/json"].is_object() {
            continue;
        }
        let path = path
            .replace("{id}", "00000000-0000-7000-8000-000000000000")
            .replace("{name}", "desk");
        for sent in [json!([]), json!(["auditor"]), json!([["a"], null, true])] {
            let answer = place.call(&program, &path, sent.clone()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {sent}");
            let detail = answer.json()["detail"].to_string();
            assert!(detail.contains("an object is meant"), "{path}: {detail}");
        }
        tried += 1;
    }
    assert!(tried > 10, "{tried} operations");
    for (path, sent, at) in [
        ("watchlists", json!({"name": "x", "rules": [[]]}), "rules: "),
        (
            "watchlists",
            json!({"name": "x", "defaults": ["x"]}),
            "defaults: ",
        ),
        (
            "silences",
            json!({"covers": ["entry"], "until": "2026-12-24T00:00:00Z", "reason": "x"}),
            "covers: ",
        ),
    ] {
        let path = format!("/api/v1/{path}");
        let answer = place.call(&program, &path, sent.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{sent}");
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains(at), "{sent}: {detail}");
    }
}

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_nothing_else_and_ends() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let browser = place.somebody(Role::Investigator).await;
    let none = place
        .post(&browser, "/account/tokens", &[("name", "x"), ("days", "1")])
        .await;
    assert_eq!(
        none.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "one that may do nothing"
    );
    // What its owner may not, it gets not.
    let mut form = vec![
        ("name", "export"),
        ("days", "30"),
        ("scopes", "alerts.read"),
        ("scopes", "audit.read"),
    ];
    let refused = place.post(&browser, "/account/tokens", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    form.pop();
    let made = place.post(&browser, "/account/tokens", &form).await;
    let (_, rest) = made
        .body
        .split_once("<code class=\"letters\">slt_")
        .unwrap();
    let program = Asker {
        cookie: None,
        token: Some(format!("slt_{}", rest.split('<').next().unwrap())),
    };
    let at = format!("/api/v1/alerts/{}", alert.id);
    assert_eq!(place.get(&program, &at).await.status, StatusCode::OK);
    let refused = place
        .call(&program, &format!("{at}/acknowledge"), json!({}))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let detail = refused.json()["detail"].to_string();
    assert!(
        detail.contains("token was made without the permission alerts.judge"),
        "{detail}"
    );
    // What no investigator may, no other token of theirs would, either.
    let refused = place.get(&program, "/api/v1/audit").await;
    let detail = refused.json()["detail"].to_string();
    assert!(
        detail.contains("role does not have the permission audit.read"),
        "{detail}"
    );
    let account = place.get(&browser, "/account").await.body;
    assert!(
        !account.contains("slt_") && !account.contains("audit.read</"),
        "shown once"
    );
    let (_, rest) = account.split_once("/account/tokens/").unwrap();
    let end = format!("/account/tokens/{}/end", rest.split('/').next().unwrap());
    assert_eq!(
        place.post(&browser, &end, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        place.get(&program, &at).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_document_describes_every_route_and_refers_to_what_is_there() {
    let place = Place::open().await;
    let served = place
        .get(&Asker::nobody(), "/api/v1/openapi.json")
        .await
        .json();
    let document = openapi::document();
    assert_eq!(served, document);
    assert_eq!(document["openapi"], "3.1.0");
    let described = |path: &str| path.starts_with("/api/v1/") && path != "/api/v1/openapi.json";
    let mut ids = std::collections::BTreeSet::new();
    for route in table()
        .iter()
        .filter(|route| route.face == Face::Api && described(route.path))
    {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][&method];
        assert!(operation["summary"].is_string(), "{method} {}", route.path);
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{operation}"
        );
    }
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name}"
        );
    }
    let reader = place.get(&Asker::nobody(), "/api/v1").await;
    for told in [
        "/api/v1/alerts/{id}/comments",
        "$SIGHTLINE/api/v1/alerts&#34;",
        "<code>come_since</code>",
        "list of <a href=\"#type-Alert\">Alert</a>",
    ] {
        assert!(reader.body.contains(told), "{told}: {}", reader.body);
    }
    for reference in reader.body.split("href=\"#").skip(1) {
        let to = reference.split('"').next().unwrap();
        let there = format!("id=\"{to}\"");
        assert!(reader.body.contains(&there), "nothing is called {to}");
    }
}
