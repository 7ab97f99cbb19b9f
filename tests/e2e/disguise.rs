//! An ad that hides its number from software: found, told of once, and explained.

use serde_json::Value;

use crate::{board::Board, watching::text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_in_words_raises_one_alert_that_shows_how_it_was_read() {
    let board = Board::open().await;
    let raw = "2O2 five five five oh one four seven";
    board
        .show(&[
            "<h1>Room</h1><p>Nice and quiet. Call 206-555-0107.</p>".to_owned(),
            format!("<h1>New in town</h1><p>Call or text {raw}, day and night.</p>"),
        ])
        .await;
    board.watch("phone", "+1 202 555 0147");
    board.crawl();

    let alerts = board.place.run(["alerts", "--json"]).records();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let steps = "number words → digits; letters O → 0";
    let shown = board
        .place
        .run(["alert", "show", text(&alerts[0], "id")])
        .ok();
    for part in [
        format!("»{raw}«"),
        "looked for: phone +12025550147".to_owned(),
        format!("disguised: {steps}"),
    ] {
        assert!(shown.contains(&part), "{part} is missing from:\n{shown}");
    }
    let sightings = board.place.run(["sightings", "--json"]).records();
    assert_eq!(sightings[0]["disguised"], true);
    let disguised = ["observations", "--disguised", "--json"];
    let observations: Vec<Value> = board.place.run(disguised).records();
    assert_eq!(observations.len(), 1, "the plain number is none");
    assert_eq!(text(&observations[0], "raw"), raw);

    // The letter, in both of its forms: what stood there with the match marked, what it means, and how it was read.
    let letters = board.letters();
    assert_eq!(letters.len(), 1);
    for part in [
        format!("Call or text >>{raw}<<"),
        format!("<mark>{raw}</mark>"),
        "Looked for: phone +12025550147".to_owned(),
        format!("Read as:  +12025550147, disguised: {steps}"),
        format!("<strong>+12025550147</strong>, disguised: {steps}"),
    ] {
        assert!(
            letters[0].contains(&part),
            "{part} is missing from:\n{}",
            letters[0]
        );
    }

    // The same page once more is nothing new.
    board.crawl();
    assert_eq!(board.letters().len(), 1);
}
