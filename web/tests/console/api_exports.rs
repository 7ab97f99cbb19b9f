//! The API's files: whole, safe in a spreadsheet, and kept in the audit log.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use futures::StreamExt;
use sightline_model::{Entry, EntryState, Kind, Role, Selector, Severity, Tlp};
use sightline_store::{audit, entries};

use crate::support::{Place, START};

#[tokio::test]
async fn everything_is_exported_in_both_forms() {
    let place = Place::open().await;
    for _ in 0..3 {
        place.alert(Severity::Grave).await;
    }
    let program = place.program(Role::Administrator).await;
    let list = place.get(&program, "/api/v1/watchlists").await.json();
    let list = list["items"][0]["id"].as_str().unwrap().to_owned();
    for (path, name) in [
        (format!("watchlists/{list}/export"), "entries"),
        ("exports/alerts".to_owned(), "alerts"),
        ("exports/sightings".to_owned(), "sightings"),
        ("exports/listings".to_owned(), "listings"),
    ] {
        let csv = place.get(&program, &format!("/api/v1/{path}")).await;
        assert_eq!(csv.status, StatusCode::OK, "{path}: {}", csv.body);
        assert_eq!(csv.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
        assert_eq!(
            csv.header(header::CONTENT_DISPOSITION),
            format!("attachment; filename=\"{name}.csv\"")
        );
        let json = place
            .get(&program, &format!("/api/v1/{path}?format=json"))
            .await;
        let rows = json.json().as_array().unwrap().len();
        assert_eq!(rows, 3, "{path}");
        let lines = csv
            .body
            .split("\r\n")
            .filter(|line| !line.is_empty())
            .count();
        assert!(lines > rows, "{path}: {}", csv.body);
    }
    let audit = "/api/v1/exports/audit?format=json";
    let log = place.get(&program, audit).await.json();
    let told = |what: &str| {
        log.as_array()
            .unwrap()
            .iter()
            .any(|one| one["what"] == what)
    };
    for what in [
        "export.entries",
        "export.alerts",
        "export.sightings",
        "export.listings",
        "export.audit",
    ] {
        assert!(told(what), "{what} is kept before it begins");
    }
    let wrong = place
        .get(&program, "/api/v1/exports/audit?format=xml")
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_export_says_what_was_looked_for_by_name() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Administrator).await;
    let shown = format!("/api/v1/alerts/{}", alert.id);
    let shown = place.get(&program, &shown).await.json();
    let value = shown["value"].as_str().unwrap();
    let list = shown["watchlist"].as_str().unwrap();
    for (path, names) in [
        (
            "sightings",
            vec!["watchlist_name", "source_name", "verdict"],
        ),
        ("alerts", vec!["watchlist", "sources", "closed_as"]),
    ] {
        let of = |form: &str| format!("/api/v1/exports/{path}?format={form}");
        let csv = place.get(&program, &of("csv")).await.body;
        let mut lines = csv.lines();
        let head: Vec<&str> = lines.next().unwrap().split(',').collect();
        for column in ["kind", "value", "case", "tlp", "severity", "certainty"] {
            assert!(head.contains(&column), "{path}: {head:?}");
        }
        assert!(names.iter().all(|name| head.contains(name)), "{head:?}");
        let row = lines.next().unwrap();
        // A number begins with a sign that a spreadsheet would reckon with.
        let cell = format!(",phone,'{value},24-117,amber_strict,");
        assert!(row.contains(&cell), "{path}: {row}");
        for part in [list, "harbourads", "grave", "possible"] {
            assert!(row.contains(part), "{path}: {part} in {row}");
        }
        let json = place.get(&program, &of("json")).await.json();
        let one = &json[0];
        assert_eq!(
            (&one["value"], &one["kind"]),
            (&value.into(), &"phone".into())
        );
        assert_eq!(one["case_reference"], "24-117", "{path}");
    }
}

#[tokio::test]
async fn an_export_goes_on_page_by_page_and_no_cell_is_a_formula() {
    let place = Place::open().await;
    let program = place.program(Role::Auditor).await;
    let mut tx = place.write().await;
    for nth in 0..1_203 {
        let deed = audit::Deed {
            at: place.console.now(),
            who: "=cmd|' /C calc'!A0".to_owned(),
            what: format!("deed.{nth}"),
            subject: "+1, \"quoted\"".to_owned(),
            detail: "two\nlines".to_owned(),
        };
        audit::append(&mut tx, &deed).await.unwrap();
    }
    tx.commit().await.unwrap();
    let csv = place.get(&program, "/api/v1/exports/audit").await.body;
    assert_eq!(csv.matches("deed.").count(), 1_203);
    assert!(csv.contains(",'=cmd|' /C calc'!A0,"), "{}", &csv[..300]);
    assert!(csv.contains("\"'+1, \"\"quoted\"\"\""));
    let json = place
        .get(&program, "/api/v1/exports/audit?format=json")
        .await;
    let rows = json.json();
    let rows = rows.as_array().unwrap();
    let numbers: std::collections::BTreeSet<i64> =
        rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(numbers.len(), rows.len(), "each once");
    assert!(rows.len() > 1_203, "that it was read is a line, too");
}

#[tokio::test]
async fn an_export_has_each_entry_once_whatever_becomes_of_it_meanwhile() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let mut tx = place.write().await;
    let model = entries::get(&mut tx, &[alert.entry])
        .await
        .unwrap()
        .remove(0);
    let states = [EntryState::Active, EntryState::Draft, EntryState::Withdrawn];
    let mut made: Vec<Entry> = (0..1_202)
        .map(|nth| Entry {
            id: place.mint.id(START),
            selector: Selector::new(Kind::Email, format!("lotus{nth}@example.com")),
            state: states[nth % 3],
            ..model.clone()
        })
        .collect();
    entries::add(&mut tx, &made).await.unwrap();
    tx.commit().await.unwrap();
    let path = format!("/api/v1/watchlists/{}/export?format=json", model.watchlist);
    let asked = program.request(Method::GET, &path, Body::empty(), "");
    let mut stream = place.begin(asked).await.into_body().into_data_stream();
    let mut file = Vec::new();
    // Its beginning, and a page of it; what comes then was brought into another state meanwhile.
    for _ in 0..2 {
        file.extend(stream.next().await.unwrap().unwrap());
    }
    assert!(file.len() > 1_000);
    for (nth, entry) in made.iter_mut().enumerate() {
        entry.state = states[(nth / 3 + 1) % 3];
    }
    let mut tx = place.write().await;
    entries::edit(&mut tx, &made, START).await.unwrap();
    tx.commit().await.unwrap();
    while let Some(part) = stream.next().await {
        file.extend(part.unwrap());
    }
    let rows: Vec<Entry> = serde_json::from_slice(&file).unwrap();
    let each: std::collections::BTreeSet<_> = rows.iter().map(|entry| entry.id).collect();
    assert_eq!((rows.len(), each.len()), (1_203, 1_203));
}

#[tokio::test]
async fn a_list_goes_out_in_the_formats_of_others_and_heeds_its_markings() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let model = entries::get(&mut tx, &[alert.entry])
        .await
        .unwrap()
        .remove(0);
    let of = |value: &str, tlp, state| Entry {
        id: place.mint.id(START),
        selector: Selector::new(Kind::Email, value),
        tlp,
        state,
        ..model.clone()
    };
    let more = [
        of("red@example.com", Tlp::Red, EntryState::Active),
        of("gone@example.com", Tlp::Clear, EntryState::Withdrawn),
    ];
    entries::add(&mut tx, &more).await.unwrap();
    tx.commit().await.unwrap();
    let program = place.program(Role::Analyst).await;
    let path = format!("/api/v1/watchlists/{}/export", model.watchlist);
    // Whether what is marked red, what was withdrawn, and what stands there is in it.
    for (query, holds) in [
        ("", [false, true, true]),
        ("?format=json", [false, true, true]),
        ("?max_tlp=red", [true, true, true]),
        ("?format=stix", [false, false, true]),
        ("?format=misp", [false, false, true]),
        ("?format=misp&max_tlp=red", [true, false, true]),
        ("?format=plain&kind=phone", [false, false, true]),
        ("?format=plain&kind=email&max_tlp=red", [true, false, false]),
    ] {
        let given = place.get(&program, &format!("{path}{query}")).await;
        assert_eq!(given.status, StatusCode::OK, "{query}: {}", given.body);
        let values = ["red@example.com", "gone@example.com", &model.selector.value];
        assert_eq!(
            values.map(|value| given.body.contains(value)),
            holds,
            "{query}"
        );
    }
    let (status, _, sheet) = place.take(&program, &format!("{path}?format=xlsx")).await;
    assert!(status == StatusCode::OK && sheet.starts_with(b"PK"));
    let several = place
        .get(&program, &format!("{path}?format=plain&max_tlp=red"))
        .await;
    assert_eq!(several.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(several.json()["fields"][0]["key"], "kind");
}
