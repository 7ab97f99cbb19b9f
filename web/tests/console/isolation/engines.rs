//! The walk of an organisation through all that it can read, on both engines: PostgreSQL shows what SQLite shows.

use std::{collections::BTreeSet, fs};

use axum::http::{Method, StatusCode};
use sightline_model::Role;
use sightline_store::Store;
use sightline_web::routes::table;

use super::{ask, asked::asks, name, somebody, theirs::Theirs};
use crate::{schema::Schema, support::Place};

/// Routes that have nothing to show to whoever walks here, and why.
const REFUSE: &[(&str, &str)] = &[
    (
        "GET /assets/{version}/{name}",
        "the walk names none that there is",
    ),
    (
        "GET /watchlists/{id}/import/refused",
        "nothing was uploaded",
    ),
];

/// Routes whose bytes are others each time, and why: they are compared by what they show of the canaries.
const BY_CHANCE: &[(&str, &str)] = &[
    (
        "GET /metrics",
        "lines in no order, and how long answers took",
    ),
    ("GET /alerts/{id}/evidence", "packed"),
    ("GET /api/v1/alerts/{id}/evidence", "packed"),
];

/// What was asked, and what was shown.
struct Shown {
    route: String,
    asked: String,
    status: StatusCode,
    text: String,
}

/// Asks for all that can be read, as an administrator of an organisation that has some of everything.
async fn walk(place: &Place) -> Vec<Shown> {
    let theirs = Theirs::beside(place).await;
    theirs.place.stop.cancel();
    let file = fs::read_to_string(theirs.place.source_file("wisteria-source")).unwrap();
    let port = file.split("127.0.0.1:").nth(1).unwrap();
    let port = port.split('/').next().unwrap();
    let mut all = Vec::new();
    for route in table().iter().filter(|route| route.method == Method::GET) {
        let who = somebody(&theirs.place, Role::Administrator, route.face).await;
        for one in asks(route, &theirs.ids) {
            let told = ask(&theirs.place, &who, route, &one).await;
            let route = name(route);
            let text = format!("{}\n{}", told.to, String::from_utf8_lossy(&told.bytes));
            let text = match BY_CHANCE.iter().any(|(chance, _)| *chance == route) {
                true => format!("{:?}", told.canaries),
                false => without_chance(&text.replace(port, "PORT")),
            };
            all.push(Shown {
                route,
                asked: one.path,
                status: told.status,
                text,
            });
        }
    }
    all
}

/// The text with a word for each identifier and digest, for each size of what is packed, and for how long an answer took.
fn without_chance(text: &str) -> String {
    let is_part = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    let words: BTreeSet<&str> = text
        .split(|sign: char| !is_part(sign))
        .filter(|word| word.len() >= 32)
        .collect();
    let mut bare = text.to_owned();
    for word in words.into_iter().rev() {
        bare = bare.replace(word, "ID");
    }
    for before in ["\"took_ms\":", "\"offset\":", "\"length\":", " files, "] {
        let mut parts = bare.split(before);
        let first = parts.next().unwrap_or_default().to_owned();
        bare = parts.fold(first, |bare, part| {
            let rest = part.trim_start_matches(|sign: char| sign.is_ascii_digit());
            format!("{bare}{before}SIZE{rest}")
        });
    }
    bare
}

/// Two texts from a little before where they differ.
fn apart<'t>(one: &'t str, other: &'t str) -> [String; 2] {
    let pairs = one.chars().zip(other.chars());
    let same = pairs.take_while(|(one, other)| one == other).count();
    [one, other].map(|text| {
        text.chars()
            .skip(same.saturating_sub(80))
            .take(200)
            .collect()
    })
}

#[tokio::test]
async fn every_page_is_on_postgresql_what_it_is_on_sqlite() {
    let Some(schema) = Schema::make("console").await else {
        return;
    };
    let (settings, password) = schema.settings();
    let here = walk(&Place::open().await).await;
    let place = Place::over(Store::open(&settings, Some(&password)).await.unwrap()).await;
    let there = walk(&place).await;
    place.store.close().await;
    schema.remove().await;
    assert_eq!(here.len(), there.len());
    let mut faults = Vec::new();
    let mut answered = BTreeSet::new();
    for (one, other) in here.iter().zip(&there) {
        let Shown { route, asked, .. } = one;
        if one.status != other.status {
            faults.push(format!("{asked}: {} and {}", one.status, other.status));
        } else if one.text != other.text {
            let [one, other] = apart(&one.text, &other.text);
            faults.push(format!("{asked}:\n{one}\n  and\n{other}"));
        }
        if other.status.is_success() || other.status == StatusCode::SEE_OTHER {
            answered.insert(route.as_str());
        }
    }
    let all: BTreeSet<&str> = here.iter().map(|one| one.route.as_str()).collect();
    let refused: Vec<&str> = all.difference(&answered).copied().collect();
    let known: Vec<&str> = REFUSE.iter().map(|(route, _)| *route).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert_eq!(refused, known);
}
