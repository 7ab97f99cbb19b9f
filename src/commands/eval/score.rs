//! Counting what was found right, missed and found falsely, by family, kind and split. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sightline_model::{Find, Kind, Selector};

use super::label::{Expected, Labels};

/// What was counted over some documents. A selector counts once in a document, however often it stands there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Documents.
    pub documents: u64,
    /// Selectors that were to be found, and were.
    pub right: u64,
    /// Selectors that were to be found, and were not.
    pub missed: u64,
    /// Selectors that were found, and are none.
    pub wrong: u64,
}

impl Counts {
    /// The share of what was found that was to be found, from 0 to 1; None where nothing was found.
    pub fn precision(self) -> Option<f64> {
        share(self.right, self.right + self.wrong)
    }

    /// The share of what was to be found that was found, from 0 to 1; None where nothing was to be found.
    pub fn recall(self) -> Option<f64> {
        share(self.right, self.right + self.missed)
    }

    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.right += other.right;
        self.missed += other.missed;
        self.wrong += other.wrong;
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Documents in which nothing is to be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Negatives {
    /// How many there are.
    pub documents: u64,
    /// What was found in them all the same.
    #[serde(rename = "false_finds")]
    pub wrong: u64,
}

impl Negatives {
    /// False finds in a hundred documents; None where there are none.
    pub fn in_a_hundred(self) -> Option<f64> {
        share(100 * self.wrong, self.documents)
    }

    fn add(&mut self, wrong: u64) {
        self.documents += 1;
        self.wrong += wrong;
    }
}

/// Whether what was found right was rightly said to be disguised, or not to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Disguise {
    /// Disguised selectors that were found.
    pub disguised: u64,
    /// Those of them that were said to be disguised.
    pub noticed: u64,
    /// Selectors that nobody disguised and that were found.
    pub plain: u64,
    /// Those of them that were said to be disguised.
    pub suspected: u64,
}

/// Everything that is counted in one split, or in all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Over all documents.
    pub overall: Counts,
    /// By the kind of selector; a document counts with each kind that is to be found, or was found, in it.
    pub kinds: BTreeMap<Kind, Counts>,
    /// By family.
    pub families: BTreeMap<String, Counts>,
    /// Over documents in which nothing is to be found.
    pub negatives: Negatives,
    /// Over what was found right.
    pub disguise: Disguise,
}

/// Everything that is counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Score {
    /// Over all splits.
    pub all: Tally,
    /// By split.
    pub splits: BTreeMap<String, Tally>,
}

/// What is wrong in one document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// What was to be found and was not.
    pub missed: Vec<Selector>,
    /// What was found and is not there, each with the text that it was read from.
    pub wrong: Vec<(Selector, String)>,
}

impl Score {
    /// Counts one document.
    pub fn count(&mut self, labels: &Labels, finds: &[Find]) -> Verdict {
        let judged = Judged::of(labels, finds);
        self.all.count(labels, &judged);
        let split = self.splits.entry(labels.split.clone()).or_default();
        split.count(labels, &judged);
        judged.verdict(finds)
    }
}

/// One document's selectors, each once.
struct Judged<'d> {
    right: Vec<(&'d Expected, &'d Find)>,
    missed: BTreeSet<(Kind, &'d str)>,
    wrong: BTreeSet<(Kind, &'d str)>,
}

impl<'d> Judged<'d> {
    fn of(labels: &'d Labels, finds: &'d [Find]) -> Self {
        let key = |find: &'d Find| (find.selector.kind, find.selector.value.as_str());
        let mut found: BTreeMap<_, &Find> = BTreeMap::new();
        for find in finds {
            // Where one stands twice, and once in disguise, its disguise was noticed.
            let known = found.entry(key(find)).or_insert(find);
            if find.is_disguised() {
                *known = find;
            }
        }
        let mut judged = Self {
            right: Vec::new(),
            missed: BTreeSet::new(),
            wrong: BTreeSet::new(),
        };
        let mut expected = BTreeMap::new();
        for one in &labels.expect {
            expected
                .entry((one.kind, one.value.as_str()))
                .or_insert(one);
        }
        for (&key, &expected) in &expected {
            match found.remove(&key) {
                Some(find) => judged.right.push((expected, find)),
                None => {
                    judged.missed.insert(key);
                }
            }
        }
        let says_something = |(kind, _): &(Kind, &str)| !labels.unjudged.contains(kind);
        judged.wrong = found.into_keys().filter(says_something).collect();
        judged
    }

    fn counts(&self, is_counted: impl Fn(Kind) -> bool) -> Counts {
        let count = |kinds: &mut dyn Iterator<Item = Kind>| {
            kinds.filter(|&kind| is_counted(kind)).count() as u64
        };
        Counts {
            documents: 1,
            right: count(&mut self.right.iter().map(|(expected, _)| expected.kind)),
            missed: count(&mut self.missed.iter().map(|&(kind, _)| kind)),
            wrong: count(&mut self.wrong.iter().map(|&(kind, _)| kind)),
        }
    }

    fn kinds(&self) -> BTreeSet<Kind> {
        let others = self.missed.iter().chain(&self.wrong).map(|&(kind, _)| kind);
        let right = self.right.iter().map(|(expected, _)| expected.kind);
        right.chain(others).collect()
    }

    fn verdict(&self, finds: &[Find]) -> Verdict {
        let raw = |kind, value: &str| {
            let find = finds
                .iter()
                .find(|find| find.selector.kind == kind && find.selector.value == value);
            find.map(|find| find.raw.clone()).unwrap_or_default()
        };
        Verdict {
            missed: self
                .missed
                .iter()
                .map(|&(kind, value)| Selector::new(kind, value))
                .collect(),
            wrong: self
                .wrong
                .iter()
                .map(|&(kind, value)| (Selector::new(kind, value), raw(kind, value)))
                .collect(),
        }
    }
}

impl Tally {
    fn count(&mut self, labels: &Labels, judged: &Judged<'_>) {
        let counts = judged.counts(|_| true);
        self.overall.add(counts);
        let family = self.families.entry(labels.family.clone()).or_default();
        family.add(counts);
        for kind in judged.kinds() {
            let of_kind = self.kinds.entry(kind).or_default();
            of_kind.add(judged.counts(|other| other == kind));
        }
        if labels.expect.is_empty() {
            self.negatives.add(counts.wrong);
        }
        for (expected, find) in &judged.right {
            let said = u64::from(find.is_disguised());
            match expected.disguised {
                Some(true) => {
                    self.disguise.disguised += 1;
                    self.disguise.noticed += said;
                }
                Some(false) => {
                    self.disguise.plain += 1;
                    self.disguise.suspected += said;
                }
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sightline_model::{Confidence, StepKind};

    use super::*;

    fn find((kind, value): (Kind, &str), steps: Vec<sightline_model::Step>) -> Find {
        Find {
            selector: Selector::new(kind, value),
            raw: format!("raw {value}"),
            start: 0,
            end: 1,
            confidence: Confidence::Exact,
            steps,
        }
    }

    const A: (Kind, &str) = (Kind::Phone, "+12025550101");
    const B: (Kind, &str) = (Kind::Phone, "+12025550102");
    const URL: (Kind, &str) = (Kind::Url, "https://example.com/");

    fn labels(expect: &[(Kind, &str)], unjudged: &[Kind]) -> Labels {
        let expect: Vec<_> = expect
            .iter()
            .map(|(kind, value)| json!({"kind": kind, "value": value}))
            .collect();
        serde_json::from_value(
            json!({"family": "f", "split": "s", "expect": expect, "unjudged": unjudged}),
        )
        .unwrap()
    }

    /// What one document counts: right, missed, wrong.
    fn check(
        expect: &[(Kind, &str)],
        unjudged: &[Kind],
        found: &[(Kind, &str)],
        counted: (u64, u64, u64),
    ) {
        let mut score = Score::default();
        let finds: Vec<_> = found.iter().map(|&one| find(one, Vec::new())).collect();
        let verdict = score.count(&labels(expect, unjudged), &finds);
        let Counts {
            documents,
            right,
            missed,
            wrong,
        } = score.all.overall;
        assert_eq!(
            (documents, (right, missed, wrong)),
            (1, counted),
            "{expect:?} {found:?}"
        );
        assert_eq!(
            (verdict.missed.len() as u64, verdict.wrong.len() as u64),
            (missed, wrong)
        );
        assert_eq!(score.all.families["f"], score.all.overall);
        assert_eq!(score.splits["s"], score.all);
    }

    #[test]
    fn a_document_is_judged_by_its_labels() {
        check(&[A], &[], &[A], (1, 0, 0));
        check(&[A], &[], &[], (0, 1, 0));
        check(&[A], &[], &[B], (0, 1, 1));
        check(&[A, B], &[], &[A, B, URL], (2, 0, 1));
        check(&[], &[], &[A], (0, 0, 1));
        check(&[], &[], &[], (0, 0, 0));
        // What stands twice counts once, expected or found.
        check(&[A], &[], &[A, A], (1, 0, 0));
        check(&[A, A], &[], &[A, B, B], (1, 0, 1));
        // What is not judged is not wrong; what is expected is judged all the same.
        check(&[A], &[Kind::Url], &[A, URL], (1, 0, 0));
        check(&[A], &[Kind::Phone], &[B], (0, 1, 0));
        // The same value of another kind is another selector.
        check(
            &[(Kind::Domain, "example.com")],
            &[],
            &[(Kind::Phrase, "example.com")],
            (0, 1, 1),
        );
    }

    #[test]
    fn shares_are_of_what_there_is() {
        let counts = Counts {
            documents: 9,
            right: 6,
            missed: 2,
            wrong: 0,
        };
        assert_eq!(
            (counts.precision(), counts.recall()),
            (Some(1.0), Some(0.75))
        );
        assert_eq!(
            (Counts::default().precision(), Counts::default().recall()),
            (None, None)
        );
        let negatives = Negatives {
            documents: 50,
            wrong: 2,
        };
        assert_eq!(
            (
                negatives.in_a_hundred(),
                Negatives::default().in_a_hundred()
            ),
            (Some(4.0), None)
        );
    }

    #[test]
    fn kinds_and_negatives_are_counted_by_themselves() {
        let mut score = Score::default();
        score.count(
            &labels(&[A, URL], &[]),
            &[find(A, Vec::new()), find(B, Vec::new())],
        );
        score.count(&labels(&[], &[]), &[find(B, Vec::new())]);
        score.count(&labels(&[], &[]), &[]);
        let phones = Counts {
            documents: 2,
            right: 1,
            missed: 0,
            wrong: 2,
        };
        let urls = Counts {
            documents: 1,
            right: 0,
            missed: 1,
            wrong: 0,
        };
        assert_eq!(
            score.all.kinds,
            BTreeMap::from([(Kind::Phone, phones), (Kind::Url, urls)])
        );
        assert_eq!(
            score.all.negatives,
            Negatives {
                documents: 2,
                wrong: 1
            }
        );
        assert_eq!(score.all.overall.documents, 3);
    }

    #[test]
    fn a_false_find_is_told_with_its_text() {
        let verdict = Score::default().count(&labels(&[A], &[]), &[find(B, Vec::new())]);
        assert_eq!(verdict.missed, [Selector::new(A.0, A.1)]);
        assert_eq!(
            verdict.wrong,
            [(Selector::new(B.0, B.1), format!("raw {}", B.1))]
        );
    }

    #[test]
    fn disguise_is_counted_where_it_is_beyond_doubt() {
        let words = || vec![StepKind::NumberWords.into()];
        let expect = json!([
            {"kind": "phone", "value": A.1, "disguised": true},
            {"kind": "phone", "value": B.1, "disguised": false},
            {"kind": "url", "value": URL.1},
        ]);
        let labels: Labels = serde_json::from_value(json!({"expect": expect})).unwrap();
        let mut score = Score::default();
        // The second find of A was disguised, which is what counts.
        score.count(
            &labels,
            &[
                find(A, Vec::new()),
                find(A, words()),
                find(B, words()),
                find(URL, words()),
            ],
        );
        let disguise = Disguise {
            disguised: 1,
            noticed: 1,
            plain: 1,
            suspected: 1,
        };
        assert_eq!(score.all.disguise, disguise);
    }
}
