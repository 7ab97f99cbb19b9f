//! Warning lists: what is known to match where nothing is meant, such as public hotlines and the domains of big platforms.
//!
//! They are in MISP's format, so that those that the MISP project publishes can be used as they are. A list's category says
//! what comes of it: what a list of false positives names is recorded where it is seen and raises no alert, unless its
//! entry says why it should; what a list of known identifiers names is only told of.

mod format;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use aho_corasick::AhoCorasick;
use ipnet::IpNet;
use regex::RegexSet;
use sightline_model::{Kind, Problem, Selector, kin::url_host};

use crate::matcher::reach::{domains, mail_host};

/// The lists that Sightline brings, by the names of their files.
const BUILT_IN: [(&str, &str); 4] = [
    (
        "hotlines.json",
        include_str!("../../warninglists/hotlines.json"),
    ),
    (
        "platforms.json",
        include_str!("../../warninglists/platforms.json"),
    ),
    (
        "reserved_numbers.json",
        include_str!("../../warninglists/reserved_numbers.json"),
    ),
    (
        "reserved_domains.json",
        include_str!("../../warninglists/reserved_domains.json"),
    ),
];

/// What comes of it where a list names something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It is recorded, and raises no alert.
    Quiet,
    /// It is told of, and raises alerts as ever.
    Told,
}

/// One list, ready for use.
#[derive(Debug)]
pub struct WarningList {
    /// What it calls itself.
    pub name: String,
    /// What comes of it where it names something.
    pub effect: Effect,
    kinds: Vec<Kind>,
    items: Items,
}

/// That a list names a selector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named<'l> {
    /// What the list calls itself.
    pub name: &'l str,
    /// What comes of it. A list of false positives only tells of what is not its item, but stands under one.
    pub effect: Effect,
}

/// What a list holds, by how it is compared.
#[derive(Debug)]
enum Items {
    Strings(HashSet<String>),
    Substrings(AhoCorasick),
    /// Hosts, and whether each stands for all that is under it: it was written with a dot before it.
    Hosts(HashMap<String, bool>),
    Networks(Vec<IpNet>),
    Patterns(RegexSet),
}

/// All lists that are in force.
#[derive(Debug, Default)]
pub struct WarningLists(Vec<WarningList>);

impl WarningLists {
    /// Those that Sightline brings.
    pub fn built_in() -> Self {
        let mut lists = Self::default();
        for (_, text) in BUILT_IN {
            // A test holds them to having no problem.
            let _ = lists.add(text);
        }
        lists
    }

    /// Adds a list in MISP's format, in place of one of the same name. What is wrong with it is returned: a list that can't
    /// be read at all is left out, one with items that can't be is used without them.
    pub fn add(&mut self, json: &str) -> Vec<Problem> {
        match format::read(json) {
            Ok((list, problems)) => {
                self.0.retain(|other| other.name != list.name);
                self.0.push(list);
                problems
            }
            Err(problem) => vec![problem],
        }
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lists that name a selector.
    pub fn naming(&self, selector: &Selector) -> impl Iterator<Item = Named<'_>> {
        self.0.iter().filter_map(|list| {
            let effect = list.effect_on(selector)?;
            Some(Named {
                name: &list.name,
                effect,
            })
        })
    }

    /// The name of a list that keeps what shows an entry from raising an alert: it names the entry, or what was found.
    pub fn quieting(&self, wanted: &Selector, found: Option<&Selector>) -> Option<&str> {
        let named = [Some(wanted), found];
        named
            .into_iter()
            .flatten()
            .flat_map(|selector| self.naming(selector))
            .find(|list| list.effect == Effect::Quiet)
            .map(|list| list.name)
    }
}

impl WarningList {
    /// What comes of it that the list names a selector; none where it does not.
    fn effect_on(&self, selector: &Selector) -> Option<Effect> {
        let Selector { kind, value } = selector;
        if !self.kinds.contains(kind) {
            return None;
        }
        let is_named = match &self.items {
            Items::Strings(items) => items.contains(value),
            Items::Substrings(items) => items.is_match(value),
            Items::Patterns(items) => items.is_match(value),
            Items::Hosts(items) => {
                let host = host_itself(selector)?;
                let bare = host.strip_prefix("www.").unwrap_or(host);
                let covers = |above: &str| items.get(above).copied();
                if items.contains_key(host) || items.contains_key(bare) {
                    return Some(self.effect);
                }
                // What stands under a host may be anybody's: lotus.wordpress.com is no platform.
                let effect = |covers| match covers {
                    true => self.effect,
                    false => Effect::Told,
                };
                let above = domains(Some(host)).filter_map(covers);
                return above.max().map(effect);
            }
            Items::Networks(items) => host_itself(selector)
                .and_then(|host| host.trim_matches(['[', ']']).parse().ok())
                .is_some_and(|address: std::net::IpAddr| {
                    items.iter().any(|network| network.contains(&address))
                }),
        };
        is_named.then_some(self.effect)
    }
}

/// The host that a selector is. A page on a host is more than the host: who watches a profile on a big platform does not
/// watch the platform.
fn host_itself(selector: &Selector) -> Option<&str> {
    match selector.kind {
        Kind::Domain => Some(&selector.value),
        Kind::Email => mail_host(&selector.value),
        Kind::Url => {
            let (_, rest) = selector.value.split_once("://")?;
            let is_bare = rest.split_once('/').is_none_or(|(_, path)| path.is_empty());
            is_bare.then(|| url_host(&selector.value)).flatten()
        }
        Kind::Phone | Kind::Handle | Kind::Wallet | Kind::Image | Kind::Phrase | Kind::Pattern => {
            None
        }
    }
}
