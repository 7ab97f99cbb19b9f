//! The commands, a file each, and what they share: what they are told, and how they end.

pub mod account;
pub mod alert;
pub mod audit;
pub mod backup;
pub mod channel;
pub mod check;
pub mod crawl;
pub mod deliver;
pub mod demo;
pub mod doctor;
pub mod documents;
pub mod erase;
pub mod eval;
pub mod evidence;
pub mod extract;
pub mod furniture;
pub mod hold;
pub mod hunt;
pub mod init;
pub mod listing;
mod operand;
pub mod records;
pub mod restore;
pub mod retention;
pub mod serve;
pub mod sighting;
pub mod source;
pub mod source_test;
mod typed;
pub mod watchlist;

pub use typed::Beginning;

use std::{env, path::PathBuf};

use sightline_casework::By;
use sightline_model::{Problem, Timestamp};
use sightline_store::{StoreError, audit::Deed};
use sightline_web::ServeError;

use crate::{
    app::AppError,
    backup::BackupError,
    output::{Output, OutputError, inert},
};

/// What every command is given.
#[derive(Clone, Debug)]
pub struct Context {
    /// The configuration file.
    pub config: PathBuf,
    /// Where its words go.
    pub out: Output,
}

/// How a command ended that ran to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Done: exit status 0.
    Done,
    /// Done, and there are problems that were shown: exit status 1.
    Problems,
    /// The configuration is wrong, and its problems were shown: exit status 2.
    Unsound,
}

/// Why a command did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It was asked for wrongly, or the configuration is wrong: exit status 2.
    #[error("{0}")]
    Usage(String),
    /// It failed: exit status 1.
    #[error("{0}")]
    Failed(String),
    /// The store failed: exit status 1.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Standard output failed: exit status 1, or 0 where the reader merely left.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl CommandError {
    /// A failure of something named, with its cause: `data/a.warc: permission denied`.
    pub fn failed(what: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {cause}"))
    }

    /// Everything that is wrong with what a person wrote on the command line.
    pub fn problems(problems: &[Problem]) -> Self {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| inert::line(&problem.to_string()).into_owned())
            .collect();
        Self::Usage(lines.join("\n       "))
    }
}

impl From<AppError> for CommandError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Configuration(_) => Self::Usage(error.to_string()),
            AppError::Store(error) => Self::Store(error),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<ServeError> for CommandError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Store(error) => Self::Store(error),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// How every command ends.
pub type Ended = Result<Status, CommandError>;

/// The name of the person at the keyboard, as the system has it.
pub fn who() -> String {
    let name = env::var("USER").ok().filter(|name| !name.trim().is_empty());
    name.unwrap_or_else(|| "operator".to_owned())
}

/// The person at the keyboard, at this instant.
pub fn by(at: Timestamp) -> By {
    By { who: who(), at }
}

/// What the person at the keyboard did, for the audit log.
pub fn deed(at: Timestamp, what: &str, subject: &str, detail: String) -> Deed {
    Deed {
        at,
        who: who(),
        what: what.to_owned(),
        subject: subject.to_owned(),
        detail,
    }
}
