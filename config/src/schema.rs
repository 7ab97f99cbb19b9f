//! Shapes: what a JSON schema, as schemars makes it from Rust types, says that may stand at one place.
//!
//! Only what schemars writes for settings is understood: references, flattened tables, optional values, tagged
//! alternatives, closed sets of words, ranges. Anything else is left to serde, which has the last word.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::tree::Step;

/// What applies at one place: all parts together.
#[derive(Clone, Debug)]
pub(crate) struct Schema<'s> {
    root: &'s Value,
    parts: Vec<Part<'s>>,
    /// The one JSON type that is meant here, where the parts allow several.
    kind: Option<&'s str>,
}

#[derive(Clone, Copy, Debug)]
struct Part<'s> {
    value: &'s Value,
    /// Set once one of its alternatives was chosen, and stands among the parts.
    chosen: bool,
}

/// What may stand at one place.
#[derive(Clone, Debug)]
pub(crate) enum Shape<'s> {
    Table(TableShape<'s>),
    List {
        item: Option<Schema<'s>>,
        least: usize,
    },
    Text {
        least: usize,
        format: Option<&'s str>,
    },
    Words(Vec<Word<'s>>),
    Whole {
        least: i64,
        most: i64,
    },
    Number {
        least: Option<f64>,
        most: Option<f64>,
    },
    Flag,
    OneOf(Vec<Schema<'s>>),
    Anything,
}

/// One word of a closed set, and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'s> {
    pub word: &'s str,
    pub meaning: Option<&'s str>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TableShape<'s> {
    pub keys: BTreeMap<&'s str, Schema<'s>>,
    pub required: Vec<&'s str>,
    /// What stands under keys of people's own choice.
    pub rest: Option<Schema<'s>>,
    /// True where any key may stand, with anything under it.
    pub open: bool,
}

impl<'s> Schema<'s> {
    pub fn new(root: &'s Value) -> Self {
        Self::of(root, root)
    }

    fn of(root: &'s Value, value: &'s Value) -> Self {
        let part = Part {
            value,
            chosen: false,
        };
        Self {
            root,
            parts: vec![part],
            kind: None,
        }
    }

    /// What people are told of it: the nearest doc comment.
    pub fn description(&self) -> Option<&'s str> {
        self.flat()
            .iter()
            .find_map(|part| part.value.get("description")?.as_str())
    }

    /// What holds where nothing is written, if it is a plain value or a list.
    pub fn default(&self) -> Option<&'s Value> {
        let default = self
            .parts
            .iter()
            .find_map(|part| part.value.get("default"))?;
        (!default.is_null() && !default.is_object()).then_some(default)
    }

    /// What people are told of the place that a path of keys leads to, or of the nearest one around it.
    pub fn description_of(&self, path: &[Step]) -> Option<&'s str> {
        let inner = path
            .split_first()
            .and_then(|(step, rest)| self.child(step)?.description_of(rest));
        inner.or_else(|| self.description())
    }

    /// What stands one step further in; of alternatives, the first that has such a step.
    fn child(&self, step: &Step) -> Option<Self> {
        match (self.shape(), step) {
            (Shape::Table(mut shape), Step::Key(key)) => {
                shape.keys.remove(key.as_str()).or(shape.rest)
            }
            (Shape::List { item, .. }, Step::Index(_)) => item,
            (Shape::OneOf(alternatives), step) => alternatives
                .iter()
                .find_map(|alternative| alternative.child(step)),
            _ => None,
        }
    }

    /// The name of its Rust type's definition, where it has one of its own.
    pub fn definition(&self) -> Option<&'s str> {
        self.flat()
            .iter()
            .find_map(|part| part.value.get("$ref")?.as_str()?.strip_prefix("#/$defs/"))
    }

    pub fn shape(&self) -> Shape<'s> {
        let parts = self.flat();
        if let Some((at, choices)) = parts
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, choices(part)?)))
        {
            return self.one_of(&parts, at, choices);
        }
        let field = |name: &str| parts.iter().find_map(|part| part.value.get(name));
        if let Some((word, part)) = parts
            .iter()
            .find_map(|part| Some((part.value.get("const")?.as_str()?, part)))
        {
            let meaning = part.value.get("description").and_then(Value::as_str);
            return Shape::Words(vec![Word { word, meaning }]);
        }
        if let Some(words) = field("enum").and_then(Value::as_array) {
            let words = words.iter().filter_map(Value::as_str);
            let word = |word| Word {
                word,
                meaning: None,
            };
            return Shape::Words(words.map(word).collect());
        }
        let kinds = self.kind.map_or_else(|| kinds(&parts), |kind| vec![kind]);
        if kinds.len() > 1 {
            let alternative = |kind| Self {
                kind: Some(kind),
                ..self.clone()
            };
            return Shape::OneOf(kinds.into_iter().map(alternative).collect());
        }
        match kinds.first().copied() {
            None if field("properties").is_some() => Shape::Table(self.table(&parts)),
            Some("object") => Shape::Table(self.table(&parts)),
            Some("array") => Shape::List {
                item: field("items").map(|item| Self::of(self.root, item)),
                least: length(field("minItems")),
            },
            Some("string") => Shape::Text {
                least: length(field("minLength")),
                format: field("format").and_then(Value::as_str),
            },
            Some("integer") => {
                let (least, most) = whole_limits(field("format").and_then(Value::as_str));
                Shape::Whole {
                    least: field("minimum")
                        .and_then(whole)
                        .map_or(least, |set| set.max(least)),
                    most: field("maximum")
                        .and_then(whole)
                        .map_or(most, |set| set.min(most)),
                }
            }
            Some("number") => Shape::Number {
                least: field("minimum").and_then(Value::as_f64),
                most: field("maximum").and_then(Value::as_f64),
            },
            Some("boolean") => Shape::Flag,
            _ => Shape::Anything,
        }
    }

    /// All parts, with references followed, `allOf` opened, and optional values taken for what they hold.
    fn flat(&self) -> Vec<Part<'s>> {
        let mut flat = self.parts.clone();
        let mut at = 0;
        while at < flat.len() {
            let value = flat[at].value;
            let only = choices(&flat[at]).filter(|choices| choices.len() == 1);
            flat[at].chosen |= only.is_some();
            let all = value.get("allOf").and_then(Value::as_array);
            let target = value.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|target| self.root.pointer(target.strip_prefix('#')?));
            let more = all
                .into_iter()
                .flatten()
                .chain(only.into_iter().flatten())
                .chain(target);
            for value in more {
                // A schema may refer to itself, and alternatives come here flat already: each part counts once.
                if !flat.iter().any(|known| std::ptr::eq(known.value, value)) {
                    flat.push(Part {
                        value,
                        chosen: false,
                    });
                }
            }
            at += 1;
        }
        flat
    }

    fn one_of(&self, parts: &[Part<'s>], at: usize, choices: Vec<&'s Value>) -> Shape<'s> {
        let alternatives: Vec<_> = choices
            .into_iter()
            .map(|value| {
                let mut parts: Vec<_> = parts.to_vec();
                parts[at].chosen = true;
                // Before the rest: its own description tells more than that of the whole.
                parts.insert(
                    0,
                    Part {
                        value,
                        chosen: false,
                    },
                );
                Self {
                    root: self.root,
                    parts,
                    kind: self.kind,
                }
            })
            .collect();
        let mut words = Vec::new();
        for alternative in &alternatives {
            match alternative.shape() {
                Shape::Words(some) => words.extend(some),
                _ => return Shape::OneOf(alternatives),
            }
        }
        Shape::Words(words)
    }

    fn table(&self, parts: &[Part<'s>]) -> TableShape<'s> {
        let mut table = TableShape::default();
        let mut says_rest = false;
        for part in parts {
            for (name, value) in part
                .value
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                table
                    .keys
                    .entry(name)
                    .or_insert_with(|| Self::of(self.root, value));
            }
            let required = part.value.get("required").and_then(Value::as_array);
            table
                .required
                .extend(required.into_iter().flatten().filter_map(Value::as_str));
            match part.value.get("additionalProperties") {
                Some(Value::Bool(open)) => (says_rest, table.open) = (true, *open),
                Some(rest) => (says_rest, table.rest) = (true, Some(Self::of(self.root, rest))),
                None => {}
            }
        }
        // JSON schema lets unknown keys pass unless told otherwise; settings do not, but for maps without a shape.
        if !says_rest && table.keys.is_empty() {
            table.open = true;
        }
        table
    }
}

impl<'s> TableShape<'s> {
    /// The key and word by which one alternative is told from the others: `kind = "webhook"`.
    pub fn tags(&self) -> Vec<(&'s str, &'s str)> {
        let tag = |(&key, schema): (&&'s str, &Schema<'s>)| match schema.shape() {
            Shape::Words(words) if words.len() == 1 => Some((key, words[0].word)),
            _ => None,
        };
        self.keys.iter().filter_map(tag).collect()
    }
}

/// The alternatives of one part, without "nothing at all", which TOML can't write.
fn choices<'s>(part: &Part<'s>) -> Option<Vec<&'s Value>> {
    if part.chosen {
        return None;
    }
    let choices = part
        .value
        .get("oneOf")
        .or_else(|| part.value.get("anyOf"))?
        .as_array()?;
    let is_nothing = |choice: &&Value| choice.get("type").and_then(Value::as_str) == Some("null");
    Some(
        choices
            .iter()
            .filter(|choice| !is_nothing(choice))
            .collect(),
    )
}

/// The JSON types that may stand, without "nothing at all".
fn kinds<'s>(parts: &[Part<'s>]) -> Vec<&'s str> {
    match parts.iter().find_map(|part| part.value.get("type")) {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => {
            let kinds = kinds.iter().filter_map(Value::as_str);
            kinds.filter(|&kind| kind != "null").collect()
        }
        _ => Vec::new(),
    }
}

fn length(value: Option<&Value>) -> usize {
    value
        .and_then(Value::as_u64)
        .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX))
}

fn whole(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| number as i64))
}

/// The range of Rust's whole numbers; schemars names the type and leaves some of its limits out.
fn whole_limits(format: Option<&str>) -> (i64, i64) {
    match format {
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64" | "uint") => (0, i64::MAX),
        Some("int8") => (i8::MIN.into(), i8::MAX.into()),
        Some("int16") => (i16::MIN.into(), i16::MAX.into()),
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}
