//! Sources: the texts that settings come from, and how a place in one is shown without showing a secret.

use std::ops::Range;

use crate::{
    located::{Place, Snippet},
    secret,
};

/// One text that settings come from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The file's path as people know it, or the variable's name.
    pub name: String,
    pub origin: Origin,
    text: String,
    /// What must never be shown, in bytes of the text.
    secrets: Vec<Range<usize>>,
}

/// Where a text comes from. Ordered by how much it overrules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    /// Shipped inside the program: nobody can be asked to edit it.
    Embedded,
    File,
    Variable,
}

/// A stretch of one source's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    /// Which source, by its position in the list of layers.
    pub source: usize,
    pub bytes: Range<usize>,
}

impl Source {
    pub fn new(origin: Origin, name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            name: name.into(),
            origin,
            secrets: secret::ranges_in_text(&text),
            text,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Marks a stretch as never to be shown.
    pub fn conceal(&mut self, bytes: Range<usize>) {
        self.secrets.push(bytes);
    }

    /// The place of a stretch, and the line that it begins on as it may be shown. A variable has neither line nor
    /// snippet: what stands in the environment may be private.
    pub fn show(&self, bytes: &Range<usize>) -> (Place, Option<Snippet>) {
        if self.origin == Origin::Variable {
            let variable = self.name.clone();
            return (Place::Variable { variable }, None);
        }
        let start = self.floor(bytes.start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = self.text[line_start..start].chars().count() + 1;
        let line_end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |newline| start + newline);
        let end = self.floor(bytes.end).clamp(start, line_end);
        let file = self.name.clone();
        let snippet = self.snippet(line_start..line_end, start..end);
        (Place::Line { file, line, column }, Some(snippet))
    }

    /// A line as it may be shown, with a caret under `marked`. A secret becomes three stars, however long it is.
    fn snippet(&self, line: Range<usize>, marked: Range<usize>) -> Snippet {
        let mut snippet = Snippet {
            line: String::new(),
            indent: 0,
            width: 0,
        };
        let mut in_secret = false;
        for (at, letter) in self.text[line.clone()].char_indices() {
            let at = line.start + at;
            let is_secret = self.secrets.iter().any(|range| range.contains(&at));
            let shown = match letter {
                _ if is_secret && in_secret => "",
                _ if is_secret => "***",
                _ if letter.is_control() => " ",
                _ => &self.text[at..at + letter.len_utf8()],
            };
            in_secret = is_secret;
            snippet.line.push_str(shown);
            let columns = shown.chars().count();
            if at < marked.start {
                snippet.indent += columns;
            } else if at < marked.end {
                snippet.width += columns;
            }
        }
        snippet.line.truncate(snippet.line.trim_end().len());
        // Of blanks at the end nothing is shown: what is wrong there is wrong behind the last letter.
        snippet.indent = snippet.indent.min(snippet.line.chars().count());
        snippet.width = snippet.width.max(1);
        snippet.cut()
    }

    /// The nearest character boundary at or before a byte: parsers may point past the end or into a character.
    fn floor(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}
