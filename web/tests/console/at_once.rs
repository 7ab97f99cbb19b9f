//! Two who change the same at the same moment, on both engines: one does, and the other is told that it is something else by now.

use axum::http::{StatusCode, header};
use serde_json::json;
use sightline_model::Role;
use sightline_store::Store;

use crate::{schema::Schema, support::Place};

/// How often they meet: on PostgreSQL each time, where nothing keeps the second waiting.
const TIMES: usize = 8;

async fn nobody_loses_what_they_were_told_was_done(place: &Place) {
    let program = place.program(Role::Administrator).await;
    let list = json!({"name": "Missing", "rules": {}, "defaults": {}});
    let made = place.call(&program, "/api/v1/watchlists", list).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let at = format!("/api/v1/watchlists/{}", made.json()["id"].as_str().unwrap());
    let edit = format!("{at}/edit");
    for time in 0..TIMES {
        let list = place.get(&program, &at).await;
        let tag = list.header(header::ETAG).to_owned();
        let severity = match list.json()["rules"]["severity"] == "grave" {
            true => "low",
            false => "grave",
        };
        let graver =
            json!({"name": list.json()["name"], "rules": {"severity": severity}, "defaults": {}});
        let renamed = json!({"name": format!("Missing {time}"), "rules": list.json()["rules"], "defaults": {}});
        let (graver, renamed) = tokio::join!(
            place.call_if(&program, &edit, &tag, graver),
            place.call_if(&program, &edit, &tag, renamed),
        );
        let now = place.get(&program, &at).await.json();
        let told = [&graver, &renamed].map(|answer| answer.status);
        let is = [
            now["rules"]["severity"] == severity,
            now["name"] == format!("Missing {time}"),
        ];
        let done = told.map(|status| status == StatusCode::OK);
        assert_eq!(is, done, "{told:?}: {now}");
        let late = told.map(|status| status == StatusCode::PRECONDITION_FAILED);
        assert_eq!(late, done.map(|done| !done), "{told:?}");
        assert_ne!(done[0], done[1], "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_changes_a_list_that_another_changes_is_told_so() {
    nobody_loses_what_they_were_told_was_done(&Place::open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_changes_a_list_that_another_changes_is_told_so_on_postgresql() {
    let Some(schema) = Schema::make("at_once").await else {
        return;
    };
    let (settings, password) = schema.settings();
    let place = Place::over(Store::open(&settings, Some(&password)).await.unwrap()).await;
    nobody_loses_what_they_were_told_was_done(&place).await;
    place.store.close().await;
    schema.remove().await;
}
