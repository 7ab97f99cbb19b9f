//! Patterns that would take all the memory or time there is: refused where they are written, in words, and quickly.

use std::time::{Duration, Instant};

use super::table::table;
use crate::program::Place;

/// Within this the program must have said what it thinks of one.
const SOON: Duration = Duration::from_secs(10);

/// The pattern by its name in the table.
fn pattern(name: &str) -> String {
    match name {
        "repeats-of-repeats" => "(a*){1000}{1000}".to_owned(),
        "repeats-of-repeats-behind-a-word" => "lotus(a*){1000}{1000}".to_owned(),
        "letters-of-every-script" => r"\p{L}{1000}lotus".to_owned(),
        "every-character-in-any-case" => r"(?i)[\x{0}-\x{10ffff}]{5000}lotus".to_owned(),
        "alternatives-10000" => {
            let words: Vec<String> = (0..10_000).map(|nth| format!("w{nth}")).collect();
            words.join("|")
        }
        "groups-in-groups" => format!("{}lotus{}", "(".repeat(1_000), ")".repeat(1_000)),
        "of-100000-letters" => "lotus".repeat(20_000),
        "referring-back" => r"(lotus)\1".to_owned(),
        "looking-around" => "(?=lotus)room".to_owned(),
        "unclosed" => "(lotus".to_owned(),
        "anything-at-all" => ".*".to_owned(),
        "nothing-at-all" => "x*|".to_owned(),
        "backtracking" => "(l+o+)+tus$".to_owned(),
        other => panic!("no pattern is called {other}"),
    }
}

#[test]
fn patterns_that_are_too_much_are_refused_in_words() {
    let place = Place::with_instance();
    let terms = "watchlist create patterns --owner Analyst --category suspect --review-days 90";
    let purpose = ["--purpose", "find people", "--legal-basis", "an order"];
    place.run(terms.split(' ').chain(purpose)).ok();
    let mut faults = Vec::new();
    for (name, input) in &table()["pattern"] {
        let begun = Instant::now();
        let value = pattern(name);
        let ended = place.run(["watchlist", "add", "patterns", "pattern", &value]);
        let found = match ended.status {
            0 => "taken",
            _ => "refused",
        };
        let says = input.says.as_deref().unwrap_or_default();
        if input.ends != [found] || !ended.err.contains(says) || begun.elapsed() > SOON {
            faults.push(format!(
                "{name}: {found} after {:?}: {}",
                begun.elapsed(),
                ended.err
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
