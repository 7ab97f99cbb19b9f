//! `sightline eval`: how well selectors are found in documents of which it is known what they hold.

mod label;
mod report;
mod score;

use std::{
    io::{self, Read},
    path::PathBuf,
};

use clap::Args;

use self::{
    label::Labels,
    report::{Mistake, Report},
    score::{Score, Verdict},
};
use super::{
    CommandError, Context, Ended, Status,
    documents::{
        ask::{Ask, Bad},
        lines::{Line, Lines},
        reader::{Document, Reader},
        sentences,
    },
    extract::region,
    operand,
};
use crate::output::{self, inert};

/// Measure extraction on labelled documents
///
/// Finds the selectors in each document, holds them against its labels, and tells precision (the share of what was found
/// that is right) and recall (the share of what is there that was found) by family, by kind and overall, and how much was
/// found where there is nothing. A selector counts once in a document. Nothing is stored or fetched.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline eval tuned.jsonl\n  \
    sightline eval tuned.jsonl --errors --output tuned.json\n\n\
    Each line is a document as `extract --jsonl` takes it, with its labels: {\"id\", \"text\" or \"html\", \"region\"?,\n\
    \"url\"?, \"family\"?, \"split\"?, \"expect\": [{\"kind\", \"value\", \"disguised\"?}], \"unjudged\"?: [kind]}. Finds of\n\
    the kinds in `unjudged` are not held to be false. A line that can't be read is told of, and the rest goes on; the exit\n\
    status is then 1.")]
pub struct Eval {
    /// Labelled documents, one JSON object a line; standard input for `-`
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write the whole result as JSON to this file, too
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// List what was missed and what was found falsely, with the text
    #[arg(long)]
    errors: bool,
    /// The country whose national telephone numbers are read where a document names none, in two letters
    #[arg(long, value_name = "CC", value_parser = region)]
    region: Option<String>,
}

/// Runs the command.
pub fn run(eval: &Eval, context: &Context) -> Ended {
    let mut evaluation = Evaluation::new(eval.region.as_deref());
    for file in &eval.files {
        let name = file.display().to_string();
        let input = operand::open(file, operand::Dash::Input)?;
        evaluation.judge(input, &name, |bad| {
            output::error(inert::line(&format!(
                "{name}, line {}: {}",
                bad.line, bad.error
            )));
        })?;
    }
    let mistakes = match eval.errors {
        true => evaluation.mistakes.as_slice(),
        false => &[],
    };
    let report = Report::of(&evaluation.score, evaluation.bad_lines, mistakes);
    if let Some(file) = &eval.output {
        let failed = |cause: io::Error| CommandError::failed(file.display(), cause);
        let mut written =
            serde_json::to_vec_pretty(&report).map_err(|cause| failed(cause.into()))?;
        written.push(b'\n');
        std::fs::write(file, written).map_err(failed)?;
    }
    context.out.record(&report)?;
    report.say(context.out)?;
    Ok(match evaluation.bad_lines {
        0 => Status::Done,
        _ => Status::Problems,
    })
}

/// What was judged so far.
struct Evaluation<'r> {
    reader: Reader,
    region: Option<&'r str>,
    score: Score,
    mistakes: Vec<Mistake>,
    bad_lines: u64,
}

impl<'r> Evaluation<'r> {
    fn new(region: Option<&'r str>) -> Self {
        Self {
            reader: Reader::new(),
            region,
            score: Score::default(),
            mistakes: Vec::new(),
            bad_lines: 0,
        }
    }

    /// Judges every line of an input; `tell` is told of those that can't be.
    fn judge(
        &mut self,
        input: impl Read,
        name: &str,
        mut tell: impl FnMut(&Bad),
    ) -> Result<(), CommandError> {
        let mut lines = Lines::of(input, name);
        while let Some(line) = lines.next()? {
            if let Err(bad) = self.judge_line(&line) {
                self.bad_lines += 1;
                tell(&bad);
            }
        }
        Ok(())
    }

    fn judge_line(&mut self, line: &Line<'_>) -> Result<(), Bad> {
        let ask = Ask::understood(line)?;
        let bad = |error: String| Bad {
            id: Some(ask.id.clone()),
            line: line.number,
            error,
        };
        let labels: Labels = serde_json::from_slice(line.bytes).map_err(|error| {
            let shape = "write \"expect\": [{\"kind\", \"value\", \"disguised\"?}]";
            bad(format!("{error}; {shape}"))
        })?;
        let region = ask.region.as_deref().or(self.region);
        let reading = self
            .reader
            .read(ask.document(), region)
            .map_err(|problems| bad(sentences(&problems)))?;
        let verdict = self.score.count(&labels, &reading.finds);
        if verdict != Verdict::default() {
            let text = match (&reading.text, ask.document()) {
                (Some(text), _) => text.clone(),
                (None, Document::Text(text)) => text.to_owned(),
                (None, Document::Html(..)) => String::new(),
            };
            self.mistakes.push(Mistake {
                id: ask.id.clone(),
                family: labels.family,
                missed: verdict.missed,
                wrong: verdict.wrong.into_iter().map(Into::into).collect(),
                text,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{score::Counts, *};

    #[test]
    fn a_bad_line_is_told_of_and_the_rest_is_judged() {
        let input = [
            r#"{"id": 1, "family": "a", "text": "call (202) 555-0123", "region": "US", "expect": [{"kind": "phone", "value": "+12025550123"}]}"#,
            r#"{"id": 2, "family": "a", "html": "<p>mail <b>lotus@example.com</b></p>", "expect": []}"#,
            r#"{"id": 3, "text": "hi", "expect": [{"kind": "fone", "value": "x"}]}"#,
            r#"{"id": 4, "text": "hi"}"#,
            r#"{"id": 5, "text": "", "expect": []}"#,
            r#"{"id": 6, "text": "hi", "region": "XX", "expect": []}"#,
            "rubbish",
            r#"{"id": 7, "text": "call 020 7946 0123", "expect": [{"kind": "phone", "value": "+442079460123"}]}"#,
        ];
        let mut evaluation = Evaluation::new(Some("GB"));
        let mut told = Vec::new();
        evaluation
            .judge(input.join("\n").as_bytes(), "test", |bad| {
                told.push((bad.line, bad.error.clone()));
            })
            .unwrap();
        let expected = [
            (3, "unknown variant `fone`"),
            (4, "missing field `expect`"),
            (5, "empty"),
            (6, "XX"),
            (7, "expected an object"),
        ];
        assert_eq!(
            (told.len(), evaluation.bad_lines),
            (expected.len(), 5),
            "{told:?}"
        );
        for ((line, error), (expected, part)) in told.iter().zip(expected) {
            assert!(*line == expected && error.contains(part), "{line}: {error}");
        }
        let counts = Counts {
            documents: 3,
            right: 2,
            missed: 0,
            wrong: 1,
        };
        assert_eq!(evaluation.score.all.overall, counts);
        assert_eq!(evaluation.score.all.families["a"].wrong, 1);
        let [mistake] = evaluation.mistakes.as_slice() else {
            panic!("{:?}", evaluation.mistakes);
        };
        assert_eq!(
            (&mistake.id, mistake.text.as_str()),
            (&2.into(), "mail lotus@example.com")
        );
    }
}
