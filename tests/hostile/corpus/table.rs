//! The table of inputs: what each is, how it must end, and which limit ends it.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;
use serde_json::Value;
use sightline_casework::outcome::explain;
use sightline_model::Outcome;

/// One input.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is, in a sentence.
    pub is: String,
    /// The outcomes that a visit to it may have, or its state, for one that waits for its turn; several where it depends on how fast
    /// this machine is.
    #[serde(deserialize_with = "outcomes")]
    pub ends: Vec<String>,
    /// Words that the visit's particulars must have.
    #[serde(default)]
    pub says: Option<String>,
    /// The setting or constant that ends it, where a limit does.
    #[serde(default)]
    pub limit: Option<String>,
}

/// Groups of inputs, each by its name.
pub type Table = BTreeMap<String, BTreeMap<String, Input>>;

/// How many inputs of each group there must be.
const LEAST: &[(&str, usize)] = &[
    ("http", 40),
    ("coding", 16),
    ("redirect", 12),
    ("trap", 10),
    ("robots", 10),
    ("tls", 10),
    ("html", 20),
    ("image", 24),
    ("output", 20),
    ("pattern", 8),
];

/// Limits that are no settings.
const FIXED: &[&str] = &[
    "400 KiB of head",
    "2 codings",
    "5 minutes of Crawl-delay",
    "8 MiB of zstd window",
    "2,048 bytes of address",
    "500 KiB of robots.txt",
    "5 redirects of robots.txt",
    "20 segments of path",
    "a path that repeats itself",
    "a query that keeps growing",
    "50,000,000 pixels",
    "64 MiB of picture",
    "1,000 frames",
    "200,000 nodes",
];

/// The whole corpus.
pub fn table() -> Table {
    toml::from_str(include_str!("corpus.toml")).expect("the corpus is sound TOML")
}

fn outcomes<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let words = String::deserialize(from)?;
    Ok(words.split(" or ").map(str::to_owned).collect())
}

/// An input that did not end as the table has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The input, as `group.name`.
    pub input: String,
    /// What was found instead.
    pub found: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.input, self.found)
    }
}

/// Holds visits, as `sightline visits --json` gives them, against the table.
pub fn judge(table: &Table, visits: &BTreeMap<String, Value>) -> Vec<Fault> {
    let inputs = table.iter().flat_map(|(group, inputs)| {
        inputs
            .iter()
            .map(move |(name, input)| (format!("{group}-{name}"), input))
    });
    inputs
        .filter_map(|(name, input)| {
            let found = match visits.get(&name) {
                None => "it was never visited".to_owned(),
                Some(visit) => match fault(input, visit) {
                    Some(fault) => fault,
                    None => missed(&name, visit)?,
                },
            };
            Some(Fault { input: name, found })
        })
        .collect()
}

fn fault(input: &Input, visit: &Value) -> Option<String> {
    let text = |key: &str| visit[key].as_str().unwrap_or_default().to_owned();
    let (mut outcome, detail, mut words) = (text("outcome"), text("detail"), text("meaning"));
    if outcome.is_empty() {
        // It waits for its turn, of which the crawl itself tells.
        (outcome, words) = (text("state"), "it waits for its turn".to_owned());
    }
    if !input.ends.contains(&outcome) {
        return Some(format!(
            "{outcome} ({detail}), not {}",
            input.ends.join(" or ")
        ));
    }
    if let Some(words) = &input.says
        && !detail.contains(words)
    {
        return Some(format!("it says '{detail}', without '{words}'"));
    }
    (words.is_empty() || words == outcome).then(|| format!("no words explain {outcome}"))
}

/// An ad that was read, and its number not found.
fn missed(name: &str, visit: &Value) -> Option<String> {
    let is_ad = name.starts_with("html-") || name.starts_with("output-");
    let found = visit["found"].to_string();
    let has_number = found.contains("+12025550147");
    let is_read = visit["outcome"] == "fetched";
    (is_ad && is_read && !has_number).then(|| format!("found in it: {found}"))
}

#[test]
fn there_are_as_many_inputs_as_promised() {
    let table = table();
    for (group, least) in LEAST {
        let there = table.get(*group).map_or(0, BTreeMap::len);
        assert!(there >= *least, "{group}: {there} of {least}");
    }
}

#[test]
fn every_end_has_words_that_say_what_it_means_and_what_to_do() {
    let states = ["leased", "due", "refused", "taken"];
    for (group, inputs) in table() {
        let ends = inputs
            .iter()
            .flat_map(|(name, input)| input.ends.iter().map(move |end| (name, end)));
        for (name, end) in ends {
            if states.contains(&end.as_str()) || group == "trap" {
                continue;
            }
            let outcome: Outcome = end
                .parse()
                .unwrap_or_else(|_| panic!("{group}-{name}: {end} is no outcome"));
            // Tables, the console and programs are all given these.
            let (meaning, remedy) = explain(outcome);
            let needs_nothing = outcome.is_success() || outcome.is_gone();
            assert!(
                meaning.contains(' ')
                    && (needs_nothing || remedy.contains(' ') || remedy.len() > 5),
                "{end}"
            );
        }
    }
}

#[test]
fn every_input_is_explained_and_its_limit_is_one() {
    let defaults: [toml::Table; 2] = [
        toml::from_str(include_str!("../../../config/default.toml")).unwrap(),
        toml::from_str(include_str!("../../../config/source.toml")).unwrap(),
    ];
    let is_setting = |key: &str| {
        let (table, key) = key.split_once('.').unwrap_or_default();
        let has = |all: &toml::Table| all.get(table).is_some_and(|table| table.get(key).is_some());
        defaults.iter().any(has)
    };
    for (group, inputs) in table() {
        for (name, input) in inputs {
            assert!(input.is.len() > 10, "{group}-{name} is not explained");
            let limit = input.limit.as_deref();
            let is_known = limit.is_none_or(|limit| is_setting(limit) || FIXED.contains(&limit));
            assert!(is_known, "{group}-{name}: {limit:?} is no limit of ours");
        }
    }
}

#[test]
fn an_expectation_that_is_wrong_is_reported() {
    let input = |ends: &str, says: Option<&str>| Input {
        is: "an input".to_owned(),
        ends: vec![ends.to_owned()],
        says: says.map(str::to_owned),
        limit: None,
    };
    let visit = serde_json::json!({
        "outcome": "bomb", "detail": "1000 compressed bytes grow to more than 10", "meaning": "it swells"
    });
    let mute = serde_json::json!({ "outcome": "bomb", "detail": "", "meaning": "" });
    for (input, visit, expected) in [
        (input("bomb", None), Some(&visit), None),
        (input("bomb", Some("grow to")), Some(&visit), None),
        (input("fetched", None), Some(&visit), Some("not fetched")),
        (
            input("bomb", Some("shrink")),
            Some(&visit),
            Some("without 'shrink'"),
        ),
        (input("bomb", None), Some(&mute), Some("no words")),
        (input("bomb", None), None, Some("never visited")),
    ] {
        let table = Table::from([("a".to_owned(), BTreeMap::from([("b".to_owned(), input)]))]);
        let visits = visit.map(|visit| ("a-b".to_owned(), visit.clone()));
        let faults = judge(&table, &visits.into_iter().collect());
        match expected {
            None => assert_eq!(faults, []),
            Some(words) => assert!(faults[0].to_string().contains(words), "{faults:?}"),
        }
    }
}
