//! Whoever is shown an alert, an entry, a listing or a capture leaves a line in the audit log: each route that shows one is
//! asked, as the table of routes has it.

use axum::http::Method;
use sightline_model::{Alert, Closed, Role, Severity, Stage};
use sightline_store::{
    Filter, alerts,
    audit::{self, Logged},
    captures, images, listings, sightings,
};
use sightline_web::{
    access::Permission,
    routes::{Face, Needs, Route, table},
};

use crate::{
    evidence::crawled,
    support::{Asker, COMPANION, Place},
};

/// Routes whose readers see none of these, and why not.
const OF_NONE: [(&str, &str); 11] = [
    ("/account", "one's own"),
    ("/account/second-factor", "one's own"),
    ("/api/v1/me", "one's own"),
    ("/events", "a number; what it counts, the page is asked for"),
    ("/api/v1/events", "a number"),
    (
        "/images/{id}/veiled",
        "grey squares, on a page that was asked for",
    ),
    ("/watchlists/new", "an empty form"),
    ("/watchlists/{id}/edit", "a list's rules"),
    ("/watchlists/{id}/add", "an empty form"),
    ("/watchlists/{id}/import", "an empty form"),
    (
        "/watchlists/{id}/import/refused",
        "what one sent oneself; a line nevertheless",
    ),
];

/// True where those who may this are shown whom it is for, or what was seen of them.
fn tells_of_people(permission: Permission) -> bool {
    use Permission::*;
    match permission {
        ReadAlerts | JudgeAlerts | SilenceAlerts | ReadWatchlists | EditWatchlists
        | ReadListings | ReadEvidence | ReadHolds | PlaceHolds => true,
        ReadSources | EditSources | ReadDeliveries | EditDeliveries | ReadMetrics | ReadAudit
        | ManageAccounts | OwnAccount => false,
    }
}

fn is_looked_at(route: &Route) -> bool {
    let is_of_people = match route.needs {
        Needs::Nobody | Needs::Enrolling => false,
        Needs::SignedIn => true,
        Needs::May(permission) => tells_of_people(permission),
    };
    let is_of_none = OF_NONE.iter().any(|(path, _)| *path == route.path);
    route.method == Method::GET && is_of_people && !is_of_none
}

/// The route's address, of what there is.
async fn address(place: &Place, route: &Route, alert: &Alert) -> String {
    let mut tx = place.write().await;
    let listing = listings::list(&mut tx, &Filter::default()).await.unwrap();
    let listing = listing.iter().find(|one| one.listing.url.path() == "/ad/1");
    let listing = listing.unwrap().listing.id;
    let sighting = sightings::list(&mut tx, &Filter::default()).await.unwrap();
    let capture = captures::list(&mut tx, &Filter::default()).await.unwrap();
    let capture = capture.iter().find(|one| one.url.path() == "/ad/1");
    let shown = images::of_listings(&mut tx, &[listing]).await.unwrap();
    let shown: Vec<_> = shown.iter().filter_map(|one| one.image).collect();
    let image = images::get(&mut tx, &shown).await.unwrap().remove(0).digest;
    let mut address = route.path.replace("{version}", "1");
    for (part, id) in [
        ("alerts", alert.id.to_string()),
        ("watchlists", alert.watchlist.to_string()),
        ("entries", alert.entry.to_string()),
        ("sightings", sighting[0].id.to_string()),
        ("listings", listing.to_string()),
        ("captures", capture.unwrap().id.to_string()),
        ("images", image.to_string()),
    ] {
        address = address.replace(&format!("/{part}/{{id}}"), &format!("/{part}/{id}"));
    }
    assert!(!address.contains('{'), "{address}: say what it is of");
    let query = match route.path {
        "/search" | "/api/v1/listings/search" => "?q=town".to_owned(),
        "/api/v1/selectors" => format!("?q={COMPANION}"),
        path if path.contains("/selectors") => format!("?kind=email&value={COMPANION}"),
        _ => String::new(),
    };
    address + &query
}

/// A console with an alert that rests on a crawl, and its evidence.
async fn watched() -> (Place, Alert) {
    let place = Place::open().await;
    let before = place.alert(Severity::Grave).await;
    let (mut tx, now) = (place.write().await, place.console.now());
    alerts::close(&mut tx, before.id, Closed::Rejected, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    crawled(&place).await;
    let mut tx = place.write().await;
    let all = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    drop(tx);
    let alert = all.into_iter().find(|one| one.id != before.id);
    (place, alert.unwrap())
}

/// The last line of the log, and its number.
async fn last(place: &Place) -> Option<Logged> {
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    log.into_iter().next()
}

#[tokio::test]
async fn every_page_and_answer_that_tells_of_people_leaves_a_line() {
    let (place, alert) = watched().await;
    let account = place.account(Role::Administrator).await;
    let browser = place.known(&account, Stage::SignedIn).await;
    let program = place.program(Role::Administrator).await;
    let mut silent = Vec::new();
    for route in table().iter().filter(|route| is_looked_at(route)) {
        let who: &Asker = match route.face {
            Face::Page => &browser,
            Face::Api => &program,
        };
        let address = address(&place, route, &alert).await;
        let before = last(&place).await;
        let (status, ..) = place.take(who, &address).await;
        assert!(status.is_success(), "{address}: {status}");
        if last(&place).await == before {
            silent.push(route.path);
        }
    }
    assert_eq!(
        silent, [""; 0],
        "these show it, and nobody learns who saw it"
    );
}

#[tokio::test]
async fn the_line_says_how_much_was_shown_and_whoever_sees_nothing_leaves_none() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    place.alert(Severity::Normal).await;
    let operator = place.somebody(Role::Operator).await;
    place.get(&operator, "/").await;
    assert_eq!(last(&place).await, None, "they were led elsewhere");
    let reader = place.somebody(Role::Investigator).await;
    for (address, what, subject) in [
        ("/", "alerts.read", "2 alerts"),
        ("/?severity=grave", "alerts.read", "1 alert"),
        ("/watchlists/due", "watchlist.read", "due for review"),
        ("/silences", "silences.read", "0 silences"),
        ("/holds", "holds.read", "0 holds"),
    ] {
        place.get(&reader, address).await;
        let last = last(&place).await.unwrap().deed;
        assert_eq!((last.what.as_str(), last.subject.as_str()), (what, subject));
        assert_eq!(last.detail, "console");
    }
}
