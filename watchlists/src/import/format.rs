//! The formats, and how one is told from another.

use std::{fmt, path::Path, str::FromStr};

use super::json;

/// A format that lists are exchanged in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A table as text: commas, semicolons, tabs or bars between cells.
    Csv,
    /// A workbook of Excel 2007 or later, which other spreadsheets write, too.
    Xlsx,
    /// A bundle of STIX 2.1 (OASIS), or a single object of one.
    Stix,
    /// One or more events of MISP, as JSON.
    Misp,
    /// One value a line.
    Plain,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Xlsx, Self::Stix, Self::Misp, Self::Plain];

    /// The word for it in commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Stix => "stix",
            Self::Misp => "misp",
            Self::Plain => "plain",
        }
    }

    /// What a file seems to be. Its content decides; its name only tells a plain list, which looks like a table of one
    /// column, from a table: `has_kind` where it is known what such a list would hold.
    pub fn recognise(name: &str, bytes: &[u8], has_kind: bool) -> Self {
        if bytes.starts_with(b"PK\x03\x04") {
            return Self::Xlsx;
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if text.trim_ascii_start().starts_with(b"{") || text.trim_ascii_start().starts_with(b"[") {
            return json::kind_of(text);
        }
        let ending = Path::new(name)
            .extension()
            .and_then(|ending| ending.to_str());
        let is_list = ending.is_some_and(|ending| {
            ["txt", "list", "lst"]
                .iter()
                .any(|list| ending.eq_ignore_ascii_case(list))
        });
        match is_list && has_kind {
            true => Self::Plain,
            false => Self::Csv,
        }
    }

    /// The format that a file of this name would be written in, by its ending.
    pub fn of_name(name: &Path) -> Option<Self> {
        let ending = name.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ending.as_str() {
            "csv" | "tsv" => Self::Csv,
            "xlsx" => Self::Xlsx,
            "stix" | "stix2" => Self::Stix,
            "misp" => Self::Misp,
            "txt" | "list" | "lst" => Self::Plain,
            _ => return None,
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(word));
        found.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("'{word}' is not a format; use one of {words}")
        })
    }
}
