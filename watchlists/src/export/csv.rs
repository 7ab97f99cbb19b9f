//! A watchlist as CSV that a spreadsheet can open without harm.
//!
//! A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab, a line break, or a
//! full-width form of these) is written with an apostrophe before it, as is a cell that begins with an apostrophe.
//! Telephone numbers begin with `+`, so they are written `'+12025550123`. The import takes the apostrophe off again.

use std::io::Write;

use sightline_model::{Entry, Timestamp};

use super::{Export, ExportError};
use crate::import::guarded;

/// The columns, in order. An import reads all but `id`, `written` and `created_at`, which are for readers alone; of
/// `state` it reads whether an entry is a draft or is due for review, and refuses what has ended.
pub const COLUMNS: [&str; 19] = [
    "kind",
    "value",
    "purpose",
    "legal_basis",
    "owner",
    "category",
    "review_at",
    "expires_at",
    "case_reference",
    "tlp",
    "severity",
    "note",
    "tags",
    "match",
    "despite_warning",
    "id",
    "written",
    "state",
    "created_at",
];

/// Writes a header row and a row for each entry: RFC 4180, UTF-8, a comma between cells, CR LF after rows. Fails only
/// where `output` does.
pub(super) fn write(export: &Export<'_>, output: impl Write) -> Result<(), ExportError> {
    let mut writer = writer(output);
    writer.write_record(COLUMNS)?;
    for entry in export.entries {
        write_safely(&mut writer, &row(entry, export.now))?;
    }
    writer.flush()?;
    Ok(())
}

/// Rows of any table as CSV, every cell safe in a spreadsheet.
///
/// # Errors
/// Where rows are not of one length.
pub fn safe_rows(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, ExportError> {
    let mut written = Vec::new();
    let mut writer = writer(&mut written);
    for row in rows {
        write_safely(&mut writer, &row)?;
    }
    writer.flush()?;
    drop(writer);
    Ok(written)
}

fn writer<W: Write>(output: W) -> ::csv::Writer<W> {
    ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(output)
}

fn write_safely<W: Write>(
    writer: &mut ::csv::Writer<W>,
    cells: &[String],
) -> Result<(), ::csv::Error> {
    writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))
}

/// An entry's cells, under [`COLUMNS`], as they are at `now`; [`safe_rows`] writes them.
pub fn row(entry: &Entry, now: Timestamp) -> [String; COLUMNS.len()] {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    [
        entry.selector.kind.to_string(),
        entry.selector.value.clone(),
        entry.purpose.clone(),
        entry.legal_basis.clone(),
        entry.owner.clone(),
        entry.category.to_string(),
        entry.review_at.to_string(),
        entry
            .expires_at
            .map(|at| at.to_string())
            .unwrap_or_default(),
        text(&entry.case_reference),
        entry.tlp.to_string(),
        entry
            .severity
            .map(|severity| severity.to_string())
            .unwrap_or_default(),
        text(&entry.note),
        entry.tags.join(", "),
        entry.way.to_string(),
        text(&entry.despite_warning),
        entry.id.to_string(),
        entry.written.clone(),
        entry.standing(now).to_string(),
        entry.created_at.to_string(),
    ]
}
