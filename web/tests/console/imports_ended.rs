//! What authors have ended, and what people here decided since: which counts, and that a report hides nothing of it.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use sightline_model::{Closed, Role, Severity};
use sightline_store::alerts;

use crate::{
    imports::{list_of, read_entry, sent},
    support::Place,
};

/// Of several endings of one entry the one counts that is where it came from, and the one that takes it off.
#[tokio::test]
async fn the_ending_that_counts_does_not_hang_on_the_order() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let event = |nth: usize, value: &str, more: &str| {
        let uuid = format!("00000000-0000-4000-8000-00000000002{nth}");
        format!(
            r#"{{"Event":{{"info":"x","uuid":"{uuid}","Attribute":[{{"type":"phone-number","value":"{value}","to_ids":true{more}}}]}}}}"#
        )
    };
    let deleted = r#","deleted":true"#;
    let over = r#","Sighting":[{"type":"2","date_sighting":"1600000000"}]"#;
    for (value, endings) in [
        ("+12025550161", [(2, deleted), (1, deleted)]),
        ("+12025550162", [(1, deleted), (2, deleted)]),
        ("+12025550163", [(2, deleted), (1, deleted)]),
        ("+12025550164", [(1, over), (1, deleted)]),
        ("+12025550165", [(1, deleted), (1, over)]),
    ] {
        let added = sent(&place, &program, list, "", &event(1, value, "")).await;
        let id = added["rows"][0]["entry"].clone();
        let [one, other] = endings.map(|(nth, more)| event(nth, value, more));
        let file = format!("[{one},{other}]");
        let told = sent(&place, &program, list, "update=true", &file).await;
        assert_eq!(
            (&told["ended"], &told["taken_off"]),
            (&json!(1), &json!(1)),
            "{told}"
        );
        let entry = read_entry(&place, &program, &id).await;
        assert_eq!(entry["standing"], "withdrawn", "{value}: {told}");
    }
}

/// A file is written in parts of 5,000 rows: two endings of one entry, far apart in it, are weighed together all the same, and
/// what would come of it is what comes of it.
#[tokio::test]
async fn of_endings_in_other_parts_of_a_file_the_same_one_counts() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let uuid = "00000000-0000-4000-8000-000000000041";
    let attribute = |value: &str| json!({"type": "phone-number", "value": value, "to_ids": true});
    let of_event = |attributes: &[Value]| {
        json!({"Event": {"info": "x", "uuid": uuid, "Attribute": attributes}}).to_string()
    };
    let asked = attribute("+12025550181");
    let added = sent(
        &place,
        &program,
        list,
        "",
        &of_event(std::slice::from_ref(&asked)),
    )
    .await;
    let mut over = asked.clone();
    over["Sighting"] = json!([{"type": "2", "date_sighting": "1600000000"}]);
    let mut deleted = asked;
    deleted["deleted"] = json!(true);
    let mut attributes = vec![over];
    attributes.extend((0..5_000).map(|nth| attribute(&format!("none {nth}"))));
    attributes.push(deleted);
    let file = of_event(&attributes);
    for query in ["update=true&dry_run=true", "update=true"] {
        let told = sent(&place, &program, list, query, &file).await;
        let counts = ["ended", "taken_off", "refused"].map(|count| told[count].clone());
        assert_eq!(counts, [json!(1), json!(1), json!(5_001)], "{query}");
        let rows = told["rows"].as_array().unwrap().iter();
        let ended: Vec<&Value> = rows.filter(|row| row["outcome"] == "ended").collect();
        assert_eq!(
            ended[0]["why"], "its author deleted it",
            "{query}: {ended:?}"
        );
    }
    let id = &added["rows"][0]["entry"];
    let entry = read_entry(&place, &program, id).await;
    assert_eq!(entry["standing"], "withdrawn");
}

/// The same file again does not undo what a person decided since, and the report says so.
#[tokio::test]
async fn what_a_person_decided_is_not_undone_by_the_file_that_came_before() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let uuid = "00000000-0000-4000-8000-000000000009";
    let event = |value: &str, more: &str| {
        format!(
            r#"{{"Event":{{"info":"x","uuid":"{uuid}","Attribute":[{{"type":"phone-number","value":"{value}"{more}}}]}}}}"#
        )
    };
    let asked = r#","to_ids":true"#;
    let deleted = r#","to_ids":true,"deleted":true"#;
    let over = r#","to_ids":true,"Sighting":[{"type":"2","date_sighting":"1600000000"}]"#;
    for (value, first, then, deed) in [
        ("+12025550191", "", "", "activate"),
        ("+12025550192", asked, over, "edit"),
        ("+12025550193", asked, deleted, "put back"),
    ] {
        let added = sent(&place, &program, list, "", &event(value, first)).await;
        let id = added["rows"][0]["entry"].clone();
        let path = format!("/api/v1/entries/{}", id.as_str().unwrap());
        if deed == "put back" {
            sent(&place, &program, list, "update=true", &event(value, then)).await;
            let read = read_entry(&place, &program, &id).await;
            assert_eq!(read["standing"], "withdrawn");
        }
        let tag = place.get(&program, &path).await;
        let tag = tag.header(header::ETAG).to_owned();
        let answer = match deed {
            "put back" => {
                let note = format!("MISP {uuid}");
                let draft = json!({"kind": "phone", "value": value, "note": note});
                let entries = format!("/api/v1/watchlists/{list}/entries");
                place.call(&program, &entries, draft).await
            }
            "edit" => {
                let until = json!({"fields": {"expires_at": "2028-01-01"}});
                let edit = format!("{path}/edit");
                place.call_if(&program, &edit, &tag, until).await
            }
            _ => {
                let activate = format!("{path}/activate");
                place.call_if(&program, &activate, &tag, json!({})).await
            }
        };
        assert!(answer.status.is_success(), "{deed}: {}", answer.body);
        let told = sent(&place, &program, list, "update=true", &event(value, then)).await;
        let row = &told["rows"][0];
        let flags = ["is_theirs", "is_kept", "is_done"].map(|flag| row[flag] == json!(true));
        assert_eq!(row["outcome"], "ended", "{deed}: {told}");
        assert_eq!(flags, [true, true, false], "{deed}: {told}");
        let read = read_entry(&place, &program, &id).await;
        assert_eq!(read["standing"], "active", "{deed}");
    }
}

/// Nobody is reminded of the alerts of what a file takes off its list: who imports it is told which nobody has closed.
#[tokio::test]
async fn alerts_of_what_a_file_takes_off_are_named() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let uuid = "00000000-0000-4000-8000-000000000051";
    let [open, closed] = [
        place.alert(Severity::Grave).await,
        place.alert(Severity::Grave).await,
    ];
    let mut gone = Vec::new();
    for alert in [&open, &closed] {
        let path = format!("/api/v1/entries/{}", alert.entry);
        let read = place.get(&program, &path).await;
        let tag = read.header(header::ETAG).to_owned();
        let value = read.json()["value"].clone();
        gone.push(json!({"type": "phone-number", "value": value, "deleted": true}));
        let note = json!({"fields": {"note": format!("MISP {uuid}")}});
        let edited = place
            .call_if(&program, &format!("{path}/edit"), &tag, note)
            .await;
        assert_eq!(edited.status, StatusCode::OK, "{}", edited.body);
    }
    let mut tx = place.write().await;
    alerts::close(&mut tx, closed.id, Closed::Confirmed, place.console.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let file = json!({"Event": {"info": "x", "uuid": uuid, "Attribute": gone}}).to_string();
    for (query, taken_off, left) in [
        ("", 0, Value::Null),
        ("update=true", 2, json!([open.id])),
        ("update=true", 0, Value::Null),
    ] {
        let told = sent(&place, &program, list, query, &file).await;
        let said = (&told["taken_off"], &told["unchased"]);
        assert_eq!(said, (&json!(taken_off), &left), "{query}: {told}");
    }
}

/// A row that tells of an ending and of more tells of both; a later row that says less strictly what an earlier one says is told.
#[tokio::test]
async fn nothing_that_a_file_did_or_did_not_do_is_hidden() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let event = |more: &str| {
        let uuid = "00000000-0000-4000-8000-000000000031";
        format!(
            r#"{{"Event":{{"info":"x","uuid":"{uuid}","Attribute":[{{"type":"phone-number","value":"+12025550171"{more}}}]}}}}"#
        )
    };
    sent(&place, &program, list, "", &event(r#","to_ids":true"#)).await;
    let more = r#","comment":"seen again","Tag":[{"name":"tlp:red"}]"#;
    let told = sent(&place, &program, list, "update=true", &event(more)).await;
    let row = &told["rows"][0];
    assert_eq!(
        (&row["outcome"], &told["updated"]),
        (&json!("ended"), &json!(1)),
        "{told}"
    );
    let updated = row["updated"].as_array().unwrap().iter();
    let updated: Vec<&Value> = updated.map(|one| &one["field"]).collect();
    assert!(updated.contains(&&json!("tlp")), "{told}");

    let file = "kind,value,tlp,category\nphone,+12025550172,red,victim\nphone,+12025550172,green,suspect\n";
    for query in ["", "update=true"] {
        let told = sent(&place, &program, list, query, file).await;
        let stays = told["rows"][1]["stays"].as_array().unwrap().iter();
        let stays: Vec<&Value> = stays.map(|one| &one["field"]).collect();
        assert!(
            stays.contains(&&json!("tlp")) && stays.contains(&&json!("category")),
            "{told}"
        );
    }
}
