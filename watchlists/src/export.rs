//! A watchlist as CSV that a spreadsheet can open without harm, and that an import reads back as it was.
//!
//! A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab, a line break, or a
//! full-width form of these) is written with an apostrophe before it, as is a cell that begins with an apostrophe.
//! Telephone numbers begin with `+`, so they are written `'+12025550123`. The import takes the apostrophe off again.

use std::io::Write;

use sightline_model::Entry;

use crate::import::guarded;

/// The columns, in order. All but the last four are read by an import; those are for readers alone.
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
pub fn write<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    output: impl Write,
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(output);
    writer.write_record(COLUMNS)?;
    for entry in entries {
        let cells = row(entry);
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer.flush()?;
    Ok(())
}

fn row(entry: &Entry) -> [String; COLUMNS.len()] {
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
        entry.state.to_string(),
        entry.created_at.to_string(),
    ]
}
