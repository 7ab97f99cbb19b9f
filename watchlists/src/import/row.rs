//! A row of any format before it is read as an entry: where it stands, and what it says.

use std::{fmt, sync::Arc};

use sightline_model::{EntryState, Problem};

use super::ended::Ending;
use crate::draft::EntryDraft;

/// Where a row stands in its file, so that a person finds it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// The line on which it begins; the first line of the file is 1.
    Line(u64),
    /// A row of a sheet, as the spreadsheet numbers them; the first is 1.
    Sheet {
        /// The sheet's name.
        sheet: Arc<str>,
        /// The row.
        row: u32,
    },
    /// A STIX object, by its identifier, and which of its comparisons where its pattern has several; the first is 1.
    Object {
        /// The identifier.
        id: Arc<str>,
        /// The comparison.
        comparison: Option<u32>,
    },
    /// A MISP attribute or object, by its UUID.
    Attribute(Arc<str>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Sheet { sheet, row } => write!(f, "sheet '{sheet}', row {row}"),
            Self::Object {
                id,
                comparison: None,
            } => write!(f, "{id}"),
            Self::Object {
                id,
                comparison: Some(at),
            } => write!(f, "{id}, comparison {at}"),
            Self::Attribute(uuid) => write!(f, "attribute {uuid}"),
        }
    }
}

/// One row as its format's reader gives it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it stands.
    pub place: Place,
    /// What it says, as far as it could be read.
    pub draft: EntryDraft,
    /// Why it can't be read as a draft.
    pub problem: Option<Problem>,
    /// What of it may mean one thing or another, so that it is refused.
    pub doubts: Vec<Problem>,
    /// How it was read, where that is not what was written, in sentences.
    pub told: Vec<String>,
    /// What its origin says of it: active where it is to be looked for, a draft where it is only told of.
    pub state: EntryState,
    /// How its author ended it, and where it comes from as a note names it.
    pub ended: Option<(Ending, Option<String>)>,
    /// True where it is no entry, and only tells what its author has ended.
    pub is_passed: bool,
    /// True where its origin says that it may be due for review already, and is looked for until somebody has said.
    pub may_be_due: bool,
    /// Its cells as they stood. None where the format has no cells: then the draft's own are shown.
    pub cells: Option<Vec<String>>,
}

impl Row {
    /// A row that says this, and is to be looked for.
    pub fn of(place: Place, draft: EntryDraft) -> Self {
        Self {
            place,
            draft,
            problem: None,
            doubts: Vec::new(),
            told: Vec::new(),
            state: EntryState::Active,
            ended: None,
            is_passed: false,
            may_be_due: false,
            cells: None,
        }
    }

    /// A row that can't be read, with what of it is known.
    pub fn refused(place: Place, draft: EntryDraft, problem: Problem) -> Self {
        Self {
            problem: Some(problem),
            ..Self::of(place, draft)
        }
    }
}
