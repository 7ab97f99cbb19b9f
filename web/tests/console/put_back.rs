//! Entries that were withdrawn and come back: what is shown of them beforehand is what they will be, and whoever is told of them is in
//! the log.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use sightline_model::{Role, Severity};
use sightline_store::{Filter, audit};

use crate::support::{Asker, Place};

/// What is said of every entry here.
fn draft(value: &str, way: &str) -> Value {
    json!({
        "kind": "domain", "value": value, "match": way, "purpose": "to find her", "legal_basis": "consent",
        "owner": "R. Analyst", "category": "victim", "review_at": "2027-01-01",
    })
}

/// An entry for a host alone that was withdrawn: its list's address, and its identifier.
async fn withdrawn(place: &Place, program: &Asker) -> (String, String) {
    place.alert(Severity::Grave).await;
    let lists = place.get(program, "/api/v1/watchlists").await.json();
    let list = lists["items"][0]["id"].as_str().unwrap().to_owned();
    let list = format!("/api/v1/watchlists/{list}");
    let added = place
        .call(
            program,
            &format!("{list}/entries"),
            draft("roseinn.com", "exact"),
        )
        .await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let entry = added.json()["entry"]["id"].as_str().unwrap().to_owned();
    let analyst = place.somebody(Role::Analyst).await;
    let done = place
        .post(
            &analyst,
            &format!("/entries/{entry}/withdraw"),
            &[("reason", "consent taken back")],
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    (list, entry)
}

async fn logged(place: &Place, what: &str) -> usize {
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    log.iter().filter(|one| one.deed.what == what).count()
}

const KEPT: &str = "it reaches as it did before it was withdrawn, exact, and not subdomains";
const UNDER: &str = "and everything under it";

#[tokio::test]
async fn what_comes_back_reaches_as_far_as_it_is_said_to_beforehand() {
    for (value, way, said) in [
        ("roseinn.com", "exact", KEPT),
        ("*.roseinn.com", "subdomains", UNDER),
    ] {
        let place = Place::open().await;
        let program = place.program(Role::Analyst).await;
        let (list, entry) = withdrawn(&place, &program).await;
        let told = |answer: &Value| {
            let cautions = answer["cautions"].as_array().unwrap().iter();
            let cautions: Vec<&str> = cautions.filter_map(Value::as_str).collect();
            assert_eq!(cautions.len(), 1, "{value}: {cautions:?}");
            assert!(cautions[0].contains(said), "{value}: {cautions:?}");
        };
        let before = logged(&place, "entry.read").await;
        let preview = format!("{list}/preview");
        told(
            &place
                .call(&program, &preview, draft(value, ""))
                .await
                .json(),
        );
        assert_eq!(logged(&place, "entry.read").await, before + 1);
        // A file that would put it back says so, too.
        let before = logged(&place, "entries.read").await;
        let rows = format!(
            "kind,value,purpose,legal_basis,owner,category,review_at\n\
             domain,{value},find,consent,R,victim,2027-01-01\n"
        );
        let path = format!("{list}/import?dry_run=true&name=list.csv");
        let kind = "application/octet-stream";
        let sent = program.request(Method::POST, &path, Body::from(rows), kind);
        let foreseen = place.send(sent).await.json();
        told(&foreseen["report"]["rows"][0]);
        assert_eq!(logged(&place, "entries.read").await, before + 1);
        let added = place
            .call(&program, &format!("{list}/entries"), draft(value, ""))
            .await
            .json();
        told(&added);
        assert_eq!(added["entry"]["id"], entry.as_str(), "{added}");
        assert_eq!(added["entry"]["match"], way, "{added}");
    }
}

#[tokio::test]
async fn who_edits_what_was_withdrawn_meanwhile_loses_nothing() {
    let place = Place::open().await;
    let program = place.program(Role::Analyst).await;
    let (_, entry) = withdrawn(&place, &program).await;
    let analyst = place.somebody(Role::Analyst).await;
    let path = format!("/entries/{entry}/edit");
    let form = place.get(&analyst, &path).await;
    let saved = [("note", "seen <b>at</b> the station"), ("reason", "a call")];
    let late = place.post(&analyst, &path, &saved).await;
    for answer in [&form, &late] {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        let said = "It is not as you thought: <bdi>analyst";
        assert!(answer.body.contains(said), "{}", answer.body);
    }
    for part in ["seen &#60;b&#62;at&#60;/b&#62; the station", "a call"] {
        assert!(late.body.contains(part), "{part}: {}", late.body);
    }
}
