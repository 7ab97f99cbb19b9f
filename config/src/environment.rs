//! The environment as a layer: `SIGHTLINE__STORE__URL` sets `store.url`, typed by the shape of what it sets.

use std::collections::BTreeMap;

use crate::{
    read,
    schema::{Schema, Shape},
    source::{Source, Span},
    tree::{Entry, Node, Table, Value},
};

/// One variable as a tree that holds its one value. `lower` is what the layers below say: a key of a map is written
/// there as people chose it, and in the environment in capitals.
pub(crate) fn read(
    source: &Source,
    at: usize,
    prefix: &str,
    schema: &Schema<'_>,
    lower: &Node,
) -> Option<Node> {
    let path = source.name.strip_prefix(prefix)?;
    let segments: Vec<_> = path.split("__").collect();
    let span = Span {
        source: at,
        bytes: 0..source.text().len(),
    };
    Some(Node {
        at: span.clone(),
        value: under(&segments, source, &span, Some(schema), Some(lower)),
    })
}

fn under(
    segments: &[&str],
    source: &Source,
    span: &Span,
    schema: Option<&Schema<'_>>,
    lower: Option<&Node>,
) -> Value {
    let Some((segment, rest)) = segments.split_first() else {
        return typed(source.text(), source, span, schema);
    };
    let known = known_keys(schema);
    let same = |key: &str| fold(key) == fold(segment);
    let below = lower.and_then(Node::table);
    let name = known
        .keys()
        .copied()
        .chain(
            below
                .into_iter()
                .flat_map(|table| table.keys().map(String::as_str)),
        )
        .find(|key| same(key))
        .map_or_else(|| segment.to_ascii_lowercase(), str::to_owned);
    let schema = known
        .get(name.as_str())
        .cloned()
        .or_else(|| rest_of(schema));
    let lower = below
        .and_then(|table| table.get(&name))
        .map(|entry| &entry.node);
    let entry = Entry {
        key: span.clone(),
        node: Node {
            at: span.clone(),
            value: under(rest, source, span, schema.as_ref(), lower),
        },
    };
    Value::Table(Table::from([(name, entry)]))
}

/// The keys that may stand here, those of every alternative together.
fn known_keys<'s>(schema: Option<&Schema<'s>>) -> BTreeMap<&'s str, Schema<'s>> {
    match schema.map(Schema::shape) {
        Some(Shape::Table(shape)) => shape.keys,
        Some(Shape::OneOf(alternatives)) => alternatives
            .iter()
            .flat_map(|alternative| known_keys(Some(alternative)))
            .collect(),
        _ => BTreeMap::new(),
    }
}

fn rest_of<'s>(schema: Option<&Schema<'s>>) -> Option<Schema<'s>> {
    match schema?.shape() {
        Shape::Table(shape) => shape.rest,
        _ => None,
    }
}

/// The value as its shape wants it. Where it can't be, it stays text, and the inspection says what it is to be.
fn typed(text: &str, source: &Source, span: &Span, schema: Option<&Schema<'_>>) -> Value {
    let plain = || Value::Text(text.to_owned());
    let trimmed = text.trim();
    match schema.map(Schema::shape) {
        Some(Shape::Whole { .. }) => trimmed.parse().map_or_else(|_| plain(), Value::Whole),
        Some(Shape::Number { .. }) => match trimmed.parse() {
            Ok(number) if f64::is_finite(number) => Value::Number(number),
            _ => plain(),
        },
        Some(Shape::Flag) => trimmed.parse().map_or_else(|_| plain(), Value::Flag),
        Some(Shape::List { item, .. }) if trimmed.starts_with('[') => toml(trimmed, source, span)
            .unwrap_or_else(|| listed(trimmed, source, span, item.as_ref())),
        Some(Shape::List { item, .. }) => listed(trimmed, source, span, item.as_ref()),
        Some(Shape::Table(_)) => toml(trimmed, source, span).unwrap_or_else(plain),
        Some(Shape::OneOf(_)) => toml(trimmed, source, span).unwrap_or_else(plain),
        _ => plain(),
    }
}

fn toml(text: &str, source: &Source, span: &Span) -> Option<Value> {
    read::read_value(text, source, span.source).map(|node| node.value)
}

fn listed(text: &str, source: &Source, span: &Span, item: Option<&Schema<'_>>) -> Value {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let node = |part| Node {
        at: span.clone(),
        value: typed(part, source, span, item),
    };
    Value::List(parts.map(node).collect())
}

fn fold(key: &str) -> String {
    key.to_ascii_lowercase().replace('-', "_")
}
