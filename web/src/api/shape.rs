//! Whether a list stands where the document of the API has none. serde reads a list for a struct too, its fields in the order in
//! which our code happens to have them: what is sent is held against its schema before it is read.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::Error;

/// Refuses a document that has a list where a `T` has none.
pub(super) fn lists_are_meant<T: JsonSchema>(sent: &Value) -> Result<(), Error> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = generator.subschema_for::<T>().to_value();
    let known = generator.take_definitions(true);
    match misplaced(&alternatives(&schema, &known), &known, sent) {
        None => Ok(()),
        Some(path) if path.is_empty() => Err(Error::Unreadable(
            "This is a list, and an object is meant.".to_owned(),
        )),
        Some(path) => Err(Error::Unreadable(format!(
            "{}: this is a list, and none is meant.",
            path.trim_start_matches('.')
        ))),
    }
}

/// Where the first list is that none of the schemas has there.
fn misplaced(schemas: &[&Value], known: &Map<String, Value>, sent: &Value) -> Option<String> {
    let parts: Vec<(String, &str, &Value)> = match sent {
        Value::Array(_) if !schemas.iter().any(|schema| may_be_list(schema)) => {
            return Some(String::new());
        }
        Value::Array(items) => {
            let nth = items.iter().enumerate();
            nth.map(|(nth, item)| (format!("[{nth}]"), "items", item))
                .collect()
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (format!(".{name}"), name.as_str(), value))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    let of = |name: &str| -> Vec<&Value> {
        let within = schemas.iter().filter_map(|schema| match sent {
            // A list of which each place has a schema of its own is read as one, and nothing else.
            Value::Array(_) if schema.get("prefixItems").is_some() => None,
            Value::Array(_) => schema.get("items"),
            _ => {
                let named = schema.get("properties").and_then(|all| all.get(name));
                let others = schema.get("additionalProperties");
                named.or_else(|| others.filter(|others| **others != Value::Bool(false)))
            }
        });
        within
            .flat_map(|schema| alternatives(schema, known))
            .collect()
    };
    parts.into_iter().find_map(|(step, name, part)| {
        let schemas = of(name);
        // What no schema knows is refused by whoever reads it, or read by nobody.
        let is_known = !schemas.is_empty();
        let path = is_known.then(|| misplaced(&schemas, known, part));
        path.flatten().map(|path| format!("{step}{path}"))
    })
}

/// The schema, and those that it refers to or chooses from.
fn alternatives<'s>(schema: &'s Value, known: &'s Map<String, Value>) -> Vec<&'s Value> {
    let mut all = vec![schema];
    let named = schema.get("$ref").and_then(Value::as_str);
    let named = named.and_then(|path| known.get(path.rsplit('/').next()?));
    let choices = ["anyOf", "oneOf", "allOf"]
        .into_iter()
        .filter_map(|word| schema.get(word)?.as_array())
        .flatten();
    for other in named.into_iter().chain(choices) {
        all.extend(alternatives(other, known));
    }
    all
}

/// True where a list may stand by what this schema itself says.
fn may_be_list(schema: &Value) -> bool {
    match (schema, schema.get("type")) {
        (Value::Bool(anything), _) => *anything,
        (_, Some(Value::Array(types))) => types.iter().any(|one| one == "array"),
        (_, Some(only)) => only == "array",
        // It says nothing of what may stand there, and refers to nothing that does.
        (_, None) => !["$ref", "anyOf", "oneOf", "allOf", "enum", "const"]
            .iter()
            .any(|word| schema.get(word).is_some()),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "read by its schema alone")]
    struct Whole {
        part: Option<Part>,
        parts: Vec<Part>,
        choice: Choice,
        #[serde(flatten)]
        flat: Flat,
        anything: Value,
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "read by its schema alone")]
    struct Part {
        name: String,
        next: Option<Box<Part>>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "read by its schema alone")]
    struct Flat {
        inner: Part,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "read by its schema alone")]
    enum Choice {
        One(Part),
        Many(Vec<String>),
        Named { part: Part },
    }

    #[test]
    fn a_list_stands_where_one_is_meant() {
        for (sent, refused) in [
            (json!({}), None),
            (json!("text"), None),
            (json!([]), Some("This is a list")),
            (json!([null, []]), Some("This is a list")),
            (
                json!({"part": null, "parts": [], "anything": [[1], {"a": [2]}]}),
                None,
            ),
            (json!({"part": ["x", null]}), Some("part: ")),
            (json!({"parts": [{"name": "x"}]}), None),
            (
                json!({"parts": [{"name": "x"}, ["x", null]]}),
                Some("parts[1]: "),
            ),
            (
                json!({"part": {"next": {"next": ["x", null]}}}),
                Some("part.next.next: "),
            ),
            (json!({"part": {"name": ["x"]}}), Some("part.name: ")),
            (json!({"choice": {"many": ["x"]}}), None),
            (
                json!({"choice": {"one": ["x", null]}}),
                Some("choice.one: "),
            ),
            (json!({"choice": ["one"]}), Some("choice: ")),
            (
                json!({"choice": {"named": [{"name": "x"}]}}),
                Some("choice.named: "),
            ),
            (
                json!({"choice": {"named": {"part": ["x"]}}}),
                Some("choice.named.part: "),
            ),
            (json!({"inner": ["x", null]}), Some("inner: ")),
            (json!({"unknown": [1]}), None),
        ] {
            let said = match lists_are_meant::<Whole>(&sent) {
                Err(Error::Unreadable(said)) => Some(said),
                _ => None,
            };
            let is_as_meant = match (&said, refused) {
                (Some(said), Some(refused)) => said.starts_with(refused),
                (said, refused) => said.is_none() && refused.is_none(),
            };
            assert!(is_as_meant, "{sent}: {said:?}");
        }
    }
}
