//! A watchlist as a file for others: the formats that an import reads, each with the marking of every entry.
//!
//! What goes out is read back as it was: the same identifiers under the same reasons. Identifiers of objects are made
//! from what they stand for, so that two exports of one entry are one object to those who get both.

mod csv;
mod ids;
mod misp;
mod plain;
mod stix;
mod xlsx;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    io::{self, Write},
};

use sightline_model::{Entry, EntryId, EntryStanding, Kind, Timestamp, Tlp, Watchlist};

use crate::import::Format;
pub use csv::{COLUMNS, row, safe_rows};

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    /// The list.
    pub watchlist: &'a Watchlist,
    /// Its entries, in the order in which they are written.
    pub entries: &'a [Entry],
    /// When each was last changed, where it was.
    pub changed: &'a HashMap<EntryId, Timestamp>,
    /// The present instant.
    pub now: Timestamp,
}

/// What can't be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output failed.
    #[error("{0}")]
    Output(#[from] io::Error),
    /// A plain list can't say of which kind each value is.
    #[error(
        "a plain list holds values of one kind, and there are {kinds}; choose one, such as {first}"
    )]
    SeveralKinds {
        /// The kinds that there are.
        kinds: String,
        /// The first of them.
        first: Kind,
    },
    /// A sheet has only so many rows.
    #[error("a sheet has {most} rows at most, and there are more entries; write them as csv")]
    TooManyRows {
        /// The most rows.
        most: u32,
    },
    /// The workbook's writer failed.
    #[error("the workbook can't be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

impl From<::csv::Error> for ExportError {
    fn from(error: ::csv::Error) -> Self {
        Self::Output(error.into())
    }
}

impl From<serde_json::Error> for ExportError {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}

/// The entries that may go to those who get no more than `most`, and how many may not.
pub fn within(mut entries: Vec<Entry>, most: Tlp) -> (Vec<Entry>, usize) {
    let all = entries.len();
    entries.retain(|entry| entry.tlp <= most);
    let kept = entries.len();
    (entries, all - kept)
}

/// True where the format can say how an entry stands. What has expired is over, and goes out in none: whoever gets it would
/// look for it. STIX has no word for what is written down and not looked for: an indicator is there to be looked for, so a
/// draft must not become one; nor must it a line of a plain list.
pub fn holds(format: Format, entry: &Entry, now: Timestamp) -> bool {
    let standing = entry.standing(now);
    match format {
        Format::Stix => standing.is_looked_for(),
        Format::Plain => entry.is_looked_for(now),
        Format::Csv | Format::Xlsx | Format::Misp => standing != EntryStanding::Expired,
    }
}

/// Writes the entries that the format holds.
pub fn write(format: Format, export: &Export<'_>, output: impl Write) -> Result<(), ExportError> {
    match format {
        Format::Csv => csv::write(export, output),
        Format::Xlsx => xlsx::write(export, output),
        Format::Stix => stix::write(export, output),
        Format::Misp => misp::write(export, output),
        Format::Plain => plain::write(export, output),
    }
}

/// The strictest marking of what is written.
fn strictest(entries: &[Entry]) -> Tlp {
    entries
        .iter()
        .map(|entry| entry.tlp)
        .max()
        .unwrap_or_default()
}

/// As it is printed: `TLP:AMBER+STRICT`.
fn marking(tlp: Tlp) -> String {
    format!(
        "TLP:{}",
        crate::import::stix::marking::word(tlp).to_uppercase()
    )
}
