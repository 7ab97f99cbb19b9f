//! How far entries reach: what a crawl recognises, a hunt finds in the store as well; what is only possible is told as such,
//! and what a warning list names is recorded and told to nobody.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{board::Board, watching::text};

/// Entries of every kind of reach, each with the ad that shows it.
const ENTRIES: [(&str, &str, &str, &str); 11] = [
    (
        "phone",
        "2079460123",
        "any_country",
        "Call +44 20 7946 0123",
    ),
    (
        "email",
        "lotus@gmail.com",
        "mailbox",
        "Mail lo.tus+ads@googlemail.com",
    ),
    (
        "handle",
        "instagram/lotus_demo",
        "any_platform",
        "telegram: lotus_demo",
    ),
    (
        "url",
        "https://www.ads.example/u/jade",
        "page",
        "See http://ads.example/u/jade/",
    ),
    (
        "url",
        "https://ads.example/u/lotus",
        "prefix",
        "See http://ads.example/u/lotus/2?x=1",
    ),
    (
        "domain",
        "girls.lotus.example",
        "host",
        "Write to rose@mail.girls.lotus.example",
    ),
    (
        "domain",
        "boys.lotus.example",
        "host",
        "At https://www.boys.lotus.example/rates",
    ),
    (
        "domain",
        "rose.example",
        "subdomains",
        "Write to me@mail.rose.example",
    ),
    (
        "phrase",
        r#""new girls" near:3 "no police""#,
        "exact",
        "NEW girls in town, no police!",
    ),
    (
        "phrase",
        r#""massage" not "massage chair""#,
        "exact",
        "A massage, no massage chair",
    ),
    (
        "pattern",
        r"room\s+\d{3}\b",
        "exact",
        "Ask at the desk for ROOM  204.",
    ),
];

fn records(board: &Board, arguments: &[&str]) -> Vec<Value> {
    let arguments = arguments.iter().copied().chain(["--json"]);
    board.place.run(arguments).records()
}

fn create(board: &Board, name: &str, more: &[&str]) {
    let terms = "--owner A --category other --review-days 9 --purpose x --legal-basis y";
    let arguments = ["watchlist", "create", name].into_iter();
    board
        .place
        .run(
            arguments
                .chain(terms.split(' '))
                .chain(more.iter().copied()),
        )
        .ok();
}

fn add_all(board: &Board, list: &str) {
    for (kind, value, way, _) in ENTRIES {
        let add = ["watchlist", "add", list, kind, value, "--match", way];
        board.place.run(add).ok();
    }
}

/// What was seen of a list: the matched text, how certain that is, and where.
fn seen(board: &Board, list: &str) -> BTreeSet<(String, String, String)> {
    records(board, &["sightings", "--watchlist", list])
        .iter()
        .map(|sighting| {
            (
                text(&sighting["explanation"], "raw").to_owned(),
                text(sighting, "certainty").to_owned(),
                text(sighting, "url").to_owned(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hunt_finds_what_a_crawl_does_however_far_entries_reach() {
    let board = Board::open().await;
    let mut ads: Vec<String> = ENTRIES
        .iter()
        .map(|(_, _, _, ad)| format!("<h1>Ad</h1><p>{ad}</p>"))
        .collect();
    ads.push(
        "<h1>Others</h1><p>Call 202-555-0147, room 2045, massage chair, lotus@example.com, \
         https://ads.example/u/lotus2</p>"
            .to_owned(),
    );
    board.show(&ads).await;
    create(&board, "before", &[]);
    add_all(&board, "before");
    board.crawl();
    let by_crawl = seen(&board, "before");
    let places: BTreeSet<&String> = by_crawl.iter().map(|(_, _, url)| url).collect();
    assert_eq!(
        (by_crawl.len(), places.len()),
        (ENTRIES.len(), ENTRIES.len()),
        "{by_crawl:#?}"
    );
    let possible = by_crawl
        .iter()
        .filter(|(_, certainty, _)| certainty == "possible");
    assert_eq!(possible.count(), 3, "{by_crawl:#?}");

    create(&board, "after", &[]);
    add_all(&board, "after");
    board.place.run(["hunt", "--watchlist", "after"]).ok();
    assert_eq!(seen(&board, "after"), by_crawl);

    // An entry that is told to reach less no longer does.
    let shown = board.place.run(["watchlist", "show", "before"]).ok();
    assert!(shown.contains("(any_country)"), "{shown}");
    let entries = records(&board, &["watchlist", "show", "before"]);
    let mail = entries
        .iter()
        .find(|entry| entry["kind"] == "email")
        .unwrap();
    assert_eq!(mail["match"], "mailbox");
    let narrower = ["watchlist", "edit", text(mail, "id"), "--match", "exact"];
    board.place.run(narrower).ok();
    let host = entries
        .iter()
        .find(|entry| entry["match"] == "host")
        .unwrap();
    let other = board.place.run([
        "watchlist",
        "edit",
        text(host, "id"),
        "--match",
        "subdomains",
    ]);
    assert_eq!(other.status, 1, "it would look for another value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_possible_is_told_as_such_or_to_nobody() {
    let board = Board::open().await;
    let ad = |words: &str| format!("<h1>Ad</h1><p>{words}</p>");
    board.show(&[ad("Mail lo.tus@gmail.com")]).await;
    create(&board, "strict", &["--certainty", "certain"]);
    board.watch("email", "lotus@gmail.com");
    board
        .place
        .run(["watchlist", "add", "strict", "email", "lotus@gmail.com"])
        .ok();
    board.crawl();
    assert_eq!(
        records(&board, &["alerts", "--watchlist", "missing"]).len(),
        1
    );
    assert_eq!(
        records(&board, &["alerts", "--watchlist", "strict"]).len(),
        0
    );
    assert_eq!(seen(&board, "strict").len(), 1);
    let shown = records(&board, &["alerts", "--watchlist", "missing"]);
    assert_eq!(shown[0]["possible"], json!(true));
    let table = board.place.run(["alerts"]).ok();
    assert!(table.contains("possible, first"), "{table}");
    let letters = board.letters();
    for part in [
        ": possible, seen for the first time",
        "- possible: it may be another identifier after all",
        "possible: an address that gmail.com takes for the same mailbox",
    ] {
        assert!(
            letters[0].contains(part),
            "{part} is missing from:\n{}",
            letters[0]
        );
    }

    // The address itself is news, though a possible one came before it.
    board
        .show(&[ad("Mail lo.tus@gmail.com"), ad("Mail lotus@gmail.com")])
        .await;
    board.crawl();
    let alerts = records(&board, &["alerts", "--watchlist", "strict"]);
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["reasons"], json!(["first"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_warning_list_names_is_recorded_and_told_to_nobody_unless_somebody_says_why() {
    let board = Board::open().await;
    let place = &board.place;
    let settings = std::fs::read_to_string(place.path("sightline.toml")).unwrap();
    place.write(
        "sightline.toml",
        &format!("instance.warning_lists = \"lists\"\n{settings}"),
    );
    std::fs::create_dir_all(place.path("lists/desk")).unwrap();
    let list = |items: &[&str]| {
        json!({"name": "Desk numbers", "description": "", "version": 1, "type": "string",
               "matching_attributes": ["phone-number"], "list": items})
        .to_string()
    };
    place.write(
        "lists/desk/list.json",
        &list(&["(not a number)", "+1 202 555 0123"]),
    );
    // What names nothing is told of, and the rest of the list holds.
    let checked = place.run(["check"]);
    let told = checked.out + &checked.err;
    assert!(
        told.contains("'(not a number)' is not a telephone number"),
        "{told}"
    );

    let added = board.watch("phone", "202-555-0123");
    assert!(
        added.contains("on the warning list 'Desk numbers'"),
        "{added}"
    );
    board.watch("phone", "202-555-0147");
    board
        .show(&[
            "<h1>Ad</h1><p>Call 202-555-0123</p>".to_owned(),
            "<h1>Ad</h1><p>Call 202-555-0147</p>".to_owned(),
        ])
        .await;
    board.crawl();
    assert_eq!(
        records(&board, &["alerts"]).len(),
        1,
        "that of the other number"
    );
    let certainties: BTreeSet<String> = seen(&board, "missing")
        .into_iter()
        .map(|(_, certainty, _)| certainty)
        .collect();
    assert_eq!(
        certainties,
        ["certain".to_owned(), "warned".to_owned()].into()
    );
    let shown = place.run(["watchlist", "show", "missing"]).ok();
    assert!(shown.contains("nobody is told"), "{shown}");

    // Somebody says why, and it is told of as what a hunt finds.
    let entries = records(&board, &["watchlist", "show", "missing"]);
    let named = entries
        .iter()
        .find(|entry| entry["value"] == "+12025550123")
        .unwrap();
    let warnings = named["warnings"].as_array().unwrap();
    assert!(warnings.iter().any(|list| list["quiet"] == true));
    let despite = ["--despite-warning", "the desk itself is what we look for"];
    let edit = ["watchlist", "edit", text(named, "id")].into_iter();
    place.run(edit.chain(despite)).ok();
    place.run(["hunt"]).ok();
    assert_eq!(records(&board, &["alerts"]).len(), 2);

    // A list that can't be read is named.
    place.write("lists/broken.json", "{");
    let checked = place.run(["check"]);
    assert_eq!(checked.status, 1);
    assert!(checked.out.contains("broken.json"), "{}", checked.out);
}
