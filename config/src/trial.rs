//! The trial: what is wrong is reported and taken out, and the rest is judged without it, until nothing is left to say.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use sightline_model::Problem;

use crate::{
    inspect::inspect,
    located::{Located, Place},
    map::Map,
    schema::Schema,
    secret,
    source::Origin,
    suggest::{first_sentence, lower_first},
    tree::{Node, Step, Value, present, written},
};

pub(crate) struct Trial {
    map: Map,
    /// The tree without what was taken out.
    rest: Node,
    /// Paths of which enough was said.
    settled: Vec<Vec<Step>>,
    /// Paths that were meant by slips of their keys. What they lack may stand under the slip; what they have is as it is.
    meant: Vec<Vec<Step>>,
    /// Paths that were taken out for what is wrong inside of them: of their names nothing was said.
    around: Vec<Vec<Step>>,
    problems: Vec<Located>,
    /// What is not TOML. Where there is any, a text is only half read: what it seems to lack may stand in its other half.
    syntax: Vec<Located>,
}

impl Trial {
    pub fn new(map: Map, syntax: Vec<Located>) -> Self {
        Self {
            rest: map.tree.clone(),
            map,
            settled: Vec::new(),
            meant: Vec::new(),
            around: Vec::new(),
            problems: Vec::new(),
            syntax,
        }
    }

    /// Reports what differs from the schema, and secrets.
    pub fn hold_against(&mut self, schema: &Schema<'_>) {
        self.refuse_passwords_in_urls();
        let tree = self.map.tree.clone();
        for difference in inspect(&tree, schema) {
            if difference.is_secret {
                self.map.conceal(&difference.path);
            }
            let key = written(&difference.path);
            let located =
                self.map
                    .place(&difference.at, key, difference.message, difference.remedy);
            self.problems.push(located);
            match (difference.word, self.rest.at_mut(&difference.path)) {
                // What depends on a slip is judged by what was meant.
                (Some(word), Some(node)) => node.value = Value::Text(word),
                _ => {
                    self.rest.remove(&difference.path);
                }
            }
            self.meant.extend(difference.meant);
            self.settled.push(difference.path);
        }
    }

    /// The settings that are left, judged by `check`. None where too little is left to make them.
    pub fn settings<T: DeserializeOwned>(
        &mut self,
        schema: &Schema<'_>,
        check: impl FnOnce(&T) -> Vec<Problem>,
    ) -> Option<T> {
        let value = self.deserialise::<T>(schema)?;
        for problem in check(&value) {
            if self.is_around(&problem.key) {
                self.problems
                    .push(self.map.locate(&self.map.tree, &problem));
                continue;
            }
            let located = self.map.locate(&self.rest, &problem);
            if !self.syntax.is_empty() && !self.is_written_out(&problem.key) {
                continue;
            }
            let is_said = |path: &Vec<Step>| follows_from(&located.key, &written(path));
            let is_settled = self.settled.iter().any(is_said)
                || self.is_emptied(&located.key)
                || self.meant.iter().any(is_said) && !self.is_written_out(&problem.key);
            if !is_settled {
                self.problems.push(located);
            }
        }
        Some(value)
    }

    fn is_around(&self, key: &str) -> bool {
        self.around.iter().any(|path| written(path) == key)
    }

    pub fn is_passed(&self) -> bool {
        self.problems.is_empty() && self.syntax.is_empty()
    }

    /// True where a value of this key stands in a file or a variable. One of the defaults may stand in for what could
    /// not be read.
    fn is_written_out(&self, key: &str) -> bool {
        let found = self.rest.find(key);
        let source = self.map.sources.get(found.node.at.source);
        found.rest.is_empty()
            && found.node.table().is_none()
            && source.is_some_and(|source| source.origin != Origin::Embedded)
    }

    /// True for a list of which everything was taken out: what is said of it then is said of the nothing that was left.
    fn is_emptied(&self, key: &str) -> bool {
        let found = self.rest.find(key);
        let Value::List(items) = &found.node.value else {
            return false;
        };
        found.rest.is_empty() && !items.is_empty() && present(items).next().is_none()
    }

    pub fn into_map(self) -> Map {
        self.map
    }

    /// Everything found, in order, together with what is not TOML. One line that is not TOML has one problem, and
    /// what else was found on it follows from that.
    pub fn into_problems(self) -> Vec<Located> {
        let line = |located: &Located| match &located.place {
            Place::Line { file, line, .. } => Some((file.clone(), *line)),
            _ => None,
        };
        let mut kept: Vec<Located> = Vec::new();
        for problem in self.syntax {
            if !kept
                .iter()
                .any(|other| line(other).is_some() && line(other) == line(&problem))
            {
                kept.push(problem);
            }
        }
        let broken: Vec<_> = kept.iter().filter_map(line).collect();
        for problem in self.problems {
            let is_on_broken_line = line(&problem).is_some_and(|line| broken.contains(&line));
            if !is_on_broken_line && !kept.contains(&problem) {
                kept.push(problem);
            }
        }
        self.map.order(&mut kept);
        kept
    }

    /// A file must not hold a password inside a URL either; the environment may.
    fn refuse_passwords_in_urls(&mut self) {
        for path in self.map.tree.leaves() {
            let Some(node) = self
                .map
                .tree
                .at(&path)
                .filter(|node| !self.map.is_from_variable(node))
            else {
                continue;
            };
            let Value::Text(text) = &node.value else {
                continue;
            };
            let Some(password) = secret::password_in_url(text) else {
                continue;
            };
            let key = written(&path);
            let message = format!("`{key}` holds a password, and none may stand here");
            let remedy =
                "take it out of the URL; passwords come from the environment or from a file";
            self.problems
                .push(self.map.place(&node.at, key, message, remedy.to_owned()));
            // The address without its password can be judged like any other.
            let without = format!("{}{}", &text[..password.start - 1], &text[password.end..]);
            if let Some(node) = self.rest.at_mut(&path) {
                node.value = Value::Text(without);
            }
            self.settled.push(path);
        }
    }

    /// Lets serde make the settings. What it can't take is reported and taken out, and the rest is tried again.
    fn deserialise<T: DeserializeOwned>(&mut self, schema: &Schema<'_>) -> Option<T> {
        loop {
            let Refusal { error, path } = match attempt::<T>(&self.rest) {
                Ok(value) => return Some(value),
                Err(refusal) => refusal,
            };
            // What is missing was reported already, unless only serde knew that it had to be there.
            let is_missing = error.starts_with(MISSING);
            let culprit = match is_missing {
                true => None,
                false => last_straw::<T>(&self.rest, &path, &error),
            };
            if let Some(culprit) = culprit {
                self.problems
                    .extend(self.unreadable(&culprit, &error, schema));
                self.take_out(culprit);
                continue;
            }
            // What surrounds a reported problem may be of no use without it, and needs no report of its own.
            if let Some(around) = self.around::<T>(&path, &error) {
                self.around.push(around.clone());
                self.take_out(around);
                continue;
            }
            if path.is_empty() {
                if self.problems.is_empty() && self.syntax.is_empty() {
                    let message = format!("the settings can't be read: {error}");
                    let located = self.map.place(
                        &self.map.tree.at,
                        String::new(),
                        message,
                        "see docs/config.md".to_owned(),
                    );
                    self.problems.push(located);
                }
                return None;
            }
            self.problems.extend(self.unreadable(&path, &error, schema));
            self.take_out(path);
        }
    }

    fn take_out(&mut self, path: Vec<Step>) {
        self.rest.remove(&path);
        self.settled.push(path);
    }

    /// The innermost part, at or below `path`, that held something reported, and that serde can't take without it.
    fn around<T: DeserializeOwned>(&self, path: &[Step], error: &str) -> Option<Vec<Step>> {
        let inside = self.settled.iter().filter(|one| one.starts_with(path));
        let mut around =
            inside.flat_map(|one| (path.len().max(1)..one.len()).rev().map(|end| &one[..end]));
        around
            .find(|part| {
                let mut without = self.rest.clone();
                without.remove(part)
                    && attempt::<T>(&without)
                        .err()
                        .is_none_or(|other| other.error != error || other.path != path)
            })
            .map(<[Step]>::to_vec)
    }

    fn unreadable(&self, path: &[Step], error: &str, schema: &Schema<'_>) -> Option<Located> {
        let key = written(path);
        let node = self.map.tree.at(path)?;
        let is_private = self.map.is_from_variable(node)
            && matches!(&node.value, Value::Text(text) if error.contains(text.as_str()));
        let message = match is_private {
            true => format!("`{key}` can't be read"),
            false => format!("`{key}` can't be read: {error}"),
        };
        let remedy = match schema.description_of(path) {
            Some(meaning) => format!(
                "what is meant here: {}",
                lower_first(&first_sentence(meaning))
            ),
            None => "see docs/config.md for its form".to_owned(),
        };
        Some(self.map.place(&node.at, key, message, remedy))
    }
}

/// How serde begins to say that a key is missing.
const MISSING: &str = "missing field";

/// What serde can't take.
struct Refusal {
    error: String,
    /// The place, as far as serde tells it: what is tagged or flattened is read as a whole.
    path: Vec<Step>,
}

fn attempt<T: DeserializeOwned>(tree: &Node) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(tree.to_json()).map_err(|refusal| Refusal {
        path: steps(tree, refusal.path()),
        error: refusal.into_inner().to_string(),
    })
}

/// Serde's path as one of the tree, which keeps the places of what was taken out of its lists.
fn steps(tree: &Node, path: &serde_path_to_error::Path) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut node = tree;
    for segment in path {
        let next = match (segment, &node.value) {
            (Segment::Map { key }, Value::Table(table)) => table
                .get(key)
                .map(|entry| (Step::Key(key.clone()), &entry.node)),
            (Segment::Seq { index }, Value::List(items)) => present(items)
                .nth(*index)
                .map(|(at, item)| (Step::Index(at), item)),
            _ => None,
        };
        let Some((step, inner)) = next else { break };
        steps.push(step);
        node = inner;
    }
    steps
}

/// The value that serde can't take, at or below `path`: values are taken out, one after another, until serde says
/// something else. Several may be wrong in the same way, so none alone need make a difference, and the last one does.
fn last_straw<T: DeserializeOwned>(tree: &Node, path: &[Step], error: &str) -> Option<Vec<Step>> {
    let mut without = tree.clone();
    for leaf in tree.leaves() {
        if !leaf.starts_with(path) {
            continue;
        }
        let before = without.clone();
        without.remove(&leaf);
        match attempt::<T>(&without) {
            Err(other) if other.error == error && other.path == path => {}
            // It has to be there, which says nothing of its value.
            Err(other) if other.error.starts_with(MISSING) => without = before,
            _ => return Some(leaf),
        }
    }
    None
}

/// True where a problem at `key` is said already by the one at `path`: it lies inside, or it is the place of a secret
/// that was written out instead.
fn follows_from(key: &str, path: &str) -> bool {
    key.strip_prefix(path).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(['.', '[']) || matches!(rest, "_env" | "_file")
    })
}
