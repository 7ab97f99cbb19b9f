//! The header of a table: which column means what, and what parts the cells.

use std::io::BufRead;

use sightline_model::Problem;

use super::{
    ImportError,
    cells::{Cells, unguarded},
    lines::Line,
};
use crate::draft::EntryDraft;

/// A header as people are shown it.
pub(super) const EXAMPLE: &str =
    "kind,value,purpose,legal_basis,owner,category,review_at,case_reference";

/// A column's field, and the other names that it goes by. A name is compared in lower case, with `_` for spaces and
/// hyphens.
const FIELDS: [(Field, &[&str]); 15] = [
    (Field::Kind, &["kind", "type", "selector_type"]),
    (
        Field::Value,
        &["value", "selector", "identifier", "indicator"],
    ),
    (Field::Purpose, &["purpose"]),
    (
        Field::LegalBasis,
        &["legal_basis", "lawful_basis", "basis", "legal_ground"],
    ),
    (Field::Owner, &["owner", "responsible"]),
    (
        Field::Category,
        &["category", "category_of_person", "person"],
    ),
    (
        Field::ReviewAt,
        &[
            "review_at",
            "review",
            "review_date",
            "review_by",
            "review_on",
        ],
    ),
    (
        Field::ExpiresAt,
        &[
            "expires_at",
            "expires",
            "expiry",
            "expiry_date",
            "valid_until",
            "until",
        ],
    ),
    (
        Field::CaseReference,
        &[
            "case_reference",
            "case",
            "case_id",
            "case_number",
            "case_ref",
        ],
    ),
    (Field::Tlp, &["tlp", "marking", "tlp_marking"]),
    (Field::Severity, &["severity", "priority"]),
    (
        Field::Note,
        &["note", "notes", "comment", "comments", "remarks"],
    ),
    (Field::Tags, &["tags", "tag", "labels", "keywords"]),
    (Field::Way, &["match", "match_type", "matching"]),
    (Field::DespiteWarning, &["despite_warning"]),
];

/// Columns that an export has for its readers, and that an import passes over without a word.
const TOLD_ONLY: [&str; 4] = ["id", "written", "state", "created_at"];

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Kind,
    Value,
    Purpose,
    LegalBasis,
    Owner,
    Category,
    ReviewAt,
    ExpiresAt,
    CaseReference,
    Tlp,
    Severity,
    Note,
    Tags,
    Way,
    DespiteWarning,
}

impl Field {
    fn of(column: &str) -> Option<Self> {
        FIELDS
            .iter()
            .find(|(_, names)| names.contains(&column))
            .map(|&(field, _)| field)
    }

    fn name(self) -> &'static str {
        FIELDS
            .iter()
            .find(|&&(field, _)| field == self)
            .map_or("", |(_, names)| names[0])
    }

    fn place(self, draft: &mut EntryDraft) -> &mut Option<String> {
        match self {
            Self::Kind => &mut draft.kind,
            Self::Value => &mut draft.value,
            Self::Purpose => &mut draft.purpose,
            Self::LegalBasis => &mut draft.legal_basis,
            Self::Owner => &mut draft.owner,
            Self::Category => &mut draft.category,
            Self::ReviewAt => &mut draft.review_at,
            Self::ExpiresAt => &mut draft.expires_at,
            Self::CaseReference => &mut draft.case_reference,
            Self::Tlp => &mut draft.tlp,
            Self::Severity => &mut draft.severity,
            Self::Note => &mut draft.note,
            Self::Tags => &mut draft.tags,
            Self::Way => &mut draft.way,
            Self::DespiteWarning => &mut draft.despite_warning,
        }
    }
}

/// What the header says.
pub(super) struct Columns {
    delimiter: char,
    /// For each column its field, where it has one.
    fields: Vec<Option<Field>>,
    ignored: Vec<String>,
}

impl Columns {
    /// Reads the header, and before it the line `sep=;` that some spreadsheets write.
    pub fn read<R: BufRead>(rows: &mut Cells<R>) -> Result<Self, ImportError> {
        let mut first = rows.line()?.ok_or(ImportError::Empty)?;
        reject_other_formats(&first)?;
        let told = told_delimiter(&first.bytes);
        if told.is_some() {
            first = rows.line()?.ok_or(ImportError::Empty)?;
        }
        let line = first.number;
        let candidates = told.map_or(DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
        let mut best: Option<(usize, char, Vec<String>)> = None;
        for delimiter in candidates {
            rows.give_back(first.clone());
            let Some(Ok(names)) = rows.row(delimiter)?.map(|row| row.cells) else {
                continue;
            };
            let known = names
                .iter()
                .filter(|name| Field::of(&folded(name)).is_some())
                .count();
            if best.as_ref().is_none_or(|&(most, ..)| known > most) {
                best = Some((known, delimiter, names));
            }
        }
        let (_, delimiter, names) = best.ok_or(ImportError::NotCsv {
            found: "not text in UTF-8 with closed quotation marks",
        })?;
        Self::of(line, delimiter, &names)
    }

    fn of(line: u64, delimiter: char, names: &[String]) -> Result<Self, ImportError> {
        let mut fields: Vec<Option<Field>> = Vec::with_capacity(names.len());
        let mut ignored = Vec::new();
        for name in names {
            let column = folded(name);
            let field = Field::of(&column);
            let earlier = fields
                .iter()
                .position(|known| field.is_some() && *known == field);
            if let (Some(earlier), Some(field)) = (earlier, field) {
                return Err(ImportError::TwiceTheSame {
                    line,
                    first: names[earlier].clone(),
                    second: name.clone(),
                    meaning: field.name(),
                });
            }
            if field.is_none() && !column.is_empty() && !TOLD_ONLY.contains(&column.as_str()) {
                ignored.push(name.trim().to_owned());
            }
            fields.push(field);
        }
        if !fields.contains(&Some(Field::Value)) {
            return Err(ImportError::NoValueColumn {
                line,
                found: shown(names),
            });
        }
        Ok(Self {
            delimiter,
            fields,
            ignored,
        })
    }

    /// What parts the cells.
    pub fn delimiter(&self) -> char {
        self.delimiter
    }

    /// The columns that mean nothing here.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The draft in a row. Cells that are missing at the end count as empty; cells too many hide which is which.
    pub fn draft(&self, cells: Vec<String>) -> Result<EntryDraft, Problem> {
        let said = cells
            .iter()
            .rposition(|cell| !cell.trim().is_empty())
            .map_or(0, |last| last + 1);
        if said > self.fields.len() {
            return Err(Problem::new(
                "",
                format!(
                    "the row has {said} cells, and the header {}",
                    self.fields.len()
                ),
                format!(
                    "put cells that hold '{}' into quotation marks",
                    self.delimiter
                ),
            ));
        }
        let mut draft = EntryDraft::default();
        for (cell, field) in cells.iter().zip(&self.fields) {
            if let Some(field) = field {
                *field.place(&mut draft) = Some(unguarded(cell).to_owned());
            }
        }
        Ok(draft)
    }
}

/// Spreadsheets in their own format, and UTF-16, are told apart by their first bytes.
fn reject_other_formats(first: &Line) -> Result<(), ImportError> {
    let found = match first.bytes.as_slice() {
        [b'P', b'K', 3, 4, ..] => "a spreadsheet in its own format",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => "a spreadsheet in an old format",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "text in UTF-16",
        bytes if bytes.contains(&0) => "not text",
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

fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// Column names for a message: bounded, and without anything that could move a terminal's cursor.
fn shown(names: &[String]) -> String {
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
