//! A file of entries, row by row: each is ready, a duplicate, or refused with everything that is wrong with it.
//!
//! Every format is read into the same rows: a draft, and where it stands. What follows is the same for all: the draft
//! is read as any other, an identifier that was there before is a duplicate, and a bad row never loses a good one.

mod bare;
mod cells;
mod columns;
mod days;
mod ended;
mod error;
mod format;
mod json;
mod lines;
pub(crate) mod misp;
mod plain;
mod refused;
mod row;
pub(crate) mod stix;
mod table;
mod text;
mod words;
mod xlsx;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, hash_map};

use sightline_model::{Entry, EntryState, Kind, Problem, Selector, Timestamp};

use crate::{
    dates::{DAY, Written},
    draft::{EntryDraft, Terms},
    entry::{Given, make, sketch},
};
pub(crate) use cells::{guarded, unguarded};
pub use columns::{ColumnRule, PLACE, REASON};
pub use ended::{Ended, Ending};
pub use error::ImportError;
pub use format::Format;
pub use refused::refused;
pub use row::Place;
use row::Row;
pub use words::Field;

/// The largest file that is read, in bytes.
pub const LARGEST: usize = 256 * 1024 * 1024;

/// How a file is to be read. What is left out is told from the file.
#[derive(Clone, Debug, Default)]
pub struct Options<'o> {
    /// The format.
    pub format: Option<Format>,
    /// The kind of rows that name none.
    pub kind: Option<Kind>,
    /// What is made of every row, whatever the file says of it: entries that are looked for, or drafts.
    pub state: Option<EntryState>,
    /// What single columns mean.
    pub columns: Vec<ColumnRule>,
    /// Whether the first row names the columns.
    pub header: Header,
    /// The encoding of text, by a label of the WHATWG standard: `windows-1252`.
    pub encoding: Option<&'o str>,
    /// The sheet of a workbook.
    pub sheet: Option<&'o str>,
    /// Rows at most.
    pub most: Option<usize>,
}

/// Whether the first row of a table names its columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Header {
    /// It does where a column in it is known.
    #[default]
    Recognised,
    /// It does.
    Present,
    /// It is a row like the others.
    Absent,
}

/// One row of a file, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowReport {
    /// Where it stands.
    pub place: Place,
    /// What came of it.
    pub outcome: RowOutcome,
    /// What it says, apart from the identifier.
    pub given: Given,
    /// How it was read, where that is not what was written, in sentences.
    pub told: Vec<String>,
    /// That its author has ended what it says, and of what.
    pub ended: Option<Ended>,
    /// Its cells, under [`Import::columns`], where it is a pattern that is an entry: there may yet be no room for it.
    pub cells: Option<Vec<String>>,
}

/// What came of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowOutcome {
    /// An entry, to be added.
    Ready(Box<Entry>),
    /// The same selector as an earlier row.
    Duplicate {
        /// The row that has it first.
        of: Place,
        /// What this one says of it.
        entry: Box<Entry>,
    },
    /// Not an entry.
    Refused {
        /// Why.
        problems: Vec<Problem>,
        /// Its cells, under [`Import::columns`].
        cells: Vec<String>,
    },
    /// Nothing: its author deleted it, or it only tells that nobody is asked to look for it.
    Deleted,
}

/// The rows of a file under import. Ends after an error in reading the file.
pub struct Import<'a> {
    source: Source<'a>,
    kind: Option<Kind>,
    terms: Terms<'a>,
    seen: HashMap<Selector, Place>,
    state: Option<EntryState>,
}

/// What a format's reader gives.
struct Source<'a> {
    /// What its cells are called.
    columns: Vec<String>,
    /// The columns that were not understood.
    ignored: Vec<String>,
    /// What else the analyst should know, in sentences.
    notes: Vec<String>,
    rows: Box<dyn Iterator<Item = Result<Row, ImportError>> + 'a>,
}

/// Opens a file for import. `name` is its name, for what its content does not tell.
pub fn read<'a>(
    bytes: &'a [u8],
    name: &str,
    options: &Options<'_>,
    terms: Terms<'a>,
) -> Result<Import<'a>, ImportError> {
    if bytes.len() > LARGEST {
        return Err(ImportError::TooLarge {
            most: LARGEST / (1024 * 1024),
        });
    }
    let format = options
        .format
        .unwrap_or_else(|| Format::recognise(name, bytes, options.kind.is_some()));
    let source = match format {
        Format::Csv | Format::Plain => {
            table::reject_other_formats(bytes)?;
            let (text, encoding) = text::decoded(bytes, options.encoding)?;
            let mut source = match format {
                Format::Plain => plain::open(text, options.kind.ok_or(ImportError::NoKind)?),
                _ => table::open(text, options, &terms)?,
            };
            if let Some(encoding) = encoding {
                source.notes.insert(
                    0,
                    format!("The file is not UTF-8; it was read as {encoding}. Look at the names; if they are wrong, say which encoding it is in."),
                );
            }
            source
        }
        Format::Xlsx => xlsx::open(bytes, options, &terms)?,
        Format::Stix => stix::open(bytes, terms.now)?,
        Format::Misp => misp::open(bytes, terms.now)?,
    };
    Ok(Import {
        source,
        kind: options.kind,
        terms,
        seen: HashMap::new(),
        state: options.state,
    })
}

impl Import<'_> {
    /// What the cells of refused rows are called.
    pub fn columns(&self) -> &[String] {
        &self.source.columns
    }

    /// The columns that were not understood, and are left out.
    pub fn ignored_columns(&self) -> &[String] {
        &self.source.ignored
    }

    /// What else the analyst should know of how the file was read, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.source.notes
    }

    fn report(&mut self, mut row: Row) -> RowReport {
        if row
            .draft
            .kind
            .as_deref()
            .is_none_or(|kind| kind.trim().is_empty())
        {
            row.draft.kind = self.kind.map(|kind| kind.to_string());
        }
        for field in [Field::Category, Field::Severity] {
            let place = field.place(&mut row.draft).and_then(Option::as_mut);
            if let Some(written) = place
                && let Some(member) = words::member(field, written)
            {
                *written = member.to_owned();
            }
        }
        let ended = self.ended(&mut row);
        let is_deleted = row.is_passed
            || ended
                .as_ref()
                .is_some_and(|(ending, _)| *ending == Ending::Deleted);
        let ended = ended.and_then(|(_, ended)| ended);
        let made = match row.problem.take() {
            Some(problem) => Err(vec![problem]),
            None => without_doubts(self.made(&row), std::mem::take(&mut row.doubts)),
        };
        let given = Given::of(&row.draft);
        let written = |row: Row| row.cells.unwrap_or_else(|| cells_of(row.draft));
        let (place, told) = (row.place.clone(), std::mem::take(&mut row.told));
        let is_pattern = |entry: &Entry| entry.selector.kind == Kind::Pattern;
        let is_kept = !is_deleted && made.as_ref().is_ok_and(is_pattern);
        let cells = is_kept.then(|| written(row.clone()));
        let outcome = match made {
            _ if is_deleted => RowOutcome::Deleted,
            Err(problems) => RowOutcome::Refused {
                problems,
                cells: written(row),
            },
            Ok(entry) => match self.seen.entry(entry.selector.clone()) {
                hash_map::Entry::Occupied(first) => RowOutcome::Duplicate {
                    of: first.get().clone(),
                    entry: Box::new(entry),
                },
                hash_map::Entry::Vacant(first) => {
                    first.insert(place.clone());
                    RowOutcome::Ready(Box::new(entry))
                }
            },
        };
        RowReport {
            place,
            outcome,
            given,
            told,
            ended,
            cells,
        }
    }

    /// How the author of a row ended what it says, and of which entry, where that can be read.
    fn ended(&self, row: &mut Row) -> Option<(Ending, Option<Ended>)> {
        let (ending, origin) = row.ended.take()?;
        // Whoever looks for all of a file does not ask its author.
        if ending == Ending::Unasked && self.state.is_some() {
            return None;
        }
        let draft = EntryDraft {
            expires_at: None,
            review_at: None,
            ..row.draft.clone()
        };
        let entry = sketch(&draft, &self.terms).ok().map(Box::new);
        let ended = entry.map(|entry| Ended {
            ending,
            origin,
            entry,
        });
        Some((ending, ended))
    }

    fn made(&self, row: &Row) -> Result<Entry, Vec<Problem>> {
        let make = |draft: &EntryDraft| match self.state.unwrap_or(row.state) {
            EntryState::Draft => sketch(draft, &self.terms),
            EntryState::Active | EntryState::Withdrawn => make(draft, &self.terms),
        };
        let Some(review_at) = self.was_due(row) else {
            return make(&row.draft);
        };
        // What waited for its owner where it comes from waits for them here.
        let draft = EntryDraft {
            review_at: Some((self.terms.now + DAY).to_string()),
            ..row.draft.clone()
        };
        make(&draft).map(|entry| Entry { review_at, ..entry })
    }

    /// Since when a row waits for its review, where its origin may say so and does.
    fn was_due(&self, row: &Row) -> Option<Timestamp> {
        let written = row.draft.review_at.as_deref()?;
        let at = Written::read(written.trim()).ok()?.start();
        (row.may_be_due && at <= self.terms.now).then_some(at)
    }
}

impl Iterator for Import<'_> {
    type Item = Result<RowReport, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.source.rows.next()?;
        Some(row.map(|row| self.report(row)))
    }
}

/// An entry of which nothing is in doubt. What is in doubt is not missing besides.
fn without_doubts(
    made: Result<Entry, Vec<Problem>>,
    mut doubts: Vec<Problem>,
) -> Result<Entry, Vec<Problem>> {
    if doubts.is_empty() {
        return made;
    }
    let mut problems = made.err().unwrap_or_default();
    problems.retain(|problem| doubts.iter().all(|doubt| doubt.key != problem.key));
    problems.append(&mut doubts);
    Err(problems)
}

/// The cells of a draft, under [`draft_columns`].
fn cells_of(mut draft: EntryDraft) -> Vec<String> {
    let cells = Field::ALL.into_iter().filter_map(|field| {
        let place = field.place(&mut draft)?;
        Some(place.take().unwrap_or_default())
    });
    cells.collect()
}

/// What the cells of a draft are called.
fn draft_columns() -> Vec<String> {
    let mut draft = EntryDraft::default();
    let own = Field::ALL
        .into_iter()
        .filter(|field| field.place(&mut draft).is_some());
    own.map(|field| field.name().to_owned()).collect()
}
