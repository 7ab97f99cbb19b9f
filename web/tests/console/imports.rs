//! A file of entries: uploaded, looked at, imported; its refused rows given back.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde_json::{Value, json};
use sightline_casework::import;
use sightline_model::*;
use sightline_store::{Filter, entries, watchlists};
use sightline_watchlists::{
    EntryDefaults, Terms,
    import::{ImportError, Options},
};

use crate::support::{Answer, Asker, Place, START};

/// A file with a good row, a repetition, a bad row, and what would act in a table of somebody's office.
const FILE: &str = "Telefon,purpose,note\n+1 202 555 0177,to find her,<script>alert(1)</script>\n+12025550177,again,\nnonsense,=cmd|' /C calc'!A0,\u{202e}x\n";

pub(super) async fn list_of(place: &Place) -> WatchlistId {
    let alert = place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let mut list = watchlists::get(&mut tx, alert.watchlist)
        .await
        .unwrap()
        .unwrap();
    list.defaults = serde_json::json!({
        "purpose": "to find her", "legal_basis": "order 1/26", "owner": "R. A.", "category": "victim",
        "review_after_days": 90
    });
    watchlists::update(&mut tx, &list).await.unwrap();
    tx.commit().await.unwrap();
    list.id
}

pub(super) async fn upload(
    place: &Place,
    who: &Asker,
    list: WatchlistId,
    name: &str,
    content: impl AsRef<[u8]>,
) -> Answer {
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"region\"\r\n\r\nus\r\n--edge\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nphone\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n"
    );
    let body = [head.as_bytes(), content.as_ref(), b"\r\n--edge--\r\n"].concat();
    let path = format!("/watchlists/{list}/import");
    let form = "multipart/form-data; boundary=edge";
    let mut request = who.request(Method::POST, &path, Body::from(body), form);
    request
        .headers_mut()
        .insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    place.send(request).await
}

async fn on_list(place: &Place) -> usize {
    let mut tx = place.write().await;
    let filter = Filter {
        limit: 10_000,
        ..Filter::default()
    };
    entries::list(&mut tx, &filter).await.unwrap().len()
}

#[test]
fn a_file_of_more_rows_than_are_read_is_refused_before_anything_is_kept() {
    let (mint, defaults) = (Mint::seeded(1), EntryDefaults::default());
    let terms = || Terms {
        watchlist: mint.id(START),
        defaults: &defaults,
        region: None,
        now: START,
        mint: &mint,
    };
    let options = |most| Options {
        most,
        ..Options::default()
    };
    let file = b"kind,value\nphone,1\nphone,2\nphone,3\n";
    assert!(import::read(file, "a.csv", &options(Some(3)), terms()).is_ok());
    let refused = import::read(file, "a.csv", &options(Some(2)), terms());
    assert!(matches!(refused, Err(ImportError::TooMany { most: 2 })));
    // What only says that something is over counts as well.
    let gone = json!({"type": "phone-number", "value": "+12025550123", "deleted": true});
    let event = json!({"Event": {"info": "x", "Attribute": vec![gone; 3]}}).to_string();
    assert!(import::read(event.as_bytes(), "a.json", &options(Some(3)), terms()).is_ok());
    let refused = import::read(event.as_bytes(), "a.json", &options(Some(2)), terms());
    assert!(matches!(refused, Err(ImportError::TooMany { most: 2 })));
}

#[tokio::test]
async fn a_file_is_looked_at_before_it_is_imported() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let analyst = place.somebody(Role::Analyst).await;
    let form = place
        .get(&analyst, &format!("/watchlists/{list}/import"))
        .await;
    assert!(
        form.body.contains("enctype=\"multipart/form-data\""),
        "{}",
        form.body
    );
    let sent = upload(&place, &analyst, list, "<b>\u{202e}.csv", FILE).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let looked = sent.header(header::LOCATION).to_owned();
    let page = place.get(&analyst, &looked).await;
    for part in [
        "<strong>1</strong> would be added",
        "<strong>1</strong> duplicate ",
        "<strong>1</strong> refused",
        "phone +12025550177",
        "Together they would have raised 0 alerts on 0 listings",
        "the same as",
        "&#60;b&#62;\\u{202e}.csv",
        "Telefon",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script>alert") && !page.body.contains('\u{202e}'));
    assert_eq!(on_list(&place).await, 1, "nothing was added yet");
    // The refused row comes back as it was, but for what would act in a spreadsheet.
    let query = looked.split_once('?').unwrap().1;
    let refused = place
        .get(
            &analyst,
            &format!("/watchlists/{list}/import/refused?{query}"),
        )
        .await;
    assert_eq!(
        refused.header(header::CONTENT_DISPOSITION),
        "attachment; filename=\"refused.csv\""
    );
    assert!(refused.body.contains("nonsense") && !refused.body.contains("+12025550177"));
    assert!(!refused.body.contains(",=cmd"), "{}", refused.body);
    // Another reading of the same columns; one that leaves nothing to read is told, and can be said otherwise.
    let otherwise = place
        .get(&analyst, &format!("{looked}&map=note%3D-&map="))
        .await;
    assert!(
        otherwise.body.contains("<strong>1</strong> would be added"),
        "{}",
        otherwise.body
    );
    let nothing = place
        .get(&analyst, &format!("{looked}&map=Telefon%3D-"))
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nothing.body.contains("name=\"map\" value=\"Telefon=-\""),
        "{}",
        nothing.body
    );
    // Nobody else sees the file.
    let other = place.somebody(Role::Analyst).await;
    assert_eq!(
        place.get(&other, &looked).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let file = query
        .split("file=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let fields = [
        ("file", file),
        ("kind", "phone"),
        ("region", "us"),
        ("map", ""),
    ];
    let confirm = format!("/watchlists/{list}/import/confirm");
    let theirs = place.post(&other, &confirm, &fields).await;
    assert_eq!(theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = place.post(&analyst, &confirm, &fields).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(
        done.body.contains("<strong>1</strong> added"),
        "{}",
        done.body
    );
    assert_eq!(on_list(&place).await, 2);
    let again = place.post(&analyst, &confirm, &fields).await;
    assert!(
        again.body.contains("<strong>0</strong> added"),
        "{}",
        again.body
    );
}

#[tokio::test]
async fn what_is_no_file_of_entries_says_so() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let analyst = place.somebody(Role::Analyst).await;
    let empty = upload(&place, &analyst, list, "empty.csv", "").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("id=\"file-fault\""), "{}", empty.body);
    let sent = upload(&place, &analyst, list, "x.json", "{\"type\": \"bundle\"").await;
    let page = place.get(&analyst, sent.header(header::LOCATION)).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.body
    );
    let huge = "x".repeat(17 * 1024 * 1024);
    let refused = upload(&place, &analyst, list, "huge.csv", &huge).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    let large = format!("value\n{}", "+12025550178\n".repeat(100_000));
    let taken = upload(&place, &analyst, list, "large.csv", &large).await;
    assert_eq!(
        taken.status,
        StatusCode::SEE_OTHER,
        "more than other forms may send"
    );
}

#[tokio::test]
async fn others_write_while_a_file_is_looked_at_and_between_its_parts() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let analyst = place.somebody(Role::Analyst).await;
    let rows = 5_001;
    let mut file = "kind,value\n".to_owned();
    for nth in 0..rows {
        file += &format!("email,rose{nth}@example.org\n");
    }
    let sent = upload(&place, &analyst, list, "many.csv", &file).await;
    let looked = sent.header(header::LOCATION).to_owned();
    // Who looks at a file never takes the writer.
    let held = place.write().await;
    let page = place.get(&analyst, &looked).await;
    assert!(
        page.body.contains("<strong>5001</strong> would be added"),
        "{}",
        page.body
    );
    held.rollback().await.unwrap();

    let (_, file) = looked.split_once("file=").unwrap();
    let file = file.split('&').next().unwrap();
    let confirm = format!("/watchlists/{list}/import/confirm");
    let fields = [("file", file), ("state", "draft")];
    let import = place.post(&analyst, &confirm, &fields);
    // Each look takes the writer, as the commit of a crawl does.
    let others = async {
        let mut stood = vec![on_list(&place).await];
        while stood.last().is_some_and(|last| *last <= rows) {
            stood.push(on_list(&place).await);
        }
        stood
    };
    let (done, stood) = tokio::join!(import, others);
    assert!(
        done.body.contains("<strong>5001</strong> added"),
        "{}",
        done.body
    );
    assert_eq!(stood[0], 1, "somebody wrote while the file was read");
    assert!(
        stood.contains(&5_001),
        "somebody wrote between its parts: {:?}",
        &stood[stood.len() - 3..]
    );
}

/// What came of the rows of a file that a program sends.
pub(super) async fn sent(
    place: &Place,
    who: &Asker,
    list: WatchlistId,
    query: &str,
    file: &str,
) -> Value {
    let path = format!("/api/v1/watchlists/{list}/import?name=partner.json&{query}");
    let body = Body::from(file.to_owned());
    let answer = place
        .send(who.request(Method::POST, &path, body, "application/octet-stream"))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()["report"].clone()
}

pub(super) async fn read_entry(place: &Place, who: &Asker, id: &Value) -> Value {
    let path = format!("/api/v1/entries/{}", id.as_str().unwrap());
    let answer = place.get(who, &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn what_its_author_has_ended_is_told_and_ended_where_it_came_from_there() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let indicator = |more: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000007","pattern":"[url:value = 'https://a.example/']"{more}}}"#
        )
    };
    let event = |value: &str, more: &str| {
        format!(
            r#"{{"Event":{{"info":"x","uuid":"00000000-0000-4000-8000-000000000008","Attribute":[{{"type":"phone-number","value":"{value}"{more}}}]}}}}"#
        )
    };
    let [one, two, three] = ["+12025550181", "+12025550182", "+12025550183"];
    let ids = r#","to_ids":true"#;
    for (first, then, why, standing, deed) in [
        (
            indicator(""),
            indicator(r#","revoked":true"#),
            "its author took it back",
            "withdrawn",
            "withdrawn",
        ),
        // The same, back on the list.
        (
            indicator(""),
            indicator(r#","valid_until":"2026-01-01T00:00:00Z""#),
            "its author let it end on 2026-01-01",
            "expired",
            "edited",
        ),
        (
            event(one, ids),
            event(one, r#","to_ids":true,"deleted":true"#),
            "its author deleted it",
            "withdrawn",
            "withdrawn",
        ),
        (
            event(two, ids),
            event(two, r#","to_ids":false"#),
            "its author does not ask that it be looked for",
            "draft",
            "edited",
        ),
        (
            event(three, ids),
            event(
                three,
                r#","to_ids":true,"Sighting":[{"type":"2","date_sighting":"1600000000"}]"#,
            ),
            "its author let it end on 2020-09-13",
            "expired",
            "edited",
        ),
    ] {
        let added = sent(&place, &program, list, "", &first).await;
        let id = added["rows"][0]["entry"].clone();
        assert_eq!(added["added"], 1, "{added}");
        // Without being asked for it is told, and nothing is changed; a dry run changes nothing either.
        for (query, is_done) in [("", false), ("update=true&dry_run=true", true)] {
            let told = sent(&place, &program, list, query, &then).await;
            let row = &told["rows"][0];
            assert_eq!(
                (&row["outcome"], &row["why"], &row["entry"], &row["is_done"]),
                (&json!("ended"), &json!(why), &id, &json!(is_done)),
                "{told}"
            );
            assert_eq!((&told["ended"], &told["refused"]), (&json!(1), &json!(0)));
            let read = read_entry(&place, &program, &id).await;
            assert_eq!(read["standing"], "active", "{then}");
        }
        let done = sent(&place, &program, list, "update=true", &then).await;
        assert_eq!(done["taken_off"], 1, "{done}");
        let read = read_entry(&place, &program, &id).await;
        assert_eq!(read["standing"], standing, "{then}");
        let last = read["changes"].as_array().unwrap().last().unwrap();
        assert_eq!(last["deed"], deed, "{last}");
        let reason = last["reason"].as_str().unwrap();
        assert!(
            reason.starts_with(why) && reason.contains("partner.json"),
            "{reason}"
        );
        // It is no news any more.
        let again = sent(&place, &program, list, "update=true", &then).await;
        assert_eq!(again["ended"], 0, "{again}");
    }
}

#[tokio::test]
async fn what_others_still_look_for_is_not_ended() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let object = |id: u8, more: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-00000000000{id}","pattern":"[url:value = 'https://a.example/']"{more}}}"#
        )
    };
    let revoked = r#","revoked":true"#;
    // Somebody put it there for reasons of their own.
    let by_hand = sent(
        &place,
        &program,
        list,
        "",
        "kind,value\nurl,https://a.example/\n",
    )
    .await;
    let id = by_hand["rows"][0]["entry"].clone();
    let told = sent(&place, &program, list, "update=true", &object(1, revoked)).await;
    assert_eq!(
        (
            &told["ended"],
            &told["taken_off"],
            &told["rows"][0]["is_theirs"]
        ),
        (&json!(1), &json!(0), &json!(false)),
        "{told}"
    );
    // Another of the same file looks for it.
    let file = format!("[{},{}]", object(1, revoked), object(2, ""));
    let told = sent(&place, &program, list, "update=true", &file).await;
    assert_eq!(
        (&told["ended"], &told["refused"]),
        (&json!(0), &json!(1)),
        "{told}"
    );
    assert_eq!(
        read_entry(&place, &program, &id).await["standing"],
        "active"
    );
}

#[tokio::test]
async fn what_protects_people_is_not_loosened_by_a_file() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let row = |tlp: &str, category: &str, severity: &str| {
        format!(
            "kind,value,tlp,category,severity\nphone,+12025550184,{tlp},{category},{severity}\n"
        )
    };
    let first = sent(&place, &program, list, "", &row("red", "victim", "low")).await;
    let id = first["rows"][0]["entry"].clone();
    let looser = row("green", "suspect", "grave");
    let left = sent(&place, &program, list, "", &looser).await;
    let done = sent(&place, &program, list, "update=true", &looser).await;
    for (report, outcome) in [(&left, "duplicate"), (&done, "updated")] {
        let row = &report["rows"][0];
        assert_eq!(row["outcome"], outcome, "{row}");
        let stays = row["stays"].as_array().unwrap();
        let stays: Vec<&str> = stays
            .iter()
            .map(|one| one["field"].as_str().unwrap())
            .collect();
        assert_eq!(stays, ["category", "tlp"], "{row}");
    }
    let read = read_entry(&place, &program, &id).await;
    assert_eq!(
        (&read["tlp"], &read["category"], &read["severity"]),
        (&json!("red"), &json!("victim"), &json!("grave"))
    );
}
