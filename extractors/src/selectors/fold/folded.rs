//! A folded text: what is searched, the way back to the text as it stood, and the steps that were taken.

use std::borrow::Cow;

use sightline_model::StepKind;

/// A folded text, and the way back to the text as it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folded<'t> {
    /// What is searched.
    pub text: Cow<'t, str>,
    /// For each byte of the folded text, the span of the original that it came from. Empty where nothing was folded.
    origins: Vec<(u32, u32)>,
    /// What was changed where, in the order of the folded text.
    marks: Vec<Mark>,
}

/// A step that was taken at a place of the folded text; at one between two characters where something was left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mark {
    start: u32,
    end: u32,
    step: StepKind,
}

/// A part of a text that is to be written otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::selectors) struct Edit {
    pub start: usize,
    pub end: usize,
    pub to: Cow<'static, str>,
    pub step: StepKind,
}

impl<'t> Folded<'t> {
    pub(super) fn as_written(text: &'t str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            origins: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// The span of the original that `start..end` of the folded text came from, in bytes.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        if self.origins.is_empty() || start >= end {
            return (start, end);
        }
        let spans = &self.origins[start..end];
        let first = spans.iter().map(|span| span.0).min();
        let last = spans.iter().map(|span| span.1).max();
        let at = |place: Option<u32>| place.unwrap_or_default() as usize;
        (at(first), at(last))
    }

    /// The steps that were taken within `start..end` of the folded text, each once, in the order of the vocabulary.
    pub(in crate::selectors) fn steps(&self, start: usize, end: usize) -> Vec<StepKind> {
        let first = self
            .marks
            .partition_point(|mark| (mark.end as usize) <= start);
        let mut steps: Vec<_> = self.marks[first..]
            .iter()
            .take_while(|mark| (mark.start as usize) < end)
            .map(|mark| mark.step)
            .collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// True where the folded text is the original.
    pub(in crate::selectors) fn is_as_written(&self) -> bool {
        self.origins.is_empty()
    }

    pub(in crate::selectors) fn with_capacity(bytes: usize) -> Self {
        Self {
            text: Cow::Owned(String::with_capacity(bytes)),
            origins: Vec::with_capacity(bytes),
            marks: Vec::new(),
        }
    }

    pub(in crate::selectors) fn push(&mut self, letter: char, (start, end): (usize, usize)) {
        let text = self.text.to_mut();
        text.push(letter);
        self.origins.resize(text.len(), (start as u32, end as u32));
    }

    /// Writes what a part of the original was folded to, and marks it.
    pub(super) fn write(&mut self, to: &str, span: (usize, usize), step: Option<StepKind>) {
        let start = self.text.len();
        for letter in to.chars() {
            self.push(letter, span);
        }
        if let Some(step) = step {
            self.mark(start, self.text.len(), step);
        }
    }

    pub(super) fn mark(&mut self, start: usize, end: usize, step: StepKind) {
        let (start, end) = (start as u32, end as u32);
        match self.marks.last_mut() {
            // Runs of changed characters are one mark.
            Some(last) if last.step == step && last.end >= start => last.end = end.max(last.end),
            _ => self.marks.push(Mark { start, end, step }),
        }
    }

    /// Puts the marks into the order of the text.
    pub(super) fn sort_marks(&mut self) {
        self.marks.sort_by_key(|mark| (mark.end, mark.start));
    }

    /// This text with what it was folded to once more: the way back leads through both.
    pub(super) fn refolded(&self, mut next: Folded<'_>) -> Folded<'static> {
        let carried = self.marks.iter().map(|mark| Mark {
            start: next.origins.partition_point(|span| span.1 <= mark.start) as u32,
            end: next.origins.partition_point(|span| span.0 < mark.end) as u32,
            step: mark.step,
        });
        next.marks.extend(carried);
        next.sort_marks();
        for span in &mut next.origins {
            let (start, end) = self.origin(span.0 as usize, span.1 as usize);
            *span = (start as u32, end as u32);
        }
        Folded {
            text: Cow::Owned(next.text.into_owned()),
            origins: next.origins,
            marks: next.marks,
        }
    }

    /// This text with some parts written otherwise. Edits are in order and apart from each other.
    pub(in crate::selectors) fn edited(&self, edits: &[Edit]) -> Folded<'static> {
        let mut out = Folded::with_capacity(self.text.len());
        let mut at = 0;
        let mut marks = self.marks.iter().copied().peekable();
        // Older marks move with their text. A mark that an edit swallows shrinks to where the edit is.
        let mut carry = |out: &mut Folded<'_>, from: usize, to: usize, base: usize| {
            while let Some(mark) = marks.next_if(|mark| (mark.start as usize) < to) {
                let start = base + (mark.start as usize).saturating_sub(from).min(to - from);
                let end = base + (mark.end as usize).saturating_sub(from).min(to - from);
                out.mark(start, end, mark.step);
            }
        };
        for edit in edits {
            let base = out.text.len();
            self.keep(&mut out, at, edit.start);
            carry(&mut out, at, edit.start, base);
            let base = out.text.len();
            let span = self.origin(edit.start, edit.end);
            out.write(&edit.to, span, Some(edit.step));
            carry(&mut out, edit.start, edit.end, base);
            at = edit.end;
        }
        let base = out.text.len();
        self.keep(&mut out, at, self.text.len());
        carry(&mut out, at, self.text.len(), base);
        out.sort_marks();
        out
    }

    fn keep(&self, out: &mut Folded<'_>, start: usize, end: usize) {
        if self.text[start..end].is_ascii() {
            out.text.to_mut().push_str(&self.text[start..end]);
            out.origins.extend((start..end).map(|at| {
                let (from, to) = self.origin(at, at + 1);
                (from as u32, to as u32)
            }));
            return;
        }
        for (offset, letter) in self.text[start..end].char_indices() {
            let at = start + offset;
            out.push(letter, self.origin(at, at + letter.len_utf8()));
        }
    }
}
