//! The run: the whole corpus through one crawl of the program itself, with a healthy neighbour beside it.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;
use url::Url;

use super::{
    site::{DOMAIN, Site, neighbour},
    table::{Fault, Table, judge, table},
};
use crate::{program::Place, watched::Watched};

/// Within this the program must have come to an end of every input.
const LIMIT: Duration = Duration::from_secs(120);
/// What the program may hold in memory at most, in MiB; without optimisation its own text alone takes 60 of them.
const PEAK_MIB: u64 = if cfg!(debug_assertions) { 320 } else { 256 };
/// The neighbour's thirty pages, at ten a second, must be had within this.
const ON_TIME: Duration = Duration::from_secs(15);

/// An instance whose time limits are short; its limits of size are those that it comes with.
fn instance(site: &Site) -> Place {
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
            connect_timeout_seconds = 1.5
            first_byte_timeout_seconds = 3.0
            timeout_seconds = 8.0
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

/// The input that is asked for after five minutes, which nobody waits for here.
const SLOWEST: &str = "robots-delay-endless";
/// Pages that a trap may be asked for, its ad included.
const BUDGET: usize = 12;

/// What came of each input: visits of inputs that are pages, runs of traps.
fn ends(place: &Place) -> BTreeMap<String, Value> {
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

/// To play a few inputs alone, while one looks into them: SIGHTLINE_TEST_HOSTILE=h2-reset takes all that begin so.
const ONLY: &str = "SIGHTLINE_TEST_HOSTILE";

fn beginning_with(only: &str, mut table: Table) -> Table {
    for (group, inputs) in &mut table {
        inputs.retain(|name, _| format!("{group}-{name}").starts_with(only));
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
    let polite = "politeness.requests_per_second = 10\npoliteness.jitter = 0";
    source(place, "neighbour", &[site.url("neighbour", "/")], polite);
    all
}

#[test]
fn every_hostile_input_ends_as_it_must() {
    let table = table();
    let table = match std::env::var(ONLY) {
        Ok(only) => beginning_with(&only, table),
        Err(_) => table,
    };
    let site = Site::start();
    let place = instance(&site);
    let inputs = sources(&place, &site, &table);
    // The store is made first, so that looking into it disturbs nobody.
    place.run(["visits"]).ok();

    let crawl = Watched::start(&place, &["crawl", "--all"], &[]);
    let mut neighbour_done = None;
    let begun = Instant::now();
    let report = crawl.until(LIMIT, || {
        if neighbour_done.is_none() && site.count("neighbour") > neighbour::ADS {
            neighbour_done = Some(begun.elapsed());
        }
        let ends = ends(&place);
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
    assert!(
        report.status.code().is_some(),
        "{}: {}",
        report.status,
        report.err
    );
    let mut faults = judge(&table, &ends(&place));
    for trap in inputs
        .into_iter()
        .filter(|input| input.starts_with("trap-"))
    {
        let found = format!("it was asked for {} pages", site.count(&trap));
        if site.count(&trap) > BUDGET + 1 {
            faults.push(Fault { input: trap, found });
        }
    }
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(peak <= PEAK_MIB, "it held {peak} MiB");
    assert!(
        neighbour_done.is_some_and(|after| after <= ON_TIME),
        "{neighbour_done:?}"
    );
}
