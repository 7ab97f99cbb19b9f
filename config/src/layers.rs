//! Layers: from texts, one over the other, to settings or to the list of everything that is wrong with them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use sightline_model::Problem;

use crate::{
    environment,
    located::Located,
    map::Map,
    read::read,
    schema::Schema,
    source::{Origin, Source, Span},
    tree::{Node, Step, Table, Value, written},
    trial::Trial,
};

/// Texts that settings come from, the later over the earlier.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    sources: Vec<Source>,
    prefix: String,
    /// What is read as if nobody had written it.
    left_out: Vec<[Step; 2]>,
}

/// Members of a table that are left out, each with what is wrong with it.
pub type LeftOut = BTreeMap<String, Vec<Located>>;

/// Settings, and where each of them was written.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The settings.
    pub value: T,
    map: Map,
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
        let (map, syntax) = self.merge(&schema);

        let mut trial = Trial::new(map, syntax);
        trial.hold_against(&schema);
        match trial.settings(&schema, check) {
            Some(value) if trial.is_passed() => Ok(Loaded {
                value,
                map: trial.into_map(),
            }),
            _ => Err(trial.into_problems()),
        }
    }

    /// Like [`Layers::load`], but where all that is wrong is within single members of the table at `key`, those are left out:
    /// the rest is read as if nobody had written them.
    ///
    /// # Errors
    /// As [`Layers::load`], where anything else is wrong.
    pub fn load_but_for<T>(
        self,
        key: &str,
        check: impl Fn(&T) -> Vec<Problem>,
    ) -> Result<(Loaded<T>, LeftOut), Vec<Located>>
    where
        T: DeserializeOwned + JsonSchema,
    {
        let problems = match self.clone().load(&check) {
            Ok(loaded) => return Ok((loaded, LeftOut::new())),
            Err(problems) => problems,
        };
        let root = schemars::schema_for!(T).to_value();
        let (map, _) = self.clone().merge(&Schema::new(&root));
        let table = map.tree.at(&[Step::Key(key.to_owned())]);
        let Some(Value::Table(table)) = table.map(|node| &node.value) else {
            return Err(problems);
        };
        let mut left_out = LeftOut::new();
        for problem in &problems {
            let member = table.keys().find(|name| is_within(&problem.key, key, name));
            let Some(member) = member else {
                return Err(problems);
            };
            let of_member = left_out.entry(member.clone()).or_default();
            of_member.push(problem.clone());
        }
        let mut layers = self;
        let path = |name: &String| [Step::Key(key.to_owned()), Step::Key(name.clone())];
        layers.left_out = left_out.keys().map(path).collect();
        // What is judged by the names that are written is said of those that are left out as well.
        let rest = |value: &T| -> Vec<Problem> {
            let of_rest = |problem: &Problem| {
                let mut names = left_out.keys();
                !names.any(|name| is_within(&problem.key, key, name))
            };
            check(value).into_iter().filter(of_rest).collect()
        };
        match layers.load(rest) {
            Ok(loaded) => Ok((loaded, left_out)),
            Err(_) => Err(problems),
        }
    }

    /// What `look` says of each text in the files and variables, given the name of its key: as notes at their places, for
    /// what is no mistake of the settings themselves. It looks at wrong settings, too.
    pub fn look<T: JsonSchema>(
        &self,
        look: impl Fn(&str, &str) -> Option<Problem>,
    ) -> Vec<Located> {
        let root = schemars::schema_for!(T).to_value();
        let (map, _) = self.clone().merge(&Schema::new(&root));
        let mut found = Vec::new();
        for path in map.tree.leaves() {
            let name = path.iter().rev().find_map(|step| match step {
                Step::Key(name) => Some(name.as_str()),
                Step::Index(_) => None,
            });
            let Some((name, node)) = name.zip(map.tree.at(&path)) else {
                continue;
            };
            let Value::Text(text) = &node.value else {
                continue;
            };
            if let Some(Problem {
                message, remedy, ..
            }) = look(name, text)
            {
                let located = map.place(&node.at, written(&path), message, remedy);
                found.push(located.as_note());
            }
        }
        map.order(&mut found);
        found
    }

    fn merge(self, schema: &Schema<'_>) -> (Map, Vec<Located>) {
        let mut problems = Vec::new();
        let start = Span {
            source: 0,
            bytes: 0..0,
        };
        let mut tree = Node {
            at: start,
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
        for path in &self.left_out {
            tree.remove(path);
        }
        let sources = self.sources;
        (Map { sources, tree }, problems)
    }
}

/// True where a problem at `at` is one of the member `name` of the table `key`.
fn is_within(at: &str, key: &str, name: &str) -> bool {
    let path = [Step::Key(key.to_owned()), Step::Key(name.to_owned())];
    [written(&path), format!("{key}.{name}")]
        .iter()
        .filter_map(|member| at.strip_prefix(member.as_str()))
        .any(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl<T> Loaded<T> {
    /// A problem of these settings at the place where the setting was written, or at the nearest one around it.
    pub fn locate(&self, problem: &Problem) -> Located {
        self.map.locate(&self.map.tree, problem)
    }
}
