//! `sightline extract --jsonl`: a document a line in, an answer a line out, for as long as lines come.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{
    DOCUMENT_LIMIT, found,
    reader::{Document, Reader},
    region, sentences,
};
use crate::{
    commands::{CommandError, Ended, Status},
    output::{OutputError, json_line},
};

/// The longest line that is read, in bytes: a document whose every byte is escaped, and some more.
const LINE_LIMIT: usize = 2 * DOCUMENT_LIMIT;

/// A line that could not be read, as programs are told of it.
#[derive(Serialize)]
struct Bad {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    error: String,
}

/// A line as it is asked for.
#[derive(Deserialize)]
struct Ask {
    id: Value,
    text: Option<String>,
    html: Option<String>,
    region: Option<String>,
    /// Where the document came from: what its relative links are relative to.
    url: Option<Url>,
}

/// Answers every line of `input` on `output`. `default_region` holds where a line names none.
pub(super) fn run(input: impl Read, output: impl Write, default_region: Option<&str>) -> Ended {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut reader = Reader::new();
    let mut line = Vec::new();
    let mut status = Status::Done;
    while let Some(read) = next_line(&mut input, &mut line)? {
        if !read.is_whole() {
            let error = format!("the line is longer than {LINE_LIMIT} bytes; cut the document");
            json_line(&mut output, &Bad { id: None, error })?;
            status = Status::Problems;
        } else if !line.trim_ascii().is_empty()
            && answer(&line, &mut reader, &mut output, default_region)?.is_bad()
        {
            status = Status::Problems;
        }
        // Whoever waits for an answer before asking again gets it; a stream of questions is written in blocks.
        if input.buffer().is_empty() {
            output.flush().map_err(OutputError::from)?;
        }
    }
    output.flush().map_err(OutputError::from)?;
    Ok(status)
}

enum LineRead {
    Whole,
    TooLong,
}

impl LineRead {
    fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }
}

/// Reads the next line into `line`; of a line that is too long only the beginning, and the rest is skipped.
fn next_line(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
) -> Result<Option<LineRead>, CommandError> {
    let unreadable = |cause| CommandError::failed("standard input", cause);
    line.clear();
    let limit = LINE_LIMIT as u64 + 1;
    if input
        .take(limit)
        .read_until(b'\n', line)
        .map_err(unreadable)?
        == 0
    {
        return Ok(None);
    }
    if line.len() <= LINE_LIMIT || line.last() == Some(&b'\n') {
        return Ok(Some(LineRead::Whole));
    }
    input.skip_until(b'\n').map_err(unreadable)?;
    Ok(Some(LineRead::TooLong))
}

enum Answer {
    Found,
    Bad,
}

impl Answer {
    fn is_bad(&self) -> bool {
        matches!(self, Self::Bad)
    }
}

fn answer(
    line: &[u8],
    reader: &mut Reader,
    output: &mut impl Write,
    default_region: Option<&str>,
) -> Result<Answer, OutputError> {
    let ask = match understood(line) {
        Ok(ask) => ask,
        Err(bad) => return json_line(output, &bad).map(|()| Answer::Bad),
    };
    let region = ask.region.as_deref().or(default_region);
    let document = match (&ask.text, &ask.html) {
        (Some(text), _) => Document::Text(text),
        (None, html) => Document::Html(
            html.as_deref().unwrap_or_default().as_bytes(),
            ask.url.as_ref(),
        ),
    };
    match reader.read(document, region) {
        Ok(reading) => json_line(output, &found(ask.id, &reading)).map(|()| Answer::Found),
        Err(problems) => {
            let bad = Bad {
                id: Some(ask.id),
                error: sentences(&problems),
            };
            json_line(output, &bad).map(|()| Answer::Bad)
        }
    }
}

/// The ask in a line; or what is wrong with it, with its id where that much can be read.
fn understood(line: &[u8]) -> Result<Ask, Bad> {
    let bad = |id, error: String| Err(Bad { id, error });
    let ask: Ask = match serde_json::from_slice(line) {
        Ok(ask) => ask,
        Err(error) => {
            let id = serde_json::from_slice::<Value>(line)
                .ok()
                .and_then(|value| value.get("id").cloned());
            return bad(
                id,
                format!("{error}; write {{\"id\", \"text\" or \"html\", \"region\"?, \"url\"?}}"),
            );
        }
    };
    if !matches!(ask.id, Value::String(_) | Value::Number(_)) {
        return bad(
            None,
            "id is neither a string nor a number; give each document one".to_owned(),
        );
    }
    match (&ask.text, &ask.html) {
        (None, None) => {
            return bad(
                Some(ask.id),
                "there is neither text nor html; give one of them".to_owned(),
            );
        }
        (Some(_), Some(_)) => {
            return bad(
                Some(ask.id),
                "there are both text and html; give one of them".to_owned(),
            );
        }
        (Some(document), None) | (None, Some(document)) if document.len() > DOCUMENT_LIMIT => {
            return bad(
                Some(ask.id),
                format!("the document is longer than {DOCUMENT_LIMIT} bytes; cut it"),
            );
        }
        _ => {}
    }
    match ask.region.as_deref().map(region).transpose() {
        Ok(region) => Ok(Ask { region, ..ask }),
        Err(remedy) => bad(Some(ask.id), format!("region is not a country; {remedy}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &[Value], status: Status) {
        let mut output = Vec::new();
        assert_eq!(
            run(input.as_bytes(), &mut output, Some("US")).unwrap(),
            status
        );
        let lines: Vec<Value> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), expected.len(), "{lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            for (key, value) in expected.as_object().unwrap() {
                let found = &line[key];
                match (key.as_str(), value.as_str()) {
                    ("error", Some(part)) => {
                        assert!(found.as_str().unwrap().contains(part), "{found}")
                    }
                    _ => assert_eq!(found, value, "{line}"),
                }
            }
        }
    }

    #[test]
    fn a_bad_line_is_told_of_and_the_rest_goes_on() {
        let none = serde_json::json!([]);
        check(
            "{\"id\":\"a\",\"text\":\"\"}\nnot json\n\n{\"id\":2}\n{\"id\":3,\"text\":1}\n{\"text\":\"x\"}\n{\"id\":4,\"text\":\"\",\"html\":\"\"}\n{\"id\":5,\"text\":\"\",\"region\":\"USA\"}\n{\"id\":6,\"html\":\"<p>hi</p>\",\"url\":\"https://x.example/\"}",
            &[
                serde_json::json!({"id": "a", "selectors": none}),
                serde_json::json!({"id": null, "error": "expected"}),
                serde_json::json!({"id": 2, "error": "neither text nor html"}),
                serde_json::json!({"id": 3, "error": "invalid type"}),
                serde_json::json!({"id": null, "error": "missing field `id`"}),
                serde_json::json!({"id": 4, "error": "both"}),
                serde_json::json!({"id": 5, "error": "two letters"}),
                serde_json::json!({"id": 6, "text": "hi", "selectors": none}),
            ],
            Status::Problems,
        );
    }

    #[test]
    fn a_line_without_end_is_skipped_and_the_next_one_read() {
        let long = "x".repeat(LINE_LIMIT + 10);
        check(
            &format!("{long}\n{{\"id\":1,\"text\":\"\"}}\n"),
            &[
                serde_json::json!({"error": "longer"}),
                serde_json::json!({"id": 1}),
            ],
            Status::Problems,
        );
    }
}
