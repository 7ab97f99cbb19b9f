//! `sightline demo`: it does the whole job, and says so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::Place;

#[test]
fn it_tells_the_story_in_words() {
    let place = Place::empty();
    let told = place.run(["demo"]).ok();
    for part in [
        "seen for the first time",
        "back after 41 days, on the same site",
        "»2O2 555 zero one four seven«",
        "disguised: number words → digits; letters O → 0",
        "»We keep your passport«",
        "Message-ID: <",
        "webhook-id ",
        "\"type\":\"alert.",
        "sightline demo --keep DIR",
    ] {
        assert!(told.contains(part), "{part} is missing from:\n{told}");
    }
    assert_eq!(
        std::fs::read_dir(place.path(".")).unwrap().count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn it_tells_the_story_to_programs() {
    let steps = Place::empty().run(["demo", "--json"]).records();
    let of = |step: &str| {
        steps
            .iter()
            .filter(|told| told["step"] == step)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("entry").len(), 4);
    let outcomes: Vec<&Value> = of("crawl")
        .iter()
        .map(|told| &told["run"]["outcome"])
        .collect();
    assert_eq!(outcomes, ["complete", "complete", "complete"]);
    let reasons: Vec<&str> = of("sighting")
        .iter()
        .filter_map(|told| told["sighting"]["reason"].as_str())
        .collect();
    assert_eq!(
        reasons.iter().filter(|reason| **reason == "first").count(),
        4,
        "{reasons:?}"
    );
    assert_eq!(
        reasons
            .iter()
            .filter(|reason| **reason == "reappeared")
            .count(),
        1,
        "{reasons:?}"
    );

    // One alert for each entry; one message more for the one that came back; the same for both channels.
    assert_eq!(
        (of("alert").len(), of("letter").len(), of("webhook").len()),
        (4, 5, 5)
    );
    let ids: BTreeSet<&str> = of("webhook")
        .iter()
        .filter_map(|told| told["id"].as_str())
        .collect();
    assert_eq!(ids.len(), 5, "each message has an id of its own");
    for told in of("webhook") {
        let body = told["body"].to_string();
        for found in [
            "+1202",
            "2O2",
            "lotus.staff",
            "harbour_jobs_demo",
            "passport",
            "/offers/",
        ] {
            assert!(
                !body.contains(found),
                "a thin message holds {found}: {body}"
            );
        }
    }
}

#[test]
fn it_keeps_the_instance_only_where_nothing_is() {
    let place = Place::empty();
    place.write("mine", "precious");
    let ended = place.run(["demo", "--keep", "."]);
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("not empty"), "{}", ended.err);
    assert_eq!(std::fs::read_dir(place.path(".")).unwrap().count(), 1);
}
