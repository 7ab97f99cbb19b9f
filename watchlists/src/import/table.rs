//! Tables as text: what parts the cells, whether there is a header, and the rows.

use std::{
    borrow::Cow,
    io::{self, BufRead, Cursor},
};

use sightline_model::Problem;

use super::{
    ImportError, Options, Place, Source,
    bare::LOOKED_AT,
    cells::{Cells, Dialect},
    columns::{self, Columns},
    lines::Line,
    row::Row,
};
use crate::draft::{EntryDraft, Terms};

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
const QUOTES: [char; 2] = ['"', '\''];

/// Opens a table: finds its dialect and its columns.
pub(super) fn open<'a>(
    text: Cow<'a, [u8]>,
    options: &Options<'_>,
    terms: &Terms<'_>,
) -> Result<Source<'a>, ImportError> {
    let mut cells = Cells::new(Cursor::new(&*text));
    let mut first = cells.line()?.ok_or(ImportError::Empty)?;
    if first.bytes.contains(&0) {
        return Err(ImportError::NotCsv { found: "not text" });
    }
    let told = told_delimiter(&first.bytes);
    if told.is_some() {
        first = cells.line()?.ok_or(ImportError::Empty)?;
    }
    let (dialect, rows) = dialect(&text, &first, told, options)?;
    let place = Place::Line(first.number);
    let (mut columns, has_header) = Columns::recognise(&place, &rows, options, terms.region)?;
    let mut notes = Vec::new();
    if !has_header {
        notes.push(columns.bare_note());
    }
    let start = Start {
        line: first.number,
        dialect,
        has_header,
    };
    // Dates prove each other's order, and a row is read by what stands below it, too.
    if columns.has_dates() {
        let mut cells = start.cells(&*text)?;
        while let Some(row) = cells.row(dialect)? {
            if let Ok(cells) = row.cells {
                columns.hear(&Place::Line(row.line), &cells);
            }
        }
    }
    notes.extend(columns.notes_of_dates());
    Ok(Source {
        columns: columns.names.clone(),
        ignored: columns.ignored.clone(),
        notes,
        rows: Box::new(Rows {
            cells: start.cells(text)?,
            dialect,
            columns,
        }),
    })
}

/// Where the rows of a table begin.
#[derive(Clone, Copy)]
struct Start {
    /// The line of its first row.
    line: u64,
    dialect: Dialect,
    has_header: bool,
}

impl Start {
    /// The text from its first row on that is an entry's.
    fn cells<T: AsRef<[u8]>>(self, text: T) -> io::Result<Cells<Cursor<T>>> {
        let mut cells = Cells::new(Cursor::new(text));
        while let Some(line) = cells.line()? {
            if line.number >= self.line {
                cells.give_back(line);
                break;
            }
        }
        if self.has_header {
            cells.row(self.dialect)?;
        }
        Ok(cells)
    }
}

/// Some rows from the first on.
type Sample = Vec<Vec<String>>;

/// The dialect in which most columns of the first row are known, with the first rows in it; of those alike, the one in
/// which most rows have as many cells as the first, if that is more than one; then the one with the most cells.
fn dialect(
    text: &[u8],
    first: &Line,
    told: Option<char>,
    options: &Options<'_>,
) -> Result<(Dialect, Sample), ImportError> {
    let delimiters = told.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut best: Option<((usize, usize, usize), Dialect, Sample)> = None;
    for quote in QUOTES
        .into_iter()
        .filter(|quote| *quote == '"' || opens_with_quote(first))
    {
        for delimiter in &delimiters {
            let dialect = Dialect {
                delimiter: *delimiter,
                quote,
            };
            let rows = sample(text, first.number, dialect)?;
            let Some(names) = rows.first() else {
                continue;
            };
            let width = names.len();
            let alike = rows.iter().filter(|row| row.len() == width && width > 1);
            let known = columns::known(names, &options.columns);
            let score = (known, alike.count(), width);
            if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, dialect, rows));
            }
        }
    }
    let (_, dialect, rows) = best.ok_or(ImportError::NotCsv {
        found: "not text with closed quotation marks",
    })?;
    Ok((dialect, rows))
}

/// The row that begins with this line, and some that follow; nothing where it can't be split.
fn sample(text: &[u8], line: u64, dialect: Dialect) -> io::Result<Sample> {
    let start = Start {
        line,
        dialect,
        has_header: false,
    };
    let mut cells = start.cells(text)?;
    let mut rows = Sample::new();
    for nth in 0..LOOKED_AT {
        match cells.row(dialect)?.map(|row| row.cells) {
            Some(Ok(row)) => rows.push(row),
            Some(Err(_)) if nth > 0 => {}
            Some(Err(_)) | None => break,
        }
    }
    Ok(rows)
}

fn opens_with_quote(first: &Line) -> bool {
    first.bytes.first() == Some(&b'\'')
        && first.bytes.iter().filter(|byte| **byte == b'\'').count() > 1
}

/// The rows below the header.
struct Rows<R> {
    cells: Cells<R>,
    dialect: Dialect,
    columns: Columns,
}

impl<R: BufRead> Rows<R> {
    fn next_row(&mut self) -> io::Result<Option<Row>> {
        let Some(split) = self.cells.row(self.dialect)? else {
            return Ok(None);
        };
        let place = Place::Line(split.line);
        Ok(Some(match split.cells {
            Ok(cells) => self.columns.row(place, cells),
            Err(broken) => {
                let cells = broken.cells(self.dialect);
                refused(place, broken.problem, cells)
            }
        }))
    }
}

/// A row that can't be split, with its cells as far as they can be told apart.
pub(super) fn refused(place: Place, problem: Problem, cells: Vec<String>) -> Row {
    Row {
        cells: Some(cells),
        ..Row::refused(place, EntryDraft::default(), problem)
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = Result<Row, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_row().map_err(ImportError::from).transpose()
    }
}

/// Files that no reading as text makes sense of, told by their first bytes.
pub(super) fn reject_other_formats(bytes: &[u8]) -> Result<(), ImportError> {
    let found = match bytes {
        [b'P', b'K', 3, 4, ..] => "a workbook or an archive",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "a spreadsheet in an old format",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        _ => return Ok(()),
    };
    Err(ImportError::NotCsv { found })
}

fn told_delimiter(line: &[u8]) -> Option<char> {
    match line.strip_prefix(b"sep=")? {
        [byte] if byte.is_ascii() => Some(char::from(*byte)),
        _ => None,
    }
}
