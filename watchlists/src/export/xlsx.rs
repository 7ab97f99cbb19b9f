//! A watchlist as a workbook: one sheet, every cell a text, so that no number loses its digits and nothing is run.

use std::{borrow::Cow, io::Write};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

use super::{COLUMNS, Export, ExportError, csv::row, marking, strictest};
use crate::import::{guarded, unguarded};

/// The rows of a sheet, the header among them.
const MOST_ROWS: u32 = 1_048_576;
/// The columns' widths in characters: wide enough to read, narrow enough to see the next.
const WIDTHS: [f64; COLUMNS.len()] = [
    8.0, 26.0, 24.0, 24.0, 18.0, 10.0, 21.0, 21.0, 16.0, 12.0, 9.0, 40.0, 20.0, 12.0, 20.0, 38.0,
    26.0, 8.0, 21.0,
];

/// Writes the workbook.
pub(super) fn write(export: &Export<'_>, mut output: impl Write) -> Result<(), ExportError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(export.now.0 / 1_000)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    fill(workbook.add_worksheet(), export)?;
    output.write_all(&workbook.save_to_buffer()?)?;
    output.flush()?;
    Ok(())
}

fn fill(sheet: &mut Worksheet, export: &Export<'_>) -> Result<(), ExportError> {
    let tlp = marking(strictest(export.entries));
    sheet.set_name("entries")?;
    sheet.set_header(format!("&R{tlp}"));
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for ((column, name), width) in (0_u16..).zip(COLUMNS).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (at, entry) in (1_u32..).zip(export.entries) {
        if at >= MOST_ROWS {
            return Err(ExportError::TooManyRows { most: MOST_ROWS });
        }
        for (column, cell) in (0_u16..)
            .zip(row(entry, export.now))
            .filter(|(_, cell)| !cell.is_empty())
        {
            sheet.write_string(at, column, kept(&cell))?;
        }
    }
    Ok(())
}

/// A text cell is no formula whatever it begins with. An import takes a guard off, though, so what looks like one gets one.
fn kept(cell: &str) -> Cow<'_, str> {
    match unguarded(cell) == cell {
        true => Cow::Borrowed(cell),
        false => guarded(cell),
    }
}
