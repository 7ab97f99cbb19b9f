//! What a command says: tables and sentences for people, one JSON object a line for programs, notes beside both.

pub mod inert;
pub mod new_file;
pub mod when;

use std::{
    env, fmt,
    io::{self, IsTerminal, Write},
};

use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
    presets,
};
use serde::Serialize;
use sightline_model::Timestamp;

/// For whom standard output is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// People: tables and sentences.
    Text,
    /// Programs: one JSON object a line and nothing else.
    Json,
}

/// Whether notes and progress are shown on standard error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notes {
    /// They are.
    Shown,
    /// Only errors are.
    Hidden,
}

/// Standard output could not be written. A reader that has gone away (`| head`) is the common, harmless case.
#[derive(Debug, thiserror::Error)]
#[error("standard output can't be written: {0}; free space or choose another place for it")]
pub struct OutputError(#[from] io::Error);

impl OutputError {
    /// True where the reader has seen enough and left: no error to anyone.
    pub fn is_broken_pipe(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Where a command's words go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    form: Form,
    notes: Notes,
}

impl Output {
    /// An output for people or programs.
    pub fn new(form: Form, notes: Notes) -> Self {
        Self { form, notes }
    }

    /// True where standard output is for programs.
    pub fn is_json(self) -> bool {
        self.form == Form::Json
    }

    /// True where notes and progress are shown.
    pub fn shows_notes(self) -> bool {
        self.notes == Notes::Shown
    }

    /// Says something to people. Programs are not told.
    pub fn say(self, text: impl fmt::Display) -> Result<(), OutputError> {
        if self.is_json() {
            return Ok(());
        }
        writeln!(io::stdout().lock(), "{text}")?;
        Ok(())
    }

    /// Gives one record to programs as a line of JSON. People are not shown it.
    pub fn record(self, record: &(impl Serialize + ?Sized)) -> Result<(), OutputError> {
        if self.is_json() {
            json_line(&mut io::stdout().lock(), record)
        } else {
            Ok(())
        }
    }

    /// Gives records: a line of JSON for each, or one table; and where there are none, a sentence instead.
    pub fn records<T: Serialize>(
        self,
        records: &[T],
        table: impl FnOnce(&[T]) -> Table,
        none: &str,
    ) -> Result<(), OutputError> {
        let mut out = io::stdout().lock();
        if self.is_json() {
            return records
                .iter()
                .try_for_each(|record| json_line(&mut out, record));
        }
        if records.is_empty() {
            drop(out);
            self.note(none);
            return Ok(());
        }
        writeln!(out, "{}", table(records).trim_fmt())?;
        Ok(())
    }

    /// Tells people something beside the result, on standard error. A note that can't be written is let go.
    pub fn note(self, text: impl fmt::Display) {
        if self.shows_notes() {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }
}

/// Tells people what they have to know, on standard error, whatever else is hidden.
pub fn tell(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says what went wrong, on standard error, whatever else is hidden.
pub fn error(text: impl fmt::Display) {
    let word = if colours(&io::stderr()) {
        "\u{1b}[1;31merror\u{1b}[0m"
    } else {
        "error"
    };
    let _ = writeln!(io::stderr().lock(), "{word}: {text}");
}

/// Writes one record as a line of JSON.
pub fn json_line(
    out: &mut impl Write,
    record: &(impl Serialize + ?Sized),
) -> Result<(), OutputError> {
    inert::json(&mut *out, record).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// A line under the headings, and nothing else that is not a word.
const STYLE: TableStyle = presets::NOTHING.header_separator(LineStyle::new('─', '─', '─', '─'));

/// An empty table in Sightline's style, with these headings.
pub fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(headings);
    table
}

/// Keeps identifiers on one line, however narrow the terminal: what is broken over two can't be copied. `columns` are
/// counted from 0.
pub fn keep_whole(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// How a word in a table is to be taken at a glance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tint {
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// Wrong, or grave.
    Bad,
    /// Of no concern any more.
    Faint,
}

/// A cell whose word is coloured where colours help. The word alone says all: colour only hastens the eye.
pub fn tinted(word: impl ToString, tint: Tint) -> Cell {
    let cell = Cell::new(word);
    if !colours(&io::stdout()) {
        return cell;
    }
    match tint {
        Tint::Good => cell.fg(Color::Green),
        Tint::Warning => cell.fg(Color::Yellow),
        Tint::Bad => cell.fg(Color::Red),
        Tint::Faint => cell.add_attribute(Attribute::Dim),
    }
}

/// An instant for a table cell; a dash where there is none.
pub fn instant(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map_or_else(|| "–".to_owned(), |at| when::cell(at, now))
}

/// True where colours help: on a terminal whose owner has not said no (<https://no-color.org>).
pub fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
