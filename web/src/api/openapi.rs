//! The OpenAPI 3.1 document, made of the route table and of the types that go in and out.
//!
//! OpenAPI 3.1 takes JSON Schema 2020-12 as it is, and the model's words derive that already; so there is no second set of
//! descriptions that could say something else.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{Answer, Body, Operation};
use crate::{
    access::Permission,
    error::Failure,
    routes::{Needs, Route, table},
};

/// The statuses of everything that may go wrong.
const FAILURES: [u16; 14] = [
    400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 428, 429, 500, 503,
];

/// The document.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in table() {
        let Some(operation) = &route.operation else {
            continue;
        };
        let described = described(&route, operation, &mut generator);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = described;
    }
    let scopes: Map<String, Value> = Permission::all()
        .map(|permission| (permission.to_string(), permission.about().into()))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sightline",
            "version": "1",
            "description": "Everything that the console can do. Failures are problems of RFC 9457; lists come in pages, \
                            with a cursor. A token has permissions, as far as its owner has them.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(generator),
            "responses": failure_responses(),
            "parameters": {
                "If-Match": {
                    "name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"},
                    "description": "The ETag of the thing as it was seen: it is changed only as it stands there. `*` for whatever state.",
                },
                "If-None-Match": {
                    "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
                    "description": "The ETag of the thing as it was seen: where it still stands so, 304 is answered and nothing is sent.",
                },
                "Idempotency-Key": {
                    "name": "Idempotency-Key", "in": "header", "required": false,
                    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9_-]+$"},
                    "description": "A name of the program's own for this deed, such as a UUID. Sent again within a day, it is answered as before and done once.",
                },
            },
            "headers": {
                "ETag": {"description": "The state of the thing: to be sent as If-Match by whoever changes it.", "schema": {"type": "string"}},
                "Idempotency-Replayed": {"description": "True where it was done before, and is answered as then.", "schema": {"type": "string"}},
                "RateLimit": {"description": "What is left of the present minute: `r` requests, for `t` seconds more.", "schema": {"type": "string"}},
                "RateLimit-Policy": {"description": "How often the token may ask: `q` requests in `w` seconds.", "schema": {"type": "string"}},
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token that a person made under their account.", "x-permissions": scopes},
            },
        },
    })
}

fn described(route: &Route, operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = path_parameters(route.path, operation, generator);
    if let Some(query) = operation.query {
        parameters.extend(query_parameters(query(generator)));
    }
    if operation.is_conditional {
        parameters.push(json!({"$ref": "#/components/parameters/If-Match"}));
    }
    if is_told_once(route, operation) {
        parameters.push(json!({"$ref": "#/components/parameters/If-None-Match"}));
    }
    if route.method == http::Method::POST {
        parameters.push(json!({"$ref": "#/components/parameters/Idempotency-Key"}));
    }
    let mut described = json!({
        "summary": operation.summary,
        "operationId": operation_id(route),
        "tags": [tag(route)],
        "parameters": parameters,
        "responses": responses(route, operation, generator),
    });
    match route.needs {
        Needs::May(permission) => {
            described["description"] = format!("Needs the permission `{permission}`.").into();
            described["x-permission"] = permission.as_str().into();
        }
        Needs::SignedIn => described["description"] = "Any token may do it.".into(),
        Needs::Nobody | Needs::Enrolling => described["security"] = json!([]),
    }
    if let Some(example) = operation.example {
        described["x-example"] = example.into();
    }
    if let Some(body) = operation.body {
        let content = match body {
            Body::Json(schema) => json!({"application/json": {"schema": schema(generator)}}),
            Body::File => {
                json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}})
            }
        };
        described["requestBody"] = json!({"required": true, "content": content});
    }
    described
}

/// What may be answered: what it gives, and every failure that there is a way to.
fn responses(route: &Route, operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let content = match operation.answer {
        Answer::Json(schema) => json!({"application/json": {"schema": schema(generator)}}),
        Answer::Bytes(types) => {
            let bytes = |media_type: &&str| ((*media_type).to_owned(), json!({}));
            Value::Object(types.iter().map(bytes).collect())
        }
    };
    let mut headers = match route.needs {
        Needs::Nobody => json!({}),
        _ => json!({
            "RateLimit": {"$ref": "#/components/headers/RateLimit"},
            "RateLimit-Policy": {"$ref": "#/components/headers/RateLimit-Policy"},
        }),
    };
    if operation.is_tagged {
        headers["ETag"] = json!({"$ref": "#/components/headers/ETag"});
    }
    if route.method == http::Method::POST {
        headers["Idempotency-Replayed"] =
            json!({"$ref": "#/components/headers/Idempotency-Replayed"});
    }
    let mut responses = json!({});
    if is_told_once(route, operation) {
        responses["304"] = json!({"description": "It stands as it was seen.", "headers": headers});
    }
    responses["200"] = json!({"description": "Done.", "headers": headers, "content": content});
    for status in failures(route, operation) {
        responses[status.to_string()] = json!({"$ref": format!("#/components/responses/{status}")});
    }
    responses
}

/// True of what is not sent to whoever has it as it stands.
fn is_told_once(route: &Route, operation: &Operation) -> bool {
    route.method == http::Method::GET && operation.is_tagged
}

/// The statuses of what may go wrong with it, beside those of every route.
fn failures(route: &Route, operation: &Operation) -> Vec<u16> {
    let mut failures = vec![408, 500, 503];
    if route.needs != Needs::Nobody {
        failures.extend([401, 429]);
    }
    let is_deed = route.method == http::Method::POST;
    if matches!(route.needs, Needs::May(_)) || is_deed {
        failures.push(403);
    }
    if operation.query.is_some() || operation.body.is_some() {
        failures.extend([400, 422]);
    }
    if route.path.contains('{') || operation.query.is_some() {
        failures.push(404);
    }
    if is_deed {
        failures.extend([400, 409, 413, 422]);
    }
    if operation.body.is_some() {
        failures.push(415);
    }
    if operation.is_conditional {
        failures.extend([412, 428]);
    }
    failures.sort_unstable();
    failures.dedup();
    failures
}

/// What all statuses of failures mean, by themselves.
fn failure_responses() -> Value {
    let mut responses = json!({});
    for status in FAILURES {
        let known = http::StatusCode::from_u16(status).unwrap_or_default();
        let mut headers = json!({});
        match status {
            401 => {
                headers["WWW-Authenticate"] =
                    json!({"description": "How to say who asks.", "schema": {"type": "string"}});
            }
            429 | 503 => {
                headers["Retry-After"] = json!({"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}});
            }
            _ => {}
        }
        responses[status.to_string()] = json!({
            "description": Failure::of(known).title,
            "headers": headers,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
    }
    responses
}

/// The first word of its path: what it is about.
fn tag(route: &Route) -> &str {
    let mut words = route.path.trim_start_matches("/api/v1/").split('/');
    words.next().unwrap_or_default()
}

/// `getAlertsId`: the method and the words of the path.
fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .trim_start_matches("/api/v1")
        .split(['/', '{', '}']);
    let mut id = route.method.as_str().to_lowercase();
    for word in words.filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        id.push_str(&first.to_uppercase());
        id.push_str(rest);
    }
    id
}

fn path_parameters(
    path: &str,
    operation: &Operation,
    generator: &mut SchemaGenerator,
) -> Vec<Value> {
    let named = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    named
        .map(|name| {
            let known = operation.path.iter().find(|(known, _)| *known == name);
            let schema = match known {
                Some((_, schema)) => schema(generator).to_value(),
                None => json!({"type": "string", "format": "uuid"}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect()
}

fn query_parameters(mut query: Schema) -> Vec<Value> {
    let required = query.ensure_object().remove("required");
    let required = required.and_then(|names| names.as_array().cloned());
    let required = required.unwrap_or_default();
    let properties = query.ensure_object().remove("properties");
    let Some(Value::Object(properties)) = properties else {
        return Vec::new();
    };
    properties
        .into_iter()
        .map(|(name, mut schema)| {
            let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let is_needed = required.contains(&Value::from(name.clone()));
            without_null(&mut schema);
            json!({"name": name, "in": "query", "required": is_needed, "description": about, "schema": schema})
        })
        .collect()
}

/// A query leaves out what is not there: it has no word for null.
fn without_null(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|one| !one.is_null());
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|one| one["type"] != "null");
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            schema.extend(only);
        }
    }
}

fn schemas(mut generator: SchemaGenerator) -> Map<String, Value> {
    let mut schemas = generator.take_definitions(true);
    let field = json!({
        "type": "object",
        "required": ["key", "message", "remedy"],
        "properties": {
            "key": {"type": "string", "description": "The field."},
            "message": {"type": "string", "description": "What is wrong with it."},
            "remedy": {"type": "string", "description": "What to write instead."},
        },
    });
    let problem = json!({
        "type": "object",
        "description": "Why something was not done (RFC 9457).",
        "required": ["type", "title", "status", "detail", "fields"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What to do about it."},
            "fields": {"type": "array", "items": field},
        },
    });
    schemas.insert("Problem".to_owned(), problem);
    schemas
}
