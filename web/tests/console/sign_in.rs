//! Signing in: the first account, the second factor, sessions and their ends, and patience with whoever guesses.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sightline_model::{Role, Severity, Stage};
use sightline_store::{Filter, audit};
use sightline_web::{first_link, sign_in::SecondFactor};

use crate::support::{Answer, Asker, Place};

pub const PASSWORD: &str = "correct horse battery";
const MINUTE: Duration = Duration::from_secs(60);

/// What stands between two parts of a page.
pub fn between<'a>(answer: &'a Answer, before: &str, after: &str) -> &'a str {
    let (_, rest) = answer
        .body
        .split_once(before)
        .unwrap_or_else(|| panic!("{before} in {}", answer.body));
    rest.split_once(after).unwrap().0
}

/// Makes the first account by its link, and gives its browser, its second factor and its recovery codes.
pub async fn first_account(place: &Place) -> (Asker, SecondFactor, Vec<String>) {
    let at = "127.0.0.1:8787".parse().unwrap();
    let link = first_link(&place.console, at).await.unwrap().unwrap();
    let path = link
        .strip_prefix("http://127.0.0.1:8787")
        .unwrap()
        .to_owned();
    let mut browser = Asker::nobody();
    assert!(
        place
            .get(&browser, &path)
            .await
            .body
            .contains("administrator")
    );
    let short = place
        .post(
            &browser,
            &path,
            &[("name", "Zoë Ng"), ("password", "short")],
        )
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        short.body.contains("value=\"Zoë Ng\""),
        "what was typed is kept"
    );
    let made = place
        .post(
            &browser,
            &path,
            &[("name", "Zoë Ng"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(
        (made.status, made.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/enrol")
    );
    browser.keep(&made);
    // The link is used up, and with an account there is no further one.
    assert_eq!(
        place.get(&Asker::nobody(), &path).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(first_link(&place.console, at).await.unwrap(), None);
    // Nothing can be done before the second factor is set up.
    let early = place.get(&browser, "/").await;
    assert_eq!(early.header(header::LOCATION), "/enrol");
    let page = place.get(&browser, "/enrol").await;
    let secret = between(&page, "<code class=\"letters\">", "</code>").replace(' ', "");
    let factor = SecondFactor::new(&secret, "Zoë Ng").unwrap();
    let wrong = place.post(&browser, "/enrol", &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let before = browser.clone();
    let code = factor.code(place.console.now());
    let done = place.post(&browser, "/enrol", &[("code", &code)]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    browser.keep(&done);
    let codes = between(&done, "<ul class=\"codes\">", "</ul>")
        .split("<code>")
        .skip(1);
    let codes: Vec<String> = codes
        .map(|code| code.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    let old = place.get(&before, "/").await;
    assert_eq!(
        old.header(header::LOCATION),
        "/sign-in",
        "the session of before is over"
    );
    assert_eq!(place.get(&browser, "/").await.status, StatusCode::OK);
    (browser, factor, codes)
}

pub async fn sign_in(place: &Place, name: &str, password: &str, code: &str) -> Answer {
    let form = [
        ("name", name),
        ("password", password),
        ("code", code),
        ("next", "/account"),
    ];
    place.post(&Asker::nobody(), "/sign-in", &form).await
}

#[tokio::test]
async fn the_first_account_is_made_by_its_link_and_signs_in_with_two_factors() {
    let place = Place::open().await;
    let (browser, factor, codes) = first_account(&place).await;
    let out = place.post(&browser, "/sign-out", &[]).await;
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"));
    assert_eq!(place.get(&browser, "/").await.status, StatusCode::SEE_OTHER);
    place.advance(MINUTE);
    let code = factor.code(place.console.now());
    let cases = [
        // Whatever is wrong, the same is told.
        ("Zoë Ng", "another password", code.as_str(), false),
        ("Nobody", PASSWORD, code.as_str(), false),
        ("Zoë Ng", PASSWORD, "", false),
        ("Zoë Ng", PASSWORD, "123", false),
        ("zoë ng", PASSWORD, code.as_str(), true),
        // A code is good once, and so is a recovery code, however it is typed.
        ("Zoë Ng", PASSWORD, code.as_str(), false),
        (
            "Zoë Ng",
            PASSWORD,
            &codes[3].to_uppercase().replace('-', " "),
            true,
        ),
        ("Zoë Ng", PASSWORD, codes[3].as_str(), false),
    ];
    let mut refusals = Vec::new();
    for (name, password, code, is_let_in) in cases {
        let answer = sign_in(&place, name, password, code).await;
        if is_let_in {
            assert_eq!(
                answer.header(header::LOCATION),
                "/account",
                "{name}, {code}"
            );
            let cookie = answer.header(header::SET_COOKIE);
            assert!(
                cookie.contains("; Path=/; HttpOnly; SameSite=Lax"),
                "{cookie}"
            );
        } else {
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{name}, {code}"
            );
            refusals.push(answer.body.replace(name, ""));
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "each refusal says the same");
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    for what in [
        "account.invite",
        "account.make",
        "account.enrol",
        "session.begin",
        "account.use_recovery_code",
    ] {
        assert!(
            log.iter().any(|logged| logged.deed.what == what),
            "{what} is in the audit log"
        );
    }
}

#[tokio::test]
async fn whoever_guesses_has_to_wait_and_learns_nothing_of_who_has_an_account() {
    let place = Place::open().await;
    let (_, factor, _) = first_account(&place).await;
    place.advance(MINUTE);
    for name in ["Zoë Ng", "Nobody"] {
        for _ in 0..5 {
            let refused = sign_in(&place, name, "a wrong password", "").await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let code = factor.code(place.console.now());
        let waiting = sign_in(&place, name, PASSWORD, &code).await;
        assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
        assert_eq!(waiting.header(header::RETRY_AFTER), "31");
    }
    place.advance(MINUTE);
    let code = factor.code(place.console.now());
    let let_in = sign_in(&place, "Zoë Ng", PASSWORD, &code).await;
    assert_eq!(let_in.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn of_many_guesses_at_once_no_more_are_judged_than_one_after_the_other() {
    let place = Place::open().await;
    first_account(&place).await;
    place.advance(MINUTE);
    let guesses = (0..12).map(|_| sign_in(&place, "Zoë Ng", "a wrong password", ""));
    let answers = futures::future::join_all(guesses).await;
    let judged = answers.iter().map(|answer| answer.status);
    let judged = judged.filter(|status| *status == StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(judged.count(), 5);
}

#[tokio::test]
async fn a_session_ends_when_nothing_is_done_and_in_any_case_after_a_day_s_work() {
    for (step_minutes, steps_in, over) in [(59, 12, "longest"), (61, 0, "idle")] {
        let place = Place::open().await;
        let browser = place.somebody(Role::Investigator).await;
        for step in 0..steps_in {
            place.advance(MINUTE * step_minutes);
            assert_eq!(
                place.get(&browser, "/").await.status,
                StatusCode::OK,
                "step {step}"
            );
        }
        place.advance(MINUTE * step_minutes);
        let ended = place.get(&browser, "/?tab=mine").await;
        assert_eq!(
            ended.header(header::LOCATION),
            "/sign-in?next=%2F%3Ftab%3Dmine",
            "{over}"
        );
    }
}

#[tokio::test]
async fn a_page_that_stands_open_keeps_nobody_signed_in() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    for minutes in [30, 31] {
        let listens = browser.request(Method::GET, "/events?since=0", Body::empty(), "");
        assert_eq!(place.begin(listens).await.status(), StatusCode::OK);
        place.advance(MINUTE * minutes);
    }
    let ended = place.get(&browser, "/events?since=0").await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_is_sent_too_late_says_that_nothing_was_saved() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    let alert = place.alert(Severity::Grave).await;
    place.advance(MINUTE * 61);
    let words = [("text", "Rang the desk.")];
    let late = format!("/alerts/{}/comment", alert.id);
    for (at, to) in [
        (
            late.as_str(),
            format!("/sign-in?lost=yes&next=%2Falerts%2F{}", alert.id),
        ),
        ("/silences", "/sign-in?lost=yes&next=%2Fsilences".to_owned()),
        ("/sign-out", "/sign-in".to_owned()),
    ] {
        let ended = place.post(&browser, at, &words).await;
        assert_eq!(ended.header(header::LOCATION), to, "{at}");
    }
    let told = place.get(&browser, "/sign-in?lost=yes").await.body;
    assert!(
        told.contains("Nothing of what you sent was saved."),
        "{told}"
    );
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let place = Place::open().await;
    let (mut browser, ..) = first_account(&place).await;
    let form = [
        ("present", "not it at all"),
        ("password", "another good password"),
    ];
    let wrong = place.post(&browser, "/account/password", &form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let before = browser.clone();
    let form = [("present", PASSWORD), ("password", "another good password")];
    let changed = place.post(&browser, "/account/password", &form).await;
    assert_eq!(
        changed.header(header::LOCATION),
        "/account",
        "{}",
        changed.body
    );
    browser.keep(&changed);
    assert_eq!(place.get(&browser, "/account").await.status, StatusCode::OK);
    assert_eq!(
        place.get(&before, "/account").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn over_https_the_cookie_belongs_to_this_host_alone() {
    let place = Place::open_with(Some("https://sightline.example.org/"), |_| ()).await;
    let account = place.account(Role::Analyst).await;
    let mut browser = place.known(&account, Stage::SignedIn).await;
    assert_eq!(
        place.get(&browser, "/").await.status,
        StatusCode::SEE_OTHER,
        "a plain cookie is none"
    );
    browser.cookie = browser.cookie.map(|cookie| format!("__Host-{cookie}"));
    let page = place.get(&browser, "/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        page.header(header::STRICT_TRANSPORT_SECURITY),
        "max-age=31536000"
    );
    let out = place.post(&browser, "/sign-out", &[]).await;
    let cookie = out.header(header::SET_COOKIE);
    assert!(
        cookie.starts_with("__Host-sightline=;") && cookie.contains("; Secure"),
        "{cookie}"
    );
}
