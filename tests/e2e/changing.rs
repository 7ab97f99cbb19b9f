//! What people take back, do again, or say twice: nothing of it is lost, and nothing passes for something else.

use serde_json::{Value, json};

use crate::{board::Board, program::Place, watching::text};

/// An instance with a list, and an entry on it that was withdrawn with a reason.
fn withdrawn() -> (Place, String) {
    let place = Place::with_instance();
    let create = "watchlist create Lotus --owner Analyst --category suspect --review-days 90";
    let terms = ["--purpose", "find people", "--legal-basis", "an order"];
    place.run(create.split(' ').chain(terms)).ok();
    let add = "watchlist add Lotus phone +12025550123 --note tall --json";
    let added = place.run(add.split(' ')).records();
    let id = text(&added[0], "id").to_owned();
    let remove = ["watchlist", "remove", &id, "--reason", "consent taken back"];
    place.run(remove).ok();
    (place, id)
}

fn history(place: &Place, id: &str) -> Vec<Value> {
    place.run(["watchlist", "history", id, "--json"]).records()
}

#[test]
fn whoever_adds_again_what_was_withdrawn_is_told_and_every_change_is_kept() {
    let (place, id) = withdrawn();
    let add = ["watchlist", "add", "Lotus", "phone", "(202) 555-0123"];
    let again = [
        "--region",
        "US",
        "--purpose",
        "a new case",
        "--note",
        "short",
    ];
    let said = place.run(add.iter().chain(&again)).ok();
    assert!(said.contains("had been withdrawn"), "{said}");
    assert!(said.contains("consent taken back"), "{said}");

    let changes = history(&place, &id);
    assert_eq!(changes[0]["deed"], "added");
    assert_eq!(changes[0]["reason"], "by a command");
    assert_eq!(changes[1]["reason"], "consent taken back");
    assert_eq!(changes[2]["deed"], "restored");
    assert_eq!(changes[2]["reason"], "by a command");
    let fields = changes[2]["fields"].as_array().unwrap();
    let change = |field: &str| {
        let found = fields.iter().find(|change| change["field"] == field);
        found.map(|change| (change["before"].clone(), change["after"].clone()))
    };
    assert_eq!(
        change("purpose"),
        Some((json!("find people"), json!("a new case")))
    );
    assert_eq!(change("note"), Some((json!("tall"), json!("short"))));
    assert_eq!(change("state"), Some((json!("withdrawn"), json!("active"))));
    assert_eq!(
        change("value"),
        Some((json!("+12025550123"), json!("(202) 555-0123")))
    );
    let shown = place.run(["watchlist", "history", &id]).ok();
    for part in [
        "consent taken back",
        "find people → a new case",
        " by a command\n",
    ] {
        assert!(shown.contains(part), "{part} not in {shown}");
    }
}

#[test]
fn an_import_tells_of_what_was_withdrawn_and_a_dry_run_too() {
    let (place, id) = withdrawn();
    place.write(
        "list.csv",
        "kind,value,note\nphone,+1 202 555 0123,short\nphone,+1 202 555 0147,\n",
    );
    let import = ["watchlist", "import", "Lotus", "list.csv"];
    for more in [&["--dry-run"][..], &[]] {
        let rows = place
            .run(import.iter().chain(more).chain(&["--json"]))
            .records();
        let row = &rows[0];
        assert_eq!(row["entry"], id, "{row}");
        assert_eq!(row["had_been_withdrawn"]["reason"], "consent taken back");
        assert_eq!(rows[1]["had_been_withdrawn"], Value::Null);
        let is_dry = !more.is_empty();
        assert_eq!(history(&place, &id).len(), if is_dry { 2 } else { 3 });
    }
    // Each entry says from which file it came, and a file that came from elsewhere does not say where it lay.
    let from = "from the file list.csv, by a command";
    assert_eq!(history(&place, &id)[2]["reason"], from);
    let rows = place
        .run(["watchlist", "show", "Lotus", "--json"])
        .records();
    let new = rows.iter().find(|row| row["value"] == "+12025550147");
    let new = text(new.unwrap(), "id").to_owned();
    let made = &history(&place, &new)[0];
    assert_eq!((text(made, "deed"), text(made, "reason")), ("added", from));
    assert!(!text(made, "who").is_empty());
    let fields = history(&place, &id)[2]["fields"].to_string();
    assert!(
        fields.contains("tall") && fields.contains("short"),
        "{fields}"
    );

    place.run(["watchlist", "remove", &id]).ok();
    let said = place.run(import.iter().chain(&["--dry-run"]));
    assert!(said.out.contains("who gave no reason"), "{}", said.out);
    assert!(
        said.err.contains("1 of them had been withdrawn before"),
        "{}",
        said.err
    );
}

#[test]
fn whoever_withdraws_an_entry_is_told_which_alerts_nobody_is_reminded_of_any_more() {
    let place = Place::after_the_demo();
    let open = place.run(["alerts", "--state", "open", "--json"]).records();
    let (alert, entry) = (
        text(&open[0], "id"),
        open[0]["entries"][0].as_str().unwrap(),
    );
    let shown = place.run(["alert", "show", alert]).ok();
    assert!(!shown.contains("nobody is reminded"), "{shown}");
    let removed = place.run(["watchlist", "remove", entry]).ok();
    for part in [
        "1 alert of it is not closed",
        &format!("sightline alert show {alert}"),
    ] {
        assert!(removed.contains(part), "{removed}");
    }
    let shown = place.run(["alert", "show", alert]).ok();
    for part in [
        "what was looked for was withdrawn from its list",
        "; withdrawn since",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn one_host_is_not_widened_to_its_domain_and_that_is_said() {
    let (place, _) = withdrawn();
    let add = |value: &str| {
        let add = ["watchlist", "add", "Lotus", "domain", value];
        let said = place.run(add).ok();
        let all = ["watchlist", "export", "Lotus", "--json"];
        let entries = place.run(all).records();
        let kept = entries.iter().find(|entry| entry["written"] == value);
        let kept = kept.unwrap_or_else(|| panic!("{value} is not there"));
        (
            said,
            text(kept, "value").to_owned(),
            text(kept, "match").to_owned(),
        )
    };
    let (said, value, way) = add("girls.lotus.example.com");
    assert_eq!(
        (value.as_str(), way.as_str()),
        ("girls.lotus.example.com", "host")
    );
    assert!(said.contains("not for all of example.com"), "{said}");
    let (said, value, way) = add("www.rose.example.net");
    assert_eq!((value.as_str(), way.as_str()), ("rose.example.net", "host"));
    assert!(said.contains("example.net"), "{said}");
    let (said, value, way) = add("www.example.org");
    assert_eq!(
        (value.as_str(), way.as_str()),
        ("example.org", "subdomains")
    );
    assert!(!said.contains("not for all"), "{said}");
}

/// A board with one sighting, its alert and its id.
async fn sighted() -> (Board, String, String) {
    let board = Board::open().await;
    board.watch("phone", "+12025550147");
    board
        .show(&["<h1>Room</h1><p>Call (202) 555-0147</p>".to_owned()])
        .await;
    board.crawl();
    let first =
        |family: &str| text(&board.place.run([family, "--json"]).records()[0], "id").to_owned();
    let (alert, sighting) = (first("alerts"), first("sightings"));
    (board, alert, sighting)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_of_several_lines_forges_none_of_ours() {
    let (board, alert, _) = sighted().await;
    let forged = "seen\n  2026-11-27 10:00:00Z (now), Boss closed it as rejected";
    let comment = [
        "alert",
        "comment",
        &alert,
        forged,
        "--by",
        "R. Analyst\n  Boss",
    ];
    board.place.run(comment).ok();
    let shown = board.place.run(["alert", "show", &alert]).ok();
    let line = shown.lines().find(|line| line.contains("Boss closed it"));
    assert!(
        line.is_some_and(|line| line.starts_with("    │ ")),
        "{shown}"
    );
    assert!(
        shown.contains("R. Analyst Boss said:\n    │ seen\n"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_twice_is_kept_once_and_nothing_is_taken_back_in_vain() {
    let (board, _, id) = sighted().await;
    let place = &board.place;
    let say = |words: &[&str]| {
        let all = [&["sighting"], words, &[id.as_str()]].concat();
        place.run(all).ok()
    };
    let verdicts = || {
        let history = place.run(["sighting", "history", &id, "--json"]).records();
        history.len()
    };
    assert!(say(&["undo"]).contains("nothing to take back"));
    assert_eq!(verdicts(), 0);
    say(&["confirm"]);
    let again = say(&["confirm"]);
    assert!(again.contains("so already"), "{again}");
    assert_eq!(verdicts(), 1);
    say(&["confirm", "--by", "B. Second"]);
    say(&["confirm", "--by", "B. Second", "--reason", "rang them"]);
    assert_eq!(
        verdicts(),
        3,
        "another's word, and another reason, are kept"
    );
    assert!(say(&["undo"]).contains("undecided again"));
    assert!(say(&["undo"]).contains("nothing to take back"));
    assert_eq!(verdicts(), 4);
    let shown = place.run(["sightings", "--json"]).records();
    assert_eq!(shown[0]["verdict"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silence_lasts_from_its_beginning_and_is_of_a_case_that_there_is() {
    let (board, ..) = sighted().await;
    let place = &board.place;
    let silence = |words: &str| {
        let words = format!("alert silence {words} --reason known --json");
        place.run(words.split(' '))
    };
    let made = silence("--all --from 2030-01-01 --for 7d").records();
    assert_eq!(made[0]["until"], "2030-01-08T00:00:00Z");
    let ended = silence("--case 12/62 --for 7d");
    assert_eq!(ended.status, 2);
    assert!(
        ended.err.contains("no entry names '12/62'"),
        "{}",
        ended.err
    );
    let add = "watchlist add missing phone +12025550199 --case 12/62";
    place.run(add.split(' ')).ok();
    assert_eq!(silence("--case 12/62 --for 7d").status, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_for_quiet_is_not_warned() {
    let (board, ..) = sighted().await;
    let loud = board.place.run(["crawl", "board"]);
    assert!(loud.err.contains("127.0.0.0/8"), "{}", loud.err);
    for command in [
        &["crawl", "board", "-q"][..],
        &["deliver", "-q"],
        &["hunt", "-q"],
    ] {
        let quiet = board.place.run(command);
        assert_eq!((quiet.status, quiet.err.as_str()), (0, ""), "{command:?}");
    }
}
