//! Reading TOML into the tree, with a problem for each thing that is not TOML.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    located::Located,
    source::{Source, Span},
    tree::{Entry, Node, Table, Value},
};

/// Reads one source. What can be read is returned beside the problems of what can't.
pub(crate) fn read(source: &Source, at: usize) -> (Node, Vec<Located>) {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    let mut reader = Reader {
        at,
        source,
        problems: Vec::new(),
    };
    for error in &errors {
        reader.syntax(error);
    }
    let node = Node {
        at: reader.span(0..0),
        value: Value::Table(reader.table(table.into_inner(), &mut String::new())),
    };
    (node, reader.problems)
}

/// Reads one value as TOML writes it. None where it isn't one.
pub(crate) fn read_value(text: &str, source: &Source, at: usize) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut reader = Reader {
        at,
        source,
        problems: Vec::new(),
    };
    let node = reader.node(value, &mut String::new())?;
    reader.problems.is_empty().then_some(node)
}

struct Reader<'s> {
    at: usize,
    source: &'s Source,
    problems: Vec<Located>,
}

impl Reader<'_> {
    fn table(&mut self, table: DeTable<'_>, path: &mut String) -> Table {
        let mut read = Table::new();
        for (key, value) in table {
            let span = self.span(key.span());
            let name = key.into_inner().into_owned();
            let length = path.len();
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&name);
            if let Some(node) = self.node(value, path) {
                read.insert(name, Entry { key: span, node });
            }
            path.truncate(length);
        }
        read
    }

    fn node(&mut self, value: Spanned<DeValue<'_>>, path: &mut String) -> Option<Node> {
        let bytes = value.span();
        let at = self.span(bytes.clone());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::Whole(number),
                    Err(_) => {
                        return self.refuse(
                            bytes,
                            path,
                            "a number that is too large",
                            "write a smaller one",
                        );
                    }
                }
            }
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) if f64::is_finite(number) => Value::Number(number),
                _ => {
                    return self.refuse(
                        bytes,
                        path,
                        "not a number to count with",
                        "write one such as 1.5",
                    );
                }
            },
            DeValue::Boolean(flag) => Value::Flag(flag),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(items) => {
                let mut list = Vec::new();
                for (at, item) in items.into_iter().enumerate() {
                    let length = path.len();
                    path.push_str(&format!("[{at}]"));
                    list.extend(self.node(item, path));
                    path.truncate(length);
                }
                Value::List(list)
            }
            DeValue::Table(table) => Value::Table(self.table(table, path)),
        };
        Some(Node { at, value })
    }

    fn refuse(
        &mut self,
        bytes: Range<usize>,
        path: &str,
        what: &str,
        remedy: &str,
    ) -> Option<Node> {
        let message = format!("`{path}` is {what}");
        self.report(bytes, path, message, remedy.to_owned());
        None
    }

    fn syntax(&mut self, error: &toml::de::Error) {
        let bytes = error.span().unwrap_or(0..0);
        self.report(
            bytes,
            "",
            format!("this is not TOML: {}", error.message()),
            remedy(error.message()),
        );
    }

    fn report(&mut self, bytes: Range<usize>, key: &str, message: String, remedy: String) {
        let place = self.source.show(&bytes);
        self.problems
            .push(Located::new(place, key.to_owned(), &message, &remedy));
    }

    fn span(&self, bytes: Range<usize>) -> Span {
        Span {
            source: self.at,
            bytes,
        }
    }
}

/// What to write instead, for the slips that the parser names.
fn remedy(message: &str) -> String {
    let hints = [
        (
            "invalid boolean",
            "put text between quotation marks: key = \"value\"; or write true or false",
        ),
        ("duplicate key", "keep one of the two"),
        (
            "string values must be quoted",
            "put it between quotation marks: key = \"value\"",
        ),
        (
            "unquoted",
            "put it between quotation marks: key = \"value\"",
        ),
        ("extra assignment", "write one key and one value a line"),
        ("key with no value", "write key = value"),
        ("unclosed", "close it"),
        (
            "invalid basic string",
            "close it with \", and write \\\\ for a backslash, or use '…', where a backslash is itself",
        ),
        ("missing value", "write a value after ="),
        (
            "escape",
            "write \\\\ for a backslash, or use '…', where a backslash is itself",
        ),
    ];
    hints
        .iter()
        .find(|(part, _)| message.contains(part))
        .map_or("see https://toml.io for the form", |&(_, hint)| hint)
        .to_owned()
}
