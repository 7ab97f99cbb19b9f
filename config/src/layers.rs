//! Layers: from texts, one over the other, to settings or to the list of everything that is wrong with them.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sightline_model::Problem;

use crate::{
    environment,
    inspect::{Difference, inspect},
    located::{Located, Place},
    read::read,
    schema::Schema,
    secret,
    source::{Origin, Source, Span},
    tree::{Node, Step, Table, Value, written},
};

/// Texts that settings come from, the later over the earlier.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    sources: Vec<Source>,
    prefix: String,
}

/// Settings, and where each of them was written.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The settings.
    pub value: T,
    map: Map,
}

/// Where everything was written.
#[derive(Clone, Debug)]
struct Map {
    sources: Vec<Source>,
    tree: Node,
}

impl Layers {
    /// No layers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the defaults that the program brings with it. Nobody can edit them, so no problem is placed there.
    pub fn defaults(mut self, name: &str, text: &str) -> Self {
        self.sources.push(Source::new(Origin::Embedded, name, text));
        self
    }

    /// Adds a TOML file, read by the caller; `path` is what people are told.
    pub fn file(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.sources.push(Source::new(Origin::File, path, text));
        self
    }

    /// Adds the variables that begin with `prefix` (`SIGHTLINE__`): what follows it is the path of keys, with two
    /// underscores between them, in capitals. A list is written as TOML has it, or with commas.
    pub fn environment(
        mut self,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut variables: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| name.len() > prefix.len() && name.starts_with(prefix))
            .collect();
        // The environment has no order of its own, and messages should have one.
        variables.sort();
        let sources = variables
            .into_iter()
            .map(|(name, value)| Source::new(Origin::Variable, name, value));
        self.sources.extend(sources);
        self.prefix = prefix.to_owned();
        self
    }

    /// Reads and merges the layers, holds them against the schema of `T`, and lets `check` judge the result.
    ///
    /// # Errors
    /// Every problem there is, ordered by layer and line. Where something is wrong with some keys, the rest is still
    /// judged without them, so that a person sees all mistakes at once.
    pub fn load<T>(self, check: impl FnOnce(&T) -> Vec<Problem>) -> Result<Loaded<T>, Vec<Located>>
    where
        T: DeserializeOwned + JsonSchema,
    {
        let root = schemars::schema_for!(T).to_value();
        let schema = Schema::new(&root);
        let (mut map, syntax) = self.merge(&schema);

        let mut problems = syntax.clone();
        let mut taken_out = Vec::new();
        map.refuse_passwords_in_urls(&mut problems, &mut taken_out);
        for difference in inspect(&map.tree, &schema) {
            if difference.secret {
                map.conceal(&difference.path);
            }
            problems.push(map.locate_difference(&difference));
            taken_out.push(difference.path);
        }
        let mut rest = map.tree.clone();
        for path in &taken_out {
            rest.remove(path);
        }
        // A text that is only half read misses things that stand in the other half.
        if !syntax.is_empty() {
            return Err(map.ordered(problems, &syntax));
        }
        if let Some(value) = map.deserialise::<T>(&mut rest, &mut problems, &mut taken_out) {
            let taken_out: Vec<_> = taken_out.iter().map(|path| written(path)).collect();
            let judged = check(&value).into_iter().filter(|problem| {
                !taken_out
                    .iter()
                    .any(|path| follows_from(&problem.key, path))
            });
            problems.extend(judged.map(|problem| map.locate(&problem)));
            if problems.is_empty() {
                return Ok(Loaded { value, map });
            }
        }
        Err(map.ordered(problems, &syntax))
    }

    fn merge(self, schema: &Schema<'_>) -> (Map, Vec<Located>) {
        let mut problems = Vec::new();
        let mut tree = Node {
            at: Span {
                source: 0,
                bytes: 0..0,
            },
            value: Value::Table(Table::new()),
        };
        for (at, source) in self.sources.iter().enumerate() {
            let layer = if source.origin == Origin::Variable {
                environment::read(source, at, &self.prefix, schema, &tree)
            } else {
                let (layer, found) = read(source, at);
                problems.extend(found);
                Some(layer)
            };
            if let Some(layer) = layer {
                tree.lay(layer, &self.sources);
            }
        }
        let sources = self.sources;
        (Map { sources, tree }, problems)
    }
}

impl<T> Loaded<T> {
    /// A problem of these settings at the place where the setting was written, or at the nearest one around it.
    pub fn locate(&self, problem: &Problem) -> Located {
        self.map.locate(problem)
    }

    /// The same places for settings made from these.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Loaded<U> {
        Loaded {
            value: make(self.value),
            map: self.map,
        }
    }
}

impl Map {
    fn locate(&self, problem: &Problem) -> Located {
        let found = self.tree.find(&problem.key);
        let at = match (found.whole, found.key) {
            (false, Some(key)) => key,
            (true, Some(key)) if found.node.table().is_some() => key,
            _ => &found.node.at,
        };
        // The root has no place of its own, nor has what stands in the defaults.
        let placed = !(found.node.at == self.tree.at && found.key.is_none());
        self.place(
            at,
            placed,
            problem.key.clone(),
            problem.message.clone(),
            problem.remedy.clone(),
        )
    }

    fn locate_difference(&self, difference: &Difference) -> Located {
        let placed = difference.at != self.tree.at;
        let key = written(&difference.path);
        self.place(
            &difference.at,
            placed,
            key,
            difference.message.clone(),
            difference.remedy.clone(),
        )
    }

    fn place(
        &self,
        at: &Span,
        placed: bool,
        key: String,
        message: String,
        remedy: String,
    ) -> Located {
        let (place, snippet) = match self.sources.get(at.source) {
            Some(source) if placed && source.origin != Origin::Embedded => source.show(&at.bytes),
            _ => (self.file(), None),
        };
        Located {
            place,
            key,
            message,
            remedy,
            snippet,
        }
    }

    /// The file that a person would write a missing thing into.
    fn file(&self) -> Place {
        let file = self
            .sources
            .iter()
            .rfind(|source| source.origin == Origin::File);
        let file = file
            .or(self.sources.first())
            .map_or(String::new(), |source| source.name.clone());
        Place::File { file }
    }

    fn conceal(&mut self, path: &[Step]) {
        let node = self.tree.find(&written(path)).node;
        let at = node.at.clone();
        if let Some(source) = self.sources.get_mut(at.source) {
            source.conceal(at.bytes);
        }
    }

    /// A file must not hold a password inside a URL either; the environment may.
    fn refuse_passwords_in_urls(
        &mut self,
        problems: &mut Vec<Located>,
        taken_out: &mut Vec<Vec<Step>>,
    ) {
        for path in self.tree.leaves() {
            let key = written(&path);
            let node = self.tree.find(&key).node;
            let Value::Text(text) = &node.value else {
                continue;
            };
            let in_file = self.sources[node.at.source].origin != Origin::Variable;
            if in_file && secret::password_in_url(text).is_some() {
                let at = node.at.clone();
                let message = format!("`{key}` holds a password, and none may stand here");
                let remedy =
                    "take it out of the URL; passwords come from the environment or from a file";
                problems.push(self.place(&at, true, key, message, remedy.to_owned()));
                taken_out.push(path);
            }
        }
    }

    /// Lets serde make the settings. It names the first value that it can't take, and not where; the culprit is the
    /// one without which it says something else. That one is reported and left out, and the rest is tried again.
    fn deserialise<T: DeserializeOwned>(
        &self,
        rest: &mut Node,
        problems: &mut Vec<Located>,
        taken_out: &mut Vec<Vec<Step>>,
    ) -> Option<T> {
        loop {
            let error = match serde_json::from_value::<T>(rest.to_json()) {
                Ok(value) => return Some(value),
                Err(error) => error.to_string(),
            };
            let is_culprit = |path: &[Step]| {
                let mut without = rest.clone();
                without.remove(path)
                    && serde_json::from_value::<T>(without.to_json())
                        .map_or_else(|other| other.to_string() != error, |_| true)
            };
            // What surrounds a reported problem may be of no use without it, and needs no report of its own.
            let around = taken_out
                .iter()
                .flat_map(|path| (1..path.len()).rev().map(|length| &path[..length]))
                .find(|path| is_culprit(path))
                .map(<[Step]>::to_vec);
            if let Some(path) = around {
                rest.remove(&path);
                taken_out.push(path);
                continue;
            }
            let is_missing = error.starts_with("missing field");
            let culprit = rest.leaves().into_iter().find(|leaf| is_culprit(leaf));
            let Some(culprit) = culprit.filter(|_| !is_missing) else {
                // What is missing was reported already, unless only serde knew that it had to be there.
                if problems.is_empty() {
                    let message = format!("the settings can't be read: {error}");
                    let remedy = "see docs/config.md".to_owned();
                    problems.push(self.place(&self.tree.at, false, String::new(), message, remedy));
                }
                return None;
            };
            problems.push(self.unreadable(&culprit, &error));
            rest.remove(&culprit);
            taken_out.push(culprit);
        }
    }

    fn unreadable(&self, path: &[Step], error: &str) -> Located {
        let key = written(path);
        let node = self.tree.find(&key).node;
        let private = self.sources[node.at.source].origin == Origin::Variable
            && matches!(&node.value, Value::Text(text) if error.contains(text.as_str()));
        let message = match private {
            true => format!("`{key}` can't be read"),
            false => format!("`{key}` can't be read: {error}"),
        };
        self.place(&node.at, true, key, message, remedy(error))
    }

    /// By layer, then by line. What stands on a line that is not TOML follows from that alone.
    fn ordered(&self, problems: Vec<Located>, syntax: &[Located]) -> Vec<Located> {
        let line = |located: &Located| match &located.place {
            Place::Line { file, line, .. } => Some((file.clone(), *line)),
            _ => None,
        };
        let broken: Vec<_> = syntax.iter().filter_map(line).collect();
        let mut kept: Vec<Located> = Vec::new();
        for problem in problems {
            let repeats = line(&problem).is_some_and(|at| {
                broken.contains(&at)
                    && (!syntax.contains(&problem)
                        || kept.iter().any(|other| line(other).as_ref() == Some(&at)))
            });
            if !repeats && !kept.contains(&problem) {
                kept.push(problem);
            }
        }
        kept.sort_by_key(|problem| {
            let (Place::Line { file: name, .. }
            | Place::File { file: name }
            | Place::Variable { variable: name }) = &problem.place;
            let source = self.sources.iter().position(|source| source.name == *name);
            (source, problem.place.clone())
        });
        kept
    }
}

/// True where a problem at `key` is said already by the one that took `path` out: it lies inside, or it is the place
/// of a secret that was written out instead.
fn follows_from(key: &str, path: &str) -> bool {
    key.strip_prefix(path).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(['.', '[']) || matches!(rest, "_env" | "_file")
    })
}

fn remedy(error: &str) -> String {
    if error.contains("relative URL") {
        return "write the whole URL, such as \"https://example.org/\"".to_owned();
    }
    "see docs/config.md for its form".to_owned()
}
