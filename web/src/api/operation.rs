//! What a route of the API takes and gives, as its line in the route table describes it.

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes the schema of a type, and of what it is made of.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a route of the API takes and gives.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What its query may have: an object, of which each property is a parameter.
    pub(crate) query: Option<SchemaOf>,
    /// What is sent.
    pub(crate) body: Option<SchemaOf>,
    /// What is given.
    pub(crate) answer: SchemaOf,
}

impl Operation {
    /// One that gives a `T`.
    pub(crate) fn giving<T: JsonSchema>(summary: &'static str) -> Self {
        Self {
            summary,
            query: None,
            body: None,
            answer: schema_of::<T>,
        }
    }

    /// Its query may have what `T` has.
    pub(crate) fn asking<T: JsonSchema>(self) -> Self {
        Self {
            query: Some(|generator| T::json_schema(generator)),
            ..self
        }
    }

    /// It is sent a `T`.
    pub(crate) fn sent<T: JsonSchema>(self) -> Self {
        Self {
            body: Some(schema_of::<T>),
            ..self
        }
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
