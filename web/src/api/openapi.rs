//! The OpenAPI 3.1 document, made of the route table and of the types that go in and out.
//!
//! OpenAPI 3.1 takes JSON Schema 2020-12 as it is, and the model's words derive that already; so there is no second set of
//! descriptions that could say something else.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::Operation;
use crate::{
    access::Permission,
    routes::{Needs, Route, table},
};

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
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token that a person made under their account.", "x-permissions": scopes},
            },
        },
    })
}

fn described(route: &Route, operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = path_parameters(route.path);
    if let Some(query) = operation.query {
        parameters.extend(query_parameters(query(generator)));
    }
    let mut described = json!({
        "summary": operation.summary,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Done.",
                "content": {"application/json": {"schema": (operation.answer)(generator)}},
            },
            "default": {
                "description": "Not done, and why.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    });
    if let Needs::May(permission) = route.needs {
        described["description"] = format!("Needs the permission `{permission}`.").into();
        described["x-permission"] = permission.as_str().into();
    }
    if let Some(body) = operation.body {
        described["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": body(generator)}},
        });
    }
    described
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

fn path_parameters(path: &str) -> Vec<Value> {
    let named = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    named
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}))
        .collect()
}

fn query_parameters(mut query: Schema) -> Vec<Value> {
    let properties = query.ensure_object().remove("properties");
    let Some(Value::Object(properties)) = properties else {
        return Vec::new();
    };
    properties
        .into_iter()
        .map(|(name, mut schema)| {
            let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            json!({"name": name, "in": "query", "required": false, "description": about, "schema": schema})
        })
        .collect()
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
