//! The API, read: every resource that the console shows, in pages, and what is kept of who read it.

use axum::http::StatusCode;
use serde_json::Value;
use sightline_model::{Alert, Entry, Kind, Role, Selector, Severity, Timestamp};
use sightline_store::{alerts, audit, entries};
use sightline_web::{access::Permission, routes::table};

use crate::support::{Asker, Place, START};

/// Every address that a program reads, by the identifiers of an alert and of what belongs to it.
pub async fn addresses(place: &Place, alert: &Alert) -> Vec<String> {
    let program = place.program(Role::Administrator).await;
    let first = async |path: &str| -> Value {
        let listed = place.get(&program, path).await;
        assert_eq!(listed.status, StatusCode::OK, "{path}: {}", listed.body);
        listed.json()["items"][0].clone()
    };
    let id = |value: &Value| value.to_string().replace('"', "");
    let entry = alert.entry;
    let list = id(&first("/api/v1/watchlists").await["id"]);
    let sighting = first(&format!("/api/v1/entries/{entry}/sightings")).await;
    let listing = id(&sighting["listing"]);
    let (sighting, source) = (
        id(&sighting["id"]),
        id(&first("/api/v1/sources").await["id"]),
    );
    let run = id(&first("/api/v1/runs").await["id"]);
    let paths = [
        "alerts?state=open&limit=5".to_owned(),
        "alerts?unassigned=true&since=2020-01-01T00:00:00Z".to_owned(),
        "alerts?state=open&raised_since=2020-01-01T00:00:00Z".to_owned(),
        format!("alerts/{}", alert.id),
        "silences".to_owned(),
        "watchlists".to_owned(),
        format!("watchlists/{list}"),
        format!("watchlists/{list}/entries?limit=1"),
        format!("watchlists/{list}/entries?sort=value&kind=phone"),
        format!("watchlists/{list}/entries?beginning=%2B1202&due=true"),
        format!("watchlists/{list}/entries?beginning=passport"),
        format!("watchlists/{list}/entries?beginning=(202)+555-0123&kind=phone"),
        format!("watchlists/{list}/export"),
        "exports/alerts".to_owned(),
        "exports/sightings?format=json".to_owned(),
        "exports/listings".to_owned(),
        "exports/audit".to_owned(),
        "entries/due".to_owned(),
        "entries/due?limit=1".to_owned(),
        "entries/ending".to_owned(),
        format!("entries/{entry}/days"),
        format!("entries/{entry}"),
        format!("entries/{entry}/alerts"),
        format!("entries/{entry}/sightings?limit=1"),
        "sightings".to_owned(),
        format!("sightings/{sighting}"),
        "listings?limit=1".to_owned(),
        format!("listings/search?q=town&source={source}"),
        "listings/search?q=new+town".to_owned(),
        format!("listings/{listing}"),
        format!("listings/{listing}/versions/1"),
        "selectors?q=(202)+555-0123".to_owned(),
        "selectors/about?kind=email&value=Lotus%40Example.COM".to_owned(),
        "selectors/observations?kind=email&value=lotus%40example.com&limit=1".to_owned(),
        "sources".to_owned(),
        "sources/broken".to_owned(),
        format!("sources/{source}"),
        format!("sources/{source}/politeness"),
        format!("sources/{source}/furniture"),
        format!("runs?source={source}&state=running"),
        format!("runs/{run}"),
        format!("runs/{run}/visits?limit=1"),
        "deliveries?state=pending".to_owned(),
        "channels".to_owned(),
        "me".to_owned(),
        "me/sessions".to_owned(),
        "me/tokens".to_owned(),
        "accounts".to_owned(),
        "invitations".to_owned(),
        "sessions".to_owned(),
        "tokens".to_owned(),
        "audit?what=entry.read&who=Zoe".to_owned(),
        "holds".to_owned(),
        "holds?standing=true".to_owned(),
        "purges".to_owned(),
        "erasures".to_owned(),
    ];
    paths.map(|path| format!("/api/v1/{path}")).to_vec()
}

#[tokio::test]
async fn what_the_console_shows_a_program_reads() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    place.alert(Severity::Low).await;
    let program = place.program(Role::Administrator).await;
    for path in addresses(&place, &alert).await {
        let answer = place.get(&program, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
    let read = async |path: &str| place.get(&program, path).await.json();
    let entry = read(&format!("/api/v1/entries/{}", alert.entry)).await;
    assert_eq!(entry["standing"], "active");
    assert_eq!(entry["kind"], "phone");
    assert_eq!(entry["company"][0]["value"], crate::support::COMPANION);
    let shown = read(&format!("/api/v1/alerts/{}", alert.id)).await;
    assert_eq!(shown["company"], entry["company"]);
    assert_eq!(shown["seen_on"], entry["sources"]);
    assert_eq!(shown["images"], serde_json::json!([]));
    let days = read(&format!("/api/v1/entries/{}/days", alert.entry)).await;
    let today = serde_json::json!([{"day": "2026-11-23T00:00:00Z", "sightings": 1}]);
    assert_eq!(days["items"], today);
    let about = read("/api/v1/selectors/about?kind=email&value=Lotus%40Example.COM").await;
    assert_eq!(about["value"], crate::support::COMPANION);
    assert_eq!(about["sources"][0]["listings"], 2);
    let digits = entry["value"].as_str().unwrap().trim_start_matches("+1");
    let looked_up = read(&format!("/api/v1/selectors?q={digits}")).await;
    assert_eq!(looked_up["items"][0]["value"], entry["value"]);
    assert_eq!(looked_up["items"][0]["seen"], true);
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Default::default()).await.unwrap();
    for what in [
        "entry.read",
        "listing.read",
        "selector.read",
        "sighting.read",
        "search",
    ] {
        let is_kept = log
            .iter()
            .any(|one| one.deed.what == what && one.deed.detail == "api");
        assert!(is_kept, "{what}");
    }
}

/// Goes through a list, a page after another.
async fn whole(place: &Place, who: &Asker, path: &str) -> Vec<Value> {
    let mark = if path.contains('?') { '&' } else { '?' };
    let mut next = format!("{path}{mark}limit=1");
    let mut items = Vec::new();
    loop {
        let page = place.get(who, &next).await.json();
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(after) => next = format!("{path}{mark}limit=1&after={after}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn a_page_goes_on_where_the_one_before_ended() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    for _ in 0..2 {
        place.alert(Severity::Low).await;
    }
    let more = [(); 2].map(|()| Alert {
        id: place.mint.id(START),
        ..alert.clone()
    });
    let mut tx = place.write().await;
    alerts::insert(&mut tx, &more).await.unwrap();
    tx.commit().await.unwrap();
    let program = place.program(Role::Administrator).await;
    let list = place.get(&program, "/api/v1/watchlists").await.json();
    let list = list["items"][0]["id"].as_str().unwrap().to_owned();
    for (path, many) in [
        (format!("/api/v1/watchlists/{list}/entries"), 3),
        (format!("/api/v1/watchlists/{list}/entries?sort=value"), 3),
        (format!("/api/v1/watchlists/{list}/entries?sort=review"), 3),
        (
            format!("/api/v1/watchlists/{list}/entries?beginning=%2B1202"),
            3,
        ),
        (format!("/api/v1/entries/{}/sightings", alert.entry), 1),
        (format!("/api/v1/entries/{}/alerts", alert.entry), 3),
        ("/api/v1/sightings".to_owned(), 3),
        ("/api/v1/listings".to_owned(), 3),
        ("/api/v1/runs".to_owned(), 3),
        ("/api/v1/sources".to_owned(), 1),
        (
            "/api/v1/selectors/observations?kind=email&value=lotus%40example.com".to_owned(),
            3,
        ),
    ] {
        let items = whole(&place, &program, &path).await;
        let each: std::collections::HashSet<String> =
            items.iter().map(|item| item["id"].to_string()).collect();
        assert_eq!((items.len(), each.len()), (many, many), "{path}");
    }
}

#[tokio::test]
async fn what_is_only_possible_says_so_wherever_it_is_read() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Administrator).await;
    for (path, at) in [
        (format!("alerts/{}", alert.id), ""),
        (format!("alerts/{}", alert.id), "/seen/0"),
        ("alerts".to_owned(), "/items/0"),
        ("sightings".to_owned(), "/items/0"),
        (format!("entries/{}/sightings", alert.entry), "/items/0"),
    ] {
        let read = place.get(&program, &format!("/api/v1/{path}")).await.json();
        let one = read.pointer(at).unwrap();
        assert_eq!(one["certainty"], "possible", "{path}{at}");
        assert_eq!(one["possible"], true, "{path}{at}");
    }
    let sightings = place.get(&program, "/api/v1/sightings").await.json();
    let one = &sightings["items"][0];
    assert_eq!(one["source_name"], "harbourads");
    assert_eq!(
        (&one["kind"], &one["severity"]),
        (&"phone".into(), &"grave".into())
    );
    let browser = place.somebody(Role::Investigator).await;
    for page in ["/", "/sightings"] {
        let shown = place.get(&browser, page).await.body;
        let words = "<strong>possible</strong>: back after 41 days";
        assert!(shown.contains(words), "{page}\n{shown}");
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_what_they_have() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    place.alert(Severity::Low).await;
    let program = place.program(Role::Administrator).await;
    let sources = place.get(&program, "/api/v1/sources").await.json();
    let source = format!("source={}", sources["items"][0]["id"].as_str().unwrap());
    let list = format!("watchlist={}", alert.watchlist);
    let none = "00000000-0000-7000-8000-000000000000";
    for (path, many) in [
        (format!("sightings?{source}"), 2),
        (format!("sightings?source={none}"), 0),
        (format!("sightings?{list}&reason=reappeared"), 2),
        (format!("sightings?watchlist={none}"), 0),
        ("sightings?reason=first".to_owned(), 0),
        ("sightings?since=2026-11-23T10:00:00Z".to_owned(), 2),
        ("sightings?since=2027-01-01T00:00:00Z".to_owned(), 0),
        (format!("listings?{source}&since=2026-11-23T10:00:00Z"), 2),
        (format!("listings?source={none}"), 0),
        ("listings?since=2027-01-01T00:00:00Z".to_owned(), 0),
        ("listings?removed=true".to_owned(), 0),
        ("alerts?unassigned=true&unclosed=true".to_owned(), 2),
    ] {
        let items = whole(&place, &program, &format!("/api/v1/{path}")).await;
        assert_eq!(items.len(), many, "{path}");
    }
    // One becomes somebody's work, and is closed.
    let at = |deed: &str| format!("/api/v1/alerts/{}/{deed}", alert.id);
    let to = serde_json::json!({"to": "Night desk"});
    place.call(&program, &at("assign"), to).await;
    let of_entry = format!("/api/v1/entries/{}/alerts", alert.entry);
    let held = place.get(&program, &of_entry).await.json();
    assert_eq!(held["items"][0]["id"], alert.id.to_string());
    let how = serde_json::json!({"as": "rejected"});
    place.call(&program, &at("close"), how).await;
    for (question, many) in [
        ("unassigned=true", 1),
        ("unclosed=true", 1),
        ("assigned=Night+desk", 1),
        ("assigned=Night+desk&unclosed=true", 0),
    ] {
        let path = format!("/api/v1/alerts?{question}");
        assert_eq!(whole(&place, &program, &path).await.len(), many, "{path}");
    }
    let held = place.get(&program, &of_entry).await.json();
    assert_eq!(held["items"], serde_json::json!([]));
}

#[tokio::test]
async fn what_ends_is_told_a_week_ahead_and_a_week_after() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let entry = entries::get(&mut tx, &[alert.entry]).await.unwrap();
    let ending = [-8, -6, 6, 8].map(|days| Entry {
        id: place.mint.id(START),
        selector: Selector::new(Kind::Email, format!("lotus{}@example.com", days + 8)),
        expires_at: Some(Timestamp(START.0 + days * 86_400_000)),
        ..entry[0].clone()
    });
    entries::add(&mut tx, &ending).await.unwrap();
    tx.commit().await.unwrap();
    let program = place.program(Role::Analyst).await;
    let told = place.get(&program, "/api/v1/entries/ending").await.json();
    let told: Vec<&Value> = told["items"].as_array().unwrap().iter().collect();
    let ids: Vec<&str> = told.iter().map(|one| one["id"].as_str().unwrap()).collect();
    let near = [&ending[1], &ending[2]].map(|one| one.id.to_string());
    assert_eq!(ids, near);
}

#[tokio::test]
async fn what_a_token_may_not_read_is_not_in_what_it_may() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let account = place.account(Role::Analyst).await;
    let only = vec![Permission::ReadListings.to_string()];
    let program = place.token(&account, only).await;
    let all = place.program(Role::Analyst).await;
    let sighting = format!("/api/v1/entries/{}/sightings", alert.entry);
    let sighting = place.get(&all, &sighting).await.json();
    let listing = format!("/api/v1/listings/{}", sighting["items"][0]["listing"]);
    let entry = format!("/api/v1/entries/{}", alert.entry);
    let value = place.get(&all, &entry).await.json()["value"].clone();
    let value = value.as_str().unwrap();
    let about = format!(
        "/api/v1/selectors/about?kind=phone&value=%2B{}",
        &value[1..]
    );
    for (who, is_seen) in [(&all, true), (&program, false)] {
        let seen = place.get(who, &listing).await.json();
        assert_eq!(!seen["sightings"].as_array().unwrap().is_empty(), is_seen);
        let seen = place.get(who, &about).await.json();
        assert_eq!(!seen["entries"].as_array().unwrap().is_empty(), is_seen);
    }
}

#[tokio::test]
async fn no_text_with_a_nul_comes_to_the_store() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Administrator).await;
    let comment = format!("/api/v1/alerts/{}/comments", alert.id);
    let said = place.call(&program, &comment, serde_json::json!({"text": "a\0b"}));
    assert_eq!(said.await.status, StatusCode::BAD_REQUEST);
    for path in [
        "/api/v1/alerts?assigned=%00",
        "/api/v1/listings/search?q=a%00b",
    ] {
        let answer = place.get(&program, path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[test]
fn every_operation_says_all_that_may_be_answered() {
    let document = sightline_web::openapi::document();
    for route in table() {
        let path = &document["paths"][route.path];
        let Some(operation) = path.get(route.method.as_str().to_lowercase()) else {
            continue;
        };
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.contains_key("200") && !answers.contains_key("default"));
        for (status, answer) in answers {
            let Some(reference) = answer["$ref"].as_str() else {
                continue;
            };
            let meant = document.pointer(reference.trim_start_matches('#'));
            assert!(meant.is_some_and(Value::is_object), "{status} {reference}");
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            let meant = match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(reference.trim_start_matches('#')),
                None => Some(parameter),
            };
            let has_schema = meant.is_some_and(|meant| meant["schema"].is_object());
            assert!(has_schema, "{parameter}");
        }
    }
}
