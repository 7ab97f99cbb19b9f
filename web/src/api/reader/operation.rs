//! An operation of the API as its reference tells of it: what it takes, what it gives, and how to ask for it.

use serde_json::Value;

use super::schema::{Field, Piece, Schemas};

/// An operation.
pub(super) struct Operation {
    /// Which of the page's parts tells of it.
    pub id: String,
    /// The first word of its path.
    pub tag: String,
    /// `GET`
    pub method: String,
    /// Its path, with the names of its parameters in braces.
    pub path: String,
    /// What it does.
    pub summary: String,
    /// The permission that a token needs for it.
    pub permission: Option<String>,
    /// What goes into its path, its query and its headers.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub body: Option<Content>,
    /// What is given where all is well.
    pub answer: Content,
    /// What else may be answered: the status, and what it says.
    pub failures: Vec<(String, String)>,
    /// A command that asks for it.
    pub example: String,
}

/// One thing that goes into a request beside its body.
pub(super) struct Parameter {
    /// `path`, `query` or `header`
    pub place: String,
    /// The thing.
    pub field: Field,
}

/// What a body is made of.
pub(super) struct Content {
    /// Its media types.
    pub media: Vec<String>,
    /// What stands in it; nothing where it is bytes.
    pub kind: Vec<Piece>,
}

impl Operation {
    /// Those of a document, by their first words and then in the order of their paths.
    pub fn all(document: &Value, schemas: &Schemas<'_>) -> Vec<Self> {
        let mut all = Vec::new();
        for (path, methods) in object(&document["paths"]) {
            for (method, described) in object(methods) {
                all.push(Self::read(document, schemas, path, method, described));
            }
        }
        all.sort_by(|one, other| (&one.tag, &one.path).cmp(&(&other.tag, &other.path)));
        all
    }

    fn read(
        document: &Value,
        schemas: &Schemas<'_>,
        path: &str,
        method: &str,
        described: &Value,
    ) -> Self {
        let parameters = items(&described["parameters"]);
        let parameters = parameters.map(|one| Parameter::read(followed(document, one)));
        let body = described.get("requestBody").map(|body| &body["content"]);
        let responses = object(&described["responses"]).filter(|(status, _)| *status != "200");
        let failures = responses.map(|(status, response)| {
            let response = followed(document, response);
            (status.clone(), text(&response["description"]))
        });
        let mut operation = Self {
            id: text(&described["operationId"]),
            tag: text(&described["tags"][0]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&described["summary"]),
            permission: described["x-permission"].as_str().map(str::to_owned),
            parameters: parameters.collect(),
            body: body.map(Content::read),
            answer: Content::read(&described["responses"]["200"]["content"]),
            failures: failures.collect(),
            example: String::new(),
        };
        let sent = body.and_then(|content| content.get("application/json"));
        let sent = sent.map(|content| match described["x-example"].as_str() {
            Some(example) => example.to_owned(),
            None => schemas.example(&content["schema"]).to_string(),
        });
        operation.example = operation.asked_with_curl(sent.as_deref());
        operation
    }

    /// How to ask for it by hand.
    fn asked_with_curl(&self, sent: Option<&str>) -> String {
        let mut command = "curl".to_owned();
        if self.method != "GET" {
            command.push_str(&format!(" -X {}", self.method));
        }
        command.push_str(" -H \"Authorization: Bearer $TOKEN\"");
        let needed = self.parameters.iter().filter(|one| one.field.is_needed);
        let (mut query, mut headers) = (Vec::new(), Vec::new());
        for Parameter { place, field } in needed {
            match place.as_str() {
                "query" => query.push(format!("{}=…", field.name)),
                "header" => headers.push(format!(" -H '{}: \"…\"'", field.name)),
                _ => {}
            }
        }
        command.extend(headers);
        match (sent, &self.body) {
            (Some(sent), _) => {
                let sent = sent.replace('\'', "'\\''");
                command.push_str(&format!(" -H 'Content-Type: application/json' -d '{sent}'"));
            }
            (None, Some(_)) => {
                command
                    .push_str(" -H 'Content-Type: application/octet-stream' --data-binary @FILE");
            }
            (None, None) => {}
        }
        let query = match query.is_empty() {
            true => String::new(),
            false => format!("?{}", query.join("&")),
        };
        format!("{command} \"$SIGHTLINE{}{query}\"", self.path)
    }
}

impl Parameter {
    fn read(described: &Value) -> Self {
        Self {
            place: text(&described["in"]),
            field: Field::read(
                text(&described["name"]),
                &described["schema"],
                described["description"].as_str(),
                described["required"] == true,
            ),
        }
    }
}

impl Content {
    fn read(content: &Value) -> Self {
        let json = content.get("application/json");
        Self {
            media: object(content).map(|(media, _)| media.clone()).collect(),
            kind: json.map_or_else(Vec::new, |json| Piece::of(&json["schema"])),
        }
    }
}

/// What a reference within the document leads to, or the thing itself.
fn followed<'a>(document: &'a Value, one: &'a Value) -> &'a Value {
    let to = one["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    to.and_then(|to| document.pointer(to)).unwrap_or(one)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
