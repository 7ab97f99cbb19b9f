//! The columns of a table: which means what, by its name, by what the analyst says of it, or by what stands in it.

use std::str::FromStr;

use sightline_model::{EntryStanding, EntryState, Kind, Problem};

use super::{
    Header, ImportError, Options, Place, bare,
    cells::unguarded,
    days::Days,
    row::Row,
    words::{Field, folded},
};
use crate::draft::EntryDraft;

/// A header as people are shown it.
pub(super) const EXAMPLE: &str =
    "kind,value,purpose,legal_basis,owner,category,review_at,case_reference";

/// Columns that an export or a report of refused rows has for its readers, and that an import passes over without a word.
const TOLD_ONLY: [&str; 6] = ["id", "written", "created_at", REASON, PLACE, BEYOND];

/// The column in which a refused row says why.
pub const REASON: &str = "refused_because";
/// The column in which a refused row says where it stood.
pub const PLACE: &str = "refused_at";

/// The column in which a refused row keeps the cells that its table has no column for, parted by commas. A row that still
/// has any there is refused again.
pub const BEYOND: &str = "cells_beyond";

/// The most columns of a table.
const MOST: usize = 200;

/// What the analyst says of one column: its name, or its number where the table has no header, and its field; no field
/// where it is to be left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnRule {
    column: String,
    field: Option<Field>,
}

impl FromStr for ColumnRule {
    type Err = String;

    /// Reads `Telefon=value`, `3=note`, or `Comment=-` for a column that is left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (column, field) = text
            .rsplit_once('=')
            .filter(|(column, _)| !column.trim().is_empty())
            .ok_or_else(|| {
                format!("'{text}' does not map a column; write it as 'Telefon=value'")
            })?;
        let field = match field.trim() {
            "-" => None,
            name => Some(Field::named(name).ok_or_else(|| {
                let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
                format!(
                    "'{name}' is not a field; use one of {}, or '-' to leave the column out",
                    names.join(", ")
                )
            })?),
        };
        Ok(Self {
            column: column.trim().to_owned(),
            field,
        })
    }
}

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    /// Their names as they stand; where the table has no header, those of their fields, or their numbers.
    pub names: Vec<String>,
    /// Those that were not understood.
    pub ignored: Vec<String>,
    fields: Vec<Option<Field>>,
    /// The kind that the name of the column of values tells.
    kind: Option<Kind>,
    /// Where the cells stand that an earlier report could put under no column.
    beyond: Option<usize>,
    /// Those of dates, with what these prove of each other.
    days: Vec<Days>,
}

/// How many of these names are known, by themselves or by a rule.
pub(super) fn known(names: &[String], rules: &[ColumnRule]) -> usize {
    let is_known = |name: &&String| {
        let column = folded(name);
        !column.is_empty()
            && (Field::of(&column).is_some()
                || rules.iter().any(|rule| folded(&rule.column) == column))
    };
    names.iter().filter(is_known).count()
}

impl Columns {
    /// Reads the header.
    pub fn of_header(
        place: &Place,
        names: &[String],
        rules: &[ColumnRule],
    ) -> Result<Self, ImportError> {
        check_width(place, names.len())?;
        let mut fields = vec![None; names.len()];
        let mut ruled = vec![false; names.len()];
        for rule in rules {
            let at = column_of(rule, names).ok_or_else(|| ImportError::NoSuchColumn {
                place: place.clone(),
                column: rule.column.clone(),
                found: shown(names),
            })?;
            if let Some(earlier) = rule
                .field
                .and_then(|_| fields.iter().position(|known| *known == rule.field))
            {
                return Err(twice(place, names, (earlier, at), rule.field));
            }
            (fields[at], ruled[at]) = (rule.field, true);
        }
        let mut ignored = Vec::new();
        let mut of_kind: Vec<(usize, Kind)> = Vec::new();
        for (at, name) in names.iter().enumerate().filter(|(at, _)| !ruled[*at]) {
            let column = folded(name);
            match Field::of(&column) {
                // What an analyst says goes before what a name says.
                Some((field, None)) if !rules.iter().any(|rule| rule.field == Some(field)) => {
                    if let Some(earlier) = fields.iter().position(|known| *known == Some(field)) {
                        return Err(twice(place, names, (earlier, at), Some(field)));
                    }
                    fields[at] = Some(field);
                }
                Some((_, Some(kind))) => of_kind.push((at, kind)),
                _ if column.is_empty() || TOLD_ONLY.contains(&column.as_str()) => {}
                _ => ignored.push(name.trim().to_owned()),
            }
        }
        let value = fields.iter().position(|field| *field == Some(Field::Value));
        let value = match (value, of_kind.as_slice()) {
            (Some(value), others) => {
                ignored.extend(others.iter().map(|(at, _)| names[*at].trim().to_owned()));
                value
            }
            (None, [(at, _)]) => *at,
            (None, []) => {
                return Err(ImportError::NoValueColumn {
                    place: place.clone(),
                    found: shown(names),
                });
            }
            (None, [(first, _), (second, _), ..]) => {
                return Err(ImportError::SeveralValues {
                    place: place.clone(),
                    first: names[*first].trim().to_owned(),
                    second: names[*second].trim().to_owned(),
                });
            }
        };
        fields[value] = Some(Field::Value);
        // A column that is mapped to `value` may still be called `Telefon`.
        let kind = Field::of(&folded(&names[value])).and_then(|(_, kind)| kind);
        Ok(Self {
            names: names.to_vec(),
            ignored,
            days: days(&fields, names),
            fields,
            kind,
            beyond: names.iter().position(|name| folded(name) == BEYOND),
        })
    }

    /// Reads a table without a header by its first rows: by what the analyst says of its columns, and where that names no
    /// value, by what stands there.
    fn bare(
        place: &Place,
        rows: &[Vec<String>],
        options: &Options<'_>,
        region: Option<&str>,
    ) -> Result<Self, ImportError> {
        // A sheet leaves out what is empty at the end of a row; in a text, cells too many are a slip.
        let width = match place {
            Place::Sheet { .. } => rows.iter().map(Vec::len).max(),
            _ => rows.first().map(Vec::len),
        };
        let width = width.unwrap_or(0);
        check_width(place, width)?;
        let numbers: Vec<String> = (1..=width).map(|number| number.to_string()).collect();
        let mut fields = vec![None; width];
        let mut free = vec![true; width];
        for rule in &options.columns {
            let at = column_of(rule, &numbers).ok_or_else(|| ImportError::NoSuchColumn {
                place: place.clone(),
                column: rule.column.clone(),
                found: shown(&numbers),
            })?;
            (fields[at], free[at]) = (rule.field, false);
        }
        if !fields.contains(&Some(Field::Value)) {
            for (at, field) in bare::find(place, rows, &free, options.kind, region)? {
                fields[at] = Some(field);
            }
        }
        let name = |(number, field): (String, &Option<Field>)| match field {
            Some(field) => field.name().to_owned(),
            None => format!("column {number}"),
        };
        let names: Vec<String> = numbers.into_iter().zip(&fields).map(name).collect();
        Ok(Self {
            days: days(&fields, &names),
            names,
            ignored: Vec::new(),
            fields,
            kind: None,
            beyond: None,
        })
    }

    /// Reads the columns from the first rows, of which there is one at least, whether that is a header or not. The flag tells
    /// that it is one.
    pub fn recognise(
        place: &Place,
        rows: &[Vec<String>],
        options: &Options<'_>,
        region: Option<&str>,
    ) -> Result<(Self, bool), ImportError> {
        let (rules, kind) = (&options.columns, options.kind);
        let first = rows.first().map_or(&[][..], Vec::as_slice);
        let has_header = match options.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Recognised => !bare::is_row(first, kind, known(first, rules), region),
        };
        let columns = match has_header {
            true => Self::of_header(place, first, rules),
            false => Self::bare(place, rows, options, region),
        };
        Ok((columns?, has_header))
    }

    /// What the analyst should know of a table without a header.
    pub fn bare_note(&self) -> String {
        let mut note = "The table has no header row: its ".to_owned();
        let read = self.fields.iter().enumerate();
        let read: Vec<String> = read
            .filter_map(|(at, field)| {
                Some(format!(
                    "column {} is read as the {}",
                    at + 1,
                    (*field)?.name()
                ))
            })
            .collect();
        note += &read.join(", ");
        let unread = self.fields.iter().enumerate();
        let unread: Vec<String> = unread
            .filter(|(_, field)| field.is_none())
            .map(|(at, _)| (at + 1).to_string())
            .collect();
        if let Some(number) = unread.first() {
            note += &format!(
                "; left out: {}. To read one of them, say what it means, such as {number}=note",
                unread.join(", ")
            );
        }
        note + "."
    }

    /// False for a column that is passed over.
    pub fn is_read(&self, column: usize) -> bool {
        self.fields.get(column).is_none_or(Option::is_some)
    }

    /// True for a column without which a row says nothing.
    pub fn is_needed(&self, column: usize) -> bool {
        matches!(
            self.fields.get(column),
            Some(Some(Field::Kind | Field::Value))
        )
    }

    /// The name of a column of dates; none of another.
    pub fn name_of_dates(&self, column: usize) -> Option<&str> {
        let days = self.days.iter().find(|days| days.at == column);
        days.map(|days| days.name.as_str())
    }

    /// True where rows must be heard before they are read.
    pub fn has_dates(&self) -> bool {
        !self.days.is_empty()
    }

    /// Takes a row for what its dates prove of those in other rows.
    pub fn hear(&mut self, place: &Place, cells: &[String]) {
        if said(cells) > self.fields.len() {
            return;
        }
        for days in &mut self.days {
            if let Some(cell) = cells.get(days.at) {
                days.hear(place, cell);
            }
        }
    }

    /// What the analyst should know of how dates are read, once every row was heard.
    pub fn notes_of_dates(&self) -> impl Iterator<Item = String> {
        self.days.iter().filter_map(Days::note)
    }

    /// The row in these cells. Cells that are missing at the end count as empty; cells too many hide which is which.
    pub fn row(&self, place: Place, mut cells: Vec<String>) -> Row {
        let said = said(&cells);
        let mut row = Row::of(place, EntryDraft::default());
        if said > self.fields.len() {
            row.problem = Some(Problem::new(
                "",
                format!(
                    "the row has {said} cells, and the header {}",
                    self.fields.len()
                ),
                "put cells that hold what stands between cells into quotation marks",
            ));
        }
        let beyond = self.beyond.and_then(|at| cells.get(at));
        if beyond.is_some_and(|cell| !cell.trim().is_empty()) {
            row.problem = Some(Problem::new(
                BEYOND,
                "the row had more cells than its header, and nobody has said which belong together",
                "put the cells right, and empty this one",
            ));
        }
        if row.problem.is_none() {
            row.doubts = self.settle(&mut cells);
        }
        let mut state = "";
        for (cell, field) in cells.iter().zip(&self.fields) {
            let text = unguarded(cell);
            match field.map(|field| (field, field.place(&mut row.draft))) {
                Some((_, Some(place))) => *place = Some(text.to_owned()),
                Some((_, None)) => state = text,
                None => {}
            }
        }
        if row
            .draft
            .kind
            .as_deref()
            .is_none_or(|kind| kind.trim().is_empty())
        {
            row.draft.kind = self.kind.map(|kind| kind.to_string());
        }
        row.may_be_due = folded(state) == EntryStanding::DueForReview.as_str();
        match standing(state) {
            Ok(state) => row.state = state,
            Err(problem) => _ = row.problem.get_or_insert(problem),
        }
        row.cells = Some(cells);
        row
    }

    /// Writes dates in numbers as year-month-day, also for the report of refused rows: there, without the rows that prove it,
    /// they would be in doubt, or prove something else. What stays in doubt.
    fn settle(&self, cells: &mut [String]) -> Vec<Problem> {
        let mut doubts = Vec::new();
        for days in &self.days {
            let Some(cell) = cells.get_mut(days.at) else {
                continue;
            };
            match days.read(unguarded(cell)) {
                Some(Ok(day)) => *cell = day,
                Some(Err(doubt)) => doubts.push(doubt),
                None => {}
            }
        }
        doubts
    }
}

/// The columns of dates among those of these fields.
fn days(fields: &[Option<Field>], names: &[String]) -> Vec<Days> {
    let columns = fields.iter().zip(names).enumerate();
    columns
        .filter_map(|(at, (field, name))| {
            let field = field.filter(|field| field.is_date())?;
            Some(Days::of(at, field, name))
        })
        .collect()
}

/// How many cells there are up to the last that says something.
fn said(cells: &[String]) -> usize {
    let last = cells.iter().rposition(|cell| !cell.trim().is_empty());
    last.map_or(0, |last| last + 1)
}

/// What a cell of the column `state` makes of its row. What nobody looks for any more must not be looked for again because
/// a file came back, and a word that nobody knows may have meant that: such rows are refused, and so not lost.
fn standing(cell: &str) -> Result<EntryState, Problem> {
    let word = folded(cell);
    if word.is_empty() {
        return Ok(EntryState::Active);
    }
    let ended = |what: &str| {
        Problem::new(
            "state",
            format!("{what}, so it is not looked for"),
            "leave the row out, or write active or draft there",
        )
    };
    match EntryStanding::from_str(&word) {
        Ok(EntryStanding::Draft) => Ok(EntryState::Draft),
        Ok(EntryStanding::Active | EntryStanding::DueForReview) => Ok(EntryState::Active),
        Ok(EntryStanding::Withdrawn) => Err(ended("the entry was withdrawn")),
        Ok(EntryStanding::Expired) => Err(ended("the entry has expired")),
        Err(_) => {
            let known: Vec<&str> = EntryStanding::ALL.iter().map(|one| one.as_str()).collect();
            let shown: String = cell.trim().chars().take(40).collect();
            Err(Problem::new(
                "state",
                format!("'{shown}' is not a state; known are {}", known.join(", ")),
                "write one of them, or none; if the column means something else, leave it out, with 'state=-'",
            ))
        }
    }
}

fn check_width(place: &Place, width: usize) -> Result<(), ImportError> {
    match width > MOST {
        true => Err(ImportError::TooWide {
            place: place.clone(),
            most: MOST,
        }),
        false => Ok(()),
    }
}

/// The column that a rule is about: by its name, else by its number.
fn column_of(rule: &ColumnRule, names: &[String]) -> Option<usize> {
    let wanted = folded(&rule.column);
    let named = names.iter().position(|name| folded(name) == wanted);
    named.or_else(|| {
        let number: usize = rule.column.parse().ok()?;
        (1..=names.len()).contains(&number).then(|| number - 1)
    })
}

fn twice(
    place: &Place,
    names: &[String],
    (first, second): (usize, usize),
    field: Option<Field>,
) -> ImportError {
    ImportError::TwiceTheSame {
        place: place.clone(),
        first: names[first].trim().to_owned(),
        second: names[second].trim().to_owned(),
        meaning: field.map_or("nothing", Field::name),
    }
}

/// Column names for a message: bounded, and without anything that could move a terminal's cursor.
pub(super) fn shown(names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| {
            let plain: String = name
                .chars()
                .filter(|letter| !letter.is_control())
                .take(40)
                .collect();
            format!("'{}'", plain.trim())
        })
        .collect();
    names.join(", ")
}
