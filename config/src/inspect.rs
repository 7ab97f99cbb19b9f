//! Inspection: the tree held against the shape that it is to have, with a problem for each place that differs.

use crate::{
    schema::{Schema, Shape, TableShape, Word},
    secret,
    source::Span,
    suggest::{first_sentence, listed, lower_first, nearest},
    tree::{Entry, Node, Step, Table, Value, written},
};

/// One difference, and the path of what is to be taken out so that the rest can be read.
#[derive(Debug)]
pub(crate) struct Difference {
    pub path: Vec<Step>,
    pub at: Span,
    pub message: String,
    pub remedy: String,
    /// True where the value itself must not be shown.
    pub is_secret: bool,
    /// The path that was meant, where an unknown key is a slip of another.
    pub meant: Option<Vec<Step>>,
    /// The word that was meant, where one is a slip of another.
    pub word: Option<String>,
}

/// Every difference, in the order of the tree.
pub(crate) fn inspect(tree: &Node, schema: &Schema<'_>) -> Vec<Difference> {
    let mut inspector = Inspector {
        path: Vec::new(),
        found: Vec::new(),
    };
    inspector.node(tree, &tree.at, schema);
    inspector.found
}

struct Inspector {
    path: Vec<Step>,
    found: Vec<Difference>,
}

impl Inspector {
    /// `key` is where a missing thing inside is reported.
    fn node(&mut self, node: &Node, key: &Span, schema: &Schema<'_>) {
        match (schema.shape(), &node.value) {
            (Shape::Anything, _) => {}
            (Shape::OneOf(alternatives), _) => self.one_of(node, key, &alternatives),
            (Shape::Table(shape), Value::Table(table)) => self.table(table, key, &shape),
            (Shape::List { item, least }, Value::List(items)) => {
                if items.len() < least {
                    self.report(&node.at, "is empty", format!("write at least {least}"));
                }
                for (at, one) in items.iter().enumerate() {
                    if let Some(schema) = &item {
                        self.path.push(Step::Index(at));
                        self.node(one, &one.at, schema);
                        self.path.pop();
                    }
                }
            }
            (Shape::Text { least, .. }, Value::Text(text)) => {
                if text.trim().chars().count() < least {
                    self.report(
                        &node.at,
                        "is empty",
                        "write it out, or leave the key out".to_owned(),
                    );
                }
            }
            (Shape::Text { format, .. }, Value::Date(_)) if format.is_some() => {}
            (Shape::Flag, Value::Flag(_)) => {}
            (Shape::Words(words), Value::Text(text)) => self.word(text, &words, &node.at),
            (Shape::Whole { least, most }, Value::Whole(number)) => {
                if !(least..=most).contains(number) {
                    self.report(
                        &node.at,
                        &format!("can't be {number}"),
                        write_whole(least, most),
                    );
                }
            }
            (Shape::Number { least, most }, Value::Whole(_) | Value::Number(_)) => {
                let number = match node.value {
                    Value::Whole(number) => number as f64,
                    Value::Number(number) => number,
                    _ => return,
                };
                if least.is_some_and(|least| number < least)
                    || most.is_some_and(|most| number > most)
                {
                    self.report(
                        &node.at,
                        &format!("can't be {number}"),
                        write_number(least, most),
                    );
                }
            }
            (shape, value) => {
                let message = format!("is to be {}, but is {}", name(&shape), value.words());
                self.report(&node.at, &message, write(&shape));
            }
        }
    }

    fn table(&mut self, table: &Table, key: &Span, shape: &TableShape<'_>) {
        for (name, entry) in table {
            self.path.push(Step::Key(name.clone()));
            match shape.keys.get(name.as_str()).or(shape.rest.as_ref()) {
                _ if self.refuse_secret(name, entry, shape) => {}
                Some(schema) => self.node(&entry.node, &entry.key, schema),
                None if shape.open => {}
                None => self.unknown(name, entry, shape),
            }
            self.path.pop();
        }
        for name in &shape.required {
            let is_misspelt = |name: &str| {
                let meant = self
                    .found
                    .iter()
                    .filter_map(|difference| difference.meant.as_ref());
                let mut last = meant.filter_map(|path| path.split_last());
                last.any(|(key, parent)| {
                    *parent == self.path[..] && *key == Step::Key(name.to_owned())
                })
            };
            if !table.contains_key(*name) && !is_misspelt(name) {
                let what = shape.keys.get(name).and_then(Schema::description);
                let what = what.map_or(String::new(), first_sentence);
                self.path.push(Step::Key((*name).to_owned()));
                self.report(
                    key,
                    "is missing",
                    format!("write {name} = …: {}", lower_first(&what)),
                );
                self.path.pop();
            }
        }
    }

    fn unknown(&mut self, name: &str, entry: &Entry, shape: &TableShape<'_>) {
        let meant = nearest(name, shape.keys.keys().copied());
        let remedy = match meant {
            Some(word) => format!("did you mean `{word}`?"),
            None if shape.keys.is_empty() => "remove it".to_owned(),
            None => format!("use one of {}", listed(shape.keys.keys().copied(), "or")),
        };
        let path = written(&self.path);
        self.push(&entry.key, format!("unknown key `{path}`"), remedy);
        if let (Some(word), Some(difference)) = (meant, self.found.last_mut()) {
            let mut path = self.path.clone();
            path.pop();
            path.push(Step::Key(word.to_owned()));
            difference.meant = Some(path);
        }
    }

    /// Refuses what looks like a secret, unless the settings name that very key. True where it did.
    fn refuse_secret(&mut self, name: &str, entry: &Entry, shape: &TableShape<'_>) -> bool {
        let plain = match &entry.node.value {
            Value::Table(_) => false,
            Value::List(items) => items.iter().all(|item| item.table().is_none()),
            _ => true,
        };
        if !plain || shape.keys.contains_key(name) || !secret::is_secret_key(name) {
            return false;
        }
        let folded = name.to_ascii_lowercase().replace('-', "_");
        let env = [
            format!("{folded}_env"),
            "password_env".into(),
            "secret_env".into(),
            "token_env".into(),
        ]
        .into_iter()
        .find(|key| shape.keys.contains_key(key.as_str()));
        let remedy = match env {
            Some(env) => format!(
                "put it into a variable of the environment, and write the variable's name: {env} = \"SIGHTLINE_…\""
            ),
            None => "remove it; secrets come from the environment or from a file".to_owned(),
        };
        let path = written(&self.path);
        self.push(
            &entry.key,
            format!("`{path}` is a secret, and none may stand here"),
            remedy,
        );
        if let Some(difference) = self.found.last_mut() {
            difference.is_secret = true;
        }
        true
    }

    fn word(&mut self, text: &str, words: &[Word<'_>], at: &Span) {
        if words.iter().any(|word| word.word == text) {
            return;
        }
        let all = words.iter().map(|word| word.word);
        let meant = nearest(text, all.clone());
        let remedy = match meant {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => format!("use one of {}", listed(all, "or")),
        };
        // Only what looks like a word is repeated: what stands here by mistake may be private.
        let is_word = text.len() <= 40
            && text
                .chars()
                .all(|sign| sign.is_alphanumeric() || "_- ".contains(sign));
        let message = match is_word {
            true => format!("can't be \"{text}\""),
            false => "can't be what stands there".to_owned(),
        };
        self.report(at, &message, remedy);
        if let Some(difference) = self.found.last_mut() {
            difference.word = meant.map(str::to_owned);
        }
    }

    /// Takes the alternative that its tag names; without tags, the one that the value differs least from.
    fn one_of(&mut self, node: &Node, key: &Span, alternatives: &[Schema<'_>]) {
        let tagged: Vec<_> = alternatives
            .iter()
            .filter_map(|schema| match schema.shape() {
                Shape::Table(shape) => shape.tags().first().map(|&(tag, word)| (tag, word, schema)),
                _ => None,
            })
            .collect();
        match (node.table(), tagged.first()) {
            (Some(table), Some(&(tag, ..))) => self.tagged(node, table, key, tag, &tagged),
            _ => self.nearest_of(node, key, alternatives),
        }
    }

    fn tagged(
        &mut self,
        node: &Node,
        table: &Table,
        key: &Span,
        tag: &str,
        alternatives: &[(&str, &str, &Schema<'_>)],
    ) {
        let written = table.get(tag).map(|entry| &entry.node);
        let chosen = match written.map(|node| &node.value) {
            Some(Value::Text(written)) => alternatives.iter().find(|(_, word, _)| word == written),
            _ => None,
        };
        if let Some((.., schema)) = chosen {
            return self.node(node, key, schema);
        }
        let words = alternatives.iter().map(|&(_, word, _)| Word {
            word,
            meaning: None,
        });
        let words: Vec<_> = words.collect();
        let meant = match written.map(|node| &node.value) {
            Some(Value::Text(written)) => nearest(written, words.iter().map(|word| word.word)),
            _ => None,
        };
        self.path.push(Step::Key(tag.to_owned()));
        match written.map(|node| (node, &node.value)) {
            None => self.report(key, "is missing", write(&Shape::Words(words))),
            Some((node, Value::Text(written))) => self.word(written, &words, &node.at),
            Some((node, _)) => {
                self.report(&node.at, "is to be a word", write(&Shape::Words(words)))
            }
        }
        self.path.pop();
        // What stands beside a slip is judged by what was meant; where nobody can tell, by all that may be.
        let tables = alternatives.iter().filter_map(|(_, word, schema)| {
            let Shape::Table(shape) = schema.shape() else {
                return None;
            };
            Some((*word, shape))
        });
        let shape = match meant {
            Some(meant) => {
                let mut tables = tables;
                tables
                    .find(|(word, _)| *word == meant)
                    .map(|(_, shape)| shape)
            }
            None => tables.map(|(_, shape)| shape).reduce(|mut all, shape| {
                for (name, schema) in shape.keys {
                    all.keys.entry(name).or_insert(schema);
                }
                all.required.clear();
                all.open |= shape.open;
                all
            }),
        };
        if let Some(mut shape) = shape {
            let mut beside = table.clone();
            beside.remove(tag);
            shape.required.retain(|name| *name != tag);
            self.table(&beside, key, &shape);
        }
    }

    fn nearest_of(&mut self, node: &Node, key: &Span, alternatives: &[Schema<'_>]) {
        let trials = alternatives.iter().map(|schema| {
            let mut trial = Self {
                path: self.path.clone(),
                found: Vec::new(),
            };
            trial.node(node, key, schema);
            // A difference of the whole value is further off than any number of differences inside it.
            let whole = trial.found.iter().any(|one| one.path == self.path);
            (whole, trial.found)
        });
        match trials.min_by_key(|(whole, found)| (*whole, found.len())) {
            Some((true, _)) => {
                let shapes: Vec<_> = alternatives.iter().map(Schema::shape).collect();
                let names: Vec<_> = shapes.iter().map(name).collect();
                let message = format!(
                    "is to be {}, but is {}",
                    names.join(" or "),
                    node.value.words()
                );
                self.report(
                    &node.at,
                    &message,
                    shapes.first().map_or(String::new(), write),
                );
            }
            Some((false, found)) => self.found.extend(found),
            None => {}
        }
    }

    fn report(&mut self, at: &Span, message: &str, remedy: String) {
        let path = written(&self.path);
        let message = match path.as_str() {
            "" => format!("the whole {message}"),
            path => format!("`{path}` {message}"),
        };
        self.push(at, message, remedy);
    }

    fn push(&mut self, at: &Span, message: String, remedy: String) {
        self.found.push(Difference {
            path: self.path.clone(),
            at: at.clone(),
            message,
            remedy,
            is_secret: false,
            meant: None,
            word: None,
        });
    }
}

/// What a shape is called in a sentence.
pub(crate) fn name(shape: &Shape<'_>) -> &'static str {
    match shape {
        Shape::Table(_) => "a table",
        Shape::List { .. } => "a list",
        Shape::Text { .. } => "text",
        Shape::Words(_) => "a word",
        Shape::Whole { .. } => "a whole number",
        Shape::Number { .. } => "a number",
        Shape::Flag => "true or false",
        Shape::OneOf(_) | Shape::Anything => "something else",
    }
}

fn write(shape: &Shape<'_>) -> String {
    match shape {
        Shape::Table(_) => "write a [section], or keys between { and }".to_owned(),
        Shape::List { .. } => "write it between [ and ]".to_owned(),
        Shape::Text { .. } => "write it between quotation marks".to_owned(),
        Shape::Words(words) => format!(
            "use one of {}",
            listed(words.iter().map(|word| word.word), "or")
        ),
        Shape::Whole { least, most } => write_whole(*least, *most),
        Shape::Number { least, most } => write_number(*least, *most),
        Shape::Flag => "write true or false, without quotation marks".to_owned(),
        Shape::OneOf(_) | Shape::Anything => "see docs/config.md".to_owned(),
    }
}

fn write_whole(least: i64, most: i64) -> String {
    let (low, high) = (least > i64::MIN, most < i64::MAX);
    match (low, high) {
        (true, true) => {
            format!("write a whole number from {least} to {most}, without quotation marks")
        }
        (true, false) => {
            format!("write a whole number of at least {least}, without quotation marks")
        }
        _ => "write a whole number, without quotation marks".to_owned(),
    }
}

fn write_number(least: Option<f64>, most: Option<f64>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => {
            format!("write a number from {least} to {most}, without quotation marks")
        }
        (Some(least), None) => {
            format!("write a number of at least {least}, without quotation marks")
        }
        (None, Some(most)) => format!("write a number of at most {most}, without quotation marks"),
        (None, None) => "write a number, without quotation marks".to_owned(),
    }
}
