//! Ways back in for who forgot or lost something; and what keeps whoever stole it out.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, StatusCode, header},
};
use serde_json::json;
use sightline_model::{Account, Role, Stage};
use sightline_store::{Filter, accounts, audit, tokens};
use sightline_web::{
    first_link,
    sign_in::{SecondFactor, of_strangers},
};

use crate::{
    sign_in::{PASSWORD, between, first_account, sign_in},
    support::{Answer, Asker, Place},
};

const NEW: &str = "another good password";
const MINUTE: Duration = Duration::from_secs(60);

async fn named(place: &Place, name: &str) -> Account {
    let mut tx = place.write().await;
    let found = accounts::by_name(&mut tx, name).await.unwrap();
    found.unwrap().0
}

async fn deeds(place: &Place, what: &str) -> Vec<String> {
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let found = log.into_iter().rev().filter(|one| one.deed.what == what);
    found.map(|one| one.deed.detail).collect()
}

/// Signs in from an address.
async fn sign_in_from(place: &Place, from: &str, password: &str, code: &str) -> Answer {
    let form = [("name", "Zoë Ng"), ("password", password), ("code", code)];
    post_from(place, from, &Asker::nobody(), "/sign-in", &form).await
}

/// Sends a form from an address.
async fn post_from(
    place: &Place,
    from: &str,
    who: &Asker,
    path: &str,
    form: &[(&str, &str)],
) -> Answer {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    let body = Body::from(body.finish());
    let kind = "application/x-www-form-urlencoded";
    let mut request = who.request(Method::POST, path, body, kind);
    let headers = request.headers_mut();
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    let address: SocketAddr = format!("{from}:4000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    place.send(request).await
}

/// The path of a link that a page of accounts shows.
fn link(answer: &Answer) -> String {
    let whole = between(answer, "<code class=\"letters\">", "</code>");
    let path = whole.strip_prefix("http://127.0.0.1:8787");
    path.unwrap_or_else(|| panic!("{whole} is whole"))
        .to_owned()
}

#[tokio::test]
async fn who_forgot_their_password_chooses_another_by_a_link_that_works_once() {
    let place = Place::open().await;
    let (browser, factor, _) = first_account(&place).await;
    let zoe = named(&place, "Zoë Ng").await;
    let program = place.token(&zoe, vec!["metrics.read".to_owned()]).await;
    let administrator = place.somebody(Role::Administrator).await;
    let to = format!("/accounts/{}/reset-link", zoe.id);
    let first = link(&place.post(&administrator, &to, &[]).await);
    let second = link(&place.post(&administrator, &to, &[]).await);
    let nobody = Asker::nobody();
    let old = place.get(&nobody, &first).await;
    assert_eq!(old.status, StatusCode::NOT_FOUND, "another took its place");
    let page = place.get(&nobody, &second).await;
    assert!(page.body.contains("Zoë Ng"), "{}", page.body);
    let short = place.post(&nobody, &second, &[("password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = [("password", NEW), ("tokens", "end")];
    let chosen = place.post(&nobody, &second, &form).await;
    assert_eq!(
        chosen.header(header::LOCATION),
        "/sign-in",
        "{}",
        chosen.body
    );
    let again = place.post(&nobody, &second, &form).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    // Whoever was signed in, or held a token, is out; the second factor is still asked for.
    let open = place.get(&browser, "/").await;
    assert_eq!(open.header(header::LOCATION), "/sign-in");
    let held = place.get(&program, "/metrics").await;
    assert_eq!(held.status, StatusCode::UNAUTHORIZED);
    place.advance(MINUTE);
    let code = factor.code(place.console.now());
    for (password, code, is_in) in [
        (PASSWORD, &*code, false),
        (NEW, "", false),
        (NEW, &code, true),
    ] {
        let answer = sign_in(&place, "Zoë Ng", password, code).await;
        assert_eq!(
            answer.status == StatusCode::SEE_OTHER,
            is_in,
            "{password}, {code}"
        );
    }
    assert_eq!(
        deeds(&place, "account.make_reset_link").await,
        ["Zoë Ng, password"; 2]
    );
}

#[tokio::test]
async fn a_link_holds_for_a_day_and_not_for_who_is_disabled() {
    let place = Place::open().await;
    let administrator = place.somebody(Role::Administrator).await;
    let account = place.account(Role::Analyst).await;
    let of = |deed: &str| format!("/accounts/{}/{deed}", account.id);
    let made = link(&place.post(&administrator, &of("reset-link"), &[]).await);
    place.post(&administrator, &of("disable"), &[]).await;
    let nobody = Asker::nobody();
    let gone = place.get(&nobody, &made).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let refused = place.post(&administrator, &of("reset-link"), &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    place.post(&administrator, &of("enable"), &[]).await;
    let made = link(&place.post(&administrator, &of("reset-link"), &[]).await);
    assert_eq!(place.get(&nobody, &made).await.status, StatusCode::OK);
    place.advance(Duration::from_secs(24 * 3_600));
    let over = place.get(&nobody, &made).await;
    assert_eq!(over.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_lost_phone_and_codes_as_well_sets_up_another_second_factor() {
    let place = Place::open().await;
    first_account(&place).await;
    let zoe = named(&place, "Zoë Ng").await;
    let administrator = place.somebody(Role::Administrator).await;
    let to = format!("/accounts/{}/reset-link", zoe.id);
    let made = link(&place.post(&administrator, &to, &[("factor", "yes")]).await);
    let mut browser = Asker::nobody();
    let chosen = place.post(&browser, &made, &[("password", NEW)]).await;
    assert_eq!(chosen.header(header::LOCATION), "/enrol", "{}", chosen.body);
    browser.keep(&chosen);
    let early = place.get(&browser, "/account").await;
    assert_eq!(early.header(header::LOCATION), "/enrol");
    let page = place.get(&browser, "/enrol").await;
    let secret = between(&page, "<code class=\"letters\">", "</code>").replace(' ', "");
    let factor = SecondFactor::new(&secret, "Zoë Ng").unwrap();
    let code = factor.code(place.console.now());
    let done = place.post(&browser, "/enrol", &[("code", &code)]).await;
    browser.keep(&done);
    assert_eq!(place.get(&browser, "/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn codes_are_renewed_and_another_phone_is_moved_to_by_oneself() {
    let place = Place::open().await;
    let (mut browser, old, codes) = first_account(&place).await;
    let page = place.get(&browser, "/account").await;
    assert!(page.body.contains("10 recovery codes left"));
    place.advance(MINUTE);
    // A screen that was found unlocked is not enough.
    let code = old.code(place.console.now());
    for to in ["codes", "move"] {
        let to = format!("/account/second-factor/{to}");
        let wrong = [("password", "not theirs at all"), ("code", &code)];
        let refused = place.post(&browser, &to, &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let right = [("password", PASSWORD), ("code", &code)];
    let to = "/account/second-factor/codes";
    let renewed = place.post(&browser, to, &right).await;
    let fresh = between(&renewed, "<code>", "</code>").to_owned();
    assert!(!codes.contains(&fresh));
    // Codes of before are worth nothing, new ones are, and move on to another phone.
    let to = "/account/second-factor/move";
    for (code, is_taken) in [(&codes[0], false), (&fresh, true)] {
        let begun = place
            .post(&browser, to, &[("password", PASSWORD), ("code", code)])
            .await;
        assert_eq!(begun.status == StatusCode::SEE_OTHER, is_taken, "{code}");
    }
    let page = place.get(&browser, "/account/second-factor").await;
    let secret = between(&page, "<code class=\"letters\">", "</code>").replace(' ', "");
    let new = SecondFactor::new(&secret, "Zoë Ng").unwrap();
    let finish = "/account/second-factor/finish";
    let wrong = place.post(&browser, finish, &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    place.advance(MINUTE);
    // Until it is confirmed, the phone that they have goes on.
    let code = old.code(place.console.now());
    let still = sign_in(&place, "Zoë Ng", PASSWORD, &code).await;
    assert_eq!(still.status, StatusCode::SEE_OTHER);
    let code = new.code(place.console.now());
    let before = browser.clone();
    let moved = place.post(&browser, finish, &[("code", &code)]).await;
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.body);
    browser.keep(&moved);
    assert_eq!(place.get(&browser, "/account").await.status, StatusCode::OK);
    let over = place.get(&before, "/account").await;
    assert_eq!(over.status, StatusCode::SEE_OTHER);
    place.advance(MINUTE);
    let now = place.console.now();
    for (factor, is_in) in [(&old, false), (&new, true)] {
        let answer = sign_in(&place, "Zoë Ng", PASSWORD, &factor.code(now)).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_in);
    }
    let late = place.post(&browser, finish, &[("code", &code)]).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND, "it is done");
}

#[tokio::test]
async fn what_a_token_made_ends_with_it_and_it_ends_nothing_else() {
    let place = Place::open().await;
    let account = place.account(Role::Auditor).await;
    let browser = place.known(&account, Stage::SignedIn).await;
    let owner = place.token(&account, vec!["account.own".to_owned()]).await;
    let low = place.token(&account, vec!["audit.read".to_owned()]).await;
    let make = json!({"name": "child", "days": 300, "scopes": ["audit.read"]});
    let made = place.call(&low, "/api/v1/me/tokens", make.clone()).await;
    let token = |secret: &str| Asker {
        token: Some(secret.to_owned()),
        cookie: None,
    };
    let child = token(made.json()["secret"].as_str().unwrap());
    let made = place.call(&child, "/api/v1/me/tokens", make).await;
    let grandchild = token(made.json()["secret"].as_str().unwrap());
    let page = place.get(&browser, "/account").await;
    assert!(
        page.body
            .contains("<bdi>child</bdi></td><td data-label=\"Made by\">child</td>"),
        "{}",
        page.body
    );
    let mut tx = place.write().await;
    let theirs = tokens::of_account(&mut tx, account.id).await.unwrap();
    drop(tx);
    let of = |scope: &str, name: &str| {
        let found = theirs.iter().filter(|one| one.name == name);
        let mut found = found.filter(|one| one.scopes == [scope]);
        format!("/api/v1/me/tokens/{}/end", found.next().unwrap().id)
    };
    let (end_owner, end_low) = (of("account.own", "test"), of("audit.read", "test"));
    // The smallest token stops no other, and signs nobody out.
    for path in [
        end_owner.as_str(),
        "/api/v1/me/sessions/00000000-0000-7000-8000-000000000000/end",
    ] {
        let refused = place.call(&low, path, json!({})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/api/v1/me/sessions", "/api/v1/me/tokens"] {
        assert_eq!(place.get(&low, path).await.status, StatusCode::FORBIDDEN);
        assert_eq!(place.get(&owner, path).await.status, StatusCode::OK);
    }
    for program in [&low, &child, &grandchild] {
        let answer = place.get(program, "/api/v1/audit").await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    // One that leaked is ended, and with it whatever was made by it.
    let ended = place.call(&owner, &end_low, json!({})).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.body);
    for program in [&low, &child, &grandchild] {
        let answer = place.get(program, "/api/v1/audit").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    // Itself, a token may end.
    let itself = place.call(&owner, &end_owner, json!({})).await;
    assert_eq!(itself.status, StatusCode::OK);
    assert_eq!(deeds(&place, "token.end").await.len(), 4);
}

#[tokio::test]
async fn a_token_gets_what_it_asks_for_or_is_not_made() {
    let place = Place::open().await;
    let program = place.program(Role::Auditor).await;
    for scopes in [json!(["audit.raed"]), json!(["audit.read", "alerts.read"])] {
        let make = json!({"name": "x", "days": 1, "scopes": scopes});
        let refused = place.call(&program, "/api/v1/me/tokens", make).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{scopes}");
        assert_eq!(refused.json()["fields"][0]["key"], "scopes");
    }
}

#[tokio::test]
async fn tokens_end_where_their_owner_says_so_and_with_their_account() {
    let place = Place::open().await;
    let (mut browser, ..) = first_account(&place).await;
    let zoe = named(&place, "Zoë Ng").await;
    for (tokens, is_held) in [(None, true), (Some("end"), false)] {
        let program = place.token(&zoe, vec!["metrics.read".to_owned()]).await;
        let mut form = vec![("present", PASSWORD), ("password", PASSWORD)];
        form.extend(tokens.map(|word| ("tokens", word)));
        let changed = place.post(&browser, "/account/password", &form).await;
        browser.keep(&changed);
        let answer = place.get(&program, "/metrics").await;
        assert_eq!(answer.status == StatusCode::OK, is_held, "{tokens:?}");
    }
    let administrator = place.somebody(Role::Administrator).await;
    let of = |deed: &str| format!("/accounts/{}/{deed}", zoe.id);
    for (tokens, is_held) in [(None, true), (Some("end"), false)] {
        let program = place.token(&zoe, vec!["metrics.read".to_owned()]).await;
        let form: Vec<_> = tokens.map(|word| ("tokens", word)).into_iter().collect();
        let to = of("reset-second-factor");
        place.post(&administrator, &to, &form).await;
        let answer = place.get(&program, "/metrics").await;
        assert_eq!(answer.status == StatusCode::OK, is_held, "{tokens:?}");
    }
    let program = place.token(&zoe, vec!["metrics.read".to_owned()]).await;
    for deed in ["disable", "enable"] {
        place.post(&administrator, &of(deed), &[]).await;
        let answer = place.get(&program, "/metrics").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{deed}");
    }
}

#[tokio::test]
async fn strangers_who_guess_keep_nobody_from_their_own_desk() {
    let place = Place::open().await;
    let (_, factor, _) = first_account(&place).await;
    let (desk, stranger) = ("203.0.113.9", "198.51.100.1");
    place.advance(MINUTE);
    let code = factor.code(place.console.now());
    let known = sign_in_from(&place, desk, PASSWORD, &code).await;
    assert_eq!(known.header(header::LOCATION), "/", "{}", known.body);
    for nth in 0..10 {
        let from = format!("198.51.100.{}", nth + 2);
        sign_in_from(&place, &from, "a wrong password", "").await;
        place.advance(MINUTE * 9);
    }
    // Who has never signed in from there waits, and is told how long.
    sign_in_from(&place, stranger, "a wrong password", "").await;
    let waiting = sign_in_from(&place, stranger, PASSWORD, "").await;
    assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(waiting.body.contains("minutes"), "{}", waiting.body);
    // At their own desk, they are let in, and told.
    let code = factor.code(place.console.now());
    let mut browser = Asker::nobody();
    let let_in = sign_in_from(&place, desk, PASSWORD, &code).await;
    assert_eq!(
        let_in.header(header::LOCATION),
        "/account",
        "{}",
        let_in.body
    );
    browser.keep(&let_in);
    let page = place.get(&browser, "/account").await;
    assert!(page.body.contains("attempts to sign in as you failed"));
    // Auditors see it, a line for many.
    let told = deeds(&place, "session.fail").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("5 wrong sign-ins within a day, the last from 198.51.100."));
    // An administrator lets them in elsewhere too.
    let zoe = named(&place, "Zoë Ng").await;
    let administrator = place.somebody(Role::Administrator).await;
    let page = place.get(&administrator, "/accounts").await;
    assert!(page.body.contains("wrong sign-ins by strangers"));
    let program = place.program(Role::Administrator).await;
    let failures = async || {
        let listed = place.get(&program, "/api/v1/accounts").await.json();
        let mut listed = listed["items"].as_array().unwrap().iter();
        let one = listed.find(|one| one["id"] == zoe.id.to_string());
        one.unwrap()["failures"].as_u64().unwrap()
    };
    assert!(failures().await > 1);
    let to = format!("/accounts/{}/let-in", zoe.id);
    place.post(&administrator, &to, &[]).await;
    assert_eq!(failures().await, 0);
    place.advance(MINUTE);
    let code = factor.code(place.console.now());
    let let_in = sign_in_from(&place, stranger, PASSWORD, &code).await;
    assert_eq!(let_in.status, StatusCode::SEE_OTHER, "{}", let_in.body);
    assert_ne!(of_strangers("Zoë Ng"), of_strangers("Nobody"));
}

#[tokio::test]
async fn who_has_set_up_their_second_factor_is_known_where_they_did() {
    let place = Place::open().await;
    let desk = "203.0.113.9";
    let at = "127.0.0.1:8787".parse().unwrap();
    let link = first_link(&place.console, at).await.unwrap().unwrap();
    let path = link.strip_prefix("http://127.0.0.1:8787").unwrap();
    let mut browser = Asker::nobody();
    let chosen = [("name", "Zoë Ng"), ("password", PASSWORD)];
    let made = post_from(&place, desk, &browser, path, &chosen).await;
    browser.keep(&made);
    let page = place.get(&browser, "/enrol").await;
    let secret = between(&page, "<code class=\"letters\">", "</code>").replace(' ', "");
    let factor = SecondFactor::new(&secret, "Zoë Ng").unwrap();
    let code = factor.code(place.console.now());
    let done = post_from(&place, desk, &browser, "/enrol", &[("code", &code)]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    // Others guess, before she has ever signed in by the form.
    place.advance(Duration::from_secs(29));
    for nth in 0..5 {
        let from = format!("198.51.100.{}", nth + 2);
        sign_in_from(&place, &from, "a wrong password", "").await;
    }
    place.advance(Duration::from_secs(1));
    let code = factor.code(place.console.now());
    let elsewhere = sign_in_from(&place, "198.51.100.1", PASSWORD, &code).await;
    assert_eq!(elsewhere.status, StatusCode::TOO_MANY_REQUESTS);
    let let_in = sign_in_from(&place, desk, PASSWORD, &code).await;
    assert_eq!(let_in.status, StatusCode::SEE_OTHER, "{}", let_in.body);
    // Whoever guesses at the very same address has her wait there: they can't be told apart.
    for _ in 0..5 {
        sign_in_from(&place, desk, "a wrong password", "").await;
    }
    let waiting = sign_in_from(&place, desk, PASSWORD, &code).await;
    assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn who_tries_doors_is_in_the_audit_log_once_an_hour() {
    let place = Place::open().await;
    let program = place.program(Role::Auditor).await;
    for _ in 0..3 {
        let refused = place.get(&program, "/api/v1/alerts").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(deeds(&place, "request.refuse").await, ["api"]);
    place.advance(Duration::from_secs(3_600));
    place.get(&program, "/api/v1/alerts").await;
    assert_eq!(deeds(&place, "request.refuse").await.len(), 2);
}

#[tokio::test]
async fn a_stream_ends_with_the_token_that_asked_for_it() {
    let place = Place::open().await;
    let account = place.account(Role::Analyst).await;
    let program = place.token(&account, vec!["alerts.read".to_owned()]).await;
    let asked = program.request(Method::GET, "/api/v1/events", Body::empty(), "");
    let mut stream = place.begin(asked).await.into_body().into_data_stream();
    let first = futures::StreamExt::next(&mut stream).await;
    assert!(first.unwrap().unwrap().starts_with(b"id: "));
    let mut tx = place.write().await;
    let ended = tokens::end_all(&mut tx, account.id, place.console.now()).await;
    assert_eq!(ended.unwrap(), 1);
    tx.commit().await.unwrap();
    place.alert(sightline_model::Severity::Grave).await;
    place.console.look_for_alerts().await.unwrap();
    let next = futures::StreamExt::next(&mut stream).await;
    assert!(next.is_none(), "nothing more is told: {next:?}");
}

#[tokio::test]
async fn who_never_set_up_their_second_factor_is_no_last_administrator() {
    let place = Place::open().await;
    let account = place.account(Role::Administrator).await;
    let other = place.account(Role::Administrator).await;
    let mut tx = place.write().await;
    accounts::reset_factor(&mut tx, other.id, "x")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let them = place.known(&account, Stage::SignedIn).await;
    let to = format!("/accounts/{}/disable", account.id);
    let refused = place.post(&them, &to, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}
