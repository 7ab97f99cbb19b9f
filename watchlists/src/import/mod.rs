//! A file of entries, row by row: each is ready, a duplicate, or refused with everything that is wrong with it.
//!
//! A table is CSV with a header row; columns are known by their names, in any order, and the delimiter is told from
//! the header. A plain list has one value a line. Both are UTF-8, are read as they come, and never lose a good row to
//! a bad one.

mod cells;
mod columns;
mod lines;

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, hash_map},
    io::{self, BufRead},
};

use sightline_model::{Entry, EntryState, Kind, Problem, Selector};

use crate::{
    draft::{EntryDraft, Terms},
    entry::{make, sketch},
};
pub(crate) use cells::guarded;
use cells::{Cells, unguarded};
use columns::Columns;

/// One row of a file, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowReport {
    /// The line on which the row begins; the first line of the file is 1.
    pub line: u64,
    /// What came of it.
    pub outcome: RowOutcome,
}

/// What came of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowOutcome {
    /// An entry, to be added.
    Ready(Box<Entry>),
    /// The same selector as an earlier row.
    Duplicate {
        /// The line of the row that has it first.
        of: u64,
    },
    /// Not an entry, and why.
    Refused(Vec<Problem>),
}

/// A file that can't be read as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read.
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It holds nothing.
    #[error(
        "the file is empty; give it a header row such as {}, and a row for each entry",
        columns::EXAMPLE
    )]
    Empty,
    /// It is not text in UTF-8.
    #[error("the file is {found}, not CSV; in the spreadsheet, save it as 'CSV UTF-8'")]
    NotCsv {
        /// What it seems to be.
        found: &'static str,
    },
    /// The header names no column of values.
    #[error(
        "line {line}: the header has no column 'value' (it has {found}); name the columns such as {}",
        columns::EXAMPLE
    )]
    NoValueColumn {
        /// The line of the header.
        line: u64,
        /// The columns that it has.
        found: String,
    },
    /// Two columns mean the same.
    #[error(
        "line {line}: the columns '{first}' and '{second}' both mean {meaning}; keep one of them"
    )]
    TwiceTheSame {
        /// The line of the header.
        line: u64,
        /// The one.
        first: String,
        /// The other.
        second: String,
        /// The field that both are read as.
        meaning: &'static str,
    },
}

/// The rows of a file under import. Ends after an error in reading the file.
pub struct Import<'a, R> {
    rows: Cells<R>,
    shape: Shape,
    kind: Option<Kind>,
    terms: Terms<'a>,
    seen: HashMap<Selector, u64>,
    state: EntryState,
}

enum Shape {
    Table(Columns),
    List(Kind),
}

/// Reads a table. Where a row names no kind, `kind` is taken.
pub fn table<R: BufRead>(
    input: R,
    kind: Option<Kind>,
    terms: Terms<'_>,
) -> Result<Import<'_, R>, ImportError> {
    let mut rows = Cells::new(input);
    let columns = Columns::read(&mut rows)?;
    Ok(Import {
        rows,
        shape: Shape::Table(columns),
        kind,
        terms,
        seen: HashMap::new(),
        state: EntryState::Active,
    })
}

/// Reads a plain list: one value of this kind a line. Empty lines, and lines that begin with `# `, are passed over.
pub fn list<R: BufRead>(
    input: R,
    kind: Kind,
    terms: Terms<'_>,
) -> Result<Import<'_, R>, ImportError> {
    Ok(Import {
        rows: Cells::new(input),
        shape: Shape::List(kind),
        kind: Some(kind),
        terms,
        seen: HashMap::new(),
        state: EntryState::Active,
    })
}

impl<R> Import<'_, R> {
    /// Makes drafts of the rows: they are not looked for yet, and may lack a purpose or a legal basis.
    #[must_use]
    pub fn as_drafts(mut self) -> Self {
        self.state = EntryState::Draft;
        self
    }

    /// The columns that were not understood, and are left out.
    pub fn ignored_columns(&self) -> &[String] {
        match &self.shape {
            Shape::Table(columns) => columns.ignored(),
            Shape::List(_) => &[],
        }
    }

    fn outcome(&mut self, line: u64, draft: &EntryDraft) -> RowOutcome {
        let made = match self.state {
            EntryState::Draft => sketch(draft, &self.terms),
            EntryState::Active | EntryState::Withdrawn => make(draft, &self.terms),
        };
        match made {
            Err(problems) => RowOutcome::Refused(problems),
            Ok(entry) => match self.seen.entry(entry.selector.clone()) {
                hash_map::Entry::Occupied(first) => RowOutcome::Duplicate { of: *first.get() },
                hash_map::Entry::Vacant(place) => {
                    place.insert(line);
                    RowOutcome::Ready(Box::new(entry))
                }
            },
        }
    }
}

impl<R: BufRead> Iterator for Import<'_, R> {
    type Item = Result<RowReport, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match &self.shape {
            Shape::Table(columns) => self.rows.row(columns.delimiter()).map(|row| {
                row.map(|row| {
                    let draft = row.cells.and_then(|cells| columns.draft(cells));
                    (row.line, draft)
                })
            }),
            Shape::List(kind) => self.rows.value().map(|row| {
                row.map(|row| {
                    let draft = row.cells.map(|value| EntryDraft {
                        kind: Some(kind.to_string()),
                        value: Some(unguarded(&value).to_owned()),
                        ..EntryDraft::default()
                    });
                    (row.line, draft)
                })
            }),
        };
        let (line, draft) = match row {
            Ok(row) => row?,
            Err(error) => return Some(Err(error.into())),
        };
        let outcome = match draft {
            Err(problem) => RowOutcome::Refused(vec![problem]),
            Ok(mut draft) => {
                if draft
                    .kind
                    .as_deref()
                    .is_none_or(|kind| kind.trim().is_empty())
                {
                    draft.kind = self.kind.map(|kind| kind.to_string());
                }
                self.outcome(line, &draft)
            }
        };
        Some(Ok(RowReport { line, outcome }))
    }
}
