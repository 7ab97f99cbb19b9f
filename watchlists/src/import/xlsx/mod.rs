//! Workbooks of Excel 2007 and later, read by calamine: one sheet, cell by cell, within limits.

mod cell;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read},
    sync::Arc,
};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use sightline_model::{Problem, counted};
use zip::ZipArchive;

use self::cell::{Bad, Cell, said};
use super::{
    Header, ImportError, Options, Place, Source,
    bare::{self, LOOKED_AT},
    columns::{self, Columns},
    lines::LONGEST_ROW,
    row::Row,
};
use crate::draft::{EntryDraft, Terms};

/// What all parts of a workbook may hold when unpacked, in bytes. A workbook of 100,000 entries has some 60 MB.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;
/// The most cells of a sheet that say something.
const MOST_CELLS: usize = 8_000_000;

/// A sheet's rows that say something, by their number less one.
type Cells = BTreeMap<u32, BTreeMap<u32, Cell>>;

/// A sheet, and how its workbook counts days.
struct Sheet {
    name: Arc<str>,
    is_1904: bool,
}

/// Opens a workbook: the sheet that is named, or the first with a column of values.
pub(super) fn open<'a>(
    bytes: &[u8],
    options: &Options<'_>,
    terms: &Terms<'_>,
) -> Result<Source<'a>, ImportError> {
    check_unpacked(bytes, MOST_UNPACKED)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheets: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let names: Vec<String> = sheets.iter().map(|(name, _)| name.clone()).collect();
    if let Some(sheet) = options.sheet {
        let sheet = names
            .iter()
            .find(|name| name.trim() == sheet.trim())
            .ok_or_else(|| ImportError::NoSheet {
                sheet: sheet.chars().take(60).collect(),
                found: columns::shown(&names),
            })?;
        return source(&mut workbook, sheet, options, terms);
    }
    let mut failed = None;
    for (name, is_visible) in &sheets {
        // A hidden sheet is one that its author did not mean to send.
        if !is_visible {
            continue;
        }
        match source(&mut workbook, name, options, terms) {
            Ok(mut source) => {
                let others: Vec<String> = names
                    .iter()
                    .filter(|other| *other != name)
                    .cloned()
                    .collect();
                if !others.is_empty() {
                    source.notes.push(format!(
                        "Only the sheet '{name}' was read. To read another, name it, or save it as a file of its own: {}.",
                        columns::shown(&others)
                    ));
                }
                return Ok(source);
            }
            // An empty sheet beside a full one says nothing of what is wrong.
            Err(ImportError::Empty) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    Err(failed.unwrap_or(ImportError::Empty))
}

/// Unpacks every part once, and counts: what a part says of its own size is a stranger's word.
fn check_unpacked(bytes: &[u8], most: u64) -> Result<(), ImportError> {
    let broken = |cause: String| ImportError::Workbook { cause };
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
    let mut rest = most;
    for at in 0..archive.len() {
        let part = archive
            .by_index(at)
            .map_err(|error| broken(error.to_string()))?;
        let unpacked = io::copy(&mut part.take(rest + 1), &mut io::sink())
            .map_err(|error| broken(error.to_string()))?;
        rest = rest
            .checked_sub(unpacked)
            .ok_or(ImportError::WorkbookTooLarge {
                what: "512 MiB of unpacked text",
            })?;
    }
    Ok(())
}

fn unreadable(error: XlsxError) -> ImportError {
    ImportError::Workbook {
        cause: error.to_string(),
    }
}

/// The cells of a sheet that say something, wherever they stand: a single cell in the last corner takes no more memory
/// than one in the first.
fn cells<R: io::Read + io::Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
) -> Result<Cells, ImportError> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(unreadable)?;
    let mut cells = Cells::new();
    let mut count = 0;
    while let Some(cell) = reader.next_cell_with_formula().map_err(unreadable)? {
        let (row, column) = cell.pos;
        let is_open = cell.formula.is_some() && matches!(cell.value, DataRef::Empty);
        let said = match is_open {
            true => Some(Cell::Bad(Bad::Formula)),
            false => said(&cell.value),
        };
        let Some(said) = said else {
            continue;
        };
        count += 1;
        if count > MOST_CELLS {
            return Err(ImportError::WorkbookTooLarge {
                what: "8 million cells in a sheet",
            });
        }
        cells.entry(row).or_default().insert(column, said);
    }
    Ok(cells)
}

fn source<'a, R: io::Read + io::Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
    options: &Options<'_>,
    terms: &Terms<'_>,
) -> Result<Source<'a>, ImportError> {
    let mut cells = cells(workbook, name)?;
    let sheet = Sheet {
        name: name.into(),
        is_1904: workbook.has_1904_epoch(),
    };
    let header = header(&cells, options, terms.region)?;
    let above = cells.range(..header).count();
    cells = cells.split_off(&header);
    let rows: Vec<Vec<String>> = cells.values().take(LOOKED_AT).map(whole).collect();
    let place = sheet.place(header);
    let (mut columns, has_header) = Columns::recognise(&place, &rows, options, terms.region)?;
    let mut notes = Vec::new();
    if above > 0 {
        notes.push(format!(
            "Passed over above row {}: {}.",
            header + 1,
            counted(above, "row", "rows")
        ));
    }
    if has_header {
        cells.remove(&header);
    } else {
        notes.push(columns.bare_note());
    }
    let open = cells.values().flatten().filter(|(column, cell)| {
        let column = **column as usize;
        matches!(cell, Cell::Bad(Bad::Formula))
            && columns.is_read(column)
            && !columns.is_needed(column)
    });
    match open.count() {
        0 => {}
        count => notes.push(format!(
            "Formulas without a value are read as empty: {count}. If the program that wrote the file has not worked them out, \
             open it in a spreadsheet and save it."
        )),
    }
    // Dates prove each other's order, and a row is read by what stands below it, too.
    if columns.has_dates() {
        for (at, row) in &cells {
            columns.hear(&sheet.place(*at), &whole(row));
        }
    }
    notes.extend(columns.notes_of_dates());
    Ok(Source {
        columns: columns.names.clone(),
        ignored: columns.ignored.clone(),
        notes,
        rows: Box::new(
            cells
                .into_iter()
                .map(move |(at, row)| Ok(sheet.read(&columns, at, row))),
        ),
    })
}

/// The row that names the columns, or is the first of a table without names. A title above the table has one cell; the
/// header is the first row in which a column is known, unless an entry stands there or above it.
fn header(cells: &Cells, options: &Options<'_>, region: Option<&str>) -> Result<u32, ImportError> {
    let first = *cells.keys().next().ok_or(ImportError::Empty)?;
    if options.header != Header::Recognised {
        return Ok(first);
    }
    for (at, row) in cells.iter().take(10) {
        let names = whole(row);
        let known = columns::known(&names, &options.columns);
        if bare::is_row(&names, options.kind, known, region) {
            break;
        }
        if known > 0 {
            return Ok(*at);
        }
    }
    Ok(first)
}

impl Sheet {
    fn place(&self, row: u32) -> Place {
        Place::Sheet {
            sheet: self.name.clone(),
            row: row + 1,
        }
    }

    fn read(&self, columns: &Columns, at: u32, mut row: BTreeMap<u32, Cell>) -> Row {
        let place = self.place(at);
        let told = self.count_days(columns, &mut row);
        let texts = whole(&row);
        let length: usize = texts.iter().map(String::len).sum();
        let refused = |problem: Problem| Row {
            cells: Some(texts.clone()),
            ..Row::refused(place.clone(), EntryDraft::default(), problem)
        };
        if length > LONGEST_ROW {
            return refused(Problem::new(
                "",
                format!("the row is longer than {} KiB", LONGEST_ROW / 1024),
                "shorten it, and keep the rest in the case file",
            ));
        }
        let wrong = row.iter().find_map(|(column, cell)| {
            let Cell::Bad(bad) = cell else {
                return None;
            };
            bad.spoils(columns, *column as usize)
                .then_some((column, bad))
        });
        if let Some((column, bad)) = wrong {
            let name = name_of(*column, &place);
            let message = format!("cell {name} holds {}", bad.what());
            return refused(Problem::new("", message, bad.remedy()));
        }
        Row {
            told,
            ..columns.row(place, texts)
        }
    }

    /// Makes dates of plain numbers in columns of dates, as the workbook counts days, and tells it.
    fn count_days(&self, columns: &Columns, row: &mut BTreeMap<u32, Cell>) -> Vec<String> {
        let mut told = Vec::new();
        for (column, cell) in row {
            let Some(name) = columns.name_of_dates(*column as usize) else {
                continue;
            };
            if let Some((number, date)) = cell.counted(self.is_1904) {
                let from = match self.is_1904 {
                    true => ", for the workbook counts from 1904",
                    false => "",
                };
                told.push(format!(
                    "the number {number} in '{name}' is read as the spreadsheet's for {date}{from}"
                ));
                *cell = Cell::Text(date);
            }
        }
        told
    }
}

/// All cells up to the last that says something. Beyond what a table may have they are not told apart any more.
fn whole(row: &BTreeMap<u32, Cell>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for (column, cell) in row {
        let at = (*column as usize).min(255);
        if texts.len() <= at {
            texts.resize(at + 1, String::new());
        }
        texts[at] = cell.text();
    }
    texts
}

/// `B5`, as the spreadsheet names its cells.
fn name_of(column: u32, place: &Place) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    let row = match place {
        Place::Sheet { row, .. } => row.to_string(),
        _ => String::new(),
    };
    letters.into_iter().collect::<String>() + &row
}
