//! `sightline extract --jsonl`: a document a line in, an answer a line out, for as long as lines come.

use std::io::{BufWriter, Read, Write};

use super::found;
use crate::{
    commands::{
        Ended, Status,
        documents::{
            ask::{Ask, Bad},
            lines::{Line, Lines},
            reader::Reader,
            sentences,
        },
    },
    output::{OutputError, json_line},
};

/// Answers every line of `input` on `output`. `default_region` holds where a line names none.
pub(super) fn run(input: impl Read, output: impl Write, default_region: Option<&str>) -> Ended {
    let mut lines = Lines::of(input, "standard input");
    let mut output = BufWriter::with_capacity(64 * 1024, output);
    let mut reader = Reader::new();
    let mut status = Status::Done;
    while let Some(line) = lines.next()? {
        if let Err(bad) = answer(&line, &mut reader, &mut output, default_region)? {
            json_line(&mut output, &bad)?;
            status = Status::Problems;
        }
        // Whoever waits for an answer before asking again gets it; a stream of questions is written in blocks.
        if lines.must_wait() {
            output.flush().map_err(OutputError::from)?;
        }
    }
    output.flush().map_err(OutputError::from)?;
    Ok(status)
}

fn answer(
    line: &Line<'_>,
    reader: &mut Reader,
    output: &mut impl Write,
    default_region: Option<&str>,
) -> Result<Result<(), Bad>, OutputError> {
    let ask = match Ask::understood(line) {
        Ok(ask) => ask,
        Err(bad) => return Ok(Err(bad)),
    };
    let region = ask.region.as_deref().or(default_region);
    match reader.read(ask.document(), region) {
        Ok(reading) => json_line(output, &found(ask.id, &reading)).map(Ok),
        Err(problems) => Ok(Err(Bad {
            id: Some(ask.id),
            line: line.number,
            error: sentences(&problems),
        })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::commands::documents::lines::LINE_LIMIT;

    fn check(input: &[u8], expected: &[Value], status: Status) {
        let mut output = Vec::new();
        assert_eq!(run(input, &mut output, Some("US")).unwrap(), status);
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
        let none = json!([]);
        let input = [
            b"{\"id\":\"a\",\"text\":\"hi\"}\nnot json\n\n{\"id\":2}\n{\"id\":3,\"text\":\"caf\xe9\"}\n".as_slice(),
            b"{\"id\":4,\"text\":\"hi\",\"region\":\"XX\"}\n{\"id\":5,\"html\":\"<p>hi\",\"region\":\"XX\"}\n",
            b"{\"id\":6,\"html\":\"<p>hi</p>\",\"url\":\"https://x.example/\"}\n{\"id\":7,\"html\":\"hi\",\"url\":\"::\"}",
        ];
        check(
            &input.concat(),
            &[
                json!({"id": "a", "selectors": none}),
                json!({"id": null, "line": 2, "error": "expected"}),
                json!({"id": 2, "line": 4, "error": "neither text nor html"}),
                json!({"id": 3, "error": "not UTF-8"}),
                json!({"id": 4, "error": "`XX` is not a region"}),
                json!({"id": 5, "error": "`XX` is not a region"}),
                json!({"id": 6, "text": "hi", "selectors": none}),
                json!({"id": 7, "error": "url is no whole address"}),
            ],
            Status::Problems,
        );
    }

    #[test]
    fn a_line_without_end_is_skipped_and_the_next_one_read() {
        let long = "x".repeat(LINE_LIMIT + 10);
        check(
            format!("{long}\n{{\"id\":1,\"text\":\"hi\"}}\n").as_bytes(),
            &[json!({"line": 1, "error": "longer"}), json!({"id": 1})],
            Status::Problems,
        );
    }
}
