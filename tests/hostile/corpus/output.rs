//! What people are shown of hostile pages: tables, logs and letters say what stood there, and do nothing of it.

use std::fs;

use crate::program::{Place, lines};

/// Characters that move a terminal's cursor, turn text round, or are not to be seen at all.
fn is_unsafe(sign: char) -> bool {
    sign.is_control() && sign != '\n'
        || matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What is wrong with what the program shows and tells after the crawl; `log` is what the crawl itself said.
pub fn faults(place: &Place, log: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut judge = |what: &str, text: &str| {
        if let Some(sign) = text.chars().find(|&sign| is_unsafe(sign)) {
            faults.push(format!(
                "{what} shows {:?}",
                sign.escape_unicode().to_string()
            ));
        }
    };
    judge("the log of the crawl", log);
    for family in [
        "visits",
        "listings",
        "observations",
        "sightings",
        "alerts",
        "runs",
        "deliveries",
    ] {
        let table = place.run([family, "--limit", "10000"]);
        judge(&format!("`sightline {family}`"), &table.ok());
        // Each line is an object whatever stood on the page.
        lines(&place.run([family, "--json"]).ok());
    }
    let letters: Vec<_> = fs::read_dir(place.path("letters"))
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    if letters.is_empty() {
        faults.push("no letter was sent".to_owned());
    }
    for letter in letters {
        let letter = fs::read_to_string(letter.path()).expect("a letter is text");
        let head = letter.split("\r\n\r\n").next().unwrap_or_default();
        let is_foreign =
            |line: &str| line.to_ascii_lowercase().starts_with("bcc:") || line.contains("canary@");
        faults.extend(
            head.lines()
                .filter(|line| is_foreign(line))
                .map(|line| format!("a letter's head says {line}")),
        );
    }
    faults
}
