//! The API for operators' programs: the test bench, and a source's file, as the console has them.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use sightline_model::Role;
use sightline_store::{Filter, audit, captures};
use wiremock::{Mock, ResponseTemplate, matchers::path};

use crate::{
    machinery,
    source_files::{ADS, crawled},
    sources::site,
    support::{Asker, Place},
};

async fn attempted(place: &Place, who: &Asker, at: &str, body: Value) -> Value {
    let answer = place.call(who, at, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_page_is_tried_and_told_in_full() {
    let place = Place::open().await;
    let operator = place.program(Role::Operator).await;
    let site = site().await;
    let start = format!("{}/", site.uri());
    let id = machinery::source(&place.instance, "cityforum", &start).await;
    let at = format!("/api/v1/sources/{id}/test");

    let list = json!({"url": start, "kind": "list"});
    let tried = &attempted(&place, &operator, &at, list).await["found"];
    let links = [1, 2].map(|n| json!({"kind": "detail", "url": format!("{start}ad/{n}")}));
    assert_eq!(tried["links"], json!(links));
    assert_eq!(tried["status"], 200);

    let ad = json!({"url": format!("{start}ad/1"), "kind": "detail"});
    let tried = &attempted(&place, &operator, &at, ad).await["found"];
    let listing = &tried["listings"][0];
    assert_eq!(listing["title"], "New in town");
    assert_eq!(listing["finds"][0]["value"], "+12025550123");
    let marks = tried["marks"].as_array().unwrap();
    let text = tried["text"].as_str().unwrap();
    let marked = marks.iter().map(|mark| {
        let [start, end] = ["start", "end"].map(|key| mark[key].as_u64().unwrap() as usize);
        (mark["what"].as_str().unwrap(), &text[start..end])
    });
    let marked: Vec<_> = marked.collect();
    assert!(marked.contains(&("title", "New in town")), "{marked:?}");
    assert!(marked.contains(&("phone", "202-555-0123")), "{marked:?}");

    let gone = json!({"url": format!("{start}gone"), "kind": "detail"});
    let tried = &attempted(&place, &operator, &at, gone).await["failed"];
    assert_eq!(
        (&tried["outcome"], &tried["status"]),
        (&json!("gone"), &json!(404))
    );
    let far = json!({"url": "https://elsewhere.example/", "kind": "detail"});
    let tried = &attempted(&place, &operator, &at, far).await["failed"];
    assert_eq!(tried["outcome"], "out_of_scope");

    // Nothing tries it again but who tried it.
    let broken = ResponseTemplate::new(500);
    let broken = Mock::given(path("/broken")).respond_with(broken);
    broken.mount(&site).await;
    let broken = json!({"url": format!("{start}broken"), "kind": "detail"});
    let tried = &attempted(&place, &operator, &at, broken).await["failed"];
    assert_eq!(
        (&tried["outcome"], &tried["remedy"]),
        (&json!("server_error"), &json!("try it again"))
    );

    // Nothing is kept but that somebody asked the site.
    let mut tx = place.write().await;
    let kept = captures::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(kept, []);
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    assert_eq!(deeds.len(), 5);
    assert!(deeds.iter().all(|one| one.deed.what == "source.test"));
}

#[tokio::test]
async fn a_page_that_is_sent_along_is_read_by_a_file_that_is_not_in_force() {
    let place = Place::open().await;
    let operator = place.program(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    let at = format!("/api/v1/sources/{id}/test");
    let page = format!(
        "<h2>Still here</h2><p>Call 202-555-0123</p>{}",
        "<p>more</p>".repeat(50_000)
    );
    let ask = |draft: &str| json!({"url": "https://ads.example/ad/9", "kind": "detail", "page": page, "draft": draft});
    let tried = attempted(&place, &operator, &at, ask("")).await;
    let problems = tried["found"]["problems"].to_string();
    assert!(problems.contains("title"), "{problems}");
    let draft = ADS.replace("\"h1\"", "\"h2\"");
    let tried = attempted(&place, &operator, &at, ask(&draft)).await;
    assert_eq!(tried["found"]["listings"][0]["title"], "Still here");
    assert_eq!(tried["found"]["status"], Value::Null);

    let wrong = ADS.replace("start =", "strat =");
    let body = json!({"url": "ads", "kind": "list", "draft": wrong});
    let refused = place.call(&operator, &at, body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = refused.json()["fields"].clone();
    let keys: Vec<&str> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].as_str().unwrap())
        .collect();
    assert!(keys.contains(&"draft") && keys.contains(&"url"), "{fields}");
    assert!(fields.to_string().contains("line 2: "), "{fields}");
}

#[tokio::test]
async fn a_file_is_read_judged_changed_and_brought_back() {
    let place = Place::open().await;
    let operator = place.program(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    let at = format!("/api/v1/sources/{id}/file");
    let read = place.get(&operator, &at).await;
    let tag = read.header(header::ETAG).to_owned();
    assert_eq!(read.json()["text"], ADS);
    assert_eq!(read.json()["verdict"]["plan"].as_array().unwrap().len(), 10);

    let other = ADS.replace("30 2 * * *", "30 3 * * *");
    let wrong = json!({"text": ADS.replace("start =", "strat =")});
    let judged = attempted(&place, &operator, &format!("{at}/check"), wrong.clone()).await;
    assert_eq!(judged["problems"][0]["line"], 2, "{judged}");

    let edit = format!("{at}/edit");
    let refused = place.call_if(&operator, &edit, &tag, wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["fields"][0]["key"], "text");
    let body = json!({"text": other, "why": "the board sleeps longer"});
    let unsaid = place.call(&operator, &edit, body.clone()).await;
    assert_eq!(unsaid.status, StatusCode::PRECONDITION_REQUIRED);
    let saved = place.call_if(&operator, &edit, &tag, body.clone()).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    assert_eq!(saved.json()["text"], other);
    assert_ne!(saved.header(header::ETAG), tag);
    let late = place.call_if(&operator, &edit, &tag, body).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);

    let versions = place
        .get(&operator, &format!("{at}/versions?limit=1"))
        .await;
    let versions = versions.json();
    assert_eq!(versions["items"][0]["why"], "the board sleeps longer");
    let next = versions["next"].as_str().unwrap();
    let older = place
        .get(&operator, &format!("{at}/versions?after={next}"))
        .await
        .json();
    assert_eq!(older["items"][0]["text"], ADS);
    assert_eq!(older["next"], Value::Null);
    let back = json!({"text": older["items"][0]["text"], "why": "as it was"});
    let saved = place
        .call_if(&operator, &edit, saved.header(header::ETAG), back)
        .await;
    let again = saved.header(header::ETAG).trim_end_matches('"');
    assert!(tag.starts_with(again), "{}", saved.body);
}
