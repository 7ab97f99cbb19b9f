//! Recognising phrases, expressions of phrases, and patterns in a text, in one pass however many there are.
//!
//! One automaton (Aho and Corasick, 1975) looks for every phrase and every phrase of an expression, in the words of the text:
//! marks between them are a space. Another looks in the folded text, marks and all, for texts of which every match of a
//! pattern holds one. Only the expressions and patterns that these lead to are looked at further. Patterns that hold no such
//! text are tried together, 64 in a pass.

mod near;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use sightline_extractors::{FoldedText, fold_text};
use sightline_model::{Kind, StepKind};

use super::marks::{self, words_of};
use crate::{
    pattern::{Pattern, Together},
    phrase::Expression,
    script::is_whole,
};
use near::{Near, Words};

/// Up to so many bytes of phrases, about 2,000 of them, the automaton is made twice as quick at the cost of memory:
/// 8 MiB for phrases in one alphabet, and at most 32. Beyond, the library chooses.
const DFA_LIMIT: usize = 32 * 1024;
/// Patterns are looked for in so many bytes from the beginning of a folded text. No ad is as long.
const PATTERNS_SEE: usize = 128 * 1024;
/// So many places of one phrase of an expression are looked at; a text that is made of it must not take seconds.
const MOST_PLACES: usize = 1_000;

/// What is looked for in texts.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// The canonical values of phrases, sorted, each once.
    phrases: Vec<Box<str>>,
    /// Those of patterns, likewise.
    patterns: Vec<Box<str>>,
    /// None where there is nothing to look for, so that texts are not even folded.
    search: Option<Search>,
}

/// Something that was looked for in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hit<'p> {
    /// Phrase or pattern.
    pub kind: Kind,
    /// The canonical value.
    pub value: &'p str,
    /// Where it begins in the original text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How it was recognised, where that is more than that it stands there.
    pub step: Option<StepKind>,
    /// True where it stands there as it was folded.
    pub is_verbatim: bool,
}

#[derive(Debug)]
struct Search {
    /// What finds phrases, and those of expressions; none where there are none.
    phrases: Option<AhoCorasick>,
    /// What each of its words is good for.
    roles: Vec<Roles>,
    expressions: Vec<Near>,
    /// What finds what patterns hold; none where every pattern is of those that are tried together.
    needles: Option<AhoCorasick>,
    /// The patterns that can match where each of these stands.
    hints: Vec<Vec<usize>>,
    compiled: Vec<Arc<Pattern>>,
    together: Together,
}

/// What follows from a word of the phrases.
#[derive(Debug, Default)]
struct Roles {
    /// It is these phrases, by their places: several may differ in nothing but the marks between their words.
    phrases: Vec<usize>,
    /// It is a phrase of expressions.
    in_expressions: bool,
    /// These expressions can only match where it stands.
    leads_to: Vec<usize>,
}

impl Texts {
    /// Looks for these canonical values, each kind sorted and each once. Patterns that `before` has compiled are taken
    /// over.
    pub fn of(
        phrases: Vec<Box<str>>,
        patterns: Vec<Box<str>>,
        before: &Self,
    ) -> Result<Self, BuildError> {
        let search = match phrases.is_empty() && patterns.is_empty() {
            true => None,
            false => Some(Search::of(&phrases, &patterns, before)?),
        };
        Ok(Self {
            phrases,
            patterns,
            search,
        })
    }

    /// True where these are the values that are looked for.
    pub fn are(&self, phrases: &[Box<str>], patterns: &[Box<str>]) -> bool {
        self.phrases == phrases && self.patterns == patterns
    }

    /// True where all patterns that both have are the same compiled ones.
    #[cfg(test)]
    pub fn shares_patterns_with(&self, other: &Self) -> bool {
        let compiled = |texts: &Self| {
            let all = texts
                .search
                .iter()
                .flat_map(|search| search.compiled.clone());
            all.collect::<Vec<_>>()
        };
        let (ours, theirs) = (compiled(self), compiled(other));
        ours.iter().all(|one| {
            let mut same = theirs.iter().filter(|other| other.value == one.value);
            same.all(|other| Arc::ptr_eq(one, other))
        })
    }

    /// Calls `found` for each phrase in the text that is made of whole words, in the order of their ends; then for each
    /// expression and each pattern that the text fits, once.
    pub fn find<'p>(&'p self, text: &str, mut found: impl FnMut(Hit<'p>)) {
        let Some(search) = &self.search else {
            return;
        };
        let folded = fold_text(text);
        let folded = match &search.phrases {
            Some(automaton) => search.phrases_in(automaton, folded, |place, words, span, step| {
                let (start, end) = words.origin(span.0, span.1);
                let value: &str = &self.phrases[place];
                let original = text.get(start..end);
                found(Hit {
                    kind: Kind::Phrase,
                    value,
                    start,
                    end,
                    step,
                    is_verbatim: original == words.text.get(span.0..span.1)
                        || original == Some(value),
                });
            }),
            None => folded,
        };
        let mut patterns = BTreeSet::<usize>::new();
        let needles = search.needles.iter();
        for needle in needles.flat_map(|needles| needles.find_overlapping_iter(&folded.text)) {
            patterns.extend(&search.hints[needle.pattern().as_usize()]);
        }
        let seen = start_of(&folded.text);
        patterns.extend(search.together.fitting(seen));
        for place in patterns {
            let pattern = &search.compiled[place];
            if let Some(fits) = pattern.regex.find(seen) {
                let (start, end) = folded.origin(fits.start(), fits.end());
                found(Hit {
                    kind: Kind::Pattern,
                    value: self.value_of(&pattern.value),
                    start,
                    end,
                    step: Some(StepKind::Pattern),
                    is_verbatim: text.get(start..end) == folded.text.get(fits.range()),
                });
            }
        }
    }

    fn value_of<'p>(&'p self, value: &str) -> &'p str {
        let place = self.patterns.binary_search_by(|known| (**known).cmp(value));
        place.map_or("", |place| &self.patterns[place])
    }
}

impl Search {
    fn of(phrases: &[Box<str>], patterns: &[Box<str>], before: &Texts) -> Result<Self, BuildError> {
        let mut words = Lexicon::<Roles>::default();
        let mut expressions = Vec::new();
        for (place, value) in phrases.iter().enumerate() {
            match expression(value) {
                Some(expression) => {
                    let near = Near::of(place, &expression, |term| words.place(term));
                    words.lead(&near, expressions.len());
                    expressions.push(near);
                }
                // Folded as the text is: whatever the canonical form, both sides meet here.
                None => words.of(&words_of(value)).phrases.push(place),
            }
        }
        let known: HashMap<&str, &Arc<Pattern>> = before
            .search
            .iter()
            .flat_map(|search| &search.compiled)
            .map(|pattern| (&*pattern.value, pattern))
            .collect();
        let compiled: Vec<Arc<Pattern>> = patterns
            .iter()
            .filter_map(|value| match known.get(&**value) {
                Some(pattern) => Some(Arc::clone(pattern)),
                // Refused only where an earlier version took it: then it fits nothing.
                None => Pattern::compile(value).ok().map(Arc::new),
            })
            .collect();
        let (mut held, mut alone) = (Lexicon::<Vec<usize>>::default(), Vec::new());
        for (place, pattern) in compiled.iter().enumerate() {
            match &pattern.needles {
                Some(needles) => {
                    for needle in needles {
                        held.of(needle).push(place);
                    }
                }
                None => alone.push((place, &*pattern.value)),
            }
        }
        Ok(Self {
            together: Together::of(&alone),
            phrases: words.automaton()?,
            roles: words.uses,
            expressions,
            needles: held.automaton()?,
            hints: held.uses,
            compiled,
        })
    }

    /// Calls `found` with the place of each phrase, where it stands in the words of the text, and how it was recognised.
    /// Returns the folded text that they were looked for in.
    fn phrases_in(
        &self,
        automaton: &AhoCorasick,
        folded: FoldedText,
        mut found: impl FnMut(usize, &marks::Words, (usize, usize), Option<StepKind>),
    ) -> FoldedText {
        let words = marks::Words::of(folded);
        let mut places = BTreeMap::<usize, Vec<(usize, usize)>>::new();
        let mut expressions = BTreeSet::<usize>::new();
        for hit in automaton.find_overlapping_iter(&words.text) {
            if hit.is_empty() || !is_whole(&words.text, hit.start(), hit.end()) {
                continue;
            }
            let word = hit.pattern().as_usize();
            let (roles, span) = (&self.roles[word], (hit.start(), hit.end()));
            for &phrase in &roles.phrases {
                found(phrase, &words, span, None);
            }
            if roles.in_expressions {
                let places = places.entry(word).or_default();
                if places.len() < MOST_PLACES {
                    places.push(span);
                }
                expressions.extend(&roles.leads_to);
            }
        }
        let counted = Words::of(&words.text);
        for place in expressions {
            let expression = &self.expressions[place];
            if let Some(span) = expression.find(&places, &counted) {
                let step = expression.is_several().then_some(StepKind::Together);
                found(expression.value, &words, span, step);
            }
        }
        words.into_folded()
    }
}

/// The words of an automaton in the making, each once, with what it is good for.
#[derive(Debug, Default)]
struct Lexicon<U> {
    places: HashMap<String, usize>,
    uses: Vec<U>,
}

impl<U: Default> Lexicon<U> {
    fn place(&mut self, folded: &str) -> usize {
        if let Some(&place) = self.places.get(folded) {
            return place;
        }
        let place = self.uses.len();
        self.places.insert(folded.to_owned(), place);
        self.uses.push(U::default());
        place
    }

    fn of(&mut self, folded: &str) -> &mut U {
        let place = self.place(folded);
        &mut self.uses[place]
    }

    fn automaton(&self) -> Result<Option<AhoCorasick>, BuildError> {
        let mut words = vec![""; self.uses.len()];
        for (word, &place) in &self.places {
            words[place] = word;
        }
        if words.is_empty() {
            return Ok(None);
        }
        let length: usize = words.iter().map(|word| word.len()).sum();
        AhoCorasick::builder()
            .kind((length <= DFA_LIMIT).then_some(AhoCorasickKind::DFA))
            .build(words)
            .map(Some)
    }
}

impl Lexicon<Roles> {
    /// The places of all its phrases are needed; the first leads to it.
    fn lead(&mut self, near: &Near, place: usize) {
        for word in near.words() {
            self.uses[word].in_expressions = true;
        }
        self.uses[near.first()].leads_to.push(place);
    }
}

/// The expression in a canonical value; none where that is plain words.
fn expression(value: &str) -> Option<Expression> {
    value
        .starts_with('"')
        .then(|| Expression::read(value).ok())
        .flatten()
}

/// As much of a folded text as patterns see.
fn start_of(text: &str) -> &str {
    let mut end = text.len().min(PATTERNS_SEE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
