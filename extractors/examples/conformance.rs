//! Runs cases that others wrote against the extractors, and prints which are met.
//!
//! `cargo run -p sightline-extractors --example conformance FOLDER [--all]`, where the folder holds
//! `libphonenumber/matcher.json`, `linkify-it/*.txt` and `twitter-text/extract.yml`. The cases are other people's work and
//! are not kept here. `--all` lists every case that is not met.

use std::{fs, path::Path, process::ExitCode};

use serde::Deserialize;
use sightline_extractors::find_all;
use sightline_model::{Find, Kind};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: conformance FOLDER [--all]");
        return ExitCode::from(2);
    };
    let shows_all = arguments.any(|argument| argument == "--all");
    let folder = Path::new(&folder);
    let mut suites = Vec::new();
    for run in [libphonenumber, linkify_it, twitter_text] {
        match run(folder) {
            Ok(found) => suites.extend(found),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    for suite in &suites {
        println!(
            "{}: {} met, {} not met",
            suite.name,
            suite.met,
            suite.not_met.len()
        );
        if shows_all {
            suite.not_met.iter().for_each(|case| println!("    {case}"));
        }
    }
    ExitCode::SUCCESS
}

/// Cases of one kind.
struct Suite {
    name: String,
    met: usize,
    not_met: Vec<String>,
}

impl Suite {
    fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            met: 0,
            not_met: Vec::new(),
        }
    }

    fn case(&mut self, is_met: bool, told: impl FnOnce() -> String) {
        match is_met {
            true => self.met += 1,
            false => self.not_met.push(told()),
        }
    }
}

fn load(folder: &Path, name: &str) -> Result<String, String> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn raws(finds: &[Find], kind: Kind) -> Vec<&str> {
    finds
        .iter()
        .filter(|find| find.selector.kind == kind)
        .map(|find| find.raw.as_str())
        .collect()
}

#[derive(Deserialize)]
struct PhoneCase {
    leniency: String,
    text: String,
    region: String,
}

/// IMPOSSIBLE and POSSIBLE are no numbers at the leniency VALID; VALID, STRICT and EXACT are.
fn libphonenumber(folder: &Path) -> Result<Vec<Suite>, String> {
    let cases: Vec<PhoneCase> = serde_json::from_str(&load(folder, "libphonenumber/matcher.json")?)
        .map_err(|error| format!("libphonenumber/matcher.json: {error}"))?;
    let mut suites: Vec<Suite> = Vec::new();
    for case in cases {
        let name = format!(
            "libphonenumber {}",
            case.leniency.trim_end_matches("_CASES")
        );
        if suites.last().is_none_or(|suite| suite.name != name) {
            suites.push(Suite::new(name));
        }
        let finds = find_all(&case.text, Some(&case.region));
        let found = raws(&finds, Kind::Phone);
        let is_number = !case.leniency.contains("POSSIBLE");
        if let Some(suite) = suites.last_mut() {
            suite.case(found.is_empty() != is_number, || {
                format!("{} in {}: found {found:?}", case.text, case.region)
            });
        }
    }
    Ok(suites)
}

fn linkify_it(folder: &Path) -> Result<Vec<Suite>, String> {
    let is_case = |line: &&str| !line.trim().is_empty() && !line.starts_with('%');
    // What follows ` % ` is a remark.
    let bare = |line: &str| -> String {
        let end = line
            .find(" %")
            .or_else(|| line.find(" //").filter(|_| !line.contains("://")));
        line[..end.unwrap_or(line.len())].trim().to_owned()
    };
    let mut links = Suite::new("linkify-it links");
    let text = load(folder, "linkify-it/links.txt")?;
    // A text, and on the next line the link in it; without one, the text is the link.
    for block in text.split("\n\n") {
        let lines: Vec<String> = block.lines().filter(is_case).map(bare).collect();
        let Some(first) = lines.first() else {
            continue;
        };
        let wanted = lines.get(1).unwrap_or(first);
        let finds = find_all(first, None);
        let found = [raws(&finds, Kind::Url), raws(&finds, Kind::Email)].concat();
        let is_met = found
            .iter()
            .any(|raw| raw == wanted || format!("mailto:{raw}") == *wanted);
        links.case(is_met, || {
            format!("{first}: wanted {wanted}, found {found:?}")
        });
    }
    let mut others = Suite::new("linkify-it not links");
    let text = load(folder, "linkify-it/not_links.txt")?;
    for line in text.lines().filter(is_case) {
        let line = bare(line);
        let finds = find_all(&line, None);
        let found = [raws(&finds, Kind::Url), raws(&finds, Kind::Email)].concat();
        others.case(found.is_empty(), || format!("{line}: found {found:?}"));
    }
    Ok(vec![links, others])
}

/// Mentions are handles, URLs are URLs. Hashtags and cashtags are no selectors.
fn twitter_text(folder: &Path) -> Result<Vec<Suite>, String> {
    let text = load(folder, "twitter-text/extract.yml")?;
    let mut suites = Vec::new();
    for (section, kind) in [("mentions", Kind::Handle), ("urls", Kind::Url)] {
        let mut suite = Suite::new(format!("twitter-text {section}"));
        let mut unread = 0;
        for (text, expected) in cases_of(&text, section) {
            let (Some(text), Some(expected)) = (text, expected) else {
                unread += 1;
                continue;
            };
            let finds = find_all(&text, None);
            let found = raws(&finds, kind);
            suite.case(found == expected, || {
                format!("{text}: wanted {expected:?}, found {found:?}")
            });
        }
        if unread > 0 {
            suite
                .name
                .push_str(&format!(" ({unread} not in a form that is read here)"));
        }
        suites.push(suite);
    }
    Ok(suites)
}

/// The texts and expected lists of one section, as far as they are written on one line, as JSON is.
fn cases_of(yaml: &str, section: &str) -> Vec<(Option<String>, Option<Vec<String>>)> {
    let mut cases = Vec::new();
    let mut is_inside = false;
    let mut text = None;
    for line in yaml.lines() {
        let heading = line
            .strip_prefix("  ")
            .filter(|rest| rest.starts_with(|letter: char| letter.is_alphabetic()));
        if let Some(heading) = heading {
            is_inside = heading.trim_end_matches(':') == section;
        }
        if !is_inside {
            continue;
        }
        let line = line.trim();
        if let Some(written) = line.strip_prefix("text: ") {
            text = Some(quoted(written));
        } else if let Some(written) = line.strip_prefix("expected: ")
            && let Some(text) = text.take()
        {
            cases.push((text, serde_json::from_str(written).ok()));
        }
    }
    cases
}

fn quoted(written: &str) -> Option<String> {
    match written
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    {
        Some(single) => Some(single.replace("''", "'")),
        None => serde_json::from_str(written).ok(),
    }
}
