//! What programs send and ask, made of the document of the API: so no field of a body and no parameter can be forgotten.

use serde_json::{Map, Value, json};
use sightline_web::openapi;

/// What is written where the document says no more than that it is a text, by its name.
const SAMPLES: [(&str, &str); 21] = [
    ("name", "Night list"),
    ("purpose", "to find a missing person"),
    ("legal_basis", "consent of the family"),
    ("owner", "R. Analyst"),
    ("kind", "phone"),
    ("value", "+12025550178"),
    ("region", "US"),
    ("review_at", "2027-05-23"),
    ("expires_at", "2027-06-23"),
    ("since", "2026-11-01T00:00:00Z"),
    ("until", "2026-12-24T00:00:00Z"),
    ("reason", "an order"),
    ("why", "an order"),
    ("text", "Rang the desk."),
    ("to", "Night desk"),
    ("url", "https://ads.example/ad/1"),
    ("page", "<h1>New in town</h1>"),
    ("scopes", "alerts.read"),
    ("q", "town"),
    ("who", "Program"),
    ("tags", "north"),
];

/// An operation of the document.
pub struct Operation {
    pub method: String,
    pub path: String,
    /// What may be asked in its query.
    pub parameters: Vec<String>,
    /// A body that it may take, where it takes one.
    pub body: Option<Value>,
}

/// Every operation, those that end something last.
pub fn operations(ids: &dyn Fn(&str) -> Option<String>) -> Vec<Operation> {
    let document = openapi::document();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let parameters = described["parameters"].as_array().unwrap().iter();
            let asked = parameters.filter(|one| one["in"] == "query");
            let body = &described["requestBody"]["content"]["application/json"]["schema"];
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                parameters: asked
                    .map(|one| one["name"].as_str().unwrap().to_owned())
                    .collect(),
                body: body.is_object().then(|| sample(&document, body, "", ids)),
            });
        }
    }
    operations.sort_by_key(|one| {
        let word = one.path.rsplit('/').next().unwrap_or_default();
        ["close", "withdraw", "disable", "end"]
            .iter()
            .position(|last| *last == word)
    });
    operations
}

/// Something of this schema, with every property that there is.
fn sample(
    document: &Value,
    schema: &Value,
    name: &str,
    ids: &dyn Fn(&str) -> Option<String>,
) -> Value {
    if let Some(to) = schema["$ref"].as_str() {
        let known = document.pointer(to.trim_start_matches('#'));
        return sample(document, known.expect("the document has it"), name, ids);
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        let first = schema[choice].as_array().and_then(|all| all.first());
        if let Some(first) = first {
            return sample(document, first, name, ids);
        }
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str().unwrap_or_default(),
        kind => kind.as_str().unwrap_or_default(),
    };
    match kind {
        "object" => {
            let properties = schema["properties"].as_object();
            let properties = properties.into_iter().flatten();
            let sampled = properties
                .map(|(name, schema)| (name.clone(), sample(document, schema, name, ids)));
            Value::Object(sampled.collect::<Map<_, _>>())
        }
        "array" => json!([sample(document, &schema["items"], name, ids)]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(false),
        _ => match ids(name) {
            Some(id) => json!(id),
            None => {
                let known = SAMPLES.iter().find(|(known, _)| *known == name);
                json!(known.map_or("", |(_, sample)| sample))
            }
        },
    }
}

/// Where texts stand in a body: each as a pointer (RFC 6901).
pub fn texts(body: &Value) -> Vec<String> {
    let below = |key: String, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        texts(value)
            .into_iter()
            .map(move |rest| format!("/{key}{rest}"))
            .collect::<Vec<_>>()
    };
    match body {
        Value::String(_) => vec![String::new()],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(nth, item)| below(nth.to_string(), item))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| below(name.clone(), value))
            .collect(),
        _ => Vec::new(),
    }
}
