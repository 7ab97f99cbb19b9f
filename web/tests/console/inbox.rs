//! The inbox: order, filters, pages, ticking, and the bell.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use futures::StreamExt;
use serde_json::json;
use sightline_model::{Alert, Role, Severity, Stage};
use sightline_store::alerts;

use crate::support::{Asker, Place, START};

#[tokio::test]
async fn an_empty_inbox_teaches_what_fills_it() {
    let place = Place::open().await;
    let page = place
        .get(&place.somebody(Role::Investigator).await, "/")
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Nothing waits for you."),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn the_gravest_stand_first_and_filters_stand_in_the_address() {
    let place = Place::open().await;
    let mut alerts = Vec::new();
    for severity in [Severity::Normal, Severity::Grave, Severity::Low] {
        place.advance(Duration::from_secs(60));
        alerts.push(place.alert(severity).await);
    }
    let browser = place.somebody(Role::Investigator).await;
    let page = place.get(&browser, "/").await;
    let at = |nth: usize| {
        page.body
            .find(&format!("/alerts/{}", alerts[nth].id))
            .unwrap()
    };
    assert!(at(1) < at(0) && at(0) < at(2), "grave, normal, low");
    for words in [
        "back after 41 days, on the same site",
        "harbourads",
        "24-117",
        "Operation Lotus",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    for (query, shown) in [
        ("severity=grave", 1),
        ("reason=reappeared&severity=", 3),
        ("reason=first", 0),
        ("tab=closed", 0),
        ("tab=all", 3),
        ("tab=mine", 0),
        ("assigned=nobody", 3),
        ("assigned=", 3),
    ] {
        let page = place.get(&browser, &format!("/?{query}")).await;
        assert_eq!(
            page.body.matches("<tr data-line>").count(),
            shown,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_filter_that_is_none_is_told_of() {
    let place = Place::open().await;
    let list = place.alert(Severity::Normal).await.watchlist;
    let browser = place.somebody(Role::Administrator).await;
    // Without it, something else would be shown.
    for at in [
        "/?tab=nonsense".to_owned(),
        "/?source=nonsense".to_owned(),
        "/deliveries?state=nonsense".to_owned(),
        "/listings?since=nonsense".to_owned(),
        format!("/runs/{list}?outcome=nonsense"),
        format!("/watchlists/{list}?tab=nonsense"),
        format!("/watchlists/{list}?sort=nonsense"),
        format!("/watchlists/{list}?kind=nonsense"),
    ] {
        let page = place.get(&browser, &at).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{at}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let place = Place::open().await;
    for _ in 0..60 {
        place.alert(Severity::Normal).await;
    }
    let browser = place.somebody(Role::Analyst).await;
    let first = place.get(&browser, "/?severity=normal").await;
    assert_eq!(first.body.matches("<tr data-line>").count(), 50);
    let (_, rest) = first.body.split_once("rel=\"next\" href=\"").unwrap();
    let next = rest
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    assert!(next.starts_with("/?severity=normal&after="), "{next}");
    let second = place.get(&browser, &next).await;
    assert_eq!(second.body.matches("<tr data-line>").count(), 10);
    assert!(!second.body.contains("rel=\"next\""));
}

#[tokio::test]
async fn what_is_ticked_is_taken_together() {
    let place = Place::open().await;
    let ids = [
        place.alert(Severity::Normal).await.id.to_string(),
        place.alert(Severity::Normal).await.id.to_string(),
        place.alert(Severity::Normal).await.id.to_string(),
    ];
    let browser = place.somebody(Role::Investigator).await;
    // One of them twice, one that is not there: the others are taken all the same.
    let form = [
        ("alert", ids[0].as_str()),
        ("alert", &ids[1]),
        ("alert", &ids[0]),
        ("alert", "00000000-0000-7000-8000-000000000000"),
        ("back", "/?tab=acknowledged"),
    ];
    let done = place.post(&browser, "/alerts/acknowledge", &form).await;
    assert_eq!(
        done.header(header::LOCATION),
        "/?tab=acknowledged",
        "{}",
        done.body
    );
    let page = place.get(&browser, "/?tab=acknowledged").await;
    assert_eq!(page.body.matches("<tr data-line>").count(), 2);
}

#[tokio::test]
async fn the_bell_tells_open_pages_of_new_alerts_and_of_nothing_else() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    place.advance(Duration::from_secs(60));
    let request = browser.request(
        Method::GET,
        &format!("/events?since={}", START.0),
        Body::empty(),
        "",
    );
    let response = place.begin(request).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let mut stream = response.into_body().into_data_stream();
    let id = format!("id: {START}\n");
    let event = stream.next().await.unwrap().unwrap();
    assert_eq!(
        event,
        format!("{id}\n"),
        "there is none, and nobody is told"
    );
    place.alert(Severity::Grave).await;
    place.console.look_for_alerts().await.unwrap();
    let event = stream.next().await.unwrap().unwrap();
    assert_eq!(event, format!("{id}event: alerts\ndata: 1\n\n"));
    place.console.look_for_alerts().await.unwrap();
    place.alert(Severity::Low).await;
    place.console.look_for_alerts().await.unwrap();
    let event = stream.next().await.unwrap().unwrap();
    assert_eq!(
        event,
        format!("{id}event: alerts\ndata: 2\n\n"),
        "a look that finds nothing new rings nothing"
    );
    place.stop.cancel();
    assert!(
        stream.next().await.is_none(),
        "it ends when the process is told to"
    );
}

#[tokio::test]
async fn what_comes_into_a_list_otherwise_is_told_to_that_list_and_once() {
    let place = Place::open().await;
    let account = place.account(Role::Investigator).await;
    let browser = place.known(&account, Stage::SignedIn).await;
    let other = place.somebody(Role::Investigator).await;
    let alert = place.alert(Severity::Grave).await;
    let at = format!("/alerts/{}", alert.id);
    place.advance(Duration::from_secs(60));
    // As the pages say where they listen.
    let lists = ["open", "mine", "acknowledged", "open&severity=low"];
    let mut news = Vec::new();
    for list in lists {
        news.push(listens_at(&place, &browser, list).await);
    }
    let asked = browser.request(Method::GET, &news[0], Body::empty(), "");
    let mut stream = place.begin(asked).await.into_body().into_data_stream();
    let first = stream.next().await.unwrap().unwrap();
    assert!(!first.ends_with(b"data: 0\n\n"), "nobody is told of none");
    let to = ("to", account.name.as_str());
    let why = [("as", "rejected"), ("why", "a slip")];
    for (deed, form, counts) in [
        ("acknowledge", &[][..], [0, 0, 1, 0]),
        ("assign", &[to], [0, 1, 1, 0]),
        ("comment", &[("text", "Rang the desk.")], [0, 1, 1, 0]),
        ("hand-back", &[], [1, 1, 0, 0]),
        ("close", &why, [0, 0, 0, 0]),
        ("reopen", &[("why", "a slip")], [1, 1, 0, 0]),
    ] {
        place.advance(Duration::from_secs(1));
        let done = place.post(&other, &format!("{at}/{deed}"), form).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{deed}: {}", done.body);
        place.console.look_for_alerts().await.unwrap();
        let mut told = [0; 4];
        for (nth, at) in news.iter().enumerate() {
            let word = first_word(&place, &browser, at, None).await;
            let count = word
                .split("data: ")
                .nth(1)
                .map(|count| count.trim().parse());
            told[nth] = count.transpose().unwrap().unwrap_or(0);
        }
        assert_eq!(told, counts, "{deed}: {lists:?}");
        // Who has listened all the while is told what is another number than before, and nothing else.
        if ["hand-back", "close", "reopen"].contains(&deed) {
            let event = stream.next().await.unwrap().unwrap();
            let event = String::from_utf8(event.to_vec()).unwrap();
            assert!(
                event.ends_with(&format!("data: {}\n\n", counts[0])),
                "{deed}: {event}"
            );
        }
    }
    // One went and another came before anybody looked: as many as before, and not the same.
    place.advance(Duration::from_secs(1));
    let closed = place.post(&other, &format!("{at}/close"), &why).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    place.alert(Severity::Grave).await;
    place.console.look_for_alerts().await.unwrap();
    let event = stream.next().await.unwrap().unwrap();
    assert!(event.ends_with(b"data: 1\n\n"), "{event:?}");
}

#[tokio::test]
async fn what_is_made_graver_comes_into_the_lists_of_what_is_as_grave() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    let alert = place.alert(Severity::Normal).await;
    place.advance(Duration::from_secs(60));
    let lists = [
        "open&severity=grave",
        "open&severity=normal",
        "open",
        "mine&severity=grave",
    ];
    let mut news = Vec::new();
    for list in lists {
        news.push(listens_at(&place, &browser, list).await);
    }
    let asked = browser.request(Method::GET, &news[0], Body::empty(), "");
    let mut stream = place.begin(asked).await.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();
    place.console.look_for_alerts().await.unwrap();
    place.advance(Duration::from_secs(1));
    let analyst = place.program(Role::Analyst).await;
    let entry = format!("/api/v1/entries/{}", alert.entry);
    let tag = place.get(&analyst, &entry).await;
    let tag = tag.header(header::ETAG).to_owned();
    let graver = json!({"fields": {"severity": "grave"}, "reason": "she is in danger"});
    let done = place
        .call_if(&analyst, &format!("{entry}/edit"), &tag, graver)
        .await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    place.console.look_for_alerts().await.unwrap();
    let told = stream.next().await.unwrap().unwrap();
    assert!(told.ends_with(b"data: 1\n\n"), "{told:?}");
    for ((list, at), is_told) in lists.iter().zip(&news).zip([true, false, false, false]) {
        let word = first_word(&place, &browser, at, None).await;
        assert_eq!(word.contains("data: 1"), is_told, "{list}: {word}");
    }
    let page = place.get(&browser, &format!("/alerts/{}", alert.id)).await;
    let did = "made it graver: grave, not normal";
    assert!(page.body.contains(did), "{}", page.body);
}

/// Where the page of this list says that it listens.
async fn listens_at(place: &Place, who: &Asker, list: &str) -> String {
    let page = place.get(who, &format!("/?tab={list}")).await.body;
    let (_, at) = page.split_once("data-new=\"").unwrap();
    at.split('"').next().unwrap().replace("&#38;", "&")
}

/// What the stream at this address says first to somebody who was there before, or was not.
async fn first_word(place: &Place, who: &Asker, path: &str, last: Option<&str>) -> String {
    let mut request = who.request(Method::GET, path, Body::empty(), "");
    if let Some(last) = last {
        let headers = request.headers_mut();
        headers.insert("last-event-id", last.parse().unwrap());
    }
    let answer = place.begin(request).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let mut stream = answer.into_body().into_data_stream();
    let first = stream.next().await.unwrap().unwrap();
    String::from_utf8(first.to_vec()).unwrap()
}

#[tokio::test]
async fn who_comes_to_the_bell_later_or_anew_is_told_what_it_rang_for() {
    let place = Place::open().await;
    let early = place.somebody(Role::Investigator).await;
    let late = place.somebody(Role::Investigator).await;
    let program = place.program(Role::Investigator).await;
    let read_at = START.to_string();
    let console = format!("/events?since={}", START.0);
    place.advance(Duration::from_secs(1));
    let asked = early.request(Method::GET, &console, Body::empty(), "");
    let mut stream = place.begin(asked).await.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();
    let began = first_word(&place, &program, "/api/v1/events", None).await;
    let began = began.trim().trim_start_matches("id: ").to_owned();
    assert_eq!(began, place.console.now().to_string());
    place.advance(Duration::from_secs(1));
    place.alert(Severity::Grave).await;
    place.console.look_for_alerts().await.unwrap();
    let told = stream.next().await.unwrap().unwrap();
    assert!(told.ends_with(b"data: 1\n\n"), "{told:?}");
    // The bell has rung: who comes now reads it all the same, and so does who comes again.
    let now = place.console.now();
    let then = now + Duration::from_millis(1);
    let since_then = format!("/events?since={}", then.0);
    let programs = "/api/v1/events".to_owned();
    let program_since = format!("{programs}?since={now}");
    for (who, path, last, from, count) in [
        (&late, &console, None, read_at.clone(), 1),
        (&early, &console, Some(&read_at), read_at.clone(), 1),
        // The identifier counts: it says where it broke off.
        (&early, &since_then, Some(&read_at), read_at.clone(), 1),
        (&late, &since_then, None, then.to_string(), 0),
        (&program, &programs, Some(&began), began.clone(), 1),
        (&program, &program_since, None, now.to_string(), 1),
    ] {
        let first = first_word(&place, who, path, last.map(String::as_str)).await;
        let expected = match count {
            0 => format!("id: {from}\n\n"),
            count => format!("id: {from}\nevent: alerts\ndata: {count}\n\n"),
        };
        assert_eq!(first, expected, "{path} {last:?}");
    }
    let mut wrong = program.request(Method::GET, "/api/v1/events", Body::empty(), "");
    let headers = wrong.headers_mut();
    headers.insert("last-event-id", "yesterday".parse().unwrap());
    assert_eq!(place.send(wrong).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn every_page_names_assets_that_are_there_and_kept_for_a_year() {
    let place = Place::open().await;
    let page = place.get(&Asker::nobody(), "/sign-in").await;
    let named: Vec<&str> = page
        .body
        .split('"')
        .filter(|word| word.starts_with("/assets/"))
        .collect();
    assert_eq!(named.len(), 4, "{named:?}");
    let mut total = page.body.len();
    for path in named {
        let mut request = Asker::nobody().request(Method::GET, path, Body::empty(), "");
        request
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, "gzip, br".parse().unwrap());
        let response = place.begin(request).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        let body = axum::body::to_bytes(response.into_body(), 1_000_000)
            .await
            .unwrap();
        total += body.len();
    }
    assert!(total < 60_000, "a first load of {total} bytes");
    let old = place
        .get(&Asker::nobody(), "/assets/000000000000/sightline.css")
        .await;
    assert_eq!(old.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn acknowledging_nothing_is_told_of() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    let page = place
        .post(&browser, "/alerts/acknowledge", &[("back", "/")])
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("No alert is ticked"), "{}", page.body);
}

#[tokio::test]
async fn news_that_joins_an_alert_is_told_and_stands_first() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    let old = place.alert(Severity::Grave).await;
    place.advance(Duration::from_secs(60));
    let new = place.alert(Severity::Grave).await;
    place.advance(Duration::from_secs(60));
    let news = listens_at(&place, &browser, "open").await;
    let asked = browser.request(Method::GET, &news, Body::empty(), "");
    let mut stream = place.begin(asked).await.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();
    place.console.look_for_alerts().await.unwrap();
    place.advance(Duration::from_secs(60));
    let mut tx = place.write().await;
    let joined = Alert {
        news_at: START + Duration::from_secs(180),
        ..old.clone()
    };
    alerts::update(&mut tx, &[joined]).await.unwrap();
    tx.commit().await.unwrap();
    place.console.look_for_alerts().await.unwrap();
    let event = stream.next().await.unwrap().unwrap();
    assert!(event.ends_with(b"data: 1\n\n"), "{event:?}");
    let page = place.get(&browser, "/").await.body;
    let at = |alert: &Alert| page.find(&format!("/alerts/{}", alert.id)).unwrap();
    assert!(at(&old) < at(&new), "{page}");
}

#[tokio::test]
async fn what_somebody_has_is_theirs_and_of_what_others_have_it_is_told_whose_it_is() {
    let place = Place::open().await;
    let account = place.account(Role::Investigator).await;
    let browser = place.known(&account, Stage::SignedIn).await;
    let colleague = place.somebody(Role::Investigator).await;
    let ids = [
        place.alert(Severity::Normal).await.id.to_string(),
        place.alert(Severity::Normal).await.id.to_string(),
    ];
    let first = [("alert", ids[0].as_str())];
    place.post(&browser, "/alerts/acknowledge", &first).await;
    let mine = place.get(&browser, "/?tab=mine").await.body;
    assert_eq!(mine.matches("<tr data-line>").count(), 1, "{mine}");
    assert!(
        mine.contains("mine <span class=\"count\">1</span>"),
        "{mine}"
    );
    let both = [("alert", ids[0].as_str()), ("alert", &ids[1])];
    let done = place.post(&colleague, "/alerts/acknowledge", &both).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let told = place.get(&colleague, done.header(header::LOCATION)).await;
    let sentence = format!("1 taken; 1 was {}&#39;s already", account.name);
    assert!(told.body.contains(&sentence), "{sentence}: {}", told.body);
    let mine = place.get(&colleague, "/?tab=mine").await.body;
    assert_eq!(mine.matches("<tr data-line>").count(), 1, "{mine}");
}
