//! The tree of values that all layers make together, each value with the place it came from.

use std::collections::BTreeMap;

use serde_json::Number;

use crate::source::{Origin, Source, Span};

/// One value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub at: Span,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Whole(i64),
    Number(f64),
    Flag(bool),
    /// A date or time as TOML has it, kept as it was written.
    Date(String),
    List(Vec<Node>),
    Table(Table),
    /// Taken out. It keeps its place in a list, so that no other item changes its index.
    Gone,
}

pub(crate) type Table = BTreeMap<String, Entry>;

/// A key of a table, where the key stands, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: Span,
    pub node: Node,
}

impl Value {
    /// What it is, for people.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Whole(_) => "a whole number",
            Self::Number(_) => "a number with a fraction",
            Self::Flag(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Gone => "nothing",
        }
    }
}

impl Node {
    pub fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Lays a higher layer over this one: tables are merged key by key, everything else is replaced.
    pub fn lay(&mut self, over: Self, sources: &[Source]) {
        match (&mut self.value, over.value) {
            (Value::Table(below), Value::Table(above)) => {
                // A table that only a variable reaches into still belongs to the file that began it.
                if sources[over.at.source].origin != Origin::Variable {
                    self.at = over.at;
                }
                for (name, entry) in above {
                    match below.get_mut(&name) {
                        None => {
                            below.insert(name, entry);
                        }
                        Some(lower) => {
                            if sources[entry.key.source].origin != Origin::Variable {
                                lower.key = entry.key;
                            }
                            lower.node.lay(entry.node, sources);
                        }
                    }
                }
            }
            (value, above) => {
                *value = above;
                self.at = over.at;
            }
        }
    }

    /// The values alone.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) | Value::Date(text) => text.clone().into(),
            Value::Whole(number) => (*number).into(),
            // The reader lets only finite numbers in, so none becomes null.
            Value::Number(number) => {
                Number::from_f64(*number).map_or(serde_json::Value::Null, Into::into)
            }
            Value::Flag(flag) => (*flag).into(),
            Value::List(items) => present(items).map(|(_, item)| item.to_json()).collect(),
            Value::Gone => serde_json::Value::Null,
            Value::Table(table) => table
                .iter()
                .map(|(name, entry)| (name.clone(), entry.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// Where a path of keys leads, or the last place on the way there. Indices count what was not taken out.
    ///
    /// Keys of maps may hold dots themselves, so at each table the longest key that the path begins with is taken.
    pub fn find(&self, path: &str) -> Found<'_> {
        let mut found = Found {
            node: self,
            key: None,
            path: Vec::new(),
            rest: String::new(),
        };
        let mut rest = path;
        while !rest.is_empty() {
            let next = match &found.node.value {
                Value::Table(table) => longest_key(table, rest).map(|(name, entry, after)| {
                    (
                        Step::Key(name.to_owned()),
                        Some(&entry.key),
                        &entry.node,
                        after,
                    )
                }),
                Value::List(items) => index(rest).and_then(|(at, after)| {
                    let (at, item) = present(items).nth(at)?;
                    Some((Step::Index(at), None, item, after))
                }),
                _ => None,
            };
            let Some((step, key, node, after)) = next else {
                found.rest = rest.to_owned();
                return found;
            };
            found.path.push(step);
            (found.node, found.key) = (node, key);
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        found
    }

    /// The value at a path, where there is one.
    pub fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |node, step| match (step, &node.value) {
                (Step::Key(key), Value::Table(table)) => table.get(key).map(|entry| &entry.node),
                (Step::Index(at), Value::List(items)) => items.get(*at),
                _ => None,
            })
    }

    /// The value at a path, to be changed.
    pub fn at_mut(&mut self, path: &[Step]) -> Option<&mut Self> {
        path.iter()
            .try_fold(self, |node, step| match (step, &mut node.value) {
                (Step::Key(key), Value::Table(table)) => {
                    table.get_mut(key).map(|entry| &mut entry.node)
                }
                (Step::Index(at), Value::List(items)) => items.get_mut(*at),
                _ => None,
            })
    }

    /// Takes the value at a path out. True where there was one.
    pub fn remove(&mut self, path: &[Step]) -> bool {
        match path.split_last() {
            Some((Step::Key(key), parent)) => match self.at_mut(parent).map(|node| &mut node.value)
            {
                Some(Value::Table(table)) => table.remove(key).is_some(),
                _ => false,
            },
            Some((Step::Index(_), _)) => match self.at_mut(path) {
                Some(node) => {
                    !matches!(std::mem::replace(&mut node.value, Value::Gone), Value::Gone)
                }
                None => false,
            },
            None => false,
        }
    }

    /// The paths of all values that are neither list nor table, in order.
    pub fn leaves(&self) -> Vec<Vec<Step>> {
        let mut leaves = Vec::new();
        self.gather(&mut Vec::new(), &mut leaves);
        leaves
    }

    fn gather(&self, path: &mut Vec<Step>, leaves: &mut Vec<Vec<Step>>) {
        let children: Vec<(Step, &Self)> = match &self.value {
            Value::Table(table) => table
                .iter()
                .map(|(key, entry)| (Step::Key(key.clone()), &entry.node))
                .collect(),
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| (Step::Index(at), item))
                .collect(),
            Value::Gone => return,
            _ => return leaves.push(path.clone()),
        };
        for (step, child) in children {
            path.push(step);
            child.gather(path, leaves);
            path.pop();
        }
    }
}

/// What [`Node::find`] found.
pub(crate) struct Found<'t> {
    pub node: &'t Node,
    /// Where its key stands; none for the root and for items of a list.
    pub key: Option<&'t Span>,
    /// The path so far, its indices counting everything.
    pub path: Vec<Step>,
    /// What of the path leads further than the tree.
    pub rest: String,
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A path as people write it: `fields.price.css`, `start[2]`.
pub(crate) fn written(path: &[Step]) -> String {
    path.iter().fold(String::new(), |mut text, step| {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                match is_bare(key) {
                    true => text.push_str(key),
                    // As TOML has it, so that a name with a dot in it is not taken for two.
                    false => text.push_str(&format!("{key:?}")),
                }
            }
            Step::Index(at) => text.push_str(&format!("[{at}]")),
        }
        text
    })
}

fn is_bare(key: &str) -> bool {
    let is_plain = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-');
    !key.is_empty() && key.chars().all(is_plain)
}

/// The items of a list that were not taken out, with the index that each has.
pub(crate) fn present(items: &[Node]) -> impl Iterator<Item = (usize, &Node)> {
    items
        .iter()
        .enumerate()
        .filter(|(_, item)| !matches!(item.value, Value::Gone))
}

fn longest_key<'t, 'p>(table: &'t Table, path: &'p str) -> Option<(&'t str, &'t Entry, &'p str)> {
    table
        .iter()
        .filter_map(|(key, entry)| {
            let rest = path.strip_prefix(key.as_str())?;
            let ends = rest.is_empty() || rest.starts_with(['.', '[']);
            ends.then_some((key.as_str(), entry, rest))
        })
        .max_by_key(|(key, ..)| key.len())
}

fn index(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}
