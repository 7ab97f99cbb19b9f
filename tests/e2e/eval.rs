//! `sightline eval`: what it says, and the file that it writes.

use serde_json::{Value, json};

use crate::program::Place;

const ADS: &str = r#"{"id": "a/1", "family": "a", "split": "tuned", "text": "call (202) 555-0123", "region": "US", "expect": [{"kind": "phone", "value": "+12025550123", "disguised": false}]}
{"id": "a/2", "family": "a", "split": "tuned", "text": "no number", "region": "US", "expect": [{"kind": "phone", "value": "+12025550124"}]}
{"id": "b/1", "family": "b", "split": "held_out", "html": "<p>mail lotus@example.com</p>", "expect": []}
"#;

#[test]
fn documents_are_judged_and_the_result_is_written() {
    let place = Place::empty();
    place.write("ads.jsonl", ADS);
    let said = place
        .run([
            "eval",
            "ads.jsonl",
            "--json",
            "--errors",
            "--output",
            "result.json",
        ])
        .records();
    let [result] = said.as_slice() else {
        panic!("{said:?}");
    };
    let written = std::fs::read(place.path("result.json")).unwrap();
    assert_eq!(&serde_json::from_slice::<Value>(&written).unwrap(), result);
    let overall = json!({
        "documents": 3, "expected": 2, "found": 1, "missed": 1, "false_finds": 1, "precision": 0.5, "recall": 0.5,
    });
    assert_eq!(result["overall"], overall);
    assert_eq!(result["splits"]["tuned"]["families"]["a"]["recall"], 0.5);
    assert_eq!(
        result["splits"]["held_out"]["negatives"]["false_finds_in_100"],
        100.0
    );
    assert_eq!(result["errors"][0]["missed"][0]["value"], "+12025550124");
    assert_eq!(result["errors"][1]["false"][0]["raw"], "lotus@example.com");
}

#[test]
fn people_are_shown_what_was_missed_and_which_lines_are_bad() {
    let place = Place::empty();
    place.write("ads.jsonl", &format!("{ADS}rubbish\n"));
    let ended = place.run(["eval", "ads.jsonl", "--errors"]);
    assert_eq!(ended.status, 1);
    for word in [
        "family (tuned)",
        "kind (held_out)",
        "0.500",
        "missed  phone +12025550124",
        "no number",
    ] {
        assert!(ended.out.contains(word), "{word} in {}", ended.out);
    }
    assert!(ended.err.contains("ads.jsonl, line 4:"), "{}", ended.err);
}
