//! Located problems: what is wrong, at which line or variable, shown as a good compiler shows it.

use std::fmt;

use serde::Serialize;

use crate::plain::plain;

/// One problem at its place. As JSON: `level`, `file`, `line` and `column` (or `variable`), `key`, `message`, `remedy`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Located {
    /// How grave it is.
    pub level: Level,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// The path of keys: `channels.mail.host`, `start[2]`. Empty for the whole.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
    #[serde(skip)]
    pub(crate) snippet: Option<Snippet>,
}

/// How grave something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is wrong, and nothing begins until it is put right.
    Problem,
    /// It may be meant, or be right on another machine.
    Note,
}

/// Where a problem stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// On a line of a file.
    Line {
        /// The file's path, as it was given.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
    },
    /// In a file as a whole.
    File {
        /// The file's path, as it was given.
        file: String,
    },
    /// In a variable of the environment.
    Variable {
        /// Its name.
        variable: String,
    },
}

/// The line that a problem stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Snippet {
    pub line: String,
    /// How many characters stand before the caret.
    pub indent: usize,
    /// How many characters the caret covers, at least 1.
    pub width: usize,
}

/// How much of a long line is shown, in characters.
const SHOWN: usize = 160;

impl Snippet {
    /// The same, and of a long line only what stands around the caret.
    pub(crate) fn cut(self) -> Self {
        let length = self.line.chars().count();
        if length <= SHOWN {
            return self;
        }
        let start = self.indent.saturating_sub(SHOWN / 4);
        let end = length.min(start + SHOWN);
        let part = self.line.chars().skip(start).take(end - start);
        let (before, behind) = (
            if start > 0 { "…" } else { "" },
            if end < length { "…" } else { "" },
        );
        let indent = self.indent - start + before.chars().count();
        Self {
            line: format!("{before}{}{behind}", part.collect::<String>()),
            indent,
            width: self.width.min(SHOWN - (self.indent - start).min(SHOWN - 1)),
        }
    }
}

impl Located {
    /// A problem at a place, its words made fit to be shown.
    pub(crate) fn new(
        (place, snippet): (Place, Option<Snippet>),
        key: String,
        message: &str,
        remedy: &str,
    ) -> Self {
        Self {
            level: Level::Problem,
            place,
            key,
            message: plain(message),
            remedy: plain(remedy),
            snippet,
        }
    }

    /// The same, as no more than a note.
    pub fn as_note(self) -> Self {
        Self {
            level: Level::Note,
            ..self
        }
    }

    /// A problem with a file as a whole: it can't be read, or its name is taken.
    pub fn in_file(
        file: impl Into<String>,
        message: impl AsRef<str>,
        remedy: impl AsRef<str>,
    ) -> Self {
        let place = Place::File { file: file.into() };
        Self::new(
            (place, None),
            String::new(),
            message.as_ref(),
            remedy.as_ref(),
        )
    }

    /// The same, said of a key that does not stand in the file.
    pub fn of_key(self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::File { file } => f.write_str(file),
            Self::Variable { variable } => write!(f, "${variable}"),
        }
    }
}

/// Over several lines, without a newline at the end:
///
/// ```text
/// problem: unknown key `polliteness`
///   --> sources/ads.toml:12:2
///    |
/// 12 | [polliteness]
///    |  ^^^^^^^^^^^
///    = did you mean `politeness`?
/// ```
impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.level {
            Level::Problem => "problem: ",
            Level::Note => "note: ",
        })?;
        if !self.key.is_empty() && !self.message.contains(&self.key) {
            write!(f, "`{}`: ", self.key)?;
        }
        writeln!(f, "{}", self.message)?;
        let (Some(snippet), Place::Line { line, .. }) = (&self.snippet, &self.place) else {
            writeln!(f, "  --> {}", self.place)?;
            return write!(f, "   = {}", self.remedy);
        };
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{margin}--> {}", self.place)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", snippet.line)?;
        let caret = format!(
            "{}{}",
            " ".repeat(snippet.indent),
            "^".repeat(snippet.width)
        );
        writeln!(f, "{margin} | {caret}")?;
        write!(f, "{margin} = {}", self.remedy)
    }
}
