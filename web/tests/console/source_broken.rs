//! A source whose file is wrong since the service began: what would put it right is tried before it is saved, and what can't be
//! done meanwhile is not offered.

use std::fs;

use axum::http::StatusCode;
use sightline_model::Role;
use sightline_pipeline::{files, instance::Broken};
use sightline_store::sources;

use crate::{
    source_files::ADS,
    sources::site,
    support::{Place, START},
};

#[tokio::test]
async fn what_would_put_a_broken_source_right_is_tried_before_it_is_saved() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let site = site().await;
    let start = format!("{}/", site.uri());
    let text = ADS.replace("https://ads.example/", &start);
    let text = format!("{text}\n[politeness]\nunlimited = true\n");
    // As after a start with its file as it is: it was crawled before, and is not now.
    let file = place.source_file("harbour");
    fs::write(&file, &text).unwrap();
    let source = files::read(&file).source.unwrap();
    let known = sources::Definition {
        name: "harbour".to_owned(),
        region: source.settings.region.clone(),
        definition: source.definition(),
        digest: source.digest.0.clone(),
    };
    let mut tx = place.write().await;
    let id = sources::register(&mut tx, &known, START, &place.mint).await;
    tx.commit().await.unwrap();
    let id = id.unwrap();
    let broken = text.replace("start =", "strat =");
    fs::write(&file, &broken).unwrap();
    place.instance.hold(vec![Broken {
        name: "harbour".to_owned(),
        why: "line 2".to_owned(),
    }]);
    // What can't be done is not offered.
    for page in ["/sources".to_owned(), format!("/sources/{id}")] {
        let shown = place.get(&operator, &page).await.body;
        for deed in ["run", "schedule"] {
            let to = format!("/sources/{id}/{deed}\"");
            assert!(!shown.contains(&to), "{page}: {to}: {shown}");
        }
    }
    let kept = |text: &str| text.replace('"', "&#34;").replace('\n', "\r\n");
    let sent = |text: &str| text.replace('\n', "\r\n");
    let (good, bad) = (sent(&text), sent(&broken));
    let ad = format!("{start}ad/1");
    let listing = "<h1>New in town</h1>";
    for (form, status, words) in [
        // From its editor, then fetched, then pasted.
        (
            &[("text", &*good)][..],
            StatusCode::OK,
            &*format!("value=\"{start}\""),
        ),
        (
            &[("draft", &*good), ("url", &*start), ("kind", "list")],
            StatusCode::OK,
            "0 listings, 2 links",
        ),
        (
            &[
                ("draft", &*good),
                ("url", &*ad),
                ("kind", "detail"),
                ("page", listing),
            ],
            StatusCode::OK,
            "<mark title=\"title\">New in town</mark>",
        ),
        // Where it can't be tried, it is said why, and what was typed stays.
        (
            &[("text", &*bad)],
            StatusCode::UNPROCESSABLE_ENTITY,
            "did you mean `start`?",
        ),
        (
            &[("draft", &*bad), ("url", &*ad), ("kind", "detail")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "did you mean `start`?",
        ),
        (
            &[("draft", ""), ("url", &*ad), ("kind", "detail")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "does not crawl the source by its file",
        ),
    ] {
        let tried = place
            .post(&operator, &format!("/sources/{id}/test"), form)
            .await;
        assert_eq!(tried.status, status, "{form:?}: {}", tried.body);
        assert!(tried.body.contains(words), "{words}: {}", tried.body);
        assert!(!tried.body.contains("id=\"url-fault\""), "{}", tried.body);
        let is_wrong = status != StatusCode::OK;
        assert_eq!(
            tried.body.contains("id=\"draft-fault\""),
            is_wrong,
            "{}",
            tried.body
        );
        assert!(
            tried.body.contains(&kept(&form[0].1.replace("\r\n", "\n"))),
            "{}",
            tried.body
        );
    }
    fs::remove_file(&file).unwrap();
    let form = [("text", good.as_str())];
    let tried = place
        .post(&operator, &format!("/sources/{id}/test"), &form)
        .await;
    assert_eq!(
        tried.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        tried.body
    );
    assert!(
        tried.body.contains("there is no file of this source"),
        "{}",
        tried.body
    );
    assert!(tried.body.contains(&kept(&text)), "{}", tried.body);
}
