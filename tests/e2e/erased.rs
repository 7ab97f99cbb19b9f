//! What an erasure says of what it takes beside, and of what it does not reach; and an export while the archive is compacted.

use std::{
    fs::{self, File},
    path::Path,
};

use crate::{board::Board, edited::member, evidence::with_alert};

/// Two ads on one page that holds the records themselves, and an alert for each.
async fn rows() -> Board {
    let board = Board::open().await;
    let file = board.place.path("sources/board.toml");
    let source = fs::read_to_string(&file).unwrap();
    let (head, _) = source.split_once("[list]").unwrap();
    let record = "[list.record]\nroot = \"li.ad\"\nlink = \"a\"\ntitle = \"a\"\nkey = { url = \"/ads/(\\\\d+)\" }\n";
    fs::write(&file, format!("{head}{record}")).unwrap();
    for number in ["+12025550123", "+12025550144"] {
        board.watch("phone", number);
    }
    let row = |key: u8, number: &str| {
        format!("<li class=ad><a href='/ads/{key}'>Rose {key}</a> Call {number} today.</li>")
    };
    let rows = [row(1, "(202) 555-0123"), row(2, "(202) 555-0144")].concat();
    board.serve("/", &format!("<ul>{rows}</ul>")).await;
    board.crawl();
    board
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_evidence_goes_with_what_is_erased_is_told_before_and_after_and_in_its_bundle() {
    let board = rows().await;
    let place = &board.place;
    let listings = place.run(["listings", "--json"]).records();
    let one = listings
        .iter()
        .find(|one| one["url"].as_str().unwrap().ends_with("/ads/1"))
        .unwrap();
    let id = one["id"].to_string();
    let sightings = place.run(["sightings", "--json"]).records();
    let other = sightings
        .iter()
        .find(|sighting| sighting["listing"] != one["id"])
        .unwrap();
    let alerts = place.run(["alerts", "--json"]).records();
    let alert = alerts
        .iter()
        .find(|alert| alert["entries"][0] == other["entry"])
        .unwrap();
    let alert = alert["id"].as_str().unwrap();
    let capture = format!("evidence show {}", other["explanation"]["capture"]);
    assert!(place.run(["alert", "show", alert]).ok().contains(&capture));

    let erase = ["erase", "listing", &id, "--reason", "request 14/27"];
    let would = place.run(erase.iter().chain(&["--dry-run"])).err;
    assert!(
        would.contains("1 other alert would lose evidence by it, 1 of them not closed")
            && would.contains(alert),
        "{would}"
    );
    let done = place.run(erase);
    let (before, after) = done
        .err
        .split_once("Erasing as")
        .expect("said before it is done, too");
    assert!(
        before.contains("1 other alert would lose evidence"),
        "{before}"
    );
    for said in [
        "1 other alert has lost evidence",
        // The site shows it as ever, in the row of a page that is captured for others' sake.
        "It stood on 1 page with others",
        "captures_days",
        // And letters that told of it lie where they were put.
        "letters (the channel 'mail')",
    ] {
        assert!(after.contains(said), "{said}\n{after}");
    }
    let shown = place.run(["alert", "show", alert]).ok();
    assert!(
        !shown.contains("evidence show") && shown.contains("was purged or erased"),
        "{shown}"
    );
    place
        .run(["evidence", "export", alert, "-o", "case.zip"])
        .ok();
    let path = place.path("case.zip");
    assert!(member(&path, "erased.json").contains("request 14/27"));
    let story = member(&path, "story.txt");
    assert!(
        story.contains("erased what the alert also rested on"),
        "{story}"
    );
}

/// What the rows say is where they say it for as long as an export reads.
#[test]
fn an_export_waits_for_a_compaction() {
    let (place, alert) = with_alert();
    let (archive, aside) = (place.path("data/archive"), place.path("aside"));
    let compacting = File::open(&archive).unwrap();
    compacting.lock().unwrap();
    fs::create_dir(&aside).unwrap();
    move_files(&archive, &aside);
    let arguments = ["evidence", "export", &alert, "-o", "case.zip"];
    let mut export = place.spawn(&arguments, "log");
    // Of those that wait for a lock the system says so, behind an arrow.
    let process = format!(" {} ", export.id());
    let waits = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let mut waiting = locks.lines().filter(|line| line.contains("->"));
        waiting.any(|line| line.contains(&process))
    };
    while export.try_wait().unwrap().is_none() && !waits() {
        std::thread::yield_now();
    }
    move_files(&aside, &archive);
    drop(compacting);
    let ended = export.wait().unwrap();
    let said = fs::read_to_string(place.path("log")).unwrap();
    assert!(ended.success(), "{said}");
}

fn move_files(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::rename(file.path(), to.join(file.file_name())).unwrap();
    }
}
