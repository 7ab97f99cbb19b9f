//! What a route of the API takes and gives, as its line in the route table describes it.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{shell, uploads};

/// Makes the schema of a type, and of what it is made of.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What is given where all is well.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// A JSON document.
    Json(SchemaOf),
    /// Bytes of one of these media types.
    Bytes(&'static [&'static str]),
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// A JSON document.
    Json(SchemaOf),
    /// A file.
    File,
}

/// What a route of the API takes and gives.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What its query may have: an object, of which each property is a parameter.
    pub(crate) query: Option<SchemaOf>,
    /// What the parameters of its path are, by name; those that are not here are UUIDs.
    pub(crate) path: Vec<(&'static str, SchemaOf)>,
    /// What is sent.
    pub(crate) body: Option<Body>,
    /// The most that is sent, in bytes.
    pub(crate) largest: usize,
    /// What is given.
    pub(crate) answer: Answer,
    /// True where the answer has an `ETag`.
    pub(crate) is_tagged: bool,
    /// True where whoever asks has to say which state of the thing they have seen.
    pub(crate) is_conditional: bool,
    /// True where the answer holds a secret, which is told once.
    pub(crate) is_secret: bool,
    /// What may be sent, as JSON to be filled in, where that is not to be guessed from what it has to have.
    pub(crate) example: Option<&'static str>,
}

impl Operation {
    /// One that gives a `T`.
    pub(crate) fn giving<T: JsonSchema>(summary: &'static str) -> Self {
        Self {
            summary,
            query: None,
            path: Vec::new(),
            body: None,
            largest: shell::LARGEST,
            answer: Answer::Json(schema_of::<T>),
            is_tagged: false,
            is_conditional: false,
            is_secret: false,
            example: None,
        }
    }

    /// One that gives bytes of one of these media types.
    pub(crate) fn giving_bytes(summary: &'static str, types: &'static [&'static str]) -> Self {
        Self {
            answer: Answer::Bytes(types),
            ..Self::giving::<()>(summary)
        }
    }

    /// Its query may have what `T` has.
    pub(crate) fn asking<T: JsonSchema>(self) -> Self {
        Self {
            query: Some(|generator| T::json_schema(generator)),
            ..self
        }
    }

    /// The parameter of this name in its path is a `T`.
    pub(crate) fn of<T: JsonSchema>(mut self, name: &'static str) -> Self {
        self.path
            .push((name, |generator| T::json_schema(generator)));
        self
    }

    /// It is sent a `T`.
    pub(crate) fn sent<T: JsonSchema>(self) -> Self {
        Self {
            body: Some(Body::Json(schema_of::<T>)),
            ..self
        }
    }

    /// It may be sent this, once it is filled in.
    pub(crate) fn like(self, example: &'static str) -> Self {
        Self {
            example: Some(example),
            ..self
        }
    }

    /// It is sent a file.
    pub(crate) fn sent_a_file(self) -> Self {
        Self {
            body: Some(Body::File),
            largest: uploads::LARGEST,
            ..self
        }
    }

    /// It may be sent more than other operations.
    pub(crate) fn up_to(self, largest: usize) -> Self {
        Self { largest, ..self }
    }

    /// It changes a thing only as whoever asks has seen it: `If-Match`.
    pub(crate) fn under_condition(self) -> Self {
        Self {
            is_conditional: true,
            ..self.tagged()
        }
    }

    /// Its answer has an `ETag`.
    pub(crate) fn tagged(self) -> Self {
        Self {
            is_tagged: true,
            ..self
        }
    }

    /// Its answer holds a secret, which is told once.
    pub(crate) fn telling_a_secret(self) -> Self {
        Self {
            is_secret: true,
            ..self
        }
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
