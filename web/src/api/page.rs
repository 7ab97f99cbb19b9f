//! Pages of a list: items, and the cursor of the page after them.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::{AlertId, Severity};

/// A page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `after` for the page after this; null where this is the last.
    pub next: Option<String>,
}

/// The last alert of a page: how grave, and which. Programs are to take it as it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cursor(pub Severity, pub AlertId);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// A text that is no [`Cursor`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is no cursor; send `next` of the page before as it came")]
pub(crate) struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (severity, id) = text.split_once('.').ok_or(NoCursor)?;
        let severity = severity.parse().map_err(|_| NoCursor)?;
        Ok(Self(severity, id.parse().map_err(|_| NoCursor)?))
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Cursor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cursor".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        let cursor = Cursor(Severity::Grave, AlertId(Default::default()));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            "grave",
            "grave.1",
            "huge.00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
