//! Schemas in words, for people who read the reference: what a field may hold, and what a type is made of.

use serde_json::{Map, Value, json};

/// A word or two about what may stand somewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// Plain words.
    Words(String),
    /// A value as it is to be written.
    Code(String),
    /// A type that the page tells of.
    Type(String),
}

/// A field of an object, or a parameter.
pub(super) struct Field {
    /// Its name; behind the dot, that of a field of an object within: `seen[].why`.
    pub name: String,
    /// What may stand in it.
    pub kind: Vec<Piece>,
    /// True where it has to be there.
    pub is_needed: bool,
    /// What it means.
    pub about: Vec<Piece>,
}

/// A type: what it is, and what it is made of.
#[derive(Default)]
pub(super) struct Told {
    /// What it means.
    pub about: Vec<Piece>,
    /// What it is, where it is no object.
    pub kind: Vec<Piece>,
    /// Its fields, where it is an object.
    pub fields: Vec<Field>,
    /// What else stands in it, of which each is one of several ways.
    pub ways: Vec<Told>,
}

/// The types of a document that have names.
pub(super) struct Schemas<'a>(Option<&'a Map<String, Value>>);

/// Where the document keeps its types.
const TYPES: &str = "#/components/schemas/";

/// As deep as an example goes, and objects within objects are told of: what refers to itself ends there.
const DEEPEST: usize = 8;

impl Piece {
    /// A description, in which values stand between backticks.
    fn told(about: &str) -> Vec<Self> {
        let parts = about.split('`').enumerate();
        let parts = parts.filter(|(_, part)| !part.is_empty());
        parts
            .map(|(at, part)| match at % 2 {
                0 => Self::Words(part.to_owned()),
                _ => Self::Code(part.to_owned()),
            })
            .collect()
    }

    /// What a schema lets stand.
    pub fn of(schema: &Value) -> Vec<Self> {
        let words = |words: &str| vec![Self::Words(words.to_owned())];
        if let Some(name) = referred(schema) {
            return vec![Self::Type(name.to_owned())];
        }
        if let Some(only) = schema.get("const") {
            return vec![Self::Code(only.to_string())];
        }
        if let Some(values) = schema["enum"].as_array() {
            return either(values.iter().map(|one| vec![Self::Code(one.to_string())]));
        }
        for (key, between) in [("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")] {
            if let Some(choices) = schema[key].as_array() {
                return between_all(choices.iter().map(Self::of), between);
            }
        }
        match &schema["type"] {
            Value::Array(types) => either(types.iter().map(|one| {
                let mut alone = schema.clone();
                alone["type"] = one.clone();
                Self::of(&alone)
            })),
            Value::String(kind) if kind == "array" => {
                let mut pieces = words("list of ");
                match (&schema["prefixItems"], &schema["items"]) {
                    (Value::Array(each), _) => {
                        pieces.extend(between_all(each.iter().map(Self::of), ", "));
                    }
                    (_, Value::Null) => pieces = words("list"),
                    (_, items) => pieces.extend(Self::of(items)),
                }
                pieces
            }
            Value::String(kind) if kind == "object" => match &schema["additionalProperties"] {
                values @ Value::Object(_) => {
                    let mut pieces = words("object, by name: ");
                    pieces.extend(Self::of(values));
                    pieces
                }
                _ => words("object"),
            },
            Value::String(kind) => words(&format!("{kind}{}", limits(schema))),
            _ => words("anything"),
        }
    }
}

/// The pieces of each, with `or` between them.
fn either(each: impl Iterator<Item = Vec<Piece>>) -> Vec<Piece> {
    between_all(each, " or ")
}

fn between_all(each: impl Iterator<Item = Vec<Piece>>, between: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for one in each {
        if !pieces.is_empty() {
            pieces.push(Piece::Words(between.to_owned()));
        }
        pieces.extend(one);
    }
    pieces
}

/// ` (uuid)`, ` from 1 to 200; 50 where it is left out`
fn limits(schema: &Value) -> String {
    let mut limits = String::new();
    if let Some(format) = schema["format"].as_str() {
        limits.push_str(&format!(" ({format})"));
    }
    let bound = |key: &str, words: &str| match &schema[key] {
        Value::Null => String::new(),
        bound => format!(" {words} {bound}"),
    };
    for (key, words) in [("minimum", "from"), ("maximum", "to")] {
        limits.push_str(&bound(key, words));
    }
    if let Some(most) = schema.get("maxLength") {
        limits.push_str(&format!(" of at most {most} characters"));
    }
    match schema.get("default") {
        None | Some(Value::Null) => {}
        Some(default) => limits.push_str(&format!("; {default} where it is left out")),
    }
    limits
}

/// The name of the type that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(TYPES)
}

impl Field {
    /// The field of this name, as its schema describes it.
    pub fn read(name: String, schema: &Value, about: Option<&str>, is_needed: bool) -> Self {
        let about = about.or(schema["description"].as_str());
        Self {
            name,
            kind: Piece::of(schema),
            is_needed,
            about: Piece::told(about.unwrap_or_default()),
        }
    }

    /// The fields of an object, and behind each those of an object that stands within it.
    fn all(schema: &Value, within: &str, depth: usize) -> Vec<Self> {
        let needed = schema["required"].as_array();
        let mut fields = Vec::new();
        for (name, described) in schema["properties"].as_object().into_iter().flatten() {
            let is_needed = needed.is_some_and(|needed| needed.iter().any(|one| one == name));
            let full = format!("{within}{name}");
            let (inner, between) = match described.get("items") {
                Some(items) => (items, "[]."),
                None => (described, "."),
            };
            let inner = match depth < DEEPEST {
                true => Self::all(inner, &format!("{full}{between}"), depth + 1),
                false => Vec::new(),
            };
            fields.push(Self::read(full, described, None, is_needed));
            fields.extend(inner);
        }
        fields
    }
}

impl Told {
    fn read(schema: &Value) -> Self {
        let fields = Field::all(schema, "", 0);
        let ways = ["oneOf", "anyOf", "allOf"].iter();
        let ways: Vec<Told> = ways
            .filter_map(|key| schema[key].as_array())
            .flatten()
            .map(Self::read)
            .collect();
        let is_made_of_others = !fields.is_empty() || !ways.is_empty();
        Self {
            about: Piece::told(schema["description"].as_str().unwrap_or_default()),
            kind: match is_made_of_others {
                true => Vec::new(),
                false => Piece::of(schema),
            },
            fields,
            ways,
        }
    }
}

impl<'a> Schemas<'a> {
    /// Those of a document.
    pub fn of(document: &'a Value) -> Self {
        Self(document["components"]["schemas"].as_object())
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<(String, Told)> {
        let all = self.0.into_iter().flatten();
        all.map(|(name, schema)| (name.clone(), Told::read(schema)))
            .collect()
    }

    /// Something that a schema takes: of an object, what it has to have.
    pub fn example(&self, schema: &Value) -> Value {
        self.example_within(schema, 0)
    }

    fn example_within(&self, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(name) = referred(schema) {
            let known = self.0.and_then(|known| known.get(name));
            return known.map_or(Value::Null, |known| self.example_within(known, depth + 1));
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        let values = schema["enum"].as_array().and_then(|values| values.first());
        if let Some(first) = values {
            return first.clone();
        }
        let mut made = Map::new();
        for key in ["anyOf", "oneOf", "allOf"] {
            let choices = schema[key].as_array().into_iter().flatten();
            let taken = if key == "allOf" { usize::MAX } else { 1 };
            for choice in choices.take(taken) {
                match self.example_within(choice, depth + 1) {
                    Value::Object(fields) => made.extend(fields),
                    other => return other,
                }
            }
        }
        let kind = match &schema["type"] {
            Value::Array(types) => types.first().and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match kind {
            Some("string") => match schema["format"].as_str() {
                Some("uuid") => json!("00000000-0000-0000-0000-000000000000"),
                _ => json!("…"),
            },
            Some("integer" | "number") => match &schema["minimum"] {
                Value::Null => json!(0),
                least => least.clone(),
            },
            Some("boolean") => json!(false),
            Some("array") => json!([self.example_within(&schema["items"], depth + 1)]),
            Some("null") => Value::Null,
            _ => {
                let needed = schema["required"].as_array().into_iter().flatten();
                for name in needed.filter_map(Value::as_str) {
                    let described = &schema["properties"][name];
                    made.insert(name.to_owned(), self.example_within(described, depth + 1));
                }
                Value::Object(made)
            }
        }
    }
}
