//! Reading a warning list as MISP writes it (`schema.json` of misp-warninglists).

use std::net::IpAddr;

use aho_corasick::AhoCorasick;
use ipnet::IpNet;
use regex::RegexSetBuilder;
use serde::Deserialize;
use sightline_extractors::canonical;
use sightline_model::{Kind, Problem};

use super::{Effect, Items, WarningList};

/// The most bytes that the patterns of a list take, compiled.
const MOST_COMPILED: usize = 8 * 1024 * 1024;

/// A list as written. Fields that mean nothing here are passed over.
#[derive(Deserialize)]
struct Written {
    name: String,
    #[serde(rename = "type")]
    compared: Compared,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    matching_attributes: Vec<String>,
    list: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Compared {
    String,
    Substring,
    Hostname,
    Cidr,
    Regex,
}

/// The list, and what of it could not be read.
pub(super) fn read(json: &str) -> Result<(WarningList, Vec<Problem>), Problem> {
    let written: Written = serde_json::from_str(json).map_err(|error| {
        Problem::new(
            "",
            format!("it is no warning list: {error}"),
            "write one as MISP's warninglists are: name, type, matching_attributes and list",
        )
    })?;
    let mut problems = Vec::new();
    let kinds = kinds(&written.matching_attributes);
    let items = items(&written, &kinds, &mut problems);
    let list = WarningList {
        effect: effect(written.category.as_deref()),
        name: written.name,
        kinds,
        items,
    };
    Ok((list, problems))
}

/// Lists without a category are of false positives, as they all were before there were categories.
fn effect(category: Option<&str>) -> Effect {
    let folded = category
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace('_', " ");
    match folded.starts_with("known") {
        true => Effect::Told,
        false => Effect::Quiet,
    }
}

/// The kinds of selector that MISP's types of attribute are. A list that names none is about all that have a host or are
/// compared as text.
fn kinds(attributes: &[String]) -> Vec<Kind> {
    let of = |attribute: &str| match attribute {
        "domain" | "hostname" | "domain|ip" | "hostname|port" => Some(Kind::Domain),
        "url" | "uri" | "link" => Some(Kind::Url),
        "phone-number" | "whois-registrant-phone" => Some(Kind::Phone),
        "btc" | "xmr" | "dash" => Some(Kind::Wallet),
        _ if attribute.starts_with("email") || attribute == "whois-registrant-email" => {
            Some(Kind::Email)
        }
        _ => None,
    };
    if attributes.is_empty() {
        return vec![Kind::Domain, Kind::Url, Kind::Email, Kind::Phone];
    }
    let mut kinds: Vec<Kind> = attributes.iter().filter_map(|one| of(one)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn items(written: &Written, kinds: &[Kind], problems: &mut Vec<Problem>) -> Items {
    let list = written
        .list
        .iter()
        .map(|item| item.trim())
        .filter(|item| !item.is_empty());
    match written.compared {
        Compared::String => {
            let list: Vec<&str> = list.collect();
            let unread = list.iter().filter(|item| is_unread_number(item, kinds));
            problems.extend(unread.map(|item| {
                unreadable(
                    item,
                    "a telephone number",
                    "write it with its country code, e.g. +12025550123, or take it out: it names nothing",
                )
            }));
            Items::Strings(
                list.into_iter()
                    .flat_map(|item| spellings(item, kinds))
                    .collect(),
            )
        }
        Compared::Hostname => {
            let bare = |item: &str| item.trim_matches('.').to_ascii_lowercase();
            Items::Hosts(
                list.map(|item| (bare(item), item.starts_with('.')))
                    .collect(),
            )
        }
        Compared::Substring => {
            let folded: Vec<String> = list.map(str::to_lowercase).collect();
            match AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(&folded)
            {
                Ok(items) => Items::Substrings(items),
                Err(error) => {
                    problems.push(unusable(&error));
                    Items::Strings(Default::default())
                }
            }
        }
        Compared::Cidr => Items::Networks(
            list.filter_map(|item| {
                let network = item
                    .parse::<IpNet>()
                    .or_else(|_| item.parse::<IpAddr>().map(IpNet::from));
                if network.is_err() {
                    problems.push(unreadable(item, "a network", "write it as 192.0.2.0/24"));
                }
                network.ok()
            })
            .collect(),
        ),
        Compared::Regex => patterns(list, problems),
    }
}

/// An item as it was written and in the canonical form of each kind: `+1 888 …` is compared as an observation is.
fn spellings<'i>(item: &'i str, kinds: &'i [Kind]) -> impl Iterator<Item = String> + use<'i> {
    let canonical = kinds
        .iter()
        .filter_map(|kind| canonical(*kind, item, None).ok())
        .map(|selector| selector.value);
    std::iter::once(item.to_lowercase()).chain(canonical)
}

/// True for an item of a list of numbers, or one that can only be a number, that reads as none: no observation is like it.
fn is_unread_number(item: &str, kinds: &[Kind]) -> bool {
    let is_address = || item.parse::<IpAddr>().is_ok() || item.parse::<IpNet>().is_ok();
    let is_number = || {
        let mut signs = item.chars();
        signs.all(|sign| sign.is_ascii_digit() || "+-()/. ".contains(sign)) && !is_address()
    };
    kinds.contains(&Kind::Phone)
        && (kinds == [Kind::Phone] || is_number())
        && kinds
            .iter()
            .all(|kind| canonical(*kind, item, None).is_err())
}

fn patterns<'i>(list: impl Iterator<Item = &'i str>, problems: &mut Vec<Problem>) -> Items {
    let mut sound = Vec::new();
    for item in list {
        let pattern = without_delimiters(item);
        match regex_syntax::parse(&pattern) {
            Ok(_) => sound.push(pattern),
            Err(_) => problems.push(unreadable(
                item,
                "a regular expression without look-around",
                "write it more simply, or take it out",
            )),
        }
    }
    let set = RegexSetBuilder::new(&sound)
        .size_limit(MOST_COMPILED)
        .build();
    match set {
        Ok(items) => Items::Patterns(items),
        Err(error) => {
            problems.push(unusable(&error));
            Items::Strings(Default::default())
        }
    }
}

/// `/…/i` as PHP writes it, without the slashes, the flags before it.
fn without_delimiters(item: &str) -> String {
    let Some((pattern, flags)) = item
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
    else {
        return item.to_owned();
    };
    match flags.contains('i') {
        true => format!("(?i){pattern}"),
        false => pattern.to_owned(),
    }
}

fn unreadable(item: &str, what: &str, remedy: &str) -> Problem {
    let start: String = item.chars().take(40).collect();
    Problem::new("list", format!("'{start}' is not {what}"), remedy)
}

fn unusable(cause: &dyn std::fmt::Display) -> Problem {
    Problem::new("list", format!("it can't be used: {cause}"), "shorten it")
}
