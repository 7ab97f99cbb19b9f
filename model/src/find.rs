//! A find: one selector in one text, with where it stood and how it was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Selector, Step, StepKind, selector::words, step::is_disguised};

/// How much reading it took. Ordered: exact is the highest.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Guessed from its surroundings: a number of a possible but not valid form, a name beside a platform's word.
    Inferred,
    /// Stood in another spelling: a national number, capitals, disguised digits.
    Normalised,
    /// Stood in its canonical form, but for separators.
    Exact,
}

impl Confidence {
    /// True where it may be another identifier after all: people are told so, and rules can leave it out of alerts.
    pub fn is_possible(self) -> bool {
        self == Self::Inferred
    }
}

words!(Confidence, "confidence", Inferred => "inferred", Normalised => "normalised", Exact => "exact");

/// A selector in a text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Find {
    /// What was found.
    #[serde(flatten)]
    pub selector: Selector,
    /// As it stood: `text[start..end]`.
    pub raw: String,
    /// Where it begins in the text, in bytes of UTF-8.
    pub start: usize,
    /// Where it ends, exclusive, in bytes of UTF-8.
    pub end: usize,
    /// How much reading it took.
    pub confidence: Confidence,
    /// The steps that led from raw to canonical, in order.
    pub steps: Vec<Step>,
}

impl Find {
    /// True where the step is one that led to it.
    pub fn has_step(&self, kind: StepKind) -> bool {
        self.steps.iter().any(|step| step.kind() == Some(kind))
    }

    /// True where somebody disguised it: one of its steps undid a disguise.
    pub fn is_disguised(&self) -> bool {
        is_disguised(&self.steps)
    }
}
