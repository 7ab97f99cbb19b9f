//! What was seen: search in any spelling, the page of a selector, and a listing with its versions.

use axum::http::StatusCode;
use sightline_model::*;
use sightline_store::{audit, entries, listings, sightings};

use crate::support::{COMPANION, Place, RAW, START};

async fn listing_of(place: &Place, alert: &Alert) -> ListingId {
    let mut tx = place.write().await;
    let found = sightings::list(&mut tx, &Default::default()).await.unwrap();
    found
        .iter()
        .find(|one| one.entry == alert.entry)
        .unwrap()
        .listing
}

/// What would act on a page that did not escape it is not in this one.
fn is_inert(body: &str) {
    for active in [RAW, "<script>alert", "<img src=x", "\u{202e}"] {
        assert!(!body.contains(active), "{active}: {body}");
    }
}

#[tokio::test]
async fn any_spelling_leads_to_the_selector() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let entry = entries::get(&mut tx, &[alert.entry])
        .await
        .unwrap()
        .remove(0);
    drop(tx);
    let reader = place.somebody(Role::Investigator).await;
    let digits = entry.selector.value.trim_start_matches("+1").to_owned();
    let href = format!("/selectors?kind=phone&#38;value=%2B1{digits}");
    for spelling in [
        format!("%2B1 ({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]),
        // The source is one of the United States.
        format!("({}) {} {}", &digits[..3], &digits[3..6], &digits[6..]),
    ] {
        let page = place
            .get(
                &reader,
                &format!("/search?q={}", spelling.replace(' ', "+")),
            )
            .await;
        assert!(page.body.contains(&href), "{spelling}: {}", page.body);
        assert!(
            page.body.contains("seen on 1 listing, last") && page.body.contains("on 1 watchlist<"),
            "{}",
            page.body
        );
    }
    for hostile in [
        "",
        "%00",
        "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "%E2%80%AE",
        "%27%20OR%201=1--",
        "%22*^AND+NEAR(",
        "a&q=b",
    ] {
        let page = place.get(&reader, &format!("/search?q={hostile}")).await;
        assert!(!page.status.is_server_error(), "{hostile}");
        is_inert(&page.body);
    }
    let long = "a".repeat(8_000);
    let page = place.get(&reader, &format!("/search?q={long}")).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_selector_shows_everything_seen_of_it() {
    let place = Place::open().await;
    for _ in 0..30 {
        place.alert(Severity::Normal).await;
    }
    let alert = place.alert(Severity::Grave).await;
    let reader = place.somebody(Role::Analyst).await;
    let address = format!("/selectors?kind=email&value={}", COMPANION.to_uppercase());
    let page = place.get(&reader, &address).await;
    for part in [
        "<bdi>lotus@example.com</bdi>: seen on 31 listings</h1>",
        "Nobody: it stands on no watchlist.",
        "harbourads",
        "<mark><bdi>lotus@example.com</bdi></mark>",
        "/add?kind=email&#38;value=lotus%40example.com",
        "rel=\"next\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    is_inert(&page.body);
    let next = page.body.split("&#38;after=").nth(1).unwrap();
    let next = next.split('#').next().unwrap();
    let rest = place.get(&reader, &format!("{address}&after={next}")).await;
    assert_eq!(rest.body.matches("data-line").count(), 6, "{}", rest.body);
    let mut tx = place.write().await;
    let logged = audit::list(&mut tx, &Default::default()).await.unwrap();
    assert_eq!(logged[0].deed.what, "selector.read");
    let entry = entries::get(&mut tx, &[alert.entry])
        .await
        .unwrap()
        .remove(0);
    drop(tx);
    let value = entry.selector.value.replace('+', "%2B");
    let page = place
        .get(&reader, &format!("/selectors?kind=phone&value={value}"))
        .await;
    assert!(page.body.contains(&format!("/entries/{}", entry.id)));
    for (query, status) in [
        ("kind=phone&value=", StatusCode::NOT_FOUND),
        ("kind=nonsense&value=1", StatusCode::NOT_FOUND),
        ("kind=phone&value=%3Cscript%3Ealert(1)", StatusCode::OK),
    ] {
        let page = place.get(&reader, &format!("/selectors?{query}")).await;
        assert_eq!(page.status, status, "{query}");
        is_inert(&page.body);
    }
}

#[tokio::test]
async fn a_listing_shows_what_was_observed_and_what_changed() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let id = listing_of(&place, &alert).await;
    let reader = place.somebody(Role::Investigator).await;
    let page = place.get(&reader, &format!("/listings/{id}")).await;
    for part in [
        "&#60;img src=x onerror=alert(1)&#62; Lily",
        "<mark>2O2-&#60;b&#62;555&#60;/b&#62;-O1\\u{202e}23</mark>",
        "<mark>lotus@example.com</mark>",
        "hxxps",
        "What was looked for",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(
        !page.body.contains("what changed"),
        "there is nothing before it"
    );
    is_inert(&page.body);
    let mut tx = place.write().await;
    let first = listings::version(&mut tx, id, 1).await.unwrap().unwrap();
    let second = ListingVersion {
        version: 2,
        text: first.text.replace("New in town", "Last\u{202e} week"),
        reread: true,
        ..first
    };
    listings::add_versions(&mut tx, &[second]).await.unwrap();
    let mut listing = listings::get(&mut tx, &[id]).await.unwrap().remove(0);
    // It was gone for a day.
    let [gone, back] = [0, 86_400_000].map(|ms| Timestamp(START.0 + ms));
    listing.removed_at = Some(gone);
    listings::update(&mut tx, &[listing.clone()]).await.unwrap();
    listings::come_back(&mut tx, &[(id, back)]).await.unwrap();
    listing.version = 2;
    listing.removed_at = None;
    listings::update(&mut tx, &[listing]).await.unwrap();
    tx.commit().await.unwrap();
    // What a person is told of it, a program is told.
    let page = place.get(&reader, &format!("/listings/{id}")).await;
    assert!(page.body.contains("was gone from"), "{}", page.body);
    let program = place.program(Role::Investigator).await;
    let told = place
        .get(&program, &format!("/api/v1/listings/{id}"))
        .await
        .json();
    assert_eq!(
        told["away"],
        serde_json::json!([{"gone_at": gone, "back_at": back}])
    );
    let reread = told["versions"].as_array().unwrap().iter();
    let reread: Vec<_> = reread.map(|one| one["reread"].as_bool()).collect();
    assert_eq!(reread, [Some(false), Some(true)]);
    let changes = place
        .get(&reader, &format!("/listings/{id}?version=2&changes=1"))
        .await;
    for part in ["<del>New</del>", "<ins>Last\\u{202e}</ins>", "version 1"] {
        assert!(changes.body.contains(part), "{part}: {}", changes.body);
    }
    is_inert(&changes.body);
    for query in ["?version=3", "?version=0"] {
        let page = place.get(&reader, &format!("/listings/{id}{query}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{query}");
    }
    let nonsense = place
        .get(&reader, &format!("/listings/{id}?version=x&changes"))
        .await;
    assert_eq!(nonsense.status, StatusCode::OK, "none is the present one");
}

#[tokio::test]
async fn what_listings_say_is_found_by_its_words() {
    let place = Place::open().await;
    for _ in 0..25 {
        place.alert(Severity::Normal).await;
    }
    let reader = place.somebody(Role::Investigator).await;
    for (query, count) in [
        ("q=town", 20),
        ("q=%22new+in+town%22&from=2026-11-23&to=2026-11-23", 20),
        ("q=%22town+new+in%22", 0),
        ("q=tow*+-nothing", 20),
        ("q=town+-call", 0),
        ("q=town&from=2026-11-24", 0),
        ("q=town&to=2026-11-22", 0),
        ("q=town&source=00000000-0000-7000-8000-000000000000", 0),
        ("q=Lily", 20),
    ] {
        let page = place.get(&reader, &format!("/search?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!(
            page.body.matches("data-line").count(),
            count,
            "{query}: {}",
            page.body
        );
        is_inert(&page.body);
    }
    for query in ["q=town&from=nonsense", "q=town&source=nonsense"] {
        let page = place.get(&reader, &format!("/search?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let page = place.get(&reader, "/search?q=Town+call").await;
    assert!(
        page.body.contains("<mark>town</mark>") && page.body.contains("<mark>call</mark>"),
        "{}",
        page.body
    );
    let next = page.body.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let rest = place.get(&reader, &next).await;
    assert_eq!(rest.body.matches("data-line").count(), 5, "{}", rest.body);
    for hostile in [
        "%22",
        "*",
        "-",
        "%28%28",
        "NEAR%28a%2C+b%29",
        "a+OR",
        "%7Btitle%7D+%3A+x",
        "%5Ex",
        "x%00y",
        "%27%3A*%26%21",
        "o1",
        "%F0%9F%98%80",
        "AND",
        "NOT+NOT",
        "%22%22%22",
        "a%27%3B+DROP+TABLE+listing",
        "%5C",
        "%25",
        "_",
    ] {
        let page = place.get(&reader, &format!("/search?q={hostile}")).await;
        assert_eq!(page.status, StatusCode::OK, "{hostile}");
        is_inert(&page.body);
    }
}
