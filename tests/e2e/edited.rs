//! An ad that is edited after an alert was raised: what was seen then stays, and what it says now stands beside it.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{board::Board, program::Place, support::Tools, watching::text};

const PLAIN: &str = "(202) 555-0147";
const DISGUISED: &str = "two o two 555 O147";

async fn shows(board: &Board, words: &str) {
    board.show(&[format!("<h1>Rooms</h1><p>{words}</p>")]).await;
    board.crawl();
}

fn alert(board: &Board) -> String {
    let alerts = board.place.run(["alerts", "--json"]).records();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    text(&alerts[0], "id").to_owned()
}

/// The lines of a text that hold all of these words, in order.
#[track_caller]
fn in_order(told: &str, parts: &[&str]) {
    let mut rest = told;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            panic!("{part} does not come in its turn in:\n{told}");
        };
        rest = after;
    }
}

/// A file of a bundle, whose members are stored as they are.
pub fn member(bundle: &Path, name: &str) -> String {
    let bytes = std::fs::read(bundle).unwrap();
    let whole = String::from_utf8_lossy(&bytes).into_owned();
    let (_, after) = whole.split_once(&format!("/data/{name}")).unwrap();
    let end = after.find("PK\u{3}\u{4}").unwrap();
    after[..end].to_owned()
}

/// Exports the alert, has both verifiers look at it, and returns its story and its alert.
fn exported(board: &Board, name: &str) -> (String, Value) {
    let place: &Place = &board.place;
    let done = place.run(["evidence", "export", &alert(board), "-o", name, "--json"]);
    let key = text(&done.records()[0], "signed_by").to_owned();
    let said = place.run(["evidence", "verify", name, "--key", &key]).ok();
    assert!(said.contains("not a bit changed"), "{said}");
    let path = place.path(name);
    if let Some(tools) = Tools::find() {
        let verifier = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify_bundle.py");
        let mut python = Command::new(tools.python("python"));
        let judged = python.arg(verifier).arg(&path).arg(&key).output().unwrap();
        assert!(judged.status.success(), "{judged:?}");
    }
    let alert = serde_json::from_str(&member(&path, "alert.json")).unwrap();
    (member(&path, "story.txt"), alert)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_seen_stays_as_it_was_whatever_the_ad_says_later() {
    let board = Board::open().await;
    board.watch("phone", "+1 202 555 0147");
    shows(&board, &format!("Call {PLAIN}, day and night.")).await;
    let alert = alert(&board);
    let first = board.place.run(["sightings", "--json"]).records().remove(0);
    assert_eq!(
        (&first["disguised"], &first["since"]),
        (&false.into(), &Value::Null)
    );

    shows(&board, &format!("Ask Bob on {DISGUISED}, thanks.")).await;
    let shown = board.place.run(["alert", "show", &alert]).ok();
    let capture = first["explanation"]["capture"].to_string();
    in_order(
        &shown,
        &[
            "seen for the first time",
            &format!("Call »{PLAIN}«, day and night."),
            &format!("evidence: sightline evidence show {capture}"),
            " it says: ",
            &format!("Ask Bob on »{DISGUISED}«, thanks."),
            "disguised: ",
        ],
    );
    let sighting = board.place.run(["sightings", "--json"]).records().remove(0);
    for field in ["explanation", "disguised", "at", "url", "certainty"] {
        assert_eq!(sighting[field], first[field], "{field}");
    }
    assert_eq!(text(&sighting["since"]["explanation"], "raw"), DISGUISED);
    let listed = board.place.run(["sightings"]).ok();
    assert!(
        listed.contains(PLAIN) && listed.contains("since: "),
        "{listed}"
    );

    let (story, told) = exported(&board, "edited.zip");
    in_order(
        &story,
        &[
            "seen for the first time",
            &format!(">>>{PLAIN}<<<"),
            &format!("(capture {capture})"),
            "the alert was raised",
            "said it in other words",
            &format!(">>>{DISGUISED}<<<"),
        ],
    );
    let seen = &told["alert"]["seen"][0];
    let seen = if seen.is_null() {
        &told["seen"][0]
    } else {
        seen
    };
    assert_eq!(seen["explanation"], first["explanation"]);
    assert_eq!(seen["disguised"], false);
    let span = &seen["explanation"]["span"];
    assert_eq!(span["version"], 1);
    assert_eq!(seen["since"]["explanation"]["span"]["version"], 2);

    // The same once more tells nothing new; then the number is taken out.
    board.crawl();
    let again = board.place.run(["sightings", "--json"]).records().remove(0);
    assert_eq!(again["since"], sighting["since"]);
    shows(&board, "Moved away.").await;
    let shown = board.place.run(["alert", "show", &alert]).ok();
    in_order(
        &shown,
        &[
            &format!("»{PLAIN}«"),
            &format!("»{DISGUISED}«"),
            "the ad no longer says it",
        ],
    );
    let (story, told) = exported(&board, "gone.zip");
    in_order(
        &story,
        &[
            &format!(">>>{PLAIN}<<<"),
            "the alert was raised",
            &format!(">>>{DISGUISED}<<<"),
            "said it for the last time",
        ],
    );
    assert!(told.to_string().contains("\"current\":false"));
    assert_eq!(board.letters().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_poster_did_is_told_from_what_only_the_reading_did() {
    let board = Board::open().await;
    board.watch("phone", "+1 202 555 0147");
    let ads = |said: &str| {
        let ad = |said: &str| format!("<h1>Rooms</h1><p>{said}</p>");
        vec![ad("Quiet and clean."), ad(said)]
    };
    let words = format!("Call {PLAIN}.");
    board.show(&ads(&words)).await;
    board.crawl();
    let listing = board.place.run(["sightings", "--json"]).records()[0]["listing"].to_string();
    let tell = || board.place.run(["listing", &listing]).ok();

    // The site has not changed; its profile has.
    let source = std::fs::read_to_string(board.place.path("sources/board.toml")).unwrap();
    let source = format!("{source}\n[detail.fields]\nfirst = \"p\"\n");
    board.place.write("sources/board.toml", &source);
    board.crawl();
    in_order(&tell(), &["Version 1", "Version 2", "read anew"]);
    let words = format!("Call {PLAIN}, now.");
    board.show(&ads(&words)).await;
    board.crawl();
    let told = tell();
    let (_, third) = told.split_once("Version 3").unwrap();
    assert!(!third.contains("read anew"), "{told}");

    // Away, and back.
    board.show(&ads("")[..1]).await;
    board.crawl();
    assert!(tell().contains("gone since"), "{}", tell());
    board.show(&ads(&words)).await;
    board.crawl();
    let told = tell();
    assert!(
        !told.contains("gone since") && told.contains("was gone from "),
        "{told}"
    );
    let (story, _) = exported(&board, "away.zip");
    in_order(
        &story,
        &[
            "the alert was raised",
            "was read anew, as version 2",
            "was changed: version 3",
            "was gone",
            "was there again",
        ],
    );
}
