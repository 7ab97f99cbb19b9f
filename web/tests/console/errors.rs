//! Pages that say what could not be done: they lead on to where their reader may go.

use axum::http::StatusCode;
use sightline_model::{Role, Severity, Stage};
use sightline_store::{Filter, sightings};

use crate::support::{Asker, COMPANION, Place};

#[tokio::test]
async fn an_error_leads_to_where_its_reader_may_go() {
    let place = Place::open().await;
    for (role, beginning, parts) in [
        (
            Role::Analyst,
            "<a href=\"/\">To the inbox</a>",
            "Watchlists",
        ),
        (
            Role::Investigator,
            "<a href=\"/\">To the inbox</a>",
            "Holds",
        ),
        (
            Role::Operator,
            "<a href=\"/sources\">To the sources</a>",
            "Deliveries",
        ),
        (
            Role::Auditor,
            "<a href=\"/audit\">To the audit log</a>",
            "Audit log",
        ),
        (
            Role::Administrator,
            "<a href=\"/\">To the inbox</a>",
            "Accounts",
        ),
    ] {
        let reader = place.somebody(role).await;
        for (at, status) in [
            ("/nowhere", StatusCode::NOT_FOUND),
            (
                "/runs/0199a1b2-0000-7000-8000-000000000000",
                StatusCode::NOT_FOUND,
            ),
            ("/accounts", StatusCode::FORBIDDEN),
            ("/deliveries?state=nonsense", StatusCode::BAD_REQUEST),
        ] {
            let page = place.get(&reader, at).await;
            if page.status == StatusCode::OK {
                continue;
            }
            assert!(
                page.status == status || page.status == StatusCode::FORBIDDEN,
                "{role} {at}: {}",
                page.status
            );
            assert!(page.body.contains(beginning), "{role} {at}: {}", page.body);
            assert!(page.body.contains(parts), "{role} {at}: {}", page.body);
        }
    }
    // Whoever is not known, or not yet let in, is led to where that is found out.
    let account = place.account(Role::Administrator).await;
    let enrolling = place.known(&account, Stage::Enrolling).await;
    for (who, beginning) in [
        (&Asker::nobody(), "<a href=\"/\">To the beginning</a>"),
        (&enrolling, "<a href=\"/account\">To your account</a>"),
    ] {
        let page = place.get(who, "/nowhere").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.body.contains(beginning), "{}", page.body);
        assert!(
            !page.body.contains("<nav aria-label=\"Parts\">\n<a"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn a_place_to_go_on_from_that_is_none_is_told_of_by_every_list() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let administrator = place.somebody(Role::Administrator).await;
    let source = {
        let mut tx = place.write().await;
        let seen = sightings::list(&mut tx, &Filter::default()).await.unwrap();
        seen[0].source
    };
    for list in [
        "/".to_owned(),
        format!("/watchlists/{}", alert.watchlist),
        format!("/entries/{}", alert.entry),
        "/sightings".to_owned(),
        "/listings".to_owned(),
        "/search?q=town".to_owned(),
        format!("/selectors?kind=email&value={COMPANION}"),
        "/deliveries".to_owned(),
        "/sessions".to_owned(),
        "/audit".to_owned(),
        format!("/sources/{source}"),
    ] {
        let word = match list.starts_with("/sources/") {
            true => "before",
            false => "after",
        };
        let sign = if list.contains('?') { '&' } else { '?' };
        for (place_in_it, status) in [
            ("nonsense", StatusCode::BAD_REQUEST),
            ("%00", StatusCode::BAD_REQUEST),
            ("", StatusCode::OK),
        ] {
            let address = format!("{list}{sign}{word}={place_in_it}");
            let page = place.get(&administrator, &address).await;
            assert_eq!(page.status, status, "{address}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn a_part_of_an_address_that_is_none_is_named_with_what_it_says() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let administrator = place.somebody(Role::Administrator).await;
    let list = format!("/watchlists/{}", alert.watchlist);
    let entry = format!("/entries/{}", alert.entry);
    let page = format!("/alerts/{}", alert.id);
    for (at, part, said, shown) in [
        ("/", "watchlist", "garbage", "garbage"),
        ("/", "tab", "zzz", "zzz"),
        ("/", "after", "%3Cb%3Ex", "&#60;b&#62;x"),
        ("/audit", "since", "2026-13-01", "2026-13-01"),
        ("/listings", "after", "x", "x"),
        ("/listings", "removed", "perhaps", "perhaps"),
        ("/sightings", "reason", "none", "none"),
        ("/search", "from", "%E2%80%AEsoon", "\\u{202e}soon"),
        ("/deliveries", "state", "nonsense", "nonsense"),
        (&list, "kind", "fax", "fax"),
        (&list, "sort", "upwards", "upwards"),
        (&entry, "after", "1.x", "1.x"),
        (&page, "from", "-1", "-1"),
    ] {
        // Parts that are as they should be are not blamed.
        let address = format!("{at}?q=town&who=&{part}={said}");
        let answer = place.get(&administrator, &address).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}");
        let told = format!("“{shown}” is nothing that “{part}” can be in the address.");
        assert!(answer.body.contains(&told), "{address}: {}", answer.body);
    }
    let long = format!("/?severity={}", "x".repeat(2_000));
    let answer = place.get(&administrator, &long).await;
    assert!(!answer.body.contains(&"x".repeat(81)), "{}", answer.body);
}

#[tokio::test]
async fn what_could_not_be_changed_leads_back_to_the_page_of_it() {
    let place = Place::open().await;
    let account = place.account(Role::Administrator).await;
    let browser = place.known(&account, Stage::SignedIn).await;
    let itself = format!("/accounts/{}/disable", account.id);
    for (at, back) in [
        ("/channels/desk/enable", "/deliveries".to_owned()),
        (&itself, "/accounts".to_owned()),
    ] {
        let page = place.post(&browser, at, &[]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{at}: {}", page.body);
        let link = format!("<a class=\"button\" href=\"{back}\">");
        assert!(page.body.contains(&link), "{at}: {}", page.body);
    }
}
