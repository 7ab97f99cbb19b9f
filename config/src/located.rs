//! Located problems: what is wrong, at which line or variable, shown as a good compiler shows it.

use std::fmt;

use serde::Serialize;

/// One problem at its place. As JSON: `file`, `line` and `column` (or `variable`), `key`, `message`, `remedy`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Located {
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

impl Located {
    /// A problem with a file as a whole: it can't be read, or its name is taken.
    pub fn in_file(
        file: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            place: Place::File { file: file.into() },
            key: String::new(),
            message: message.into(),
            remedy: remedy.into(),
            snippet: None,
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
        f.write_str("problem: ")?;
        // Without the line to look at, the key tells what is meant.
        if self.snippet.is_none() && !self.key.is_empty() && !self.message.contains(&self.key) {
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
