//! What all patterns of an organisation take together: each is bounded, and a thousand that are each as big as may be would
//! take a gigabyte.

use std::collections::HashSet;

use regex_syntax::{
    hir::{Class, Hir, HirKind},
    utf8::Utf8Sequences,
};
use sightline_model::Problem;

use super::parsed;

/// The most bytes that all patterns of an organisation take compiled, as they are reckoned here.
pub const MOST_TOGETHER: usize = 64 * 1024 * 1024;
/// Bytes of a pattern that is nothing.
const BASE: usize = 1024;
/// Bytes of a state of an automaton, and of each way on from one.
const STATE: usize = 40;
const WAY_ON: usize = 12;

/// Patterns that are looked for together, each once, and what they take.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    known: HashSet<String>,
    used: usize,
}

impl Budget {
    /// Of patterns that stand already, whatever they take.
    pub fn of(standing: impl IntoIterator<Item = String>) -> Self {
        let mut budget = Self::default();
        for value in standing {
            let size = size(&value);
            if budget.known.insert(value) {
                budget.used = budget.used.saturating_add(size);
            }
        }
        budget
    }

    /// Takes one more in.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub fn take(&mut self, value: &str) -> Result<(), Problem> {
        if self.known.contains(value) {
            return Ok(());
        }
        let size = size(value);
        let used = self.used.saturating_add(size);
        if used > MOST_TOGETHER {
            let mebibytes = |bytes: usize| bytes.div_ceil(1024 * 1024);
            return Err(Problem::new(
                "value",
                format!(
                    "all patterns that are looked for take {} MiB together, this one would take {} KiB more, and {} MiB are the most",
                    mebibytes(self.used),
                    size.div_ceil(1024),
                    mebibytes(MOST_TOGETHER)
                ),
                "narrow it ([a-z0-9] is far smaller than \\w, and few repetitions than many), write plain words as phrases, or \
                 withdraw patterns that nobody needs",
            ));
        }
        self.known.insert(value.to_owned());
        self.used = used;
        Ok(())
    }
}

/// About how many bytes a pattern takes compiled. One that can't be read takes nothing: it is not looked for.
fn size(value: &str) -> usize {
    match parsed(value) {
        Ok(hir) => BASE.saturating_add(reckoned(&hir)),
        Err(_) => 0,
    }
}

fn reckoned(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty => 0,
        HirKind::Look(_) => STATE,
        HirKind::Literal(literal) => literal.0.len().saturating_mul(STATE),
        HirKind::Class(Class::Bytes(class)) => STATE + class.iter().count() * WAY_ON,
        HirKind::Class(Class::Unicode(class)) => {
            let sequences = class
                .iter()
                .flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
            STATE + sequences.map(|one| one.len() * WAY_ON).sum::<usize>()
        }
        HirKind::Capture(capture) => reckoned(&capture.sub).saturating_add(2 * STATE),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.max(1)).max(1);
            let each = reckoned(&repetition.sub).saturating_add(STATE);
            each.saturating_mul(times as usize)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts
            .iter()
            .map(reckoned)
            .fold(STATE, usize::saturating_add),
    }
}

#[cfg(test)]
mod tests {
    use regex::RegexBuilder;

    use super::*;

    #[test]
    fn what_a_pattern_takes_is_reckoned_about_right() {
        for pattern in [
            r"room\s+\d{3}\b",
            "lotus",
            r"(?:new|young) (?:girls?|ladies)",
            r"\w{20}",
            r"\pL{30}",
            "[a-z0-9]{300}",
            r"[\w\W]{3,400}x",
            "(?:abc|abd|abe){200}",
            r"\p{Han}{40}",
            r"(\w+\s){20}zzz",
        ] {
            let is_enough = |bytes: usize| {
                let mut builder = RegexBuilder::new(pattern);
                let builder = builder.case_insensitive(true).size_limit(bytes);
                builder.build().is_ok()
            };
            let (mut too_few, mut enough) = (0, 4 * 1024 * 1024);
            while enough - too_few > 256 {
                let middle = (too_few + enough) / 2;
                match is_enough(middle) {
                    true => enough = middle,
                    false => too_few = middle,
                }
            }
            let reckoned = size(pattern);
            assert!(
                reckoned < enough * 5 + BASE && enough < reckoned * 5,
                "{pattern}: {reckoned} for {enough}"
            );
        }
    }

    #[test]
    fn there_is_room_for_many_small_patterns_and_few_big_ones() {
        let mut budget = Budget::default();
        for nth in 0..5_000 {
            assert_eq!(budget.take(&format!(r"room\s?{nth}\d{{3}}\b")), Ok(()));
        }
        let big = |nth: usize| format!("x{nth}(?:[a-z0-9]{{9}}){{200}}");
        let most = (0..1_000).take_while(|nth| budget.take(&big(*nth)).is_ok());
        let most = most.count();
        assert!((20..300).contains(&most), "{most}");
        let refused = budget.take(&big(most)).unwrap_err();
        for part in ["take 64 MiB together", "64 MiB are the most"] {
            assert!(refused.message.contains(part), "{refused}");
        }
        // What stands already takes no more, and what is refused takes nothing.
        assert_eq!(budget.take(&big(0)), Ok(()));
        // What stands is counted, though it be more than there is room for.
        let mut full = Budget::of((0..1_000).map(big));
        assert!(full.take("lotus spa").is_err());
        assert_eq!(full.take(&big(0)), Ok(()));
    }
}
