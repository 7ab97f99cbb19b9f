//! The API, written: entries, lists, imports, sightings, sources, messages, tokens and accounts, as the console does them.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};
use sightline_model::{Role, Severity};
use sightline_store::{audit, sightings};

use crate::support::{Answer, Asker, Place};

#[track_caller]
fn ok(answer: Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

async fn list_of(place: &Place, program: &Asker) -> String {
    let lists = ok(place.get(program, "/api/v1/watchlists").await);
    lists["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_entry_is_looked_at_added_changed_and_taken_off() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let list = format!("/api/v1/watchlists/{}", list_of(&place, &program).await);
    let draft = json!({"kind": "email", "value": "Lotus@Example.COM"});
    let preview = ok(place
        .call(&program, &format!("{list}/preview"), draft.clone())
        .await);
    assert_eq!(preview["value"], "lotus@example.com");
    assert_eq!(preview["standing"], json!([]));
    let test = ok(place
        .call(&program, &format!("{list}/backtest?days=30"), draft.clone())
        .await);
    assert_eq!((&test["days"], &test["ever"]), (&json!(30), &json!(1)));
    let at = format!("{list}/entries");
    let refused = place.call(&program, &at, draft.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let keys: Vec<Value> = refused.json()["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].clone())
        .collect();
    assert!(
        keys.contains(&json!("purpose")) && keys.contains(&json!("legal_basis")),
        "{keys:?}"
    );
    let mut full = draft;
    for (name, value) in [
        ("purpose", "to find her"),
        ("legal_basis", "consent"),
        ("owner", "R. Analyst"),
        ("category", "victim"),
        ("review_at", "2027-01-01"),
    ] {
        full[name] = value.into();
    }
    let added = place.call(&program, &at, full.clone()).await;
    let tag = added.header(header::ETAG).to_owned();
    let added = ok(added);
    let entry = format!("/api/v1/entries/{}", added["entry"]["id"].as_str().unwrap());
    let again = place.call(&program, &at, full).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "it stands");
    let read = place.get(&program, &entry).await;
    // What is shown beside the entry has a part of the tag as well.
    let whole = read.header(header::ETAG).to_owned();
    assert!(whole.starts_with(tag.trim_end_matches('"')), "{whole}");
    assert_ne!(whole, tag);

    let edit = format!("{entry}/edit");
    let note = json!({"fields": {"note": "tall"}, "reason": "her sister said so"});
    let unsaid = place.call_if(&program, &edit, "", note.clone()).await;
    assert_eq!(unsaid.status, StatusCode::PRECONDITION_REQUIRED);
    let edited = place.call_if(&program, &edit, &tag, note.clone()).await;
    let new_tag = edited.header(header::ETAG).to_owned();
    assert_ne!(new_tag, tag);
    assert_eq!(ok(edited)["note"], "tall");
    let stale = place
        .call_if(&program, &edit, &tag, json!({"fields": {"note": "small"}}))
        .await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(stale.json()["type"], "/api/v1/problems#stale");
    let changed = json!({"fields": {"value": "+12025550199"}});
    let refused = place.call_if(&program, &edit, &new_tag, changed).await;
    assert!(!refused.status.is_success() && !refused.status.is_server_error());
    let review = json!({"fields": {"review_at": "2027-02-01"}, "reason": "still missing"});
    let reviewed = place
        .call_if(&program, &format!("{entry}/review"), &new_tag, review)
        .await;
    let last = reviewed.header(header::ETAG).to_owned();
    ok(reviewed);
    let why = json!({"reason": "she was found"});
    let off = place
        .call_if(&program, &format!("{entry}/withdraw"), &last, why)
        .await;
    assert_eq!(ok(off)["state"], "withdrawn");
    let full = ok(place.get(&program, &entry).await);
    let deeds: Vec<&Value> = full["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["deed"])
        .collect();
    assert_eq!(deeds, ["added", "edited", "reviewed", "withdrawn"]);
}

#[tokio::test]
async fn a_list_is_made_and_changed_by_who_has_seen_it() {
    let place = Place::open().await;
    let program = place.program(Role::Analyst).await;
    let new = json!({"name": "Harbour", "defaults": {"owner": "R. Analyst"}, "rules": {"severity": "grave"}});
    let made = place
        .call(&program, "/api/v1/watchlists", new.clone())
        .await;
    let tag = made.header(header::ETAG).to_owned();
    let made = ok(made);
    let at = format!("/api/v1/watchlists/{}", made["id"].as_str().unwrap());
    assert_eq!(made["rules"]["severity"], "grave");
    let taken = place
        .call(&program, "/api/v1/watchlists", new.clone())
        .await;
    assert_eq!(taken.json()["fields"][0]["key"], "name");
    let other = json!({"name": "Harbour", "rules": {"severity": "low"}});
    let edit = format!("{at}/edit");
    let changed = ok(place.call_if(&program, &edit, &tag, other.clone()).await);
    assert_eq!(changed["rules"]["severity"], "low");
    let stale = place.call_if(&program, &edit, &tag, new).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let read = place.get(&program, &at).await;
    let tag = read.header(header::ETAG);
    assert_eq!(
        place.call_if(&program, &edit, tag, other).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_file_is_looked_at_and_then_imported() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let list = list_of(&place, &program).await;
    let csv = "kind,value,purpose,legal_basis,owner,category,review_at\r\n\
               phone,+12025550177,find,consent,R,victim,2027-01-01\r\n\
               phone,=cmd(),find,consent,R,victim,2027-01-01\r\n";
    let send = async |query: &str| {
        let path = format!("/api/v1/watchlists/{list}/import?{query}");
        let body = Body::from(csv);
        let file = program.request(Method::POST, &path, body, "application/octet-stream");
        place.send(file).await
    };
    let dry = ok(send("dry_run=true&name=list.csv").await);
    assert_eq!(
        (&dry["report"]["added"], &dry["report"]["refused"]),
        (&json!(1), &json!(1))
    );
    let entries = format!("/api/v1/watchlists/{list}/entries");
    let many = async || {
        ok(place.get(&program, &entries).await)["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(many().await, 1, "nothing was kept");
    let done = ok(send("name=list.csv").await);
    assert_eq!(done["report"]["added"], 1);
    assert_eq!(done["report"]["rows"][1]["outcome"], "refused");
    let refused = done["refused"].as_str().unwrap();
    assert!(refused.contains("'=cmd()"), "{refused}");
    assert_eq!(many().await, 2);
    assert_eq!(
        send("columns=Telefon").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn what_is_on_the_list_already_takes_over_what_a_file_says() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let program = place.program(Role::Analyst).await;
    let list = list_of(&place, &program).await;
    let send = async |program: &Asker, query: &str, rows: &[&str]| {
        let path = format!("/api/v1/watchlists/{list}/import?name=list.csv&{query}");
        let head =
            "kind,value,purpose,legal_basis,owner,category,review_at,expires_at,severity,state";
        let body = Body::from(format!("{head}\r\n{}\r\n", rows.join("\r\n")));
        let file = program.request(Method::POST, &path, body, "application/octet-stream");
        ok(place.send(file).await)["report"].clone()
    };
    let said = "find,consent,R,victim,2027-06-01";
    let ends = format!("phone,+12025550177,{said},2026-11-24,,");
    let draft = format!("phone,+12025550178,{said},,,draft");
    let stays = format!("phone,+12025550179,{said},,grave,");
    let first = send(&program, "", &[&ends, &draft, &stays]).await;
    assert_eq!(first["added"], 3, "{first}");
    place.advance(std::time::Duration::from_secs(2 * 86_400));
    // Tokens of a test last for a day.
    let program = place.program(Role::Analyst).await;

    let longer = format!("phone,+12025550177,{said},2026-12-24,grave,");
    let active = format!("phone,+12025550178,{said},,,");
    let again = [longer.as_str(), active.as_str(), stays.as_str()];
    let fields = |row: &Value, of: &str| {
        let fields = row[of].as_array().cloned().unwrap_or_default();
        let names = fields
            .iter()
            .map(|one| one["field"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    // Without being asked for, it is only told: what is not looked for, and what the file says otherwise.
    let left = send(&program, "", &again).await;
    let counts = ["added", "updated", "duplicates", "idle", "differing"];
    assert_eq!(
        counts.map(|count| left[count].as_u64()),
        [0, 0, 3, 2, 2].map(Some),
        "{left}"
    );
    let rows = left["rows"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["standing"], &rows[1]["standing"]),
        (&json!("expired"), &json!("draft"))
    );
    assert_eq!(fields(&rows[0], "differs"), "expires_at severity");
    assert_eq!(fields(&rows[1], "differs"), "state");
    assert_eq!(fields(&rows[2], "differs"), "");

    let foreseen = send(&program, "update=true&dry_run=true", &again).await;
    let done = send(&program, "update=true", &again).await;
    for report in [&foreseen, &done] {
        assert_eq!(
            counts.map(|count| report[count].as_u64()),
            [0, 2, 1, 0, 0].map(Some),
            "{report}"
        );
        assert_eq!(fields(&report["rows"][0], "fields"), "expires_at severity");
    }
    let entry = done["rows"][0]["entry"].as_str().unwrap();
    let read = ok(place
        .get(&program, &format!("/api/v1/entries/{entry}"))
        .await);
    assert_eq!(
        (&read["standing"], &read["severity"]),
        (&json!("active"), &json!("grave"))
    );
    let change = read["changes"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&change["deed"], &change["reason"]),
        (
            &json!("edited"),
            &json!("from the file list.csv, by the API")
        )
    );
    let activated = done["rows"][1]["entry"].as_str().unwrap();
    let read = ok(place
        .get(&program, &format!("/api/v1/entries/{activated}"))
        .await);
    assert_eq!(
        read["changes"].as_array().unwrap().last().unwrap()["deed"],
        "activated"
    );
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Default::default()).await.unwrap();
    assert!(
        log.iter()
            .any(|line| line.deed.detail.starts_with("0 entries added, 2 updated")),
        "{log:?}"
    );
    drop(tx);

    // Whoever adds by hand is told the same.
    let add = format!("/api/v1/watchlists/{list}/entries");
    place.advance(std::time::Duration::from_secs(60 * 86_400));
    let program = place.program(Role::Analyst).await;
    let draft = json!({"kind": "phone", "value": "+12025550177", "purpose": "find", "legal_basis": "consent", "owner": "R",
        "category": "victim", "review_at": "2027-06-01", "expires_at": "2027-03-01"});
    let refused = place.call(&program, &add, draft).await;
    for words in ["its last day was 2026-12-24", "expires_at"] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_sighting_is_judged_once() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let program = place.program(Role::Investigator).await;
    let mut tx = place.write().await;
    let found = sightings::list(&mut tx, &Default::default()).await.unwrap();
    drop(tx);
    let at = format!("/api/v1/sightings/{}/verdict", found[0].id);
    let word = json!({"verdict": "rejected", "why": "another Rose"});
    assert_eq!(
        ok(place.call(&program, &at, word.clone()).await)["new"],
        true
    );
    assert_eq!(ok(place.call(&program, &at, word).await)["new"], false);
    let back = ok(place.call(&program, &at, json!({"verdict": null})).await);
    assert_eq!(back["said"]["verdict"], Value::Null);
    let read = ok(place.get(&program, &at.replace("/verdict", "")).await);
    assert_eq!(read["verdicts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_operator_does_what_the_console_lets_them() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let program = place.program(Role::Operator).await;
    let sources = ok(place.get(&program, "/api/v1/sources").await);
    let at = format!(
        "/api/v1/sources/{}",
        sources["items"][0]["id"].as_str().unwrap()
    );
    for (deed, state) in [("pause", "paused"), ("resume", "active")] {
        let row = ok(place
            .call(&program, &format!("{at}/{deed}"), json!({}))
            .await);
        assert_eq!(row["state"], state);
    }
    let run = place.call(&program, &format!("{at}/run"), json!({})).await;
    assert_eq!(run.status, StatusCode::CONFLICT, "it is not crawled here");
    let word = json!({"kind": "email", "value": "Lotus@example.com", "state": "declared", "reason": "the hotline"});
    let own = ok(place.call(&program, &format!("{at}/furniture"), word).await);
    assert_eq!(own["items"][0]["value"], "lotus@example.com");
    let silent =
        json!({"kind": "email", "value": "a@example.com", "state": "declared", "reason": " "});
    let refused = place
        .call(&program, &format!("{at}/furniture"), silent)
        .await;
    assert_eq!(refused.json()["fields"][0]["key"], "reason");
    for (path, status) in [
        ("channels/none/test", StatusCode::NOT_FOUND),
        ("channels/none/enable", StatusCode::NOT_FOUND),
        ("channels/lost/test", StatusCode::CONFLICT),
    ] {
        let answer = place
            .call(&program, &format!("/api/v1/{path}"), json!({}))
            .await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let channels = ok(place.get(&program, "/api/v1/channels").await);
    for channel in channels["items"].as_array().unwrap() {
        let path = format!(
            "/api/v1/channels/{}/enable",
            channel["channel"].as_str().unwrap()
        );
        let answer = place.call(&program, &path, json!({})).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "it is not off");
    }
}

#[tokio::test]
async fn a_token_makes_no_token_that_may_more_or_holds_longer() {
    let place = Place::open().await;
    let account = place.account(Role::Analyst).await;
    let scopes = ["alerts.read", "listings.read", "account.own"]
        .map(str::to_owned)
        .to_vec();
    let program = place.token(&account, scopes).await;
    let wanted = json!({"name": "child", "days": 300, "scopes": ["alerts.read"]});
    let made = ok(place.call(&program, "/api/v1/me/tokens", wanted).await);
    assert_eq!(made["token"]["scopes"], json!(["alerts.read"]));
    let theirs = ok(place.get(&program, "/api/v1/me/tokens").await);
    let ends: Vec<&Value> = theirs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["expires_at"])
        .collect();
    assert_eq!(ends[0], ends[1]);
    let child = Asker {
        cookie: None,
        token: Some(made["secret"].as_str().unwrap().to_owned()),
    };
    let me = ok(place.get(&child, "/api/v1/me").await);
    assert_eq!(me["permissions"], json!(["alerts.read"]));
    let end = format!(
        "/api/v1/me/tokens/{}/end",
        made["token"]["id"].as_str().unwrap()
    );
    ok(place.call(&program, &end, json!({})).await);
    let ended = place.get(&child, "/api/v1/me").await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    let nothing = json!({"name": "x", "days": 1, "scopes": ["audit.read"]});
    let refused = place.call(&program, "/api/v1/me/tokens", nothing).await;
    assert_eq!(refused.json()["fields"][0]["key"], "scopes");
}

#[tokio::test]
async fn an_administrator_invites_changes_and_disables() {
    let place = Place::open().await;
    let program = place.program(Role::Administrator).await;
    let other = place.account(Role::Analyst).await;
    let invited = ok(place
        .call(&program, "/api/v1/invitations", json!({"role": "auditor"}))
        .await);
    let link = invited["link"].as_str().unwrap();
    let link = link.strip_prefix("http://127.0.0.1:8787").unwrap();
    assert_eq!(
        place.get(&Asker::nobody(), link).await.status,
        StatusCode::OK
    );
    let held = ok(place.get(&program, "/api/v1/invitations").await);
    let withdraw = format!(
        "/api/v1/invitations/{}/withdraw",
        held["items"][0]["id"].as_str().unwrap()
    );
    ok(place.call(&program, &withdraw, json!({})).await);
    assert_eq!(
        place.get(&Asker::nobody(), link).await.status,
        StatusCode::NOT_FOUND
    );
    let at = format!("/api/v1/accounts/{}", other.id);
    let session = place.known(&other, sightline_model::Stage::SignedIn).await;
    let role = ok(place
        .call(&program, &format!("{at}/role"), json!({"role": "operator"}))
        .await);
    assert_eq!(role["role"], "operator");
    assert_eq!(
        place.get(&session, "/account").await.status,
        StatusCode::SEE_OTHER
    );
    let off = ok(place
        .call(&program, &format!("{at}/disable"), json!({}))
        .await);
    assert!(off["disabled_at"].is_string());
    let on = ok(place
        .call(&program, &format!("{at}/enable"), json!({}))
        .await);
    assert_eq!(on["disabled_at"], Value::Null);
    ok(place
        .call(&program, &format!("{at}/reset-second-factor"), json!({}))
        .await);
    place.known(&other, sightline_model::Stage::SignedIn).await;
    let open = ok(place.get(&program, "/api/v1/sessions").await);
    let end = format!(
        "/api/v1/sessions/{}/end",
        open["items"][0]["id"].as_str().unwrap()
    );
    ok(place.call(&program, &end, json!({})).await);
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Default::default()).await.unwrap();
    for what in [
        "account.set_role",
        "account.disable",
        "account.enable",
        "session.end",
    ] {
        assert!(log.iter().any(|one| one.deed.what == what), "{what}");
    }
}
