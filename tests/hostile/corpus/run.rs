//! The run: the whole corpus through one crawl of the program itself, with a healthy neighbour beside it.

use std::{collections::BTreeMap, fs, time::Duration};

use serde_json::Value;
use url::Url;

use super::{
    site::{DOMAIN, Site, neighbour},
    table::{Table, judge, table},
};
use crate::{program::Place, watched::Watched};

/// Within this the program must have come to an end of every input.
const LIMIT: Duration = Duration::from_secs(120);
/// What the program may hold in memory at most, in MiB.
const PEAK_MIB: u64 = 256;
/// The neighbour's thirty pages, at ten a second, must be had within this.
const ON_TIME: Duration = Duration::from_secs(15);

/// An instance whose time limits are short; its limits of size are those that it comes with.
fn instance(site: &Site) -> Place {
    let place = Place::empty();
    fs::create_dir(place.path("sources")).unwrap();
    let dns = site.dns;
    place.write(
        "sightline.toml",
        &format!(
            r#"
            [egress]
            allow_networks = ["127.0.0.0/8"]
            name_servers = ["{dns}"]
            [fetch]
            contact = "crawling@example.org"
            connect_timeout_seconds = 1.5
            first_byte_timeout_seconds = 1.5
            timeout_seconds = 4.0
            "#
        ),
    );
    place
}

/// A source that starts at these pages.
fn source(place: &Place, name: &str, start: &[String], rest: &str) {
    let start = serde_json::to_string(start).unwrap();
    place.write(
        &format!("sources/{name}.toml"),
        &format!(
            r#"
            start = {start}
            region = "US"
            scope.hosts = ["*.{DOMAIN}"]
            list.links = ["a"]
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

#[test]
fn every_hostile_input_ends_as_it_must() {
    let table = table();
    let site = Site::start();
    let place = instance(&site);
    let inputs = inputs(&table, &["http"]);
    let start: Vec<String> = inputs.iter().map(|input| site.url(input, "/")).collect();
    let unlimited = "politeness.unlimited = true";
    source(&place, "inputs", &start, unlimited);
    let polite = "politeness.requests_per_second = 10\npoliteness.jitter = 0";
    source(&place, "neighbour", &[site.url("neighbour", "/")], polite);

    // The store is made first, so that looking into it disturbs nobody.
    place.run(["visits"]).ok();
    let crawl = Watched::start(&place, &["crawl", "--all"], &[]);
    let mut neighbour_done = None;
    let begun = std::time::Instant::now();
    let report = crawl.until(LIMIT, || {
        if neighbour_done.is_none() && site.count("neighbour") > neighbour::ADS {
            neighbour_done = Some(begun.elapsed());
        }
        let visits = visits(&place);
        let has_ended = |input: &String| {
            visits
                .get(input)
                .is_some_and(|visit| visit["outcome"].is_string())
        };
        neighbour_done.is_some() && inputs.iter().all(has_ended)
    });
    let visits = visits(&place);
    let faults: Vec<String> = judge(&table, &visits)
        .iter()
        .map(ToString::to_string)
        .collect();
    let (took, peak) = (report.took, report.peak_mib);
    eprintln!(
        "{} inputs in {took:.1?}, neighbour after {neighbour_done:.1?}, peak RSS {peak} MiB",
        inputs.len()
    );
    assert!(
        report.status.code().is_some(),
        "{}: {}",
        report.status,
        report.err
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(peak <= PEAK_MIB, "it held {peak} MiB");
    assert!(
        neighbour_done.is_some_and(|after| after <= ON_TIME),
        "{neighbour_done:?}"
    );
}
