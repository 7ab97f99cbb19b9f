//! What was counted, as programs and people are told it.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Table};
use serde::Serialize;
use serde_json::Value;
use sightline_model::{Selector, counted};

use super::score::{Counts, Disguise, Negatives, Score, Tally};
use crate::output::{self, Output, OutputError, Tint, inert};

/// How much of a text is shown beside a mistake, in characters.
const SHOWN: usize = 500;

/// Recall under which a family is shown as bad: what the project promises of every family.
const POOR: f64 = 0.85;

/// The whole result.
#[derive(Debug, Serialize)]
pub struct Report<'s> {
    /// Lines that could not be judged.
    bad_lines: u64,
    #[serde(flatten)]
    all: Part<'s>,
    splits: BTreeMap<&'s str, Part<'s>>,
    /// What went wrong, where that is asked for.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'s [Mistake],
}

/// One split, or all of them.
#[derive(Debug, Serialize)]
struct Part<'s> {
    overall: Figures,
    negatives: Negative,
    disguise: Disguise,
    kinds: BTreeMap<&'static str, Figures>,
    families: BTreeMap<&'s str, Figures>,
}

/// Counts with what follows from them. Shares are from 0 to 1, and null where there is nothing to share.
#[derive(Clone, Copy, Debug, Serialize)]
struct Figures {
    documents: u64,
    expected: u64,
    found: u64,
    missed: u64,
    false_finds: u64,
    precision: Option<f64>,
    recall: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Negative {
    #[serde(flatten)]
    counts: Negatives,
    false_finds_in_100: Option<f64>,
}

/// A document in which something was missed or found falsely.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// The document.
    pub id: Value,
    /// Its family.
    pub family: String,
    /// What was to be found and was not.
    pub missed: Vec<Selector>,
    /// What was found and is not there.
    #[serde(rename = "false")]
    pub wrong: Vec<FalseFind>,
    /// Its text.
    pub text: String,
}

/// What was found and is not there.
#[derive(Clone, Debug, Serialize)]
pub struct FalseFind {
    /// What it was taken for.
    #[serde(flatten)]
    pub selector: Selector,
    /// What was taken for it.
    pub raw: String,
}

impl From<(Selector, String)> for FalseFind {
    fn from((selector, raw): (Selector, String)) -> Self {
        Self { selector, raw }
    }
}

impl From<Counts> for Figures {
    fn from(counts: Counts) -> Self {
        Self {
            documents: counts.documents,
            expected: counts.right + counts.missed,
            found: counts.right,
            missed: counts.missed,
            false_finds: counts.wrong,
            precision: counts.precision(),
            recall: counts.recall(),
        }
    }
}

impl<'s> Part<'s> {
    fn of(tally: &'s Tally) -> Self {
        let kinds = tally.kinds.iter();
        let families = tally.families.iter();
        Self {
            overall: tally.overall.into(),
            negatives: Negative {
                counts: tally.negatives,
                false_finds_in_100: tally.negatives.in_a_hundred(),
            },
            disguise: tally.disguise,
            kinds: kinds
                .map(|(kind, &counts)| (kind.as_str(), counts.into()))
                .collect(),
            families: families
                .map(|(name, &counts)| (name.as_str(), counts.into()))
                .collect(),
        }
    }

    fn say(&self, split: &str, out: Output) -> Result<(), OutputError> {
        let name = inert::line(split);
        let mut families = figures(&format!("family ({name})"));
        for (name, figures) in &self.families {
            families.add_row(row(&inert::line(name), *figures));
        }
        out.say(format_args!("{}\n", families.trim_fmt()))?;
        let mut kinds = figures(&format!("kind ({name})"));
        for (name, figures) in &self.kinds {
            kinds.add_row(row(name, *figures));
        }
        kinds.add_row(row("overall", self.overall));
        out.say(format_args!("{}\n", kinds.trim_fmt()))?;
        if let Some(share) = self.negatives.false_finds_in_100 {
            let Negatives { documents, wrong } = self.negatives.counts;
            out.say(format_args!(
                "Where there is nothing to find: {} in {}, {share:.2} in 100.",
                counted(wrong, "false find", "false finds"),
                counted(documents, "document", "documents")
            ))?;
        }
        let Disguise {
            disguised,
            noticed,
            plain,
            suspected,
        } = self.disguise;
        if disguised + plain > 0 {
            out.say(format_args!(
                "Of {disguised} disguised selectors that were found, {noticed} were told as disguised; of {plain} plain ones, {suspected}.\n"
            ))?;
        }
        Ok(())
    }
}

impl<'s> Report<'s> {
    /// The report of what was counted; `errors` are told with it.
    pub fn of(score: &'s Score, bad_lines: u64, errors: &'s [Mistake]) -> Self {
        let splits = score.splits.iter();
        Self {
            bad_lines,
            all: Part::of(&score.all),
            splits: splits
                .map(|(name, tally)| (name.as_str(), Part::of(tally)))
                .collect(),
            errors,
        }
    }

    /// Tells people.
    pub fn say(&self, out: Output) -> Result<(), OutputError> {
        for (name, split) in &self.splits {
            split.say(name, out)?;
        }
        if self.splits.len() > 1 {
            let mut table = figures("split");
            for (name, split) in &self.splits {
                table.add_row(row(&inert::line(name), split.overall));
            }
            table.add_row(row("all", self.all.overall));
            out.say(format_args!("{}\n", table.trim_fmt()))?;
        }
        for mistake in self.errors {
            mistake.say(out)?;
        }
        if self.bad_lines > 0 {
            out.note(format_args!(
                "{} not be judged.",
                counted(self.bad_lines, "line could", "lines could")
            ));
        }
        Ok(())
    }
}

impl Mistake {
    fn say(&self, out: Output) -> Result<(), OutputError> {
        let id = self
            .id
            .as_str()
            .map_or_else(|| self.id.to_string(), str::to_owned);
        out.say(format_args!("{}", inert::line(&id)))?;
        for selector in &self.missed {
            out.say(format_args!(
                "  missed  {}",
                inert::line(&selector.to_string())
            ))?;
        }
        for FalseFind { selector, raw } in &self.wrong {
            let (selector, raw) = (selector.to_string(), inert::cut(raw, SHOWN));
            out.say(format_args!(
                "  false   {}, from '{raw}'",
                inert::line(&selector)
            ))?;
        }
        out.say(format_args!("  {}\n", inert::cut(&self.text, SHOWN)))
    }
}

fn figures(first: &str) -> Table {
    let mut table = output::table([
        first,
        "documents",
        "expected",
        "found",
        "missed",
        "false",
        "precision",
        "recall",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn row(name: &str, figures: Figures) -> Vec<Cell> {
    let count = |count: u64| Cell::new(count);
    let share = |share: Option<f64>| match share {
        None => Cell::new("–"),
        Some(share) if share < POOR => output::tinted(format!("{share:.3}"), Tint::Bad),
        Some(share) => Cell::new(format!("{share:.3}")),
    };
    vec![
        Cell::new(name),
        count(figures.documents),
        count(figures.expected),
        count(figures.found),
        count(figures.missed),
        count(figures.false_finds),
        share(figures.precision),
        share(figures.recall),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::commands::eval::label::Labels;

    #[test]
    fn programs_are_told_everything() {
        let mut score = Score::default();
        let labels: Labels = serde_json::from_value(json!({
            "family": "words", "split": "tuned", "expect": [{"kind": "phone", "value": "+12025550101"}],
        }))
        .unwrap();
        let verdict = score.count(&labels, &[]);
        let mistake = Mistake {
            id: json!("words/1"),
            family: labels.family,
            missed: verdict.missed,
            wrong: Vec::new(),
            text: "call".to_owned(),
        };
        let report = serde_json::to_value(Report::of(&score, 2, &[mistake])).unwrap();
        assert_eq!(report["bad_lines"], 2);
        for part in [&report, &report["splits"]["tuned"]] {
            let figures = json!({
                "documents": 1, "expected": 1, "found": 0, "missed": 1, "false_finds": 0, "precision": null, "recall": 0.0,
            });
            assert_eq!(part["overall"], figures);
            assert_eq!(part["kinds"]["phone"], figures);
            assert_eq!(part["families"]["words"], figures);
            assert_eq!(part["negatives"]["false_finds_in_100"], Value::Null);
        }
        let missed = json!([{"kind": "phone", "value": "+12025550101"}]);
        assert_eq!(report["errors"][0]["missed"], missed);
    }
}
