//! Rows and their cells: RFC 4180, read leniently, bounded, and able to go on after a row that is broken.
//!
//! The csv crate reads a quotation mark that is never closed as one cell up to the end of the file, and so loses every
//! row after it; that is why rows are split here. Its reading of whole rows is what the tests compare with.

use std::io::{self, BufRead};

use sightline_model::Problem;

use super::lines::{LONGEST_ROW, Line, Lines};

/// The most lines that one row may have.
const MOST_LINES: usize = 200;

/// What parts the cells of a table, and what holds a cell together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dialect {
    /// What stands between two cells.
    pub delimiter: char,
    /// What stands around a cell that holds a delimiter.
    pub quote: char,
}

/// A row, or what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Split<T> {
    /// The line on which it begins.
    pub line: u64,
    /// What it holds.
    pub cells: Result<T, Broken>,
}

/// A row that can't be split.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Broken {
    /// Why.
    pub problem: Problem,
    /// Its first line, as far as it is text.
    pub text: String,
}

impl Broken {
    /// Its cells as far as they can be told apart: a quotation mark that does not hold a cell together stands in it like any
    /// other character.
    pub fn cells(&self, dialect: Dialect) -> Vec<String> {
        let mut cells = Vec::new();
        let mut rest = Some(self.text.as_str());
        while let Some(text) = rest {
            let whole = quoted(text, dialect);
            let (cell, beyond) =
                whole.unwrap_or_else(|| match text.split_once(dialect.delimiter) {
                    Some((cell, beyond)) => (cell.to_owned(), Some(beyond)),
                    None => (text.to_owned(), None),
                });
            cells.push(cell);
            rest = beyond;
        }
        cells
    }
}

/// The quoted cell with which the text begins, and what stands beyond its delimiter; none where no such cell is closed.
fn quoted(text: &str, Dialect { delimiter, quote }: Dialect) -> Option<(String, Option<&str>)> {
    let mut rest = text.strip_prefix(quote)?;
    let mut cell = String::new();
    loop {
        let (part, beyond) = rest.split_once(quote)?;
        cell.push_str(part);
        match beyond.strip_prefix(quote) {
            Some(more) => {
                cell.push(quote);
                rest = more;
            }
            None => {
                let beyond = beyond.trim_start_matches(' ');
                let next = beyond.strip_prefix(delimiter);
                return (beyond.is_empty() || next.is_some()).then_some((cell, next));
            }
        }
    }
}

/// The rows of an input.
pub(super) struct Cells<R> {
    lines: Lines<R>,
}

impl<R: BufRead> Cells<R> {
    pub fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input),
        }
    }

    /// The next line that is not empty.
    pub fn line(&mut self) -> io::Result<Option<Line>> {
        while let Some(line) = self.lines.next()? {
            if !line.bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    /// Gives a line back, to be read again.
    pub fn give_back(&mut self, line: Line) {
        self.lines.give_back(vec![line]);
    }

    /// The next line of a plain list; `heard` is given the comments on the way.
    pub fn value(&mut self, mut heard: impl FnMut(&str)) -> io::Result<Option<Split<String>>> {
        while let Some(line) = self.line()? {
            if let Some(comment) = line.bytes.strip_prefix(b"# ") {
                heard(&String::from_utf8_lossy(comment));
            } else {
                let cells = text(&line).map(str::to_owned);
                return Ok(Some(Split {
                    line: line.number,
                    cells: cells.map_err(|problem| broken(&line, problem)),
                }));
            }
        }
        Ok(None)
    }

    /// The next row of a table. Rows without a cell that says anything are passed over.
    pub fn row(&mut self, dialect: Dialect) -> io::Result<Option<Split<Vec<String>>>> {
        while let Some(first) = self.line()? {
            let row = self.row_from(first, dialect)?;
            let says_nothing =
                |cells: &Vec<String>| cells.iter().all(|cell| cell.trim().is_empty());
            if !row.cells.as_ref().is_ok_and(says_nothing) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// The row that begins with this line. Lines that it can't be made of are given back.
    fn row_from(&mut self, first: Line, dialect: Dialect) -> io::Result<Split<Vec<String>>> {
        let line = first.number;
        let refused = |problem| Split {
            line,
            cells: Err(broken(&first, problem)),
        };
        let mut splitter = Splitter::new(dialect);
        let mut length = first.bytes.len();
        let mut after: Vec<Line> = Vec::new();
        let mut present = &first;
        loop {
            let text = match text(present) {
                Ok(text) => text,
                Err(problem) => {
                    self.lines.give_back(after);
                    return Ok(refused(problem));
                }
            };
            match splitter.feed(text) {
                Fed::Whole => {
                    let cells = Ok(splitter.cells);
                    return Ok(Split { line, cells });
                }
                // In a later line, what closed the cell is more likely the mark that opens another.
                Fed::AfterQuote => {
                    let problem = match after.is_empty() {
                        true => text_after_quote(),
                        false => never_closed(),
                    };
                    self.lines.give_back(after);
                    return Ok(refused(problem));
                }
                Fed::Open => {}
            }
            let next = self.lines.next()?;
            length += 1 + next.as_ref().map_or(0, |line| line.bytes.len());
            let is_at_end = next.is_none();
            after.extend(next);
            if is_at_end || length > LONGEST_ROW || after.len() >= MOST_LINES {
                self.lines.give_back(after);
                return Ok(refused(never_closed()));
            }
            present = &after[after.len() - 1];
        }
    }
}

fn broken(line: &Line, problem: Problem) -> Broken {
    let shown = &line.bytes[..line.bytes.len().min(LONGEST_ROW)];
    Broken {
        problem,
        text: String::from_utf8_lossy(shown).replace('\0', ""),
    }
}

fn never_closed() -> Problem {
    Problem::new(
        "",
        "a quotation mark is opened and never closed",
        "close it, or take it out; the rows after it were read as usual",
    )
}

fn text_after_quote() -> Problem {
    Problem::new(
        "",
        "text follows a closing quotation mark",
        "write each quotation mark inside a quoted cell twice",
    )
}

/// A line's text, or why it can't be one.
fn text(line: &Line) -> Result<&str, Problem> {
    if line.is_too_long() {
        return Err(Problem::new(
            "",
            format!("the row is longer than {} KiB", LONGEST_ROW / 1024),
            "shorten it, and keep the rest in the case file",
        ));
    }
    if line.bytes.contains(&0) {
        return Err(Problem::new(
            "",
            "the row holds a NUL byte",
            "save the file as 'CSV UTF-8'",
        ));
    }
    std::str::from_utf8(&line.bytes).map_err(|error| {
        Problem::new(
            "",
            format!("byte {} of the line is not UTF-8", error.valid_up_to() + 1),
            "save the file as 'CSV UTF-8': guessed letters would make wrong names",
        )
    })
}

/// What a line led to.
enum Fed {
    /// The row is whole.
    Whole,
    /// A quoted cell goes on in the next line.
    Open,
    /// A closed cell goes on.
    AfterQuote,
}

/// Splits a row into cells, line by line.
struct Splitter {
    dialect: Dialect,
    cells: Vec<String>,
    /// A quoted cell that is not closed.
    open: Option<String>,
}

impl Splitter {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            cells: Vec::new(),
            open: None,
        }
    }

    fn feed(&mut self, line: &str) -> Fed {
        let Dialect { delimiter, quote } = self.dialect;
        let mut rest = line;
        loop {
            let quoted = match self.open.take() {
                Some(mut cell) => {
                    cell.push('\n');
                    Some((cell, rest))
                }
                None => rest
                    .strip_prefix(quote)
                    .map(|inside| (String::new(), inside)),
            };
            let Some((mut cell, mut inside)) = quoted else {
                let (cell, beyond) = match rest.split_once(delimiter) {
                    Some((cell, beyond)) => (cell, Some(beyond)),
                    None => (rest, None),
                };
                self.cells.push(cell.to_owned());
                match beyond {
                    Some(beyond) => rest = beyond,
                    None => return Fed::Whole,
                }
                continue;
            };
            let beyond = loop {
                let Some((part, beyond)) = inside.split_once(quote) else {
                    cell.push_str(inside);
                    self.open = Some(cell);
                    return Fed::Open;
                };
                cell.push_str(part);
                match beyond.strip_prefix(quote) {
                    Some(more) => {
                        cell.push(quote);
                        inside = more;
                    }
                    None => break beyond,
                }
            };
            self.cells.push(cell);
            // Spaces after a quotation mark say nothing, and some programs write them.
            let beyond = beyond.trim_start_matches(' ');
            if beyond.is_empty() {
                return Fed::Whole;
            }
            match beyond.strip_prefix(delimiter) {
                Some(next) => rest = next,
                None => return Fed::AfterQuote,
            }
        }
    }
}

/// The characters that make a spreadsheet read a cell as a formula, or lose its first character.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell as it is safe in a spreadsheet: an apostrophe before what would begin a formula, and before an apostrophe.
pub(crate) fn guarded(cell: &str) -> std::borrow::Cow<'_, str> {
    match cell.starts_with(FORMULA) || cell.starts_with('\'') {
        true => format!("'{cell}").into(),
        false => cell.into(),
    }
}

/// What [`guarded`] was given: an apostrophe goes where it stands before what would begin a formula, or before
/// another.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(inside) if inside.starts_with(FORMULA) || inside.starts_with('\'') => inside,
        _ => cell,
    }
}
