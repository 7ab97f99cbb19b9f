//! A file of entries: uploaded, looked at, imported; its refused rows given back.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
};
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

async fn list_of(place: &Place) -> WatchlistId {
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

async fn upload(
    place: &Place,
    who: &Asker,
    list: WatchlistId,
    name: &str,
    content: &str,
) -> Answer {
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"region\"\r\n\r\nus\r\n--edge\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nphone\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--edge--\r\n"
    );
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
        "<strong>1</strong> duplicates",
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
