//! The API as programs meet it: what its document says is what happens, whatever is sent.

use std::process::Command;

use reqwest::{Client, RequestBuilder, header, redirect::Policy};
use url::form_urlencoded::Serializer;

use crate::{console::Console, program::Place, support::Tools};

/// What is seen of every answer: no failure of ours; no status, media type, header or body but those of the document;
/// nothing without a token; nothing that takes a method which the document does not have.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,unsupported_method,\
                      negative_data_rejection,ignored_auth";

/// A form, as a browser sends it.
fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = Serializer::new(String::new());
    body.extend_pairs(fields);
    let media_type = "application/x-www-form-urlencoded";
    request
        .header(header::CONTENT_TYPE, media_type)
        .body(body.finish())
}

/// Makes the first account by its link, and a token of it that may do everything.
async fn token_of_the_first(console: &Console) -> (String, String) {
    // The demonstration's public address is an example.
    let base = format!("http://{}", console.listening);
    let (_, secret) = console.first_account.split_once("/welcome/").unwrap();
    let link = format!("{base}/welcome/{secret}");
    let browser = Client::builder().redirect(Policy::none()).build().unwrap();
    let chosen = [
        ("name", "Program"),
        ("password", "a horse and a lotus in the rain"),
    ];
    let made = form(browser.post(link), &chosen).send().await.unwrap();
    let cookie = made.headers().get(header::SET_COOKIE);
    let cookie = cookie.expect("they are signed in").to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = |path: &str| format!("{base}{path}");
    let account = browser
        .get(page("/account"))
        .header(header::COOKIE, &cookie);
    let account = account.send().await.unwrap().text().await.unwrap();
    let scopes = account.split("name=\"scopes\" value=\"").skip(1);
    let scopes = scopes.map(|rest| ("scopes", rest.split('"').next().unwrap()));
    let asked: Vec<(&str, &str)> = [("name", "all"), ("days", "1")]
        .into_iter()
        .chain(scopes)
        .collect();
    assert!(asked.len() > 10, "{account}");
    let made = browser
        .post(page("/account/tokens"))
        .header(header::COOKIE, &cookie);
    let made = form(made, &asked)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let (_, rest) = made.split_once("<code class=\"letters\">").expect(&made);
    (base, rest.split('<').next().unwrap().to_owned())
}

#[tokio::test]
async fn every_answer_is_as_the_document_says() {
    let Some(tools) = Tools::find() else { return };
    let place = Place::after_the_demo();
    let console = Console::serve_with(
        &place,
        &[
            ("SIGHTLINE__WEB__SECOND_FACTOR", "false"),
            ("SIGHTLINE__WEB__REQUESTS_PER_MINUTE", "100000"),
        ],
    );
    let (base, token) = token_of_the_first(&console).await;
    let ended = Command::new(tools.python("schemathesis"))
        .current_dir(place.path("."))
        .args(["run", &format!("{base}/api/v1/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS])
        // A stream does not end.
        .args(["--exclude-path", "/api/v1/events"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "8", "--seed", "5", "--workers", "2"])
        .args(["--request-timeout", "20", "--continue-on-failure"])
        .arg("--no-shrink")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}\n{complaints}");
    // It has tried them all.
    assert!(!said.contains("0 selected"), "{said}");
}
