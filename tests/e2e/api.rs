//! The API as programs meet it: what its document says is what happens, whatever is sent.

use std::process::Command;

use reqwest::{Client, RequestBuilder, header, redirect::Policy};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::{
    console::Console,
    program::Place,
    shared::{on_postgres, runtime},
    support::Tools,
};

/// A console for which a token is enough, and that is asked as often as a tool likes.
const OPEN: [(&str, &str); 2] = [
    ("SIGHTLINE__WEB__SECOND_FACTOR", "false"),
    ("SIGHTLINE__WEB__REQUESTS_PER_MINUTE", "100000"),
];

/// What is seen of every answer: no failure of ours; no status, media type, header or body but those of the document;
/// nothing without a token; nothing that takes a method which the document does not have.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,ignored_auth";
/// And this of what is not as the document has it; an identifier that is given is never so.
const STRICT: &str = "unsupported_method,negative_data_rejection";

/// A form, as a browser sends it.
pub fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = Serializer::new(String::new());
    body.extend_pairs(fields);
    let media_type = "application/x-www-form-urlencoded";
    request
        .header(header::CONTENT_TYPE, media_type)
        .body(body.finish())
}

/// Makes the first account by its link, and a token of it that may do everything.
pub async fn token_of_the_first(console: &Console) -> (String, String) {
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

/// What ends the token that asks, sooner or later: it is tried by a token of its own.
const ENDING: &str = "^/api/v1/((me/)?tokens/\\{id\\}/end|accounts/\\{id\\}/reset-second-factor)$";

/// Tries the operations that these arguments choose, and gives what was said of it.
fn try_out(tools: &Tools, place: &Place, (base, token): &(String, String), of: &[&str]) -> String {
    let ended = Command::new(tools.python("schemathesis"))
        .current_dir(place.path("."))
        .args(["run", &format!("{base}/api/v1/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        // A stream does not end.
        .args(["--exclude-path", "/api/v1/events"])
        .args(of)
        // One at a time: two threads of Python 3.11 that parse its own source at once disturb each other ("AST constructor
        // recursion depth mismatch"), now and then.
        .args(["--workers", "1", "--seed", "5", "--no-shrink"])
        .args(["--request-timeout", "20", "--continue-on-failure"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}\n{complaints}");
    said
}

/// What is there, told to the tool: of each family of resources one that exists, to be changed in whatever state.
async fn known((base, token): &(String, String)) -> String {
    let first = async |path: &str| -> Value {
        let asked = Client::new().get(format!("{base}/api/v1/{path}"));
        let asked = asked.bearer_auth(token).send().await.unwrap();
        let listed: Value = serde_json::from_str(&asked.text().await.unwrap()).unwrap();
        assert!(listed["items"][0].is_object(), "{path}: {listed}");
        listed["items"][0].clone()
    };
    let id = async |path: &str| first(path).await["id"].clone();
    let sighting = first("sightings").await;
    let mut told = String::new();
    for (family, id) in [
        ("watchlists", sighting["watchlist"].clone()),
        ("entries", sighting["entry"].clone()),
        ("sightings", sighting["id"].clone()),
        ("listings", sighting["listing"].clone()),
        ("captures", sighting["explanation"]["capture"].clone()),
        ("alerts", id("alerts").await),
        ("sources", id("sources").await),
        ("runs", id("runs").await),
        ("deliveries", id("deliveries?state=delivered").await),
        ("accounts", id("accounts").await),
    ] {
        told += &format!(
            "[[operations]]\ninclude-path-regex = \"^/api/v1/{family}/\"\n\
             parameters = {{ \"path.id\" = {id}, \"header.If-Match\" = \"*\" }}\n"
        );
    }
    let channel = first("channels").await["channel"].clone();
    told + &format!(
        "[[operations]]\ninclude-path-regex = \"^/api/v1/channels/\"\n\
         parameters = {{ \"path.name\" = {channel} }}\n"
    )
}

#[tokio::test]
async fn every_answer_is_as_the_document_says() {
    let Some(tools) = Tools::find() else { return };
    sightline_egress::install_crypto();
    let place = Place::after_the_demo();
    let console = Console::serve_with(&place, &OPEN);
    let program = token_of_the_first(&console).await;
    let all = ["--exclude-path-regex", ENDING];
    let strictly = format!("{CHECKS},{STRICT}");
    let widely = ["--phases", "examples,coverage", "--checks", &strictly];
    let said = try_out(&tools, &place, &program, &[&all[..], &widely].concat());
    // Who is let in nowhere meets nothing that could be wrong.
    assert!(!said.contains("Authentication failed"), "{said}");

    place.write("schemathesis.toml", &known(&program).await);
    let deeply = "--phases fuzzing --mode positive --max-examples 6 --checks";
    let deeply: Vec<&str> = deeply.split(' ').chain([CHECKS]).collect();
    let said = try_out(&tools, &place, &program, &[&all[..], &deeply].concat());
    assert!(!said.contains("Authentication failed"), "{said}");

    let ending = [
        "--include-path-regex",
        ENDING,
        "--max-examples",
        "6",
        "--checks",
        &strictly,
    ];
    try_out(&tools, &place, &program, &ending);
}

/// The other engine has its own ways to fail: each operation once more there, on what exists.
#[test]
fn the_same_is_so_on_postgresql() {
    let politeness = "unlimited = true\nconcurrency = 4";
    let Some((watching, _)) = on_postgres("api", politeness, "") else {
        return;
    };
    sightline_egress::install_crypto();
    watching.watch(&[("email", &watching.an_email())]);
    watching.crawl().ok();
    let (tools, place) = (&watching.tools, &watching.place);
    let console = Console::serve_with(place, &OPEN);
    let program = runtime().block_on(async {
        let program = token_of_the_first(&console).await;
        place.write("schemathesis.toml", &known(&program).await);
        program
    });
    let shortly = "--phases examples,fuzzing --mode positive --max-examples 2 --checks";
    let shortly = shortly.split(' ').chain([CHECKS]);
    let all = ["--exclude-path-regex", ENDING];
    let of: Vec<&str> = all.into_iter().chain(shortly).collect();
    let said = try_out(tools, place, &program, &of);
    assert!(!said.contains("Authentication failed"), "{said}");
}
