//! Every route, with every role, and with nobody: the table of routes and the table of roles are obeyed.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sightline_model::{Role, Severity, Stage};
use sightline_web::{
    access::roles_table,
    routes::{Face, Needs, Route, table},
};

use crate::support::{Answer, Asker, Place};

/// What a route answers to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Met {
    LetThrough,
    ToSignIn,
    ToEnrol,
    Refused,
}

fn met(route: &Route, answer: &Answer) -> Met {
    match (answer.status, answer.header(header::LOCATION)) {
        (StatusCode::SEE_OTHER, to) if to.starts_with("/sign-in") => Met::ToSignIn,
        (StatusCode::UNAUTHORIZED, _) => Met::ToSignIn,
        (StatusCode::SEE_OTHER, "/enrol") => Met::ToEnrol,
        (StatusCode::FORBIDDEN, _) => Met::Refused,
        (status, _) => {
            assert!(
                !status.is_server_error(),
                "{} {}: {}",
                route.method,
                route.path,
                answer.body
            );
            Met::LetThrough
        }
    }
}

/// Asks for a route with identifiers that are none of anything: a guard lets through whom it would for any.
async fn ask(place: &Place, who: &Asker, route: &Route) -> Answer {
    let path = route
        .path
        .replace("{id}", "00000000-0000-7000-8000-000000000000")
        .replace("{secret}", "none")
        .replace("{version}/{name}", "0/none");
    let media_type = match route.face {
        Face::Page => "application/x-www-form-urlencoded",
        Face::Api => "application/json",
    };
    let mut request = who.request(route.method.clone(), &path, Body::empty(), media_type);
    if route.path.ends_with("/events") {
        let since = match route.face {
            Face::Page => "?since=0",
            Face::Api => "",
        };
        *request.uri_mut() = format!("{}{since}", route.path).parse().unwrap();
        place.stop.cancel();
    }
    place.send(request).await
}

#[tokio::test]
async fn every_route_lets_through_whom_the_tables_say() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    for role in Role::ALL {
        let account = place.account(*role).await;
        let all = sightline_web::access::Permission::all().map(|one| one.to_string());
        let program = place.token(&account, all.collect()).await;
        for route in table() {
            // Some end the session that they are asked with.
            let who = match route.face {
                Face::Page => place.known(&account, Stage::SignedIn).await,
                Face::Api => program.clone(),
            };
            let expected = match route.needs {
                Needs::Nobody | Needs::Enrolling | Needs::SignedIn => Met::LetThrough,
                Needs::May(permission) if permission.is_of(*role) => Met::LetThrough,
                Needs::May(_) => Met::Refused,
            };
            let answer = ask(&place, &who, &route).await;
            assert_eq!(
                met(&route, &answer),
                expected,
                "{role}: {} {}",
                route.method,
                route.path
            );
        }
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_let_through_only_where_nobody_need_be() {
    let place = Place::open().await;
    let account = place.account(Role::Administrator).await;
    let enrolling = place.known(&account, Stage::Enrolling).await;
    let without = place.token(&account, Vec::new()).await;
    for route in table() {
        let expected = match route.needs {
            Needs::Nobody => Met::LetThrough,
            _ => Met::ToSignIn,
        };
        let answer = ask(&place, &Asker::nobody(), &route).await;
        assert_eq!(
            met(&route, &answer),
            expected,
            "nobody: {} {}",
            route.method,
            route.path
        );
        // A session is no token, and a token no session.
        let wrong = match route.face {
            Face::Page => &without,
            Face::Api => &enrolling,
        };
        let answer = ask(&place, wrong, &route).await;
        assert_eq!(
            met(&route, &answer),
            expected,
            "the other: {} {}",
            route.method,
            route.path
        );
    }
    // A token without permissions may nothing; whoever has yet to enrol, nothing but that.
    for route in table() {
        let (who, expected) = match (route.face, route.needs) {
            (_, Needs::Nobody | Needs::Enrolling) => continue,
            (Face::Page, _) => (&enrolling, Met::ToEnrol),
            // Whose it is, it may say.
            (Face::Api, Needs::SignedIn) => (&without, Met::LetThrough),
            (Face::Api, _) => (&without, Met::Refused),
        };
        let answer = ask(&place, who, &route).await;
        assert_eq!(
            met(&route, &answer),
            expected,
            "{} {}",
            route.method,
            route.path
        );
    }
}

#[test]
fn what_changes_something_is_never_a_get() {
    let methods: Vec<Method> = table().into_iter().map(|route| route.method).collect();
    assert!(
        methods
            .iter()
            .all(|method| [Method::GET, Method::POST].contains(method))
    );
    for route in table() {
        let is_under_api = route.path.starts_with("/api/v1/");
        let is_api = route.face == Face::Api;
        let is_probe = ["/healthz", "/readyz", "/metrics"].contains(&route.path);
        assert_eq!(is_api, is_under_api || is_probe, "{}", route.path);
    }
}

#[test]
fn the_documents_show_the_table_of_roles() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/roles.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    let mut parts: Vec<String> = page.split("<!-- roles -->").map(str::to_owned).collect();
    let table = format!("\n\n{}\n", roles_table());
    if std::env::var_os("SIGHTLINE_BLESS").is_some() && parts.len() == 3 {
        parts[1] = table.clone();
        std::fs::write(path, parts.join("<!-- roles -->")).unwrap();
    }
    assert_eq!(
        parts.get(1),
        Some(&table),
        "run with SIGHTLINE_BLESS=1 to write it"
    );
}
