//! Recognising phrases, expressions of phrases, and patterns in a text, in one pass however many there are.
//!
//! One automaton (Aho and Corasick, 1975) looks for every phrase, every phrase of an expression, and for texts of which
//! every match of a pattern holds one. Only the expressions and patterns that this pass leads to are looked at further.
//! Patterns that hold no such text are tried together, 64 in a pass.

mod near;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use sightline_model::{Kind, StepKind};

use super::fold::{Folded, fold};
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
    /// None where every pattern is of those that are tried together.
    automaton: Option<AhoCorasick>,
    /// What each of the automaton's words is good for.
    roles: Vec<Roles>,
    expressions: Vec<Near>,
    compiled: Vec<Arc<Pattern>>,
    together: Together,
}

/// What follows from a word of the automaton.
#[derive(Debug, Default)]
struct Roles {
    /// It is this phrase, by its place.
    phrase: Option<usize>,
    /// It is a phrase of expressions.
    in_expressions: bool,
    /// These expressions can only match where it stands.
    leads_to: Vec<usize>,
    /// These patterns can match where it stands.
    hints_at: Vec<usize>,
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
        let folded = fold(text);
        let mut found = |kind, value, (start, end), step| {
            found(hit(kind, value, text, &folded, (start, end), step));
        };
        let mut places = BTreeMap::<usize, Vec<(usize, usize)>>::new();
        let (mut expressions, mut patterns) = (BTreeSet::<usize>::new(), BTreeSet::<usize>::new());
        let words = search.automaton.iter();
        for hit in words.flat_map(|automaton| automaton.find_overlapping_iter(&folded.text)) {
            let word = hit.pattern().as_usize();
            let roles = &search.roles[word];
            patterns.extend(&roles.hints_at);
            if roles.phrase.is_none() && !roles.in_expressions
                || hit.is_empty()
                || !is_whole(&folded.text, hit.start(), hit.end())
            {
                continue;
            }
            let span = (hit.start(), hit.end());
            if let Some(phrase) = roles.phrase {
                found(Kind::Phrase, &self.phrases[phrase], span, None);
            }
            if roles.in_expressions {
                let places = places.entry(word).or_default();
                if places.len() < MOST_PLACES {
                    places.push(span);
                }
                expressions.extend(&roles.leads_to);
            }
        }
        let words = Words::of(&folded.text);
        for place in expressions {
            let expression = &search.expressions[place];
            if let Some(span) = expression.find(&places, &words) {
                let step = expression.is_several().then_some(StepKind::Together);
                found(Kind::Phrase, &self.phrases[expression.value], span, step);
            }
        }
        let seen = start_of(&folded.text);
        patterns.extend(search.together.fitting(seen));
        for place in patterns {
            let pattern = &search.compiled[place];
            if let Some(fits) = pattern.regex.find(seen) {
                let span = (fits.start(), fits.end());
                let value = self.value_of(&pattern.value);
                found(Kind::Pattern, value, span, Some(StepKind::Pattern));
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
        let mut words = Lexicon::default();
        let mut expressions = Vec::new();
        for (place, value) in phrases.iter().enumerate() {
            match expression(value) {
                Some(expression) => {
                    let near = Near::of(place, &expression, |term| words.word(term));
                    words.lead(&near, expressions.len());
                    expressions.push(near);
                }
                // Folded as the text is: whatever the canonical form, both sides meet here.
                None => words.roles_of(&fold(value).text).phrase = Some(place),
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
        let mut alone = Vec::new();
        for (place, pattern) in compiled.iter().enumerate() {
            match &pattern.needles {
                Some(needles) => {
                    for needle in needles {
                        words.roles_of(needle).hints_at.push(place);
                    }
                }
                None => alone.push((place, &*pattern.value)),
            }
        }
        Ok(Self {
            together: Together::of(&alone),
            automaton: words.automaton()?,
            roles: words.roles,
            expressions,
            compiled,
        })
    }
}

/// The words of the automaton in the making, each once.
#[derive(Debug, Default)]
struct Lexicon {
    places: HashMap<String, usize>,
    roles: Vec<Roles>,
}

impl Lexicon {
    fn word(&mut self, folded: &str) -> usize {
        if let Some(&place) = self.places.get(folded) {
            return place;
        }
        let place = self.roles.len();
        self.places.insert(folded.to_owned(), place);
        self.roles.push(Roles::default());
        place
    }

    fn roles_of(&mut self, folded: &str) -> &mut Roles {
        let place = self.word(folded);
        &mut self.roles[place]
    }

    /// The places of all its phrases are needed; the first leads to it.
    fn lead(&mut self, near: &Near, place: usize) {
        for word in near.words() {
            self.roles[word].in_expressions = true;
        }
        self.roles[near.first()].leads_to.push(place);
    }

    fn automaton(&self) -> Result<Option<AhoCorasick>, BuildError> {
        let mut words = vec![""; self.roles.len()];
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

/// The expression in a canonical value; none where that is plain words.
fn expression(value: &str) -> Option<Expression> {
    value
        .starts_with('"')
        .then(|| Expression::read(value).ok())
        .flatten()
}

fn hit<'p>(
    kind: Kind,
    value: &'p str,
    text: &str,
    folded: &Folded,
    (from, to): (usize, usize),
    step: Option<StepKind>,
) -> Hit<'p> {
    let (start, end) = folded.origin(from, to);
    Hit {
        kind,
        value,
        start,
        end,
        step,
        is_verbatim: text.get(start..end) == folded.text.get(from..to),
    }
}

/// As much of a folded text as patterns see.
fn start_of(text: &str) -> &str {
    let mut end = text.len().min(PATTERNS_SEE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
