//! Files that are not in Unicode: the encoding is guessed, said, and can be named in the console as in the API.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sightline_model::Role;
use sightline_store::{Filter, entries};

use crate::{
    imports::{list_of, upload},
    support::{Answer, Place},
};

/// `kind,value,owner`, and a number whose owner is 王小明与李华在城里, in GBK.
const GBK: &[u8] = b"kind,value,owner\nphone,+1 202 555 0177,\xcd\xf5\xd0\xa1\xc3\xf7\xd3\xeb\xc0\xee\xbb\xaa\xd4\xda\xb3\xc7\xc0\xef\n";
const OWNER: &str = "王小明与李华在城里";
const UNKNOWN: &str = "'klingon' is not an encoding that is known here";

#[tokio::test]
async fn the_console_reads_a_file_in_the_encoding_that_is_named() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let analyst = place.somebody(Role::Analyst).await;
    let sent = upload(&place, &analyst, list, "list.csv", GBK).await;
    let looked = sent.header(header::LOCATION).to_owned();
    let page = place.get(&analyst, &looked).await;
    for part in [
        "it was read as",
        "say which encoding it is in",
        "<details open><summary>Read it otherwise",
        "id=\"encoding\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("--encoding"), "{}", page.body);
    let unknown = place
        .get(&analyst, &format!("{looked}&encoding=klingon"))
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "id=\"encoding-fault\"",
        "value=\"klingon\"",
        "is not an encoding",
    ] {
        assert!(unknown.body.contains(part), "{part}: {}", unknown.body);
    }
    let named = place.get(&analyst, &format!("{looked}&encoding=gbk")).await;
    assert!(named.body.contains("it was read as GBK"), "{}", named.body);
    // It is imported as it was looked at.
    let (_, rest) = named.body.split_once("/import/confirm").unwrap();
    let (form, _) = rest.split_once("</form>").unwrap();
    assert!(form.contains("name=\"encoding\" value=\"gbk\""), "{form}");
    let (_, query) = looked.split_once('?').unwrap();
    let typed: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let mut typed: Vec<(&str, &str)> = typed
        .iter()
        .map(|(key, value)| (&**key, &**value))
        .collect();
    typed.push(("encoding", "gbk"));
    let confirm = format!("/watchlists/{list}/import/confirm");
    let done = place.post(&analyst, &confirm, &typed).await;
    assert!(
        done.body.contains("<strong>1</strong> added"),
        "{}",
        done.body
    );
    assert_eq!(owners(&place).await, [OWNER]);
}

#[tokio::test]
async fn a_program_names_the_encoding_of_a_file() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let send = async |query: &str| -> Answer {
        let path = format!("/api/v1/watchlists/{list}/import?name=list.csv&{query}");
        let body = Body::from(GBK);
        let file = program.request(Method::POST, &path, body, "application/octet-stream");
        place.send(file).await
    };
    let guessed = send("dry_run=true").await.json();
    let notes = guessed["notes"].to_string();
    assert!(notes.contains("say which encoding it is in"), "{notes}");
    let unknown = send("encoding=klingon").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.body.contains(UNKNOWN), "{}", unknown.body);
    assert!(unknown.body.contains("\"encoding\""), "{}", unknown.body);
    let done = send("encoding=gbk").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(owners(&place).await, [OWNER]);
}

/// Whose the entry is that the file puts on its list.
async fn owners(place: &Place) -> Vec<String> {
    let mut tx = place.write().await;
    let entries = entries::list(&mut tx, &Filter::default()).await.unwrap();
    let new = entries.into_iter();
    let new = new.filter(|entry| entry.selector.value == "+12025550177");
    new.map(|entry| entry.owner).collect()
}
