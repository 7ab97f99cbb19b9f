//! Phrases: all of them looked for at once, as whole folded words.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

use super::fold::fold;
use crate::script::is_whole;

/// Up to so many bytes of phrases, about 2,000 of them, the automaton is made twice as quick at the cost of memory:
/// 8 MiB for phrases in one alphabet, and at most 32. Beyond, the library chooses.
const DFA_LIMIT: usize = 32 * 1024;

/// One automaton over all phrases (Aho and Corasick, 1975).
#[derive(Debug, Default)]
pub(super) struct Phrases {
    /// The canonical values, sorted, each once.
    values: Vec<Box<str>>,
    /// None where there are no phrases, so that texts are not even folded.
    automaton: Option<AhoCorasick>,
}

/// A phrase in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hit<'p> {
    /// The canonical value of the phrase.
    pub value: &'p str,
    /// Where it begins in the original text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl Phrases {
    /// Looks for these canonical values, sorted and each once.
    pub fn of(values: Vec<Box<str>>) -> Result<Self, BuildError> {
        if values.is_empty() {
            return Ok(Self::default());
        }
        // Folded as the text is: whatever the canonical form, both sides meet here.
        let folded: Vec<String> = values.iter().map(|value| fold(value).text).collect();
        let length: usize = folded.iter().map(String::len).sum();
        let automaton = AhoCorasick::builder()
            .kind((length <= DFA_LIMIT).then_some(AhoCorasickKind::DFA))
            .build(folded)?;
        Ok(Self {
            values,
            automaton: Some(automaton),
        })
    }

    /// True where these are the values that are looked for.
    pub fn are(&self, values: &[Box<str>]) -> bool {
        self.values == values
    }

    /// Calls `found` for each phrase in the text that is made of whole words, in the order of their ends.
    pub fn find<'p>(&'p self, text: &str, mut found: impl FnMut(Hit<'p>)) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let folded = fold(text);
        for hit in automaton.find_overlapping_iter(&folded.text) {
            if hit.is_empty() || !is_whole(&folded.text, hit.start(), hit.end()) {
                continue;
            }
            let (start, end) = folded.origin(hit.start(), hit.end());
            found(Hit {
                value: &self.values[hit.pattern().as_usize()],
                start,
                end,
            });
        }
    }
}
