//! What administrators do with accounts, and the audit log.

use axum::http::{StatusCode, header};
use serde_json::json;
use sightline_model::*;
use sightline_store::{
    Filter, accounts,
    audit::{self, Deed},
    invitations,
};
use sightline_web::first_link;

use crate::support::{Asker, Place, START};

#[tokio::test]
async fn somebody_is_invited_by_a_link_that_works_once() {
    let place = Place::open().await;
    let administrator = place.somebody(Role::Administrator).await;
    let answer = place
        .post(&administrator, "/accounts/invite", &[("role", "auditor")])
        .await;
    let link = answer.body.split("/welcome/").nth(1).unwrap();
    let link = format!("/welcome/{}", link.split('<').next().unwrap());
    let page = place.get(&administrator, "/accounts").await;
    assert!(!page.body.contains("/welcome/"), "it is shown once");
    let chosen = [("name", "Zoe Ng"), ("password", "correct horse battery")];
    let answer = place.post(&Asker::nobody(), &link, &chosen).await;
    assert_eq!(answer.header(header::LOCATION), "/enrol", "{}", answer.body);
    let again = place.post(&Asker::nobody(), &link, &chosen).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let mut tx = place.write().await;
    let (zoe, _) = accounts::by_name(&mut tx, "zoe ng").await.unwrap().unwrap();
    assert_eq!(zoe.role, Role::Auditor);
    drop(tx);
    let answer = place
        .post(&administrator, "/accounts/invite", &[("role", "analyst")])
        .await;
    let link = answer.body.split("/welcome/").nth(1).unwrap();
    let link = format!("/welcome/{}", link.split('<').next().unwrap());
    // The records say who did something by their name: Cyrillic, Greek and wide letters make no other.
    for name in ["zoe  NG", "Zое Ng", "Ｚoe Ng", "sіghtline"] {
        let chosen = [("name", name), ("password", "correct horse battery")];
        let answer = place.post(&Asker::nobody(), &link, &chosen).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    // One that is withdrawn works no more.
    let mut tx = place.write().await;
    let id = invitations::all(&mut tx).await.unwrap()[0].id;
    drop(tx);
    let to = format!("/invitations/{id}/withdraw");
    place.post(&administrator, &to, &[]).await;
    assert_eq!(
        place.get(&Asker::nobody(), &link).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        place.post(&administrator, &to, &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn whose_role_changes_or_who_is_disabled_is_signed_out() {
    let place = Place::open().await;
    let administrator = place.somebody(Role::Administrator).await;
    let account = place.account(Role::Analyst).await;
    let of = |deed: &str| format!("/accounts/{}/{deed}", account.id);
    for (deed, form) in [
        ("role", &[("role", "operator")][..]),
        ("reset-second-factor", &[]),
        ("disable", &[]),
    ] {
        let them = place.known(&account, Stage::SignedIn).await;
        assert_eq!(place.get(&them, "/account").await.status, StatusCode::OK);
        let answer = place.post(&administrator, &of(deed), form).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{deed}: {}",
            answer.body
        );
        let answer = place.get(&them, "/account").await;
        assert!(
            answer.header(header::LOCATION).starts_with("/sign-in"),
            "{deed}"
        );
    }
    let mut tx = place.write().await;
    let changed = accounts::get(&mut tx, account.id).await.unwrap().unwrap();
    assert_eq!(changed.role, Role::Operator);
    assert!(changed.disabled_at.is_some() && changed.enrolled_at.is_none());
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let deeds: Vec<&str> = deeds
        .iter()
        .rev()
        .map(|one| one.deed.what.as_str())
        .collect();
    assert_eq!(
        deeds,
        [
            "account.set_role",
            "account.reset_second_factor",
            "account.disable"
        ]
    );
    drop(tx);
    place.post(&administrator, &of("enable"), &[]).await;
    let them = place.known(&account, Stage::SignedIn).await;
    assert_eq!(place.get(&them, "/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let place = Place::open().await;
    let account = place.account(Role::Administrator).await;
    let them = place.known(&account, Stage::SignedIn).await;
    for (deed, form) in [("role", &[("role", "analyst")][..]), ("disable", &[])] {
        let to = format!("/accounts/{}/{deed}", account.id);
        let answer = place.post(&them, &to, form).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{deed}");
        assert!(
            answer.body.contains("last administrator"),
            "{}",
            answer.body
        );
    }
    // Nothing was done: they are still signed in.
    assert_eq!(place.get(&them, "/accounts").await.status, StatusCode::OK);
    place.account(Role::Administrator).await;
    let to = format!("/accounts/{}/role", account.id);
    let answer = place.post(&them, &to, &[("role", "analyst")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sessions_and_tokens_of_others_are_ended() {
    let place = Place::open().await;
    let administrator = place.somebody(Role::Administrator).await;
    let account = place.account(Role::Operator).await;
    let them = place.known(&account, Stage::SignedIn).await;
    let program = place.token(&account, vec!["metrics.read".to_owned()]).await;
    let page = place.get(&administrator, "/sessions").await;
    let id = page.body.split("/sessions/").nth(1).unwrap();
    let id = id.split('/').next().unwrap().to_owned();
    let answer = place
        .post(&administrator, &format!("/sessions/{id}/end"), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = place.get(&them, "/account").await;
    assert!(answer.header(header::LOCATION).starts_with("/sign-in"));
    assert_eq!(place.get(&program, "/metrics").await.status, StatusCode::OK);
    let page = place.get(&administrator, "/accounts").await;
    let id = page.body.split("/tokens/").nth(1).unwrap();
    let id = id.split('/').next().unwrap().to_owned();
    place
        .post(&administrator, &format!("/tokens/{id}/end"), &[])
        .await;
    let answer = place.get(&program, "/metrics").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_audit_log_is_read_by_filters_and_pages() {
    let place = Place::open().await;
    let auditor = place.somebody(Role::Auditor).await;
    let mut tx = place.write().await;
    for nth in 0..103 {
        let deed = Deed {
            at: Timestamp(START.0 + nth * 3_600_000),
            who: "Zoe <b>".to_owned(),
            what: ["alert.read", "export"][usize::from(nth % 10 == 0)].to_owned(),
            subject: format!("=cmd|{nth}"),
            detail: "\u{202e}hidden".to_owned(),
        };
        audit::append(&mut tx, &deed).await.unwrap();
    }
    tx.commit().await.unwrap();
    let home = place.get(&auditor, "/").await;
    assert_eq!(home.header(header::LOCATION), "/audit");
    let count = |body: &str| body.matches("<tr data-line>").count();
    let page = place.get(&auditor, "/audit").await;
    assert_eq!(count(&page.body), 100);
    assert!(page.body.contains("Zoe &#60;b&#62;") && !page.body.contains('\u{202e}'));
    let next = page.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(count(&place.get(&auditor, &next).await.body), 3);
    for (query, rows) in [
        ("what=export", 11),
        ("who=Zoe+%3Cb%3E&subject=%3Dcmd%7C7", 1),
        ("who=nobody", 0),
        // The log begins at ten o'clock on the 23rd.
        ("since=2026-11-23&until=2026-11-23", 14),
        ("since=2026-11-27", 17),
        ("until=2026-11-22", 0),
    ] {
        let page = place.get(&auditor, &format!("/audit?{query}")).await;
        assert_eq!(count(&page.body), rows, "{query}");
    }
    let wrong = place.get(&auditor, "/audit?since=soon").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_link_that_another_takes_the_place_of_is_in_the_audit_log() {
    let place = Place::open().await;
    let at = "127.0.0.1:8787".parse().unwrap();
    for _ in 0..2 {
        assert!(first_link(&place.console, at).await.unwrap().is_some());
    }
    let mut tx = place.write().await;
    let deeds = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let deeds: Vec<&str> = deeds
        .iter()
        .rev()
        .map(|one| one.deed.what.as_str())
        .collect();
    assert_eq!(
        deeds,
        [
            "account.invite",
            "account.withdraw_invitation",
            "account.invite"
        ]
    );
}

#[tokio::test]
async fn a_token_lets_nobody_in_as_what_it_may_not_be_itself() {
    let place = Place::open().await;
    let owner = place.account(Role::Administrator).await;
    let [other, auditor] = [
        place.account(Role::Administrator).await,
        place.account(Role::Auditor).await,
    ];
    let scopes = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    let narrow = place.token(&owner, scopes(&["accounts.manage"])).await;
    let of_auditors = scopes(&["accounts.manage", "audit.read"]);
    let wider = place.token(&owner, of_auditors).await;
    let whole = sightline_web::access::Permission::all().map(|one| one.to_string());
    let whole = place.token(&owner, whole.collect()).await;
    let deeds = |account: &Account| {
        let of = |deed: &str| format!("/api/v1/accounts/{}/{deed}", account.id);
        let role = json!({ "role": account.role });
        [
            ("/api/v1/invitations".to_owned(), role.clone()),
            (of("role"), role),
            (of("reset-link"), json!({"second_factor": true})),
            (of("reset-link"), json!({"second_factor": false})),
            (of("reset-second-factor"), json!({})),
            (of("enable"), json!({})),
        ]
    };
    for (token, account, lacks) in [
        (&narrow, &other, Some("alerts.read")),
        (&narrow, &auditor, Some("audit.read")),
        (&wider, &other, Some("alerts.read")),
        (&wider, &auditor, None),
        (&whole, &other, None),
    ] {
        for (at, body) in deeds(account) {
            let answer = place.call(token, &at, body).await;
            let is_refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(is_refused, lacks.is_some(), "{at}: {}", answer.body);
            if let Some(lacks) = lacks {
                assert!(answer.body.contains(lacks), "{}", answer.body);
            }
        }
    }
    // To keep somebody out it takes no more than the permission.
    let out = format!("/api/v1/accounts/{}/disable", auditor.id);
    let answer = place.call(&narrow, &out, json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_token_that_is_not_right_yet_loses_nothing_of_what_was_typed_and_ticked() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Investigator).await;
    let ticked = [("scopes", "alerts.read"), ("scopes", "alerts.judge")];
    for (name, days, scopes, fault) in [
        ("export", "366", &ticked[..], "days"),
        ("export", "soon", &ticked, "days"),
        ("export", "-1", &ticked, "days"),
        ("export", "", &ticked, "days"),
        ("a <b>name", "30", &[], "scopes"),
        ("", "30", &ticked[..1], "name"),
    ] {
        let mut form = vec![("name", name), ("days", days)];
        form.extend(scopes);
        let again = place.post(&browser, "/account/tokens", &form).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        let name = name.replace('<', "&#60;").replace('>', "&#62;");
        for part in [
            format!("id=\"{fault}-fault\""),
            format!("name=\"name\" required maxlength=\"64\" value=\"{name}\""),
            format!("max=\"365\" value=\"{days}\""),
        ] {
            assert!(again.body.contains(&part), "{part}: {}", again.body);
        }
        let boxes = again.body.split("name=\"scopes\" value=\"").skip(1);
        let boxes = boxes.filter(|one| one.split('>').next().unwrap().ends_with(" checked"));
        let boxes: Vec<&str> = boxes.filter_map(|one| one.split('"').next()).collect();
        assert_eq!(boxes.len(), scopes.len(), "{form:?}: {boxes:?}");
        assert!(scopes.iter().all(|(_, scope)| boxes.contains(scope)));
    }
    // So it is with what was ticked beside a password.
    let form = [("present", "x"), ("password", "y"), ("tokens", "end")];
    let again = place.post(&browser, "/account/password", &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("value=\"end\" checked>"),
        "{}",
        again.body
    );
}

#[tokio::test]
async fn what_is_shown_once_is_made_once_by_a_page_that_is_loaded_again() {
    let place = Place::open().await;
    let browser = place.somebody(Role::Administrator).await;
    let token = [("name", "import"), ("days", "1"), ("scopes", "alerts.read")];
    for (page, at, form) in [
        ("/account", "/account/tokens", &token[..]),
        ("/accounts", "/accounts/invite", &[("role", "analyst")]),
    ] {
        let shown = place.get(&browser, page).await.body;
        let (_, rest) = shown.split_once(&format!("action=\"{at}\">")).unwrap();
        let (_, rest) = rest.split_once("name=\"id\" value=\"").unwrap();
        let mut form = form.to_vec();
        form.push(("id", rest.split('"').next().unwrap()));
        let made = place.post(&browser, at, &form).await;
        assert_eq!(made.status, StatusCode::OK, "{at}: {}", made.body);
        let again = place.post(&browser, at, &form).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{at}");
        assert!(again.body.contains("was made already"), "{}", again.body);
    }
    let accounts = place.get(&browser, "/accounts").await.body;
    assert_eq!(accounts.matches("/withdraw\"").count(), 1, "{accounts}");
    // What ends with somebody is said before it does.
    assert!(accounts.contains("Their token ends for good"), "{accounts}");
}
