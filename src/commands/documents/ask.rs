//! One line as it is asked for: a document, or what is wrong with it.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use url::Url;

use super::{
    DOCUMENT_LIMIT,
    lines::{LINE_LIMIT, Line},
    reader::Document,
};
use crate::commands::extract::letters;

/// A document on a line.
#[derive(Debug, Deserialize)]
pub struct Ask {
    /// What the answer is called by: a string or a number.
    pub id: Value,
    text: Option<String>,
    html: Option<String>,
    /// The country whose national numbers are read, in two capitals.
    pub region: Option<String>,
    /// Where the document came from: what its relative links are relative to.
    #[serde(default, deserialize_with = "address")]
    url: Option<Url>,
}

/// The address, or what to write instead in words that say more than a parser's.
fn address<'de, D: Deserializer<'de>>(json: D) -> Result<Option<Url>, D::Error> {
    let Some(text) = Option::<String>::deserialize(json)? else {
        return Ok(None);
    };
    let read = Url::parse(&text).map(Some);
    read.map_err(|_| D::Error::custom("url is no whole address, such as https://ads.example/17"))
}

/// A line that could not be read, as programs are told of it.
#[derive(Debug, Serialize)]
pub struct Bad {
    /// The document's own id, where that much could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
    /// Which line it is, from 1.
    pub line: u64,
    /// What is wrong, and what to do about it.
    pub error: String,
}

impl Ask {
    /// The document in a line; or what is wrong with it.
    pub fn understood(line: &Line<'_>) -> Result<Self, Bad> {
        let bad = |id: Option<Value>, error: String| {
            let line = line.number;
            Err(Bad { id, line, error })
        };
        if !line.is_whole {
            let error = format!("the line is longer than {LINE_LIMIT} bytes; cut the document");
            return bad(None, error);
        }
        // Some systems begin every file with a byte order mark.
        let bytes = line
            .bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(line.bytes);
        if let Err(error) = std::str::from_utf8(bytes) {
            let at = error.valid_up_to() + 1;
            let id = id(String::from_utf8_lossy(bytes).as_bytes());
            return bad(
                id,
                format!("byte {at} of the line is not UTF-8; write the document in UTF-8"),
            );
        }
        // A list would be taken for the fields in their order.
        let is_object = bytes.trim_ascii_start().starts_with(b"{");
        let parsed = match is_object {
            true => serde_json::from_slice::<Self>(bytes).map_err(|error| error.to_string()),
            false => Err("expected an object".to_owned()),
        };
        let ask = match parsed {
            Ok(ask) => ask,
            Err(error) => {
                let shape = "write {\"id\", \"text\" or \"html\", \"region\"?, \"url\"?}";
                return bad(id(bytes), format!("{error}; {shape}"));
            }
        };
        if !is_id(&ask.id) {
            let error = "id is neither a string nor a number; give each document one";
            return bad(None, error.to_owned());
        }
        match ask.checked() {
            Ok(region) => Ok(Self { region, ..ask }),
            Err(error) => bad(Some(ask.id), error),
        }
    }

    /// What is to be read.
    pub fn document(&self) -> Document<'_> {
        match (&self.text, &self.html) {
            (Some(text), _) => Document::Text(text),
            (None, html) => {
                let html = html.as_deref().unwrap_or_default();
                Document::Html(html.as_bytes(), self.url.as_ref())
            }
        }
    }

    /// The region as it is to be written, where the document is one that can be read.
    fn checked(&self) -> Result<Option<String>, String> {
        let document = match (&self.text, &self.html) {
            (Some(document), None) | (None, Some(document)) => document,
            (None, None) => {
                return Err("there is neither text nor html; give one of them".to_owned());
            }
            (Some(_), Some(_)) => {
                return Err("there are both text and html; give one of them".to_owned());
            }
        };
        if document.trim().is_empty() {
            return Err(
                "the document is empty; leave it out, or look where its text was lost".to_owned(),
            );
        }
        if document.len() > DOCUMENT_LIMIT {
            return Err(format!(
                "the document is longer than {DOCUMENT_LIMIT} bytes; cut it"
            ));
        }
        let region = self.region.as_deref().map(letters).transpose();
        region.map_err(|remedy| format!("region is not a country; {remedy}"))
    }
}

/// The id in a line that says something else wrongly. Other fields are passed over, however odd they are.
fn id(line: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct Named {
        id: Value,
    }
    // A list would be read as an object whose first field is the id.
    let is_object = line.trim_ascii_start().starts_with(b"{");
    let named = serde_json::from_slice::<Named>(line)
        .ok()
        .filter(|_| is_object)?;
    Some(named.id).filter(is_id)
}

fn is_id(id: &Value) -> bool {
    matches!(id, Value::String(_) | Value::Number(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The id, if one is told, and a part of what is said about a line.
    fn check(line: &[u8], id: Value, said: &str) {
        let shown = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
        let line = Line {
            number: 7,
            bytes: line,
            is_whole: true,
        };
        let bad = Ask::understood(&line).expect_err(&shown);
        assert_eq!((bad.id.unwrap_or_default(), bad.line), (id, 7), "{shown}");
        assert!(bad.error.contains(said), "{shown}: {}", bad.error);
        assert!(bad.error.contains("; "), "no remedy: {}", bad.error);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told_with_its_id() {
        check(b"rubbish", Value::Null, "expected an object");
        check(b"[1, \"text\"]", Value::Null, "expected an object");
        check(b"{\"id\": 1", Value::Null, "EOF");
        check(b"{\"id\": 2}", json!(2), "neither text nor html");
        check(b"{\"id\": 3, \"text\": 1}", json!(3), "invalid type");
        check(b"{\"text\": \"x\"}", Value::Null, "missing field `id`");
        check(
            b"{\"id\": true, \"text\": \"x\"}",
            Value::Null,
            "neither a string nor a number",
        );
        check(
            b"{\"id\": null, \"text\": \"x\"}",
            Value::Null,
            "neither a string nor a number",
        );
        check(
            b"{\"id\": 4, \"text\": \"x\", \"html\": \"x\"}",
            json!(4),
            "both",
        );
        check(
            b"{\"id\": 5, \"text\": \"x\", \"region\": \"USA\"}",
            json!(5),
            "two letters",
        );
        check(
            b"{\"id\": 6, \"text\": \"x\", \"region\": 1}",
            json!(6),
            "invalid type",
        );
        check(
            b"{\"id\": 7, \"html\": \"x\", \"url\": \"here\"}",
            json!(7),
            "no whole address",
        );
        check(b"{\"id\": \"8\", \"text\": \" \\n\"}", json!("8"), "empty");
        check(b"{\"id\": 9, \"html\": \"\"}", json!(9), "empty");
        check(
            b"{\"id\": \"a\", \"text\": \"caf\xe9\"}",
            json!("a"),
            "byte 25 of the line is not UTF-8",
        );
        check(
            b"{\"id\": \"b\", \"text\": \"\\ud800\"}",
            json!("b"),
            "escape",
        );
        let long = format!(
            "{{\"id\": \"c\", \"text\": \"{}\"}}",
            "x".repeat(DOCUMENT_LIMIT + 1)
        );
        check(long.as_bytes(), json!("c"), "longer than");
    }

    #[test]
    fn a_document_is_read_for_what_it_is() {
        let read = |line: &[u8]| {
            let line = Line {
                number: 1,
                bytes: line,
                is_whole: true,
            };
            Ask::understood(&line).unwrap()
        };
        let ask =
            read(b"\xef\xbb\xbf {\"id\": 1, \"text\": \"x\", \"region\": \"gb\", \"more\": []}");
        assert_eq!(ask.region.as_deref(), Some("GB"));
        assert!(matches!(ask.document(), Document::Text("x")));
        let ask = read(b"{\"id\": 1, \"html\": \"<p>\", \"url\": \"https://ads.example/\"}");
        assert!(matches!(ask.document(), Document::Html(b"<p>", Some(_))));
    }

    #[test]
    fn a_line_that_is_too_long_has_a_number() {
        let line = Line {
            number: 3,
            bytes: b"{",
            is_whole: false,
        };
        let bad = Ask::understood(&line).unwrap_err();
        assert!(bad.line == 3 && bad.error.contains("longer"), "{bad:?}");
    }
}
