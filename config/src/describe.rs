//! Description: a page of Markdown for people, made from the schema and the defaults, so that it can't drift.

use std::{collections::BTreeMap, fmt::Write};

use schemars::JsonSchema;

use crate::{
    read::read,
    schema::{Schema, Shape, TableShape},
    source::{Origin, Source},
    tree::{Node, Value},
};

/// Every key of `T` as tables of Markdown, one section for each table of the settings: type, default and meaning.
/// `defaults` is the text of the lowest layer.
pub fn describe<T: JsonSchema>(defaults: &str) -> String {
    let root = schemars::schema_for!(T).to_value();
    let source = Source::new(Origin::Embedded, "defaults", defaults);
    let (tree, _) = read(&source, 0);
    let mut page = Page {
        text: String::new(),
        known: BTreeMap::new(),
    };
    page.section("", &Schema::new(&root), Some(&tree));
    page.text
}

struct Page<'s> {
    text: String,
    /// Definitions that were described, each with the section that did.
    known: BTreeMap<&'s str, String>,
}

impl<'s> Page<'s> {
    fn section(&mut self, path: &str, schema: &Schema<'s>, defaults: Option<&Node>) {
        if let Some(definition) = schema.definition() {
            if let Some(first) = self.known.get(definition) {
                let same = format!("The keys are those of `[{first}]`.\n\n");
                self.heading(path, None, schema);
                self.text.push_str(&same);
                return;
            }
            self.known.insert(definition, path.to_owned());
        }
        match schema.shape() {
            Shape::Table(shape) => self.table(path, schema, &shape, defaults),
            Shape::OneOf(alternatives) => self.alternatives(path, &alternatives),
            _ => {}
        }
    }

    fn table(
        &mut self,
        path: &str,
        schema: &Schema<'s>,
        shape: &TableShape<'s>,
        defaults: Option<&Node>,
    ) {
        if shape.keys.is_empty() {
            if let Some(rest) = &shape.rest {
                self.section(&join(path, "NAME"), rest, None);
            }
            return;
        }
        self.heading(path, None, schema);
        self.rows(shape, defaults);
        for (name, schema) in &shape.keys {
            let defaults = default_of(defaults, name);
            match schema.shape() {
                Shape::List {
                    item: Some(item), ..
                } if is_table(&item) => {
                    self.section(&format!("{}[]", join(path, name)), &item, None);
                }
                Shape::Table(_) | Shape::OneOf(_) => {
                    self.section(&join(path, name), schema, defaults)
                }
                _ => {}
            }
        }
        if let Some(rest) = &shape.rest {
            self.section(&join(path, "NAME"), rest, None);
        }
    }

    fn alternatives(&mut self, path: &str, alternatives: &[Schema<'s>]) {
        for schema in alternatives {
            let Shape::Table(shape) = schema.shape() else {
                continue;
            };
            self.heading(path, shape.tags().first().copied(), schema);
            self.rows(&shape, None);
            for (name, schema) in &shape.keys {
                if matches!(schema.shape(), Shape::Table(_)) {
                    self.section(&join(path, name), schema, None);
                }
            }
        }
    }

    fn heading(&mut self, path: &str, tag: Option<(&str, &str)>, schema: &Schema<'_>) {
        if !path.is_empty() {
            let tag = tag.map_or(String::new(), |(key, word)| {
                format!(" with `{key} = \"{word}\"`")
            });
            let _ = write!(self.text, "### `[{path}]`{tag}\n\n");
        }
        if let Some(description) = schema.description() {
            let _ = write!(self.text, "{}\n\n", prose(description));
        }
    }

    fn rows(&mut self, shape: &TableShape<'s>, defaults: Option<&Node>) {
        self.text
            .push_str("| key | is | default | meaning |\n| --- | --- | --- | --- |\n");
        for (name, schema) in &shape.keys {
            let kind = kind(schema);
            let default = match default_of(defaults, name) {
                _ if shape.required.contains(name) => "required".to_owned(),
                Some(node) if node.table().is_none() => format!("`{}`", written(node)),
                Some(_) => String::new(),
                None => schema
                    .default()
                    .map_or(String::new(), |value| format!("`{value}`")),
            };
            let meaning = meaning(schema);
            let _ = writeln!(self.text, "| `{name}` | {kind} | {default} | {meaning} |");
        }
        self.text.push('\n');
    }
}

fn default_of<'t>(defaults: Option<&'t Node>, name: &str) -> Option<&'t Node> {
    Some(&defaults?.table()?.get(name)?.node)
}

fn is_table(schema: &Schema<'_>) -> bool {
    matches!(schema.shape(), Shape::Table(_) | Shape::OneOf(_))
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn kind(schema: &Schema<'_>) -> String {
    match schema.shape() {
        Shape::Table(shape) if shape.keys.is_empty() && shape.rest.is_some() => {
            "sections by name".to_owned()
        }
        Shape::Table(_) => "a section".to_owned(),
        Shape::List { item, .. } => match item.as_ref().map(kind) {
            Some(item) => format!("a list: {item}"),
            None => "a list".to_owned(),
        },
        Shape::Text {
            format: Some("uri"),
            ..
        } => "a URL".to_owned(),
        Shape::Text { .. } => "text".to_owned(),
        Shape::Words(words) => words
            .iter()
            .map(|word| format!("`\"{}\"`", word.word))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::Whole { least, most } => match (least > i64::MIN, most < i64::from(u32::MAX)) {
            (true, true) => format!("a whole number, {least} to {most}"),
            (true, false) => format!("a whole number, {least} or more"),
            _ => "a whole number".to_owned(),
        },
        Shape::Number { least, most } => match (least, most) {
            (Some(least), Some(most)) => format!("a number, {least} to {most}"),
            (Some(least), None) => format!("a number, {least} or more"),
            (None, Some(most)) => format!("a number, {most} or less"),
            (None, None) => "a number".to_owned(),
        },
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::OneOf(alternatives) => {
            let mut kinds: Vec<_> = alternatives.iter().map(kind).collect();
            kinds.dedup();
            kinds.join(", or ")
        }
        Shape::Anything => "anything".to_owned(),
    }
}

/// Its doc comment, and those of the words that may stand there.
fn meaning(schema: &Schema<'_>) -> String {
    let mut meaning = schema.description().map(cell).unwrap_or_default();
    if let Shape::Words(words) = schema.shape() {
        for (word, what) in words
            .iter()
            .filter_map(|word| Some((word.word, word.meaning?)))
        {
            let _ = write!(meaning, "<br>`\"{word}\"`: {}", cell(what));
        }
    }
    meaning
}

/// A default as TOML has it.
fn written(node: &Node) -> String {
    match &node.value {
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(written).collect::<Vec<_>>().join(", ")
        ),
        _ => node.to_json().to_string(),
    }
}

/// A doc comment as a paragraph: links to Rust items become plain code.
fn prose(text: &str) -> String {
    text.replace("[`", "`").replace("`]", "`")
}

/// A doc comment in a table cell.
fn cell(text: &str) -> String {
    prose(text)
        .replace("\n\n", "<br>")
        .replace('\n', " ")
        .replace('|', "\\|")
}
