//! No page walks a big table, however much is stored: every page is asked for, by every link that leads to it, and how SQLite
//! goes about each of its statements is looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::{Method, StatusCode};
use sightline_model::{Role, Severity};
use sightline_web::routes::{Face, Needs, Route, table};

use crate::{api_reading::addresses, support::Place};

/// Pages that no link leads to: who is signed in has no need of them, or they stream without end.
const UNLINKED: [&str; 21] = [
    "/assets/{version}/{name}",
    "/healthz",
    "/readyz",
    "/metrics",
    "/welcome/{secret}",
    "/reset/{secret}",
    "/sign-in",
    "/enrol",
    "/events",
    // Only of a source that this process crawls.
    "/sources/{id}/test",
    // Only where a file waits to be confirmed.
    "/watchlists/{id}/import/refused",
    // Only where something is kept.
    "/images/{id}",
    "/images/{id}/veiled",
    "/captures/{id}/download",
    "/alerts/{id}/evidence",
    "/api/v1/alerts/{id}/evidence",
    "/api/v1/events",
    "/api/v1/images/{id}",
    "/api/v1/captures/{id}",
    "/api/v1/captures/{id}/body",
    // Only where there is a message.
    "/api/v1/deliveries/{id}",
];

/// What people ask for by a form and not by a link.
const ASKED: [&str; 6] = [
    "/?severity=grave&reason=first&state=closed",
    "/?assigned=nobody",
    "/search?q=rose%40example.com",
    "/search?q=new+town",
    "/search?q=%22new+in+town%22+call*&from=2020-01-01&to=2030-01-01",
    "/audit?who=Zoe&what=alert.read&from=2020-01-01",
];

/// How statements end that take the newest rows of a table, whatever they are.
const NEWEST: [&str; 3] = [
    "ORDER BY id DESC LIMIT ?",
    "AND sighting.withheld = 0 ORDER BY sighting.id DESC LIMIT ?",
    "AND +listing.organisation = ? ORDER BY listing.id DESC LIMIT ?",
];

/// How statements end that take all letters that were given up, by an index which has no others: they are few, and to be seen.
const DEAD: &str = "AND state = 'dead'\n         GROUP BY channel ORDER BY channel";

/// True where this path is one of the route's.
fn is_of(route: &Route, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (mut named, mut given) = (route.path.split('/'), path.split('/'));
    loop {
        match (named.next(), given.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name.starts_with('{') || name == part => {}
            _ => return false,
        }
    }
}

fn links(body: &str) -> impl Iterator<Item = String> + '_ {
    body.split("href=\"").skip(1).filter_map(|rest| {
        let link = rest.split('"').next()?;
        // What is kept is read from the archive, which is empty here: evidence.rs asks for it.
        let is_page = link.starts_with('/')
            && !["/assets/", "/captures/", "/images/"]
                .iter()
                .any(|apart| link.starts_with(apart))
            && !link.ends_with("/evidence");
        is_page.then(|| link.replace("&#38;", "&").replace("&amp;", "&"))
    })
}

#[tokio::test]
async fn no_page_walks_a_big_table() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    for _ in 0..3 {
        place.alert(Severity::Low).await;
    }
    // Its source can be edited where its file lies.
    let file = "start = [\"https://harbour.example/\"]\n[list]\nlinks = [\"a\"]\n";
    std::fs::write(place.source_file("harbourads"), file).unwrap();
    let person = place.account(Role::Administrator).await;
    let who = place.known(&person, sightline_model::Stage::SignedIn).await;
    let program = place.program(Role::Administrator).await;
    let mut next: VecDeque<String> = ASKED.map(str::to_owned).into();
    next.extend(["/".to_owned(), "/api/v1".to_owned()]);
    let read = addresses(&place, &alert).await;
    let files = read.iter().filter(|path| path.ends_with("/politeness"));
    let files = files.map(|path| path.replace("/politeness", "/file"));
    let files: Vec<String> = files
        .flat_map(|file| [format!("{file}/versions"), file])
        .collect();
    next.extend(read);
    next.extend(files);
    place.plans.take();
    let mut asked: BTreeSet<String> = next.iter().cloned().collect();
    let mut slow = BTreeMap::new();
    while let Some(path) = next.pop_front() {
        let asker = if path.starts_with("/api/v1/") {
            &program
        } else {
            &who
        };
        let answer = place.get(asker, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        for step in place.plans.take() {
            // Numbers rise with the instants: the newest are the last rows of the table.
            let is_newest = NEWEST.iter().any(|end| step.statement.ends_with(end));
            let is_dead =
                step.does.contains("INDEX delivery_dead ") && step.statement.ends_with(DEAD);
            if step.walks_a_big_table() && !is_newest && !is_dead {
                slow.entry((step.does, step.statement))
                    .or_insert(path.clone());
            }
        }
        for link in links(&answer.body) {
            let is_new = asked.insert(link.clone());
            if is_new {
                next.push_back(link);
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
    for route in table() {
        let is_page = route.method == Method::GET
            && !UNLINKED.contains(&route.path)
            && !(route.face == Face::Api && matches!(route.needs, Needs::Nobody));
        let is_asked = asked.iter().any(|path| is_of(&route, path));
        assert!(is_asked || !is_page, "no link leads to {}", route.path);
    }
}
