//! The run: the whole corpus through one crawl of the program itself, with a healthy neighbour beside it.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;
use url::Url;

use super::{
    output,
    site::{DOMAIN, Site, neighbour},
    table::{Fault, Table, judge, table},
};
use crate::{program::Place, watched::Watched};

/// Within this the program must have come to an end of every input.
const LIMIT: Duration = Duration::from_secs(300);
/// What the program may hold in memory at most, in MiB; without optimisation its own text alone takes 64 of them.
pub const PEAK_MIB: u64 = if cfg!(debug_assertions) { 320 } else { 256 };
/// Lines that the log of a crawl of the whole corpus may have: hundreds of requests, each of which goes wrong.
const LOG_LINES: usize = 20;
/// The neighbour's thirty pages, at ten a second, must be had within this: in full, and where other tests run beside it.
const ON_TIME: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(60)];

/// Limits of size, and how many visits there are at once: in full they are those that the program comes with. Without
/// optimisation these would keep a small machine busy for minutes.
const SMALL: &str =
    "page_bytes = 4194304\nimage_bytes = 4194304\ndecoded_bytes = 4194304\n[work]\nvisits = 64";

/// An instance whose time limits are short.
fn instance(site: &Site) -> Place {
    let sizes = if is_full() { "" } else { SMALL };
    let place = Place::empty();
    fs::create_dir(place.path("sources")).unwrap();
    let dns = site.dns;
    let authority = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/hostile/tls/authority.pem"
    );
    place.write(
        "sightline.toml",
        &format!(
            r#"
            [egress]
            allow_networks = ["127.0.0.0/8"]
            name_servers = ["{dns}"]
            ca_files = ["{authority}"]
            [fetch]
            contact = "crawling@example.org"
            connect_timeout_seconds = 2.0
            first_byte_timeout_seconds = 4.0
            timeout_seconds = 8.0
            {sizes}
            [channels.mail]
            kind = "email"
            folder = "letters"
            from = "Sightline <alerts@example.org>"
            to = ["investigator@example.org"]
            detail = "full"
            "#
        ),
    );
    place
}

/// A source that starts at these pages.
fn source(place: &Place, name: &str, start: &[String], rest: &str) {
    // Where there are pages after pages, none of them is an ad's.
    let links = match rest.contains("list.next") {
        true => "a.ad",
        false => "a",
    };
    let start = serde_json::to_string(start).unwrap();
    place.write(
        &format!("sources/{name}.toml"),
        &format!(
            r#"
            start = {start}
            region = "US"
            scope.hosts = ["*.{DOMAIN}"]
            list.links = ["{links}"]
            detail.root = "article"
            detail.title = "h1"
            detail.body = "p"
            detail.key.url = '/([^/]+)$'
            detail.images.css = ["img"]
            detail.fields.price.css = ".price"
            {rest}
            "#
        ),
    );
}

/// The inputs of these groups, as `group-name`.
fn inputs(table: &Table, groups: &[&str]) -> Vec<String> {
    let of = |group: &&str| {
        let group = (*group).to_owned();
        let names = table[&group].keys();
        names.map(move |name| format!("{group}-{name}"))
    };
    groups.iter().flat_map(of).collect()
}

/// Visits by their host's first label; of several to one host, the one that says most: the last.
fn visits(place: &Place) -> BTreeMap<String, Value> {
    let visits = place.run(["visits", "--json"]).records();
    let named = visits.into_iter().rev().map(|visit| {
        let url: Url = visit["url"].as_str().unwrap().parse().unwrap();
        let host = url.host_str().unwrap_or_default();
        (host.split('.').next().unwrap_or_default().to_owned(), visit)
    });
    named.collect()
}

/// Whether the suites run in full: with the limits that the program comes with, and as deep as promised.
pub fn is_full() -> bool {
    std::env::var_os("SIGHTLINE_TEST_FULL").is_some()
}

/// The input that is asked for after five minutes, which nobody waits for here.
const SLOWEST: &str = "robots-delay-endless";
/// Pages that a trap may be asked for, its ad included.
const BUDGET: usize = 12;

/// Visits of inputs that are pages, and runs of those that are traps.
fn outcomes(place: &Place) -> BTreeMap<String, Value> {
    let mut ends = visits(place);
    for mut run in place.run(["runs", "--json"]).records() {
        let source = run["source"].as_str().unwrap().to_owned();
        // A run's outcome is a word that says what it means.
        run["meaning"] = "a run".into();
        if source.starts_with("trap-") {
            ends.insert(source, run);
        }
    }
    ends
}

/// What came of each input: visits of inputs that are pages, with what was found on them; runs of traps.
fn ends(place: &Place) -> BTreeMap<String, Value> {
    let mut ends = outcomes(place);
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for observation in place.run(["observations", "--json"]).records() {
        let capture = observation["capture"].to_string();
        found
            .entry(capture)
            .or_default()
            .push(observation["value"].clone());
    }
    for end in ends.values_mut() {
        end["found"] = found
            .remove(&end["capture"].to_string())
            .into_iter()
            .flatten()
            .collect();
    }
    ends
}

/// To play a few inputs alone, while one looks into them: SIGHTLINE_TEST_HOSTILE=h2-reset takes all that begin so.
const ONLY: &str = "SIGHTLINE_TEST_HOSTILE";

fn only_those(mut table: Table, is_one: impl Fn(&str) -> bool) -> Table {
    for (group, inputs) in &mut table {
        inputs.retain(|name, _| is_one(&format!("{group}-{name}")));
    }
    table
}

/// Groups whose inputs are pages of their own, and what their source says besides.
const PAGES: [(&str, &[&str], &str); 2] = [
    ("inputs", &["http", "coding", "redirect", "robots"], ""),
    // Their robots.txt would fail before their pages do.
    (
        "unasked",
        &["tls", "h2"],
        "robots_override.reason = 'a site of our own, for tests'",
    ),
];
const UNLIMITED: &str = "politeness.unlimited = true";

/// Writes the sources of all inputs, and names the inputs.
fn sources(place: &Place, site: &Site, table: &Table) -> Vec<String> {
    let mut all = Vec::new();
    for (name, groups, rest) in PAGES {
        let inputs = inputs(table, groups);
        let start: Vec<String> = inputs.iter().map(|input| site.url(input, "/")).collect();
        if !start.is_empty() {
            source(place, name, &start, &format!("{UNLIMITED}\n{rest}"));
        }
        all.extend(inputs);
    }
    for trap in inputs(table, &["trap"]) {
        let next = "list.next = ['a:not(.ad)']";
        let budget = format!("{UNLIMITED}\nscope.pages_per_run = {BUDGET}\n{next}");
        source(place, &trap, &[site.url(&trap, "/")], &budget);
        all.push(trap);
    }
    // Ads have a page that leads to them, and images an ad that shows them.
    for (name, groups) in [("ads", &["html", "output"][..]), ("pictures", &["image"])] {
        let inputs = inputs(table, groups);
        let start = site.list(&inputs);
        if !inputs.is_empty() {
            source(place, name, &[start], UNLIMITED);
        }
        all.extend(inputs);
    }
    let polite = "politeness.requests_per_second = 10\npoliteness.jitter = 0";
    source(place, "neighbour", &[site.url("neighbour", "/")], polite);
    all
}

/// What came of a run.
struct Played {
    faults: Vec<Fault>,
    /// What is wrong beside the inputs: with the whole, with the neighbour, with what people are shown.
    wrong: Vec<String>,
}

/// Crawls all inputs of a table, with the neighbour beside them.
fn play(table: &Table) -> Played {
    let site = Site::start();
    let place = instance(&site);
    let inputs = sources(&place, &site, table);
    let create = "watchlist create missing --owner Analyst --category suspect --review-days 90 --channel mail";
    let terms = ["--purpose", "find people", "--legal-basis", "an order"];
    place.run(create.split(' ').chain(terms)).ok();
    place
        .run(["watchlist", "add", "missing", "phone", "+1 202 555 0147"])
        .ok();

    let crawl = Watched::start(&place, &["crawl", "--all"], &[]);
    let mut neighbour_done = None;
    let begun = Instant::now();
    let report = crawl.until(LIMIT, || {
        if neighbour_done.is_none() && site.count("neighbour") > neighbour::ADS {
            neighbour_done = Some(begun.elapsed());
        }
        let ends = outcomes(&place);
        let has_ended = |input: &String| {
            let is_under_way = |end: &Value| end["outcome"].is_null() && input != SLOWEST;
            ends.get(input).is_some_and(|end| !is_under_way(end))
        };
        neighbour_done.is_some() && inputs.iter().all(has_ended)
    });
    let (count, took, peak) = (inputs.len(), report.took, report.peak_mib);
    eprintln!(
        "{count} inputs in {took:.1?}, neighbour after {neighbour_done:.1?}, peak RSS {peak} MiB"
    );
    let mut faults = judge(table, &ends(&place));
    for trap in inputs
        .into_iter()
        .filter(|input| input.starts_with("trap-"))
    {
        let found = format!("it was asked for {} pages", site.count(&trap));
        if site.count(&trap) > BUDGET + 1 {
            faults.push(Fault { input: trap, found });
        }
    }
    place.run(["deliver"]).ok();
    let mut wrong = Vec::new();
    if !table["output"].is_empty() {
        wrong.extend(output::faults(&place, &report.err));
    }
    if report.status.code().is_none() {
        wrong.push(format!("it ended with {}: {}", report.status, report.err));
    }
    let logged: Vec<&str> = report.err.lines().filter(|line| is_logged(line)).collect();
    eprintln!("{} lines in the log", logged.len());
    if logged.len() > LOG_LINES {
        wrong.push(format!("it logged {} lines: {logged:#?}", logged.len()));
    }
    if peak > PEAK_MIB {
        wrong.push(format!("it held {peak} MiB"));
    }
    if neighbour_done.is_none_or(|after| after > ON_TIME[usize::from(!is_full())]) {
        wrong.push(format!(
            "the neighbour was crawled after {neighbour_done:?}"
        ));
    }
    Played { faults, wrong }
}

/// True for the first line of what is logged, which has its level behind the instant.
fn is_logged(line: &str) -> bool {
    let level = line.split_whitespace().nth(1);
    level.is_some_and(|level| ["ERROR", "WARN", "INFO"].contains(&level))
}

#[test]
fn every_hostile_input_ends_as_it_must() {
    // Patterns are not crawled.
    let table = || only_those(table(), |input| !input.starts_with("pattern-"));
    let table = match std::env::var(ONLY) {
        Ok(only) => only_those(table(), |input| input.starts_with(&only)),
        Err(_) => table(),
    };
    let played = play(&table);
    let mut faults = played.faults;
    if !faults.is_empty() {
        // On a busy machine a limit of time may end what something else should have: those are played once more, alone.
        faults
            .iter()
            .for_each(|fault| eprintln!("once more: {fault}"));
        let again = only_those(table, |input| {
            faults.iter().any(|fault| fault.input == input)
        });
        faults = play(&again).faults;
    }
    let faults: Vec<String> = faults
        .iter()
        .map(ToString::to_string)
        .chain(played.wrong)
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A service tells more than a command does, and runs for months: what it logs rests on how many runs there are, not on what sites
/// answer.
#[test]
fn a_service_logs_no_line_for_each_answer() {
    let site = Site::start();
    let place = instance(&site);
    let groups = ["http-", "coding-", "redirect-"];
    let table = only_those(table(), |input| {
        groups.iter().any(|group| input.starts_with(group))
    });
    let inputs = sources(&place, &site, &table);
    assert!(inputs.len() > 3 * LOG_LINES, "{}", inputs.len());
    let planned = fs::read_to_string(place.path("sources/inputs.toml")).unwrap();
    let schedule = "schedule.every = '1m'\nschedule.jitter = '0s'\n";
    place.write("sources/inputs.toml", &format!("{planned}\n{schedule}"));

    let service = Watched::start(&place, &["serve"], &[]);
    let report = service.until(LIMIT, || {
        let ends = visits(&place);
        let has_ended =
            |input: &String| ends.get(input).is_some_and(|end| !end["outcome"].is_null());
        inputs.iter().all(has_ended)
    });
    assert_eq!(report.status.code(), Some(0), "{}", report.err);
    let logged: Vec<&str> = report.err.lines().filter(|line| is_logged(line)).collect();
    eprintln!("{} inputs, {} lines in the log", inputs.len(), logged.len());
    assert!(
        logged.iter().any(|line| line.contains("planned")),
        "it logs what it does: {logged:#?}"
    );
    assert!(logged.len() <= LOG_LINES, "{logged:#?}");
}

/// The control: what is measured is what the limits hold back.
#[test]
fn a_limit_that_is_lifted_lets_memory_rise() {
    let site = Site::start();
    for (lifted, rises) in [(false, false), (true, true)] {
        let place = instance(&site);
        if lifted {
            let settings = fs::read_to_string(place.path("sightline.toml")).unwrap();
            let fetch = "[fetch]\ndecoded_ratio = 10000\ndecoded_bytes = 1073741824";
            let without = settings.replace("decoded_bytes = 4194304", "");
            place.write("sightline.toml", &without.replace("[fetch]", fetch));
        }
        source(
            &place,
            "bomb",
            &[site.url("coding-gzip-bomb", "/")],
            UNLIMITED,
        );
        let crawl = Watched::start(&place, &["crawl", "bomb"], &[]);
        let waits = if rises { 60 } else { 8 };
        let held = crawl.comes_to_hold(200, Duration::from_secs(waits));
        assert_eq!(held, rises, "lifted: {lifted}");
    }
}
