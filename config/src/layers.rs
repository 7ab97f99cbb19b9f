//! Layers: from texts, one over the other, to settings or to the list of everything that is wrong with them.

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
}

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
        let sources = self.sources;
        (Map { sources, tree }, problems)
    }
}

impl<T> Loaded<T> {
    /// A problem of these settings at the place where the setting was written, or at the nearest one around it.
    pub fn locate(&self, problem: &Problem) -> Located {
        self.map.locate(&self.map.tree, problem)
    }
}
