//! Pages of a list: items, and the cursor of the page after them.

use std::{borrow::Cow, fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use sightline_model::{Selector, Timestamp};
use sightline_store::{entries::table::Mark, inbox};

use crate::Error;

/// A page of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub(crate) struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `after` for the page after this; null where this is the last.
    pub next: Option<String>,
}

impl<T> Listed<T> {
    /// All that there is.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// The first `limit` of what was found, where one more than that was looked for.
    pub fn page(mut found: Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> String) -> Self {
        let has_more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| has_more).map(cursor);
        Self { items: found, next }
    }
}

/// Items of a page at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Limit(u32);

impl Limit {
    /// What a page may have at most.
    const MOST: u32 = 200;

    /// The number, where it is one that may be asked for.
    pub fn get(self) -> Result<u32, Error> {
        match self.0 {
            1..=Self::MOST => Ok(self.0),
            _ => Err(Error::field(
                "limit",
                "lies outside of what it may be",
                "write a number from 1 to 200",
            )),
        }
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 1, "maximum": Self::MOST, "default": Self::default().0})
    }
}

/// Where the page before ended: what its order goes by, as it stood in the last item then, so that what becomes of that item
/// moves nothing. Programs are to take it as it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct After<T>(pub T);

impl<'de, T: FromStr> Deserialize<'de> for After<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let read = text.parse().map(Self);
        read.map_err(|_| serde::de::Error::custom(NoCursor))
    }
}

impl<T> JsonSchema for After<T> {
    fn schema_name() -> Cow<'static, str> {
        "After".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is no cursor; send `next` of the page before as it came")]
pub(crate) struct NoCursor;

/// The last alert of a page: where it stood in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OfAlert(pub inbox::Mark);

/// The last item of a page that goes by instants: its own, and which it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct At<Id>(pub Timestamp, pub Id);

/// The last entry of a page: where it stood in its order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OfEntry(pub Mark);

impl fmt::Display for OfAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inbox::Mark {
            severity,
            news_at,
            id,
        } = self.0;
        write!(f, "{severity}.{}", At(news_at, id))
    }
}

impl FromStr for OfAlert {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (severity, rest) = text.split_once('.').ok_or(NoCursor)?;
        let At(news_at, id) = rest.parse()?;
        Ok(Self(inbox::Mark {
            severity: severity.parse().map_err(|_| NoCursor)?,
            news_at,
            id,
        }))
    }
}

impl<Id: fmt::Display> fmt::Display for At<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.0, self.1)
    }
}

impl<Id: FromStr> FromStr for At<Id> {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (at, id) = text.split_once('.').ok_or(NoCursor)?;
        let at = at.parse().map_err(|_| NoCursor)?;
        Ok(Self(Timestamp(at), id.parse().map_err(|_| NoCursor)?))
    }
}

// An identifier has no dot, and no kind is a number. Values are written so that they mean the same in an address.
impl fmt::Display for OfEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Mark::Newest(id) => write!(f, "{id}"),
            Mark::Value(Selector { kind, value }) => {
                write!(f, "{kind}.{}", BASE64_URL_SAFE_NO_PAD.encode(value))
            }
            Mark::Review(at, id) => write!(f, "{}.{id}", at.0),
        }
    }
}

impl FromStr for OfEntry {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let Some((first, rest)) = text.split_once('.') else {
            let id = text.parse().map_err(|_| NoCursor)?;
            return Ok(Self(Mark::Newest(id)));
        };
        if let Ok(at) = first.parse() {
            let id = rest.parse().map_err(|_| NoCursor)?;
            return Ok(Self(Mark::Review(Timestamp(at), id)));
        }
        let kind = first.parse().map_err(|_| NoCursor)?;
        let value = BASE64_URL_SAFE_NO_PAD.decode(rest).map_err(|_| NoCursor)?;
        let value = String::from_utf8(value).map_err(|_| NoCursor)?;
        // PostgreSQL keeps no text with a NUL in it.
        match value.contains('\0') {
            true => Err(NoCursor),
            false => Ok(Self(Mark::Value(Selector::new(kind, value)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use sightline_model::{AlertId, EntryId, Kind, Severity, SightingId};

    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        let cursor = OfAlert(inbox::Mark {
            severity: Severity::Grave,
            news_at: Timestamp(7),
            id: AlertId(Default::default()),
        });
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        let cursor = At(Timestamp(-1), SightingId(Default::default()));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            "grave",
            "grave.1",
            "grave.00000000-0000-0000-0000-000000000000",
            "huge.7.00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(text.parse::<OfAlert>(), Err(NoCursor), "{text}");
            assert_eq!(text.parse::<At<SightingId>>(), Err(NoCursor), "{text}");
        }
        let id = EntryId(Default::default());
        for mark in [
            Mark::Newest(id),
            Mark::Value(Selector::new(Kind::Phone, "+12025550123")),
            Mark::Value(Selector::new(Kind::Phrase, "")),
            Mark::Review(Timestamp(-1), id),
        ] {
            let cursor = OfEntry(mark);
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in ["", "nonsense", "5.x", "fax.YQ", "email.a@b", "email.AA"] {
            assert_eq!(text.parse::<OfEntry>(), Err(NoCursor), "{text}");
        }
    }

    #[test]
    fn a_page_has_no_more_than_was_asked_for_and_says_where_to_go_on() {
        let page = |found: &[i32]| {
            let page = Listed::page(found.to_vec(), 2, ToString::to_string);
            (page.items, page.next)
        };
        assert_eq!(page(&[1, 2]), (vec![1, 2], None));
        assert_eq!(page(&[1, 2, 3]), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(page(&[]), (vec![], None));
    }
}
