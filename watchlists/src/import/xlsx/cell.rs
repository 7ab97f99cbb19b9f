//! One cell of a sheet: what it says, as a CSV would have it, or what is wrong with it.

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType};
use chrono::{NaiveDateTime, NaiveTime};

use super::super::columns::Columns;
use crate::dates::may_count_days;

/// A cell that says something.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// A text, or a date as an import reads it.
    Text(String),
    /// Of up to 15 digits.
    Number(f64),
    /// What can't be used.
    Bad(Bad),
}

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bad {
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
    pub fn spoils(self, columns: &Columns, column: usize) -> bool {
        match self {
            Self::TooLong | Self::Error => columns.is_read(column),
            Self::Formula => columns.is_needed(column),
        }
    }

    pub fn what(self) -> &'static str {
        match self {
            Self::TooLong => "a number that a spreadsheet keeps only the first 15 digits of",
            Self::Error => "an error of the spreadsheet's",
            Self::Formula => {
                "a formula whose value is not in the file: the program that wrote it has not worked it out"
            }
        }
    }

    pub fn remedy(self) -> &'static str {
        match self {
            Self::TooLong => "format the column as text, and enter the value again",
            Self::Error => "put the formula right, or write the value itself",
            Self::Formula => {
                "open the file in a spreadsheet and save it, or write the value itself"
            }
        }
    }
}

/// What a cell says; none where that is nothing.
pub(super) fn said(value: &DataRef<'_>) -> Option<Cell> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => return Some(number_of(*number as f64)),
        DataRef::Float(number) => return Some(number_of(*number)),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(at) => date(*at),
        DataRef::Error(_) => return Some(Cell::Bad(Bad::Error)),
    };
    (!text.trim().is_empty()).then_some(Cell::Text(text))
}

/// Spreadsheets keep 15 digits, and fill up with zeros: a longer number is not the one that was typed.
fn number_of(number: f64) -> Cell {
    match number.abs() < 1e15 {
        true => Cell::Number(number),
        false => Cell::Bad(Bad::TooLong),
    }
}

impl Cell {
    /// As a CSV would have it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Bad(_) => String::new(),
        }
    }

    /// The number and its date, where it may be one that the workbook counts days by: somebody took the format of a date off
    /// the cell, or it never had one.
    pub fn counted(&self, is_1904: bool) -> Option<(f64, String)> {
        match *self {
            Self::Number(number) if may_count_days(number, is_1904) => {
                let at = ExcelDateTime::new(number, ExcelDateTimeType::DateTime, is_1904);
                Some((number, date(at)))
            }
            _ => None,
        }
    }
}

/// A date as an import reads it: the day alone where no time of day is told.
fn date(at: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
    }
}

/// The same of a date that the workbook holds in words of ISO 8601, which tell no zone.
fn iso(text: &str) -> String {
    match text.parse::<NaiveDateTime>() {
        Ok(at) if at.time() == NaiveTime::MIN => at.date().to_string(),
        Ok(at) => format!("{}Z", at.format("%Y-%m-%dT%H:%M:%S")),
        Err(_) => text.to_owned(),
    }
}
