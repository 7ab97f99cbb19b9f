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
}

impl Near {
    /// Of an expression, whose phrases `word` gives their places in the automaton.
    pub fn of(value: usize, expression: &Expression, mut word: impl FnMut(&str) -> usize) -> Self {
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
        // What is reached so far: where the last phrase stands, and from where to where all of them do.
        let mut reached: Vec<(Place, Place)> = Vec::new();
        for (nth, term) in self.terms.iter().enumerate() {
            let standing = all(term).iter().filter(|place| !is_covered(place));
            reached = match nth.checked_sub(1) {
                None => standing.map(|&place| (place, place)).collect(),
                Some(before) => {
                    let most = self.between.get(before).copied().unwrap_or(0);
                    standing
                        .filter_map(|&place| {
                            let (_, span) = nearest(&reached, place, most, words)?;
                            Some((place, (span.0.min(place.0), span.1.max(place.1))))
                        })
                        .collect()
                }
            };
            if reached.is_empty() {
                return None;
            }
        }
        reached.into_iter().map(|(_, span)| span).min()
    }
}

/// The nearest of what is reached to a place, on either side, where at most so many words stand between. Places of one
/// phrase are all of one length, so their order is that of their beginnings and of their ends.
fn nearest(
    reached: &[(Place, Place)],
    place: Place,
    most: u32,
    words: &Words<'_>,
) -> Option<(Place, Place)> {
    let after = reached.partition_point(|((start, _), _)| *start < place.0);
    let sides = [after.checked_sub(1), Some(after)];
    sides
        .into_iter()
        .flatten()
        .filter_map(|at| reached.get(at).copied())
        .map(|one| (words.between(one.0, place), one))
        .filter(|(between, _)| *between <= most as usize)
        .min_by_key(|(between, _)| *between)
        .map(|(_, one)| one)
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
