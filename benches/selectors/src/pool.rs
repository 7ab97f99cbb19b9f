//! The pools that both splits draw from: reserved numbers, example domains, invented names, and the figures of ads.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::chance::Chance;

/// Everything in `pools.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pools {
    /// By their two letters (ISO 3166-1).
    pub countries: BTreeMap<String, Country>,
    /// What names are made from.
    pub names: Names,
    /// Where mail goes.
    pub mail: Mail,
    /// What URLs are made from.
    pub web: Web,
    /// The figures that stand around an identifier, by slot: from, to, step.
    pub figures: BTreeMap<String, [usize; 3]>,
}

/// A country's numbers that are kept for fiction, and how they are written there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// The country's calling code.
    pub code: String,
    /// Patterns of national significant numbers.
    pub numbers: Vec<String>,
    /// Ways to write one at home.
    pub national: Vec<String>,
    /// Ways to write one for the world.
    pub international: Vec<String>,
    /// Ways to write one in groups, from which disguises start.
    pub groups: Vec<String>,
}

/// What names are made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// One of these …
    pub words: Vec<String>,
    /// … and one of these, so that no name is anybody's.
    pub marks: Vec<String>,
    /// Platforms on which a name holds no underscore.
    pub without_underscore: Vec<String>,
}

/// Where mail goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Domains kept for examples (RFC 2606).
    pub domains: Vec<String>,
}

/// What URLs are made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Hosts, each with its registrable domain.
    pub hosts: Vec<[String; 2]>,
    /// Patterns of paths.
    pub paths: Vec<String>,
}

impl Pools {
    /// An invented name of 8 to 15 letters, digits and underscores that begins with a letter: what nearly every platform
    /// takes.
    pub fn name(&self, chance: &mut Chance) -> String {
        let word = chance.pick(&self.names.words);
        let mark = chance.pick(&self.names.marks);
        match chance.between(0, 3) {
            0 => format!("{word}_{mark}"),
            1 => chance.fill(&format!("{word}{mark}##")),
            2 => chance.fill(&format!("{mark}_{word}#")),
            _ => format!("{word}{mark}"),
        }
    }

    /// An invented name as one of these platforms, joined by `+`, takes it.
    pub fn name_on(&self, platforms: &str, chance: &mut Chance) -> String {
        let name = self.name(chance);
        let is_refused = |platform: &str| {
            self.names
                .without_underscore
                .iter()
                .any(|other| other == platform)
        };
        match platforms.split('+').any(is_refused) {
            true => name.replace('_', ""),
            false => name,
        }
    }

    /// A text with its figures drawn: `{age}`, `{price}` … Slots that are no figures are left as they are.
    pub fn figures(&self, text: &str, chance: &mut Chance) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            let end = rest.find('}').map_or(rest.len(), |close| close + 1);
            let name = rest[..end].trim_matches(['{', '}']);
            match self.figures.get(name) {
                Some(&[low, high, step]) => {
                    let figure = low + step * chance.between(0, (high - low) / step.max(1));
                    filled.push_str(&figure.to_string());
                }
                None => filled.push_str(&rest[..end]),
            }
            rest = &rest[end..];
        }
        filled + rest
    }
}
