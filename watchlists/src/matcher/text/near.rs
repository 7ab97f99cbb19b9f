//! Phrases near each other, and not as part of others: an expression against the places where its phrases stand.

use std::{cell::OnceCell, collections::BTreeMap};

use crate::{matcher::marks::words_of, phrase::Expression, script};

/// Where a phrase stands in the folded text, in bytes.
type Place = (usize, usize);

/// An expression over the words of the automaton.
#[derive(Debug)]
pub(super) struct Near {
    /// The phrase that is looked for, by its place among all.
    pub value: usize,
    terms: Vec<usize>,
    between: Vec<u32>,
    not: Vec<usize>,
    without: Vec<usize>,
    /// So many ways of having reached a place are kept. One is enough but where a phrase is a part of another: then what
    /// stands for one may be wanted for the other.
    kept: usize,
}

impl Near {
    /// Of an expression, whose phrases `word` gives their places in the automaton.
    pub fn of(value: usize, expression: &Expression, mut word: impl FnMut(&str) -> usize) -> Self {
        let terms: Vec<String> = expression.terms.iter().map(|term| words_of(term)).collect();
        let is_part = |(nth, term): (usize, &String)| {
            let others = terms.iter().enumerate().filter(|(other, _)| *other != nth);
            others
                .into_iter()
                .any(|(_, other)| other.contains(term.as_str()))
        };
        let kept = match terms.iter().enumerate().any(is_part) {
            true => terms.len(),
            false => 1,
        };
        let mut words = |phrases: &[String]| -> Vec<usize> {
            phrases
                .iter()
                .map(|phrase| word(&words_of(phrase)))
                .collect()
        };
        Self {
            value,
            terms: words(&expression.terms),
            between: expression.between.clone(),
            not: words(&expression.not),
            without: words(&expression.without),
            kept,
        }
    }

    /// All words of the automaton that it depends on.
    pub fn words(&self) -> impl Iterator<Item = usize> {
        self.terms
            .iter()
            .chain(&self.not)
            .chain(&self.without)
            .copied()
    }

    /// The word without which it can't match.
    pub fn first(&self) -> usize {
        self.terms.first().copied().unwrap_or(0)
    }

    /// True where several phrases must stand together.
    pub fn is_several(&self) -> bool {
        self.terms.len() > 1
    }

    /// From the first to the last of the phrases, where they stand as is asked; the first such place in the text.
    pub fn find(&self, places: &BTreeMap<usize, Vec<Place>>, words: &Words<'_>) -> Option<Place> {
        let all = |word: &usize| places.get(word).map_or(&[][..], Vec::as_slice);
        if self.without.iter().any(|word| !all(word).is_empty()) {
            return None;
        }
        let covers: Vec<Place> = self.not.iter().flat_map(all).copied().collect();
        let is_covered = |&&(start, end): &&Place| {
            covers
                .iter()
                .any(|cover| cover.0 <= start && end <= cover.1)
        };
        let mut reached: Vec<Reached> = Vec::new();
        for (nth, term) in self.terms.iter().enumerate() {
            let standing = all(term).iter().filter(|place| !is_covered(place));
            reached = match nth.checked_sub(1) {
                None => standing.map(|&place| Reached::at(place)).collect(),
                Some(before) => {
                    let most = self.between.get(before).copied().unwrap_or(0);
                    standing
                        .flat_map(|&place| self.reaching(&reached, place, most, words))
                        .collect()
                }
            };
            if reached.is_empty() {
                return None;
            }
        }
        reached.into_iter().map(|one| one.span).min()
    }

    /// The nearest of what is reached to a place, on either side, where at most so many words stand between, and on to there.
    /// No phrase is met by what stands for another already. Places of one phrase are all of one length, so their order is
    /// that of their beginnings and of their ends.
    fn reaching(
        &self,
        reached: &[Reached],
        place: Place,
        most: u32,
        words: &Words<'_>,
    ) -> Vec<Reached> {
        let between = |one: &Reached| words.between(one.last, place);
        let is_near = |one: &&Reached| between(one) <= most as usize;
        let is_apart = |one: &&Reached| !one.places.iter().any(|&other| is_within(other, place));
        let (before, behind) =
            reached.split_at(reached.partition_point(|one| one.last.0 < place.0));
        let before = before.iter().rev().take_while(is_near);
        let behind = behind.iter().take_while(is_near);
        let mut nearest: Vec<&Reached> = before.filter(is_apart).take(self.kept).collect();
        nearest.extend(behind.filter(is_apart).take(self.kept));
        nearest.sort_by_key(|one| between(one));
        nearest.truncate(self.kept);
        nearest.into_iter().map(|one| one.on_to(place)).collect()
    }
}

/// What is reached so far: where each phrase stands, the last one, and from where to where all of them do.
struct Reached {
    places: Vec<Place>,
    last: Place,
    span: Place,
}

impl Reached {
    fn at(place: Place) -> Self {
        Self {
            places: vec![place],
            last: place,
            span: place,
        }
    }

    fn on_to(&self, place: Place) -> Self {
        let mut places = self.places.clone();
        places.push(place);
        Self {
            places,
            last: place,
            span: (self.span.0.min(place.0), self.span.1.max(place.1)),
        }
    }
}

/// True where one of two places lies within the other: then one phrase stands there, and not two.
fn is_within(one: Place, other: Place) -> bool {
    let holds = |outer: Place, inner: Place| outer.0 <= inner.0 && inner.1 <= outer.1;
    holds(one, other) || holds(other, one)
}

/// The words of a folded text, counted where somebody asks. In scripts that set no spaces between words, each character
/// counts as one.
pub(super) struct Words<'t> {
    text: &'t str,
    starts: OnceCell<Vec<usize>>,
}

impl<'t> Words<'t> {
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            starts: OnceCell::new(),
        }
    }

    /// How many words begin between two places; none where they touch or overlap.
    fn between(&self, one: Place, other: Place) -> usize {
        let (first, second) = if one.0 <= other.0 {
            (one, other)
        } else {
            (other, one)
        };
        let starts = self.starts.get_or_init(|| starts(self.text));
        let at = |end: usize| starts.partition_point(|&start| start < end);
        at(second.0).saturating_sub(at(first.1))
    }
}

fn starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut is_inside = false;
    for (at, letter) in text.char_indices() {
        let is_word = script::is_word(letter);
        if is_word && (!is_inside || script::is_unspaced(letter)) {
            starts.push(at);
        }
        is_inside = is_word;
    }
    starts
}
