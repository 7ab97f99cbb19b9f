//! What makes a file unreadable as a whole, and what to do about it.

use std::io;

use sightline_model::Kind;

use super::{Place, columns::EXAMPLE};

/// A file that can't be read as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read.
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It holds nothing.
    #[error("the file is empty; give it a header row such as {EXAMPLE}, and a row for each entry")]
    Empty,
    /// It is larger than what is read.
    #[error(
        "the file is larger than {most} MiB; split it, and import the parts one after the other"
    )]
    TooLarge {
        /// The most, in MiB.
        most: usize,
    },
    /// It has more rows than are read.
    #[error(
        "the file has more than {most} rows; split it, and import the parts one after the other"
    )]
    TooMany {
        /// The most.
        most: usize,
    },
    /// It is no text.
    #[error("the file is {found}, not CSV; in the spreadsheet, save it as XLSX or as 'CSV UTF-8'")]
    NotCsv {
        /// What it seems to be.
        found: &'static str,
    },
    /// No such encoding.
    #[error(
        "'{label}' is not an encoding that is known here; write it as utf-8, windows-1252 or utf-16le, for instance"
    )]
    UnknownEncoding {
        /// As written.
        label: String,
    },
    /// A plain list of nobody knows what.
    #[error(
        "a plain list does not say what its values are; say of which kind they are, such as phone"
    )]
    NoKind,
    /// The header names no column of values.
    #[error(
        "{place}: the header has no column 'value' (it has {found}); name the columns such as {EXAMPLE}, say which it is, \
         such as 'COLUMN=value', or, if there is no header row, put one above"
    )]
    NoValueColumn {
        /// Where the header stands.
        place: Place,
        /// The columns that it has.
        found: String,
    },
    /// A table without a header, and no column can be told to be the value.
    #[error(
        "without a header row it can't be told which column is the value; say it by number, such as 1=value"
    )]
    NoValueNumber,
    /// A table without a header, and of no kind that anybody has named.
    #[error(
        "{place}: the file has no header row, for column {column} there reads as an entry of the kind {kind}; say that \
         they all are, if so, or put a header row above, such as {EXAMPLE}"
    )]
    NoKindNamed {
        /// Where its first row stands.
        place: Place,
        /// The number of a column that reads as an entry.
        column: usize,
        /// What kind of entry.
        kind: Kind,
    },
    /// A table without a header, and more than one column may be the value.
    #[error(
        "{place}: the file has no header row, and columns {first} and {second} may both be the value; say which is, such as \
         {first}=value, and import it once for each if both are"
    )]
    SeveralMayBeValues {
        /// Where its first row stands.
        place: Place,
        /// The number of the one.
        first: usize,
        /// The number of the other.
        second: usize,
    },
    /// A mapping names a column that is not there.
    #[error(
        "{place}: there is no column '{column}' to map (there are {found}); write its name as it stands there, or its number"
    )]
    NoSuchColumn {
        /// Where the header stands.
        place: Place,
        /// The column that was named.
        column: String,
        /// The columns that there are.
        found: String,
    },
    /// Two columns mean the same.
    #[error(
        "{place}: the columns '{first}' and '{second}' both mean {meaning}; keep one of them, or leave one out, such as \
         '{second}=-'"
    )]
    TwiceTheSame {
        /// Where the header stands.
        place: Place,
        /// The one.
        first: String,
        /// The other.
        second: String,
        /// The field that both are read as.
        meaning: &'static str,
    },
    /// Several columns hold what is looked for.
    #[error(
        "{place}: '{first}' and '{second}' are columns of what is looked for, and a row is read as one entry; import the \
         file once for each, and leave the others out: with '{second}=-', then with '{first}=-'"
    )]
    SeveralValues {
        /// Where the header stands.
        place: Place,
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// More columns than anybody has.
    #[error(
        "{place}: the table has more than {most} columns; leave out those that are not of entries"
    )]
    TooWide {
        /// Where the header stands.
        place: Place,
        /// The most.
        most: usize,
    },
    /// Broken JSON, or JSON that is nested too deeply.
    #[error("line {line}, column {column}: the file is not whole JSON ({cause}); export it again")]
    NotJson {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What the parser says.
        cause: String,
    },
    /// JSON, but none that is known here.
    #[error(
        "the file is JSON, but not {format}: {cause}; export it again, or say which format it is in"
    )]
    NotThatJson {
        /// What it was read as.
        format: &'static str,
        /// What is missing.
        cause: &'static str,
    },
    /// A workbook that can't be read.
    #[error(
        "the workbook can't be read ({cause}); open it in a spreadsheet, and save it again as XLSX or 'CSV UTF-8'"
    )]
    Workbook {
        /// What the reader says.
        cause: String,
    },
    /// A workbook that holds more than what is read.
    #[error(
        "the workbook holds more than {what}; split it, and import the parts one after the other"
    )]
    WorkbookTooLarge {
        /// What there is too much of.
        what: &'static str,
    },
    /// No such sheet.
    #[error(
        "the workbook has no sheet '{sheet}' (it has {found}); write its name as it stands on its tab"
    )]
    NoSheet {
        /// The sheet that was named.
        sheet: String,
        /// The sheets that there are.
        found: String,
    },
}
