//! Who has the machine lets somebody in again who can't.

use reqwest::{Client, StatusCode, redirect::Policy};

use crate::{
    api::{form, token_of_the_first},
    console::Console,
    program::Place,
};

/// Asks for the API with this token.
async fn asked(base: &str, token: &str) -> StatusCode {
    let me = Client::new().get(format!("{base}/api/v1/me"));
    me.bearer_auth(token).send().await.unwrap().status()
}

#[tokio::test]
async fn the_only_administrator_gets_back_by_a_link_of_the_machine() {
    sightline_egress::install_crypto();
    let place = Place::with_instance();
    let none = place.run(["account", "list"]);
    assert!(none.err.contains("Nobody has an account"), "{}", none.err);
    let settings = [("SIGHTLINE__WEB__SECOND_FACTOR", "false")];
    let console = Console::serve_with(&place, &settings);
    let (base, token) = token_of_the_first(&console).await;
    assert_eq!(asked(&base, &token).await, StatusCode::OK);
    let listed = place.run(["--json", "account", "list"]).records();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["role"]),
        (&"Program".into(), &"administrator".into())
    );
    let nobody = place.run(["account", "reset-link", "Nobody"]);
    assert_eq!(nobody.status, 1);
    let made = place.run(["--json", "account", "reset-link", "program"]);
    let made = made.records().remove(0);
    let (_, secret) = made["link"]
        .as_str()
        .unwrap()
        .split_once("/reset/")
        .unwrap();
    let link = format!("{base}/reset/{secret}");
    let browser = Client::builder().redirect(Policy::none()).build().unwrap();
    let new = "another lotus in the rain";
    let chosen = [("password", new), ("tokens", "end")];
    for status in [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND] {
        let answer = form(browser.post(&link), &chosen).send().await.unwrap();
        assert_eq!(answer.status(), status, "it works once");
    }
    assert_eq!(asked(&base, &token).await, StatusCode::UNAUTHORIZED);
    let said = [("name", "Program"), ("password", new)];
    let sign_in = form(browser.post(format!("{base}/sign-in")), &said);
    let signed_in = sign_in.send().await.unwrap();
    assert_eq!(signed_in.status(), StatusCode::SEE_OTHER);
    // The last administrator stays one, for the machine as well.
    let last = place.run(["account", "disable", "Program"]);
    assert_eq!(last.status, 1);
    assert_eq!(place.run(["account", "enable", "Program"]).status, 0);
}
