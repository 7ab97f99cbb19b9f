//! The columns of a table: which means what, by its name, by what the analyst says of it, or by what stands in it.

use std::str::FromStr;

use sightline_extractors::canonical;
use sightline_model::{EntryStanding, EntryState, Kind, Problem};

use super::{
    Header, ImportError, Options, Place,
    cells::unguarded,
    row::Row,
    words::{Field, folded},
};
use crate::{draft::EntryDraft, entry};

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
            fields,
            kind,
            beyond: names.iter().position(|name| folded(name) == BEYOND),
        })
    }

    /// Reads a table without a header by its first row: by the rules, and where they name no value, by what stands there.
    /// None where that does not tell.
    pub fn of_first_row(
        first: &[String],
        rules: &[ColumnRule],
        kind: Option<Kind>,
        region: Option<&str>,
    ) -> Option<Self> {
        let names: Vec<String> = (1..=first.len()).map(|number| number.to_string()).collect();
        if names.len() > MOST {
            return None;
        }
        let mut fields = vec![None; first.len()];
        for rule in rules {
            fields[column_of(rule, &names)?] = rule.field;
        }
        if !fields.contains(&Some(Field::Value)) {
            let free = |at: &usize| fields[*at].is_none();
            let kind_at = (0..first.len())
                .filter(free)
                .find(|at| entry::kind(&first[*at]).is_ok());
            let kind = match kind_at {
                Some(at) => entry::kind(&first[at]).ok(),
                None => kind,
            }?;
            let is_one =
                |at: &usize| canonical(kind, unguarded(&first[*at]).trim(), region).is_ok();
            let value_at = (0..first.len())
                .filter(free)
                .filter(|at| Some(*at) != kind_at)
                .find(is_one)?;
            fields[value_at] = Some(Field::Value);
            if let Some(at) = kind_at {
                fields[at] = Some(Field::Kind);
            }
        }
        let names = names
            .into_iter()
            .zip(&fields)
            .map(|(number, field)| {
                field.map_or_else(
                    || format!("column {number}"),
                    |field| field.name().to_owned(),
                )
            })
            .collect();
        Some(Self {
            names,
            ignored: Vec::new(),
            fields,
            kind: None,
            beyond: None,
        })
    }

    /// Reads the columns from the first row, whether it is a header or not. The flag tells that it is one.
    pub fn recognise(
        place: &Place,
        first: &[String],
        options: &Options<'_>,
        region: Option<&str>,
    ) -> Result<(Self, bool), ImportError> {
        let rules = &options.columns;
        let bare = || Self::of_first_row(first, rules, options.kind, region);
        let named = || Self::of_header(place, first, rules);
        let told = first.iter().find_map(|cell| entry::kind(cell).ok());
        let may_be_bare = known(first, rules) == 0 && !is_free(told.or(options.kind));
        match options.header {
            Header::Present => named().map(|columns| (columns, true)),
            Header::Absent => Ok((bare().ok_or(ImportError::NoValueNumber)?, false)),
            Header::Recognised if is_row(first, region) => {
                Ok((bare().ok_or(ImportError::NoValueNumber)?, false))
            }
            Header::Recognised => match named() {
                Ok(columns) => Ok((columns, true)),
                Err(error) if may_be_bare => Ok((bare().ok_or(error)?, false)),
                Err(error) => Err(error),
            },
        }
    }

    /// What the analyst should know of a table without a header.
    pub fn bare_note(&self) -> String {
        let value = self
            .fields
            .iter()
            .position(|field| *field == Some(Field::Value));
        let number = value.map_or(0, |at| at + 1);
        format!("The table has no header row: its column {number} is read as the value.")
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

    /// The row in these cells. Cells that are missing at the end count as empty; cells too many hide which is which.
    pub fn row(&self, place: Place, cells: Vec<String>) -> Row {
        let said = cells
            .iter()
            .rposition(|cell| !cell.trim().is_empty())
            .map_or(0, |last| last + 1);
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
                "write one of them, or none; if the column means something else, leave it out with --map 'state=-'",
            ))
        }
    }
}

/// True for kinds of which anything could be one, a header among them; the others tell themselves.
fn is_free(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Phrase | Kind::Pattern | Kind::Handle))
}

/// True where a first row is one like the others, although it holds a word that a column may have: `phone` beside a
/// telephone number.
fn is_row(first: &[String], region: Option<&str>) -> bool {
    let told = first.iter().find_map(|cell| entry::kind(cell).ok());
    told.filter(|kind| !is_free(Some(*kind)))
        .is_some_and(|kind| {
            let is_one = |cell: &String| canonical(kind, unguarded(cell).trim(), region).is_ok();
            first.iter().any(is_one)
        })
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
