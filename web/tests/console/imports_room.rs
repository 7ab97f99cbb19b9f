//! Patterns for which there is no room: refused, and given back; what has ended takes none; and nobody takes it twice.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};
use sightline_casework::patterns;
use sightline_model::*;
use sightline_store::{Filter, Tx, entries};
use sightline_watchlists::Budget;

use crate::{
    imports::{list_of, sent, upload},
    support::{Place, START},
};

const SMALL: &str = r"lotus\s?spa";

/// A pattern that takes much of the room.
fn big(nth: usize) -> String {
    format!("x{nth:03}(?:[a-z0-9]{{9}}){{200}}")
}

/// How many of the big ones there is room for beside the small one.
fn most() -> usize {
    let mut budget = Budget::of([SMALL.to_owned()]);
    (0..1_000)
        .take_while(|nth| budget.take(&big(*nth)).is_ok())
        .count()
}

/// A pattern that stands on some list.
async fn a_pattern(tx: &mut Tx) -> Entry {
    let standing = entries::list(tx, &Filter::default()).await.unwrap();
    let mut standing = standing.into_iter();
    standing
        .find(|one| one.selector.kind == Kind::Pattern)
        .unwrap()
}

/// Puts the small pattern on a list, and so many big ones, as they may have been added before there was a limit; those from
/// `ended` on have expired.
async fn filled(place: &Place, list: WatchlistId, count: usize, ended: usize) {
    let program = place.program(Role::Analyst).await;
    let draft = format!("/api/v1/watchlists/{list}/entries");
    let small = json!({"kind": "pattern", "value": SMALL});
    let added = place.call(&program, &draft, small).await;
    assert!(added.status.is_success(), "{}", added.body);
    let mut tx = place.write().await;
    let standing = a_pattern(&mut tx).await;
    let mint = Mint::seeded(9);
    let big = (0..count).map(|nth| Entry {
        id: mint.id(START),
        selector: Selector::new(Kind::Pattern, big(nth)),
        expires_at: (nth >= ended).then_some(Timestamp(START.0 - 1)),
        ..standing.clone()
    });
    let big: Vec<Entry> = big.collect();
    entries::add(&mut tx, &big).await.unwrap();
    tx.commit().await.unwrap();
}

fn outcomes(report: &Value) -> Vec<&str> {
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| row["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_pattern_for_which_there_is_no_room_is_refused_and_given_back() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let most = most();
    filled(&place, list, most + 20, most + 20).await;

    let draft = format!("/api/v1/watchlists/{list}/entries");
    let one_more = json!({"kind": "pattern", "value": r"rose\s?spa"});
    let refused = place.call(&program, &draft, one_more).await;
    assert!(!refused.status.is_success());
    for part in ["64 MiB are the most", "withdraw patterns that nobody needs"] {
        assert!(refused.body.contains(part), "{}", refused.body);
    }
    let file = "kind,value,note\npattern,rose\\s?spa,first\nphrase,blue lotus,\npattern,rose\\s?spa,again\npattern,lotus\\s?spa,\nphone,nobody,\n";
    let is_whole = |csv: &str| {
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 4, "{csv}");
        assert_eq!(lines[0], "kind,value,note,refused_because,refused_at");
        for (line, start, end) in [
            (lines[1], "pattern,rose\\s?spa,first,", "line 2"),
            (lines[2], "pattern,rose\\s?spa,again,", "line 4"),
            (lines[3], "phone,nobody,,", "line 6"),
        ] {
            assert!(line.starts_with(start) && line.ends_with(end), "{csv}");
        }
        assert!(lines[1].contains("64 MiB are the most"), "{csv}");
    };
    for query in ["dry_run=true", ""] {
        let path = format!("/api/v1/watchlists/{list}/import?name=partner.csv&{query}");
        let body = Body::from(file.to_owned());
        let request = program.request(Method::POST, &path, body, "application/octet-stream");
        let answer = place.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let told = answer.json();
        assert_eq!(
            outcomes(&told["report"]),
            ["refused", "added", "refused", "duplicate", "refused"],
            "{told}"
        );
        is_whole(told["refused"].as_str().unwrap());
    }
    // The console's page gives the same.
    let analyst = place.somebody(Role::Analyst).await;
    let uploaded = upload(&place, &analyst, list, "list.csv", file).await;
    let looked = uploaded.header(header::LOCATION).to_owned();
    let csv = place
        .get(&analyst, &looked.replace("/import?", "/import/refused?"))
        .await;
    assert_eq!(csv.status, StatusCode::OK, "{}", csv.body);
    is_whole(&csv.body);
}

#[tokio::test]
async fn what_has_ended_takes_no_room_until_it_is_looked_for_again() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let most = most();
    filled(&place, list, most + 2, most - 1).await;
    // There is room for one of the three that have ended.
    let again: String = (most - 1..most + 2)
        .map(|nth| format!("pattern;{};2028-01-01\n", big(nth)))
        .collect();
    let file = format!("kind;value;expires_at\n{again}");
    let report = sent(&place, &program, list, "update=true", &file).await;
    assert_eq!(
        outcomes(&report),
        ["updated", "refused", "refused"],
        "{report}"
    );
}

#[tokio::test]
async fn two_who_write_at_once_do_not_both_take_the_last_room() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    let program = place.program(Role::Analyst).await;
    let most = most();
    filled(&place, list, most - 1, most).await;
    let [one, other] = [most, most + 1].map(|nth| format!("kind;value\npattern;{}\n", big(nth)));
    let (one, other) = tokio::join!(
        sent(&place, &program, list, "", &one),
        sent(&place, &program, list, "", &other),
    );
    let mut came = [outcomes(&one), outcomes(&other)].concat();
    came.sort_unstable();
    assert_eq!(came, ["added", "refused"], "{one} {other}");
}

#[tokio::test]
async fn a_pattern_that_nothing_can_look_for_is_found() {
    let place = Place::open().await;
    let list = list_of(&place).await;
    filled(&place, list, 1, 1).await;
    let mut tx = place.write().await;
    let standing = a_pattern(&mut tx).await;
    let mint = Mint::seeded(10);
    let of = |value: &str, state, expires_at| Entry {
        id: mint.id(START),
        selector: Selector::new(Kind::Pattern, value),
        state,
        expires_at,
        ..standing.clone()
    };
    // As an earlier version may have taken them.
    let broken = of("(unclosed", EntryState::Active, None);
    let others = [
        broken.clone(),
        of("(draft", EntryState::Draft, None),
        of("(ended", EntryState::Active, Some(Timestamp(START.0 - 1))),
    ];
    entries::add(&mut tx, &others).await.unwrap();
    let found = patterns::unusable(&mut tx, START).await.unwrap();
    let [(entry, problem)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(entry.id, broken.id);
    assert!(problem.message.contains("unclosed group"), "{problem}");
}
