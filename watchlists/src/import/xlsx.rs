//! Workbooks of Excel 2007 and later, read by calamine: one sheet, cell by cell, within limits.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read},
    sync::Arc,
};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use sightline_model::Problem;
use zip::ZipArchive;

use super::{
    Header, ImportError, Options, Place, Source,
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

/// A cell as text, or what is wrong with it.
type Cell = Result<String, Bad>;

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug)]
enum Bad {
    /// A number of more digits than a spreadsheet keeps.
    TooLong,
    /// The spreadsheet could not work it out.
    Error,
    /// Nobody has worked it out yet.
    Formula,
}

impl Bad {
    /// True where its row can't be used: what stands in a column that means nothing is nobody's loss. A formula may also have
    /// come to an empty text, which files do not tell from one that was never worked out.
    fn spoils(self, columns: &Columns, column: usize) -> bool {
        match self {
            Self::TooLong | Self::Error => columns.is_read(column),
            Self::Formula => columns.is_needed(column),
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::TooLong => "a number that a spreadsheet keeps only the first 15 digits of",
            Self::Error => "an error of the spreadsheet's",
            Self::Formula => {
                "a formula whose value is not in the file: the program that wrote it has not worked it out"
            }
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::TooLong => "format the column as text, and enter the value again",
            Self::Error => "put the formula right, or write the value itself",
            Self::Formula => {
                "open the file in a spreadsheet and save it, or write the value itself"
            }
        }
    }
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
        return source(sheet, cells(&mut workbook, sheet)?, options, terms);
    }
    let mut failed = None;
    for (name, is_visible) in &sheets {
        // A hidden sheet is one that its author did not mean to send.
        if !is_visible {
            continue;
        }
        match source(name, cells(&mut workbook, name)?, options, terms) {
            Ok(mut source) => {
                let others: Vec<String> = names
                    .iter()
                    .filter(|other| *other != name)
                    .cloned()
                    .collect();
                if !others.is_empty() {
                    source.notes.push(format!(
                        "Only the sheet '{name}' was read; the others are named with --sheet: {}.",
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
            true => Some(Err(Bad::Formula)),
            false => text(&cell.value),
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

/// A cell as a CSV would have it; none where it says nothing.
fn text(value: &DataRef<'_>) -> Option<Cell> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => match digits(*number) {
            Some(digits) => digits,
            None => return Some(Err(Bad::TooLong)),
        },
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(at) => date(*at),
        DataRef::Error(_) => return Some(Err(Bad::Error)),
    };
    (!text.trim().is_empty()).then_some(Ok(text))
}

/// A number in plain digits; none where it is too long to be the one that was typed.
fn digits(number: f64) -> Option<String> {
    // Spreadsheets keep 15 digits, and fill up with zeros.
    (number.abs() < 1e15).then(|| number.to_string())
}

/// A date as an import reads it: the day alone where no time of day is told.
fn date(at: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
    }
}

fn source<'a>(
    sheet: &str,
    mut cells: Cells,
    options: &Options<'_>,
    terms: &Terms<'_>,
) -> Result<Source<'a>, ImportError> {
    let sheet: Arc<str> = sheet.into();
    let place = |row: u32| Place::Sheet {
        sheet: sheet.clone(),
        row: row + 1,
    };
    // A title above the table has one cell; the header is the first row in which a column is known.
    let is_header = |row: &BTreeMap<u32, Cell>| columns::known(&whole(row), &options.columns) > 0;
    let first = *cells.keys().next().ok_or(ImportError::Empty)?;
    let header = match options.header {
        Header::Recognised => cells
            .iter()
            .take(10)
            .find(|(_, row)| is_header(row))
            .map_or(first, |(at, _)| *at),
        Header::Present | Header::Absent => first,
    };
    let names = whole(&cells[&header]);
    let (columns, has_header) = Columns::recognise(&place(header), &names, options, terms.region)?;
    let mut notes = Vec::new();
    if has_header {
        cells = cells.split_off(&(header + 1));
    } else {
        notes.push(columns.bare_note());
    }
    let open = cells.values().flatten().filter(|(column, cell)| {
        let column = **column as usize;
        matches!(cell, Err(Bad::Formula)) && columns.is_read(column) && !columns.is_needed(column)
    });
    match open.count() {
        0 => {}
        count => notes.push(format!(
            "Formulas without a value are read as empty: {count}. If the program that wrote the file has not worked them out, \
             open it in a spreadsheet and save it."
        )),
    }
    Ok(Source {
        columns: columns.names.clone(),
        ignored: columns.ignored.clone(),
        notes,
        rows: Box::new(cells.into_iter().map(move |(at, row)| {
            let place = Place::Sheet {
                sheet: sheet.clone(),
                row: at + 1,
            };
            Ok(read(&columns, place, &row))
        })),
    })
}

fn read(columns: &Columns, place: Place, row: &BTreeMap<u32, Cell>) -> Row {
    let texts = whole(row);
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
        let bad = cell.as_ref().err()?;
        bad.spoils(columns, *column as usize)
            .then_some((column, bad))
    });
    if let Some((column, bad)) = wrong {
        let name = name_of(*column, &place);
        let message = format!("cell {name} holds {}", bad.what());
        return refused(Problem::new("", message, bad.remedy()));
    }
    columns.row(place, texts)
}

/// All cells up to the last that says something. Beyond what a table may have they are not told apart any more.
fn whole(row: &BTreeMap<u32, Cell>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for (column, cell) in row {
        let at = (*column as usize).min(255);
        if texts.len() <= at {
            texts.resize(at + 1, String::new());
        }
        texts[at] = cell.clone().unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::Workbook;
    use sightline_model::{EntryState, Mint};

    use super::*;
    use crate::{
        draft::EntryDefaults,
        import::{Options, RowOutcome},
    };

    /// Each row as its place and value, or why it is refused.
    fn told(workbook: &mut Workbook, options: Options<'_>) -> Result<Vec<String>, String> {
        let (defaults, mint) = (
            EntryDefaults {
                category: Some(sightline_model::Category::Other),
                ..EntryDefaults::default()
            },
            Mint::seeded(1),
        );
        let now = sightline_model::Timestamp(1_795_000_000_000);
        let terms = Terms {
            watchlist: mint.id(now),
            defaults: &defaults,
            region: Some("US"),
            now,
            mint: &mint,
        };
        let bytes = workbook.save_to_buffer().unwrap();
        let options = Options {
            state: Some(EntryState::Draft),
            ..options
        };
        let rows =
            crate::import::read(&bytes, "x", &options, terms).map_err(|error| error.to_string())?;
        Ok(rows
            .map(|row| {
                let row = row.unwrap();
                match row.outcome {
                    RowOutcome::Ready(entry) => format!("{}: {}", row.place, entry.selector.value),
                    RowOutcome::Duplicate { of, .. } => format!("{}: as {of}", row.place),
                    RowOutcome::Refused { problems, .. } => {
                        format!("{}: {}", row.place, problems[0])
                    }
                }
            })
            .collect())
    }

    #[test]
    fn sheets_as_people_have_them() {
        let mut workbook = Workbook::new();
        workbook
            .add_worksheet()
            .set_name("Cover")
            .unwrap()
            .write(0, 0, "Nothing here")
            .unwrap();
        let hidden = workbook
            .add_worksheet()
            .set_name("Old")
            .unwrap()
            .set_hidden(true);
        hidden
            .write(0, 0, "Telefon")
            .unwrap()
            .write(1, 0, "+1 202 555 0101")
            .unwrap();
        let sheet = workbook.add_worksheet().set_name("Numbers").unwrap();
        sheet.write(0, 0, "Numbers of the desk").unwrap();
        sheet
            .write(2, 1, "Telefon")
            .unwrap()
            .write(2, 2, "Notiz")
            .unwrap();
        sheet.write(3, 1, 12_025_550_123.0).unwrap();
        sheet
            .write(4, 1, "202 555 0147")
            .unwrap()
            .write(4, 2, "'=tall")
            .unwrap();
        sheet.write(5, 1, 1_234_567_890_123_456_789.0).unwrap();
        sheet.write(7, 1, "202 555 0147").unwrap();
        // A cell in the last corner takes no table of a thousand million.
        sheet.write(1_048_575, 16_383, "far").unwrap();
        let rows = told(&mut workbook, Options::default()).unwrap();
        assert_eq!(
            rows[..2],
            [
                "sheet 'Numbers', row 4: +12025550123",
                "sheet 'Numbers', row 5: +12025550147"
            ]
        );
        assert!(
            rows[2].contains("row 6: cell B6 holds a number that"),
            "{rows:?}"
        );
        assert_eq!(rows[3], "sheet 'Numbers', row 8: as sheet 'Numbers', row 5");
        assert!(
            rows[4].contains("row 1048576: the row has 256 cells"),
            "{rows:?}"
        );
        assert_eq!(rows.len(), 5);

        let named = Options {
            sheet: Some("Old"),
            ..Options::default()
        };
        assert_eq!(
            told(&mut workbook, named).unwrap(),
            ["sheet 'Old', row 2: +12025550101"]
        );
        let nowhere = Options {
            sheet: Some("New"),
            ..Options::default()
        };
        let error = told(&mut workbook, nowhere).unwrap_err();
        assert!(
            error.contains("no sheet 'New' (it has 'Cover', 'Old', 'Numbers')"),
            "{error}"
        );
    }

    #[test]
    fn what_is_unpacked_is_counted_and_not_believed() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for row in 0..2_000 {
            sheet.write(row, 0, "the same again").unwrap();
        }
        let bytes = workbook.save_to_buffer().unwrap();
        assert!(bytes.len() < 50_000);
        assert!(check_unpacked(&bytes, 10_000_000).is_ok());
        let error = check_unpacked(&bytes, 50_000).unwrap_err().to_string();
        assert!(error.contains("unpacked text; split it"), "{error}");
    }
}
